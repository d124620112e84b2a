"""The adapter on the real SDK beside its stand-in, on one loop; and small helpers that wait for facts, not for time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal

from attrs import define

from adapters.system.clock import SystemClock
from adapters.tastytrade.create import Tastytrade, Waits, create_tastytrade
from adapters.tastytrade.order_events import Pulse
from adapters.tastytrade.quote_stream import Patience
from adapters.tastytrade.retrying import Retries
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from adapters.tastytrade.supervision import Backoff
from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar, new_york_date
from domain.instruments import Contract, ContractQuery
from domain.orders import Order, OrderRole, Side, TimeInForce
from ports.clock import Clock
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.stand_in import ACCOUNT, CLIENT_SECRET, REFRESH_TOKEN, TastytradeStandIn, running_stand_in

GUARD_SECONDS = 20  # the guard of a test that fails, not a wait
QUICK = Waits(
    retries=Retries(first_wait=0.001, longest_wait=0.002, jitter=0),
    pulse=Pulse(every=0.05, patience=10),
    patience=Patience(first_quote=10, silence=30),
    backoff=Backoff(first=0.01, longest=0.02),
)
LOW = Decimal("0.70")


def friday_ahead() -> date:
    """Return a listed expiry some weeks from now: a Friday that is no holiday, in whatever year the test runs."""
    today = new_york_date(SystemClock().now())
    fridays = (today + timedelta(days=(4 - today.weekday()) % 7 + 7 * weeks) for weeks in range(3, 9))
    return next(friday for friday in fridays if TradingCalendar().is_session(friday))


EXPIRY = friday_ahead()
QUERY = ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78), Right.PUT, EXPIRY)
UNLISTED = ContractQuery("UBER", InstrumentKind.OPTION, Decimal("78.37"), Right.PUT, EXPIRY)


@define
class Beside:
    """The broker as the desk has it, and the stand-in behind it."""

    broker: Tastytrade
    stand_in: TastytradeStandIn
    clock: Clock
    _numbers: int = 0

    async def contract(self, query: ContractQuery = QUERY) -> Contract:
        found = await self.broker.contracts.resolve("T1", query)
        assert isinstance(found, Contract), found
        return found

    async def order(
        self, side: Side = Side.BUY_TO_OPEN, quantity: int = 4, price: Decimal | None = LOW, **changes: object
    ) -> Order:
        self._numbers += 1
        fields = {
            "client_order_id": f"T1-{self._numbers}",
            "trade_id": "T1",
            "role": OrderRole.ENTRY if side.is_buy else OrderRole.EXIT,
            "contract": await self.contract(),
            "side": side,
            "quantity": quantity,
            "limit_price": price,
            "time_in_force": TimeInForce.DAY if side.is_buy else TimeInForce.GTC,
            "sent_at": self.clock.now(),
        }
        return Order(**(fields | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def beside(
    *,
    dry_run: bool = False,
    waits: Waits = QUICK,
    credentials: Credentials | None = None,
    calendar: TradingCalendar | None = None,
    sandbox: bool = True,
    prepare: Callable[[TastytradeStandIn], None] | None = None,
) -> AsyncIterator[Beside]:
    """Start a stand-in that lists options on UBER, and an adapter that talks to it."""
    async with running_stand_in() as stand_in:
        chain = listings.chain("UBER", "UBER", listings.expiration("UBER", EXPIRY, ("77.0", "78.0", "79.0")))
        stand_in.chains["UBER"] = [chain]
        if prepare is not None:
            prepare(stand_in)
        clock = SystemClock()
        broker = create_tastytrade(
            credentials or Credentials(client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN, account=ACCOUNT),
            Endpoints(sandbox=sandbox, api_url=stand_in.api_url, streamer_url=stand_in.streamer_url),
            clock,
            version="0.1.0",
            dry_run=dry_run,
            calendar=calendar,
            waits=waits,
        )
        try:
            yield Beside(broker, stand_in, clock)
        finally:
            await broker.close()


def run(story: Callable[[Beside], Awaitable[None]], **options: object) -> None:
    """Run a story beside a fresh stand-in."""

    async def main() -> None:
        async with asyncio.timeout(GUARD_SECONDS), beside(**options) as bench:  # type: ignore[arg-type]
            await story(bench)

    asyncio.run(main())


async def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as `is_so`; the guard around the test ends it where that never comes."""
    while not is_so():  # noqa: ASYNC110 - what is waited for has no event of its own
        await asyncio.sleep(0.002)
