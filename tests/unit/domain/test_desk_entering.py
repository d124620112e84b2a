"""An alert's way to an order, and the ladder's rungs, as the desk walks them."""

import pytest
from attrs import evolve

from domain import commands, events
from domain.account import Balances
from domain.commands import ReadQuote, ReplaceOrder, ResolveContract, SubmitOrder
from domain.desk import InvariantViolationError
from domain.events import ChecksPassed, Denied, EntryFinished, EntrySized, LadderMoved, SessionStarted, TradeClosed
from domain.orders import OrderStatus, Signal
from domain.policies import Conversion, EntryPolicy, OnExhausted, RiskPolicy
from domain.verdicts import AnswerStatus, DenialCode, LadderMove
from tests.support.builders import dec, make_policies, seconds
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Fate, ModelBroker


def prices(desk: DeskDriver) -> list[tuple[str, str, int]]:
    return [(b.order.client_order_id, str(b.order.limit_price), b.order.quantity) for b in desk.broker.books]


def test_a_sound_alert_is_placed_and_answered_with_its_numbers():
    desk = DeskDriver()
    answer = desk.answer(desk.say())
    assert answer.status is AnswerStatus.PLACED
    assert answer.text == "[paper] Placed: buy 10 UBER 78p 2026-12-04 @ 0.75 (order B1)."
    assert answer.facts == {"order_id": "B1", "quantity": 10, "entry_price": dec("0.75")}
    kinds = [type(output) for output in desk.outputs]
    assert kinds.index(ChecksPassed) < kinds.index(EntrySized) < kinds.index(SubmitOrder)
    sized = desk.last(EntrySized)
    assert (sized.quantity, sized.limit_price, sized.worst_price) == (10, dec("0.75"), dec("0.78"))


def test_the_ladder_steps_at_its_instants_and_ends_with_its_window():
    desk = DeskDriver()
    trade_id = desk.say()
    desk.advance(19.9)
    assert len(desk.broker.books) == 1
    desk.advance(0.2)
    assert prices(desk)[-1] == ("T1-E2", "0.76", 10)
    desk.advance(70.1)
    assert [order[1] for order in prices(desk)] == ["0.75", "0.76", "0.77", "0.78"]
    assert not desk.broker.live
    assert [reply.text for reply in desk.replies(trade_id)][1:] == [
        "[paper] Not filled, cancelled: UBER 78p 2026-12-04 (the window ended)."
    ]
    closed = desk.last(TradeClosed)
    assert (closed.bought, closed.profit, closed.reason) == (0, None, "not filled")
    assert desk.state.is_idle
    assert not desk.state.trades


def test_a_near_ask_is_met():
    desk = DeskDriver(bid="0.74", ask="0.76")
    desk.say()
    desk.advance(20)
    moved = desk.last(LadderMoved)
    assert (moved.rung, moved.move, moved.price) == (1, LadderMove.CONVERT, dec("0.76"))
    assert desk.last(ReplaceOrder).order.limit_price == dec("0.76")


def test_a_conversion_to_a_market_order_ends_the_stepping():
    desk = DeskDriver(make_policies(entry=EntryPolicy(conversion=Conversion.MARKET)), bid="0.74", ask="0.76")
    desk.say()
    desk.advance(80)
    assert [order[1] for order in prices(desk)] == ["0.75", "None"]


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [("0.90", "0.80", "the quote is crossed"), (None, "0.80", "the quote is one_sided")],
)
def test_a_quote_that_is_not_fit_moves_nothing(bid, ask, reason):
    desk = DeskDriver()
    desk.say()
    desk.bid, desk.ask = bid, ask
    desk.advance(20)
    moved = desk.last(LadderMoved)
    assert (moved.move, moved.reason) == (LadderMove.SKIP, reason)
    assert len(desk.broker.books) == 1


