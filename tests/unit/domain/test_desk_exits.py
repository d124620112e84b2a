"""Profit exits: exactly the covered share of what is filled, whatever happens to fills, answers and orders."""

from decimal import Decimal
from itertools import pairwise

import pytest
from attrs import evolve

from domain import events
from domain.commands import CancelOrder, Notify, SubmitOrder
from domain.events import ExitWithheld, OrderFilled, PositionTakenOver, TradeClosed, TradingHalted
from domain.orders import OrderRole, OrderStatus, Signal, TimeInForce
from domain.policies import ExitPolicy, RiskPolicy
from tests.support.builders import EXPIRY, dec, make_contract, make_fill, make_policies, make_report, seconds
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Booked, Fate, ModelBroker


def exits(desk: DeskDriver) -> list[Booked]:
    return [b for b in desk.broker.books if b.order.role is OrderRole.EXIT]


def covered(desk: DeskDriver) -> int:
    return sum(b.leaves + b.filled for b in exits(desk))


def bought(quantity: int = 4, **policies) -> DeskDriver:
    desk = DeskDriver(make_policies(**policies))
    desk.say()
    desk.fill("T1-E1", quantity)
    return desk


def test_an_exit_is_placed_for_the_share_at_the_target():
    desk = bought(4)
    (booked,) = exits(desk)
    order = booked.order
    assert (order.quantity, order.limit_price, order.time_in_force) == (2, dec("1.50"), TimeInForce.GTC)
    assert order.close_only
    reply = desk.replies()[-1]
    assert reply.text == "[paper] Exit placed: sell 2 UBER 78p 2026-12-04 @ 1.50 GTC (order B2)."
    assert reply.facts == {"exit_order_id": "B2", "quantity": 2, "exit_price": dec("1.50")}


def test_partial_fills_are_covered_in_sum():
    desk = bought(1)
    assert covered(desk) == 0
    for quantity, total in ((1, 1), (1, 1), (3, 3), (4, 5)):
        desk.fill("T1-E1", quantity)
        assert covered(desk) == total


def test_one_contract_has_no_half_and_the_reply_says_so():
    desk = bought(1)
    desk.advance(100)
    assert not exits(desk)
    assert desk.all(ExitWithheld)
    assert "No exit: 1 contract filled" in desk.replies()[-1].text
    desk = bought(1, exit=ExitPolicy(fraction=dec("40")), risk=RiskPolicy())
    desk.fill("T1-E1", 1)
    desk.advance(100)
    assert "No exit: 2 contracts filled" in desk.replies()[-1].text


def test_a_minimum_of_one_covers_a_single_contract():
    assert covered(bought(1, exit=ExitPolicy(min=1))) == 1


def test_a_repeated_and_an_overtaken_report_count_once():
    desk = bought(4)
    report = desk.booked("T1-E1").report()
    older = desk.booked("T1-E1").report(fills_known=0)
    for told in (report, older, report):
        desk.feed(events.OrderReported(told))
        desk.settle()
    assert covered(desk) == 2
    assert len(desk.all(OrderFilled)) == 1


def test_a_fill_that_is_counted_and_not_listed_is_asked_for():
    desk = bought(2)
    booked = desk.booked("T1-E1")
    desk.broker.fill(booked, 2, desk.now)
    desk.broker.reports.clear()
    desk.feed(events.OrderReported(booked.report(fills_known=1)))
    assert desk.state.trades["T1"].in_doubt
    desk.advance(2)
    assert covered(desk) == 2


def test_exit_fills_close_the_trade_and_tell_the_profit():
    desk = bought(10, exit=ExitPolicy(fraction=dec("100")))
    desk.fill("T1-X1", 4)
    assert "Exit filled: sold 4 UBER 78p 2026-12-04 @ 1.50 (order B2), 6 still held." in desk.replies()[-1].text
    desk.fill("T1-X1", 6, "1.60")
    closed = desk.last(TradeClosed)
    assert (closed.bought, closed.profit, closed.reason) == (10, dec("810.00"), "sold")
    assert not desk.state.trades
    assert desk.state.is_idle


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.NOT_SENT])
def test_an_exit_that_is_not_taken_is_tried_again_with_growing_pauses_and_pages(fate):
    desk = DeskDriver()
    desk.say()
    desk.fates = [fate] * 5
    desk.fill("T1-E1", 4)
    assert len(desk.pages()) == 1
    assert "2 contracts are uncovered; next try in 1 s" in desk.pages()[0]
    assert not desk.state.is_idle
    desk.end("T1-E1")
    assert not desk.state.is_idle, "an exit is still to be placed"
    sent = []
    for _ in range(60):
        before = len(desk.all(SubmitOrder))
        desk.advance(1)
        if len(desk.all(SubmitOrder)) > before:
            sent.append(desk.now)
    assert [(b - a).total_seconds() for a, b in pairwise(sent)] == [2, 5, 10, 20]
    assert len(desk.pages()) == 2
    assert covered(desk) == 2
    assert desk.state.trades["T1"].exit_failures == 0
    assert desk.state.is_idle


