"""Time, which only the shell has."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    @abstractmethod
    def now(self) -> datetime:
        """Return the instant, aware UTC. It never goes back while the process lives."""

    @abstractmethod
    async def sleep_until(self, due_at: datetime) -> None:
        """Return at `due_at` or as soon after it as possible, at once where it has passed."""
