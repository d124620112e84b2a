"""The replay's market and broker on the virtual loop: modelled by seed, or quoting what a file has recorded."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.simulated.exchange.account import SimulatedAccount
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.gateway import SimulatedOrderEvents, SimulatedOrderGateway
from adapters.simulated.exchange.ledger import Ledger
from adapters.simulated.market.chain import SimulatedContracts
from adapters.simulated.market.market import SimulatedMarket, SimulatedMarketData
from adapters.simulated.market.recorded import RecordedMarket, Row
from adapters.simulated.scenario.scenario import Scenario
from adapters.simulated.scenario.script import Script
from domain.calendar import TradingCalendar
from domain.events import AlertRead
from domain.gate import query_of
from domain.orders import OrderReport
from ports.audit_log import Entry
from ports.clock import Clock

OVERLAP = timedelta(minutes=1)


class NewsOfOrders(SimulatedAccount):
    """Tells at each reading what is live, and of what has ended only what ended since the reading before.

    The desk has taken in the rest already, and this broker forgets nothing and tells nothing late: without this, every
    reading of a long replay would repeat weeks of orders.
    """

    _read_until: datetime | None = None

    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        asked_at = self._clock.now()
        since = since if self._read_until is None else max(since, self._read_until - OVERLAP)
        found = await super().orders(since)
        self._read_until = asked_at
        return found


class Exchange:
    """The simulated broker with its ports. `drive` has to be called once, on a running loop."""

    def __init__(
        self, clock: Clock, *, seed: int, cash: Decimal, calendar: TradingCalendar, quotes: Iterator[Row] | None
    ) -> None:
        self._clock = clock
        script = Script(Scenario())
        self.market = SimulatedMarket(seed, script) if quotes is None else RecordedMarket(seed, script, quotes)
        self.broker = SimulatedBroker(self.market, script, Ledger(cash=cash, starting_cash=cash))
        self.gateway = SimulatedOrderGateway(self.broker, clock)
        self.order_events = SimulatedOrderEvents(self.broker)
        self.account = NewsOfOrders(self.broker, clock)
        self.market_data = SimulatedMarketData(self.market, clock)
        self.contracts = SimulatedContracts(clock, calendar, script)
        self._due: datetime | None = None
        self._timer: asyncio.TimerHandle | None = None

    def drive(self) -> None:
        """Have everything happen at its instant from now on."""
        self.broker.on_change.append(self._wake)
        self._wake()

    def hint_at_price(self, _seq: int, entry: Entry) -> None:
        """Anchor a contract's first modelled price near the price that its alert names, before it is asked for."""
        read = entry.body
        if isinstance(read, AlertRead) and read.alert.is_entry and read.alert.price is not None:
            query = query_of(read.alert)
            if query is not None:
                self.market.anchor(query, read.alert.price, self._clock.now())

    def _wake(self) -> None:
        due = self.broker.next_at()
        if due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due, self._timer = due, None
        if due is not None:
            left = max((due - self._clock.now()).total_seconds(), 0)
            self._timer = asyncio.get_running_loop().call_later(left, self._advance)

    def _advance(self) -> None:
        self._due, self._timer = None, None
        self.broker.advance(self._clock.now())
        self._wake()
