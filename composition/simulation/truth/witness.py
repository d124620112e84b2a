"""What is noted of a day beside the log: what left the process, what struck it, what was promised and broken."""

from collections import Counter
from datetime import datetime

from attrs import define, field, frozen

from composition.simulation.days.plan import Crash
from domain.commands import CancelOrder, Notify, ReplaceOrder, Reply, SubmitOrder, ValidateOrder
from domain.events import Operation
from domain.orders import Fill, Order
from domain.value import Value
from ports.audit_log import Entry

OrderCommand = SubmitOrder | ReplaceOrder | CancelOrder | ValidateOrder
ENOUGH = 20


@frozen
class Violation(Value):
    """A promise that was broken: its number in docs/simulation.md, and what was seen."""

    promise: str
    text: str
    trade_id: str | None = None

    def __str__(self) -> str:
        return f"{self.promise}: {self.text}"


@frozen
class Posted(Value):
    """A request that left the process. `rows` is how many rows were appended by then."""

    at: datetime
    life: int
    operation: Operation
    order: Order
    rows: int


@frozen
class Note(Value):
    """A line for the story that the log does not have. `rows` is how many rows stood in the log then."""

    at: datetime
    rows: int
    text: str


@define
class Witness:
    """`rows` are the log's rows of all lives, without those that a crash took back; `durable` is how many are safe."""

    rows: list[Entry] = field(factory=list)
    durable: int = 0
    posts: list[Posted] = field(factory=list)
    struck: Counter[str] = field(factory=Counter)
    points: Counter[str] = field(factory=Counter)
    firsts: dict[str, Crash] = field(factory=dict)
    ends: Counter[str] = field(factory=Counter)
    notes: list[Note] = field(factory=list)
    violations: list[Violation] = field(factory=list)
    log_failed: bool = False
    delivered: set[str] = field(factory=set)
    late_fills: set[str] = field(factory=set)
    late_symbols: set[str] = field(factory=set)
    touched_symbols: set[str] = field(factory=set)
    touched_orders: set[str] = field(factory=set)
    doubled: set[str] = field(factory=set)
    contradicted: set[str] = field(factory=set)
    amended: dict[str, tuple[str, Fill]] = field(factory=dict)
    renamed: set[str] = field(factory=set)
    changed: Counter[str] = field(factory=Counter)
    amended_symbols: set[str] = field(factory=set)
    amended_at: datetime | None = None
    _safe: set[tuple[type, str]] = field(factory=set)

    def note(self, at: datetime, text: str) -> None:
        self.notes.append(Note(at, len(self.rows), text))

    def strike(self, at: datetime, kind: str, text: str = "") -> None:
        """Count a fault that has struck."""
        self.struck[kind] += 1
        self.note(at, f"FAULT {kind}{f' ({text})' if text else ''}")

    def violate(self, promise: str, text: str, trade_id: str | None = None) -> None:
        """Note a broken promise; the same words once, and not endlessly many."""
        broken = Violation(promise, text, trade_id)
        if broken not in self.violations and len(self.violations) < ENOUGH:
            self.violations.append(broken)

    # ---- the log's rows ----------------------------------------------------------------------------------------------

    def committed(self) -> None:
        for entry in self.rows[self.durable :]:
            body = entry.body
            if isinstance(body, OrderCommand):
                self._safe.add((type(body), body.order.client_order_id))
            elif isinstance(body, Reply | Notify):
                self._safe.add((type(body), body.delivery_id))
        self.durable = len(self.rows)

    def lost(self) -> int:
        """Take back what was not durable, and return how many rows that were."""
        gone = len(self.rows) - self.durable
        del self.rows[self.durable :]
        return gone

    def is_safe(self, kind: type, name: str) -> bool:
        """Return whether the row of a command is durable."""
        return (kind, name) in self._safe
