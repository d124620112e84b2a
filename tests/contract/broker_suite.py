"""What every broker adapter keeps, told to it through its ports. A subclass of `BrokerContract` brings the adapter.

The suite never waits for a time to pass: it waits for a report, and a report that does not come fails the test.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from attrs import define, evolve, field

from domain.events import (
    CancelAccepted,
    CancelRefused,
    ContractNotFound,
    OrderAccepted,
    OrderRejected,
    OrderValidated,
)
from domain.instruments import Contract, ContractQuery
from domain.orders import Order, OrderReport, OrderRole, Side, Signal, TimeInForce
from ports.account import Account
from ports.contracts import Contracts
from ports.market_data import MarketData
from ports.order_events import OrderEvents
from ports.order_gateway import OrderGateway

PATIENCE_SECONDS = 30  # of the loop's own time: the guard of a test that fails, not a wait
BID, ASK, INSIDE, LOW = Decimal("0.74"), Decimal("0.76"), Decimal("0.75"), Decimal("0.70")
ENDED = {Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED}


@define(kw_only=True)
class Bench:
    """One broker with an empty account and an open market, in which nothing fills by itself.

    `query` resolves to an option with ticks of one cent at these prices, `unlisted` to nothing. `fill` executes part of
    a live order at the broker, `set_book` makes its quote, None where a side is empty; both act at once.
    """

    gateway: OrderGateway
    order_events: OrderEvents
    account: Account
    market_data: MarketData
    contracts: Contracts
    query: ContractQuery
    unlisted: ContractQuery
    now: Callable[[], datetime]
    fill: Callable[[Order, int, Decimal], Awaitable[None]]
    set_book: Callable[[Contract, Decimal | None, Decimal | None], Awaitable[None]]
    _numbers: "count[int]" = field(factory=lambda: count(1), init=False)

    async def contract(self) -> Contract:
        found = await self.contracts.resolve("T1", self.query)
        assert isinstance(found, Contract)
        await self.set_book(found, BID, ASK)
        return found

    async def order(self, side: Side = Side.BUY_TO_OPEN, quantity: int = 4, price: Decimal = LOW) -> Order:
        return Order(
            client_order_id=f"T1-{next(self._numbers)}",
            trade_id="T1",
            role=OrderRole.ENTRY if side.is_buy else OrderRole.EXIT,
            contract=await self.contract(),
            side=side,
            quantity=quantity,
            limit_price=price,
            time_in_force=TimeInForce.DAY if side.is_buy else TimeInForce.GTC,
            sent_at=self.now(),
        )

    async def placed(self, order: Order) -> Order:
        """Submit an order that must be accepted; return it with the broker's id."""
        answer = await self.gateway.submit(order)
        assert isinstance(answer, OrderAccepted), answer
        assert answer.client_order_id == order.client_order_id
        return evolve(order, broker_order_id=answer.broker_order_id)


