"""Puts the simulated broker together, and drives it on a clock.

Nothing starts by itself: `Simulated.run` is a coroutine for whoever owns the loop.
"""

import asyncio
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import define, field

from adapters.simulated.exchange.account import SimulatedAccount
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.gateway import SimulatedOrderEvents, SimulatedOrderGateway
from adapters.simulated.exchange.ledger import STARTING_CASH, Ledger
from adapters.simulated.exchange.snapshot import restore, snapshot
from adapters.simulated.exchange.store import PaperAccountFile
from adapters.simulated.market.chain import SimulatedContracts
from adapters.simulated.market.following import FollowedQuotes
from adapters.simulated.market.market import SimulatedMarket, SimulatedMarketData
from adapters.simulated.scenario.scenario import Scenario
from adapters.simulated.scenario.script import Script
from domain.calendar import TradingCalendar
from domain.instruments import Contract, ContractQuery
from ports.clock import Clock
from ports.market_data import MarketData


@define(kw_only=True)
class Simulated:
    """The paper desk's whole world. `run` has to be running for anything to happen between calls."""

    clock: Clock
    broker: SimulatedBroker
    gateway: SimulatedOrderGateway
    order_events: SimulatedOrderEvents
    account: SimulatedAccount
    market_data: MarketData
    contracts: SimulatedContracts
    _following: FollowedQuotes | None = None
    _woken: asyncio.Event = field(factory=asyncio.Event, init=False)

    def anchor(self, what: Contract | ContractQuery, price: Decimal) -> bool:
        """Have the contract's first price be near `price`; return whether that was news."""
        return self.broker.market.anchor(what, price, self.clock.now())

    async def run(self) -> None:
        """Do what is due when it is due, until cancelled: often while an order is young, and nothing without orders."""
        self.broker.on_change.append(self._woken.set)
        try:
            while True:
                await self._step()
        finally:
            self.broker.on_change.remove(self._woken.set)

    async def _step(self) -> None:
        if self._following is not None:
            await self._following.refresh(self.broker.about_to_match(self.clock.now()))
        self.broker.advance(self.clock.now())
        self._woken.clear()
        due = self.broker.next_at()
        if due is None:
            await self._woken.wait()
        else:
            await self._wait(due)

    async def _wait(self, due: datetime) -> None:
        waits = {asyncio.ensure_future(self.clock.sleep_until(due)), asyncio.ensure_future(self._woken.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def close(self) -> None:
        """End every stream of reports."""
        self.order_events.close()


def create_simulated(
    clock: Clock,
    *,
    seed: int = 0,
    calendar: TradingCalendar,
    scenario: Scenario | None = None,
    store: PaperAccountFile | None = None,
    starting_cash: Decimal = STARTING_CASH,
    market_data: MarketData | None = None,
) -> Simulated:
    """Return a simulated broker and market on `clock`, with the account of `store` where there is one.

    With `market_data`, orders fill against those quotes instead of simulated ones. `starting_cash` is for an account
    that is not in the store yet. Raises PaperAccountFileError for a store that cannot be read.
    """
    script = Script(scenario if scenario is not None else Scenario())
    market = SimulatedMarket(seed, script, is_modelled=market_data is None)
    broker = _broker(market, script, store, starting_cash)
    if store is not None:

        def save() -> None:
            store.save(snapshot(broker))

        broker.on_change.append(save)
        market.on_anchor = save
    following = None if market_data is None else FollowedQuotes(market_data, market)
    return Simulated(
        clock=clock,
        broker=broker,
        gateway=SimulatedOrderGateway(broker, clock),
        order_events=SimulatedOrderEvents(broker),
        account=SimulatedAccount(broker, clock, following),
        market_data=SimulatedMarketData(market, clock) if market_data is None else market_data,
        contracts=SimulatedContracts(clock, calendar, script),
        following=following,
    )


def _broker(
    market: SimulatedMarket, script: Script, store: PaperAccountFile | None, starting_cash: Decimal
) -> SimulatedBroker:
    data: Any = None if store is None else store.load()
    if store is None or data is None:
        return SimulatedBroker(market, script, Ledger(cash=starting_cash, starting_cash=starting_cash))
    try:
        return restore(data, market, script)
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError) as error:
        raise store.broken(f"{type(error).__name__} {error}") from error
