"""Names for new trades."""

from abc import abstractmethod
from typing import Protocol


class TradeIds(Protocol):
    @abstractmethod
    def next(self) -> str:
        """Return a trade id that no run on any log has given out: at most 16 characters of [A-Z0-9]."""
