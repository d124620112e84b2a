"""A two-sided quote and what makes it fit to decide on."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from attrs import frozen

from domain.bounds import is_price
from domain.orders import Side
from domain.value import Value

ZERO = Decimal(0)


class QuoteFault(StrEnum):
    ONE_SIDED = "one_sided"
    CROSSED = "crossed"
    STALE = "stale"


@frozen
class Quote(Value):
    """The best bid and ask per share, None or zero where a side is empty. `at`: its last event, or when it was read.

    A side that cannot be a price (not a number, negative, absurdly high) counts as empty.
    """

    bid: Decimal | None
    ask: Decimal | None
    at: datetime

    @cached_property
    def mid(self) -> Decimal:
        """Return the middle of both sides. Only a quote without fault has one."""
        bid, ask = self.two_sided
        return (bid + ask) / 2

    @property
    def spread(self) -> Decimal:
        bid, ask = self.two_sided
        return ask - bid

    @cached_property
    def two_sided(self) -> tuple[Decimal, Decimal]:
        """Return (bid, ask). Raises ValueError for a quote that is not two-sided: ask `fault` first."""
        if self.bid is None or self.ask is None or not self._has_sides:
            raise ValueError(f"quote {self.bid} x {self.ask} is one-sided; check fault() before using its prices")
        return self.bid, self.ask

    def far_touch(self, side: Side) -> Decimal:
        """Return the price a marketable order meets: the ask for a buyer, the bid for a seller."""
        bid, ask = self.two_sided
        return ask if side.is_buy else bid

    def fault(self, now: datetime, age_max: timedelta) -> QuoteFault | None:
        """Return why this quote must not be traded on at `now`, or None. A locked market (bid = ask) is no fault."""
        if not self._has_sides:
            return QuoteFault.ONE_SIDED
        if self.spread < ZERO:
            return QuoteFault.CROSSED
        return QuoteFault.STALE if now - self.at > age_max else None

    @cached_property
    def _has_sides(self) -> bool:
        return _is_side(self.bid) and _is_side(self.ask)


def _is_side(price: Decimal | None) -> bool:
    return price is not None and is_price(price) and price > ZERO
