"""`explain` shows the tokens, the shape and `read`'s own outcome."""

from datetime import date

import pytest

from domain.alerts import Alert
from domain.calendar import TradingCalendar
from domain.grammar import ChannelProfile, read
from domain.grammar.explain import explain
from domain.grammar.reader import TEXT_MAX

MONDAY = date(2025, 11, 24)


def kinds_of(text: str, profile: ChannelProfile | None = None) -> list[tuple[str, str]]:
    found = explain(text, MONDAY, TradingCalendar(), profile or ChannelProfile())
    return [(token.text, token.kind) for token in found.tokens]


def test_every_piece_is_shown_with_its_kind():
    assert kinds_of("Alert: BTO 2 UBER 78 puts 12/05 @ 0.75 good luck") == [
        ("alert", "label"),
        (":", "colon"),
        ("bto", "verb"),
        ("2", "number"),
        ("uber", "unknown word"),
        ("78 puts", "strike+right"),
        ("12/05", "ratio"),
        ("@", "at"),
        ("0.75", "number"),
        ("good luck", "remark"),
    ]


def test_a_room_sees_its_own_words():
    assert kinds_of("scooping UBER", ChannelProfile(entry_verbs=("scooping",)))[0] == ("scooping", "verb")


def test_a_quote_has_no_tokens():
    assert kinds_of("> BTO UBER 78p 12/05 @ 0.75") == []


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("BTO UBER 78p 12/05 @ 0.75", "option entry"),
        ("BTO UBER 78p 12/05 @ 0.75 good luck", "option entry"),
        ("STC UBER 78p 12/05 @ 0.75", "option exit"),
        ("BTO UBER 78p @ 0.75", None),
        ("BTO UBER 78p 12/05 @ 75", "option entry"),
        ("BTO UBER 78p 11/20 @ 0.75", "option entry"),
        ("BTO SPY 680/685 call spread 12/05 @ 1.20", "several legs"),
        ("lol", None),
        ("x" * (TEXT_MAX + 1), None),
    ],
)
def test_the_shape_and_the_outcome_are_those_of_the_reading(text, shape):
    found = explain(text, MONDAY, TradingCalendar())
    assert found.shape == shape
    assert found.outcome == read(text, MONDAY, TradingCalendar())
    assert found.profile == "default"


def test_a_refusal_names_the_words_that_decided_it():
    outcome = read("BTO UBER 78p 12/05 @ 0.75 if it breaks", MONDAY, TradingCalendar())
    assert not isinstance(outcome, Alert)
    assert outcome.detail == "if"
