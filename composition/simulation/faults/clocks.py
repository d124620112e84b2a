"""The process's own clock: off from the world's by a little, and now and then standing still, as after a suspend.

Its timers reach the process through its door, as everything does.
"""

from datetime import datetime, timedelta

from composition.simulation.faults.stalling import Door
from ports.clock import Clock

STANDSTILL = timedelta(milliseconds=100)


class FaultyClock(Clock):
    """Behind `inner` by what it has stood still so far. It never goes back."""

    def __init__(self, inner: Clock, door: Door) -> None:
        self._inner = inner
        self._door = door
        self._behind = timedelta(0)
        self._held: datetime | None = None

    def now(self) -> datetime:
        return self._inner.now() - self._behind if self._held is None else self._held

    async def sleep_until(self, due_at: datetime) -> None:
        while (left := due_at - self.now()) > timedelta(0):
            await self._inner.sleep_until(self._inner.now() + max(left, STANDSTILL if self._held else left))
        await self._door.passed()

    def hold(self) -> None:
        """Stand still until `go_on`."""
        if self._held is None:
            self._held = self.now()

    def go_on(self) -> None:
        if self._held is not None:
            self._behind = self._inner.now() - self._held
            self._held = None
