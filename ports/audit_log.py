"""The system of record: one append-only, hash-chained sequence of rows."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, get_args

from attrs import frozen

from domain.commands import Command
from domain.events import Decision, Input, Stamped
from domain.policies import Mode
from domain.value import Value


class RowClass(StrEnum):
    """Inputs are what a replay feeds to the core again; decisions and commands are what it must then conclude."""

    INPUT = "input"
    DECISION = "decision"
    COMMAND = "command"


# Of everything that is ever appended: an input stands there by its event.
ROW_CLASSES: Mapping[type, RowClass] = {
    member: row_class
    for row_class, union in ((RowClass.INPUT, Input), (RowClass.DECISION, Decision), (RowClass.COMMAND, Command))
    for member in get_args(union)
}


@frozen
class Entry(Value):
    """What is appended: an input, decision or command at its instant, and the trade it belongs to, if any."""

    at: datetime
    row_class: RowClass
    body: "Stamped | Decision | Command"
    trade_id: str | None


@frozen(kw_only=True)
class Row(Value):
    """A row as it is read back. `kind` is the class name of the event or command, `body` its fields, ready for JSON."""

    seq: int
    at: datetime
    row_class: RowClass
    kind: str
    mode: Mode
    trade_id: str | None
    body: Mapping[str, Any]
    hash: str


class AuditLog(Protocol):
    """Synchronous by design: a row is in the log when the call returns, and durable when `commit` returns.

    Every method raises AuditUnavailableError when the log cannot be used: then nothing may be sent.
    """

    @abstractmethod
    def append(self, entry: Entry) -> int:
        """Append one row and return its sequence number: 1, 2, 3 … without a gap. Durable at the next `commit`."""

    @abstractmethod
    def commit(self) -> None:
        """Make all appended rows durable, together. Cheap when there are none."""

    @abstractmethod
    def discard(self) -> None:
        """Drop the rows that are not durable yet and end the log's use: the process ends because of a bug of ours.

        So an input that the core cannot take does not stand in the way of every later replay.
        """

    @abstractmethod
    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        """Yield every input in the order it was appended: a replay of them is the desk's state.

        With `after`, only those of the rows that follow that one.
        """

    @abstractmethod
    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        """Return rows newest first, of one trade where given, with a sequence number below `before`."""
