"""Messages and trades as rows of CSV, and back.

A row holds every field of its line, in the line's order. Texts come from strangers: what a spreadsheet would take for
a formula is written with an apostrophe before it, and read back without.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from types import UnionType
from typing import Any, Generic, TypeVar, get_args

from attrs import AttrsInstance, fields

from composition.replay.lines import MessageLine, TradeLine

L = TypeVar("L", bound=AttrsInstance)
BEGINNINGS = frozenset("'=+-@\t\r＝＋－＠")
FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")  # the wide ones are taken for formulas too, in some languages


class UnreadableTableError(Exception):
    """A CSV file that this version did not write. The message names the file, the place and the mend."""


def defused(text: str) -> str:
    """Return `text` as no spreadsheet takes it for a formula; `original` undoes it."""
    return f"'{text}" if text[:1] in BEGINNINGS and FORMULA.match(text) else text


def original(text: str) -> str:
    """Return the text that `defused` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


class Table(Generic[L]):
    """The CSV form of one kind of line."""

    def __init__(self, kind: type[L]) -> None:
        self._kind = kind
        attributes = fields(kind)
        self.columns = tuple(attribute.name for attribute in attributes)
        kinds = [_kind_of(attribute.type) for attribute in attributes]
        self._values = attrgetter(*self.columns)
        self._writers = tuple((index, WRITERS[kind]) for index, kind in enumerate(kinds) if kind in WRITERS)
        self._readers = tuple(
            (attribute.name, READERS.get(kind, kind), _optional(attribute.type))
            for attribute, kind in zip(attributes, kinds, strict=True)
        )

    def cells(self, line: L) -> list[Any]:
        """Return a line's cells, as a writer of CSV takes them: None is an empty one."""
        found = list(self._values(line))
        for index, write in self._writers:
            if found[index] is not None:
                found[index] = write(found[index])
        return found

    def line(self, cells: Iterable[str]) -> L:
        """Return the line that `cells` were made from. Raises ValueError for cells that no line makes."""
        values = {
            name: None if optional and not cell else read(cell)
            for (name, read, optional), cell in zip(self._readers, cells, strict=True)
        }
        return self._kind(**values)

    def rows(self, path: Path) -> Iterator[list[str]]:
        """Yield the rows of a file in order, as they are written. Raises UnreadableTableError for another table."""
        try:
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.reader(file)
                head = next(reader, [])
                if tuple(head) != self.columns:
                    raise UnreadableTableError(
                        f"{path} has the columns {', '.join(head) or '-'}: another version wrote it, replay it again"
                    )
                for row in reader:
                    if len(row) != len(self.columns):
                        raise UnreadableTableError(
                            f"{path} line {reader.line_num} has {len(row)} cells and needs {len(self.columns)}: "
                            "somebody changed it, replay it again"
                        )
                    yield row
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UnreadableTableError(f"{path} cannot be read ({error}): replay it again") from error

    def lines(self, path: Path, wanted: Callable[[list[str]], bool] = lambda _: True) -> Iterator[L]:
        """Yield the lines of a file in order, those whose cells are `wanted`.

        Raises UnreadableTableError, naming the row.
        """
        for number, row in enumerate(self.rows(path), start=1):
            if not wanted(row):
                continue
            try:
                line = self.line(row)
            except (ValueError, ArithmeticError) as error:
                raise UnreadableTableError(
                    f"{path} row {number} is no line of a replay ({error}): replay it again"
                ) from error
            yield line


def _kind_of(annotation: Any) -> Any:  # noqa: ANN401 - a field's own type
    return get_args(annotation)[0] if isinstance(annotation, UnionType) else annotation


def _optional(annotation: Any) -> bool:  # noqa: ANN401
    return isinstance(annotation, UnionType) and type(None) in get_args(annotation)


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


WRITERS: Mapping[Any, Callable[[Any], str]] = {
    str: defused,
    bool: lambda flag: "true" if flag else "false",
    datetime: datetime.isoformat,
    Decimal: _plain,
}
READERS: Mapping[Any, Callable[[str], Any]] = {
    str: original,
    bool: _flag,
    datetime: datetime.fromisoformat,
}
MESSAGES: Table[MessageLine] = Table(MessageLine)
TRADES: Table[TradeLine] = Table(TradeLine)
MESSAGE_COLUMN = {name: index for index, name in enumerate(MESSAGES.columns)}
