"""What a run shows: the story in a terminal, or the log's rows as JSON lines for machines. Errors go to stderr."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TextIO

import click

from adapters.sqlite.codec import encode, recorded
from composition.printable import printable
from composition.printing import Printer
from composition.story import Line, Tone, tell
from domain.commands import Notify, Reply
from domain.desk import DeskState
from domain.policies import Mode
from domain.wording import money
from ports.audit_log import Entry, Row

TAG_LENGTH = 4
STYLES: Mapping[Tone, Mapping[str, Any]] = {
    Tone.PLAIN: {},
    Tone.FAINT: {"dim": True},
    Tone.GOOD: {"fg": "green"},
    Tone.BAD: {"fg": "red", "bold": True},
    Tone.WARNING: {"fg": "yellow"},
}


def show_line(line: Line) -> None:
    """Print one line of a story, coloured on a terminal."""
    click.secho(str(line), **STYLES[line.tone])


class Screen:
    """Observes a run's rows. With `as_json` stdout carries rows only, and what is said to people goes to stderr.

    It never waits for whoever reads; at the end of its `with`, for two seconds at most.
    """

    def __init__(self, mode: Mode, *, as_json: bool) -> None:
        self._mode = mode
        self._as_json = as_json
        self._printer = Printer(notes=self._for_people)
        self.errors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._printer.flush()
        self._printer.close()

    @property
    def _for_people(self) -> TextIO | None:
        return sys.stderr if self._as_json else sys.stdout

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
            self._printer.put(sys.stdout, _json_line(row))
            return
        line = tell(row)
        if line is not None:
            # Trades run side by side: the end of the trade's id says whose line it is.
            tag = "" if line.trade_id is None else line.trade_id[-TAG_LENGTH:]
            self._print(sys.stdout, f"{tag:<{TAG_LENGTH}}  {line}", **STYLES[line.tone])

    def say(self, text: str) -> None:
        """Print something for the person who started the run."""
        self._print(self._for_people, text, dim=True)

    def error(self, text: str) -> None:
        self.errors += 1
        self._print(sys.stderr, f"Error: {printable(text)}", fg="red")

    def reply(self, reply: Reply) -> None:
        """Do nothing: the rows that a reply is made of are the story already."""

    def notice(self, notice: Notify) -> None:
        """Do nothing: the notice's own row is its line in the story."""

    def summary(self, state: DeskState) -> None:
        """Print what is held and working at the end."""
        trades, closings = state.trades.values(), state.closings.values()
        held = [trade for trade in trades if trade.held > 0]
        runs = [*(trade.entry for trade in trades), *(closing.run for closing in closings if closing.run is not None)]
        live = [run.live_order for run in runs]
        working = [order for order in live if order is not None]
        for order in working:
            side, name = ("buy" if order.side.is_buy else "sell"), order.broker_order_id or order.client_order_id
            price = "at the market" if order.limit_price is None else f"@ {money(order.limit_price)}"
            self.say(f"Still working: {side} {order.leaves} {order.contract.label} {price} (order {name}).")
        if not held:
            self.say("Nothing is held." if working else "Nothing is held, and no order works.")
        for trade in held:
            average = trade.entry.average_price or Decimal(0)
            exits = ", ".join(
                f"{order.leaves} @ {money(order.limit_price)} (order {order.broker_order_id})"
                for order in trade.exits
                if order.leaves
            )
            covered = f"exit working: {exits}" if exits else "no exit working"
            self.say(f"Held: {trade.held} {trade.contract.label} @ {money(average)} on average; {covered}.")

    def _print(self, stream: TextIO | None, text: str, **style: Any) -> None:  # noqa: ANN401 - click's own keywords
        self._printer.put(stream, click.style(text, **style) if _is_coloured(stream) else text)


def _is_coloured(stream: TextIO | None) -> bool:
    context = click.get_current_context(silent=True)
    wanted = None if context is None else context.color
    return wanted if wanted is not None else stream is not None and stream.isatty()


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
