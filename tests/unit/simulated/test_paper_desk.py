"""The simulated broker on a clock: it does what is due when it is due, and waits for nothing when there is nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.scenario.scenario import AnswerRule, Execution, FillRule, LostAnswer, Read, ReadRule, Scenario
from adapters.simulated.virtual import VirtualClock, VirtualDeadlockError, VirtualTimeLoop, run_virtual
from domain.events import Operation, OrderAccepted, OutcomeUnknown
from domain.instruments import Contract
from domain.orders import OrderReport, Side, Signal, TimeInForce
from domain.quotes import Quote
from ports.errors import PortUnavailableError
from ports.market_data import MarketData
from tests.unit.simulated.paper_bench import ALWAYS_OPEN, START, PaperBench, listed

AT_ONCE = Scenario(fills=(FillRule(executions=(Execution(),)),))


class GivenQuotes(MarketData):
    """Stands for a real market: quotes what it is told, fresh, or fails."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.book: tuple[str, str] | None = ("0.70", "0.72")
        self.read: list[str] = []

    async def quote(self, contract: Contract) -> Quote | None:
        self.read.append(contract.symbol)
        if self.book is None:
            raise PortUnavailableError("away")
        return Quote(Decimal(self.book[0]), Decimal(self.book[1]), self.clock.now())


def on_a_desk(story: Callable[[Simulated, VirtualClock], Awaitable[None]], scenario: Scenario | None = None) -> None:
    """Run the story beside a running desk."""

    async def main(loop: VirtualTimeLoop) -> None:
        clock = VirtualClock(START, loop)
        desk = create_simulated(clock, seed=3, calendar=ALWAYS_OPEN, scenario=scenario)
        driving = asyncio.ensure_future(desk.run())
        try:
            await story(desk, clock)
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)
            desk.close()

    run_virtual(main)


async def until_filled(reports: "asyncio.Queue[OrderReport]") -> OrderReport:
    while True:
        report = await reports.get()
        if report.status is Signal.REPORTED_FILLED:
            return report


def listening(desk: Simulated) -> "asyncio.Queue[OrderReport]":
    queue: asyncio.Queue[OrderReport] = asyncio.Queue()
    desk.broker.listen(queue.put_nowait)
    return queue


def test_a_first_alert_fills_within_the_ladders_window():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        contract = listed()
        desk.anchor(contract, Decimal("0.75"))
        reports = listening(desk)
        quote = await desk.market_data.quote(contract)
        assert quote is not None
        order = PaperBench().order(price=str(contract.ticks.up(quote.two_sided[1])))
        assert isinstance(await desk.gateway.submit(order), OrderAccepted)
        await until_filled(reports)
        assert clock.now() - START < timedelta(seconds=20)
        (position,) = await desk.account.positions()
        assert position.quantity == 4

    on_a_desk(story)


def test_answers_and_reports_take_a_moment_of_market_time():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        reports = listening(desk)
        await desk.gateway.submit(PaperBench().order())
        answered = clock.now() - START
        assert timedelta(milliseconds=40) <= answered <= timedelta(milliseconds=160)
        await until_filled(reports)
        assert clock.now() - START < timedelta(milliseconds=400)

    on_a_desk(story, AT_ONCE)


def test_a_desk_without_orders_waits_for_ever_without_a_timer():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(VirtualDeadlockError):
        on_a_desk(story)


def test_a_desk_that_waits_for_nothing_is_woken_by_an_order():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        await asyncio.sleep(86400)
        reports = listening(desk)
        await desk.gateway.submit(PaperBench().order(time_in_force=TimeInForce.GTC))
        assert (await until_filled(reports)).filled_quantity == 4

    on_a_desk(story, AT_ONCE)


def test_streams_end_when_the_desk_is_closed_and_start_where_they_are_asked_for():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        early = desk.order_events.reports()
        await desk.gateway.submit(PaperBench().order())
        await asyncio.sleep(5)
        late = desk.order_events.reports()
        desk.close()
        assert [report.status async for report in early][-1] is Signal.REPORTED_FILLED
        assert [report async for report in late] == []

    on_a_desk(story, AT_ONCE)


def test_a_stream_that_is_given_up_gets_no_more():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        stream = desk.order_events.reports()
        await desk.gateway.submit(PaperBench().order())
        async for _report in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        assert desk.broker.outbox.next_at() is None

    on_a_desk(story, AT_ONCE)


