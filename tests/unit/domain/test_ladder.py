"""The ladder's prices: where it starts, when it steps, what each rung does."""

import pytest

from domain.ladder import chase_cap, decide_rung, opening_price, rung_offsets
from domain.orders import Side
from domain.policies import Conversion, EntryPolicy
from domain.verdicts import LadderMove
from tests.support.builders import dec, make_contract, make_plan, make_quote, seconds

BUY, SELL = Side.BUY_TO_OPEN, Side.SELL_TO_CLOSE


def maybe(text):
    return None if text is None else dec(text)


@pytest.mark.parametrize(
    ("side", "alert", "mid", "price"),
    [
        (BUY, "0.75", "0.80", "0.75"),
        (BUY, "0.85", "0.80", "0.80"),
        (BUY, "0.85", "0.805", "0.80"),
        (BUY, "0.75", None, "0.75"),
        (BUY, None, "0.805", "0.80"),
        (BUY, None, None, None),
        (BUY, "0.004", None, None),
        (SELL, "0.75", "0.805", "0.81"),
        (SELL, "0.755", None, "0.76"),
        (SELL, None, None, None),
    ],
)
def test_where_the_ladder_starts(side, alert, mid, price):
    assert opening_price(make_contract(), side, maybe(alert), maybe(mid)) == maybe(price)


@pytest.mark.parametrize(("alert", "cap"), [("0.75", "0.90"), ("0.77", "0.92"), ("2.99", "3.55"), (None, None)])
def test_the_chase_limit_is_on_the_grid(alert, cap):
    assert chase_cap(make_contract(), maybe(alert), EntryPolicy()) == maybe(cap)


def test_the_rungs_are_even_between_the_wait_and_the_end():
    found = [offset.total_seconds() for offset in rung_offsets(EntryPolicy())]
    assert found == pytest.approx([20, 43.333333, 66.666667], abs=1e-5)
    assert rung_offsets(EntryPolicy(max_increments=0)) == ()
    assert rung_offsets(EntryPolicy(max_increments=1)) == (seconds(20),)


@pytest.mark.parametrize(
    ("side", "price", "quote", "cap", "rung"),
    [
        (BUY, "0.75", None, "0.90", (LadderMove.STEP, "0.76")),
        (BUY, "0.75", ("0.70", "0.80"), "0.90", (LadderMove.STEP, "0.76")),
        (BUY, "0.75", ("0.70", "0.76"), "0.90", (LadderMove.CONVERT, "0.76")),
        (BUY, "0.75", ("0.70", "0.755"), "0.90", (LadderMove.CONVERT, "0.76")),
        (BUY, "0.75", ("0.70", "0.75"), "0.90", (LadderMove.HOLD, None)),
        (BUY, "0.75", ("0.70", "0.74"), "0.90", (LadderMove.HOLD, None)),
        (BUY, "0.90", ("0.80", "1.00"), "0.90", (LadderMove.SKIP, None)),
        (BUY, "0.90", ("0.80", "0.91"), "0.90", (LadderMove.SKIP, None)),
        (BUY, "0.90", None, "0.90", (LadderMove.SKIP, None)),
        (BUY, "0.90", ("0.80", "1.00"), None, (LadderMove.STEP, "0.91")),
        (BUY, "2.99", ("2.80", "3.20"), None, (LadderMove.STEP, "3")),
        (BUY, "3", ("2.80", "3.05"), None, (LadderMove.CONVERT, "3.05")),
        (SELL, "0.75", ("0.70", "0.80"), None, (LadderMove.STEP, "0.74")),
        (SELL, "0.75", ("0.74", "0.80"), None, (LadderMove.CONVERT, "0.74")),
        (SELL, "0.75", ("0.745", "0.80"), None, (LadderMove.CONVERT, "0.74")),
        (SELL, "0.75", ("0.75", "0.80"), None, (LadderMove.HOLD, None)),
        (SELL, "0.01", None, None, (LadderMove.SKIP, None)),
        (SELL, "0.01", ("0.005", "0.02"), None, (LadderMove.SKIP, None)),
    ],
)
def test_what_a_rung_does(side, price, quote, cap, rung):
    found = decide_rung(make_plan(side=side, cap=cap), dec(price), None if quote is None else make_quote(*quote))
    move, to = rung
    assert (found.move, found.price) == (move, maybe(to))
    assert found.reason


def test_a_conversion_can_be_a_market_order():
    plan = make_plan(conversion=Conversion.MARKET)
    rung = decide_rung(plan, dec("0.75"), make_quote("0.70", "0.76"))
    assert (rung.move, rung.price) == (LadderMove.CONVERT, None)


@pytest.mark.parametrize(
    ("start", "cap", "policy", "worst"),
    [
        ("0.75", "0.90", {}, "0.78"),
        ("0.75", "0.76", {}, "0.76"),
        ("0.75", None, {"max_increments": 0}, "0.75"),
        ("2.99", None, {}, "3.10"),
        ("0.75", "0.90", {"conversion": Conversion.MARKET}, "0.86"),
        ("0.75", "0.90", {"conversion": Conversion.MARKET, "max_increments": 0}, "0.75"),
    ],
)
def test_the_worst_price_that_sizing_counts_with(start, cap, policy, worst):
    assert make_plan(start, cap=cap, **policy).worst_price == dec(worst)


def test_the_prices_that_explain_shows():
    assert make_plan(cap="0.77").prices() == (dec("0.75"), dec("0.76"), dec("0.77"))
    assert make_plan().prices() == (dec("0.75"), dec("0.76"), dec("0.77"), dec("0.78"))
    assert make_plan("0.02", side=SELL, cap=None).prices() == (dec("0.02"), dec("0.01"))
