"""The desk on the real wire: Discord listens, Tastytrade acts. Dry run, sandbox and live are the same desk.

It refuses to start where a setting is missing or a person must act. A broker or Discord that is merely away is tried
again, and `/readyz` says 503 meanwhile.
"""

import asyncio
import logging
from importlib.metadata import version
from typing import Any

import stamina
from attrs import frozen

from adapters.admin_api.server import AdminServer, AdminServerError
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.clock import SystemClock
from adapters.system.notifiers import LogNotifier
from adapters.tastytrade.account import AccountNotFoundError
from adapters.tastytrade.create import Tastytrade, create_tastytrade
from adapters.tastytrade.sdk_session import Credentials, Endpoints
from composition.desk import Broker, Desk, create_desk
from composition.screen import Screen
from composition.serving import StartError, opened_log, run_until, stop_signals
from composition.settings import Settings
from domain.policies import Mode
from ports.clock import Clock
from ports.errors import PortUnauthorizedError, PortUnavailableError

REQUIRED = (
    "DISCORD_BOT_TOKEN",
    "TASTYTRADE_CLIENT_SECRET",
    "TASTYTRADE_REFRESH_TOKEN",
    "TASTYTRADE_ACCOUNT",
    "ADMIN_API_KEY",
)
SLOWEST_RETRY = 60.0
_LOG = logging.getLogger(__name__)


@frozen
class _Live:
    desk: Desk
    tastytrade: Tastytrade


def run_live(settings: Settings, *, as_json: bool, clock: Clock | None = None) -> int:
    """Run the desk until SIGTERM or SIGINT, and return the exit code. `clock` is the machine's own unless given.

    Raises StartError or SettingsError for what keeps it from starting, AuditUnavailableError where the log fails.
    """
    mode = check_startable(settings)

    async def until_signal() -> None:
        await serve_live(settings, audit, stop_signals(), clock=clock or SystemClock(), as_json=as_json)

    with opened_log(settings.db_path(mode), mode) as audit:
        asyncio.run(until_signal())
    return 0


def check_startable(settings: Settings) -> Mode:
    """Return the mode that `run` has with these settings. Raises StartError or SettingsError that names what is amiss."""
    mode = settings.run_mode()
    missing = [name for name in REQUIRED if getattr(settings, name.lower()) is None]
    if missing:
        raise StartError(f"not set: {', '.join(missing)}. `run` needs them; `alert-trader paper` needs none")
    return mode


async def serve_live(
    settings: Settings, audit: SqliteAuditLog, stop: asyncio.Event, *, clock: Clock, as_json: bool = False
) -> None:
    """Work until `stop` is set, then end in order. Raises as `run_live` does."""
    mode = settings.run_mode()
    live = _put_together(settings, mode, audit, clock, as_json=as_json)
    replayed = live.desk.runtime.recover()
    host, port = live.desk.server.address
    _LOG.info("mode %s, admin API on %s:%s, %s events in the log", mode, host, port, replayed)

    async def told_to_stop() -> None:
        await stop.wait()
        _LOG.info("told to stop")

    try:
        await run_until(told_to_stop(), [*live.desk.parts(), _connect(live)])
    except PortUnauthorizedError as error:
        raise StartError(str(error)) from error
    finally:
        await live.tastytrade.close()


async def _connect(live: _Live) -> None:
    """Sign in and confirm the account, for as long as that takes. Raises StartError where a person must act."""
    attempts = stamina.retry_context(on=PortUnavailableError, attempts=None, timeout=None, wait_max=SLOWEST_RETRY)
    try:
        async for attempt in attempts:
            with attempt:
                await live.tastytrade.open()
    except (PortUnauthorizedError, AccountNotFoundError) as error:
        raise StartError(str(error)) from error


def _put_together(settings: Settings, mode: Mode, audit: SqliteAuditLog, clock: Clock, *, as_json: bool) -> _Live:
    screen = Screen(mode, as_json=as_json)
    policies = settings.policies(mode)
    tastytrade = create_tastytrade(
        _credentials(settings),
        Endpoints(
            sandbox=settings.tastytrade_use_sandbox,
            api_url=settings.tastytrade_api_url,
            streamer_url=settings.tastytrade_streamer_url,
        ),
        clock,
        version=version("alert-trader"),
        dry_run=settings.tastytrade_dry_run,
    )
    desk = create_desk(
        settings,
        policies=policies,
        clock=clock,
        audit=audit,
        broker=Broker(
            gateway=tastytrade.gateway,
            order_events=tastytrade.order_events,
            account=tastytrade.account,
            market_data=tastytrade.market_data,
            contracts=tastytrade.contracts,
            authorization=tastytrade.authorization,
            why_away=lambda: None if tastytrade.is_connected else "not connected to Tastytrade",
        ),
        tell=LogNotifier(logging.getLogger("alert_trader.notices")),
        admin_key=None if settings.admin_api_key is None else settings.admin_api_key.reveal(),
        bind=lambda app: _server(app, settings),
        observers=(screen.row,),
    )
    return _Live(desk, tastytrade)


def _credentials(settings: Settings) -> Credentials:
    secret, token, account = (
        settings.tastytrade_client_secret,
        settings.tastytrade_refresh_token,
        settings.tastytrade_account,
    )
    assert secret is not None and token is not None and account is not None  # noqa: S101, PT018 - checked at the start
    return Credentials(client_secret=secret.reveal(), refresh_token=token.reveal(), account=account)


def _server(app: Any, settings: Settings) -> AdminServer:  # noqa: ANN401 - an ASGI application
    try:
        return AdminServer.bind(app, settings.admin_api_host, settings.admin_api_port)
    except AdminServerError as error:
        raise StartError(str(error)) from error
