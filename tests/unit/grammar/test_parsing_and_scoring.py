"""`parse` and `parse --score`: the keys scripts rely on, errors that name the line, verdicts as the documents say."""

import json
from datetime import date

import pytest

from composition.reading import parse_line, parse_text
from composition.scoring import Verdict, render, score

MONDAY = date(2025, 11, 24)
ORDER = "BTO UBER 78p 12/05 @ 0.75"
EXPECTED = {
    "action": "BTO",
    "symbol": "UBER",
    "instrument": "option",
    "strike": "78",
    "option_type": "PUT",
    "expiry": {"month": 12, "day": 5},
    "quantity": None,
    "fraction": None,
    "price": "0.75",
    "price_type": "limit",
}


def labelled(text: str, kind: str = "entry", expected: dict[str, object] | None = None, **more: object) -> str:
    return json.dumps({"id": "1", "text": text, "kind": kind, "expected": expected, "difficulty": "core", **more})


def verdict_of(line: str) -> Verdict:
    return score([line]).graded[0].verdict


def test_an_alert_has_the_keys_of_a_labelled_line():
    reading = parse_line(json.dumps({"id": 7, "text": f"Alert: {ORDER} SL .5 PT 125%TS30%", "posted_on": "2025-11-24"}))
    assert (reading["id"], reading["kind"], reading["reason"]) == ("7", "entry", None)
    alert = reading["alert"]
    assert isinstance(alert, dict)
    assert {key: alert[key] for key in EXPECTED} == EXPECTED
    assert alert["expiry_resolved"] == "2025-12-05"
    assert alert["label"] == "alert"
    assert alert["stop"] == {"value": "0.5", "basis": "premium"}
    assert alert["targets"] == [{"value": "125%", "basis": "percent", "trail": "30%"}]


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        (ORDER, {"month": 12, "day": 5}),
        ("BTO UBER 78p 12/05/25 @ 0.75", "2025-12-05"),
        ("BTO UBER 78p 2dte @ 0.75", {"dte": 2}),
        ("BTO UBER 78p weekly @ 0.75", {"relative": "weekly"}),
        ("STC UBER 78p @ 0.75", None),
    ],
)
def test_an_expiry_is_written_as_it_was(text, expiry):
    alert = parse_text(text)["alert"]
    assert isinstance(alert, dict)
    assert alert["expiry"] == expiry


def test_legs_and_ranges_are_written_out():
    alert = parse_text("BTO SPY 680/685 call debit spread 12/05 @ 1.20-1.30")["alert"]
    assert isinstance(alert, dict)
    assert (alert["multi_leg"], alert["price_effect"], alert["price_low"], alert["price_high"]) == (
        True,
        "debit",
        "1.20",
        "1.30",
    )
    assert alert["legs"][1] == {
        "action": "STO",
        "strike": "685",
        "option_type": "CALL",
        "expiry": {"month": 12, "day": 5},
        "ratio": 1,
    }
    exit_alert = parse_text("out of UBER")["alert"]
    assert isinstance(exit_alert, dict)
    assert (exit_alert["instrument"], exit_alert["needs_position"]) == (None, True)


def test_no_order_has_a_reason():
    assert parse_text("UBER 78p 12/05 @ 0.75", id="9") == {
        "id": "9",
        "kind": "none",
        "alert": None,
        "reason": "no_verb",
    }


def test_the_default_posting_day_stands_in_for_a_missing_one():
    line = json.dumps({"text": ORDER})
    for posted_on, resolved in ((None, None), (MONDAY, "2025-12-05")):
        alert = parse_line(line, posted_on=posted_on)["alert"]
        assert isinstance(alert, dict)
        assert alert["expiry_resolved"] == resolved


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("BTO UBER", "line 4: 'BTO UBER' is no JSON.*write"),
        ("[1]", "line 4: .* has no text: write"),
        ('{"id": "1"}', "line 4: .* has no text: write"),
        ('{"text": 5}', "line 4: .* has no text: write"),
        (json.dumps({"text": 5, "more": "x" * 100}), r"line 4: .*\.\.\.' has no text"),
        ('{"text": "lol", "posted_on": "monday"}', "line 4: posted_on 'monday' is no date: write"),
        ('{"text": "lol", "posted_on": 5}', "line 4: posted_on 5 is no date: write"),
    ],
)
def test_a_wrong_line_names_its_number_the_value_and_the_mend(line, named):
    with pytest.raises(ValueError, match=named):
        parse_line(line, 4)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (labelled(ORDER, expected=EXPECTED), "correct"),
        (labelled(ORDER, expected={**EXPECTED, "price": "0.70"}), "wrong"),
        (labelled(ORDER, expected={**EXPECTED, "price": "0.70", "accept": {"price": ["0.75", None]}}), "correct"),
        (labelled(ORDER, "exit", {**EXPECTED, "action": "STC"}), "wrong"),
        (labelled("UBER 78p", expected=EXPECTED), "missed"),
        (labelled("UBER 78p", expected={**EXPECTED, "accept": {"refuse": True}}), "correct"),
        (labelled("lol", "not_an_alert"), "correct"),
        (labelled(ORDER, "not_an_alert"), "wrong"),
        (labelled(ORDER, "ambiguous"), "wrong"),
        (labelled(ORDER, expected={**EXPECTED, "needs_position": True}), "wrong"),
        (labelled(ORDER, expected={**EXPECTED, "expiry_resolved": "2025-12-05"}, posted_on="2025-11-24"), "correct"),
        (labelled(ORDER, expected={**EXPECTED, "expiry_resolved": "2026-12-05"}, posted_on="2025-11-24"), "wrong"),
        (labelled(ORDER, expected={**EXPECTED, "label": "lotto", "targets": [1]}), "correct"),
    ],
)
def test_a_line_is_graded(line, verdict):
    assert verdict_of(line) == verdict


def test_the_table_counts_by_difficulty_and_names_what_is_wrong_or_missed():
    result = score(
        [
            labelled(ORDER, expected=EXPECTED),
            "",
            labelled(ORDER, "not_an_alert", difficulty="wild"),
            labelled("lol", expected=EXPECTED, difficulty="wild", id="m"),
        ]
    )
    assert (result.count("core", Verdict.CORRECT), result.count("wild", Verdict.WRONG)) == (1, 1)
    table = render(result).splitlines()
    assert [row.split() for row in table[:5]] == [
        ["lines", "correct", "missed", "wrong", "correct", "%"],
        ["core", "1", "1", "0", "0", "100.0"],
        ["common", "0", "0", "0", "0", "-"],
        ["wild", "2", "0", "1", "1", "0.0"],
        ["all", "3", "1", "1", "1", "33.3"],
    ]
    assert table[5:] == [
        "wrong 1 (wild): read as BTO UBER, no order was due",
        "missed m (wild): refused: no_order",
    ]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (labelled(ORDER, "order"), "line 1: kind 'order': write one of"),
        (labelled(ORDER), 'line 1: an entry without "expected"'),
    ],
)
def test_a_line_without_a_label_cannot_be_graded(line, named):
    with pytest.raises(ValueError, match=named):
        score([line])
