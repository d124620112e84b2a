"""STC and close: clear the way, sell what is held and never more, restore what should be covered."""

from itertools import pairwise

import pytest
from attrs import evolve

from domain import events
from domain.account import Balances
from domain.commands import Notify, ReadQuote, SubmitOrder
from domain.events import CloseFinished, Denied, LadderMoved, RequestRefused, TradeClosed
from domain.orders import OrderRole, OrderStatus, Signal
from domain.policies import ExitPolicy
from domain.verdicts import AnswerStatus, DenialCode, LadderMove
from tests.support.builders import NYSE, OTHER_AUTHOR, START, dec, make_contract, make_policies, seconds
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Booked, Fate, ModelBroker

STC = "STC UBER 78p 12/04"


def holding(quantity: int = 10, **changes) -> DeskDriver:
    desk = DeskDriver(**changes)
    desk.say()
    desk.fill("T1-E1", quantity)
    return desk


def closes(desk: DeskDriver) -> list[Booked]:
    return [b for b in desk.broker.books if b.order.role is OrderRole.CLOSE]


def live_exits(desk: DeskDriver) -> int:
    return sum(b.leaves for b in desk.broker.live if b.order.role is OrderRole.EXIT)


def sell_all(desk: DeskDriver) -> None:
    (booked,) = [b for b in closes(desk) if b.is_live]
    desk.fill(booked.order.client_order_id, booked.leaves)


def test_a_close_cancels_the_exits_first_and_then_sells_everything_from_mid():
    desk = holding()
    trade_id = desk.say(STC)
    assert live_exits(desk) == 0
    (booked,) = closes(desk)
    assert (booked.order.quantity, booked.order.limit_price) == (10, dec("0.75"))
    answer = desk.answer(trade_id)
    assert answer.status is AnswerStatus.PLACED
    assert answer.facts == {"order_id": booked.broker_order_id, "quantity": 10, "exit_price": dec("0.75")}
    desk.fill("T2-C1", 10)
    finished = desk.last(CloseFinished)
    assert (finished.sold, finished.average_price, finished.reason) == (10, dec("0.75"), "sold")
    closed = desk.last(TradeClosed)
    assert (closed.trade_id, closed.profit) == ("T1", dec("0.00"))
    assert desk.replies(trade_id)[-1].text == "[paper] Sold 10 UBER 78p 2026-12-04 @ 0.75 on average."
    assert desk.state.is_idle
    assert not desk.state.closings


def test_nothing_is_sold_before_the_exits_cancel_is_confirmed():
    desk = holding(broker=ModelBroker(slow=False))
    desk.broker.slow = True
    trade_id = desk.say(STC)
    assert not closes(desk)
    assert not desk.answers(trade_id)
    desk.fill("T1-X1", 2)
    desk.broker.settle(desk.booked("T1-X1"))
    desk.settle()
    (booked,) = closes(desk)
    assert booked.order.quantity == 8


def test_the_seller_steps_down_and_at_the_end_follows_the_bid():
    desk = holding()
    desk.say(STC)
    desk.advance(89)
    assert [str(b.order.limit_price) for b in closes(desk)] == ["0.75", "0.74", "0.73", "0.72"]
    desk.advance(2)
    assert str(closes(desk)[-1].order.limit_price) == "0.70"
    assert desk.last(LadderMoved).move is LadderMove.CLOSE_OUT
    desk.bid, desk.ask = "0.60", "0.65"
    desk.advance(20)
    assert str(closes(desk)[-1].order.limit_price) == "0.60"
    desk.bid = None
    desk.advance(20)
    assert desk.last(LadderMoved).move is LadderMove.SKIP
    desk.bid, desk.ask = "0.005", "0.02"
    desk.advance(20)
    assert desk.last(LadderMoved).move is not LadderMove.CLOSE_OUT
    desk.bid, desk.ask = "0.60", "0.65"
    sell_all(desk)
    assert not desk.state.closings


