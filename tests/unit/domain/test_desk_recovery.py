"""A restart at every stage: replay, read the broker, settle, go on; and asking the broker for its truth."""

from datetime import timedelta

import pytest

from domain import events
from domain.commands import CancelOrder, ReadAccount, ReadBroker, SubmitOrder
from domain.events import DeskReady, EntryFinished, OrderEnded
from domain.orders import OrderRole, OrderStatus, Signal
from domain.policies import EntryPolicy, OnExhausted
from domain.verdicts import AnswerStatus
from tests.support.builders import make_policies, seconds
from tests.support.desk_driver import DeskDriver, replayed
from tests.support.model_broker import Fate, ModelBroker


def until_sent(desk: DeskDriver, role: OrderRole = OrderRole.ENTRY) -> None:
    """Go on until an order of this role is decided and not yet carried out."""
    while not [command for command in desk.pending if _writes(command, role)]:
        desk.collect()
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))


def _writes(command, role) -> bool:
    return isinstance(command, SubmitOrder) and command.order.role is role


def test_a_start_reads_account_and_broker_and_then_opens():
    desk = DeskDriver(start=False)
    outputs = desk.start()
    assert [type(output) for output in outputs][:2] == [ReadAccount, ReadBroker]
    assert not desk.state.is_ready
    desk.settle()
    assert desk.last(DeskReady) == DeskReady(open_trades=0, working_orders=0)
    assert desk.state.is_idle
    assert "reconcile" in desk.state.timers
    desk.advance(10)
    assert len(desk.all(ReadBroker)) == 2, "the timer set at the start; flat, no other follows"
    desk.advance(3600)
    assert len(desk.all(ReadBroker)) == 2


def test_alerts_wait_while_the_desk_recovers_and_are_taken_if_fresh():
    desk = DeskDriver(start=False)
    desk.reads_fail = True
    desk.start()
    desk.settle()
    old = desk.say()
    desk.advance(65)
    fresh = desk.say("BTO UBER 80p 12/04 @ 0.75")
    assert not desk.state.is_ready
    assert not desk.state.is_idle
    assert not desk.all(SubmitOrder)
    desk.reads_fail = False
    desk.advance(61)
    assert desk.answer(old).reason == "stale"
    assert desk.answer(fresh).status is AnswerStatus.PLACED
    desk = DeskDriver(start=False)
    desk.start()
    trade_id = desk.say()
    assert desk.answer(trade_id).status is AnswerStatus.PLACED


def test_a_crash_before_the_order_left_abandons_the_entry_after_proof():
    desk = DeskDriver()
    trade_id = desk.post()
    until_sent(desk)
    desk.crash()
    desk.settle()
    assert desk.state.is_ready
    desk.advance(55)
    assert desk.state.trades[trade_id].entry.orders[0].status is OrderStatus.UNKNOWN
    desk.advance(300)
    assert desk.answer(trade_id).reason == "abandoned"
    assert not desk.broker.books
    assert desk.state.is_idle


def test_absence_takes_three_complete_reads_the_first_a_minute_after_the_doubt():
    desk = DeskDriver()
    desk.fates = [Fate.LOST]
    trade_id = desk.say()
    reads = []
    for _ in range(300):
        before = len(desk.all(ReadBroker))
        desk.advance(1)
        if len(desk.all(ReadBroker)) > before:
            reads.append((desk.now - desk.log[0].at).total_seconds())
        if trade_id not in desk.state.trades:
            break
    counted = [at for at in reads if at >= 60]
    assert counted == [60, 90, 120], "at the pace of the proof, and no slower"
    assert desk.last(OrderEnded).status is OrderStatus.ABSENT


def test_three_reads_within_seconds_prove_nothing():
    desk = DeskDriver()
    desk.fates = [Fate.LOST]
    trade_id = desk.say()
    desk.now += seconds(70)
    for _ in range(5):
        desk.feed(desk.broker.read(desk.now))
        desk.settle()
        desk.now += seconds(2)
    order = desk.state.trades[trade_id].entry.orders[0]
    assert (order.status, order.absent_reads >= 3) == (OrderStatus.UNKNOWN, True)
    desk.advance(51)
    assert desk.last(OrderEnded).status is OrderStatus.ABSENT


