"""A kept state of the desk, so that a start need not replay the whole log. It is a cache and is never needed."""

from abc import abstractmethod
from typing import Protocol

from attrs import frozen

from domain.desk import DeskState
from domain.value import Value


@frozen
class Snapshot(Value):
    """The state that follows from all rows of the log up to `seq`."""

    seq: int
    state: DeskState


class Snapshots(Protocol):
    """Neither method raises: what goes wrong is told in the process's own log, and the log is replayed as a whole."""

    @abstractmethod
    def load(self) -> Snapshot | None:
        """Return the snapshot, once its row is in the log as it was then; None where there is none that may be used.

        One that is damaged, of another log or of another version of the rules may not.
        """

    @abstractmethod
    def save(self, snapshot: Snapshot, *, gently: bool = False) -> None:
        """Keep `snapshot` in place of the one before, where its row is durable. May be called from any thread.

        `gently` leaves other threads most of the time, and gives up when another one is saved meanwhile.
        """