def test_a_partial_close_restores_the_exits_for_what_remains():
    desk = holding()
    desk.say("STC 1/2 UBER 78p 12/04")
    assert closes(desk)[0].order.quantity == 5
    sell_all(desk)
    assert live_exits(desk) == 2
    assert desk.state.trades["T1"].held == 5


@pytest.mark.parametrize(
    ("text", "sold"),
    [("STC 3 UBER 78p 12/04", 3), ("STC 30 UBER 78p 12/04", 10), ("STC UBER 78p 12/04 partial", 5), ("STC UBER", 10)],
)
def test_how_much_is_sold(text, sold):
    desk = holding()
    desk.say(text)
    assert closes(desk)[0].order.quantity == sold


def test_a_close_that_sells_in_parts_sells_the_leaves_after_a_step():
    desk = holding()
    desk.say(STC)
    desk.fill("T2-C1", 4)
    desk.advance(20)
    assert closes(desk)[-1].order.quantity == 6
    sell_all(desk)
    assert desk.last(CloseFinished).sold == 10


def test_a_close_takes_the_trades_of_a_contract_together_oldest_first():
    desk = holding(4)
    desk.end("T1-E1")
    desk.advance(11)
    desk.say()
    desk.fill("T2-E1", 6)
    desk.say("STC 5 UBER 78p 12/04")
    assert closes(desk)[0].order.quantity == 5
    desk.fill("T3-C1", 4)
    desk.fill("T3-C1", 1)
    assert "T1" in desk.state.archive
    assert desk.state.trades["T2"].held == 5
    assert live_exits(desk) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("STC UBER 80p 12/04", DenialCode.NO_POSITION),
        ("STC AAPL", DenialCode.NO_POSITION),
        ("STC 1/0 UBER 78p 12/04", None),
    ],
)
def test_what_is_not_held_is_not_sold(text, code):
    desk = holding()
    trade_id = desk.say(text)
    if code is not None:
        assert desk.answer(trade_id).reason == code
    assert not closes(desk)
    assert live_exits(desk) == 5


def test_several_contracts_of_a_symbol_are_ambiguous():
    desk = holding()
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    desk.fill("T2-E1", 2)
    answer = desk.answer(desk.say("STC UBER"))
    assert answer.reason == "ambiguous_position"
    assert "UBER 78p 2026-12-04, UBER 80p 2026-12-04" in answer.text


def test_nothing_left_of_a_fraction_is_said():
    desk = holding(1)
    desk.end("T1-E1")
    answer = desk.answer(desk.say("STC 1/2 UBER 78p 12/04"))
    assert answer.reason == "nothing_left"
    assert desk.state.trades["T1"].closing is None


def test_a_close_while_the_entry_works_withdraws_it_first():
    desk = holding(4)
    desk.say(STC)
    assert desk.booked("T1-E1").status is Signal.REPORTED_CANCELLED
    assert closes(desk)[0].order.quantity == 4
    desk = DeskDriver()
    desk.say()
    answer = desk.answer(desk.say(STC))
    assert answer.reason == "nothing_left"
    assert not desk.broker.live


def test_a_second_close_is_denied_while_the_first_runs():
    desk = holding()
    desk.say(STC)
    assert desk.answer(desk.say(STC, user_id=OTHER_AUTHOR)).reason == "close_in_progress"


def test_a_closed_market_leaves_the_exits():
    desk = DeskDriver(make_policies(), calendar=NYSE)
    desk.listed = lambda _: make_contract(calendar=NYSE)
    desk.say()
    desk.fill("T1-E1", 4)
    desk.now = START + seconds(6 * 3600)
    answer = desk.answer(desk.say(STC))
    assert answer.reason == "market_closed"
    assert live_exits(desk) == 2


