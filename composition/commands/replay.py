"""`alert-trader replay`: its options, checked, and its progress shown. The work is `composition.replay.run`'s."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from composition.commands.refusing import Refusal, refuse_without_assertions, settings_in_force
from composition.printable import printable

if TYPE_CHECKING:
    from composition.replay.lines import Totals
    from composition.replay.report.writing import ReplayReport
    from ports.audit_log import Row

SEED_MAX = 2**63 - 1
SHOW_EVERY = 0.2  # seconds
LOG = "replay.sqlite"


class _Dollars(click.ParamType[Decimal]):
    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:  # noqa: ANN401
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal(0)
        if not (amount.is_finite() and amount > 0):
            self.fail(f"{value!r} is no amount of dollars above zero, such as 25000", param, ctx)
        return amount


@click.command(short_help="Replay a room's history: what it would have traded, and why.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False), metavar="FILE...")
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_MAX),
    default=1,
    show_default=True,
    metavar="N",
    help="The simulated market's chance: the same seed gives the same prices.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Write the report, CSV files and the log here. Without it there is only the summary.",
)
@click.option(
    "--quotes",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Recorded quotes (time,symbol,bid,ask) by time, CSV or Parquet; otherwise prices are modelled.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Compare with an earlier replay of the same messages: what it had as --out.",
)
@click.option("--cash", type=_Dollars(), default="50000", show_default=True, help="What the account begins with.")
@click.option(
    "--only-author",
    "authors",
    type=click.IntRange(1),
    multiple=True,
    metavar="ID",
    help="Who may trade, instead of ALLOWED_USERS; may be given again. A bot's or a webhook's id will do.",
)
@click.option(
    "--only-channel",
    "channels",
    type=click.IntRange(1),
    multiple=True,
    metavar="ID",
    help="Where may be traded, instead of ALLOWED_CHANNELS; may be given again.",
)
@click.pass_context
def replay(  # noqa: PLR0917 - click calls it by name
    context: click.Context,
    files: tuple[str, ...],
    seed: int,
    out: str | None,
    quotes: str | None,
    against: str | None,
    cash: Decimal,
    authors: tuple[int, ...],
    channels: tuple[int, ...],
) -> None:
    """Replay what was said in rooms through the whole desk, on a clock that does not wait.

    FILE is an export of DiscordChatExporter in JSON, or JSON lines with "text", "posted_at", "user_id", "channel_id".
    Several are merged by time. Who may trade is as set; a list that is empty gets all that the files name, which is
    said. Exit code 1: some lines could not be read, or the replay was stopped early. Ctrl-C stops it and keeps what
    there is.

    \b
    alert-trader replay room.json --out replayed
    alert-trader replay *.json --seed 7 --out other --against replayed
    """
    refuse_without_assertions()
    settings = settings_in_force()
    from composition.replay.options import ReplayOptions
    from composition.replay.run import ReplayError, run_replay

    with ExitStack() as stack:
        directory = Path(out or stack.enter_context(tempfile.TemporaryDirectory(prefix="alert-trader-")))
        options = ReplayOptions(
            files=tuple(Path(file) for file in files),
            log=directory / LOG,
            seed=seed,
            quotes=None if quotes is None else Path(quotes),
            cash=cash,
            authors=frozenset(authors),
            channels=frozenset(channels),
        )
        try:
            report = _report(stack, directory, against)
            with _Progress() as progress, _stopping() as stop:
                totals = run_replay(settings, options, report, progress=progress, is_stopped=stop.is_asked)
        except (ReplayError, OSError) as error:
            raise Refusal(str(error)) from error
    _tell(totals, report, out)
    context.exit(1 if totals.partial or totals.unreadable else 0)


def _report(stack: ExitStack, directory: Path, against: str | None) -> "ReplayReport":
    from composition.replay.report.earlier import EarlierReplay, NotComparableError
    from composition.replay.report.writing import ReplayReport

    if against is not None and directory.exists() and Path(against).samefile(directory):
        raise Refusal(f"--against {against} is --out as well: write this replay somewhere else")
    try:
        earlier = None if against is None else EarlierReplay.open(Path(against))
    except NotComparableError as error:
        raise Refusal(str(error)) from error
    log = _Log(stack, directory / LOG)
    return stack.enter_context(ReplayReport(directory, log.rows, against=earlier))


def _tell(totals: "Totals", report: "ReplayReport", out: str | None) -> None:
    for bad in totals.bad_lines:
        click.echo(printable(str(bad)), err=True)
    if totals.unreadable > len(totals.bad_lines):
        click.echo(f"... and {totals.unreadable - len(totals.bad_lines)} more that could not be read", err=True)
    for line in report.told:
        click.echo(line)
    if out is not None:
        click.echo(f"\nThe report: {Path(out) / 'report.html'}")
        click.echo(f"A trade's story: alert-trader audit show TRADE --db {Path(out) / LOG}")
    if report.refusal is not None:
        raise Refusal(str(report.refusal))


class _Log:
    """The replay's log as the report reads it at the end, when it is written."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        self._stack = stack
        self._path = path
        self._reader: Any = None

    def rows(self, trade_id: str) -> "tuple[Row, ...]":
        from adapters.sqlite.reader import AuditReader

        if self._reader is None:
            self._reader = self._stack.enter_context(AuditReader(self._path))
        rows: tuple[Row, ...] = self._reader.trade(trade_id)
        return rows


class _Stop:
    """Whether somebody asked for the end. Asking a second time ends it at once, without a report."""

    def __init__(self) -> None:
        self._asked = False

    def is_asked(self) -> bool:
        return self._asked

    def ask(self, number: int, _frame: object) -> None:
        if self._asked:
            raise KeyboardInterrupt(number)
        self._asked = True


@contextmanager
def _stopping() -> Iterator[_Stop]:
    """Have Ctrl-C and SIGTERM ask for the end while this lasts."""
    stop = _Stop()
    before = {name: signal.signal(name, stop.ask) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


class _Progress:
    """A line on a terminal that is written over and over; nothing elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            click.echo("\r\x1b[K", err=True, nl=False)

    def reading(self, posts: int) -> None:
        self._show(f"Reading: {posts:,} messages")

    def playing(self, posts: int, of: int, at: datetime) -> None:
        if posts == 1:
            self._began = time.monotonic()
        if self._live and time.monotonic() - self._shown >= SHOW_EVERY:
            done = 30 * posts // of
            pace = posts / max(time.monotonic() - self._began, 0.001)
            bar = "#" * done + "." * (30 - done)
            self._show(f"[{bar}] {posts:,} of {of:,} messages, {pace:,.0f} a second, {at:%Y-%m-%d}")

    def _show(self, text: str) -> None:
        if self._live:
            self._shown = time.monotonic()
            click.echo(f"\r\x1b[K{text}", err=True, nl=False)