def test_an_unread_quote_moves_nothing():
    desk = DeskDriver()
    desk.say()
    desk.quote_unread = "the feed is away"
    desk.advance(20)
    assert (desk.last(LadderMoved).move, desk.last(LadderMoved).reason) == (LadderMove.SKIP, "the feed is away")


def test_no_quote_at_all_steps_one_tick():
    desk = DeskDriver()
    desk.say()
    desk.no_quote = True
    desk.advance(20)
    moved = desk.last(LadderMoved)
    assert (moved.move, moved.bid, moved.ask) == (LadderMove.STEP, None, None)


def test_a_marketable_price_is_held():
    desk = DeskDriver()
    desk.say()
    desk.bid, desk.ask = "0.70", "0.74"
    desk.advance(20)
    assert desk.last(LadderMoved).move is LadderMove.HOLD
    assert len(desk.broker.books) == 1


def test_a_rung_waits_until_the_last_step_is_known():
    desk = DeskDriver(broker=ModelBroker(slow=True))
    desk.say()
    desk.advance(30)
    assert not desk.all(LadderMoved)
    desk.broker.settle(desk.booked("T1-E1"))
    desk.settle()
    assert desk.last(LadderMoved).rung == 1
    desk.advance(30)
    assert len(desk.all(LadderMoved)) == 1
    desk.broker.settle(desk.booked("T1-E2"))
    desk.settle()
    assert desk.last(LadderMoved).rung == 2


def test_after_a_partial_fill_a_step_places_the_leaves():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 3)
    desk.advance(20)
    assert prices(desk)[-1] == ("T1-E2", "0.76", 7)


def test_at_the_windows_end_an_entry_may_rest():
    desk = DeskDriver(make_policies(entry=EntryPolicy(on_exhausted=OnExhausted.REST)))
    desk.say()
    desk.advance(600)
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-E4"]
    assert not desk.state.is_idle
    desk.end("T1-E4", Signal.REPORTED_EXPIRED)
    assert desk.last(EntryFinished).reason == "expired"


def test_a_full_fill_ends_the_entry_and_its_rungs():
    desk = DeskDriver()
    trade_id = desk.say()
    desk.fill("T1-E1", 10)
    finished = desk.last(EntryFinished)
    assert (finished.filled, finished.average_price, finished.reason) == (10, dec("0.75"), "filled")
    assert "Entry done: 10 UBER 78p 2026-12-04 @ 0.75 on average." in desk.replies(trade_id)[-2].text
    desk.advance(100)
    assert not desk.all(LadderMoved)


def test_what_is_not_listed_is_denied():
    desk = DeskDriver()
    desk.listed = lambda _: None
    answer = desk.answer(desk.say())
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "no_such_contract")
    assert not desk.state.candidates


@pytest.mark.parametrize("what", ["quote", "account"])
def test_what_could_not_be_read_is_denied(what):
    desk = DeskDriver()
    if what == "quote":
        desk.quote_unread = "away"
    else:
        desk.balances = None
    answer = desk.answer(desk.say())
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "read_failed")
    assert desk.state.is_idle


def test_a_failed_check_denies_with_its_code():
    desk = DeskDriver(bid="0.90", ask="0.80")
    assert desk.answer(desk.say()).reason == "quote_crossed"
    assert not desk.all(SubmitOrder)


def test_too_little_buying_power_is_told_to_the_operator():
    desk = DeskDriver()
    desk.balances = Balances(dec("10"), dec("100000"))
    desk.say()
    assert desk.last(Denied).code is DenialCode.INSUFFICIENT_BUYING_POWER
    assert "UBER 78p 2026-12-04" in desk.last(commands.Notify).text


