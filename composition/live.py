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


def run_live(settings: Settings, *, as_json: bool) -> int:
    """Run the desk until it is told to stop, and return the exit code.

    Raises StartError or SettingsError for what keeps it from starting, AuditUnavailableError where the log fails.
    """
    mode = settings.run_mode()
    _check_required(settings)
    with opened_log(settings.db_path(mode), mode) as audit:
        asyncio.run(_work(settings, mode, audit, as_json=as_json))
    return 0


def _check_required(settings: Settings) -> None:
    missing = [name for name in REQUIRED if getattr(settings, name.lower()) is None]
    if missing:
        raise StartError(f"not set: {', '.join(missing)}. `run` needs them; `alert-trader paper` needs none")


async def _work(settings: Settings, mode: Mode, audit: SqliteAuditLog, *, as_json: bool) -> None:
    live = _put_together(settings, mode, audit, as_json=as_json)
    replayed = live.desk.runtime.recover()
    host, port = live.desk.server.address
    _LOG.info("mode %s, admin API on %s:%s, %s events in the log", mode, host, port, replayed)
    stop = stop_signals()

    async def told_to_stop() -> None:
        await stop.wait()

    try:
        await run_until(told_to_stop(), [*live.desk.parts(), _connect(live.tastytrade)])
    except PortUnauthorizedError as error:
        raise StartError(str(error)) from error
    finally:
        await live.tastytrade.close()


async def _connect(tastytrade: Tastytrade) -> None:
    """Sign in and confirm the account, for as long as that takes. Raises StartError where a person must act."""
    attempts = stamina.retry_context(on=PortUnavailableError, attempts=None, timeout=None, wait_max=SLOWEST_RETRY)
    try:
        async for attempt in attempts:
            with attempt:
                await tastytrade.open()
    except (PortUnauthorizedError, AccountNotFoundError) as error:
        raise StartError(str(error)) from error


def _put_together(settings: Settings, mode: Mode, audit: SqliteAuditLog, *, as_json: bool) -> _Live:
    screen = Screen(mode, as_json=as_json)
    clock = SystemClock()
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
