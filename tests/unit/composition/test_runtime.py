"""The loop's promises: written before done, nothing after a failed write, one crash is one crash."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.simulated.virtual import VirtualClock, run_virtual
from adapters.system.ids import CountedTradeIds
from composition.order_check import OrderCheck
from composition.runtime import Runtime
from domain.account import Balances
from domain.commands import WORLD, ReadAccount, ReadBroker
from domain.desk import InvariantViolationError
from domain.events import AccountRead, BrokerRead, Delivered, HaltRequested, TradingHalted
from domain.messages import Message, Source
from domain.policies import Mode, Policies
from ports.audit_log import RowClass
from ports.errors import AuditUnavailableError
from tests.fakes.memory_audit_log import MemoryAuditLog

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
POLICIES = Policies(allowed_users=frozenset({1}), allowed_channels=frozenset({1}))


class AnsweringDispatcher:
    """Answers the desk's own questions and notes, for each command that touches the world, how much was durable."""

    def __init__(self, log):
        self.log = log
        self.check = OrderCheck()
        self.performed = []
        self.undurable = []

    async def perform(self, command):
        self.performed.append(command)
        if type(command) in WORLD and command not in [entry.body for entry in self.log.durable]:
            self.undurable.append(command)
        match command:
            case ReadBroker():
                return (BrokerRead(START, (), (), complete=True),)
            case ReadAccount(trade_id=trade_id):
                return (AccountRead(trade_id, Balances(Decimal(50_000), Decimal(50_000))),)
            case _ if hasattr(command, "delivery_id"):
                return (Delivered(command.delivery_id),)
            case _:
                return ()


def message(text, message_id="m1"):
    return Message(message_id=message_id, channel_id=1, user_id=1, posted_at=START, text=text, source=Source.LOCAL)


def run_desk(act, log=None, observers=(), first=()):
    """Run a desk in virtual time, do `act` with it, and return what came of it with the log and the dispatcher."""
    log = MemoryAuditLog(Mode.PAPER) if log is None else log
    dispatcher = AnsweringDispatcher(log)

    async def main(loop):
        runtime = Runtime(
            audit=log,
            clock=VirtualClock(START, loop),
            trade_ids=CountedTradeIds(),
            dispatcher=dispatcher,
            observers=observers,
        )
        running = asyncio.create_task(runtime.run(POLICIES, "test", first))
        try:
            return await act(runtime, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return run_virtual(main), log, dispatcher


async def until_ready(runtime):
    await asyncio.sleep(1)
    assert runtime.state.is_ready


def test_nothing_touches_the_world_before_its_row_is_durable():
    async def act(runtime, _running):
        await until_ready(runtime)
        await runtime.request(HaltRequested("operator", "lunch"))
        await asyncio.sleep(1)

    _, _, dispatcher = run_desk(act)
    assert any(type(command) in WORLD for command in dispatcher.performed)
    assert dispatcher.undurable == []


def test_what_comes_first_is_durable_before_what_was_already_waiting():
    async def act(runtime, _running):
        waiting = asyncio.create_task(runtime.request(HaltRequested("operator", "lunch")))
        await asyncio.wait_for(waiting, 5)

    _, log, _ = run_desk(act, first=(HaltRequested("doctor", "the disk is full"),))
    events = [entry.body.event for entry in log.durable if entry.row_class is RowClass.INPUT][:3]
    assert [getattr(event, "by", type(event).__name__) for event in events] == ["DeskStarted", "doctor", "operator"]


def test_rows_that_nothing_waits_for_become_durable_by_themselves():
    async def act(runtime, _running):
        await until_ready(runtime)
        await asyncio.sleep(1)

    _, log, _ = run_desk(act)
    assert len(log.durable) == len(log.rows(limit=1000))


def test_when_the_log_is_full_the_desk_ends_and_sends_nothing():
    log = MemoryAuditLog(Mode.PAPER, room=6)

    async def act(runtime, running):
        await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await runtime.request(HaltRequested("operator", "lunch"))
        await asyncio.gather(running, return_exceptions=True)
        return running.exception()

    failure, log, dispatcher = run_desk(act, log)
    assert failure.subgroup(AuditUnavailableError) is not None
    assert not any(type(command) in WORLD for command in dispatcher.performed)


def test_an_operators_request_answers_with_what_followed():
    async def act(runtime, _running):
        await until_ready(runtime)
        return await runtime.request(HaltRequested("operator", "lunch"))

    outputs, _, _ = run_desk(act)
    assert [type(output) for output in outputs][:1] == [TradingHalted]


def test_a_request_whose_caller_has_gone_does_no_harm():
    async def act(runtime, running):
        await until_ready(runtime)
        asking = asyncio.create_task(runtime.request(HaltRequested("operator", "lunch")))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.sleep(1)
        return running.done(), runtime.state.halts

    (ended, halts), _, _ = run_desk(act)
    assert not ended
    assert len(halts) == 1


def test_whoever_waits_for_a_desk_that_ends_is_told():
    async def act(runtime, running):
        await until_ready(runtime)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        asking = asyncio.create_task(runtime.process(message("hello")))
        await asyncio.sleep(0)
        asking.cancel()
        return await asyncio.gather(asking, return_exceptions=True)

    (answer,), _, _ = run_desk(act)
    assert isinstance(answer, asyncio.CancelledError)


def test_an_input_that_the_core_cannot_take_is_not_left_in_the_log():
    async def act(runtime, running):
        await until_ready(runtime)
        await asyncio.sleep(1)
        # Nothing the adapters send can do this; a state from another time stands for a bug of ours.
        runtime._state = runtime._state.__class__()
        with pytest.raises(asyncio.CancelledError):
            await runtime.request(HaltRequested("operator", "lunch"))
        await asyncio.gather(running, return_exceptions=True)
        return running.exception()

    failure, log, _ = run_desk(act)
    assert failure.subgroup(InvariantViolationError) is not None
    assert all(row.kind != "HaltRequested" for row in log.rows(limit=1000))


def test_a_message_is_answered_once_and_recorded_before_its_decision():
    async def act(runtime, _running):
        await until_ready(runtime)
        return await runtime.process(message("hello everyone"))

    reply, log, _ = run_desk(act)
    rows = [row for row in reversed(log.rows(limit=1000)) if row.trade_id == reply.trade_id]
    assert reply.status == "ignored"
    assert [row.kind for row in rows][:2] == ["AlertReceived", "AlertIgnored"]
    assert rows[0].row_class is RowClass.INPUT


def test_a_replay_of_the_log_is_the_desks_state():
    async def act(runtime, _running):
        await until_ready(runtime)
        await runtime.process(message("hello everyone"))
        await runtime.request(HaltRequested("operator", "lunch"))
        await asyncio.sleep(1)
        return runtime.state

    state, log, dispatcher = run_desk(act)

    async def replay(loop):
        again = Runtime(audit=log, clock=VirtualClock(START, loop), trade_ids=CountedTradeIds(), dispatcher=dispatcher)
        again.recover()
        return again.state

    assert run_virtual(replay) == state
