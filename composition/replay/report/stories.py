"""A page a day beside the report: what was traded or denied on it, and the story of every trade and close.

A story is the log's rows in the words of `composition.story`, in New York's time. Where prices are modelled, its lines
say no profit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from pathlib import Path

from attrs import evolve, frozen

from composition.replay.lines import MessageLine, Totals, TradeLine, Verdict
from composition.replay.report.closings import Part
from composition.replay.report.frame import document, table, words
from composition.replay.report.places import RowsOf, anchor, beside
from composition.replay.report.words import (
    NAMES,
    about_prices,
    counted,
    day_and_time,
    dollars,
    is_modelled,
    price,
    reason_words,
    rung,
)
from composition.story import Line, Tone, tell
from domain.calendar import NEW_YORK, new_york_date
from domain.value import Value
from ports.audit_log import Row

MESSAGES_SHOWN = 300
CLASSES = {Tone.PLAIN: "", Tone.FAINT: "dim", Tone.GOOD: "good", Tone.BAD: "bad", Tone.WARNING: "warning"}
STORIED = frozenset({Verdict.ENTERED, Verdict.CLOSED, Verdict.DRY_RUN})
HEADS = (("time", False), ("channel", False), ("author", False), ("message", False), ("verdict", False), ("why", False))


@frozen
class Stories(Value):
    """Writes the pages into `directory`. `parts` says what of each trade an alert closed, by the trade's number."""

    directory: Path
    totals: Totals
    rows_of: RowsOf
    trades: Sequence[TradeLine]
    parts: Mapping[int, Sequence[Part]]

    def write(self, messages: Iterable[MessageLine]) -> None:
        """Write a page for each day of `messages`, which come in order and without the chatter."""
        by_number = {trade.number: trade for trade in self.trades}
        for day, lines in groupby(messages, key=lambda message: new_york_date(message.at)):
            path = self.directory / f"{day}.html"
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(document(f"Replay: {day}", self._day(day, lines, by_number)))

    def _day(self, day: date, messages: Iterator[MessageLine], trades: Mapping[int, TradeLine]) -> Iterator[str]:
        note = f"Times are New York's; {about_prices(self.totals)}."
        yield f'<p><a href="../report.html">Report</a></p><h1>{day:%A, %-d %B %Y}</h1><p class="note">{note}</p>\n'
        told: list[MessageLine] = []
        yield '<h2 id="messages">Traded, denied or repeated</h2>\n'
        yield from table(
            HEADS,
            (_message(line, trades) for line in _noting(islice(messages, MESSAGES_SHOWN), told, trades)),
            ' class="said"',
        )
        left = sum(1 for _ in _noting(messages, told, trades))
        if left:
            yield f'<p class="faint">{counted(left, "more message")} of this day in messages.csv.</p>\n'
        yield "<h2>Stories</h2>\n" if told else ""
        for line in told:
            yield from self._story(line, trades.get(line.number))

    def _story(self, message: MessageLine, trade: TradeLine | None) -> Iterator[str]:
        what = "close" if trade is None else words(trade.contract)
        told = f"{what}, {words(message.author)} in {words(message.channel)}"
        yield f'<section id="{anchor(message.number)}"><h3>Message {message.number:,}: {told}</h3>\n'
        if trade is not None:
            yield f'<p class="faint">{_facts(trade)}</p>\n'
            yield from map(_closed_by, self.parts.get(trade.number, ()))
        yield '<table class="story"><tbody>\n'
        day = new_york_date(message.at)
        for row in self.rows_of(message.trade_id or ""):
            line = tell(_without_profit(row) if is_modelled(self.totals) else row)
            if line is None:
                continue
            if day != (day := new_york_date(line.at)):
                yield f'<tr><td class="day" colspan="3">{day:%A, %-d %B %Y}</td></tr>\n'
            yield _row(line)
        yield "</tbody></table></section>\n"


def _noting(
    messages: Iterable[MessageLine], told: list[MessageLine], trades: Mapping[int, TradeLine]
) -> Iterator[MessageLine]:
    """Pass the messages on, and note those that have a story."""
    for message in messages:
        if message.number in trades or message.verdict in STORIED:
            told.append(message)
        yield message


def _message(line: MessageLine, trades: Mapping[int, TradeLine]) -> str:
    verdict = NAMES[line.verdict]
    if line.number in trades or line.verdict in STORIED:
        verdict = f'<a href="#{anchor(line.number)}">{verdict}</a>'
    why = ": ".join(part for part in (reason_words(line.reason or ""), line.detail) if part)
    return (
        f'<tr><td class="t">{line.at.astimezone(NEW_YORK):%H:%M:%S}</td><td>{words(line.channel)}</td>'
        f'<td>{words(line.author)}</td><td class="words">{words(line.text)}</td><td>{verdict}</td>'
        f'<td class="words">{words(why)}</td></tr>\n'
    )


def _facts(trade: TradeLine) -> str:
    sold = f"{trade.exits_filled} sold by the exit, {trade.closed_by_alert} closed by an alert"
    left = f"{trade.expired} expired, {trade.held_at_end} held at the end"
    decided = f"{counted(trade.quantity, 'contract')}, sized for at most {dollars(trade.premium)}"
    bought = f"{trade.filled} bought @ {price(trade.average_price)}" if trade.filled else "none bought"
    return f"{decided}; entry {rung(trade)}: {bought}; {sold}, {left}. Trade {words(trade.trade_id)}"


def _closed_by(part: Part) -> str:
    message, average = part.closing.message, price(part.closing.average_price)
    link = f'<a href="{beside(message.number, message.at)}">message {message.number:,}</a>'
    return f"<p>{part.contracts} closed by {link}, {day_and_time(message.at)}, @ {average} on average.</p>\n"


def _row(line: Line) -> str:
    at = f'<td class="t">{line.at.astimezone(NEW_YORK):%H:%M:%S}</td>'
    return f'<tr>{at}<td class="{CLASSES[line.tone]}">{words(line.word)}</td><td>{words(line.text)}</td></tr>\n'


def _without_profit(row: Row) -> Row:
    return evolve(row, body={**row.body, "profit": None}) if "profit" in row.body else row
