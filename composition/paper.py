"""The paper desk: one process that trades alerts on the simulated broker until it is idle or told to stop.

It puts the desk together, starts its parts and ends them in order. It decides nothing.
"""

import asyncio
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from attrs import evolve, frozen

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.server import DEFAULT_PORT, AdminServer, AdminServerError
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.clock import ScaledClock
from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.scenario import Scenario
from adapters.simulated.scenario_file import load_scenario
from adapters.simulated.store import PaperAccountFile, PaperAccountFileError
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.lines import LOCAL_CHANNEL, LOCAL_USER, LineAlertSource
from adapters.system.notifiers import TerminalNotifier
from composition.container import create_runtime
from composition.measuring import MeasuredAuditLog, Measuring, record_state
from composition.paper_options import STDIN, PaperOptions
from composition.runtime import Observer, Runtime
from composition.screen import Screen
from composition.serving import StartError, opened_log, run_until, stop_signals
from composition.settings import Settings
from domain.calendar import TradingCalendar
from domain.events import AlertRead
from domain.gate import query_of
from domain.messages import Source
from domain.policies import Mode, Policies
from ports.audit_log import Entry

IDLE_LOOK = 0.05
EXAMPLE = "Alert: BTO SPY 500c 0DTE @ 1.20"


@frozen
class _Desk:
    """Everything that runs, resolved once. `made_key` is the admin key of this run where the settings have none."""

    runtime: Runtime
    simulated: Simulated
    lines: LineAlertSource
    server: AdminServer
    screen: Screen
    policies: Policies
    made_key: str | None


def run_paper(settings: Settings, options: PaperOptions) -> int:
    """Run the paper desk to its end and return the exit code: 0, or 1 where a line of the alerts could not be read.

    Raises StartError for what keeps it from starting, AuditUnavailableError where the log fails while it runs.
    """
    with opened_log(_path(settings, options), Mode.PAPER) as audit, _alerts(options) as stream:
        desk = asyncio.run(_work(settings, options, audit, stream))
    desk.screen.summary(desk.runtime.state)
    return 1 if desk.screen.errors else 0


async def _work(settings: Settings, options: PaperOptions, audit: SqliteAuditLog, stream: TextIO | None) -> _Desk:
    desk = _put_together(settings, options, audit, stream)
    replayed = desk.runtime.recover()
    _greet(desk, options, replayed)
    stop, exhausted = stop_signals(), asyncio.Event()

    async def read_lines() -> None:
        if stream is not None:
            await desk.runtime.feed(desk.lines)
        exhausted.set()

    parts = [
        desk.runtime.run(desk.policies, version("alert-trader")),
        desk.runtime.follow(desk.simulated.order_events),
        desk.simulated.run(),
        desk.server.serve(),
        read_lines(),
    ]
    await run_until(_over(desk, options, stop, exhausted), parts)
    return desk


async def _over(desk: _Desk, options: PaperOptions, stop: asyncio.Event, exhausted: asyncio.Event) -> None:
    """Wait for a signal; or, where that is asked for, until all lines are read and nothing is undecided."""
    while not stop.is_set():
        if options.exit_when_idle and exhausted.is_set() and desk.runtime.is_idle:
            return
        try:
            await asyncio.wait_for(stop.wait(), IDLE_LOOK)
        except TimeoutError:
            continue


def _put_together(settings: Settings, options: PaperOptions, audit: SqliteAuditLog, stream: TextIO | None) -> _Desk:
    screen = Screen(Mode.PAPER, as_json=options.as_json)
    clock = ScaledClock(options.speed, _start_instant(audit))
    metrics = PrometheusMetrics(version=version("alert-trader"), mode=Mode.PAPER)
    measured = MeasuredAuditLog(audit, metrics)
    policies = _with_local(settings.policies(Mode.PAPER, market_hours=options.market_hours))
    lines = LineAlertSource(stream or sys.stdin, clock, on_error=screen.error, on_reply=screen.reply)
    simulated = _simulated(settings, options, clock, policies)
    runtime = create_runtime(
        clock=clock,
        audit=measured,
        gateway=simulated.gateway,
        account=simulated.account,
        market_data=simulated.market_data,
        contracts=simulated.contracts,
        authorization=SimulatedAuthorization(),
        notifier=TerminalNotifier(screen.notice),
        rooms={Source.LOCAL: lines},
        observers=(screen.row, Measuring(metrics), hint_at_prices(simulated)),
    )

    def expose() -> bytes:
        record_state(metrics, runtime.state)
        return metrics.expose()

    made_key = secrets.token_urlsafe(24) if settings.admin_api_key is None else None
    app = create_admin_app(
        control=runtime,
        audit=measured,
        clock=clock,
        key=made_key if settings.admin_api_key is None else settings.admin_api_key.reveal(),
        readiness=lambda: None,
        exposition=expose,
    )
    server = _server(app, settings, options)
    return _Desk(runtime, simulated, lines, server, screen, policies, made_key)


