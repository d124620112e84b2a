"""The machine's clock."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ports.clock import Clock

# Between the machine's clock and this one, less is a reading's own spread.
SPREAD = timedelta(seconds=1)
# A reading that took longer says nothing: the process stood still in it.
READING_SECONDS = 0.1
# How fast this clock runs while it is ahead.
SLOW = 0.5
# Seconds that a sleep goes without a look at the time: what became due in a suspend fires this long after it at most.
SLICE = 1.0
_LOG = logging.getLogger(__name__)


def _wall() -> datetime:
    return datetime.now(UTC)


class WallClock(Clock):
    """The machine's clock as it is set, back and forth: for the age of what others date, and for comparing clocks."""

    def __init__(self, wall: Callable[[], datetime] = _wall) -> None:
        self._wall = wall

    def now(self) -> datetime:
        return self._wall()

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := (due_at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the clock may be set meanwhile
            await asyncio.sleep(min(left, SLICE))


class SystemClock(Clock):
    """Wall time at the start, monotonic from there, forward to the wall clock where that leads; never back.

    Monotonic time stands still while the machine sleeps, the wall clock does not. Where the wall clock was ahead by
    mistake and is set back, this one runs at half its pace until it is caught up with: what was written in that time
    must not come after what happens now, and timers have to go on.
    """

    def __init__(self, *, wall: Callable[[], datetime] = _wall, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Start the clock now. `wall` tells the machine's time, aware UTC; `elapsed` counts seconds as asyncio does."""
        self._wall = wall
        self._elapsed = elapsed
        self._anchor(wall(), elapsed(), 1)
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        read = self._elapsed()
        wall = self._wall()
        told = self._start + timedelta(seconds=(read - self._zero) * self._pace)
        if self._elapsed() - read > READING_SECONDS:
            return told
        ahead = told - wall
        self._ahead = ahead if ahead > SPREAD else timedelta(0)
        if -ahead > SPREAD or (self._pace < 1 and ahead <= timedelta(0)):
            self._tell_followed(-ahead)
            self._anchor(wall, read, 1)
            return wall
        if self._ahead and self._pace == 1:
            behind = "the machine's clock is %.1f s behind, by a new setting: the desk's slows down until it is not"
            _LOG.warning(behind, ahead.total_seconds())
            self._anchor(told, read, SLOW)
        return told

    def hold_to(self, instant: datetime) -> None:
        """Go on from `instant` where that is later than now: a log's last row must not come after what happens next."""
        if instant > self.now():
            self._anchor(instant, self._elapsed(), 1)

    def ahead(self) -> timedelta:
        """Return how far this clock leads the machine's own; a reading's spread is zero."""
        self.now()
        return self._ahead

    def machine(self) -> "WallClock":
        """Return the machine's own clock, whatever this one has to hold to."""
        return WallClock(self._wall)

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := (due_at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the machine may sleep meanwhile
            await asyncio.sleep(min(left, SLICE))

    def _tell_followed(self, lead: timedelta) -> None:
        if self._pace < 1:
            _LOG.info("the machine's clock has caught up with the desk's")
            return
        followed = "the machine's clock went ahead by %.1f s, by a suspend or a new setting: followed"
        _LOG.warning(followed, lead.total_seconds())

    def _anchor(self, start: datetime, zero: float, pace: float) -> None:
        """Tell `start` when `elapsed` tells `zero`, and go on at `pace` seconds a second."""
        self._start, self._zero, self._pace = start, zero, pace
