"""Crash points: a life of the process ends before or after any row, commit or port call, and takes nothing with it.

A crash is a BaseException, so that no handler for errors mistakes it for one. After it the dead life can do nothing:
its log and its ports raise again, whoever still tries.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import define, field, frozen

from composition.simulation.days.plan import Crash, Edge, End, Stop, Where
from composition.simulation.truth.witness import Witness
from domain.events import Stamped
from domain.value import Value
from ports.audit_log import AuditLog, Entry, Row
from ports.clock import Clock
from ports.errors import AuditUnavailableError


class CrashPointError(BaseException):
    """The process ends here."""


class StoppedError(Exception):
    """The process is told to end, and does what it does then."""


@frozen
class Act(Value):
    """One thing that the process does, the `number`-th of its life there. `name` says what: a row's kind or a call."""

    where: Where
    name: str
    number: int

    @property
    def point(self) -> str:
        return f"{self.where} {self.name}".rstrip()


@define
class Life:
    """One run of the process. `number` counts from 1, `ended_by` is the crash that ended it."""

    number: int
    clock: Clock
    witness: Witness
    crashes: Sequence[Crash] = ()
    reached: Counter[Where] = field(factory=Counter)
    dead: bool = False
    ended_by: Crash | Stop | None = None

    def before(self, where: Where, name: str) -> Act:
        """Count an act, named by what is done, or end here."""
        self.check()
        self.reached[where] += 1
        act = Act(where, name, self.reached[where])
        self.witness.points[act.point] += 1
        self.witness.firsts.setdefault(
            act.point, Crash(life=self.number, where=where, edge=Edge.BEFORE, nth=act.number)
        )
        self._meet(act, Edge.BEFORE)
        return act

    def after(self, act: Act) -> None:
        """End here, where the plan has it after this act."""
        self.check()
        self._meet(act, Edge.AFTER)

    def stop(self, stop: Stop) -> None:
        """End here, at an instant of the plan: killed, or by an order that lets everything end what it does."""
        self.ended_by = stop
        words = "process killed from outside" if stop.killed else "process stopped by order"
        self.witness.ends["at an instant, killed" if stop.killed else "at an instant, by order"] += 1
        self.witness.strike(self.clock.now(), words, f"for {stop.down / 1000:g} s")
        self.dead = stop.killed
        raise (CrashPointError if stop.killed else StoppedError)(words)

    def check(self) -> None:
        """Raise where this life is over."""
        if self.dead:
            raise CrashPointError(f"life {self.number} is over")

    def _meet(self, act: Act, edge: Edge) -> None:
        for crash in self.crashes:
            if crash.nth == act.number and (crash.where, crash.edge) == (act.where, edge):
                self._end(crash, act)

    def _end(self, crash: Crash, act: Act) -> None:
        self.ended_by = crash
        self.witness.ends[f"{crash.edge} {act.point}"] += 1
        words = f"{crash.edge} {crash.where} {crash.nth} of life {self.number}"
        self.witness.strike(self.clock.now(), f"process {crash.end}", words)
        match crash.end:
            case End.KILLED:
                self.dead = True
                raise CrashPointError(words)
            case End.DISK_FULL | End.DISK_FAILS:
                self.witness.log_failed = True
                raise AuditUnavailableError(f"the simulated disk fails {words}")
            case End.BUG:
                raise RuntimeError(f"a bug of an adapter, {words}")


class CrashingLog(AuditLog):
    """The log of one life, with its crash points and the witness beside it."""

    def __init__(self, inner: AuditLog, life: Life) -> None:
        self._inner = inner
        self._life = life

    def append(self, entry: Entry) -> int:
        self._check_alive()
        body = entry.body.event if isinstance(entry.body, Stamped) else entry.body
        act = self._life.before(Where.APPEND, type(body).__name__)
        seq = self._inner.append(entry)
        self._life.witness.rows.append(entry)
        self._life.after(act)
        return seq

    def commit(self) -> None:
        self._check_alive()
        act = self._life.before(Where.COMMIT, "")
        self._inner.commit()
        self._life.witness.committed()
        self._life.after(act)

    def discard(self) -> None:
        self._life.check()
        self._inner.discard()

    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        return self._inner.inputs(after)

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        return self._inner.rows(trade_id=trade_id, before=before, limit=limit)

    def _check_alive(self) -> None:
        self._life.check()
        if self._life.witness.log_failed:
            raise AuditUnavailableError("the simulated disk has failed; nothing is written any more")