def test_an_entry_that_turns_up_after_its_proof_is_found_by_a_reading_though_its_report_is_lost():
    desk = DeskDriver()
    desk.fates = [Fate.LATE]
    desk.say()
    desk.advance(200)
    assert desk.last(OrderEnded).status is OrderStatus.ABSENT
    assert not desk.state.trades
    desk.broker.arrive_late()
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    desk.broker.reports.clear()
    desk.advance(61)
    assert desk.booked("T1-E1").status is Signal.REPORTED_CANCELLED
    assert sum(b.leaves for b in desk.broker.live if b.order.role is OrderRole.EXIT) == 2
    assert any("moves again" in page for page in desk.pages())


def test_a_flat_desk_reads_for_a_day_what_reached_the_broker_and_nothing_else():
    desk = DeskDriver()
    desk.say(dry_run=True)
    assert desk.state.archive
    desk.advance(200)
    desk.clear()
    desk.advance(3600)
    assert not desk.all(ReadBroker)
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    desk.advance(200)
    assert not desk.state.trades
    desk.clear()
    desk.advance(600)
    assert 8 <= len(desk.all(ReadBroker)) <= 10
    desk.now += seconds(86400)
    desk.advance(100)
    desk.clear()
    desk.advance(3600)
    assert not desk.all(ReadBroker)


def test_incomplete_reads_prove_nothing():
    desk = DeskDriver()
    desk.fates = [Fate.LOST]
    trade_id = desk.say()
    desk.reads_fail = True
    desk.advance(1000)
    assert desk.state.trades[trade_id].has_unknown
    assert not desk.state.is_idle


def test_another_entry_in_a_contract_with_an_open_outcome_is_denied():
    desk = DeskDriver()
    desk.fates = [Fate.LOST]
    desk.say()
    desk.advance(11)
    assert desk.answer(desk.say()).reason == "unresolved_order"


def test_a_crash_after_the_order_arrived_adopts_it():
    desk = DeskDriver()
    trade_id = desk.post()
    until_sent(desk)
    desk.perform(desk.pending.pop(0))
    desk.crash()
    desk.settle()
    assert desk.answer(trade_id).status is AnswerStatus.PLACED
    desk.advance(20)
    assert [b.order.client_order_id for b in desk.broker.books] == ["T1-E1", "T1-E2"]


@pytest.mark.parametrize(
    ("status", "answer"), [(Signal.REPORTED_FILLED, "placed"), (Signal.REPORTED_REJECTED, "denied")]
)
def test_an_order_that_ended_while_the_desk_was_away_is_answered_and_settled(status, answer):
    desk = DeskDriver()
    trade_id = desk.post()
    until_sent(desk)
    desk.perform(desk.pending.pop(0))
    booked = desk.booked("T1-E1")
    if status is Signal.REPORTED_FILLED:
        desk.broker.fill(booked, 10, desk.now)
    else:
        desk.broker.end(booked, status, "venue")
    desk.crash()
    desk.settle()
    assert desk.answer(trade_id).status == answer
    exits = [b for b in desk.broker.live if b.order.role is OrderRole.EXIT]
    assert sum(b.leaves for b in exits) == (5 if status is Signal.REPORTED_FILLED else 0)


def test_a_fill_that_was_missed_is_covered_before_anything_else_happens():
    desk = DeskDriver()
    desk.say()
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    desk.crash()
    desk.settle()
    assert sum(b.leaves for b in desk.broker.live if b.order.role is OrderRole.EXIT) == 2


def test_an_exit_in_doubt_is_neither_lost_nor_doubled():
    for carried_out in (False, True):
        desk = DeskDriver()
        desk.say()
        desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
        until_sent(desk, OrderRole.EXIT)
        if carried_out:
            desk.perform(desk.pending.pop(0))
        desk.crash()
        desk.advance(400)
        assert sum(b.leaves for b in desk.broker.live if b.order.role is OrderRole.EXIT) == 2


