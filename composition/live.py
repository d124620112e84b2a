"""The desk on the real wire: Discord listens, Tastytrade acts. Dry run, sandbox and live are the same desk.

It looks everything over first, as `doctor` does, and refuses to start where a person must act; with open trades it
starts for these alone, entries halted. A broker or Discord that is merely away is tried again, and `/readyz` says 503
meanwhile. Orders are looked after once the broker was looked over, rooms are heard once Discord was too.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from attrs import frozen

from adapters.admin_api.server import AdminServer, AdminServerError
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.clock import SystemClock
from adapters.system.notifiers import LogNotifier
from adapters.tastytrade.create import Tastytrade, create_tastytrade
from adapters.tastytrade.examination import TastytradeExamination
from composition.admission import Admission, refuse_for
from composition.clock_watch import ClockWatch
from composition.desk import Broker, Desk, create_desk
from composition.discord_room import create_discord_examination
from composition.heads import HeadService
from composition.last_resort import LastResort
from composition.machine import look_at_machine
from composition.recovering import Recovery
from composition.screen import Screen
from composition.serving import StartError, create_keeper, opened_log, run_until, stop_signals
from composition.settings import Settings
from composition.tastytrade_link import close, credentials_of, endpoints_of, sign_in
from composition.version import VERSION
from domain.desk import DeskState
from domain.events import AuthorizationRefreshRequested
from domain.policies import Mode, Policies
from domain.value import Value
from domain.verdicts import HaltCause
from ports.control import OperatorRequest
from ports.errors import AuditUnavailableError, PortUnauthorizedError
from ports.examination import Finding, Outcome

_LOG = logging.getLogger(__name__)


@frozen(kw_only=True)
class _Live(Value):
    desk: Desk
    audit: SqliteAuditLog
    tastytrade: Tastytrade
    admission: Admission
    recovery: Recovery
    clock_watch: ClockWatch


def run_live(settings: Settings, *, as_json: bool, clock: SystemClock | None = None) -> int:
    """Run the desk until SIGTERM or SIGINT, and return the exit code. `clock` is the machine's own unless given.

    Raises StartError or SettingsError for what keeps it from starting, AuditUnavailableError where the log fails.
    """
    with LastResort() as last_resort:

        async def until_signal() -> None:
            last_resort.look_at(asyncio.get_running_loop())
            at = clock or SystemClock()
            await serve_live(settings, stop_signals(), clock=at, as_json=as_json, ending=last_resort.arm)

        asyncio.run(until_signal())
    return 0


async def serve_live(
    settings: Settings,
    stop: asyncio.Event,
    *,
    clock: SystemClock,
    as_json: bool = False,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Work until `stop` is set, then end in order. `ending` is called as the end begins. Raises as `run_live` does."""
    mode = settings.run_mode()
    found = look_at_machine(settings, verifying=False)  # the start follows the chain itself
    refuse_for(found, None)
    path, heads, account = settings.db_path(mode), settings.heads_path(mode), settings.tastytrade_account
    with Screen(mode, as_json=as_json) as screen, opened_log(path, mode, heads, account=account) as audit:
        newest = audit.rows(limit=1)
        if newest:
            clock.hold_to(newest[0].at)
        live = _put_together(settings, mode, audit, clock, found, screen=screen)
        try:
            await _serve(live, found, stop, ending)
        finally:
            ending()
            live.desk.server.close()
            await close(live.tastytrade)
    _LOG.info("stopped in order")


async def _serve(live: _Live, found: tuple[Finding, ...], stop: asyncio.Event, ending: Callable[[], None]) -> None:
    runtime, (host, port) = live.desk.runtime, live.desk.server.address
    try:
        replayed = live.recovery.recover()
    except AuditUnavailableError as error:
        raise StartError(str(error)) from error
    refuse_for(found, runtime.state)
    rows, mode = runtime.last_row, live.desk.policies.mode
    _LOG.info("mode %s, admin API on %s:%s, %s rows in the log, %s replayed", mode, host, port, rows, replayed)

    async def told_to_stop() -> None:
        await stop.wait()
        _LOG.info("told to stop")

    services = [live.desk.server.serve(), live.admission.examine(), live.recovery.work(), live.clock_watch.work()]
    await run_until(told_to_stop(), [_work(live), *services], ending)
    await live.recovery.finish()


async def _work(live: _Live) -> None:
    """Start each part when what it rests on was looked over: first what looks after orders, then what hears alerts."""
    first: list[OperatorRequest] = [*await live.admission.to_trade()]
    await sign_in(live.tastytrade)
    behind = live.clock_watch.objection()
    if behind is not None:
        first.append(behind)
    live.audit.belong_to(live.tastytrade.session.account)  # not before the broker knows it: a slip would claim the log
    if any(halt.cause is HaltCause.AUTHORIZATION for halt in live.desk.runtime.state.halts):
        # What an earlier run was refused, this one has been granted: a restart with a new token ends that halt.
        first.append(AuthorizationRefreshRequested("the restart"))
    async with asyncio.TaskGroup() as group:
        for part in live.desk.trading(first):
            group.create_task(part)
        await live.admission.to_hear()
        for part in live.desk.hearing():
            group.create_task(_hear(live, part))


async def _hear(live: _Live, part: Coroutine[Any, Any, Any]) -> None:
    """Hear alerts. Where Discord refuses that, the desk ends, or goes on for what is open."""
    try:
        await part
    except PortUnauthorizedError as error:
        await live.admission.heed(Finding(check="Discord session", outcome=Outcome.NO, told=str(error)))
        await asyncio.Event().wait()


def _put_together(
    settings: Settings,
    mode: Mode,
    audit: SqliteAuditLog,
    clock: SystemClock,
    found: tuple[Finding, ...],
    *,
    screen: Screen,
) -> _Live:
    policies = settings.policies(mode)
    metrics = PrometheusMetrics(version=VERSION, mode=mode)
    tastytrade = create_tastytrade(
        credentials_of(settings),
        endpoints_of(settings),
        clock,
        version=VERSION,
        dry_run=settings.tastytrade_dry_run,
        metrics=metrics,
    )
    desk = create_desk(
        settings,
        policies=policies,
        clock=clock,
        wall=clock.machine(),
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
        heads=HeadService(audit, create_keeper(settings.db_path(mode), settings.heads_path(mode)), clock),
    )
    admission = Admission(
        desk.runtime,
        found,
        broker=TastytradeExamination(tastytrade.session, tastytrade.account),
        room=create_discord_examination(settings, clock.machine(), lambda: _channels(desk.runtime.state, policies)),
    )
    return _Live(
        desk=desk,
        audit=audit,
        tastytrade=tastytrade,
        admission=admission,
        recovery=Recovery.of(desk.runtime, audit, settings.db_path(mode), mode),
        clock_watch=ClockWatch(clock, desk.runtime),
    )


def _channels(state: DeskState, policies: Policies) -> frozenset[int]:
    """The channels that will be heard: the log's list, with what these settings seed."""
    users, webhooks = policies.allowed_users, policies.allowed_webhooks
    return state.allowlist.seeded(users, policies.allowed_channels, webhooks).channels.ids


def _admin_key(settings: Settings) -> str | None:
    return None if settings.admin_api_key is None else settings.admin_api_key.reveal()


def _server(app: Any, settings: Settings) -> AdminServer:  # noqa: ANN401 - an ASGI application
    try:
        return AdminServer.bind(app, settings.admin_api_host, settings.admin_api_port)
    except AdminServerError as error:
        raise StartError(str(error)) from error
