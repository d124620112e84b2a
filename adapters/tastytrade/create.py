"""Puts the adapter together: one session, and every port of a broker on it.

Nothing connects before it is asked: `open` signs in and confirms the account, the streams connect when first used.
"""

from attrs import evolve, frozen

from adapters.tastytrade.account import TastytradeAccount
from adapters.tastytrade.authorization import TastytradeAuthorization
from adapters.tastytrade.contracts import TastytradeContracts
from adapters.tastytrade.gateway import TastytradeDryRunGateway, TastytradeOrderGateway
from adapters.tastytrade.market_data import TastytradeMarketData
from adapters.tastytrade.order_events import Pulse, TastytradeOrderEvents
from adapters.tastytrade.quote_stream import Patience, QuoteStream
from adapters.tastytrade.retrying import Retries
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from adapters.tastytrade.session import TastytradeSession
from adapters.tastytrade.supervision import Backoff
from adapters.tastytrade.symbols import StreamerSymbols
from domain.calendar import TradingCalendar
from domain.value import Value
from ports.clock import Clock
from ports.metrics import Metrics

PRODUCT = "alert-trader"


@frozen(kw_only=True)
class Waits(Value):
    """Every pause and limit of the adapter that a test may want shorter."""

    retries: Retries = Retries()
    pulse: Pulse = Pulse()
    patience: Patience = Patience()
    backoff: Backoff = Backoff()


@frozen(kw_only=True)
class Tastytrade(Value):
    """The broker, port by port. Made, used and closed on one loop."""

    session: TastytradeSession
    gateway: TastytradeOrderGateway
    order_events: TastytradeOrderEvents
    account: TastytradeAccount
    market_data: TastytradeMarketData
    contracts: TastytradeContracts
    authorization: TastytradeAuthorization
    quotes: QuoteStream

    @property
    def is_connected(self) -> bool:
        """Return whether the account stream is up and was read to its end since: what readiness asks for."""
        return self.order_events.is_connected

    async def open(self) -> None:
        """Sign in, confirm the account, and begin to connect the quote stream. Safe to repeat until it succeeds.

        Raises TastytradeAuthError or AccountNotFoundError when a person must act, PortUnavailableError when Tastytrade
        is merely away.
        """
        await self.session.authorize()
        await self.account.confirm()
        self.quotes.start()

    async def close(self) -> None:
        """End the streams, wait for writes under way, and close the connections."""
        await self.order_events.close()
        await self.quotes.close()
        await self.session.close()


def create_tastytrade(
    credentials: Credentials,
    endpoints: Endpoints,
    clock: Clock,
    *,
    version: str,
    dry_run: bool = True,
    calendar: TradingCalendar | None = None,
    metrics: Metrics | None = None,
    waits: Waits | None = None,
) -> Tastytrade:
    """Return the broker. With `dry_run` its gateway has orders checked and can place none.

    `version` is the product's, which every order carries. `calendar` is the one that contracts trade by, `metrics`
    counts single attempts of reads.
    """
    waits = waits or Waits()
    session = TastytradeSession(credentials, endpoints, evolve(waits.retries, metrics=metrics))
    symbols = StreamerSymbols()
    account = TastytradeAccount(session)
    quotes = QuoteStream(session, clock, waits.patience, waits.backoff)
    order_events = TastytradeOrderEvents(session, account.live_orders, waits.pulse, waits.backoff)
    gateway = TastytradeDryRunGateway if dry_run else TastytradeOrderGateway
    return Tastytrade(
        session=session,
        gateway=gateway(session, f"{PRODUCT}/{version}", order_events.expect_news),
        order_events=order_events,
        account=account,
        market_data=TastytradeMarketData(session, clock, symbols, quotes),
        contracts=TastytradeContracts(session, clock, symbols, calendar or TradingCalendar()),
        authorization=TastytradeAuthorization(session),
        quotes=quotes,
    )
