"""The machine's clock."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from ports.clock import Clock


class SystemClock(Clock):
    """Wall time at the start, monotonic from there: a step of the machine's clock never moves it back."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._zero = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._zero)

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := (due_at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - a timer may fire a rounding error early
            await asyncio.sleep(left)