def test_an_exit_that_is_accepted_and_then_refused_by_the_venue_backs_off_too():
    desk = bought(4)
    tries = 0
    for _ in range(120):
        live = [b for b in exits(desk) if b.is_live]
        if live:
            tries += 1
            desk.end(live[0].order.client_order_id, Signal.REPORTED_REJECTED, "off tick")
        desk.advance(1)
    assert tries < 10
    assert 1 <= len(desk.pages()) <= 2


def test_an_exit_that_expires_is_placed_again():
    desk = bought(4)
    desk.end("T1-X1", Signal.REPORTED_EXPIRED)
    desk.advance(1)
    assert covered(desk) == 2
    assert desk.pages()


def test_an_exit_of_unknown_outcome_is_adopted_or_sent_again_after_proof():
    for fate, name in ((Fate.ANSWER_LOST, "T1-X1"), (Fate.LOST, "T1-X2")):
        desk = DeskDriver()
        desk.say()
        desk.fates = [fate]
        desk.fill("T1-E1", 4)
        desk.advance(20)
        if fate is Fate.LOST:
            assert not exits(desk)
        desk.advance(300)
        assert [b.order.client_order_id for b in exits(desk) if b.is_live] == [name]
        assert covered(desk) == 2


def test_an_exit_that_turns_up_after_proof_is_cancelled_as_surplus():
    desk = DeskDriver()
    desk.say()
    desk.fates = [Fate.LATE]
    desk.fill("T1-E1", 4)
    desk.advance(300)
    desk.broker.arrive_late()
    desk.settle()
    assert covered(desk) == 2
    assert len([b for b in exits(desk) if b.is_live]) == 1


def test_an_exit_cancelled_by_hand_stays_cancelled_and_pages_once():
    desk = bought(4)
    desk.end("T1-X1")
    desk.advance(300)
    assert len(desk.pages()) == 1
    assert "cancelled by hand" in desk.pages()[0]
    assert not [b for b in exits(desk) if b.is_live]
    assert desk.state.is_idle


def test_a_late_fill_of_a_closed_trade_opens_it_again_and_is_covered():
    desk = DeskDriver()
    desk.say()
    desk.advance(100)
    assert "T1" in desk.state.archive
    booked = desk.broker.books[-1]
    booked.status = Signal.REPORTED_WORKING
    booked.cancel_asked = False
    desk.broker.fill(booked, 10, desk.now)
    desk.settle()
    assert covered(desk) == 5
    assert len([page for page in desk.pages() if "moves again" in page]) == 1


def test_other_words_for_a_known_end_open_nothing():
    desk = DeskDriver()
    desk.fates = [Fate.REFUSED]
    desk.say()
    assert "T1" in desk.state.archive
    desk.feed(events.OrderReported(make_report(Signal.REPORTED_REJECTED, reason="in other words")))
    assert not desk.state.trades
    assert not desk.pages()


def test_a_fill_with_two_meanings_halts_and_pages():
    desk = bought(4)
    told = make_report(
        Signal.REPORTED_WORKING, make_fill(1, 3), broker_order_id="B1", filled_quantity=4, client_order_id="T1-E1"
    )
    changed = told.fills[0].__class__("B1.1", 3, Decimal(1), desk.now)
    desk.feed(events.OrderReported(evolve(told, fills=(changed,))))
    assert desk.last(TradingHalted).cause == "broker_contract"
    assert covered(desk) == 2


def test_more_filled_than_meant_is_covered_and_halts():
    desk = bought(4)
    fills = (*desk.booked("T1-E1").fills, make_fill(9, 8, "0.75", desk.now))
    booked = desk.booked("T1-E1")
    booked.fills, booked.status = fills, Signal.REPORTED_FILLED
    desk.broker.positions[booked.order.contract.symbol] = 12
    desk.feed(events.OrderReported(booked.report()))
    desk.settle()
    assert desk.last(TradingHalted).cause == "broker_contract"
    assert covered(desk) == 6


def test_orders_of_others_are_left_alone():
    desk = bought(4)
    before = desk.state.trades
    for told in (
        make_report(client_order_id=None, broker_order_id="X9"),
        make_report(client_order_id="mine", broker_order_id="X9"),
        make_report(client_order_id="T1-E9", broker_order_id="X9"),
    ):
        desk.feed(events.OrderReported(told))
    assert desk.state.trades is before


