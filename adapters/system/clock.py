"""The machine's clock."""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ports.clock import Clock

# The wall clock is followed where it leads by more than this: below it is a reading's own spread.
LEAD_MAX = timedelta(seconds=1)
# Seconds that a sleep goes without a look at the time: what became due in a suspend fires this long after it at most.
SLICE = 1.0
_LOG = logging.getLogger(__name__)


def _wall() -> datetime:
    return datetime.now(UTC)


class SystemClock(Clock):
    """Wall time at the start, monotonic from there, and forward to the wall clock where that leads; never back.

    Monotonic time stands still while the machine sleeps, the wall clock does not.
    """

    def __init__(self, *, wall: Callable[[], datetime] = _wall, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Start the clock now. `wall` tells the machine's time, aware UTC; `elapsed` counts seconds as asyncio does."""
        self._wall = wall
        self._elapsed = elapsed
        self._start = wall()
        self._zero = elapsed()

    def now(self) -> datetime:
        wall = self._wall()  # read first: a standstill between the two readings never looks like a lead
        now = self._start + timedelta(seconds=self._elapsed() - self._zero)
        lead = wall - now
        if lead <= LEAD_MAX:
            return now
        self._start += lead
        _LOG.warning(
            "the machine's clock went ahead by %.1f s, by a suspend or a new setting: followed", lead.total_seconds()
        )
        return wall

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := (due_at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the machine may sleep meanwhile
            await asyncio.sleep(min(left, SLICE))