def hint_at_prices(simulated: Simulated) -> Observer:
    """Return an observer that anchors a contract's first simulated price near the price its alert names.

    The hint reaches the market before the contract is asked for, and never the core.
    """

    def observe(_seq: int, entry: Entry) -> None:
        read = entry.body
        if isinstance(read, AlertRead) and read.alert.is_entry and read.alert.price is not None:
            query = query_of(read.alert)
            if query is not None:
                simulated.anchor(query, read.alert.price)

    return observe


def _simulated(settings: Settings, options: PaperOptions, clock: ScaledClock, policies: Policies) -> Simulated:
    account = PaperAccountFile(_path(settings, options).with_suffix(".account.json"))
    calendar = TradingCalendar(policies.calendar)
    try:
        return create_simulated(clock, seed=options.seed, calendar=calendar, scenario=_scenario(options), store=account)
    except PaperAccountFileError as error:
        raise StartError(str(error)) from error


def _path(settings: Settings, options: PaperOptions) -> Path:
    return options.db or settings.db_path(Mode.PAPER)


def _with_local(policies: Policies) -> Policies:
    """Lines at this terminal are the user's own: paper mode allows them, and no other mode reads any."""
    return evolve(
        policies,
        allowed_users=policies.allowed_users | {LOCAL_USER},
        allowed_channels=policies.allowed_channels | {LOCAL_CHANNEL},
    )


def _server(app: Any, settings: Settings, options: PaperOptions) -> AdminServer:  # noqa: ANN401 - an ASGI application
    host, port = settings.admin_api_host, options.port or settings.admin_api_port
    try:
        return AdminServer.bind(app, host, port)
    except AdminServerError as error:
        if options.port is not None or port != DEFAULT_PORT:
            raise StartError(str(error)) from error
        return AdminServer.bind(app, host, 0)  # nobody asked for this port: any other will do, and it is printed


def _scenario(options: PaperOptions) -> Scenario | None:
    if options.scenario is None:
        return None
    try:
        return load_scenario(options.scenario)
    except (OSError, ValueError) as error:
        raise StartError(f"--scenario {options.scenario}: {error}") from error


@contextmanager
def _alerts(options: PaperOptions) -> Iterator[TextIO | None]:
    """The lines to trade: the file, standard input, or the keyboard; None where nobody types."""
    if options.alerts is None:
        yield sys.stdin if sys.stdin is not None and sys.stdin.isatty() else None
    elif options.alerts == STDIN:
        yield sys.stdin
    else:
        with Path(options.alerts).open(encoding="utf-8", errors="replace") as file:
            yield file


def _start_instant(audit: SqliteAuditLog) -> datetime:
    """Market time goes on where the log ended: a run at speed 60 may have left it hours ahead of the wall clock."""
    last = audit.rows(limit=1)
    now = datetime.now(UTC)
    return max(now, last[0].at) if last else now


def _greet(desk: _Desk, options: PaperOptions, replayed: int) -> None:
    host, port = desk.server.address
    made = "" if desk.made_key is None else f", with the header X-Admin-Key: {desk.made_key} (made for this run)"
    desk.screen.say("Paper desk: a simulated broker and market. Nothing here is real, and no money can move.")
    desk.screen.say(f"Admin API: http://{host}:{port}{made}")
    if replayed:
        desk.screen.say(f"Went on from the log: {replayed} events, {len(desk.runtime.state.trades)} open trades.")
    if options.alerts is None and sys.stdin is not None and sys.stdin.isatty():
        desk.screen.say(f"Type an alert, for example: {EXAMPLE}    (Ctrl-C ends; times are New York's)")
