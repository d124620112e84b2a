"""The end of an entry's window: by the clock and not by a timer, and no new order after it."""

import pytest

from domain import events
from domain.commands import CancelOrder, ReadQuote, ReplaceOrder, SubmitOrder
from domain.events import EntryFinished, LadderMoved, RequestRefused
from domain.orders import OrderRole, OrderStatus, Signal
from domain.policies import EntryPolicy, OnExhausted
from domain.verdicts import DenialCode
from tests.support.builders import dec, make_policies, seconds
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Fate, ModelBroker


def resting(**parts) -> DeskDriver:
    return DeskDriver(make_policies(entry=EntryPolicy(on_exhausted=OnExhausted.REST)), **parts)


def entries(desk: DeskDriver) -> list[str]:
    return [booked.order.client_order_id for booked in desk.broker.books if booked.order.role is OrderRole.ENTRY]


def fire_all_due(desk: DeskDriver) -> None:
    """Let every timer fire that the clock has passed, before anything is answered."""
    for name in sorted(name for name, due in desk.state.timers.items() if due <= desk.now):
        desk.feed(events.TimerFired(name))


# ---- resting -------------------------------------------------------------------------------------------------------


def test_a_replacement_proven_absent_after_the_window_lets_the_partly_filled_order_rest():
    desk = resting()
    desk.say()
    desk.advance(59)
    desk.fates = [Fate.LOST]
    desk.advance(10)  # the last step goes astray
    astray = desk.last(ReplaceOrder)
    desk.fill(astray.replaced.client_order_id, 3)
    desk.advance(300)
    run = desk.state.trades["T1"].entry
    assert run.order(astray.order.client_order_id).status is OrderStatus.ABSENT
    assert [b.order.client_order_id for b in desk.broker.live if b.order.role is OrderRole.ENTRY] == [
        astray.replaced.client_order_id
    ]
    assert not [c for c in desk.all(CancelOrder) if c.order.role is OrderRole.ENTRY]


def test_what_is_being_moved_when_the_window_ends_is_not_placed_again():
    desk = resting(broker=ModelBroker(slow=True))
    desk.say()
    desk.broker.settle(desk.booked("T1-E1"))
    desk.fill("T1-E1", 3)
    desk.advance(21)
    assert desk.booked("T1-E1").cancel_asked
    desk.advance(80)
    desk.broker.settle(desk.booked("T1-E1"))
    desk.settle()
    assert entries(desk) == ["T1-E1"]
    assert desk.last(EntryFinished).reason == "the window ended"
    assert desk.last(EntryFinished).filled == 3


def test_what_fills_while_it_rests_ends_as_filled():
    desk = resting()
    desk.say()
    desk.advance(600)
    desk.fill(entries(desk)[-1], 10)
    assert desk.last(EntryFinished).reason == "filled"


def test_a_person_may_replace_what_rests_unless_a_part_has_filled():
    desk = resting()
    desk.say()
    desk.advance(600)
    last = entries(desk)[-1]
    desk.feed(events.ReplaceRequested("admin", last, dec("0.74")))
    desk.settle()
    (booked,) = desk.broker.live
    assert booked.order.limit_price == dec("0.74")
    desk.fill(booked.order.client_order_id, 4)
    desk.feed(events.ReplaceRequested("admin", booked.order.client_order_id, dec("0.73")))
    refused = desk.last(RequestRefused)
    assert refused.code is DenialCode.NOT_WORKING
    assert "partly filled and its window is over" in refused.detail


def test_a_quote_that_comes_after_the_window_moves_nothing():
    desk = resting()
    desk.say()
    desk.now += seconds(21)
    fire_all_due(desk)
    (asked,) = [command for command in desk.pending if isinstance(command, ReadQuote)]
    desk.pending.clear()
    desk.now += seconds(80)
    desk.perform(asked)
    desk.settle()
    assert desk.state.trades["T1"].entry.resting
    assert not desk.all(LadderMoved)
    assert entries(desk) == ["T1-E1"]


# ---- a clock that stood still --------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["report", "timers", "reading"])
@pytest.mark.parametrize("policy", list(OnExhausted))
def test_whatever_comes_first_after_a_stall_nothing_new_is_placed_past_the_window(first, policy):
    entry = EntryPolicy(on_exhausted=policy)
    desk = DeskDriver(make_policies(entry=entry), broker=ModelBroker(slow=True))
    desk.say()
    booked = desk.booked("T1-E1")
    desk.broker.settle(booked)
    desk.fill("T1-E1", 3)
    desk.advance(21)  # the step cancels what is partly filled, to place its leaves
    desk.now += seconds(300)  # the process slept
    desk.broker.settle(booked)
    if first == "timers":
        fire_all_due(desk)
    elif first == "reading":
        desk.feed(desk.broker.read(desk.now))
    desk.settle()
    fire_all_due(desk)
    desk.settle()
    desk.advance(60)
    assert entries(desk) == ["T1-E1"]
    assert desk.last(EntryFinished).reason == "the window ended"


