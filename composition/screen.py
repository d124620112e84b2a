"""What a run shows: the story in a terminal, or the log's rows as JSON lines for machines. Errors go to stderr."""

import json
from decimal import Decimal

import click

from adapters.sqlite.codec import encode, recorded
from composition.printable import printable
from composition.story import Line, Tone, tell
from domain.commands import Notify, Reply
from domain.desk import DeskState
from domain.policies import Mode
from ports.audit_log import Entry, Row

TAG_LENGTH = 4
STYLES = {
    Tone.PLAIN: {},
    Tone.FAINT: {"dim": True},
    Tone.GOOD: {"fg": "green"},
    Tone.BAD: {"fg": "red", "bold": True},
    Tone.WARNING: {"fg": "yellow"},
}


def show_line(line: Line) -> None:
    """Print one line of a story, coloured on a terminal."""
    click.secho(str(line), **STYLES[line.tone])  # type: ignore[arg-type] # a style is click's own keywords


class Screen:
    """Observes a run's rows. With `as_json` stdout carries rows only, and what is said to people goes to stderr."""

    def __init__(self, mode: Mode, *, as_json: bool) -> None:
        self._mode = mode
        self._as_json = as_json
        self.errors = 0

    def row(self, seq: int, entry: Entry) -> None:
        body = recorded(entry.body)
        row = Row(
            seq=seq,
            at=entry.at,
            row_class=entry.row_class,
            kind=type(body).__name__,
            mode=self._mode,
            trade_id=entry.trade_id,
            body=json.loads(encode(body)),
            hash="",
        )
        if self._as_json:
            click.echo(_json_line(row))
            return
        line = tell(row)
        if line is not None:
            # Trades run side by side: the end of the trade's id says whose line it is.
            tag = "" if line.trade_id is None else line.trade_id[-TAG_LENGTH:]
            click.secho(f"{tag:<{TAG_LENGTH}}  {line}", **STYLES[line.tone])  # type: ignore[arg-type] # click's keywords

    def say(self, text: str) -> None:
        """Print something for the person who started the run."""
        click.secho(text, err=self._as_json, dim=True)

    def error(self, text: str) -> None:
        self.errors += 1
        click.secho(f"Error: {printable(text)}", err=True, fg="red")

    def reply(self, reply: Reply) -> None:
        """Do nothing: the rows that a reply is made of are the story already."""

    def notice(self, notice: Notify) -> None:
        """Do nothing: the notice's own row is its line in the story."""

    def summary(self, state: DeskState) -> None:
        """Print what is held and working at the end."""
        held = [trade for trade in state.trades.values() if trade.held > 0]
        if not held:
            self.say("Nothing is held.")
        for trade in held:
            average = trade.entry.average_price or Decimal(0)
            exits = ", ".join(
                f"{order.leaves} @ {order.limit_price} (order {order.broker_order_id})"
                for order in trade.exits
                if order.leaves
            )
            covered = f"exit working: {exits}" if exits else "no exit working"
            self.say(f"Held: {trade.held} {trade.contract.label} @ {average.normalize():f} on average; {covered}.")


def _json_line(row: Row) -> str:
    fields = {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "class": row.row_class.value,
        "kind": row.kind,
        "mode": row.mode.value,
        "trade_id": row.trade_id,
        "body": row.body,
    }
    return json.dumps(fields, separators=(",", ":"))
