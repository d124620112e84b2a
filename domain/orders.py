"""An order, its fills, and the table of what can happen to it.

Three answers are kept apart everywhere: *rejected* (the broker said no), *not sent* (it provably never left) and
*unknown* (sent, no proof either way). The table is data: what a broker's report means in each state, including what
"cannot happen" and does, such as a fill after a cancel or an order that was proven absent and turns up.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from attrs import evolve, frozen

from domain.bounds import MAX_CONTRACTS, is_count, is_price
from domain.instruments import Contract
from domain.value import Value


class Side(StrEnum):
    BUY_TO_OPEN = "BUY_TO_OPEN"
    SELL_TO_CLOSE = "SELL_TO_CLOSE"

    @property
    def is_buy(self) -> bool:
        return self is Side.BUY_TO_OPEN


class TimeInForce(StrEnum):
    DAY = "DAY"
    GTC = "GTC"


class OrderRole(StrEnum):
    """What an order is for. The letter stands in its client order id."""

    ENTRY = "E"
    EXIT = "X"
    CLOSE = "C"


class OrderStatus(StrEnum):
    SENDING = "sending"  # the intent is durable and on its way
    PENDING = "pending"  # the broker has it, it is not live yet
    WORKING = "working"  # live
    CANCELLING = "cancelling"  # live, and its cancel is on its way
    REPLACING = "replacing"  # live, and its replacement is on its way
    UNKNOWN = "unknown"  # sent, and no answer that proves either
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    ABSENT = "absent"  # was unknown, proven never to have arrived
    VALIDATED = "validated"  # a dry run: checked, never placed

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_live(self) -> bool:
        """Whether the order may be live at the broker, so that its leaves quantity counts as working."""
        return self not in TERMINAL


TERMINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.NOT_SENT,
        OrderStatus.ABSENT,
        OrderStatus.VALIDATED,
    }
)


class Signal(StrEnum):
    """What can happen to an order: our own acts, the answers to them, and the broker's reports."""

    CANCEL_SENT = "cancel_sent"
    REPLACE_SENT = "replace_sent"
    REPLACE_FAILED = "replace_failed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    VALIDATED = "validated"
    ABSENT = "absent"
    REPORTED_PENDING = "reported_pending"
    REPORTED_WORKING = "reported_working"
    REPORTED_FILLED = "reported_filled"
    REPORTED_CANCELLED = "reported_cancelled"
    REPORTED_EXPIRED = "reported_expired"
    REPORTED_REJECTED = "reported_rejected"


class TransitionError(Exception):
    """An act or answer of our own that the order's state does not allow: a bug of ours, not news from the broker."""


def _table() -> dict[tuple[OrderStatus, Signal], OrderStatus]:
    status, signal = OrderStatus, Signal
    table = {
        (status.SENDING, signal.ACCEPTED): status.PENDING,
        (status.SENDING, signal.REJECTED): status.REJECTED,
        (status.SENDING, signal.NOT_SENT): status.NOT_SENT,
        (status.SENDING, signal.UNKNOWN): status.UNKNOWN,
        (status.SENDING, signal.VALIDATED): status.VALIDATED,
        (status.UNKNOWN, signal.ABSENT): status.ABSENT,
        (status.CANCELLING, signal.ABSENT): status.ABSENT,  # it was accepted, and is shown no more
        (status.WORKING, signal.CANCEL_SENT): status.CANCELLING,
        (status.PENDING, signal.CANCEL_SENT): status.CANCELLING,
        (status.CANCELLING, signal.CANCEL_SENT): status.CANCELLING,  # a cancel is safe to repeat
        (status.REPLACING, signal.CANCEL_SENT): status.CANCELLING,  # its replacement is in doubt, and unwanted now
        (status.WORKING, signal.REPLACE_SENT): status.REPLACING,
        (status.REPLACING, signal.REPLACE_FAILED): status.WORKING,
    }
    for state in OrderStatus:
        # An answer that comes after a report has already settled the order changes nothing.
        for answer in (signal.ACCEPTED, signal.REJECTED, signal.NOT_SENT, signal.UNKNOWN, signal.VALIDATED):
            table.setdefault((state, answer), state)
        table.setdefault((state, signal.REPLACE_FAILED), state)
        table |= {(state, report): _after_report(state, report) for report in REPORTED}
    # A refusal or an acceptance that comes late settles a doubt.
    table[status.UNKNOWN, signal.ACCEPTED] = status.PENDING
    table[status.UNKNOWN, signal.REJECTED] = status.REJECTED
    return table


def _after_report(state: OrderStatus, report: Signal) -> OrderStatus:
    told = REPORTED[report]
    if state in {OrderStatus.NOT_SENT, OrderStatus.ABSENT, OrderStatus.VALIDATED}:
        return told  # a zombie: it exists after all
    if state.is_terminal:
        return told if told is OrderStatus.FILLED else state  # a fill that was on its way when the order ended
    if told.is_terminal or state in {OrderStatus.SENDING, OrderStatus.UNKNOWN, OrderStatus.PENDING}:
        return told
    return state  # news of a live order says nothing new of one that we know to be live


REPORTED = {
    Signal.REPORTED_PENDING: OrderStatus.PENDING,
    Signal.REPORTED_WORKING: OrderStatus.WORKING,
    Signal.REPORTED_FILLED: OrderStatus.FILLED,
    Signal.REPORTED_CANCELLED: OrderStatus.CANCELLED,
    Signal.REPORTED_EXPIRED: OrderStatus.EXPIRED,
    Signal.REPORTED_REJECTED: OrderStatus.REJECTED,
}
TRANSITIONS = _table()


