"""Contracts: what exactly is traded, its multiplier, its ticks and its trading hours; and the OCC option symbol."""

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from attrs import frozen

from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar
from domain.ticks import TickTable
from domain.value import Value

OCC_ROOT_WIDTH = 6
OCC_STRIKE_WIDTH = 8


@frozen
class ContractQuery(Value):
    """What an alert asks for. An option has strike, right and date; everything else has only its symbol."""

    symbol: str
    kind: InstrumentKind
    strike: Decimal | None = None
    right: Right | None = None
    expires_on: date | None = None

    def __str__(self) -> str:
        if self.strike is None or self.right is None:
            return self.symbol
        return f"{self.symbol} {self.strike.normalize():f}{self.right[0].lower()} {self.expires_on}"


@frozen(kw_only=True)
class Contract(Value):
    """One instrument as the broker lists it.

    `symbol` is the broker's (OCC for options), `multiplier` the shares or units that one contract's price is for.
    `cut_off` is the last instant at which the broker takes an order for it; None where it does not end.
    """

    symbol: str
    underlying: str
    kind: InstrumentKind
    multiplier: Decimal
    ticks: TickTable
    calendar: TradingCalendar
    strike: Decimal | None = None
    right: Right | None = None
    expires_on: date | None = None
    cut_off: datetime | None = None
    closing_only: bool = False

    @cached_property
    def label(self) -> str:
        """Return the contract as a trader writes it: `UBER 78p 2026-12-05`."""
        return str(ContractQuery(self.underlying, self.kind, self.strike, self.right, self.expires_on))

    def takes_orders(self, at: datetime) -> bool:
        """Return whether an order may be sent at an instant: its market is in session and its own time is not over."""
        return self.calendar.session_at(at) is not None and (self.cut_off is None or at < self.cut_off)

    def value(self, price: Decimal, quantity: int) -> Decimal:
        """Return what `quantity` contracts cost at `price` per share, in dollars, without fees."""
        return price * self.multiplier * quantity


def occ_symbol(root: str, expires_on: date, right: Right, strike: Decimal) -> str:
    """Return the 21-character symbol of the Options Clearing Corporation: root, yymmdd, C or P, strike x 1000.

    Raises ValueError for a root over six characters or a strike that is no whole number of thousandths below 100000.
    """
    thousandths = strike * 1000
    if not 1 <= len(root) <= OCC_ROOT_WIDTH:
        raise ValueError(f"option root {root!r} has 1 to {OCC_ROOT_WIDTH} characters in an OCC symbol")
    if thousandths != thousandths.to_integral_value() or not 0 < thousandths < 10**OCC_STRIKE_WIDTH:
        raise ValueError(f"strike {strike} does not fit an OCC symbol (0.001 to 99999.999)")
    return f"{root:<{OCC_ROOT_WIDTH}}{expires_on:%y%m%d}{right[0]}{int(thousandths):0{OCC_STRIKE_WIDTH}d}"
