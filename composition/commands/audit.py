"""`alert-trader audit`: the log for people and for archives. Needs the file alone, whether a desk runs or not."""

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from composition.commands.audit_file import of_log, reading, with_heads
from composition.commands.audit_heads import accept_loss, head, key
from composition.commands.refusing import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.sqlite.chain import Head
    from adapters.sqlite.reader import AuditReader
    from composition.story import Line
    from ports.audit_log import Row

FORMATS = ("jsonl", "csv")
OWNER_ONLY = 0o600
ROWS_MAX = 100_000


@click.group(short_help="Read, verify and export the log of everything that happened.")
def audit() -> None:
    """Read, verify and export the log of everything that happened.

    Works while a desk runs, and changes nothing; only accept-loss does, and only while none runs.
    """


@audit.command()
@click.option(
    "--limit", type=click.IntRange(1, ROWS_MAX), default=20, show_default=True, metavar="N", help="How many rows."
)
@click.option("--trade", metavar="TRADE", help="Only this trade: its id, the beginning of one, or `latest`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row, with everything in it.")
@of_log
def recent(db: str | None, mode: str, limit: int, trade: str | None, *, as_json: bool) -> None:
    """Show the newest rows, the newest first."""
    with reading(db, mode) as log:
        trade_id = None if trade is None else _found(log, trade)
        for row in log.rows(trade_id=trade_id, limit=limit):
            click.echo(json.dumps(_as_dict(row)) if as_json else _row_line(row))


@audit.command()
@click.argument("trade", default="latest")
@of_log
def show(db: str | None, mode: str, trade: str) -> None:
    """Tell one trade's story in plain words, from its alert on. TRADE: an id, the beginning of one, or `latest`."""
    from composition.screen import show_line
    from domain.calendar import NEW_YORK

    with reading(db, mode) as log:
        trade_id = _found(log, trade)
        rows = log.trade(trade_id)
    click.secho(f"Trade {trade_id}, {rows[0].mode}, {len(rows)} rows; times are New York's", bold=True)
    day = None
    for row in rows:
        line = _told(row)
        if line is None:
            continue
        if day != (day := line.at.astimezone(NEW_YORK).date()):
            click.secho(f"{day:%A %Y-%m-%d}", dim=True)
        show_line(line)


@audit.command()
@click.option("--kept", metavar="ROW:HASH", help="A head that was noted earlier: the log must still reach it.")
@click.option("--key", metavar="KEY", help="The public key that `audit key` printed once, instead of the log's own.")
@with_heads
@of_log
def verify(db: str | None, mode: str, heads: str | None, kept: str | None, key: str | None) -> None:
    """Check that every row is what was written, and that every signed head is still true.

    Exit code 1: it names the first bad row, or the rows that a signed head knows and the log does not.
    """
    from composition.commands.audit_heads import compared, tell

    head = _kept(kept)
    with reading(db, mode) as log:
        with _progress(log) as progress:
            result = log.verify(progress=progress, kept=head)
            if progress is not None:
                progress(result.rows)
        if result.problem is not None:
            click.secho(f"BAD: {result.problem}. The {result.rows} rows before it are sound.", fg="red")
            click.get_current_context().exit(1)
        told = f"Sound: {result.rows} rows. Head to keep elsewhere: {result.head.seq}:{result.head.hash}"
        click.secho(told, fg="green")
        found = compared(log, db, mode, heads, key)
    if not tell(found, key):
        click.get_current_context().exit(1)


@audit.command()
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True, help="Lines of JSON, or CSV."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="A new file, for its owner only; otherwise standard output.",
)
@of_log
def export(db: str | None, mode: str, form: str, out: str | None) -> None:
    """Write the whole log as text, complete enough to verify it without alert-trader."""
    from adapters.sqlite.export import Format

    with reading(db, mode) as log:
        if out is None:
            log.export(Format(form), sys.stdout)
            return
        with _new_file(out) as file:
            count = log.export(Format(form), file)
    click.echo(f"{count} rows in {out}", err=True)


audit.add_command(head)
audit.add_command(key)
audit.add_command(accept_loss)


# ---- the file ------------------------------------------------------------------------------------------------------


def _found(log: "AuditReader", trade: str) -> str:
    try:
        return log.find_trade(trade)
    except LookupError as error:
        raise Refusal(str(error.args[0])) from error


@contextmanager
def _new_file(path: str) -> "Iterator[TextIO]":
    """A file that is whole or not there at all, and that no one else can read: it holds ids and balances."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
    except FileExistsError:
        raise Refusal(f"{path} exists already: name a new file") from None
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from error
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            yield file
    except OSError as error:
        os.unlink(path)  # noqa: PTH108
        raise Refusal(f"{path} could not be written to its end and is removed: {error.strerror}") from error
    except BaseException:
        os.unlink(path)  # noqa: PTH108
        raise


def _kept(text: str | None) -> "Head | None":
    if text is None:
        return None
    from adapters.sqlite.chain import Head

    seq, _, digest = text.partition(":")
    if not seq.isdecimal() or len(digest) != len(Head().hash):
        raise click.BadParameter(
            f"{text!r} is no head: write ROW:HASH as `audit verify` printed it", param_hint="--kept"
        )
    return Head(int(seq), digest)


@contextmanager
def _progress(log: "AuditReader") -> "Iterator[Callable[[int], None] | None]":
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=log.head().seq, label="Verifying", file=sys.stderr) as bar:
        yield lambda rows: bar.update(rows - bar.pos)


# ---- rows for people and machines ----------------------------------------------------------------------------------


def _as_dict(row: "Row") -> dict[str, object]:
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "class": row.row_class.value,
        "kind": row.kind,
        "mode": row.mode.value,
        "trade_id": row.trade_id,
        "body": row.body,
        "hash": row.hash,
    }


def _told(row: "Row") -> "Line | None":
    """The row's line of the story; its bare fields where another version wrote it and the story does not fit."""
    from composition.story import Line, tell

    try:
        return tell(row)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return Line(row.at, row.kind, json.dumps(row.body))


def _row_line(row: "Row") -> str:
    from composition.screen import STYLES
    from domain.calendar import NEW_YORK

    line = _told(row)
    told = "" if line is None else click.style(f"{line.word}: {line.text}", **STYLES[line.tone])
    at = row.at.astimezone(NEW_YORK)
    return f"{row.seq:>7}  {at:%Y-%m-%d %H:%M:%S}  {row.trade_id or '-':<12}  {row.kind:<18}  {told}".rstrip()
