"""A close in progress: an analyst's STC or an operator's, on what this system holds in one contract.

First the way is cleared (entries withdrawn, exits cancelled and read to their end), then the quantity is decided from
what is held, then a mirrored ladder sells it, at last at the bid. Never more is sold than is held.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from domain.alerts import Alert
from domain.execution import Execution
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Order, OrderStatus
from domain.value import Value

WHOLE = Fraction(1)
PERCENT = Fraction(1, 100)


@frozen
class Portion(Value):
    """How much of a position to sell: a count, or a share of what is held (rounded down; the whole share is all)."""

    quantity: int | None
    share: Fraction

    def of(self, held: int) -> int:
        """Return the contracts to sell of `held`: never more than `held`, never below zero."""
        if self.quantity is not None:
            return max(min(self.quantity, held), 0)
        return max(int(held * self.share), 0)

    def __str__(self) -> str:
        if self.quantity is not None:
            return f"{self.quantity}"
        return "all" if self.share == WHOLE else f"{self.share}"


def portion_of(alert: Alert, trim_percent: Decimal) -> Portion:
    """Return what an exit alert asks to sell; all of it where it names neither quantity nor fraction.

    "partial" is the trim fraction, and so is "most", which names no number: selling less than was meant is the safe
    side. Raises ValueError for a fraction that is no number between 0 and 1.
    """
    if alert.fraction is None or alert.fraction == "all":
        return Portion(alert.quantity if alert.fraction is None else None, WHOLE)
    if alert.fraction in {"partial", "most"}:
        return Portion(None, Fraction(trim_percent) * PERCENT)
    text = alert.fraction.strip()
    share = Fraction(text[:-1]) * PERCENT if text.endswith("%") else Fraction(text)
    if not 0 < share <= WHOLE:
        raise ValueError(f"a fraction must be above 0 and at most 1, got {alert.fraction!r}")
    return Portion(None, share)


def close_id(request_id: str, number: int) -> str:
    """Return the id of the close of a request's `number`th contract, from 1 on: the first has the request's own."""
    return request_id if number == 1 else f"{request_id}-{number}"


def request_of(closing_id: str) -> str:
    """Return the id of the request that a close belongs to: its own, without the number of a further contract."""
    request_id, _, number = closing_id.rpartition("-")
    return request_id if request_id and number.isdecimal() else closing_id


@frozen(kw_only=True)
class Closing(Value):
    """One close. `trades` are the ids of the trades that hold the contract, oldest first: fills are theirs in turn.

    `message` and `alert` are None for an operator's close. `quantity` is decided when the way is clear, `run` is the
    selling ladder once a price was found. `asking` says that a quote is on its way, `closing_out` that the window is
    over and the limit follows the bid, `hindrance_told` that a person knows what it waits for.
    """

    trade_id: str
    by: str
    message: Message | None
    alert: Alert | None
    contract: Contract
    trades: tuple[str, ...]
    portion: Portion
    started_at: datetime
    quantity: int | None = None
    asking: bool = False
    run: Execution | None = None
    answered: bool = False
    closing_out: bool = False
    hindrance_told: bool = False

    @property
    def price(self) -> Decimal | None:
        return None if self.alert is None else self.alert.price

    @property
    def ladder(self) -> Execution:
        """Return the selling ladder. Raises ValueError before the way was clear and a price was found."""
        if self.run is None:
            raise ValueError(f"close {self.trade_id} has no ladder yet; look at its run first")
        return self.run

    @property
    def has_unknown(self) -> bool:
        return self.run is not None and any(order.status is OrderStatus.UNKNOWN for order in self.run.orders)

    def order(self, order_id: str) -> Order | None:
        """Return the close's order with this client order id or broker order id, or None."""
        orders = () if self.run is None else self.run.orders
        return next((order for order in orders if order_id in {order.client_order_id, order.broker_order_id}), None)