@frozen
class Fill(Value):
    """One execution. `fill_id` is the broker's and unique, the price is per share."""

    fill_id: str
    quantity: int
    price: Decimal
    at: datetime

    @property
    def is_sound(self) -> bool:
        """Whether its numbers can be those of an execution."""
        return is_count(self.quantity) and is_price(self.price) and self.price > 0

    def means(self, other: "Fill") -> bool:
        """Return whether another telling of an execution says the same, also where its numbers cannot be."""
        sound = self.is_sound and other.is_sound
        same_price = self.price == other.price if sound else str(self.price) == str(other.price)
        return same_price and (self.fill_id, self.quantity) == (other.fill_id, other.quantity)


@frozen(kw_only=True)
class OrderReport(Value):
    """What the broker says of one order, whole: never a difference, so that it can be applied in any order, any time.

    `filled_quantity` is the broker's own count; it can be ahead of `fills`. Prices are non-negative.
    """

    broker_order_id: str
    client_order_id: str | None
    symbol: str
    side: Side | None
    quantity: int
    limit_price: Decimal | None
    status: Signal
    filled_quantity: int
    fills: tuple[Fill, ...] = ()
    replaces: str | None = None
    reason: str = ""


@frozen(kw_only=True)
class Order(Value):
    """One order of ours. `limit_price` None is a market order. `replaces` is the client order id it took over from.

    `sent_at` is when the intent was made; of an unknown one when the doubt came, for it may have left until then.
    `absent_reads` complete readings of the broker, the first at `absent_since`, did not show it. `disputed` are fills
    as the broker told them that are not counted, `taken_back` the ids of counted ones that it shows no more.
    """

    client_order_id: str
    trade_id: str
    role: OrderRole
    contract: Contract
    side: Side
    quantity: int
    limit_price: Decimal | None
    time_in_force: TimeInForce
    sent_at: datetime
    status: OrderStatus = OrderStatus.SENDING
    broker_order_id: str | None = None
    replaces: str | None = None
    fills: tuple[Fill, ...] = ()
    reported_filled: int = 0
    absent_reads: int = 0
    absent_since: datetime | None = None
    reason: str = ""
    disputed: tuple[Fill, ...] = ()
    taken_back: tuple[str, ...] = ()

    @property
    def close_only(self) -> bool:
        """Whether the broker must refuse this order rather than let it open a position."""
        return self.side is Side.SELL_TO_CLOSE

    @cached_property  # it is asked for many times in every step
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        """What may still fill: zero once the order is terminal."""
        return max(self.quantity - max(self.filled, self.reported_filled), 0) if self.status.is_live else 0

    @property
    def accounted(self) -> int:
        """What counts against a position: filled, as far as the broker counts, plus what may still fill."""
        return max(self.filled, self.reported_filled) + self.leaves

    @property
    def is_settled(self) -> bool:
        """Whether the order has ended and every fill that the broker counts has been read."""
        return self.status.is_terminal and self.filled >= self.reported_filled

    @property
    def cost(self) -> Decimal:
        """The sum of price x quantity of its fills, per share."""
        return sum((fill.price * fill.quantity for fill in self.fills), Decimal(0))

    def on(
        self,
        signal: Signal,
        *,
        broker_order_id: str | None = None,
        reason: str = "",
        sent_at: datetime | None = None,
    ) -> "Order":
        """Return the order after `signal`. Raises TransitionError for one of our own acts that its state forbids."""
        after = TRANSITIONS.get((self.status, signal))
        if after is None:
            raise TransitionError(f"order {self.client_order_id} is {self.status} and cannot take {signal}")
        told = (after, broker_order_id or self.broker_order_id, reason or self.reason, sent_at or self.sent_at)
        if told == (self.status, self.broker_order_id, self.reason, self.sent_at):
            return self
        status, broker_order_id, reason, sent_at = told
        return evolve(self, status=status, broker_order_id=broker_order_id, reason=reason, sent_at=sent_at)

    def reported(self, report: OrderReport) -> tuple["Order", tuple[Fill, ...]]:
        """Return the order with `report` taken in, and the fills that are new in it.

        Reports may repeat and overtake each other: fills are counted once by id and the broker's count never falls.
        What cannot be counted is kept in `disputed`: a known fill with other numbers, numbers that cannot be, or what
        the broker's own count has no room for: a known execution under another id.
        """
        known = {fill.fill_id: fill for fill in self.fills}
        new: dict[str, Fill] = {}
        disputed: list[Fill] = []
        excess = 0
        for fill in report.fills:
            seen = known.get(fill.fill_id) or new.get(fill.fill_id)
            if seen is None and fill.is_sound:
                new[fill.fill_id] = fill
            elif seen is None:
                disputed.append(fill)  # the broker's count is ahead of it, so it is read again
            elif not seen.means(fill):
                excess += fill.quantity - seen.quantity
                disputed.append(fill)
        moved = self.on(report.status, broker_order_id=report.broker_order_id, reason=report.reason)
        counted = max(self.reported_filled, min(report.filled_quantity - excess, MAX_CONTRACTS))
        room = counted - self.filled
        for fill in tuple(new.values()):
            if fill.quantity <= room:
                room -= fill.quantity
            else:
                disputed.append(new.pop(fill.fill_id))
        news = new or disputed or counted != self.reported_filled or self.absent_since is not None
        if moved is self and not news:
            return self, ()
        after = evolve(
            moved,
            # Why it was in doubt is over with the doubt.
            reason=moved.reason if self.absent_since is None else report.reason,
            fills=(*self.fills, *new.values()),
            reported_filled=counted,
            disputed=(*self.disputed, *(fill for fill in disputed if not any(map(fill.means, self.disputed)))),
            absent_reads=0,
            absent_since=None,
        )
        return after, tuple(new.values())
