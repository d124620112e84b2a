"""What an alert says beside its order: labels, tags, stops, targets, legs."""

import pytest

from domain.alerts import Alert, Level
from domain.calendar import TradingCalendar
from domain.grammar import read

ORDER = "BTO UBER 78p 12/05 @ 0.75"


def alert_of(text: str) -> Alert:
    outcome = read(text, None, TradingCalendar())
    assert isinstance(outcome, Alert), outcome
    return outcome


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (ORDER, None),
        (f"Alert: {ORDER}", "alert"),
        (f"LOTTO - {ORDER}", "lotto"),
        (f"Super Lotto: {ORDER}", "super_lotto"),
        (f"Day Trade Alert: {ORDER}", "day_trade"),
        (f"Swing: {ORDER} very risky", "swing"),
        (f"Alert: {ORDER} lotto", "lotto"),
        (f"{ORDER} (swing)", "swing"),
        (f"{ORDER} high risk swing", "risky"),
        (f"{ORDER} @here @Room Alert", None),
    ],
)
def test_the_label_is_the_strongest_that_is_written(text, label):
    assert alert_of(text).label == label


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (f"{ORDER} [SMALL] [ROLL UP]", ("small", "roll up")),
        (f"{ORDER} half size", ("half size",)),
        (f"{ORDER} half position", ("half size",)),
        (f"{ORDER} 1/2 size", ("1/2 size",)),
        (f"{ORDER} 2% of account", ("2% size",)),
        (f"{ORDER} risk 2%", ("2% size",)),
        (f"{ORDER} size appropriately", ("size appropriate",)),
    ],
)
def test_sizes_in_words_are_tags(text, tags):
    assert alert_of(text).tags == tags


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        (f"{ORDER} SL 0.50", Level("0.50", "premium")),
        (f"{ORDER} stop loss: $0.50", Level("0.50", "premium")),
        (f"{ORDER} SL 50%", Level("50%", "percent")),
        (f"{ORDER} 50% SL", Level("50%", "percent")),
        (f"{ORDER} SL if it loses 76", Level("76", "underlying")),
        (f"{ORDER} SL 82", Level("82", "underlying")),
        (f"{ORDER} stop on a close under 76", Level("76", "underlying")),
        (f"{ORDER} SL BE", Level("breakeven", "text")),
        (f"{ORDER} stop lod", Level("lod", "text")),
        (f"{ORDER}, out at 0.50", Level("0.50", "premium")),
        ("BTO DELL 10c 12/05 @ 1.20 SL 9", Level("9", "underlying")),
        ("BTO DELL @ 126 SL 120", Level("120", "price")),
    ],
)
def test_stops(text, stop):
    assert alert_of(text).stop == stop


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        (f"{ORDER} PT 1.50", [("1.50", "premium", None)]),
        (
            f"{ORDER} TP .95 / 1.10 / 1.50 (runners)",
            [("0.95", "premium", None), ("1.10", "premium", None), ("1.50", "premium", None)],
        ),
        (
            f"{ORDER} targets 1.10, 1.50 and 2",
            [("1.10", "premium", None), ("1.50", "premium", None), ("2", "premium", None)],
        ),
        (f"{ORDER}\nTP1 1.10\nTP2 1.50", [("1.10", "premium", None), ("1.50", "premium", None)]),
        (f"{ORDER}\nTarget 1: 1.10\nTarget 2: 1.50", [("1.10", "premium", None), ("1.50", "premium", None)]),
        (f"{ORDER} TP 1.10-1.50", [("1.10", "premium", None), ("1.50", "premium", None)]),
        (f"{ORDER} PT 1.10 1.50", [("1.10", "premium", None), ("1.50", "premium", None)]),
        ("BTO UBER 78p 12/05 PT 1.50 @ 0.75", [("1.50", "premium", None)]),
        (f"{ORDER} PT 125%TS30%", [("125%", "percent", "30%")]),
        (f"{ORDER} PT: 1.9TS10% SL: 50%", [("1.9", "premium", "10%")]),
        (f"{ORDER}, sell at 1.50", [("1.50", "premium", None)]),
        (f"{ORDER}, sell half at 1.50", [("1.50", "premium", None)]),
        ("BTO UBER 78p 12/05, sell at 1.50", [("1.50", "premium", None)]),
        (f"{ORDER} target 70", [("70", "underlying", None)]),
    ],
)
def test_targets(text, targets):
    assert [(level.value, level.basis, level.trail) for level in alert_of(text).targets] == targets


