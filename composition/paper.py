"""The paper desk: one process that trades alerts on the simulated broker until it is idle or told to stop.

It puts the desk together, starts its parts and ends them in order. It decides nothing.
"""

import asyncio
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from attrs import evolve, frozen

from adapters.admin_api.server import DEFAULT_PORT, AdminServer, AdminServerError
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.clock import ScaledClock
from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.exchange.store import PaperAccountFile, PaperAccountFileError
from adapters.simulated.scenario.scenario import Scenario
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.lines import LOCAL_CHANNEL, LOCAL_USER, LineAlertSource
from adapters.system.notifiers import TerminalNotifier
from composition.desk import Broker, Desk, create_desk
from composition.heads import HeadService
from composition.paper_options import STDIN, PaperOptions
from composition.recovering import Recovery
from composition.runtime import Observer, Runtime
from composition.screen import Screen
from composition.serving import StartError, create_keeper, opened_log, run_until, stop_signals
from composition.settings import Market, Settings
from composition.version import VERSION
from domain.calendar import TradingCalendar
from domain.events import AlertRead
from domain.gate import query_of
from domain.messages import Message
from domain.policies import Mode, Policies
from domain.value import Value
from ports.audit_log import Entry

if TYPE_CHECKING:
    from adapters.tastytrade.create import Tastytrade

IDLE_LOOK = 0.05
EXAMPLE = "Alert: BTO SPY 500c 0DTE @ 1.20"


@frozen
class _Paper(Value):
    """What one paper run is made of.

    `quotes` is Tastytrade where fills follow its market, `made_key` this run's admin key where the settings have none.
    """

    desk: Desk
    recovery: Recovery
    simulated: Simulated
    quotes: "Tastytrade | None"
    lines: LineAlertSource
    screen: Screen
    made_key: str | None


def run_paper(settings: Settings, options: PaperOptions) -> int:
    """Run the paper desk to its end and return the exit code: 0, or 1 where a line of the alerts could not be read.

    Raises StartError for what keeps it from starting, AuditUnavailableError where the log fails while it runs.
    """
    with Screen(Mode.PAPER, as_json=options.as_json) as screen:
        with (
            opened_log(_path(settings, options), Mode.PAPER, _heads(settings, options)) as audit,
            _alerts(options) as stream,
        ):
            paper = asyncio.run(_work(settings, options, audit, stream, screen))
        screen.summary(paper.desk.runtime.state)
    return 1 if screen.errors else 0


async def _work(
    settings: Settings, options: PaperOptions, audit: SqliteAuditLog, stream: TextIO | None, screen: Screen
) -> _Paper:
    paper = _put_together(settings, options, audit, stream, screen)
    paper.recovery.recover()
    _greet(paper, options)
    stop, exhausted = stop_signals(), asyncio.Event()

    async def read_lines() -> None:
        if stream is not None:
            await _post_lines(paper)
            if options.alerts is None:
                screen.say("The input has ended: no further line is read. Ctrl-C ends the desk.")
        exhausted.set()

    parts = [*paper.desk.parts(), paper.recovery.work(), paper.simulated.run(), read_lines()]
    over = _over(paper.desk.runtime, options, stop, exhausted)
    if paper.quotes is None:
        await run_until(over, parts)
        await paper.recovery.finish()
        return paper
    from composition.tastytrade_link import close, sign_in

    try:
        await run_until(over, [*parts, sign_in(paper.quotes)])
        await paper.recovery.finish()
    finally:
        await close(paper.quotes)
    return paper


async def _post_lines(paper: _Paper) -> None:
    """Post one line after the other, each when the one before is decided: at high speed none grows stale in a queue."""
    runtime = paper.desk.runtime
    while not runtime.state.is_ready:  # noqa: ASYNC110 - the state is a value, it announces nothing
        await asyncio.sleep(IDLE_LOOK)
    async for incoming in paper.lines.messages():
        if isinstance(incoming, Message):
            await runtime.process(incoming)


async def _over(runtime: Runtime, options: PaperOptions, stop: asyncio.Event, exhausted: asyncio.Event) -> None:
    """Wait for a signal; or, where that is asked for, until all lines are read and nothing is undecided."""
    while not stop.is_set():
        if options.exit_when_idle and exhausted.is_set() and runtime.is_idle:
            return
        try:
            await asyncio.wait_for(stop.wait(), IDLE_LOOK)
        except TimeoutError:
            continue


