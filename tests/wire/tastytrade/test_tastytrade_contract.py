"""The broker contract, run on the Tastytrade adapter: the real SDK against the stand-in."""

import asyncio
from decimal import Decimal

from domain.instruments import Contract
from domain.orders import Order
from tests.contract.broker_suite import Bench, BrokerContract, Story
from tests.wire.tastytrade.bench import QUERY, UNLISTED, Beside, beside, until

# Long enough for a fill to come between: the stand-in then aborts the replacement.
REPLACE_TAKES = 1


def _bench(there: Beside) -> Bench:
    async def fill(order: Order, quantity: int, price: Decimal) -> None:
        there.stand_in.ledger.fill(int(order.broker_order_id or 0), quantity, price)

    async def set_book(contract: Contract, bid: Decimal | None, ask: Decimal | None) -> None:
        await there.stand_in.set_book(contract.symbol, bid, ask)
        if not there.stand_in.quotes.subscribed:
            return
        # "At once": the event has reached the adapter before the next question.
        name = next(iter(there.stand_in.quotes.subscribed.values()))
        symbol = next(iter(name))
        await until(
            lambda: (last := there.broker.quotes.last(symbol)) is not None and (last.bid, last.ask) == (bid, ask)
        )

    return Bench(
        gateway=there.broker.gateway,
        order_events=there.broker.order_events,
        account=there.broker.account,
        market_data=there.broker.market_data,
        contracts=there.broker.contracts,
        query=QUERY,
        unlisted=UNLISTED,
        now=there.clock.now,
        fill=fill,
        set_book=set_book,
    )


class TestTastytradeBroker(BrokerContract):
    def run(self, story: Story) -> None:
        async def main() -> None:
            async with beside() as there:
                there.stand_in.replace_takes = REPLACE_TAKES
                await story(_bench(there))

        asyncio.run(main())
