"""The desk on the real wire: Discord listens, Tastytrade acts. Dry run, sandbox and live are the same desk.

It refuses to start where a setting is missing or a person must act. A broker or Discord that is merely away is tried
again, and `/readyz` says 503 meanwhile. Once connected it looks both over, as `doctor` does, and tells what is amiss.
"""

import asyncio
import logging
import os
from importlib.metadata import version
from typing import Any

from attrs import frozen

from adapters.admin_api.keys import AdminKey
from adapters.admin_api.server import AdminServer, AdminServerError
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.clock import SystemClock
from adapters.system.notifiers import LogNotifier
from adapters.tastytrade.create import Tastytrade, create_tastytrade
from adapters.tastytrade.examination import TastytradeExamination
from composition.desk import Broker, Desk, create_desk
from composition.discord_room import create_discord_examination
from composition.screen import Screen
from composition.serving import StartError, opened_log, run_until, stop_signals
from composition.settings import Settings
from composition.tastytrade_link import close, credentials_of, endpoints_of, sign_in
from domain.events import AuthorizationRefreshRequested
from domain.policies import Mode
from domain.verdicts import HaltCause
from ports.clock import Clock
from ports.errors import PortUnauthorizedError
from ports.examination import Examination, Finding, Outcome

REQUIRED = (
    "DISCORD_BOT_TOKEN",
    "TASTYTRADE_CLIENT_SECRET",
    "TASTYTRADE_REFRESH_TOKEN",
    "TASTYTRADE_ACCOUNT",
    "ADMIN_API_KEY",
)
# SIGTERM ends everything within ten seconds.
STUCK_SECONDS = 9.5
_LOG = logging.getLogger(__name__)


@frozen
class _Live:
    desk: Desk
    tastytrade: Tastytrade
    examinations: tuple[Examination, ...]


def run_live(settings: Settings, *, as_json: bool, clock: Clock | None = None) -> int:
    """Run the desk until SIGTERM or SIGINT, and return the exit code. `clock` is the machine's own unless given.

    Raises StartError or SettingsError for what keeps it from starting, AuditUnavailableError where the log fails.
    """
    mode = check_startable(settings)

    async def until_signal() -> None:
        stop = stop_signals()
        last_resort = asyncio.create_task(_leave_when_stuck(stop))
        await serve_live(settings, audit, stop, clock=clock or SystemClock(), as_json=as_json)
        last_resort.cancel()

    with opened_log(settings.db_path(mode), mode) as audit:
        asyncio.run(until_signal())
    return 0


async def _leave_when_stuck(stop: asyncio.Event) -> None:
    """End the process where a part does not end: for the log that is a crash like any other, and it stands."""
    await stop.wait()
    await asyncio.sleep(STUCK_SECONDS)
    names = ", ".join(sorted(str(task.get_coro()) for task in asyncio.all_tasks()))
    _LOG.critical("not ended in order after %g s, left as it is; still at work: %s", STUCK_SECONDS, names)
    logging.shutdown()
    os._exit(1)


def check_startable(settings: Settings) -> Mode:
    """Return the mode that `run` has with these settings. Raises StartError or SettingsError for what is amiss."""
    mode = settings.run_mode()
    missing = [name for name in REQUIRED if getattr(settings, name.lower()) is None]
    if missing:
        raise StartError(f"not set: {', '.join(missing)}. `run` needs them; `alert-trader paper` needs none")
    try:
        AdminKey(_admin_key(settings))
    except ValueError as error:
        raise StartError(f"ADMIN_API_KEY: {error}") from error
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
        await close(live.tastytrade)
    _LOG.info("stopped in order")


async def _connect(live: _Live) -> None:
    """Sign in, and look both services over. Raises StartError where a person must act."""
    await sign_in(live.tastytrade)
    await _end_authorization_halt(live)
    for examination in live.examinations:
        for finding in await examination.examine():
            _heed(live, finding)


async def _end_authorization_halt(live: _Live) -> None:
    """What an earlier run was refused, this one has been granted: a restart with a new token ends that halt."""
    if any(halt.cause is HaltCause.AUTHORIZATION for halt in live.desk.runtime.state.halts):
        await live.desk.runtime.request(AuthorizationRefreshRequested("the restart"))


def _heed(live: _Live, finding: Finding) -> None:
    """Log what is amiss. Raises StartError for what only a person can mend, unless open trades need the desk."""
    if finding.outcome is Outcome.OK:
        return
    told = f"{finding.check}: {finding.told}" + (f"; {finding.mend}" if finding.mend else "")
    if finding.outcome is Outcome.UNKNOWN:
        _LOG.warning("could not be checked: %s", told)
    elif finding.stops and not live.desk.runtime.state.trades:
        raise StartError(told)
    else:
        _LOG.error("to be mended: %s", told)


def _put_together(settings: Settings, mode: Mode, audit: SqliteAuditLog, clock: Clock, *, as_json: bool) -> _Live:
    screen = Screen(mode, as_json=as_json)
    policies = settings.policies(mode)
    metrics = PrometheusMetrics(version=version("alert-trader"), mode=mode)
    tastytrade = create_tastytrade(
        credentials_of(settings),
        endpoints_of(settings),
        clock,
        version=version("alert-trader"),
        dry_run=settings.tastytrade_dry_run,
        metrics=metrics,
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
        admin_key=_admin_key(settings),
        bind=lambda app: _server(app, settings),
        observers=(screen.row,),
        metrics=metrics,
    )
    looked_over = (
        TastytradeExamination(tastytrade.session, tastytrade.account),
        create_discord_examination(settings, clock, lambda: desk.runtime.state.allowlist.channels.ids),
    )
    return _Live(desk, tastytrade, looked_over)


def _admin_key(settings: Settings) -> str | None:
    return None if settings.admin_api_key is None else settings.admin_api_key.reveal()


def _server(app: Any, settings: Settings) -> AdminServer:  # noqa: ANN401 - an ASGI application
    try:
        return AdminServer.bind(app, settings.admin_api_host, settings.admin_api_port)
    except AdminServerError as error:
        raise StartError(str(error)) from error
