"""A market clock that runs at a chosen pace: the time of the paper desk and of every simulation.

It only tells the time and waits for it. It knows nothing of sessions and never steps back.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ports.clock import Clock


class ScaledClock(Clock):
    """`speed` market seconds pass in one real second, from `start` on. Speed 1 is the pace of a wall clock."""

    def __init__(self, speed: float, start: datetime, elapsed: Callable[[], float] = time.monotonic) -> None:
        """Start the clock now. `elapsed` counts real seconds: the default is what asyncio's own loops wait by."""
        if not 0 < speed < float("inf"):
            raise ValueError(f"clock speed must be above zero, got {speed}; 1 is real time, 10 is ten times as fast")
        if start.tzinfo is None:
            raise ValueError(f"clock start {start} has no time zone; give an aware instant such as {start}+00:00")
        self._speed = speed
        self._start = start.astimezone(UTC)
        self._elapsed = elapsed
        self._zero = self._read = elapsed()
        self._now = self._start

    def now(self) -> datetime:
        read = self._elapsed()
        if read != self._read:  # virtual time stands still most of the time
            self._read = read
            self._now = self._start + timedelta(seconds=(read - self._zero) * self._speed)
        return self._now

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := (due_at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - a timer may fire a rounding error early
            await asyncio.sleep(left / self._speed)
