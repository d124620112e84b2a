"""Quotes, on request."""

from abc import abstractmethod
from typing import Protocol

from domain.instruments import Contract
from domain.quotes import Quote


class MarketData(Protocol):
    @abstractmethod
    async def quote(self, contract: Contract) -> Quote | None:
        """Return the best bid and ask, stamped with their last event, or None where the contract has no quote at all.

        A stale or one-sided quote is returned as it is: the core judges it. Raises PortUnavailableError.
        """
