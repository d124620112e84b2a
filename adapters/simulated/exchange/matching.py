"""When an order meets the book: how much of it fills, at what price, and when to look again.

A limit that crosses fills at the touch, in one piece or in several; one inside the spread is met now and then; one away
from the market waits. Never at a price worse than the limit.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from adapters.simulated.exchange.book import BookOrder
from adapters.simulated.market.chance import between, draw
from domain.calendar import new_york_date
from domain.quotes import Quote

QUOTE_AGE = timedelta(seconds=5)
YOUNG = timedelta(seconds=150)
EVERY_SECOND = timedelta(seconds=1)
OUT_OF_REACH = Decimal("0.25")  # a share of the touch: no price gets there within seconds
YOUNG_AND_FAR = timedelta(seconds=15)
# (limits less than this share away from the touch, look this often); beyond the last, every quarter of an hour
RESTING = (
    (Decimal("0.05"), timedelta(seconds=15)),
    (Decimal("0.25"), timedelta(seconds=60)),
    (Decimal("0.6"), timedelta(seconds=300)),
)
FAR_AWAY = timedelta(seconds=900)
WITHOUT_QUOTE = timedelta(seconds=60)
INSIDE_CHANCE = 0.04  # a second, for a limit just short of the touch
WHOLE, HALF = 0.7, 0.9
HORIZON = timedelta(days=10)


def tradable(quote: Quote | None, now: datetime) -> Quote | None:
    """Return the quote if orders can meet it: two-sided, not crossed, fresh."""
    return quote if quote is not None and quote.fault(now, QUOTE_AGE) is None else None


def execution(seed: int, order: BookOrder, quote: Quote, at: datetime) -> tuple[int, Decimal] | None:
    """Return (quantity, price) of what fills at this look at the book, or None."""
    touch = quote.far_touch(order.side)
    limit = order.limit_price
    if limit is None or (limit >= touch if order.side.is_buy else limit <= touch):
        return _piece(seed, order, at), touch
    bid, ask = quote.two_sided
    near = bid if order.side.is_buy else ask
    depth = (limit - near) / (touch - near)
    if draw(seed, order.number, "inside", int(at.timestamp())) < INSIDE_CHANCE * float(depth):
        return _piece(seed, order, at), limit
    return None


def next_look(order: BookOrder, quote: Quote | None, at: datetime) -> datetime:
    """Return when to look at an open market's book again: every second for a young order in reach, seldom for one far
    away.
    """
    is_young = at - order.received_at < YOUNG
    if quote is None:
        return at + (EVERY_SECOND if is_young else WITHOUT_QUOTE)
    touch = quote.far_touch(order.side)
    limit = order.limit_price if order.limit_price is not None else touch
    distance = abs(limit - touch) / touch
    if is_young:
        return at + (EVERY_SECOND if distance < OUT_OF_REACH else YOUNG_AND_FAR)
    return at + next((often for share, often in RESTING if distance < share), FAR_AWAY)


def next_opening(order: BookOrder, at: datetime) -> datetime | None:
    """Return when the contract's market opens next after `at`, or None within the next days."""
    calendar, day = order.contract.calendar, new_york_date(at)
    for ahead in range(HORIZON.days):
        session = calendar.session(day + timedelta(days=ahead))
        if session is not None and session.opens_at > at:
            return session.opens_at
    return None


def latency(seed: int, low: float, high: float, *key: str | int) -> timedelta:
    """Return a delay by seed, between `low` and `high` milliseconds of market time."""
    return timedelta(microseconds=round(1000 * between(low, high, seed, *key)))


def _piece(seed: int, order: BookOrder, at: datetime) -> int:
    """What the other side has: mostly everything, now and then half of it, seldom a single contract."""
    luck = draw(seed, order.number, "piece", int(at.timestamp()))
    if luck < WHOLE:
        return order.leaves
    return ceil(order.leaves / 2) if luck < HALF else 1
