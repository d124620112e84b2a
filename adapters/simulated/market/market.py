"""The simulated market: quotes by seed, by scenario, or set by hand, and what an expiring contract is worth.

It knows nothing of orders: its prices never react to what the account does.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve

from adapters.simulated.market.expiries import BACK_DAYS
from adapters.simulated.market.prices import Anchor, book_at, intrinsic
from adapters.simulated.market.products import underlying_of
from adapters.simulated.scenario.scenario import QuoteStep, Read
from adapters.simulated.scenario.script import Script
from domain.alerts import InstrumentKind
from domain.calendar import new_york_date
from domain.instruments import Contract, ContractQuery
from domain.quotes import Quote
from ports.clock import Clock
from ports.market_data import MarketData

ONE_MICROSECOND = timedelta(microseconds=1)


class SimulatedMarket:
    """`is_modelled` False is a market that has only the quotes it is given: those of a real one, as they are read."""

    def __init__(self, seed: int, script: Script, *, is_modelled: bool = True) -> None:
        self.seed = seed
        self.script = script
        self.is_modelled = is_modelled
        self.anchors: dict[str, Anchor] = {}
        self.on_anchor: Callable[[], None] = lambda: None
        self._set: dict[str, QuoteStep | Quote | None] = {}

    def anchor(self, what: Contract | ContractQuery, price: Decimal, now: datetime) -> bool:
        """Have the contract's first price be near `price`, and return whether that was news.

        Only the first hint for a contract counts: a later one would move the price of what is held.
        """
        key = _key(what)
        if price <= 0 or key in self.anchors:
            return False
        self.anchors[key] = Anchor(price, now, calm=not self.anchors)
        self.on_anchor()
        return True

    def set_quote(self, symbol: str, quote: QuoteStep | Quote | None) -> None:
        """Have the contract quote exactly this from here on, or nothing at all.

        A `QuoteStep` stays as fresh as it says, a `Quote` grows old.
        """
        self._set[symbol] = quote

    def clear_quote(self, symbol: str) -> None:
        """Take back what `set_quote` said."""
        self._set.pop(symbol, None)

    def quote(self, contract: Contract, now: datetime) -> Quote | None:
        """Return the book at `now`, or None for an expired contract and where the scenario has no quote.

        While the market is closed, the quote is that of the last session's end, and as old.
        """
        if contract.cut_off is not None and now >= contract.cut_off:
            return None
        if contract.symbol in self._set:
            held = self._set[contract.symbol]
            return held.quote(now) if isinstance(held, QuoteStep) else held
        step = self.script.step_at(contract, now)
        if step is not None:
            return step.quote(now)
        if not self.is_modelled:
            return None
        at = _last_open(contract, now)
        bid, ask = book_at(self.seed, contract, at, self.anchors.get(_key(contract)))
        return Quote(bid, ask, at)

    def mark(self, contract: Contract, now: datetime) -> Decimal | None:
        """Return what one share of a holding is worth: the mid, the one side there is, or None."""
        quote = self.quote(contract, now)
        if quote is None:
            return None
        sides = [side for side in (quote.bid, quote.ask) if side is not None and side > 0]
        return sum(sides, Decimal(0)) / len(sides) if sides else None

    def settlement(self, contract: Contract) -> Decimal:
        """Return what one share of an expiring contract is paid out at: by the scenario, or by the model.

        Without a model that is the bid that was read last, or zero.
        """
        script = self.script.quotes_of(contract)
        if script is not None and script.settles_at is not None:
            return script.settles_at
        if not self.is_modelled:
            last = self._set.get(contract.symbol)
            return last.bid or Decimal(0) if last is not None else Decimal(0)
        return intrinsic(self.seed, contract, self.anchors.get(_key(contract)))


class SimulatedMarketData(MarketData):
    """The market's quotes as of the clock's instant."""

    def __init__(self, market: SimulatedMarket, clock: Clock) -> None:
        self._market = market
        self._clock = clock

    async def quote(self, contract: Contract) -> Quote | None:
        self._market.script.check_read(Read.QUOTE, contract)
        return self._market.quote(contract, self._clock.now())


def _key(what: Contract | ContractQuery) -> str:
    """A name that an alert's query and the contract it resolves to have in common."""
    if isinstance(what, Contract):
        return what.label
    symbol = underlying_of(what.symbol)
    if what.kind is InstrumentKind.FUTURE and not symbol.startswith("/"):
        symbol = f"/{symbol}"
    return str(evolve(what, symbol=symbol))


def _last_open(contract: Contract, now: datetime) -> datetime:
    if contract.calendar.session_at(now) is not None:
        return now
    day = new_york_date(now)
    for back in range(BACK_DAYS):
        session = contract.calendar.session(day - timedelta(days=back))
        if session is not None and session.closes_at <= now:
            return session.closes_at - ONE_MICROSECOND
    raise AssertionError(f"no session in the {BACK_DAYS} days before {now}: the calendar is broken")