def test_what_has_stopped_trading_is_not_sold():
    desk = holding(4)
    desk.now = make_contract().cut_off
    assert desk.answer(desk.say(STC)).reason == "past_cut_off"


def test_a_dry_run_of_a_close_sends_nothing():
    desk = holding(4)
    answer = desk.answer(desk.say(STC, dry_run=True))
    assert (answer.status, answer.text) == (
        AnswerStatus.DRY_RUN,
        "[paper] Dry run, nothing placed: would sell 4 of 4 UBER 78p 2026-12-04.",
    )
    assert live_exits(desk) == 2


def test_without_a_quote_the_alert_price_is_the_start_and_without_both_nothing_is_sold():
    desk = holding(4)
    desk.no_quote = True
    desk.say("STC UBER 78p 12/04 @ 0.80")
    assert str(closes(desk)[0].order.limit_price) == "0.80"
    desk = holding(4)
    desk.quote_unread = "the feed is away"
    answer = desk.answer(desk.say(STC))
    assert (answer.reason, live_exits(desk)) == ("no_price", 2)
    assert "the feed is away" in answer.text


def test_a_rejected_close_is_answered_and_the_exits_are_restored():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.REFUSED]
    trade_id = desk.say(STC)
    answer = desk.answer(trade_id)
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "rejected")
    assert live_exits(desk) == 2
    assert "0 of 4 sold" in desk.pages()[-1]


def test_a_close_that_could_not_be_sent_is_tried_again():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.NOT_SENT, Fate.NOT_SENT]
    trade_id = desk.say(STC)
    desk.advance(6)
    assert desk.answer(trade_id).status is AnswerStatus.PLACED
    assert closes(desk)[0].order.client_order_id == "T2-C3"
    desk.fates = [Fate.NOT_SENT]
    desk.advance(15)
    assert [b.order.client_order_id for b in desk.broker.live] == ["T2-C3"], "its replacement did not leave"
    desk.advance(30)
    assert closes(desk)[-1].order.client_order_id == "T2-C5"


def test_a_close_is_not_sent_beside_an_exit_that_turns_up_meanwhile():
    desk = DeskDriver()
    desk.say()
    desk.fates = [Fate.LATE]
    desk.fill("T1-E1", 4)
    desk.fates = [Fate.ARRIVES, *[Fate.NOT_SENT] * 20]  # the entry's cancel, the close
    desk.say(STC)
    desk.advance(125)
    assert not closes(desk)
    assert desk.state.trades["T1"].exits[0].status is OrderStatus.ABSENT
    desk.fates, desk.broker.slow = [], True
    desk.broker.arrive_late()
    (late,) = desk.broker.live
    desk.feed(events.OrderReported(late.report()))
    desk.advance(70)
    assert desk.broker.books[-1] is late, "its cancel is not confirmed yet"
    desk.broker.end(late, Signal.REPORTED_CANCELLED)
    desk.advance(20)
    assert [booked.order.quantity for booked in closes(desk)] == [4]


def test_a_close_that_cannot_be_sent_waits_longer_and_longer_tells_it_once_and_is_never_given_up():
    desk = holding(4)
    desk.clear()
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, *[Fate.NOT_SENT] * 1000]
    desk.say(STC)
    desk.advance(3600)
    sent = [entry.at for entry in desk.log if isinstance(entry.event, events.OrderNotSent)]
    pauses = [(after - before).total_seconds() for before, after in pairwise(sent)]
    assert pauses[:7] == [2, 4, 8, 16, 32, 60, 60]
    assert set(pauses[7:]) == {60}
    assert [page for page in desk.pages() if "could not be sent" in page] == desk.pages()
    assert len(desk.pages()) == 1
    desk.fates = []
    desk.advance(60)
    sell_all(desk)
    assert desk.last(CloseFinished).sold == 4


