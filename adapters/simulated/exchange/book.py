"""One order as the simulated broker keeps it: what it is, what became of it, and what happens to it next and when.

The agenda is data, so that an order with everything that is still to come can be written down and taken up again.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import define, field, frozen

from domain.instruments import Contract
from domain.orders import Fill, OrderReport, OrderRole, Side, Signal, TimeInForce
from domain.value import Value

ENDED = frozenset(
    {Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED}
)


class Act(StrEnum):
    """What can happen to an order by itself. At one instant the earlier in this list comes first."""

    ARRIVE = "arrive"  # a request that was held up reaches the broker
    GO_LIVE = "go_live"
    FILL = "fill"  # the next scripted fill
    MATCH = "match"  # a look at the book
    REJECT = "reject"
    TAKE_OVER = "take_over"  # a replacement takes its original's place
    CANCEL = "cancel"
    EXPIRE = "expire"


ORDER_OF_ACTS = {act: place for place, act in enumerate(Act)}


@frozen
class PlannedFill(Value):
    """A fill that is sure to come at `at`, unless the order ends before. Quantity None is all, price None the limit."""

    at: datetime
    quantity: int | None
    price: Decimal | None


@define(kw_only=True)
class BookOrder:
    """`reserved_price` is what a market order counts as per share. `follows_book` False: only planned fills come."""

    number: int
    broker_order_id: str
    client_order_id: str | None
    role: OrderRole | None
    contract: Contract
    side: Side
    quantity: int
    limit_price: Decimal | None
    reserved_price: Decimal
    time_in_force: TimeInForce
    received_at: datetime
    changed_at: datetime
    status: Signal = Signal.REPORTED_PENDING
    fills: tuple[Fill, ...] = ()
    replaces: str | None = None
    replaced_by: str | None = None
    reason: str = ""
    rejection: str = ""
    follows_book: bool = True
    plan: tuple[PlannedFill, ...] = ()
    agenda: dict[Act, datetime] = field(factory=dict)
    reported_until: datetime | None = None

    @property
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        return 0 if self.has_ended else self.quantity - self.filled

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    @property
    def has_arrived(self) -> bool:
        return Act.ARRIVE not in self.agenda

    @property
    def is_contingent(self) -> bool:
        """Whether this is a replacement that has not taken over yet."""
        return Act.TAKE_OVER in self.agenda

    @property
    def next_act(self) -> tuple[datetime, Act] | None:
        """Return what happens next, or None. What ended or has not arrived does nothing else."""
        if self.has_ended:
            return None
        first: tuple[datetime, Act] | None = None
        for act, at in self.agenda.items():  # a loop: it is asked at every look at the book, and mostly there are two
            if first is None or at < first[0] or (at == first[0] and ORDER_OF_ACTS[act] < ORDER_OF_ACTS[first[1]]):
                first = at, act
        return first

    def take_plan(self, plan: tuple[PlannedFill, ...]) -> None:
        """Have these fills come, in the order of their instants, instead of those planned before."""
        self.plan = tuple(sorted(plan, key=lambda fill: fill.at))
        self.agenda.pop(Act.FILL, None)
        if self.plan:
            self.agenda[Act.FILL] = self.plan[0].at

    def report(self) -> OrderReport:
        """Return everything the broker says of the order now."""
        return OrderReport(
            broker_order_id=self.broker_order_id,
            client_order_id=self.client_order_id,
            symbol=self.contract.symbol,
            side=self.side,
            quantity=self.quantity,
            limit_price=self.limit_price,
            status=self.status,
            filled_quantity=self.filled,
            fills=self.fills,
            replaces=self.replaces,
            reason=self.reason,
        )
