"""A page a day beside the report: what was traded or denied on it, and every trade's story from alert to end.

A story is the log's rows in the words of `composition.story`, in New York's time. Where prices are modelled, its lines
say no profit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from pathlib import Path

from attrs import evolve, frozen

from composition.replay.lines import MessageLine, Totals, TradeLine, Verdict
from composition.replay.report.frame import document, table, words
from composition.replay.report.trades import anchor, story_place
from composition.replay.report.words import (
    NAMES,
    about_prices,
    counted,
    dollars,
    is_modelled,
    price,
    reason_words,
    rung,
)
from composition.story import Line, Tone, tell
from domain.calendar import NEW_YORK, new_york_date
from ports.audit_log import Row

RowsOf = Callable[[str], Iterable[Row]]
MESSAGES_SHOWN = 300
CLASSES = {Tone.PLAIN: "", Tone.FAINT: "dim", Tone.GOOD: "good", Tone.BAD: "bad", Tone.WARNING: "warning"}
HEADS = (("time", False), ("channel", False), ("author", False), ("message", False), ("verdict", False), ("why", False))


@frozen
class Stories:
    """Writes the pages into `directory`; `rows_of` returns the log's rows of a trade, the oldest first."""

    directory: Path
    totals: Totals
    rows_of: RowsOf

    def write(self, messages: Iterable[MessageLine], trades: Sequence[TradeLine]) -> None:
        """Write a page for each day on which anything but chatter was posted. Messages and trades come in order."""
        places = {trade.number: story_place(trade.number, trade.opened_at) for trade in trades}
        by_day: dict[date, list[TradeLine]] = {}
        for trade in trades:
            by_day.setdefault(new_york_date(trade.opened_at), []).append(trade)
        told = (message for message in messages if message.verdict is not Verdict.IGNORED)
        for day, lines in groupby(told, key=lambda message: new_york_date(message.at)):
            self._write(day, _messages(lines, places), by_day.pop(day, []))
        for day, late in sorted(by_day.items()):
            self._write(day, (), late)

    def _write(self, day: date, messages: Iterable[str], trades: Sequence[TradeLine]) -> None:
        path = self.directory / f"{day}.html"
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(document(f"Replay: {day}", self._day(day, messages, trades)))

    def _day(self, day: date, messages: Iterable[str], trades: Sequence[TradeLine]) -> Iterator[str]:
        note = f"Times are New York's; {about_prices(self.totals)}."
        yield f'<p><a href="../report.html">Report</a></p><h1>{day:%A, %-d %B %Y}</h1><p class="note">{note}</p>\n'
        yield from messages
        yield f"<h2>{counted(len(trades), 'trade')}</h2>\n"
        for trade in trades:
            yield from self._story(trade)

    def _story(self, trade: TradeLine) -> Iterator[str]:
        told = f"{words(trade.contract)}, {words(trade.author)} in {words(trade.channel)}"
        yield f'<section id="{anchor(trade.number)}"><h3>Message {trade.number:,}: {told}</h3>\n'
        yield f'<p class="faint">{_facts(trade)}</p><table class="story"><tbody>\n'
        day = new_york_date(trade.opened_at)
        for row in self.rows_of(trade.trade_id):
            line = tell(_without_profit(row) if is_modelled(self.totals) else row)
            if line is None:
                continue
            if day != (day := new_york_date(line.at)):
                yield f'<tr><td class="day" colspan="3">{day:%A, %-d %B %Y}</td></tr>\n'
            yield _row(line)
        yield "</tbody></table></section>\n"


def _messages(lines: Iterable[MessageLine], places: dict[int, str]) -> Iterator[str]:
    lines = iter(lines)
    yield '<h2 id="messages">Messages that were no chatter</h2>\n'
    yield from table(HEADS, (_message(line, places) for line in islice(lines, MESSAGES_SHOWN)))
    left = sum(1 for _ in lines)
    if left:
        yield f'<p class="faint">{counted(left, "more message")} of this day in messages.csv.</p>\n'


def _message(line: MessageLine, places: dict[int, str]) -> str:
    verdict = NAMES[line.verdict]
    if line.number in places:
        verdict = f'<a href="../{places[line.number]}">{verdict}</a>'
    why = (
        f"{reason_words(line.reason or '')}: {line.detail}"
        if line.reason and line.detail
        else line.reason or line.detail
    )
    return (
        f'<tr><td class="t">{line.at.astimezone(NEW_YORK):%H:%M:%S}</td><td>{words(line.channel)}</td>'
        f'<td>{words(line.author)}</td><td class="words">{words(line.text)}</td><td>{verdict}</td>'
        f'<td class="words">{words(why)}</td></tr>\n'
    )


def _facts(trade: TradeLine) -> str:
    sold = f"{trade.exits_filled} sold by the exit, {trade.closed_by_alert} closed by an alert"
    left = f"{trade.expired} expired, {trade.held_at_end} held at the end"
    decided = f"{counted(trade.quantity, 'contract')}, {dollars(trade.premium)} premium"
    entry = f"entry {rung(trade)}: {trade.filled} bought @ {price(trade.average_price)}"
    return f"{decided}; {entry}; {sold}, {left}. Trade {words(trade.trade_id)}"


def _row(line: Line) -> str:
    at = f'<td class="t">{line.at.astimezone(NEW_YORK):%H:%M:%S}</td>'
    return f'<tr>{at}<td class="{CLASSES[line.tone]}">{words(line.word)}</td><td>{words(line.text)}</td></tr>\n'


def _without_profit(row: Row) -> Row:
    return evolve(row, body={**row.body, "profit": None}) if "profit" in row.body else row