def test_a_close_that_could_not_be_sent_in_its_session_ends_with_it_and_the_exits_are_restored():
    desk = holding(4, calendar=NYSE)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, *[Fate.NOT_SENT] * 1000]
    trade_id = desk.say(STC)
    desk.advance(3600 * 5)
    assert desk.state.closings
    desk.fates = []
    desk.now = START.replace(hour=21, minute=5)
    desk.advance(61)
    assert not desk.state.closings
    assert not closes(desk)
    assert live_exits(desk) == 2
    assert "(the session ended)" in desk.answer(trade_id).text


def test_a_step_that_comes_due_after_the_session_sends_nothing():
    desk = holding(4, calendar=NYSE, at=START.replace(hour=20, minute=59, second=30))
    desk.say(STC)
    sent = len(desk.broker.books)
    desk.advance(60)
    assert desk.now > START.replace(hour=21, minute=0)
    assert len(desk.broker.books) == sent + 1, "the step at 20 s, before the bell"


def test_a_close_without_authorization_is_denied():
    desk = holding(4)
    trade_id = desk.post(STC)
    while not [c for c in desk.all(SubmitOrder) if c.order.role is OrderRole.CLOSE]:
        desk.collect()
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.pending.clear()
    desk.feed(events.OrderNotSent("T2-C1", "not authorized", retryable=False))
    desk.settle()
    assert desk.answer(trade_id).status is AnswerStatus.DENIED
    assert not desk.state.closings
    assert live_exits(desk) == 2


def test_a_close_held_back_can_be_called_off():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.NOT_SENT]
    trade_id = desk.say(STC)
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.advance(10)
    assert desk.answer(trade_id).reason == "abandoned"
    assert not closes(desk)
    assert live_exits(desk) == 2


def test_a_close_of_unknown_outcome_is_adopted_or_abandoned_with_a_page():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.ANSWER_LOST]
    trade_id = desk.say(STC)
    assert desk.answer(trade_id).status is AnswerStatus.PLACED
    desk.advance(2)
    sell_all(desk)
    assert desk.last(CloseFinished).sold == 4
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.LOST]
    trade_id = desk.say(STC)
    desk.advance(300)
    assert desk.last(CloseFinished).sold == 0
    assert live_exits(desk) == 2
    assert "0 of 4 sold" in desk.pages()[-1]
    assert len(desk.answers(trade_id)) == 1


def test_an_order_of_a_finished_close_that_turns_up_is_cancelled():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.LATE]
    desk.say(STC)
    desk.advance(300)
    for b in desk.broker.live:
        desk.broker.end(b, Signal.REPORTED_CANCELLED)
    desk.settle()
    desk.broker.arrive_late()
    desk.settle()
    assert closes(desk)[0].status is Signal.REPORTED_CANCELLED
    assert any("moves again" in page for page in desk.pages())
    assert not desk.state.closings
    assert desk.state.trades["T1"].closing is None


def test_a_fill_after_a_close_was_over_is_booked():
    desk = holding(4)
    desk.say(STC)
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.settle()
    assert live_exits(desk) == 2
    booked = desk.booked("T2-C1")
    booked.status = Signal.REPORTED_WORKING
    desk.broker.fill(booked, 4, desk.now)
    desk.settle()
    assert "T1" in desk.state.archive
    assert live_exits(desk) == 0
    assert desk.state.archive["T1"].sold == 4


def test_other_words_for_the_end_of_a_finished_close_open_nothing():
    desk = holding(4)
    desk.say(STC)
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.settle()
    booked = desk.booked("T2-C1")
    pages = desk.pages()
    booked.reason = "in other words"
    desk.feed(events.OrderReported(booked.report()))
    desk.feed(events.OrderReported(booked.report()))
    assert desk.pages() == pages
    assert not desk.state.closings


def test_sold_by_hand_meanwhile_less_is_sold():
    desk = holding(4)
    desk.say(STC)
    desk.fill("T2-C1", 2)
    booked = desk.booked("T2-C1")
    desk.broker.end(booked, Signal.REPORTED_CANCELLED, "less is held")
    desk.settle()
    assert desk.last(CloseFinished).sold == 2
    assert "The other 2 were not sold (cancelled: less is held)." in desk.replies("T2")[-1].text


