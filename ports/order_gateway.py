"""Orders out. Each call sends at most one request that can change the account, and never repeats it by itself."""

from abc import abstractmethod
from typing import Protocol

from domain.events import (
    CancelAccepted,
    CancelRefused,
    OrderAccepted,
    OrderNotSent,
    OrderRejected,
    OrderValidated,
    OutcomeUnknown,
)
from domain.orders import Order

SubmitResult = OrderAccepted | OrderRejected | OrderNotSent | OrderValidated | OutcomeUnknown
CancelResult = CancelAccepted | CancelRefused | OutcomeUnknown | OrderNotSent


class OrderGateway(Protocol):
    """The broker's order entry. Results are values: these calls raise nothing for what a broker can answer."""

    @abstractmethod
    async def ensure_authorized(self) -> None:
        """Make sure that the next write carries valid credentials. Safe to retry.

        Raises PortUnauthorizedError when a person must act, PortUnavailableError when it could not be asked.
        """

    @abstractmethod
    async def submit(self, order: Order) -> SubmitResult:
        """Place `order` under its client order id, as one request. Not idempotent: never call it twice for one order.

        `OrderValidated` is the answer of a gateway that only checks. Whatever is not proven is `OutcomeUnknown`.
        """

    @abstractmethod
    async def validate(self, order: Order) -> SubmitResult:
        """Have `order` checked and not placed. Safe to retry. Never answers `OrderAccepted`."""

    @abstractmethod
    async def replace(self, order: Order, replaced: Order) -> SubmitResult:
        """Ask for `replaced` to be cancelled and `order` to stand in its place, at another price and nothing else.

        A fill of `replaced` aborts it. The results are about `order`. Not idempotent.
        """

    @abstractmethod
    async def cancel(self, order: Order) -> CancelResult:
        """Ask for `order` to be cancelled. Idempotent. `CancelAccepted` is not yet the end: its report says so."""
