"""The whole desk on the real adapter and SDK: an alert becomes an order, its fill an exit, whatever the wire does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import define, field

from adapters.system.ids import TimedTradeIds
from composition.dispatch import Dispatcher
from composition.runtime import Runtime
from domain.calendar import CalendarName, TradingCalendar
from domain.commands import Notify, Reply
from domain.desk.state import Phase
from domain.events import AuthorizationRefreshRequested
from domain.messages import Message
from domain.policies import EntryPolicy, Mode, Policies
from domain.trade import Trade
from domain.verdicts import AnswerStatus, HaltCause
from ports.notifier import Notifier
from tests.fakes.memory_audit_log import MemoryAuditLog
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.bench import EXPIRY, Beside, beside, until
from tests.wire.tastytrade.faults import Answer, Fault

USER, CHANNEL = 11, 22
BID, ASK = Decimal("0.74"), Decimal("0.80")
ALERT = f"BTO UBER 78p {EXPIRY:%m/%d} @ 0.75"
GUARD_SECONDS = 20
ALWAYS = TradingCalendar(CalendarName.ALWAYS_OPEN)


@define
class Notices(Notifier):
    told: list[str] = field(factory=list)

    async def notify(self, notice: Notify) -> None:
        self.told.append(notice.text)


@define
class AtWork:
    """A desk that is open for alerts, beside the stand-in of its broker."""

    there: Beside
    desk: Runtime
    notices: Notices

    async def post(self, text: str = ALERT) -> Reply:
        posted_at = self.there.clock.now()
        number = str(len(self.there.stand_in.requests))
        return await self.desk.process(
            Message(message_id=number, channel_id=CHANNEL, user_id=USER, posted_at=posted_at, text=text)
        )

    def sent(self, side: str) -> list[dict]:
        bodies = [request.body for request in self.there.stand_in.sent("POST", "/orders")]
        return [body for body in bodies if body is not None and body["legs"][0]["action"] == side]

    def fill(self, quantity: int, price: Decimal) -> None:
        books = self.there.stand_in.ledger
        (entry,) = [order for order in books.orders.values() if order["status"] == "Live"]
        books.fill(entry["id"], quantity, price)


@asynccontextmanager
async def at_work(*, dry_run: bool = False, entry: EntryPolicy | None = None) -> AsyncIterator[AtWork]:
    async with asyncio.timeout(GUARD_SECONDS), beside(dry_run=dry_run, calendar=ALWAYS) as there:
        contract = await there.contract()
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        broker, notices = there.broker, Notices()
        dispatcher = Dispatcher(
            clock=there.clock,
            gateway=broker.gateway,
            account=broker.account,
            market_data=broker.market_data,
            contracts=broker.contracts,
            notifier=notices,
            authorization=broker.authorization,
            rooms={},
        )
        mode = Mode.DRY_RUN if dry_run else Mode.SANDBOX
        desk = Runtime(
            audit=MemoryAuditLog(mode),
            clock=there.clock,
            trade_ids=TimedTradeIds(there.clock.now),
            dispatcher=dispatcher,
        )
        policies = Policies(
            mode=mode,
            calendar=CalendarName.ALWAYS_OPEN,
            allowed_users=frozenset({USER}),
            allowed_channels=frozenset({CHANNEL}),
            entry=entry or EntryPolicy(),
        )
        following = asyncio.ensure_future(desk.follow(broker.order_events))
        running = asyncio.ensure_future(desk.run(policies, "0.1.0"))
        try:
            await until(lambda: desk.state.phase is Phase.ACTIVE and broker.is_connected)
            yield AtWork(there, desk, notices)
        finally:
            for task in (running, following):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def story(tell: Callable[[AtWork], Awaitable[None]], **options: object) -> None:
    async def main() -> None:
        async with at_work(**options) as work:  # type: ignore[arg-type]
            await tell(work)

    asyncio.run(main())


def test_an_alert_becomes_an_order_and_its_fill_an_exit_at_twice_the_price() -> None:
    async def tell(work: AtWork) -> None:
        reply = await work.post()
        assert reply.status is AnswerStatus.PLACED
        (entry,) = work.sent("Buy to Open")
        assert (entry["price"], entry["legs"][0]["quantity"]) == ("0.75", 10)
        work.fill(10, Decimal("0.75"))
        await until(lambda: bool(work.sent("Sell to Close")))
        (exit_order,) = work.sent("Sell to Close")
        assert (exit_order["price"], exit_order["legs"][0]["quantity"]) == ("1.50", 5)
        assert exit_order["time-in-force"] == "GTC"
        assert exit_order["advanced-instructions"] == {"strict-position-effect-validation": True}

    story(tell)


def test_a_wrong_exit_never_reaches_the_wire_and_halts_and_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def tell(work: AtWork) -> None:
        await work.post()
        with monkeypatch.context() as planted:
            planted.setattr(Trade, "_to_cover", property(lambda trade: trade.bought))
            work.fill(10, Decimal("0.75"))
            await until(lambda: bool(work.desk.state.halts))
        await until(lambda: any("10 contracts are uncovered" in told for told in work.notices.told))
        assert not work.sent("Sell to Close")
        (halt,) = work.desk.state.halts
        assert halt.cause is HaltCause.ORDER_CHECK
        assert "exits would cover 10 contracts and may cover 5" in halt.reason

    story(tell)


def test_partial_fills_are_covered_as_they_come() -> None:
    async def tell(work: AtWork) -> None:
        await work.post()
        for _ in range(5):
            _fill_entry(work, 2)
        await until(lambda: sum(body["legs"][0]["quantity"] for body in work.sent("Sell to Close")) == 5)
        assert len(work.sent("Buy to Open")) == 1

    story(tell)


def test_an_order_whose_answer_was_lost_is_found_in_the_books_and_never_sent_again() -> None:
    async def tell(work: AtWork) -> None:
        work.there.stand_in.faults.plan("POST", "orders", Fault(answer=Answer.DROP, does_it=True))
        await work.post()
        _fill_entry(work, 10)
        await until(lambda: bool(work.sent("Sell to Close")))
        assert len(work.sent("Buy to Open")) == 1
        assert sum(body["legs"][0]["quantity"] for body in work.sent("Sell to Close")) == 5

    story(tell)


def test_a_fill_that_the_stream_missed_is_covered_after_the_reconnect() -> None:
    async def tell(work: AtWork) -> None:
        await work.post()
        await work.there.stand_in.account_stream.drop()
        _fill_entry(work, 4)
        await until(lambda: bool(work.sent("Sell to Close")))
        assert work.sent("Sell to Close")[0]["legs"][0]["quantity"] == 2

    story(tell)


def test_the_ladder_replaces_the_order_at_the_next_tick() -> None:
    async def tell(work: AtWork) -> None:
        await work.post()
        await until(lambda: any(request.method == "PUT" for request in work.there.stand_in.requests))
        (step,) = [request.body for request in work.there.stand_in.requests if request.method == "PUT"]
        assert step is not None
        assert step["price"] == "0.76"
        await until(lambda: _live_price(work) == "0.76")
        _fill_entry(work, 10)
        await until(lambda: bool(work.sent("Sell to Close")))
        assert work.sent("Sell to Close")[0]["price"] == "1.52"

    quickly = EntryPolicy(initial_wait=timedelta(seconds=0.2), window=timedelta(seconds=60), max_increments=1)
    story(tell, entry=quickly)


def test_a_refused_order_is_answered_with_the_brokers_words() -> None:
    async def tell(work: AtWork) -> None:
        refusal = Fault(answer=Answer.STATUS, status=422, code="cant_buy_for_credit", message="You cannot")
        work.there.stand_in.faults.plan("POST", "orders", refusal)
        reply = await work.post()
        assert reply.status is AnswerStatus.DENIED
        assert "cant_buy_for_credit: You cannot" in reply.text
        assert len(work.sent("Buy to Open")) == 1

    story(tell)


def test_a_revoked_grant_denies_with_its_reason_until_it_is_refreshed() -> None:
    async def tell(work: AtWork) -> None:
        work.there.broker.session.distrust_token()
        work.there.stand_in.tokens.replies = [(400, {"error": "invalid_grant"})]
        reply = await work.post()
        assert reply.status is AnswerStatus.DENIED
        assert "refuses the credentials" in reply.text
        assert not work.sent("Buy to Open")
        await work.there.stand_in.set_book(listings.occ("UBER", EXPIRY, "P", Decimal(79)), BID, ASK)
        await work.desk.request(AuthorizationRefreshRequested("an operator"))
        await until(lambda: work.there.broker.session.refusal is None and not work.desk.state.halts)
        assert (await work.post(ALERT.replace("78p", "79p"))).status is AnswerStatus.PLACED

    story(tell)


def test_a_dry_run_tells_what_would_be_placed_and_places_nothing() -> None:
    async def tell(work: AtWork) -> None:
        reply = await work.post()
        assert reply.status is AnswerStatus.DRY_RUN
        assert work.there.stand_in.ledger.orders == {}
        assert work.sent("Buy to Open") == []
        assert len(work.there.stand_in.sent("POST", "/dry-run")) == 1

    story(tell, dry_run=True)


def _fill_entry(work: AtWork, quantity: int) -> None:
    books = work.there.stand_in.ledger
    live = [order for order in books.orders.values() if order["status"] == "Live"]
    (entry,) = [order for order in live if order["legs"][0]["action"] == "Buy to Open"]
    books.fill(entry["id"], quantity, Decimal(entry["price"]))


def _live_price(work: AtWork) -> str | None:
    prices = [order["price"] for order in work.there.stand_in.ledger.orders.values() if order["status"] == "Live"]
    return prices[0] if prices else None