def test_a_late_exit_fill_during_the_close_makes_it_smaller():
    desk = holding(10, broker=ModelBroker())
    desk.say(STC)
    booked = desk.booked("T1-X1")
    booked.status = Signal.REPORTED_WORKING
    desk.broker.by_hand = True
    desk.broker.fill(booked, 2, desk.now)
    desk.end("T1-X1")
    assert desk.booked("T2-C1").status is Signal.REPORTED_CANCELLED
    assert not desk.state.closings
    assert live_exits(desk) == 3


def test_more_sold_than_held_pages():
    desk = holding(4)
    desk.say(STC)
    booked = desk.booked("T2-C1")
    desk.broker.by_hand = True
    booked.order = evolve(booked.order, quantity=6)
    desk.broker.fill(booked, 6, desk.now)
    desk.settle()
    assert any("2 more were sold than the desk held" in page for page in desk.pages())


# ---- an operator's close -------------------------------------------------------------------------------------------


def test_an_operator_closes_everything_in_a_symbol_contract_by_contract():
    desk = holding(4)
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    desk.fill("T2-E1", 2)
    desk.feed(events.CloseRequested("admin", "T3", "uber"))
    desk.settle()
    assert sorted((b.order.client_order_id, b.order.quantity) for b in closes(desk)) == [("T3-2-C1", 2), ("T3-C1", 4)]
    assert [closing.trade_id for closing in desk.state.closes_of("T3")] == ["T3", "T3-2"]
    for booked in closes(desk):
        desk.fill(booked.order.client_order_id, booked.leaves)
    assert not desk.state.trades
    assert not desk.state.closings
    assert [closing.trade_id for closing in desk.state.closes_of("T3")] == ["T3", "T3-2"], "also when they are over"
    assert any("Sold 4" in notice.text for notice in desk.all(Notify))


def test_an_operators_close_of_nothing_is_refused():
    desk = DeskDriver()
    outputs = desk.feed(events.CloseRequested("admin", "T1", "UBER"))
    assert outputs == (RequestRefused("admin", DenialCode.NO_POSITION, "nothing is held in UBER"),)


def test_an_operators_close_is_refused_while_one_runs():
    desk = holding(4)
    desk.say(STC)
    (refused,) = desk.feed(events.CloseRequested("admin", "T3", "UBER"))
    assert refused.code is DenialCode.CLOSE_IN_PROGRESS


def test_an_operators_close_that_finds_nothing_to_sell_tells_the_operator():
    desk = DeskDriver()
    desk.say()
    desk.feed(events.CloseRequested("admin", "T2", "UBER"))
    desk.settle()
    assert desk.last(Denied).code is DenialCode.NOTHING_LEFT
    assert "nothing_left" in desk.last(Notify).text


def test_a_halt_never_stops_a_close():
    desk = holding(4)
    desk.feed(events.HaltRequested("admin", ""))
    desk.settle()
    desk.balances = Balances(dec("0"), dec("1"))
    trade_id = desk.say(STC)
    assert desk.answer(trade_id).status is AnswerStatus.PLACED


def test_what_a_person_uncovered_can_still_be_closed():
    desk = holding(10)
    desk.end("T1-X1")
    assert live_exits(desk) == 0
    desk.say(STC)
    sell_all(desk)
    assert desk.last(TradeClosed).bought == 10


def test_a_market_conversion_sells_at_the_market():
    from domain.policies import Conversion, EntryPolicy

    desk = DeskDriver(make_policies(entry=EntryPolicy(conversion=Conversion.MARKET), exit=ExitPolicy()))
    desk.say()
    desk.fill("T1-E1", 4)
    desk.bid = "0.79"
    desk.say(STC)
    desk.bid = "0.795"
    desk.advance(20)
    assert closes(desk)[-1].order.limit_price is None
    assert desk.state.closings["T2"].run.live_order.status is OrderStatus.WORKING


