"""The broker's reads as a bad line: they fail, come late with what was true when they were asked, or quote nonsense."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from attrs import define, evolve

from composition.simulation.days.plan import Call, Fate, Fault, Outage, Where
from composition.simulation.faults.crashing import Life
from composition.simulation.faults.injecting import Injector
from composition.simulation.faults.veiling import Veil
from composition.simulation.faults.waiting import wait
from domain.account import Balances, Position
from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery
from domain.orders import OrderReport
from domain.quotes import Quote
from ports.account import Account
from ports.clock import Clock
from ports.contracts import Contracts
from ports.errors import PortUnavailableError
from ports.market_data import MarketData

A = TypeVar("A")
STALE_BY = timedelta(seconds=30)
CROSS_BY = Decimal("0.10")


@define
class FaultyReads:
    """One read with its crash points, failures and delays, for every port that asks."""

    life: Life
    injector: Injector
    clock: Clock

    async def ask(self, call: Call, question: Callable[[], Awaitable[A]]) -> tuple[A, Fault | None]:
        """Return the answer and the fault that befell the call, if any. Raises PortUnavailableError where it failed."""
        act = self.life.before(Where.CALL, call)
        fault = self.injector.meet(call)
        if self.injector.is_away(Outage.BROKER) or self.injector.is_away(Outage.READS):
            raise PortUnavailableError(f"the simulated {call} cannot be read now")
        if fault is not None and fault.fate is Fate.UNAVAILABLE:
            await wait(self.clock, fault.span)
            raise PortUnavailableError(f"the simulated {call} cannot be read")
        answer = await question()
        if fault is not None and fault.fate is Fate.SLOW:
            await wait(self.clock, fault.span)
        self.life.after(act)
        return answer, fault


@define
class FaultyAccount(Account):
    """`lagging` gives the holdings as they were `lag` ago: a broker's positions follow its fills after a while."""

    inner: Account
    reads: FaultyReads
    lagging: Callable[[timedelta], tuple[Position, ...]]
    lag: timedelta
    veil: Veil

    async def balances(self) -> Balances:
        balances, fault = await self.reads.ask(Call.BALANCES, self.inner.balances)
        if fault is not None and fault.fate is Fate.NOTHING:
            return evolve(balances, buying_power=Decimal(-1))
        return balances

    async def positions(self) -> tuple[Position, ...]:
        positions, fault = await self.reads.ask(Call.POSITIONS, self._positions)
        return () if fault is not None and fault.fate is Fate.STALE else positions

    async def _positions(self) -> tuple[Position, ...]:
        now = await self.inner.positions()
        return self.lagging(self.lag) if self.lag else now

    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        orders, _ = await self.reads.ask(Call.ORDERS, lambda: self.inner.orders(since))
        return tuple(self.veil.over(report) for report in orders)


@define
class FaultyContracts(Contracts):
    inner: Contracts
    reads: FaultyReads

    async def resolve(self, trade_id: str, query: ContractQuery) -> Contract | ContractNotFound:
        found, fault = await self.reads.ask(Call.CONTRACT, lambda: self.inner.resolve(trade_id, query))
        if fault is not None and fault.fate is Fate.NOTHING:
            return ContractNotFound(trade_id, "the simulated chain does not list it")
        return found


@define
class FaultyMarketData(MarketData):
    inner: MarketData
    reads: FaultyReads

    async def quote(self, contract: Contract) -> Quote | None:
        quote, fault = await self.reads.ask(Call.QUOTE, lambda: self.inner.quote(contract))
        return quote if fault is None or quote is None else _spoilt(quote, fault.fate)


def _spoilt(quote: Quote, fate: Fate) -> Quote | None:
    match fate:
        case Fate.STALE:
            return evolve(quote, at=quote.at - STALE_BY)
        case Fate.CROSSED:
            return evolve(quote, bid=(quote.ask or CROSS_BY) + CROSS_BY)
        case Fate.ONE_SIDED:
            return evolve(quote, ask=None)
        case Fate.NOTHING:
            return None
        case _:
            return quote