def test_an_addition_announced_for_later_is_no_order():
    alert = alert_of("BTO AMZN 235c 12/12 @ 2.45, will add at 1.80, out at 1.40")
    assert str(alert.price) == "2.45"
    assert alert.stop == Level("1.40", "premium")
    assert alert_of(f"{ORDER} will add") == alert_of(ORDER)


@pytest.mark.parametrize(
    ("text", "action", "effect", "legs"),
    [
        ("BTO SPY 680/685 call debit spread 12/05 @ 1.20", "SPREAD_OPEN", "debit", ["BTO 680C", "STO 685C"]),
        ("BTO SPY 680/685c 12/05 @ 1.20 debit", "SPREAD_OPEN", "debit", ["BTO 680C", "STO 685C"]),
        ("BTO SPY 680c/685c spread 12/05 @ 1.20", "SPREAD_OPEN", None, ["BTO 680C", "STO 685C"]),
        ("SELL SPY 660/655 put spread 12/05 @ 0.80 credit", "SPREAD_OPEN", "credit", ["STO 660P", "BTO 655P"]),
        ("STC SPY 680/685 call spread 12/05 @ 2.20", "SPREAD_CLOSE", None, ["STC 680C", "BTC 685C"]),
        ("BUY SPY 680C + 670P 12/05 @8.20 Debit Qty 2", "SPREAD_OPEN", "debit", ["BTO 680C", "BTO 670P"]),
        ("BTO SPY 680 straddle 12/05 @ 8.20", "SPREAD_OPEN", None, ["BTO 680C", "BTO 680P"]),
        ("BTO SPY 670/690 strangle 12/05 @ m", "SPREAD_OPEN", None, ["BTO 690C", "BTO 670P"]),
        (
            "SELL SPY 660/655/700/705 IC 12/05 @ 1.10 credit",
            "SPREAD_OPEN",
            "credit",
            ["STO 660P", "BTO 655P", "STO 700C", "BTO 705C"],
        ),
        ("BTO SPY 680/685 call spread 12/05", "SPREAD_OPEN", None, ["BTO 680C", "STO 685C"]),
    ],
)
def test_several_legs_are_read_as_what_they_are(text, action, effect, legs):
    alert = alert_of(text)
    assert (alert.action, alert.price_effect) == (action, effect)
    assert [f"{leg.action} {leg.strike}{leg.right[0]}" for leg in alert.legs] == legs
    assert alert.strike is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BTO SPY 680c/685c 12/05 @ 1.20", "several_orders"),
        ("BTO SPY 680/685 spread 12/05 @ 1.20", "no_side"),
        ("BTO SPY 680c/685p spread 12/05 @ 1.20", "several_orders"),
        ("BTO SPY 680/685 call spread @ 1.20", "several_orders"),
        ("BTO SPY 680/685/690 call butterfly 12/05 @ 1.20", "several_orders"),
        ("BTO SPY 680/685 calendar 12/05 @ 1.20", "several_orders"),
        ("BTO SPY 680/685 straddle 12/05 @ 8.20", "several_orders"),
        ("BTO SPY 660/655/700/705 IC 12/05 @ 1.10", "several_orders"),
        ("BTO SPY 680/685/690/695/700 spread 12/05", "several_orders"),
        ("BTO 680/685 SPY call spread 12/05", "malformed"),
        ("BTO spread SPY 680/685", "several_orders"),
        ("BTO SPY spread vertical", "several_orders"),
        ("BTO SPY 680/685 call spread 12/05 690c", "malformed"),
        ("BTO SPY 680/685 call spread 6/31", "bad_expiry"),
        ("SELL SPY 660/655 put spread 12/05 @ 0.80", "unclear_exit"),
        ("BTO SPY 680/685 call spread 12/05 12/12", "bad_expiry"),
    ],
)
def test_legs_that_are_not_clear_are_refused(told, text, code):
    assert told(text) == f"no: {code}"
