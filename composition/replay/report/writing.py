"""The report's files, written as a replay's lines come and finished when it ends."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TextIO

from composition.replay.lines import LineSink, MessageLine, Totals, TradeLine, Verdict
from composition.replay.report.cells import MESSAGE_COLUMN, MESSAGES, TRADES
from composition.replay.report.changes import changes_told
from composition.replay.report.closings import closings_of, parts_of
from composition.replay.report.comparing import Changes, compare
from composition.replay.report.earlier import (
    CHANGES_FILE,
    DAYS_FILE,
    MESSAGES_FILE,
    PAGE_FILE,
    STORIES,
    SUMMARY_FILE,
    TRADES_FILE,
    EarlierReplay,
    NotComparableError,
)
from composition.replay.report.figures import TradeFigures, figures_of
from composition.replay.report.page import page
from composition.replay.report.places import RowsOf
from composition.replay.report.saving import totals_as_text
from composition.replay.report.stories import Stories
from composition.replay.report.summary import summary
from composition.replay.report.words import VERDICTS
from domain.calendar import new_york_date

LOG_FILE = "replay.sqlite"
A_DAYS_PAGE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].html"


class OccupiedError(OSError):
    """The directory holds something that is no replay's. The message names it, and the mend."""


class ReplayReport(LineSink):
    """Writes into `directory`, which it makes. Use it as a context: it holds a file open while lines come.

    `rows_of` returns the log's rows of a trade, the oldest first; it is asked at the end. After `finish`, `told` is the
    summary for the terminal, and `refusal` says why there is no comparison with `against`, where there is none. Trades
    and closes are kept in memory until the end, about two kilobytes each; all else is written and gone.
    """

    def __init__(self, directory: Path, rows_of: RowsOf, *, against: EarlierReplay | None = None) -> None:
        self._directory = directory
        self._rows_of = rows_of
        self._against = against
        self._trades: list[TradeLine] = []
        self._closes: list[MessageLine] = []
        self._open = ExitStack()
        self._begun = False
        self._write_message: Callable[[Iterable[object]], object] = list
        self.told: tuple[str, ...] = ()
        self.refusal: NotComparableError | None = None

    def __enter__(self) -> Self:
        """Make the directory. Raises OccupiedError where something is in it that is no replay's."""
        _check_free(self._directory)
        self._directory.joinpath(STORIES).mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def message(self, line: MessageLine) -> None:
        if not self._begun:
            self._begin()
        self._write_message(MESSAGES.cells(line))
        if line.verdict is Verdict.CLOSED:
            self._closes.append(line)

    def trade(self, line: TradeLine) -> None:
        self._trades.append(line)

    def finish(self, totals: Totals) -> None:
        """Write everything that is left. A comparison that cannot be made is a `refusal`; the rest is written."""
        if not self._begun:
            self._begin()
        self._open.close()
        self._trades.sort(key=lambda trade: trade.number)
        figures = figures_of(self._trades)
        self._table(TRADES_FILE, TRADES.columns, map(TRADES.cells, self._trades))
        self._table(DAYS_FILE, DAYS_COLUMNS, _days(totals, figures, self._trades))
        self._pieces(SUMMARY_FILE, [totals_as_text(totals, {"figures": figures.all.as_dict()})])
        changes = self._compared(totals)
        parts = parts_of(self._trades, closings_of(self._closes, self._rows_of))
        stories = Stories(self._directory / STORIES, totals, self._rows_of, self._trades, parts)
        stories.write(MESSAGES.lines(self._directory / MESSAGES_FILE, _is_no_chatter))
        self._pieces(PAGE_FILE, page(totals, figures, self._trades, changes))
        told = () if changes is None else ("", *changes_told(changes))
        self.told = (*summary(totals, figures.all), *told)

    def _begin(self) -> None:
        """With the first message an earlier replay's report goes, and not before: there may be none."""
        for name in (TRADES_FILE, DAYS_FILE, CHANGES_FILE, SUMMARY_FILE, PAGE_FILE):
            self._directory.joinpath(name).unlink(missing_ok=True)
        for path in self._directory.joinpath(STORIES).glob(A_DAYS_PAGE):
            path.unlink()
        self._write_message = csv.writer(self._open.enter_context(self._text(MESSAGES_FILE))).writerow
        self._write_message(MESSAGES.columns)
        self._begun = True

    def _compared(self, totals: Totals) -> Changes | None:
        if self._against is None:
            return None
        try:
            return compare(self._against, EarlierReplay(self._directory, totals))
        except NotComparableError as error:
            self.refusal = error
            return None

    def _text(self, name: str) -> TextIO:
        return self._directory.joinpath(name).open("w", encoding="utf-8", errors="backslashreplace", newline="")

    def _table(self, name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        with self._text(name) as file:
            table = csv.writer(file)
            table.writerow(columns)
            table.writerows(rows)

    def _pieces(self, name: str, pieces: Iterable[str]) -> None:
        with self._text(name) as file:
            file.writelines(pieces)


DAYS_COLUMNS = (
    "day",
    "messages",
    *(verdict.value for verdict in VERDICTS),
    "trades",
    "contracts_decided",
    "contracts_bought",
    "premium",
)


def _days(totals: Totals, figures: TradeFigures, trades: Iterable[TradeLine]) -> Iterator[Iterable[object]]:
    """A row for each day on which anything was posted, in New York."""
    sums: dict[object, list[int]] = {}
    for trade in trades:
        found = sums.setdefault(new_york_date(trade.opened_at), [0, 0, 0])
        for index, more in enumerate((1, trade.quantity, trade.filled)):
            found[index] += more
    for day in sorted({day for day, _ in totals.days} | figures.premium_by_day.keys()):
        counts = [totals.days.get((day, verdict), 0) for verdict in VERDICTS]
        premium = figures.premium_by_day.get(day, 0)
        yield (day.isoformat(), sum(counts), *counts, *sums.get(day, (0, 0, 0)), f"{premium:f}")


def _check_free(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise OccupiedError(f"{directory} is a file: name a directory")
    found = sorted(path.name for path in directory.iterdir()) if directory.exists() else []
    if found and not {MESSAGES_FILE, LOG_FILE} & set(found):
        raise OccupiedError(
            f"{directory} holds {found[0]} and no replay: name a new directory, or one that a replay made"
        )


def _is_no_chatter(cells: list[str]) -> bool:
    return cells[MESSAGE_COLUMN["verdict"]] != Verdict.IGNORED