def test_a_close_in_doubt_goes_on():
    for stage in range(6):
        desk = DeskDriver()
        desk.say()
        desk.fill("T1-E1", 10)
        trade_id = desk.post("STC UBER 78p 12/04")
        for _ in range(stage):
            desk.collect()
            if desk.inbox:
                desk.feed(desk.inbox.pop(0))
            elif desk.pending:
                desk.perform(desk.pending.pop(0))
        desk.crash()
        desk.advance(400)
        live = [b for b in desk.broker.live if b.order.role is OrderRole.CLOSE]
        for booked in live:
            desk.fill(booked.order.client_order_id, booked.leaves)
        assert not desk.state.closings
        assert len(desk.answers(trade_id)) == 1
        assert all(quantity >= 0 for quantity in desk.broker.positions.values())


def test_a_cancel_that_got_lost_is_repeated():
    desk = DeskDriver()
    desk.say()
    desk.fates = [Fate.LOST]
    desk.feed(events.MessageDeleted("m1"))
    desk.settle()
    assert desk.broker.live
    desk.advance(5)
    assert not desk.broker.live
    assert len(desk.all(CancelOrder)) == 2


def test_a_cancel_is_repeated_only_for_what_was_being_cancelled_before_the_read():
    desk = DeskDriver(broker=ModelBroker(slow=True))
    desk.say()
    desk.feed(events.MessageDeleted("m1"))
    desk.broker.settle(desk.booked("T1-E1"))
    desk.broker.reports.clear()
    desk.advance(16)
    assert len(desk.all(CancelOrder)) >= 1
    first = [command.order.client_order_id for command in desk.all(CancelOrder)]
    assert set(first) == {"T1-E1"}


def test_a_candidate_is_asked_about_again_while_it_is_fresh():
    desk = DeskDriver()
    fresh = desk.post()
    desk.crash()
    desk.settle()
    assert desk.answer(fresh).status is AnswerStatus.PLACED
    desk = DeskDriver()
    old = desk.post()
    desk.now += seconds(61)
    desk.crash()
    desk.settle()
    assert desk.answer(old).reason == "stale"
    assert not desk.broker.books


def test_a_candidate_whose_contract_is_known_asks_only_for_the_market():
    desk = DeskDriver()
    trade_id = desk.post()
    desk.perform(desk.pending.pop(0))
    desk.feed(desk.inbox.pop(0))
    assert desk.state.candidates[trade_id].contract is not None
    desk.crash()
    desk.settle()
    assert desk.answer(trade_id).status is AnswerStatus.PLACED


def test_a_dry_run_that_was_interrupted_is_checked_again():
    desk = DeskDriver()
    trade_id = desk.post(dry_run=True)
    while not desk.state.trades:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.crash()
    desk.settle()
    assert desk.answer(trade_id).status is AnswerStatus.DRY_RUN
    assert not desk.state.trades
    desk = DeskDriver()
    trade_id = desk.post(dry_run=True)
    while not desk.state.trades:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.now += seconds(100)
    desk.crash()
    desk.settle()
    assert desk.answer(trade_id).reason == "not_sent"


def test_an_entry_within_its_window_goes_on_and_one_past_it_is_withdrawn():
    desk = DeskDriver()
    desk.say()
    desk.now += seconds(30)
    desk.crash()
    desk.advance(1)
    assert len([b for b in desk.broker.books if b.order.role is OrderRole.ENTRY]) == 2
    desk = DeskDriver()
    desk.say()
    desk.now += seconds(3000)
    desk.crash()
    desk.settle()
    assert not desk.broker.live
    assert desk.last(EntryFinished).reason == "the window ended while the desk was away"


