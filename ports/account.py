"""The broker's truth of the account: money, positions, orders."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.account import Balances, Position
from domain.orders import OrderReport


class Account(Protocol):
    """All reads, safe to retry. Each raises PortUnavailableError when it could not ask: an empty answer means none."""

    @abstractmethod
    async def balances(self) -> Balances:
        """Return what the account can spend and is worth now, in dollars."""

    @abstractmethod
    async def positions(self) -> tuple[Position, ...]:
        """Return every open position, one entry a symbol, in no order."""

    @abstractmethod
    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        """Return every order that is live or was created or changed since `since`, complete, in no order."""