def test_a_caller_that_gives_up_on_the_way_back_has_placed_the_order():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        reports = listening(desk)
        asking = asyncio.ensure_future(desk.gateway.submit(PaperBench().order()))
        while not await desk.account.orders(START):
            pass
        asking.cancel()
        assert (await until_filled(reports)).client_order_id == "T1-1"

    on_a_desk(story, AT_ONCE)


def test_lost_answers_are_values_and_failed_reads_are_errors():
    scenario = Scenario(
        answers=(AnswerRule(operation=Operation.SUBMIT, outcome=LostAnswer.NOT_ACCEPTED),),
        reads=(ReadRule(read=Read.AUTHORIZATION), ReadRule(read=Read.BALANCES)),
    )

    async def story(desk: Simulated, clock: VirtualClock) -> None:
        with pytest.raises(PortUnavailableError):
            await desk.gateway.ensure_authorized()
        await desk.gateway.ensure_authorized()
        with pytest.raises(PortUnavailableError):
            await desk.account.balances()
        assert isinstance(await desk.gateway.submit(PaperBench().order()), OutcomeUnknown)

    on_a_desk(story, scenario)


def test_two_weeks_of_a_resting_exit_pass_on_few_looks():
    async def story(desk: Simulated, clock: VirtualClock) -> None:
        contract = listed()
        desk.anchor(contract, Decimal("0.75"))
        desk.broker.trade_by_hand(contract, Side.BUY_TO_OPEN, 2, Decimal("0.75"), clock.now())
        order = PaperBench().order(Side.SELL_TO_CLOSE, 1, "90.00", time_in_force=TimeInForce.GTC)
        await desk.gateway.submit(order)
        await asyncio.sleep(14 * 86400)
        (report,) = [report for report in await desk.account.orders(START) if report.client_order_id is not None]
        assert report.status is Signal.REPORTED_EXPIRED
        assert await desk.account.positions() == ()

    on_a_desk(story)


def on_real_quotes(story: Callable[[Simulated, GivenQuotes], Awaitable[None]]) -> None:
    async def main(loop: VirtualTimeLoop) -> None:
        quotes = GivenQuotes(VirtualClock(START, loop))
        desk = create_simulated(quotes.clock, calendar=ALWAYS_OPEN, market_data=quotes)
        driving = asyncio.ensure_future(desk.run())
        try:
            await story(desk, quotes)
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)

    run_virtual(main)


def test_orders_fill_against_real_quotes_that_are_read_while_they_work():
    async def story(desk: Simulated, quotes: GivenQuotes) -> None:
        quotes.book = ("0.80", "0.82")
        reports = listening(desk)
        await desk.gateway.submit(PaperBench().order())
        await asyncio.sleep(10)
        assert (await desk.account.positions()) == ()
        quotes.book = ("0.72", "0.74")
        report = await until_filled(reports)
        assert {fill.price for fill in report.fills} == {Decimal("0.74")}
        settled = len(quotes.read)
        await asyncio.sleep(600)
        assert len(quotes.read) == settled

    on_real_quotes(story)


def test_nothing_fills_while_real_quotes_are_away():
    async def story(desk: Simulated, quotes: GivenQuotes) -> None:
        quotes.book = None
        await desk.gateway.submit(PaperBench().order())
        await asyncio.sleep(100)
        assert (await desk.account.positions()) == ()
        assert set(quotes.read) == {listed().symbol}

    on_real_quotes(story)


def test_holdings_are_valued_at_real_quotes():
    async def story(desk: Simulated, quotes: GivenQuotes) -> None:
        desk.broker.trade_by_hand(listed(), Side.BUY_TO_OPEN, 1, Decimal("0.70"), quotes.clock.now())
        quotes.book = ("1.00", "1.10")
        balances = await desk.account.balances()
        assert balances.net_liquidation == balances.buying_power + 105

    on_real_quotes(story)


def test_two_desks_of_one_seed_live_through_the_same():
    def life() -> list[tuple[datetime, OrderReport]]:
        seen: list[tuple[datetime, OrderReport]] = []

        async def story(desk: Simulated, clock: VirtualClock) -> None:
            desk.anchor(listed(), Decimal("0.75"))
            desk.broker.listen(lambda report: seen.append((clock.now(), report)))
            for price in ("0.74", "0.75", "0.77"):
                await desk.gateway.submit(PaperBench().order(price=price))
                await asyncio.sleep(40)

        on_a_desk(story)
        return seen

    assert life() == life()
    assert len(life()) > 6