class News:
    """One stream of reports, opened before anything is sent."""

    def __init__(self, events: OrderEvents) -> None:
        self._reports: AsyncIterator[OrderReport] = events.reports()

    async def of(self, order: Order, is_wanted: Callable[[OrderReport], bool]) -> OrderReport:
        """Return the next report of the order that is wanted."""
        return await self.any(lambda report: report.broker_order_id == order.broker_order_id and is_wanted(report))

    async def any(self, is_wanted: Callable[[OrderReport], bool]) -> OrderReport:
        """Return the next report that is wanted, of whatever order."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for report in self._reports:
                if is_wanted(report):
                    return report
        raise AssertionError("the stream of reports ended")

    async def status(self, order: Order, status: Signal) -> OrderReport:
        return await self.of(order, lambda report: report.status is status)

    async def filled(self, order: Order, quantity: int) -> OrderReport:
        return await self.of(order, lambda report: report.filled_quantity == quantity)


Story = Callable[[Bench], Awaitable[None]]


class BrokerContract(ABC):
    @abstractmethod
    def run(self, story: Story) -> None:
        """Run the story to its end on a fresh bench, on whatever loop the adapter needs."""

    def test_an_accepted_order_is_reported_working_whole(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            order = await bench.placed(await bench.order())
            report = await news.status(order, Signal.REPORTED_WORKING)
            assert report.client_order_id == order.client_order_id
            assert (report.symbol, report.side) == (order.contract.symbol, Side.BUY_TO_OPEN)
            assert (report.quantity, report.limit_price) == (4, LOW)
            assert (report.filled_quantity, report.fills, report.replaces) == (0, (), None)

        self.run(story)

    def test_a_live_order_is_among_the_orders_however_late_one_asks(self) -> None:
        async def story(bench: Bench) -> None:
            order = await bench.placed(await bench.order())
            reports = await bench.account.orders(bench.now() + timedelta(hours=1))
            assert [report.client_order_id for report in reports] == [order.client_order_id]

        self.run(story)

    def test_partial_fills_are_reported_whole_with_fills_of_their_own(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.fill(order, 1, LOW)
            first = await news.filled(order, 1)
            assert first.status is Signal.REPORTED_WORKING
            await bench.fill(order, 3, LOW)
            last = await news.status(order, Signal.REPORTED_FILLED)
            assert last.filled_quantity == 4
            assert [fill.quantity for fill in last.fills] == [1, 3]
            assert last.fills[0] == first.fills[0]
            assert len({fill.fill_id for fill in last.fills}) == 2

        self.run(story)

    def test_a_fill_becomes_a_position_at_its_average_price(self) -> None:
        async def story(bench: Bench) -> None:
            assert await bench.account.positions() == ()
            news = News(bench.order_events)
            order = await bench.placed(await bench.order(quantity=2, price=BID))
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.fill(order, 1, BID)
            await bench.fill(order, 1, BID)
            await news.status(order, Signal.REPORTED_FILLED)
            (position,) = await bench.account.positions()
            assert (position.symbol, position.quantity) == (order.contract.symbol, 2)
            assert position.average_price == BID

        self.run(story)

    def test_a_working_order_reserves_buying_power_and_its_end_gives_it_back(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            before = (await bench.account.balances()).buying_power
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            during = (await bench.account.balances()).buying_power
            assert before - during >= order.contract.value(LOW, 4)
            await bench.gateway.cancel(order)
            await news.status(order, Signal.REPORTED_CANCELLED)
            assert (await bench.account.balances()).buying_power == before

        self.run(story)

    def test_more_than_the_buying_power_is_rejected_with_words(self) -> None:
        async def story(bench: Bench) -> None:
            order = await bench.order(quantity=1_000_000)
            answer = await bench.gateway.submit(order)
            assert isinstance(answer, OrderRejected)
            assert answer.client_order_id == order.client_order_id
            assert answer.reason

        self.run(story)

    def test_selling_what_is_not_held_is_rejected(self) -> None:
        async def story(bench: Bench) -> None:
            answer = await bench.gateway.submit(await bench.order(Side.SELL_TO_CLOSE, 1, ASK))
            assert isinstance(answer, OrderRejected)

        self.run(story)

    def test_contracts_in_a_working_sell_order_cannot_be_sold_again(self) -> None:
        async def story(bench: Bench) -> None:
            await self._bought(bench, 2)
            await bench.placed(await bench.order(Side.SELL_TO_CLOSE, 2, ASK * 2))
            answer = await bench.gateway.submit(await bench.order(Side.SELL_TO_CLOSE, 1, ASK * 2))
            assert isinstance(answer, OrderRejected)

        self.run(story)

    def test_a_sale_reduces_the_position(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            await self._bought(bench, 2)
            exit_order = await bench.placed(await bench.order(Side.SELL_TO_CLOSE, 1, ASK))
            await news.status(exit_order, Signal.REPORTED_WORKING)
            await bench.fill(exit_order, 1, ASK)
            report = await news.status(exit_order, Signal.REPORTED_FILLED)
            assert report.side is Side.SELL_TO_CLOSE
            (position,) = await bench.account.positions()
            assert position.quantity == 1

        self.run(story)

    def test_a_cancelled_order_keeps_its_fills(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.fill(order, 1, LOW)
            await news.filled(order, 1)
            assert await bench.gateway.cancel(order) == CancelAccepted(order.client_order_id)
            report = await news.status(order, Signal.REPORTED_CANCELLED)
            assert report.filled_quantity == 1
            assert [fill.quantity for fill in report.fills] == [1]

        self.run(story)

    def test_an_order_that_has_ended_refuses_a_cancel(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            order = await bench.placed(await bench.order(quantity=1))
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.fill(order, 1, LOW)
            await news.status(order, Signal.REPORTED_FILLED)
            answer = await bench.gateway.cancel(order)
            assert isinstance(answer, CancelRefused)
            assert answer.client_order_id == order.client_order_id
            assert answer.reason

        self.run(story)

    def test_what_ended_is_still_among_the_orders_since_before_it(self) -> None:
        async def story(bench: Bench) -> None:
            started = bench.now()
            news = News(bench.order_events)
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.gateway.cancel(order)
            await news.status(order, Signal.REPORTED_CANCELLED)
            (report,) = await bench.account.orders(started)
            assert (report.broker_order_id, report.status) == (order.broker_order_id, Signal.REPORTED_CANCELLED)

        self.run(story)

    def test_a_replacement_takes_over_under_a_new_id(self) -> None:
        async def story(bench: Bench) -> None:
            news, old_news = News(bench.order_events), News(bench.order_events)
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            stepped = await self._replaced(bench, order, LOW + Decimal("0.01"))
            assert stepped.broker_order_id != order.broker_order_id
            report = await news.status(stepped, Signal.REPORTED_WORKING)
            assert report.client_order_id == stepped.client_order_id
            assert (report.quantity, report.limit_price) == (4, LOW + Decimal("0.01"))
            assert report.replaces == order.broker_order_id
            assert (await old_news.status(order, Signal.REPORTED_CANCELLED)).filled_quantity == 0

        self.run(story)

    def test_a_fill_of_the_original_aborts_its_replacement(self) -> None:
        async def story(bench: Bench) -> None:
            news, old_news, watch = (News(bench.order_events) for _ in range(3))
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            answering = asyncio.ensure_future(self._replaced(bench, order, LOW + Decimal("0.01")))
            await watch.any(lambda report: report.replaces == order.broker_order_id)
            await bench.fill(order, 1, LOW)
            stepped = await answering
            aborted = await news.of(stepped, lambda report: report.status in ENDED)
            assert aborted.status in {Signal.REPORTED_CANCELLED, Signal.REPORTED_REJECTED}
            assert aborted.fills == ()
            filled = await old_news.filled(order, 1)
            assert filled.status is Signal.REPORTED_WORKING
            (live,) = [report for report in await bench.account.orders(bench.now()) if report.status not in ENDED]
            assert live.broker_order_id == order.broker_order_id

        self.run(story)

    def test_an_order_that_has_ended_cannot_be_replaced(self) -> None:
        async def story(bench: Bench) -> None:
            news = News(bench.order_events)
            order = await bench.placed(await bench.order())
            await news.status(order, Signal.REPORTED_WORKING)
            await bench.gateway.cancel(order)
            await news.status(order, Signal.REPORTED_CANCELLED)
            stepped = evolve(await bench.order(price=BID), replaces=order.client_order_id)
            answer = await bench.gateway.replace(stepped, order)
            assert isinstance(answer, OrderRejected)
            assert answer.client_order_id == stepped.client_order_id

        self.run(story)

    def test_a_client_order_id_that_comes_twice_is_two_orders(self) -> None:
        async def story(bench: Bench) -> None:
            order = await bench.order(quantity=1)
            first, second = await bench.placed(order), await bench.placed(order)
            assert first.broker_order_id != second.broker_order_id
            reports = await bench.account.orders(order.sent_at)
            assert [report.client_order_id for report in reports] == [order.client_order_id] * 2

        self.run(story)

    def test_a_validated_order_is_not_placed(self) -> None:
        async def story(bench: Bench) -> None:
            order = await bench.order()
            answer = await bench.gateway.validate(order)
            assert isinstance(answer, OrderValidated)
            assert answer.client_order_id == order.client_order_id
            assert await bench.account.orders(order.sent_at) == ()
            too_much = evolve(order, quantity=1_000_000)
            assert isinstance(await bench.gateway.validate(too_much), OrderRejected)

        self.run(story)

    def test_every_stream_gets_every_report(self) -> None:
        async def story(bench: Bench) -> None:
            here, there = News(bench.order_events), News(bench.order_events)
            order = await bench.placed(await bench.order())
            assert await here.status(order, Signal.REPORTED_WORKING) == await there.status(
                order, Signal.REPORTED_WORKING
            )

        self.run(story)

    def test_only_the_exact_contract_is_found(self) -> None:
        async def story(bench: Bench) -> None:
            found = await bench.contracts.resolve("T1", bench.query)
            assert isinstance(found, Contract)
            assert (found.strike, found.right, found.expires_on) == (
                bench.query.strike,
                bench.query.right,
                bench.query.expires_on,
            )
            assert found.cut_off is not None
            missing = await bench.contracts.resolve("T2", bench.unlisted)
            assert isinstance(missing, ContractNotFound)
            assert missing.trade_id == "T2"
            assert missing.detail

        self.run(story)

    def test_the_quote_is_the_book_or_none(self) -> None:
        async def story(bench: Bench) -> None:
            contract = await bench.contract()
            quote = await bench.market_data.quote(contract)
            assert quote is not None
            assert (quote.bid, quote.ask) == (BID, ASK)
            assert quote.fault(bench.now(), timedelta(seconds=5)) is None
            await bench.set_book(contract, None, None)
            assert await bench.market_data.quote(contract) is None

        self.run(story)

    def test_authorization_is_checked_before_a_write(self) -> None:
        async def story(bench: Bench) -> None:
            await bench.gateway.ensure_authorized()
            await bench.placed(await bench.order())

        self.run(story)

    async def _bought(self, bench: Bench, quantity: int) -> None:
        news = News(bench.order_events)
        entry = await bench.placed(await bench.order(quantity=quantity))
        await news.status(entry, Signal.REPORTED_WORKING)
        await bench.fill(entry, quantity, LOW)
        await news.status(entry, Signal.REPORTED_FILLED)

    async def _replaced(self, bench: Bench, order: Order, price: Decimal) -> Order:
        stepped = evolve(await bench.order(price=price), replaces=order.client_order_id)
        answer = await bench.gateway.replace(stepped, order)
        assert isinstance(answer, OrderAccepted), answer
        return evolve(stepped, broker_order_id=answer.broker_order_id)