def _put_together(
    settings: Settings, options: PaperOptions, audit: SqliteAuditLog, stream: TextIO | None, screen: Screen
) -> _Paper:
    clock = ScaledClock(options.speed, _start_instant(audit))
    policies = _with_local(settings.policies(Mode.PAPER, market_hours=options.market_hours))
    quotes = _real_quotes(settings, options, clock)
    simulated = _simulated(settings, options, clock, policies, quotes)
    lines = LineAlertSource(stream or sys.stdin, clock, on_error=screen.error, on_reply=screen.reply)
    made_key = secrets.token_urlsafe(24) if settings.admin_api_key is None else None
    desk = create_desk(
        settings,
        policies=policies,
        clock=clock,
        audit=audit,
        broker=Broker(
            gateway=simulated.gateway,
            order_events=simulated.order_events,
            account=simulated.account,
            market_data=simulated.market_data,
            contracts=simulated.contracts if quotes is None else quotes.contracts,
            authorization=SimulatedAuthorization(),
            why_away=lambda: None,
        ),
        tell=TerminalNotifier(screen.notice),
        admin_key=made_key if settings.admin_api_key is None else settings.admin_api_key.reveal(),
        bind=lambda app: _server(app, settings, options),
        lines=lines,
        observers=(screen.row, hint_at_prices(simulated)),
        heads=HeadService(audit, create_keeper(_path(settings, options), _heads(settings, options)), clock),
    )
    recovery = Recovery.of(desk.runtime, audit, _path(settings, options), Mode.PAPER)
    return _Paper(desk, recovery, simulated, quotes, lines, screen, made_key)


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


def _real_quotes(settings: Settings, options: PaperOptions, clock: ScaledClock) -> "Tastytrade | None":
    """Tastytrade's contracts and quotes for the simulated broker to fill against, where MARKET says so."""
    if settings.market is Market.SIMULATED:
        return None
    if options.speed != 1:
        raise StartError(f"--speed {options.speed:g} with MARKET=tastytrade: real quotes come at the speed of 1")
    from adapters.tastytrade.create import create_tastytrade
    from composition.tastytrade_link import credentials_of, endpoints_of

    # A dry-run gateway, and not even that is given to the desk: paper can place nothing at the broker.
    return create_tastytrade(credentials_of(settings), endpoints_of(settings), clock, version=VERSION, dry_run=True)


def _simulated(
    settings: Settings,
    options: PaperOptions,
    clock: ScaledClock,
    policies: Policies,
    quotes: "Tastytrade | None",
) -> Simulated:
    try:
        return create_simulated(
            clock,
            seed=options.seed,
            calendar=TradingCalendar(policies.calendar),
            scenario=_scenario(options),
            store=PaperAccountFile(_path(settings, options).with_suffix(".account.json")),
            market_data=None if quotes is None else quotes.market_data,
        )
    except PaperAccountFileError as error:
        raise StartError(str(error)) from error


def _path(settings: Settings, options: PaperOptions) -> Path:
    return options.db or settings.db_path(Mode.PAPER)


def _heads(settings: Settings, options: PaperOptions) -> Path | None:
    return None if options.db else settings.heads_path(Mode.PAPER)  # a file that is named has its heads beside it


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
    from adapters.simulated.scenario.scenario_file import load_scenario

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
        # Never closed: it may be a pipe, and closing one waits for the thread that waits for its writer.
        yield Path(options.alerts).open(encoding="utf-8", errors="replace")  # noqa: SIM115


def _start_instant(audit: SqliteAuditLog) -> datetime:
    """Market time goes on where the log ended: a run at speed 60 may have left it hours ahead of the wall clock."""
    last = audit.rows(limit=1)
    now = datetime.now(UTC)
    return max(now, last[0].at) if last else now


def _greet(paper: _Paper, options: PaperOptions) -> None:
    host, port = paper.desk.server.address
    made = "" if paper.made_key is None else f", with the header X-Admin-Key: {paper.made_key} (made for this run)"
    paper.screen.say("Paper desk: a simulated broker and market. Nothing here is real, and no money can move.")
    paper.screen.say(f"Admin API: http://{host}:{port}{made}")
    rows = paper.desk.runtime.last_row
    if rows:
        paper.screen.say(f"Went on from the log: {rows} rows, {len(paper.desk.runtime.state.trades)} open trades.")
    if options.alerts is None and sys.stdin is not None and sys.stdin.isatty():
        paper.screen.say(f"Type an alert, for example: {EXAMPLE}    (Ctrl-C ends; times are New York's)")
    elif options.alerts is None and _has_lines(sys.stdin):
        paper.screen.say("Standard input is not read: write --alerts - to trade its lines.")


def _has_lines(stream: TextIO | None) -> bool:
    """Whether somebody gave a file or a pipe as standard input; a service has neither."""
    try:
        kind = 0 if stream is None else os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISREG(kind)
