"""The desk's time beside the machine's: a clock that was set back halts entries once, and says until when."""

import asyncio
from datetime import UTC, datetime, timedelta

from adapters.simulated.virtual import run_virtual
from adapters.system.clock import SystemClock
from composition.clock_watch import ClockWatch
from domain.desk import DeskState
from domain.desk.state import Halt, Phase
from domain.verdicts import HaltCause

WORKING = DeskState(phase=Phase.ACTIVE)
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class Told:
    """A desk that halts as it is asked to."""

    def __init__(self):
        self.state = WORKING
        self.asked = []

    async def request(self, event):
        self.asked.append(event)
        self.state = DeskState(phase=Phase.ACTIVE, halts=(Halt(event.cause, event.reason, event.by),))
        return ()


class Machine:
    """A machine whose wall clock can be set; time passes as the loop says."""

    def __init__(self, elapsed=lambda: 0.0):
        self.set_by = timedelta(0)
        self.elapsed = elapsed

    def clock(self):
        return SystemClock(wall=self.wall, elapsed=self.elapsed)

    def wall(self):
        return NOW + self.set_by + timedelta(seconds=self.elapsed())


def test_a_clock_that_is_right_or_nearly_so_asks_for_nothing():
    machine = Machine()
    watch = ClockWatch(machine.clock(), Told())
    assert watch.objection() is None
    machine.set_by = timedelta(seconds=-30)
    assert watch.objection() is None


def test_a_clock_that_was_set_back_asks_for_a_halt_that_says_how_far_and_until_when():
    machine = Machine()
    watch = ClockWatch(machine.clock(), Told())
    machine.set_by = timedelta(hours=-5)
    asked = watch.objection()
    assert asked.cause is HaltCause.CLOCK
    assert asked.reason == (
        "the desk is 5:00:00 ahead of this machine's clock, which was set back: until 2026-11-23 20:00 UTC alerts look "
        "old and the market's hours come too early"
    )


def test_a_halt_is_asked_for_once_and_again_where_somebody_resumed_too_early():
    async def story(loop):
        machine, desk = Machine(loop.time), Told()
        working = asyncio.create_task(ClockWatch(machine.clock(), desk).work())
        await asyncio.sleep(20)
        assert not desk.asked
        machine.set_by = timedelta(hours=-1)
        await asyncio.sleep(60)
        assert len(desk.asked) == 1
        desk.state = WORKING
        await asyncio.sleep(60)
        assert len(desk.asked) == 2
        desk.state = WORKING
        await asyncio.sleep(7200)
        assert len(desk.asked) == 3
        desk.state = WORKING
        await asyncio.sleep(60)
        assert len(desk.asked) == 3  # caught up
        working.cancel()

    run_virtual(story)


def test_a_desk_that_has_not_begun_is_not_asked_what_may_be_over_by_then():
    async def story(loop):
        machine, desk = Machine(loop.time), Told()
        desk.state = DeskState()
        machine_clock = machine.clock()
        machine_clock.hold_to(NOW + timedelta(minutes=1))
        working = asyncio.create_task(ClockWatch(machine_clock, desk).work())
        await asyncio.sleep(600)
        desk.state = WORKING
        await asyncio.sleep(600)
        assert not desk.asked
        working.cancel()

    run_virtual(story)