def test_an_entry_that_slept_past_its_window_is_withdrawn_without_a_step():
    desk = DeskDriver()
    desk.say()
    desk.now += seconds(300)
    fire_all_due(desk)
    desk.settle()
    assert not desk.broker.live
    assert not desk.all(LadderMoved)
    assert not desk.all(ReplaceOrder)
    assert desk.last(EntryFinished).reason == "the window ended"


def test_rungs_that_a_stall_passed_over_are_one_step_and_each_is_done_once():
    desk = DeskDriver()
    desk.say()
    desk.now += seconds(70)  # all three are due
    fire_all_due(desk)
    desk.settle()
    desk.advance(19)
    assert [moved.rung for moved in desk.all(LadderMoved)] == [1]
    assert len(desk.all(ReplaceOrder)) == 1
    assert len(desk.all(SubmitOrder)) == 1


# ---- withdrawn while a replacement's outcome is open ---------------------------------------------------------------


def in_doubt(fate: Fate) -> DeskDriver:
    """A working entry whose first step has no answer."""
    desk = DeskDriver()
    desk.say()
    desk.fates = [fate]
    desk.advance(20)
    assert desk.state.trades["T1"].entry.orders[1].status is OrderStatus.UNKNOWN
    return desk


def test_a_halt_cancels_the_order_that_is_known_to_live_while_its_replacement_is_in_doubt():
    desk = in_doubt(Fate.LOST)
    desk.feed(events.HaltRequested("admin", "test"))
    desk.settle()
    assert not desk.broker.live
    assert "T1" in desk.state.trades, "the replacement's outcome is still open"
    desk.advance(200)
    assert not desk.state.trades
    assert desk.last(EntryFinished).filled == 0


def test_the_windows_end_does_so_too_and_a_cancel_that_got_lost_is_repeated():
    desk = DeskDriver()
    desk.say()
    desk.advance(60)
    desk.fates = [Fate.LOST, Fate.LOST]
    desk.advance(30)
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-E3"]
    desk.advance(40)
    assert not desk.broker.live
    assert len(desk.all(CancelOrder)) > 1


def test_a_replacement_that_arrives_after_the_cancel_was_sent_is_cancelled():
    desk = in_doubt(Fate.LATE)
    desk.fates = [Fate.LOST]  # the cancel of the replaced one
    desk.feed(events.HaltRequested("admin", "test"))
    desk.settle()
    desk.broker.arrive_late()
    desk.advance(30)
    assert not desk.broker.live
    assert [b.status for b in desk.broker.books] == [Signal.REPORTED_CANCELLED] * 2
    assert not desk.state.trades


def test_a_replacement_that_had_arrived_is_cancelled_once_it_is_found():
    desk = DeskDriver()
    desk.say()
    desk.fates = [Fate.ANSWER_LOST]
    desk.now += seconds(20)
    for name in [name for name in desk.state.timers if name == "rung:T1:1"]:
        desk.feed(events.TimerFired(name))
    while not desk.all(ReplaceOrder):
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    desk.perform(desk.pending.pop(0))
    unknown = [event for event in desk.inbox if isinstance(event, events.OutcomeUnknown)]
    desk.inbox.clear()  # the reports get lost
    desk.feed(unknown[0])
    desk.feed(events.HaltRequested("admin", "test"))
    desk.advance(30)
    assert not desk.broker.live
    assert not desk.state.trades


def test_a_late_refusal_of_the_replacement_leaves_the_cancel_at_work():
    desk = in_doubt(Fate.LOST)
    desk.fates = [Fate.LOST]
    desk.feed(events.HaltRequested("admin", "test"))
    desk.settle()
    desk.feed(events.OrderRejected("T1-E2", "too late"))
    order = desk.state.trades["T1"].entry.order("T1-E1")
    assert order.status is OrderStatus.CANCELLING
    desk.advance(30)
    assert not desk.broker.live
    assert not desk.state.trades


def test_fills_during_that_cancel_count_and_are_covered():
    desk = in_doubt(Fate.LOST)
    desk.fates = [Fate.LOST]
    desk.feed(events.HaltRequested("admin", "test"))
    desk.settle()
    desk.fill("T1-E1", 4)
    desk.advance(200)
    assert desk.last(EntryFinished).filled == 4
    assert sum(b.leaves for b in desk.broker.live) == 2
    assert desk.state.trades["T1"].held == 4