def test_the_first_look_of_a_day_is_the_baseline_and_a_loss_halts():
    desk = DeskDriver(make_policies())
    assert desk.last(SessionStarted).buying_power == dec("50000")
    desk.say("BTO UBER 78p 12/04 @ 0.75")
    desk.balances = Balances(dec("50000"), dec("90000"))
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    assert desk.last(events.TradingHalted).cause == "day_loss"
    assert not desk.broker.live, "the working entry was withdrawn"
    assert len([page for page in desk.pages() if "day_loss" in page]) == 1
    desk.advance(seconds(86400))
    desk.feed(events.ResumeRequested("admin", "a new day"))
    desk.say("BTO UBER 81p 12/04 @ 0.75")
    assert desk.last(SessionStarted).net_liquidation == dec("90000")


def test_a_label_and_no_price_trade_from_mid():
    desk = DeskDriver(bid="0.70", ask="0.77")
    desk.say("Super Lotto: BTO UBER 78p 12/04")
    assert prices(desk) == [("T1-E1", "0.73", 10)]


def test_an_alert_that_names_no_contract_or_a_disabled_instrument_is_denied():
    desk = DeskDriver()
    answer = desk.answer(desk.say("BTO 100 shares UBER @ 75.50"))
    assert answer.reason == "instrument_disabled"
    assert not desk.all(ResolveContract)


def test_a_rejected_entry_is_answered_once_and_not_tried_again():
    desk = DeskDriver()
    desk.fates = [Fate.REFUSED]
    trade_id = desk.say()
    answer = desk.answer(trade_id)
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "rejected")
    assert "is not tried again" in answer.text
    desk.advance(200)
    assert len(desk.all(SubmitOrder)) == 1
    assert desk.replies(trade_id) == [answer]
    assert desk.state.is_idle


def test_an_entry_that_the_venue_rejects_later_is_told():
    desk = DeskDriver()
    trade_id = desk.say()
    desk.end("T1-E1", Signal.REPORTED_REJECTED, "price off tick")
    assert "Not filled, cancelled" in desk.replies(trade_id)[-1].text
    assert "price off tick" in desk.replies(trade_id)[-1].text
    assert desk.state.rejects_in_row == 1


@pytest.mark.parametrize("late", [False, True])
def test_rejects_in_a_row_halt_until_a_person_resumes(late):
    desk = DeskDriver()
    for strike in (70, 71, 72):
        desk.fates = [Fate.ARRIVES if late else Fate.REFUSED]
        trade_id = desk.say(f"BTO UBER {strike}p 12/04 @ 0.75")
        if late:
            desk.end(f"{trade_id}-E1", Signal.REPORTED_REJECTED, "venue")
    assert desk.last(events.TradingHalted).cause == "rejects"
    assert desk.answer(desk.say("BTO UBER 73p 12/04 @ 0.75")).reason == "halted"
    desk.feed(events.ResumeRequested("admin", "looked"))
    assert desk.answer(desk.say("BTO UBER 74p 12/04 @ 0.75")).status is AnswerStatus.PLACED


def test_an_entry_that_lived_ends_the_row_of_rejects():
    desk = DeskDriver()
    for strike, fate in ((70, Fate.REFUSED), (71, Fate.REFUSED), (72, Fate.ARRIVES), (73, Fate.REFUSED)):
        desk.fates = [fate]
        trade_id = desk.say(f"BTO UBER {strike}p 12/04 @ 0.75")
        if fate is Fate.ARRIVES:
            desk.fill(f"{trade_id}-E1", 1)
    assert desk.state.rejects_in_row == 1
    assert not desk.state.halts


def test_a_replacement_that_is_rejected_is_no_reject_of_the_entry():
    desk = DeskDriver()
    trade_id = desk.say()
    desk.fates = [Fate.REFUSED]
    desk.advance(21)
    assert desk.state.rejects_in_row == 0
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-E1"]
    desk.advance(100)
    assert "Not filled, cancelled" in desk.replies(trade_id)[-1].text


