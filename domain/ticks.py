"""Tick tables: which prices an instrument can be quoted at, rounding onto them, and the next price up or down.

A table is the broker's list of (below this price, tick). Buying rounds down and selling rounds up, so that a rounded
price is never worse than the one meant; where no such positive price exists the answer is None, never zero.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from attrs import field, frozen

from domain.value import Value

ZERO = Decimal(0)


@frozen
class TickBand(Value):
    """The tick that holds for prices under `below`; None means for all prices from the last threshold on."""

    tick: Decimal
    below: Decimal | None = None


def _check_bands(_instance: object, _attribute: object, bands: tuple[TickBand, ...]) -> None:
    if not bands or bands[-1].below is not None:
        raise ValueError(f"a tick table must end with a band without threshold, got {bands}")
    if any(band.tick <= ZERO for band in bands):
        raise ValueError(f"a tick must be above zero, got {[str(band.tick) for band in bands]}")
    thresholds = [band.below for band in bands[:-1]]
    if None in thresholds or thresholds != sorted(set(thresholds), key=lambda value: value or ZERO):
        raise ValueError(f"tick thresholds must rise strictly, got {thresholds}")
    for band, above in pairwise(bands):
        threshold = band.below or ZERO
        if threshold % band.tick or threshold % above.tick:
            raise ValueError(
                f"threshold {threshold} must be on the grid of both its ticks, got {band.tick} and {above.tick}"
            )


@frozen
class TickTable(Value):
    """Bands in rising order of threshold, the last one open-ended. Every threshold is on both neighbouring grids."""

    bands: tuple[TickBand, ...] = field(validator=_check_bands)

    def floor(self, price: Decimal) -> Decimal | None:
        """Return the highest positive price on the grid that is not above `price`, or None."""
        if price <= ZERO:
            return None
        return _positive(_to_grid(price, self.tick_at(price), ROUND_FLOOR))

    def ceil(self, price: Decimal) -> Decimal:
        """Return the lowest positive price on the grid that is not below `price`."""
        tick = self.tick_at(price)
        return max(_to_grid(price, tick, ROUND_CEILING), tick)

    def up(self, price: Decimal) -> Decimal:
        """Return the next price on the grid above `price`."""
        tick = self.tick_at(price)
        return _to_grid(price, tick, ROUND_FLOOR) + tick

    def down(self, price: Decimal) -> Decimal | None:
        """Return the next positive price on the grid below `price`, or None."""
        if price <= ZERO:
            return None
        tick = next(band.tick for band in self.bands if band.below is None or price <= band.below)
        return _positive(_to_grid(price, tick, ROUND_CEILING) - tick)

    def on_grid(self, price: Decimal) -> bool:
        return price > ZERO and price % self.tick_at(price) == ZERO

    def tick_at(self, price: Decimal) -> Decimal:
        """Return the tick that holds at a price."""
        for band in self.bands[:-1]:  # a loop: a generator takes twice as long, and a replay asks a million times
            if band.below is not None and price < band.below:
                return band.tick
        return self.bands[-1].tick


def _to_grid(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (price / tick).to_integral_value(rounding) * tick


def _positive(price: Decimal) -> Decimal | None:
    return price if price > ZERO else None


def tick_table(*bands: tuple[str, str | None]) -> TickTable:
    """Return a table from (tick, below) texts: `tick_table(("0.01", "3"), ("0.05", None))`."""
    return TickTable(tuple(TickBand(Decimal(tick), None if below is None else Decimal(below)) for tick, below in bands))


# Cboe and NYSE Arca rule the option ticks: classes in the Penny Program trade in 0.01 below 3.00 and 0.05 from there,
# SPY, QQQ and IWM in 0.01 throughout; all other equity options in 0.05 and 0.10, as do SPX index options.
PENNY_PROGRAM = tick_table(("0.01", "3"), ("0.05", None))
PENNY_ALL = tick_table(("0.01", None))
NICKEL = tick_table(("0.05", "3"), ("0.10", None))
