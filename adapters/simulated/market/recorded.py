"""Recorded quotes as the simulated market's book: the last one at or before an instant, read along with the clock.

A row is time, OCC symbol, bid, ask. Only the last two of each symbol that still trades are in memory, however long the
file. A quote grows old: where rows are far apart, most instants have none that is fresh.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.script import Script
from domain.calendar import new_york_date
from domain.instruments import Contract
from domain.quotes import Quote

COLUMNS = ("time", "symbol", "bid", "ask")
OF_OTHERS = "O:"  # how some data vendors begin an option's symbol
SYMBOL_TAIL = 15  # yymmdd, C or P, eight digits of strike
NOTHING = Decimal(0)
Row = tuple[datetime, str, Quote]


class QuotesError(ValueError):
    """The file as a whole is no file of quotes. The message names the mend."""


def read_quotes(lines: Iterable[str], on_bad: Callable[[int, str], None]) -> Iterator[Row]:
    """Yield (instant, symbol without blanks, quote) in order of time; `on_bad` is told the line and why of the others.

    Raises QuotesError at once where the columns are not time, symbol, bid, ask.
    """
    rows = csv.reader(lines)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
    except csv.Error as error:
        raise QuotesError(f"a file of quotes begins with the line {','.join(COLUMNS)}: {error}") from error
    if not set(COLUMNS) <= set(header):
        raise QuotesError(f"a file of quotes begins with the line {','.join(COLUMNS)}, got {','.join(header)[:80]!r}")
    places = tuple(header.index(name) for name in COLUMNS)
    return rows_in_order(rows, lambda: rows.line_num, places, on_bad)


def rows_in_order(
    rows: Iterator[list[str]], line: Callable[[], int], places: tuple[int, ...], on_bad: Callable[[int, str], None]
) -> Iterator[Row]:
    """Yield what the texts of rows say; `places` are those of our columns, `line` is where the last row stands."""
    last = datetime.min.replace(tzinfo=UTC)
    while True:
        cells: list[str] | None = []
        try:
            cells = next(rows, None)
            if cells is None:
                return
            if not cells:
                continue
            at, symbol, quote = _row(*(cells[place].strip() for place in places))
        except IndexError:
            on_bad(line(), f"a row has {len(COLUMNS)} columns or more, got {len(cells or ())}")
            continue
        except (ValueError, csv.Error) as error:
            on_bad(line(), str(error))
            continue
        if at < last:
            on_bad(line(), f"{at.isoformat()} comes after {last.isoformat()}: sort the file by time")
            continue
        last = at
        yield at, symbol, quote


def _row(time: str, symbol: str, bid: str, ask: str) -> Row:
    try:
        at = datetime.fromisoformat(time)
    except ValueError as error:
        raise ValueError(f"time is an ISO instant such as 2026-12-01T15:30:00Z, got {time!r}") from error
    if at.tzinfo is None:
        raise ValueError(f"time needs a time zone, such as {time}Z")
    at = at.astimezone(UTC)
    name = compact(symbol)
    if len(name) <= SYMBOL_TAIL:
        raise ValueError(f"symbol is an OCC symbol such as UBER251205P00078000, got {symbol!r}")
    return at, name, Quote(_price("bid", bid), _price("ask", ask), at)


def _price(side: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        price = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{side} is a number of dollars or empty, got {text!r}") from error
    if not price.is_finite() or price < NOTHING:
        raise ValueError(f"{side} is zero or more dollars, got {text!r}")
    return price


def compact(symbol: str) -> str:
    """Return an option's symbol in one piece: without the blanks that OCC puts between root and date."""
    return symbol.removeprefix(OF_OTHERS).replace(" ", "").upper()


class RecordedMarket(SimulatedMarket):
    """Quotes what the rows say. Instants are asked for in order, or a moment before the last one."""

    def __init__(self, seed: int, script: Script, rows: Iterator[Row]) -> None:
        super().__init__(seed, script, is_modelled=False)
        self._rows = rows
        self._coming = next(rows, None)
        self._last: dict[str, tuple[Quote | None, Quote]] = {}  # by symbol: the one before the last, and the last
        self._day = date.min

    def quote(self, contract: Contract, now: datetime) -> Quote | None:
        """Return the last quote at or before `now`, or None where there is none or the contract has ended."""
        self._read_to(now)
        if contract.cut_off is not None and now >= contract.cut_off:
            return None
        return self._known(contract, now)

    def settlement(self, contract: Contract) -> Decimal:
        """Return the last bid before the end, or zero: nobody recorded what was paid."""
        last = None if contract.cut_off is None else self._known(contract, contract.cut_off)
        return NOTHING if last is None else last.bid or NOTHING

    def _known(self, contract: Contract, now: datetime) -> Quote | None:
        before, last = self._last.get(compact(contract.symbol), (None, None))
        return last if last is None or last.at <= now else before

    def _read_to(self, now: datetime) -> None:
        while self._coming is not None and self._coming[0] <= now:
            _, symbol, quote = self._coming
            _, last = self._last.get(symbol, (None, None))
            self._last[symbol] = (last, quote)
            self._coming = next(self._rows, None)
        if new_york_date(now) > self._day:
            self._day = new_york_date(now)
            self._forget_ended()

    def _forget_ended(self) -> None:
        """Yesterday's settlements are over: what expired before today is asked for no more."""
        today = f"{self._day:%y%m%d}"
        self._last = {name: kept for name, kept in self._last.items() if name[-SYMBOL_TAIL:][:6] >= today}