@pytest.mark.parametrize("fraction", ["0%", "150%"])
def test_a_fraction_that_is_none_is_denied(fraction):
    desk = holding(4)
    answer = desk.answer(desk.say(f"STC {fraction} UBER 78p 12/04"))
    assert answer.reason == "unclear_fraction"
    assert live_exits(desk) == 2


def test_a_close_without_a_ladder_has_none_to_show():
    desk = holding(4, broker=ModelBroker())
    desk.broker.slow = True
    desk.say(STC)
    with pytest.raises(ValueError, match="close T2 has no ladder yet"):
        _ = desk.state.closings["T2"].ladder


def test_a_quote_is_asked_for_once():
    desk = holding(4)
    desk.post(STC)
    while not desk.state.closings["T2"].asking:
        desk.collect()
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    asked = len(desk.all(ReadQuote))
    exit_order = desk.booked("T1-X1")
    exit_order.status = Signal.REPORTED_WORKING
    desk.broker.fill(exit_order, 1, desk.now)
    desk.broker.end(exit_order, Signal.REPORTED_CANCELLED)
    desk.settle()
    assert len(desk.all(ReadQuote)) == asked
    (booked,) = closes(desk)
    assert booked.order.quantity == 3, "what the exit sold late is not sold again"


def test_a_close_whose_position_was_sold_meanwhile_sells_nothing():
    desk = holding(4, broker=ModelBroker())
    desk.post(STC)
    while not desk.state.closings["T2"].asking:
        desk.collect()
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    exit_order = desk.booked("T1-X1")
    exit_order.order = evolve(exit_order.order, quantity=4)
    exit_order.status = Signal.REPORTED_WORKING
    desk.broker.fill(exit_order, 4, desk.now)
    desk.settle()
    assert not closes(desk)
    assert desk.answer("T2").status is AnswerStatus.DENIED
    assert desk.last(TradeClosed).bought == 4


def test_two_closes_of_a_reopened_position_do_not_disturb_each_other():
    desk = holding(10)
    desk.say("STC 2 UBER 78p 12/04")
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.settle()
    desk.advance(11)
    desk.say("STC 3 UBER 78p 12/04")
    assert desk.state.trades["T1"].closing == "T3"
    booked = desk.booked("T2-C1")
    booked.status = Signal.REPORTED_WORKING
    desk.broker.fill(booked, 2, desk.now)
    desk.settle()
    assert desk.state.trades["T1"].closing == "T3"
    assert desk.state.trades["T1"].sold == 2
    desk.fill("T3-C1", 3)
    assert desk.state.trades["T1"].held == 5
    assert desk.state.trades["T1"].closing is None


def test_a_rung_of_a_close_that_is_being_withdrawn_moves_nothing():
    desk = holding(4)
    desk.say(STC)
    desk.broker.slow = True
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.settle()
    desk.advance(100)
    assert len(closes(desk)) == 1
    assert not desk.all(LadderMoved)


def test_a_timer_of_a_close_moves_it_on():
    desk = holding(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.NOT_SENT]
    desk.say(STC)
    assert "retry:T2" in desk.state.timers
    desk.advance(2)
    assert closes(desk)[0].order.client_order_id == "T2-C2"


def test_an_entry_that_is_still_being_decided_is_not_bought_after_its_analyst_sold():
    desk = DeskDriver()
    bought = desk.post()
    other = desk.post("BTO AAPL 150c 12/04 @ 0.75")
    sold = desk.say("STC UBER")
    assert desk.answer(bought).reason == "sold_before_bought"
    assert desk.answer(sold).reason == "no_position"
    assert desk.answer(other).status is AnswerStatus.PLACED
