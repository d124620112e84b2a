"""The broker's own news of orders, as it happens."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol

from domain.orders import OrderReport


class OrderEvents(Protocol):
    @abstractmethod
    def reports(self) -> AsyncIterator[OrderReport]:
        """Yield a whole report whenever an order of the account changes, until the adapter is closed.

        Reports may repeat, overtake each other or get lost: `Account.orders` is what settles. Includes orders that are
        not ours. Raises PortProtocolError when the peer's stream makes no sense; losing the connection is not an error,
        the adapter reconnects by itself.
        """
