"""The simulated broker, as the OrderGateway and OrderEvents ports see it.

A request takes a moment to the broker and its answer a moment back. A caller that gives up in between does not know
what became of it, as with a real line.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.matching import latency
from adapters.simulated.scenario.scenario import Read
from domain.orders import Order, OrderReport
from ports.clock import Clock
from ports.order_events import OrderEvents
from ports.order_gateway import CancelResult, OrderGateway, SubmitResult

ONE_WAY_MS = (20, 80)


class SimulatedOrderGateway(OrderGateway):
    def __init__(self, broker: SimulatedBroker, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock
        self._ways = 0

    async def ensure_authorized(self) -> None:
        self._broker.script.check_read(Read.AUTHORIZATION)

    async def submit(self, order: Order) -> SubmitResult:
        answer = self._broker.submit(order, await self._on_the_way())
        await self._on_the_way()
        return answer

    async def validate(self, order: Order) -> SubmitResult:
        answer = self._broker.validate(order, await self._on_the_way())
        await self._on_the_way()
        return answer

    async def replace(self, order: Order, replaced: Order) -> SubmitResult:
        answer = self._broker.replace(order, replaced, await self._on_the_way())
        await self._on_the_way()
        return answer

    async def cancel(self, order: Order) -> CancelResult:
        answer = self._broker.cancel(order, await self._on_the_way())
        await self._on_the_way()
        return answer

    async def _on_the_way(self) -> datetime:
        self._ways += 1
        takes: timedelta = latency(self._broker.market.seed, *ONE_WAY_MS, "way", self._ways)
        await self._clock.sleep_until(self._clock.now() + takes)
        return self._clock.now()


class SimulatedOrderEvents(OrderEvents):
    """Every iterator gets every report from the moment it was asked for."""

    def __init__(self, broker: SimulatedBroker) -> None:
        self._broker = broker
        self._open: dict[asyncio.Queue[OrderReport | None], Callable[[], None]] = {}

    def reports(self) -> AsyncIterator[OrderReport]:
        queue: asyncio.Queue[OrderReport | None] = asyncio.Queue()
        self._open[queue] = self._broker.listen(queue.put_nowait)
        return self._drain(queue)

    def close(self) -> None:
        """End every iterator once it has given out what it has."""
        for queue, stop in self._open.items():
            stop()
            queue.put_nowait(None)
        self._open.clear()

    async def _drain(self, queue: "asyncio.Queue[OrderReport | None]") -> AsyncIterator[OrderReport]:
        try:
            while (report := await queue.get()) is not None:
                yield report
        finally:
            stop = self._open.pop(queue, None)
            if stop is not None:
                stop()