def test_a_report_without_our_name_is_known_by_the_brokers_id():
    desk = DeskDriver()
    desk.say()
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    (told,) = desk.broker.reports
    desk.broker.reports.clear()
    desk.feed(events.OrderReported(evolve(told, client_order_id=None)))
    desk.settle()
    assert covered(desk) == 2


# ---- what a person does, and expiry --------------------------------------------------------------------------------


def test_what_is_sold_by_hand_is_taken_over_after_two_reads_and_halts():
    desk = bought(10)
    desk.end("T1-E1")
    desk.broker.trade_by_hand(desk.booked("T1-E1").order.contract.symbol, -7)
    desk.advance(61)
    assert not desk.all(PositionTakenOver)
    desk.advance(120)
    taken = desk.last(PositionTakenOver)
    assert (taken.expected, taken.held) == (10, 3)
    assert desk.last(TradingHalted).cause == "position_mismatch"
    assert covered(desk) - sum(b.filled for b in exits(desk)) == 1
    assert len(desk.pages()) == 1


def test_all_sold_by_hand_ends_the_trade():
    desk = bought(10)
    desk.broker.trade_by_hand(desk.booked("T1-E1").order.contract.symbol, -10)
    desk.advance(300)
    closed = desk.last(TradeClosed)
    assert (closed.reason, closed.profit) == ("taken over", None)
    assert not desk.broker.live


def test_what_was_sold_before_the_rest_went_is_realized_and_the_rest_had_its_cost():
    desk = bought(10)
    desk.fill("T1-X1", 5, "1.60")
    trade = desk.state.trades["T1"]
    assert (trade.profit, trade.realized) == (dec("425.00"), dec("425.00"))
    assert (trade.premium_held, trade.premium_lost) == (dec("375.00"), 0)
    desk.broker.trade_by_hand(trade.contract.symbol, -5)
    desk.advance(300)
    trade = desk.state.archive["T1"]
    assert (trade.lost, trade.profit, trade.realized) == (5, None, dec("425.00"))
    assert (trade.premium_held, trade.premium_lost) == (0, dec("375.00"))


def test_an_entry_that_sold_nothing_realized_nothing():
    trade = bought(1).state.trades["T1"]
    assert (trade.profit, trade.realized, trade.premium_lost) == (None, None, 0)


def test_what_the_user_holds_beside_is_not_ours():
    desk = bought(10)
    desk.broker.trade_by_hand(desk.booked("T1-E1").order.contract.symbol, 5)
    desk.advance(600)
    assert not desk.all(PositionTakenOver)
    assert not desk.state.reconciliation.differences


def test_a_young_fill_explains_that_the_positions_show_less():
    desk = bought(10)
    symbol = desk.booked("T1-E1").order.contract.symbol
    desk.broker.trade_by_hand(symbol, -10)  # as a broker whose positions lag behind its fills
    for _ in range(3):
        desk.feed(desk.broker.read(desk.now))
        desk.settle()
        desk.now += seconds(9)
    assert not desk.all(PositionTakenOver)
    assert not desk.state.reconciliation.differences


def test_a_mismatch_that_goes_away_is_forgotten():
    desk = bought(10)
    symbol = desk.booked("T1-E1").order.contract.symbol
    desk.broker.trade_by_hand(symbol, -7)
    desk.advance(91)
    assert desk.state.reconciliation.differences
    desk.broker.trade_by_hand(symbol, 7)
    desk.advance(61)
    assert not desk.state.reconciliation.differences
    assert not desk.all(PositionTakenOver)


def test_a_short_position_halts():
    desk = bought(10)
    desk.broker.trade_by_hand(desk.booked("T1-E1").order.contract.symbol, -12)
    desk.advance(61)
    assert "the account is short 2" in desk.last(TradingHalted).reason


def test_an_accepted_order_that_the_books_lose_halts():
    desk = bought(10)
    desk.broker.books.remove(desk.booked("T1-X1"))
    desk.advance(400)
    assert desk.last(TradingHalted).cause == "broker_contract"
    assert "order B2 (UBER 78p 2026-12-04) was accepted and is missing" in desk.last(TradingHalted).reason


def test_the_last_day_is_warned_about_and_expiry_is_taken_over():
    desk = bought(4)
    words = "last trading day; orders are taken until 16:00 New York."
    desk.now = desk.state.timers["expiry:T1:morning"]
    desk.advance(1)
    assert len([notice for notice in desk.all(Notify) if words in notice.text]) == 1, "in the morning"
    desk.now = make_contract().cut_off - seconds(1800)
    desk.advance(1)
    assert len([notice for notice in desk.all(Notify) if words in notice.text]) == 2, "an hour before the cut-off"
    symbol = desk.booked("T1-E1").order.contract.symbol
    desk.now = make_contract().cut_off + seconds(60)
    desk.end("T1-X1", Signal.REPORTED_EXPIRED)
    del desk.broker.positions[symbol]
    desk.advance(600)
    assert desk.last(TradeClosed).reason == "taken over"
    assert not desk.state.halts, "expiry is no mismatch"
    assert not desk.pages()


