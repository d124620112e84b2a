"""The paper account's money and holdings: what fills, fees and expiries do to them. Exact, and never short.

Cash moves by the full premium for options and shares; a future moves it by the gain when it is sold, and holds margin
until then.
"""

from datetime import datetime
from decimal import Decimal

from attrs import define, field, frozen

from domain.account import Position
from domain.alerts import InstrumentKind
from domain.instruments import Contract
from domain.orders import Fill, Side
from domain.value import Value

ZERO = Decimal(0)
STARTING_CASH = Decimal(50_000)
FUTURES_MARGIN = Decimal("0.08")
PRICE_STEP = Decimal("0.000001")


@frozen(kw_only=True)
class FeeSchedule(Value):
    """Dollars a contract: commission to open (1.00) and none to close an option, clearing and regulatory fees added."""

    option_open: Decimal = Decimal("1.13")
    option_close: Decimal = Decimal("0.14")
    future: Decimal = Decimal("2.50")
    share: Decimal = ZERO

    def of(self, contract: Contract, side: Side, quantity: int) -> Decimal:
        """Return the fees of `quantity` contracts, in dollars."""
        if contract.kind is InstrumentKind.EQUITY:
            return self.share * quantity
        if contract.kind is InstrumentKind.FUTURE:
            return self.future * quantity
        return (self.option_open if side.is_buy else self.option_close) * quantity


@define
class Holding:
    """A long position. `cost` is the sum of price x quantity of what is still held, per share."""

    contract: Contract
    quantity: int
    cost: Decimal

    @property
    def average_price(self) -> Decimal:
        return (self.cost / self.quantity).quantize(PRICE_STEP)

    @property
    def margin(self) -> Decimal:
        """Dollars of cash that the holding ties up without having spent them."""
        return FUTURES_MARGIN * self.cost * self.contract.multiplier if _on_margin(self.contract) else ZERO

    def worth(self, price: Decimal) -> Decimal:
        """Return what the holding adds to the account's value at `price`, in dollars."""
        value = self.contract.value(price, self.quantity)
        return value - self.cost * self.contract.multiplier if _on_margin(self.contract) else value


@define
class Ledger:
    """`settled` is what expiries have paid in all, `fees` what trading has cost in all."""

    cash: Decimal = STARTING_CASH
    starting_cash: Decimal = STARTING_CASH
    fees: Decimal = ZERO
    settled: Decimal = ZERO
    schedule: FeeSchedule = FeeSchedule()
    holdings: dict[str, Holding] = field(factory=dict)
    _ends: list[tuple[datetime, str]] | None = field(default=None, init=False, eq=False, repr=False)

    def next_end(self) -> tuple[datetime, str] | None:
        """Return when the next holding expires, and its symbol, or None. It is asked for at every act of the broker."""
        if self._ends is None:
            ends = ((holding.contract.cut_off, symbol) for symbol, holding in self.holdings.items())
            self._ends = sorted((end, symbol) for end, symbol in ends if end is not None)
        return self._ends[0] if self._ends else None

    def held(self, symbol: str) -> int:
        holding = self.holdings.get(symbol)
        return 0 if holding is None else holding.quantity

    @property
    def margin(self) -> Decimal:
        return sum((holding.margin for holding in self.holdings.values()), ZERO)

    def outlay(self, contract: Contract, price: Decimal, quantity: int) -> Decimal:
        """Return what buying takes out of the buying power, fees included, in dollars."""
        value = contract.value(price, quantity)
        fees = self.schedule.of(contract, Side.BUY_TO_OPEN, quantity)
        return (FUTURES_MARGIN * value if _on_margin(contract) else value) + fees

    def fill(self, contract: Contract, side: Side, quantity: int, price: Decimal) -> None:
        """Book one execution with its fees. Raises ValueError for a sale of more than is held."""
        fee = self.schedule.of(contract, side, quantity)
        self.cash -= fee
        self.fees += fee
        self._book(contract, quantity, price, is_buy=side.is_buy)

    def amend(self, contract: Contract, side: Side, old: Fill, new: Fill | None) -> None:
        """Undo an execution, and book another in its place; the fees stay as they were charged.

        Raises ValueError where what was bought is not held any more.
        """
        self._book(contract, old.quantity, old.price, is_buy=not side.is_buy)
        if new is not None:
            self._book(contract, new.quantity, new.price, is_buy=side.is_buy)

    def settle(self, symbol: str, price: Decimal) -> None:
        """Pay an expired holding out at `price` a share and forget it."""
        holding = self.holdings[symbol]
        paid = self._reduce(holding.contract, holding.quantity, price)
        self.cash += paid
        self.settled += paid

    def positions(self) -> tuple[Position, ...]:
        return tuple(
            Position(symbol, holding.quantity, holding.average_price) for symbol, holding in self.holdings.items()
        )

    def _book(self, contract: Contract, quantity: int, price: Decimal, *, is_buy: bool) -> None:
        if not is_buy:
            self.cash += self._reduce(contract, quantity, price)
            return
        holding = self.holdings.setdefault(contract.symbol, Holding(contract, 0, ZERO))
        self._ends = None
        holding.quantity += quantity
        holding.cost += price * quantity
        if not _on_margin(contract):
            self.cash -= contract.value(price, quantity)

    def _reduce(self, contract: Contract, quantity: int, price: Decimal) -> Decimal:
        """Take contracts out at their average cost and return the cash that they bring."""
        holding = self.holdings.get(contract.symbol)
        if holding is None or holding.quantity < quantity:
            raise ValueError(f"cannot sell {quantity} {contract.symbol}: {self.held(contract.symbol)} are held")
        cost = holding.cost * quantity / holding.quantity
        holding.cost -= cost
        holding.quantity -= quantity
        if not holding.quantity:
            del self.holdings[contract.symbol]
            self._ends = None
        proceeds = contract.value(price, quantity)
        return proceeds - cost * contract.multiplier if _on_margin(contract) else proceeds


def _on_margin(contract: Contract) -> bool:
    return contract.kind is InstrumentKind.FUTURE