def test_the_stream_may_overtake_the_answer():
    desk = DeskDriver()
    trade_id = desk.post()
    while not desk.broker.books:
        if desk.inbox:
            desk.feed(desk.inbox.pop(0))
        desk.perform(desk.pending.pop(0))
    answer = next(event for event in desk.inbox if isinstance(event, events.OrderAccepted))
    desk.inbox.remove(answer)
    desk.fill("T1-E1", 10)
    assert desk.answer(trade_id).status is AnswerStatus.PLACED
    assert any("Filled 10" in reply.text for reply in desk.replies(trade_id))
    desk.feed(answer)
    assert len(desk.answers(trade_id)) == 1


def test_an_order_that_never_left_is_tried_again_while_the_alert_is_fresh():
    desk = DeskDriver()
    desk.fates = [Fate.NOT_SENT, Fate.NOT_SENT]
    trade_id = desk.say()
    assert not desk.answers(trade_id)
    desk.advance(2)
    desk.advance(3.9)
    assert not desk.answers(trade_id), "twice as long after the second"
    desk.advance(0.1)
    assert desk.answer(trade_id).facts["order_id"] == "B1"
    assert [b.order.client_order_id for b in desk.broker.books] == ["T1-E3"]


def test_an_order_that_never_leaves_is_denied_when_the_alert_is_stale():
    desk = DeskDriver()
    desk.fates = [Fate.NOT_SENT] * 60
    trade_id = desk.say()
    desk.advance(70)
    assert desk.answer(trade_id).reason == "not_sent"
    assert len(desk.all(SubmitOrder)) == 5
    assert desk.state.is_idle


def test_an_order_held_back_is_not_sent_late():
    desk = DeskDriver()
    desk.fates = [Fate.NOT_SENT]
    trade_id = desk.say()
    desk.now += seconds(80)
    desk.advance(1)
    assert desk.answer(trade_id).reason == "not_sent"
    assert not desk.broker.books


def test_an_order_held_back_is_not_sent_after_its_alert_was_deleted_or_entries_were_halted():
    for stop in (events.MessageDeleted("m1"), events.HaltRequested("admin", "")):
        desk = DeskDriver()
        desk.fates = [Fate.NOT_SENT]
        trade_id = desk.say()
        desk.feed(stop)
        desk.advance(10)
        assert desk.answer(trade_id).reason == "not_sent"
        assert not desk.broker.books


def test_an_order_that_comes_back_unsent_after_its_alert_was_deleted_is_over():
    desk = DeskDriver()
    desk.fates = [Fate.NOT_SENT]
    trade_id = desk.post()
    while not desk.all(SubmitOrder):
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.feed(events.MessageDeleted("m1"))
    desk.advance(10)
    assert desk.answer(trade_id).reason == "not_sent"
    assert not desk.broker.books


def test_lost_credentials_deny_halt_and_page_once():
    desk = DeskDriver()
    trade_id = desk.post()
    while not desk.all(SubmitOrder):
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.pending.clear()
    desk.feed(events.AuthorizationLost("revoked"))
    desk.feed(events.OrderNotSent("T1-E1", "not authorized", retryable=False))
    assert desk.answer(trade_id).reason == "unauthorized"
    assert len(desk.pages()) == 1
    desk.feed(events.AuthorizationLost("revoked"))
    assert len(desk.pages()) == 1
    desk.feed(events.AuthorizationRestored("admin"))
    assert not desk.state.halts
    desk.feed(events.AuthorizationRestored("admin"))
    assert len(desk.all(events.TradingResumed)) == 1


def test_a_dry_run_is_validated_and_reports_the_exit_it_would_place():
    desk = DeskDriver()
    answer = desk.answer(desk.say(dry_run=True))
    assert answer.status is AnswerStatus.DRY_RUN
    assert "the exit would be sell 5 UBER" in answer.text or "the exit would be sell 5 @ 1.50 GTC" in answer.text
    assert not desk.broker.books
    assert not desk.state.entries
    assert desk.state.is_idle
    assert len(desk.replies()) == 1