def test_what_was_sold_in_time_is_not_warned_about():
    desk = bought(2, exit=ExitPolicy(fraction=dec("100")))
    desk.end("T1-E1")
    desk.fill("T1-X1", 2)
    assert not [name for name in desk.state.timers if name.startswith("expiry")]


def test_a_warning_that_fires_after_the_cut_off_says_nothing():
    desk = bought(4)
    desk.now = make_contract().cut_off + seconds(1)
    desk.feed(events.TimerFired("expiry:T1:hour"))
    assert not [notice for notice in desk.all(Notify) if "last trading day" in notice.text]


def test_no_exit_is_placed_past_the_cut_off():
    desk = DeskDriver()
    desk.listed = lambda _: make_contract(cut_off=desk.now + seconds(10))
    desk.say()
    desk.advance(11)
    desk.fill("T1-E1", 4)
    assert not exits(desk)


def test_a_contract_without_an_end_has_no_warnings():
    desk = DeskDriver()
    desk.listed = lambda _: make_contract(cut_off=None)
    desk.say()
    desk.fill("T1-E1", 4)
    assert not [name for name in desk.state.timers if name.startswith("expiry")]
    assert exits(desk)


def test_a_contract_that_expires_on_no_session_has_no_morning_warning():
    from tests.support.builders import NYSE

    desk = DeskDriver(calendar=NYSE)
    saturday = EXPIRY.replace(day=5)
    desk.listed = lambda _: make_contract(calendar=NYSE, expires_on=saturday)
    desk.say()
    desk.fill("T1-E1", 4)
    names = sorted(name for name in desk.state.timers if name.startswith("expiry"))
    assert names == ["expiry:T1:hour", "expiry:T1:over"]


def test_exits_are_repriced_never_by_the_desk_itself():
    desk = bought(4)
    desk.fill("T1-E1", 4, "0.70")
    assert [str(b.order.limit_price) for b in exits(desk)] == ["1.50", "1.45"]
    assert not [command for command in desk.all(CancelOrder) if command.order.role is OrderRole.EXIT]


def test_the_books_and_the_desk_agree_on_statuses():
    desk = bought(4)
    assert desk.state.trades["T1"].exits[0].status is OrderStatus.WORKING
    assert isinstance(desk.broker, ModelBroker)


def test_an_exit_that_was_only_checked_is_tried_again_in_peace():
    desk = DeskDriver()
    desk.say()
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    desk.collect()
    while not [command for command in desk.pending if isinstance(command, SubmitOrder)]:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.pending = [command for command in desk.pending if not isinstance(command, SubmitOrder)]
    desk.feed(events.OrderValidated("T1-X1"))
    assert "T1-X2" not in [command.order.client_order_id for command in desk.all(SubmitOrder)]
    desk.advance(1)
    assert covered(desk) == 2
    assert "the gateway only checks orders" in desk.pages()[0]


def test_what_is_gone_is_taken_from_the_oldest_trade_first():
    desk = bought(4)
    desk.end("T1-E1")
    desk.advance(11)
    desk.say()
    desk.fill("T2-E1", 2)
    desk.end("T2-E1")
    desk.broker.trade_by_hand(desk.booked("T1-E1").order.contract.symbol, -4)
    desk.advance(300)
    assert "T1" in desk.state.archive
    assert desk.state.trades["T2"].held == 2
    assert len(desk.all(PositionTakenOver)) == 1


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("end", [Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED])
def test_an_exit_that_ended_before_its_answer_was_heard_is_not_sent_again_at_once(end, crash):
    desk = DeskDriver()
    desk.say()
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    desk.collect()
    while not [command for command in desk.pending if isinstance(command, SubmitOrder)]:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.perform(next(command for command in desk.pending if isinstance(command, SubmitOrder)))
    desk.inbox.clear()
    desk.pending = [command for command in desk.pending if not isinstance(command, SubmitOrder)]
    if crash:
        desk.broker.end(desk.booked("T1-X1"), end)
        desk.crash()
        desk.settle()
    else:
        desk.end("T1-X1", end)
    assert [b.order.client_order_id for b in exits(desk)] == ["T1-X1"]
    assert len(desk.pages()) == 1
    desk.advance(1)
    assert covered(desk) == (0 if end is Signal.REPORTED_CANCELLED else 2)
