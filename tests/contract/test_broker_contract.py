"""The broker contract, run on the simulated broker in virtual time."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from adapters.simulated.create import create_simulated
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.scenario.scenario import FillRule, QuoteStep, Scenario
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from domain.alerts import InstrumentKind, Right
from domain.calendar import CalendarName, TradingCalendar
from domain.instruments import Contract, ContractQuery
from domain.orders import Order
from tests.contract.broker_suite import Bench, BrokerContract, Story

START = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
QUERY = ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78), Right.PUT, date(2026, 3, 20))
UNLISTED = ContractQuery("UBER", InstrumentKind.OPTION, Decimal("78.37"), Right.PUT, date(2026, 3, 20))
NOTHING_FILLS = Scenario(fills=(FillRule(),))


async def fill(broker: SimulatedBroker, clock: VirtualClock, order: Order, quantity: int, price: Decimal) -> None:
    broker.fill(order.broker_order_id or order.client_order_id, quantity, price, clock.now())


async def set_book(
    broker: SimulatedBroker, clock: VirtualClock, contract: Contract, bid: Decimal | None, ask: Decimal | None
) -> None:
    broker.set_quote(contract, QuoteStep(bid=bid, ask=ask), clock.now())


class TestSimulatedBroker(BrokerContract):
    def run(self, story: Story) -> None:
        async def main(loop: VirtualTimeLoop) -> None:
            clock = VirtualClock(START, loop)
            desk = create_simulated(
                clock, seed=7, calendar=TradingCalendar(CalendarName.ALWAYS_OPEN), scenario=NOTHING_FILLS
            )
            driving = asyncio.ensure_future(desk.run())
            bench = Bench(
                gateway=desk.gateway,
                order_events=desk.order_events,
                account=desk.account,
                market_data=desk.market_data,
                contracts=desk.contracts,
                query=QUERY,
                unlisted=UNLISTED,
                now=clock.now,
                fill=partial(fill, desk.broker, clock),
                set_book=partial(set_book, desk.broker, clock),
            )
            try:
                await story(bench)
            finally:
                driving.cancel()
                await asyncio.gather(driving, return_exceptions=True)
                desk.close()

        run_virtual(main)
