"""The paper desk: one process that trades alerts on the simulated broker until it is idle or told to stop.

It puts the desk together, starts its parts and ends them in order. It decides nothing.
"""

import asyncio
import secrets
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from attrs import evolve, frozen
from dependency_injector import providers

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.server import DEFAULT_PORT, AdminServer, AdminServerError
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.simulated.clock import ScaledClock
from adapters.simulated.create import Simulated
from adapters.simulated.scenario import Scenario
from adapters.simulated.scenario_file import load_scenario
from adapters.simulated.store import PaperAccountFile, PaperAccountFileError
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.lines import LOCAL_CHANNEL, LOCAL_USER, LineAlertSource
from adapters.system.notifiers import TerminalNotifier
from composition.container import PaperContainer
from composition.measuring import MeasuredAuditLog, Measuring, record_state
from composition.paper_options import STDIN, PaperOptions
from composition.runtime import Runtime
from composition.screen import Screen
from composition.settings import Settings
from domain.messages import Source
from domain.policies import Mode, Policies
from ports.errors import AuditUnavailableError

IDLE_LOOK = 0.05
EXAMPLE = "Alert: BTO SPY 500c 0DTE @ 1.20"


class StartError(Exception):
    """The desk cannot start. The message names the value and the mend."""


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
    path = options.db or settings.db_path(Mode.PAPER)
    with _opened(path) as audit, _alerts(options) as stream:
        try:
            desk = asyncio.run(_work(settings, options, audit, stream))
        except BaseExceptionGroup as errors:
            raise _cause(errors) from errors
    desk.screen.summary(desk.runtime.state)
    return 1 if desk.screen.errors else 0


def _cause(error: BaseException) -> BaseException:
    """Return the first thing that went wrong among parts that ran side by side."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _work(settings: Settings, options: PaperOptions, audit: SqliteAuditLog, stream: TextIO | None) -> _Desk:
    desk = _put_together(settings, options, audit, stream)
    replayed = desk.runtime.recover()
    _greet(desk, options, replayed)
    stop = _stop_signals()
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(part) for part in _parts(desk)]
        reading = group.create_task(desk.runtime.feed(desk.lines)) if stream is not None else None
        await _until_over(desk, options, reading, stop)
        for task in (*running, *(() if reading is None else (reading,))):
            task.cancel()
    return desk


def _parts(desk: _Desk) -> list[Coroutine[Any, Any, None]]:
    return [
        desk.runtime.run(desk.policies, version("alert-trader")),
        desk.runtime.follow(desk.simulated.order_events),
        desk.simulated.run(),
        desk.server.serve(),
    ]


async def _until_over(
    desk: _Desk, options: PaperOptions, reading: "asyncio.Task[None] | None", stop: asyncio.Event
) -> None:
    """Wait for a signal; or, where that is asked for, until all lines are read and nothing is undecided."""
    while not stop.is_set():
        exhausted = reading is None or reading.done()
        if options.exit_when_idle and exhausted and desk.runtime.is_idle:
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
    measuring = Measuring(metrics)
    container = PaperContainer(
        clock=providers.Object(clock),
        audit=providers.Object(measured),
        policies=providers.Object(policies),
        notifier=providers.Object(TerminalNotifier(screen.notice)),
        rooms=providers.Object({Source.LOCAL: lines}),
        seed=providers.Object(options.seed),
        scenario=providers.Object(_scenario(options)),
        store=providers.Object(_store(options, settings)),
        show=providers.Object(screen.row),
        measure=providers.Object(measuring),
    )
    try:
        runtime, simulated = container.runtime(), container.simulated()
    except PaperAccountFileError as error:
        raise StartError(str(error)) from error
    key = settings.admin_api_key.reveal() if settings.admin_api_key is not None else secrets.token_urlsafe(24)

    def expose() -> bytes:
        record_state(metrics, runtime.state)
        return metrics.expose()

    app = create_admin_app(
        control=runtime,
        audit=measured,
        clock=clock,
        key=key,
        readiness=lambda: None,
        exposition=expose,
    )
    server = _server(app, settings, options)
    made_key = key if settings.admin_api_key is None else None
    return _Desk(runtime, simulated, lines, server, screen, policies, made_key)


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


def _store(options: PaperOptions, settings: Settings) -> PaperAccountFile:
    path = options.db or settings.db_path(Mode.PAPER)
    return PaperAccountFile(path.with_suffix(".account.json"))


@contextmanager
def _opened(path: Path) -> Iterator[SqliteAuditLog]:
    try:
        audit = SqliteAuditLog.open(path, Mode.PAPER)
    except AuditUnavailableError as error:
        raise StartError(str(error)) from error
    try:
        yield audit
    finally:
        audit.close()


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


def _stop_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


def _greet(desk: _Desk, options: PaperOptions, replayed: int) -> None:
    host, port = desk.server.address
    made = "" if desk.made_key is None else f", with the header X-Admin-Key: {desk.made_key} (made for this run)"
    desk.screen.say("Paper desk: a simulated broker and market. Nothing here is real, and no money can move.")
    desk.screen.say(f"Admin API: http://{host}:{port}{made}")
    if replayed:
        desk.screen.say(f"Went on from the log: {replayed} events, {len(desk.runtime.state.trades)} open trades.")
    if options.alerts is None and sys.stdin is not None and sys.stdin.isatty():
        desk.screen.say(f"Type an alert, for example: {EXAMPLE}    (Ctrl-C ends; times are New York's)")
