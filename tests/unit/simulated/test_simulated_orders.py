"""The life of an order at the simulated broker, step by step in market time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from adapters.simulated.scenario.scenario import AfterPartialFill, AnswerRule, FillRule, LostAnswer, Scenario
from domain.events import CancelAccepted, CancelRefused, OrderAccepted, OrderRejected, OrderValidated
from domain.orders import Side, Signal, TimeInForce
from tests.unit.simulated.paper_bench import NYSE, START, PaperBench

SELL = Side.SELL_TO_CLOSE
BY_THE_BOOK = Scenario()


def test_an_order_is_pending_then_working():
    bench = PaperBench()
    order_id = bench.placed(bench.order())
    assert bench.status(order_id) is Signal.REPORTED_PENDING
    bench.after(1)
    assert [report.status for report in bench.reports] == [Signal.REPORTED_PENDING, Signal.REPORTED_WORKING]


def test_a_limit_that_crosses_fills_at_the_touch():
    bench = PaperBench(BY_THE_BOOK)
    bench.book("0.70", "0.72")
    order_id = bench.working(bench.order(price="0.75"))
    bench.after(30)
    report = bench.report(order_id)
    assert report.status is Signal.REPORTED_FILLED
    assert {fill.price for fill in report.fills} == {Decimal("0.72")}


def test_a_sale_that_crosses_fills_at_the_bid():
    bench = PaperBench(BY_THE_BOOK)
    bench.held(4)
    bench.book("0.80", "0.85")
    order_id = bench.working(bench.order(SELL, price="0.75"))
    bench.after(30)
    assert {fill.price for fill in bench.report(order_id).fills} == {Decimal("0.80")}


def test_a_limit_away_from_the_market_waits_until_the_book_comes():
    bench = PaperBench(BY_THE_BOOK)
    bench.book("0.80", "0.85")
    order_id = bench.working(bench.order(price="0.75"))
    bench.after(3600)
    assert bench.status(order_id) is Signal.REPORTED_WORKING
    bench.book("0.70", "0.75")
    bench.after(30)
    assert bench.status(order_id) is Signal.REPORTED_FILLED


def test_a_limit_inside_the_spread_is_met_now_and_then_at_its_own_price():
    prices = set()
    met = 0
    for seed in range(40):
        bench = PaperBench(BY_THE_BOOK, seed=seed)
        bench.book("0.70", "0.80")
        order_id = bench.working(bench.order(quantity=1, price="0.75"))
        bench.after(60)
        report = bench.report(order_id)
        met += report.filled_quantity
        prices |= {fill.price for fill in report.fills}
    assert 5 <= met <= 38
    assert prices == {Decimal("0.75")}


def test_fills_come_in_one_piece_or_in_several():
    pieces = set()
    for seed in range(40):
        bench = PaperBench(BY_THE_BOOK, seed=seed)
        bench.book("0.70", "0.72")
        order_id = bench.working(bench.order(quantity=5))
        bench.after(60)
        pieces.add(len(bench.report(order_id).fills))
    assert 1 in pieces
    assert max(pieces) > 1


@pytest.mark.parametrize(("bid", "ask"), [(None, None), (None, "0.70"), ("0.70", "0.60")])
def test_nothing_fills_on_a_book_that_is_none(bid: str | None, ask: str | None):
    bench = PaperBench(BY_THE_BOOK)
    bench.book(bid, ask)
    order_id = bench.working(bench.order(price="0.75"))
    bench.after(600)
    assert bench.report(order_id).filled_quantity == 0


def test_a_market_order_fills_at_the_touch():
    bench = PaperBench(BY_THE_BOOK)
    bench.book("0.70", "0.72")
    order_id = bench.working(bench.order(price=None))
    bench.after(30)
    report = bench.report(order_id)
    assert report.status is Signal.REPORTED_FILLED
    assert {fill.price for fill in report.fills} == {Decimal("0.72")}


def test_money_moves_with_the_fill_and_its_fees():
    bench = PaperBench()
    bench.working(bench.order(quantity=4))
    bench.broker.fill("T1-1", 4, None, bench.now)
    balances = bench.broker.balances(bench.now)
    assert balances.buying_power == Decimal(50000) - 300 - 4 * Decimal("1.13")
    bench.book("0.80", "0.90")
    assert bench.broker.balances(bench.now).net_liquidation == balances.buying_power + 340
    (position,) = bench.broker.positions(bench.now)
    assert (position.quantity, position.average_price) == (4, Decimal("0.75"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 0}, "invalid_quantity"),
        ({"limit_price": Decimal(0)}, "invalid_price"),
        ({"quantity": 700}, "insufficient_buying_power"),
        ({"side": SELL}, "close_only_violation"),
        ({"limit_price": None, "time_in_force": TimeInForce.GTC}, "gtc_market_orders_not_supported"),
    ],
)
def test_a_refusal_has_a_code_and_words(change: dict[str, object], code: str):
    bench = PaperBench()
    order = evolve(bench.order(), **change)
    for answer in (bench.broker.submit(order, bench.now), bench.broker.validate(order, bench.now)):
        assert isinstance(answer, OrderRejected)
        assert answer.reason.startswith(f"{code}: ")
    assert bench.broker.orders(START, bench.now) == ()


def test_a_closing_only_contract_takes_no_entry():
    bench = PaperBench()
    bench.contract = evolve(bench.contract, closing_only=True)
    answer = bench.broker.submit(bench.order(), bench.now)
    assert isinstance(answer, OrderRejected)
    assert answer.reason.startswith("closing_only: ")


def test_a_market_order_without_a_quote_is_refused():
    bench = PaperBench()
    bench.book(None, None)
    answer = bench.broker.submit(bench.order(price=None), bench.now)
    assert isinstance(answer, OrderRejected)
    assert answer.reason.startswith("no_quote: ")


def test_nothing_is_taken_after_the_cut_off():
    bench = PaperBench()
    assert bench.contract.cut_off is not None
    bench.now = bench.contract.cut_off
    answer = bench.broker.submit(bench.order(), bench.now)
    assert isinstance(answer, OrderRejected)
    assert answer.reason.startswith("past_cut_off: ")


def test_a_closed_market_takes_resting_orders_only():
    evening = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)
    bench = PaperBench(BY_THE_BOOK, calendar=NYSE, now=evening)
    answer = bench.broker.submit(bench.order(), bench.now)
    assert isinstance(answer, OrderRejected)
    assert answer.reason.startswith("market_closed: ")
    bench.held(2)
    bench.book("5.00", "5.10")
    order_id = bench.working(bench.order(SELL, 2, time_in_force=TimeInForce.GTC))
    bench.after(3600)
    assert bench.status(order_id) is Signal.REPORTED_WORKING
    bench.after(16 * 3600)
    assert bench.status(order_id) is Signal.REPORTED_FILLED
    assert bench.report(order_id).fills[0].at >= datetime(2026, 3, 12, 13, 30, tzinfo=UTC)


def test_a_price_off_the_grid_is_taken_and_thrown_out_by_the_exchange():
    bench = PaperBench(BY_THE_BOOK)
    bench.book("0.70", "0.72")
    order_id = bench.placed(bench.order(price="0.755"))
    bench.after(5)
    report = bench.report(order_id)
    assert (report.status, report.fills) == (Signal.REPORTED_REJECTED, ())
    assert report.reason.startswith("invalid_price_increment: 0.755")


def test_a_day_order_ends_with_the_session_and_a_resting_one_with_the_contract():
    bench = PaperBench(calendar=NYSE)
    bench.held(2)
    day = bench.working(bench.order())
    resting = bench.working(bench.order(SELL, 2, "5.00", time_in_force=TimeInForce.GTC))
    bench.after(5 * 3600)
    assert bench.status(day) is Signal.REPORTED_EXPIRED
    assert bench.status(resting) is Signal.REPORTED_WORKING
    bench.after(9 * 86400)
    assert bench.status(resting) is Signal.REPORTED_EXPIRED
    assert bench.broker.positions(bench.now) == ()


def test_an_expiring_holding_is_paid_out_in_cash():
    bench = PaperBench()
    bench.held(2)
    cash = bench.broker.ledger.cash
    bench.after(11 * 86400)
    assert bench.broker.positions(bench.now) == ()
    worth = bench.market.settlement(bench.contract)
    assert bench.broker.ledger.cash == cash + worth * 200
    assert bench.broker.ledger.settled == worth * 200


def test_a_cancel_is_taken_and_takes_effect_later():
    bench = PaperBench()
    order = bench.order()
    order_id = bench.working(order)
    assert bench.broker.cancel(order, bench.now) == CancelAccepted("T1-1")
    assert bench.status(order_id) is Signal.REPORTED_WORKING
    assert bench.broker.cancel(order, bench.now) == CancelAccepted("T1-1")
    bench.after(1)
    assert bench.status(order_id) is Signal.REPORTED_CANCELLED
    answer = bench.broker.cancel(order, bench.now)
    assert isinstance(answer, CancelRefused)
    assert "cancelled" in answer.reason


def test_a_fill_can_win_the_race_with_a_cancel():
    bench = PaperBench()
    order = bench.order()
    order_id = bench.working(order)
    bench.broker.cancel(order, bench.now)
    bench.broker.fill(order_id, 4, None, bench.now)
    bench.after(5)
    assert bench.status(order_id) is Signal.REPORTED_FILLED


def test_an_unknown_order_refuses_a_cancel_and_a_replace():
    bench = PaperBench()
    order = bench.order()
    refused = bench.broker.cancel(order, bench.now)
    assert isinstance(refused, CancelRefused)
    assert refused.reason.startswith("order_not_found: ")
    rejected = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(rejected, OrderRejected)
    assert rejected.reason.startswith("order_not_found: ")


def test_a_replacement_waits_then_takes_over():
    bench = PaperBench()
    order, stepped = bench.order(), bench.order(price="0.76", replaces="T1-1")
    old = bench.working(order)
    answer = bench.broker.replace(stepped, order, bench.now)
    assert isinstance(answer, OrderAccepted)
    new = answer.broker_order_id
    assert (bench.status(old), bench.status(new)) == (Signal.REPORTED_WORKING, Signal.REPORTED_PENDING)
    assert isinstance(bench.broker.replace(bench.order(price="0.77"), order, bench.now), OrderRejected)
    assert isinstance(bench.broker.cancel(order, bench.now), CancelRefused)
    bench.after(1)
    assert (bench.status(old), bench.status(new)) == (Signal.REPORTED_CANCELLED, Signal.REPORTED_WORKING)
    assert bench.report(new).replaces == old
    assert new in bench.report(old).reason


@pytest.mark.parametrize(("quantity", "original"), [(1, Signal.REPORTED_WORKING), (4, Signal.REPORTED_FILLED)])
def test_any_fill_of_the_original_aborts_the_replacement(quantity: int, original: Signal):
    bench = PaperBench()
    order = bench.order()
    old = bench.working(order)
    answer = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(answer, OrderAccepted)
    bench.broker.fill(old, quantity, None, bench.now)
    assert bench.status(answer.broker_order_id) is Signal.REPORTED_CANCELLED
    bench.after(1)
    assert bench.status(old) is original
    assert bench.report(answer.broker_order_id).reason.startswith("aborted: ")


def test_an_order_whose_replacement_was_aborted_can_be_cancelled():
    bench = PaperBench()
    order = bench.order()
    old = bench.working(order)
    bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    bench.broker.fill(old, 1, None, bench.now)
    bench.after(1)
    assert bench.broker.cancel(order, bench.now) == CancelAccepted("T1-1")
    bench.after(1)
    assert bench.status(old) is Signal.REPORTED_CANCELLED


def test_cancelling_a_replacement_that_waits_leaves_nothing_working():
    bench = PaperBench()
    order, stepped = bench.order(), bench.order(price="0.76")
    bench.working(order)
    bench.broker.replace(stepped, order, bench.now)
    bench.broker.cancel(stepped, bench.now)
    bench.after(2)
    assert list(bench.broker.register.live()) == []


def test_a_replacement_reserves_only_what_it_costs_more():
    bench = PaperBench(cash="320")
    order = bench.order()
    bench.working(order)
    assert bench.broker.balances(bench.now).buying_power == Decimal("15.48")
    dear = bench.broker.replace(bench.order(price="0.79"), order, bench.now)
    assert isinstance(dear, OrderRejected)
    assert dear.reason.startswith("insufficient_buying_power: ")
    assert isinstance(bench.broker.replace(bench.order(price="0.78"), order, bench.now), OrderAccepted)
    assert bench.broker.balances(bench.now).buying_power == Decimal("3.48")
    bench.after(1)
    assert bench.broker.balances(bench.now).buying_power == Decimal("3.48")


def test_an_exit_that_is_being_replaced_counts_once():
    bench = PaperBench()
    bench.held(4)
    order = bench.order(SELL, 2, "1.50", time_in_force=TimeInForce.GTC)
    bench.working(order)
    stepped = bench.order(SELL, 2, "1.40", time_in_force=TimeInForce.GTC)
    assert isinstance(bench.broker.replace(stepped, order, bench.now), OrderAccepted)
    bench.placed(bench.order(SELL, 2, "1.50", time_in_force=TimeInForce.GTC))
    assert isinstance(bench.broker.submit(bench.order(SELL, 1, "1.50"), bench.now), OrderRejected)


def test_an_order_that_is_not_live_yet_can_be_replaced():
    bench = PaperBench()
    order = bench.order()
    old = bench.placed(order)
    answer = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(answer, OrderAccepted)
    bench.after(2)
    assert (bench.status(old), bench.status(answer.broker_order_id)) == (
        Signal.REPORTED_CANCELLED,
        Signal.REPORTED_WORKING,
    )


def test_a_replacement_changes_the_price_and_nothing_else():
    bench = PaperBench()
    order = bench.order()
    bench.working(order)
    answer = bench.broker.replace(evolve(bench.order(), side=SELL), order, bench.now)
    assert isinstance(answer, OrderRejected)
    assert "the price and nothing else" in answer.reason


@pytest.mark.parametrize(
    ("meaning", "working"), [(AfterPartialFill.TOTAL, 4), (AfterPartialFill.REMAINING, 3), (AfterPartialFill.REFUSE, 3)]
)
def test_a_replace_after_a_partial_fill_has_three_meanings(meaning: AfterPartialFill, working: int):
    bench = PaperBench(Scenario(fills=(FillRule(),), replace_after_partial_fill=meaning))
    order = bench.order()
    bench.working(order)
    bench.broker.fill("T1-1", 1, None, bench.now)
    answer = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(answer, OrderRejected) is (meaning is AfterPartialFill.REFUSE)
    bench.after(1)
    assert [order.leaves for order in bench.broker.register.live()] == [working]


def test_a_second_order_under_one_client_order_id_is_an_order():
    bench = PaperBench()
    order = bench.order()
    assert bench.placed(order) != bench.placed(order)


def test_a_validation_names_the_fees_and_places_nothing():
    bench = PaperBench()
    answer = bench.broker.validate(bench.order(), bench.now)
    assert isinstance(answer, OrderValidated)
    assert answer.fees == Decimal("4.52")
    assert bench.broker.next_at() is None


def test_a_sale_by_hand_leaves_a_resting_exit_nothing_to_sell():
    bench = PaperBench()
    bench.held(2)
    order_id = bench.working(bench.order(SELL, 2, "1.50", time_in_force=TimeInForce.GTC))
    bench.broker.trade_by_hand(bench.contract, SELL, 1, Decimal("0.80"), bench.now)
    bench.broker.fill(order_id, 2, None, bench.now)
    assert bench.report(order_id).filled_quantity == 1
    bench.broker.fill(order_id, 1, None, bench.now)
    assert bench.status(order_id) is Signal.REPORTED_CANCELLED
    with pytest.raises(ValueError, match="0 are held"):
        bench.broker.trade_by_hand(bench.contract, SELL, 1, Decimal("0.80"), bench.now)


def test_a_trade_by_hand_is_reported_without_a_client_order_id():
    bench = PaperBench()
    bench.held(2)
    bench.after(1)
    assert [(report.client_order_id, report.status) for report in bench.reports] == [(None, Signal.REPORTED_FILLED)]


def test_filling_what_does_not_live_is_an_error_that_names_what_does():
    bench = PaperBench()
    order_id = bench.working(bench.order())
    with pytest.raises(ValueError, match=f"nonsense names no live order; live are: {order_id}"):
        bench.broker.fill("nonsense", 1, None, bench.now)


def test_orders_since_are_the_live_and_what_ended_since():
    bench = PaperBench()
    first = bench.order()
    bench.working(first)
    bench.broker.cancel(first, bench.now)
    bench.after(60)
    middle = bench.now
    second = bench.working(bench.order())
    bench.broker.fill(second, 4, None, bench.now)
    live = bench.working(bench.order())
    bench.after(60)
    assert {report.broker_order_id for report in bench.broker.orders(middle, bench.now)} == {second, live}
    assert len(bench.broker.orders(START, bench.now)) == 3


def test_orders_that_ended_a_month_ago_are_forgotten():
    bench = PaperBench()
    first = bench.order(time_in_force=TimeInForce.GTC)
    bench.working(first)
    bench.broker.cancel(first, bench.now)
    bench.after(5)
    bench.after(31 * 86400)
    bench.contract = evolve(bench.contract, cut_off=None)
    second = bench.order()
    bench.working(second)
    bench.broker.cancel(second, bench.now)
    bench.after(5)
    assert [report.client_order_id for report in bench.broker.orders(START, bench.now)] == ["T1-2"]
    assert isinstance(bench.broker.cancel(first, bench.now), CancelRefused)


def test_an_instant_of_the_past_counts_as_the_last():
    bench = PaperBench()
    bench.after(100)
    assert bench.broker.advance(START) == START + timedelta(seconds=100)


def test_a_resting_order_far_from_the_market_costs_few_looks():
    bench = PaperBench(BY_THE_BOOK)
    bench.held(2)
    bench.book("0.70", "0.72")
    bench.working(bench.order(SELL, 2, "1.50", time_in_force=TimeInForce.GTC))
    bench.after(600)
    looks = 0
    until = bench.now + timedelta(days=1)
    while (due := bench.broker.next_at()) is not None and due < until:
        bench.broker.advance(due)
        looks += 1
    assert looks <= 100


def test_a_quote_set_by_hand_brings_the_next_look_forward():
    bench = PaperBench(BY_THE_BOOK)
    bench.book("2.00", "2.02")
    bench.working(bench.order(price="0.75"))
    bench.after(3600)
    far = bench.broker.next_at()
    bench.book("0.76", "0.77")
    near = bench.broker.next_at()
    assert far is not None
    assert near is not None
    assert far - bench.now > timedelta(minutes=1) > near - bench.now


def test_an_order_that_has_not_arrived_cannot_be_filled_by_hand():
    late = AnswerRule(outcome=LostAnswer.ACCEPTED, arrives_after=timedelta(seconds=60))
    bench = PaperBench(Scenario(answers=(late,)))
    bench.broker.submit(bench.order(), bench.now)
    with pytest.raises(ValueError, match="names no live order; live are: none"):
        bench.broker.fill("T1-1", 1, None, bench.now)


def test_with_nothing_live_nothing_is_scheduled():
    bench = PaperBench()
    assert bench.broker.next_at() is None
    order = bench.order()
    bench.working(order)
    bench.broker.cancel(order, bench.now)
    bench.after(2)
    assert bench.broker.next_at() is None
