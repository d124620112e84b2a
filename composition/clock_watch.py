"""The desk's time beside the machine's: where the desk is well ahead, entries halt and a person is paged.

Time in the log never goes back. After a clock that was ahead by mistake, the desk's own slows down until the machine's
has caught up: its timers and exits go on, but alerts look old to it, and the market's hours come too early.
"""

import asyncio
from datetime import timedelta

from adapters.system.clock import SLOW, SystemClock
from domain.desk.state import Phase
from domain.events import HaltRequested
from domain.verdicts import HaltCause
from ports.control import Control

AHEAD_MAX = timedelta(seconds=30)  # half of what makes an alert old by default; less is over within a minute
LOOK_SECONDS = 5.0
ACTOR = "the clock's watch"


class ClockWatch:
    """`objection` says what is wrong now; `work` looks again and again, until cancelled."""

    def __init__(self, clock: SystemClock, control: Control) -> None:
        self._clock, self._control = clock, control

    def objection(self) -> HaltRequested | None:
        """Return the halt that the clock asks for, None where it is right or that halt stands already."""
        ahead = self._clock.ahead()
        if ahead <= AHEAD_MAX or any(halt.cause is HaltCause.CLOCK for halt in self._control.state.halts):
            return None
        right_at = self._clock.now() - ahead + ahead / (1 - SLOW)
        reason = (
            f"the desk is {timedelta(seconds=round(ahead.total_seconds()))} ahead of this machine's clock, which was "
            f"set back: until {right_at:%Y-%m-%d %H:%M} UTC alerts look old and the market's hours come too early"
        )
        return HaltRequested(ACTOR, reason, HaltCause.CLOCK)

    async def work(self) -> None:
        """Halt entries when the machine's clock is set back."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            asked = self.objection()
            if asked is not None and self._control.state.phase is not Phase.STOPPED:  # a start asks for itself
                await self._control.request(asked)
