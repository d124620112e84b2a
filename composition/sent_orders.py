"""An order of the last check's books, and what became of it by the broker's answers and reports."""

from collections import Counter

from attrs import define, field

from domain.bounds import MAX_CONTRACTS
from domain.commands import ReplaceOrder, SubmitOrder, ValidateOrder
from domain.orders import Order, OrderReport, OrderStatus, Signal

NewOrder = SubmitOrder | ReplaceOrder | ValidateOrder
ENDS = frozenset({Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED})
TOLD_ENDS = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})


@define
class SentOrder:
    """An order of the log. `gone`: it has passed the check; `over`: it cannot fill any more, `for_good` to the broker.

    `command` is what was written, None for an order from before the start. `there`: the broker has told of it. `fills`
    are the broker's order id and the quantity by fill id, `counts` the broker's own counts by its order id: under one
    id of ours there may be two orders.
    """

    order: Order
    command: NewOrder | None = None
    objection: str | None = None
    gone: bool = False
    answered: bool = False
    there: bool = False
    over: bool = False
    for_good: bool = False
    fills: dict[str, tuple[str, int]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)

    @classmethod
    def before_the_start(cls, order: Order) -> "SentOrder":
        """Return what a recovered desk knows of an order. Whether it has gone out or not, it never goes out again."""
        return cls(
            order,
            gone=True,
            answered=order.status is not OrderStatus.SENDING,
            there=order.broker_order_id is not None,
            over=order.status.is_terminal,
            for_good=order.status in TOLD_ENDS,
            fills={fill.fill_id: (order.broker_order_id or "", fill.quantity) for fill in order.fills},
            counts={order.broker_order_id or "": order.reported_filled},
        )

    @property
    def name(self) -> str:
        return self.order.client_order_id

    @property
    def filled(self) -> int:
        told: Counter[str] = Counter()
        for broker_order_id, quantity in self.fills.values():
            told[broker_order_id] += quantity
        return sum(min(quantity, self.counts.get(broker_order_id, 0)) for broker_order_id, quantity in told.items())

    @property
    def counted(self) -> int:
        return max(self.filled, *self.counts.values(), 0)

    @property
    def leaves(self) -> int:
        return 0 if self.over else max(self.order.quantity - self.counted, 0)

    def end(self, *, for_good: bool) -> None:
        """Count nothing more as working; `for_good` where the broker says so."""
        self.over, self.for_good = True, self.for_good or for_good

    def take(self, told: OrderReport) -> None:
        """Take in a report: an order that ended by our own word only, and is live to the broker, works again."""
        self.answered = self.there = True
        # What is counted as it was told first is more or less in the broker's own count since.
        excess = sum(fill.quantity - self.fills[fill.fill_id][1] for fill in told.fills if fill.fill_id in self.fills)
        count = min(told.filled_quantity - excess, MAX_CONTRACTS)
        count = self.counts[told.broker_order_id] = max(self.counts.get(told.broker_order_id, 0), count)
        room = count - sum(quantity for known, quantity in self.fills.values() if known == told.broker_order_id)
        for fill in told.fills:
            if fill.is_sound and fill.fill_id not in self.fills and fill.quantity <= room:
                self.fills[fill.fill_id] = (told.broker_order_id, fill.quantity)
                room -= fill.quantity
        if told.status in ENDS:
            self.end(for_good=True)
        elif not self.for_good:
            self.over = False


def counted(orders: list[SentOrder]) -> int:
    """Return how many contracts of these orders are filled, at the most that the broker has told."""
    return sum(sent.counted for sent in orders)


def filled(orders: list[SentOrder]) -> int:
    """Return how many contracts of these orders are filled, by the fills as they were told first."""
    return sum(sent.filled for sent in orders)


def working(orders: list[SentOrder]) -> int:
    """Return how many contracts may still fill: a replacement and what it replaces exclude each other.

    A replacement that has gone out, and that the broker has not told of, has no more than what it replaces has left.
    """
    known = {sent.name: sent for sent in orders}
    leaves = {sent.name: _leaves(sent, known.get(sent.order.replaces or "")) for sent in orders}
    replaced = {sent.order.replaces for sent in orders if leaves[sent.name]}
    return sum(
        max(leaves[sent.name], leaves.get(sent.order.replaces or "", 0))
        for sent in orders
        if leaves[sent.name] and sent.name not in replaced
    )


def _leaves(sent: SentOrder, replaced: SentOrder | None) -> int:
    if replaced is None or sent.there or not sent.gone:
        return sent.leaves
    return min(sent.leaves, max(replaced.order.quantity - replaced.counted, 0))