def test_a_dry_run_of_one_contract_has_no_exit():
    desk = DeskDriver(make_policies(risk=RiskPolicy(max_contracts=1)))
    assert "no exit would be placed" in desk.answer(desk.say(dry_run=True)).text


def test_a_dry_run_without_an_answer_is_repeated_and_never_called_placed():
    desk = DeskDriver()
    desk.fates = [Fate.LOST, Fate.LOST]
    trade_id = desk.say(dry_run=True)
    desk.advance(10)
    assert desk.answer(trade_id).status is AnswerStatus.DRY_RUN
    assert not desk.state.unknowns


def test_a_gateway_that_only_checks_answers_a_dry_run_too():
    desk = DeskDriver()
    trade_id = desk.post()
    while not desk.all(SubmitOrder):
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.pending.clear()
    desk.feed(events.OrderValidated("T1-E1", "fine", dec("1.30")))
    answer = desk.answer(trade_id)
    assert answer.status is AnswerStatus.DRY_RUN
    assert "The broker says: fine." in answer.text
    assert desk.state.is_idle


def test_answers_of_nobody_are_left_alone():
    desk = DeskDriver()
    state = desk.state
    for event in (
        events.ContractResolved("T9", desk.listed(commands.ResolveContract("T9", _query()))),
        events.ContractNotFound("T9", ""),
        events.QuoteRead("T9", None),
        events.ReadFailed("T9", ""),
        events.ReadFailed(None, ""),
        events.OrderAccepted("T9-E1", "B9"),
        events.OrderAccepted("nonsense", "B9"),
        events.CancelAccepted("T9-E1"),
        events.CancelRefused("T9-E1", ""),
        events.OutcomeUnknown("T9-E1", events.Operation.CANCEL, ""),
        events.OutcomeUnknown("T9-E1", events.Operation.SUBMIT, ""),
        events.MessageDeleted("m9"),
        events.MessageEdited("m9", "text"),
        events.TimerFired("rung:T9:1"),
        events.Delivered("D9"),
        events.NotDelivered("D9", ""),
    ):
        assert desk.feed(event) == ()
    assert desk.state == state


def _query():
    desk = DeskDriver()
    desk.say()
    return desk.last(ResolveContract).query


def test_a_quote_that_comes_twice_decides_one_rung():
    desk = DeskDriver()
    desk.say()
    desk.advance(20)
    moves = len(desk.all(LadderMoved))
    desk.feed(events.QuoteRead("T1", desk.quote()))
    assert len(desk.all(LadderMoved)) == moves
    assert len(desk.all(ReadQuote)) == 2


def test_time_never_goes_back_and_nothing_comes_before_the_start():
    desk = DeskDriver()
    desk.now -= seconds(1)
    with pytest.raises(InvariantViolationError, match="before the last event"):
        desk.feed(events.HaltRequested("admin", ""))
    with pytest.raises(InvariantViolationError, match="came before DeskStarted"):
        DeskDriver(start=False).feed(events.HaltRequested("admin", ""))


def test_the_contract_must_be_listed_exactly_before_anything_is_asked_of_the_market():
    desk = DeskDriver()
    desk.say()
    kinds = [type(output) for output in desk.outputs]
    assert kinds.index(ResolveContract) < kinds.index(ReadQuote)
    assert desk.state.trades["T1"].entry.orders[0].status is OrderStatus.WORKING


def test_a_timer_whose_trade_is_gone_says_nothing():
    desk = DeskDriver()
    desk.state = evolve(desk.state, timers={"rung:T9:1": desk.now})
    assert desk.feed(events.TimerFired("rung:T9:1")) == ()


def test_answers_that_come_too_late_find_a_stale_alert():
    desk = DeskDriver()
    trade_id = desk.post()
    desk.now += seconds(61)
    desk.settle()
    assert desk.answer(trade_id).reason == "stale"
    assert not desk.broker.books