def test_an_entry_that_may_rest_still_rests_but_places_nothing_new():
    desk = DeskDriver(make_policies(entry=EntryPolicy(on_exhausted=OnExhausted.REST)))
    desk.say()
    desk.now += seconds(3000)
    desk.crash()
    desk.settle()
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-E1"]
    desk = DeskDriver(make_policies(entry=EntryPolicy(on_exhausted=OnExhausted.REST)), broker=ModelBroker(slow=True))
    desk.say()
    desk.broker.settle(desk.booked("T1-E1"))
    desk.fill("T1-E1", 3)
    desk.advance(21)
    assert desk.booked("T1-E1").cancel_asked
    desk.now += seconds(3000)
    desk.broker.settle(desk.booked("T1-E1"))
    desk.crash()
    desk.settle()
    assert not [b for b in desk.broker.live if b.order.role is OrderRole.ENTRY]


def test_nothing_is_sent_while_the_desk_recovers():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 2)
    desk.reads_fail = True
    desk.crash()
    desk.settle()
    before = len(desk.broker.books)
    desk.broker.fill(desk.booked("T1-E1"), 4, desk.now)
    desk.settle()
    desk.advance(30)
    desk.feed(events.CloseRequested("admin", "T2", "UBER"))
    desk.settle()
    assert len(desk.broker.books) == before
    desk.reads_fail = False
    desk.advance(61)
    assert [b.order.role for b in desk.broker.live] == [OrderRole.CLOSE]


def test_a_read_that_hangs_is_asked_again_after_a_while():
    desk = DeskDriver()
    desk.say()
    desk.pending.clear()
    for _ in range(40):
        desk.now += seconds(5)
        for name in [name for name, at in desk.state.timers.items() if at <= desk.now]:
            desk.feed(events.TimerFired(name))
        desk.pending.clear()
    reads = len(desk.all(ReadBroker))
    assert 3 <= reads <= 6


def test_the_policies_of_the_new_run_hold():
    desk = DeskDriver()
    desk.crash(make_policies(allowed_users=frozenset()))
    desk.settle()
    assert desk.answer(desk.say()).reason == "not_allowed"


def test_what_is_long_over_is_forgotten():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 2)
    desk.say("STC UBER 78p 12/04")
    desk.fill("T2-C1", 2)
    assert desk.state.archive
    assert desk.state.finished
    desk.now += seconds(86400 * 31)
    desk.crash()
    desk.settle()
    assert not desk.state.archive
    assert not desk.state.finished
    assert not desk.state.entries
    assert desk.answer(desk.say("BTO UBER 78p 1/15 @ 0.75", message_id="m1")).status is AnswerStatus.DUPLICATE


def test_a_replay_of_the_log_gives_the_same_state_and_outputs():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 3)
    desk.advance(50)
    desk.say("STC 1/2 UBER 78p 12/04")
    desk.crash()
    desk.advance(100)
    state, said = replayed(desk.log)
    assert state == desk.state
    assert said == desk.outputs


def test_an_order_still_being_sent_is_never_called_absent_or_missing():
    desk = DeskDriver()
    desk.post()
    until_sent(desk)
    submit = desk.pending.pop(0)
    desk.advance(600)
    assert not desk.pages()
    desk.perform(submit)
    desk.settle()
    assert len(desk.answers("T1")) == 1


def test_a_dry_run_that_waited_to_be_checked_again_is_checked_after_a_restart():
    desk = DeskDriver()
    desk.fates = [Fate.LOST]
    trade_id = desk.say(dry_run=True)
    desk.crash()
    desk.advance(3)
    assert desk.answer(trade_id).status is AnswerStatus.DRY_RUN


def test_after_days_away_the_broker_is_read_back_to_the_last_reading():
    desk = DeskDriver()
    desk.say()
    desk.advance(100)
    last = desk.state.reconciliation.read_at
    desk.now += timedelta(days=3)
    desk.crash()
    assert last is not None
    assert desk.last(ReadBroker).since == last - timedelta(days=1)
    desk.settle()
    desk.advance(100)
    assert desk.last(ReadBroker).since > last + timedelta(days=1)
