"""The log's signed heads while a desk works: held to at the start, signed as it goes on, and once more at the end.

A head that cannot be kept never stops trading, because the log itself is whole; the operator is told once. A head that
the log contradicts stops the start, because then the log is not whole. Files are read and written in threads of their
own: the heads may lie on a share that hangs.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from adapters.sqlite.agreement import Agreement, agreement
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.heads import HeadKeeper, SignedHead, heads_path, key_path
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.signing import HeadsError, SigningKey
from domain.commands import Notify
from domain.verdicts import Severity
from ports.clock import Clock
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError
from ports.notifier import Notifier

EVERY_ROWS = 1000
EVERY_SECONDS = 900.0
LOOK_SECONDS = 0.5
# After a failure, and how long a disk may take before it counts as one.
AGAIN_SECONDS = 60.0
PATIENCE_SECONDS = 30.0
AT_THE_END_SECONDS = 5.0
SEE = "See docs/audit.md"
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def hold_to_heads(log: Path, heads: Path | None) -> Agreement:
    """Return how the log at `log` stands to its signed heads.

    Raises HeadsError where the heads cannot be read in good time, and AuditUnavailableError.
    """

    def compare() -> Agreement:
        with AuditReader(log) as reader:
            return agreement(reader, heads_path(log, heads), public_key_of(log), thorough=False)

    return _outcome_of(_in_thread(compare), heads_path(log, heads), PATIENCE_SECONDS)


def public_key_of(log: Path) -> str | None:
    """Return the public key of the log at `log`, None where it has none that can be read."""
    try:
        return SigningKey.read(key_path(log)).public
    except HeadsError:
        return None


def keep_last_head(keeper: HeadKeeper, audit: SqliteAuditLog, at: datetime) -> None:
    """Sign the head of a log that has ended, without waiting longer than a few seconds for the disk that keeps it."""
    head = audit.head()
    if head.seq == 0:
        return
    try:
        _outcome_of(_in_thread(lambda: keeper.keep(head, at)), keeper.path, AT_THE_END_SECONDS)
    except HeadsError as error:
        _LOG.warning("the last head of this run, %s:%s, could not be kept: %s", head.seq, head.hash, error)


class HeadService:
    """Signs the log's head at once, then every 1,000 rows and every 15 minutes in which rows were added."""

    def __init__(self, audit: SqliteAuditLog, keeper: HeadKeeper, clock: Clock) -> None:
        self._audit, self._keeper, self._clock = audit, keeper, clock
        self._kept_row, self._kept_at = 0, float("-inf")
        self._begun: tuple[int, float, SimpleQueue[SignedHead | Exception]] | None = None
        self._failed_at: float | None = None
        self._untold: list[Notify] = []
        self._told_at = float("-inf")

    async def serve(self, tell: Notifier) -> None:
        """Work until cancelled. Raises AuditUnavailableError where the log itself cannot be written."""
        amiss = self._keeper.why_not_readable()
        if amiss is not None:
            self._warn(f"{amiss}. An older copy of the log could not have been noticed at this start. {SEE}.")
        while True:
            self.look(asyncio.get_running_loop().time())
            await self._tell(tell)
            await asyncio.sleep(LOOK_SECONDS)

    def look(self, now: float) -> None:
        """Do what is due at `now`, in seconds of any clock: sign a head, or see what became of the last one."""
        if self._begun is not None:
            self._see(now, *self._begun)
        elif self._is_due(now):
            self._audit.commit()  # only what is durable is signed: a head must never know more than the disk
            head, at = self._audit.head(), self._clock.now()
            self._begun = (head.seq, now, _in_thread(lambda: self._keeper.keep(head, at)))

    def _is_due(self, now: float) -> bool:
        added = self._audit.head().seq - self._kept_row
        if added == 0 or (self._failed_at is not None and now - self._failed_at < AGAIN_SECONDS):
            return False
        return added >= EVERY_ROWS or now - self._kept_at >= EVERY_SECONDS

    def _see(self, now: float, row: int, since: float, outcome: "SimpleQueue[SignedHead | Exception]") -> None:
        if outcome.empty():  # the thread hangs in the disk: there is never a second one
            if now - since > PATIENCE_SECONDS:
                self._fail(now, f"{self._keeper.path} has not answered for {PATIENCE_SECONDS:g} s")
            return
        self._begun = None
        kept = outcome.get()
        if isinstance(kept, Exception):
            self._fail(now, str(kept))
            return
        if self._failed_at is not None:
            _LOG.info("the log's heads are kept again in %s", self._keeper.path)
        self._failed_at, self._kept_row, self._kept_at = None, row, since

    def _fail(self, now: float, why: str) -> None:
        if self._failed_at is None:
            self._warn(f"The log's signed heads cannot be kept: {why}. Trading goes on. {SEE}.")
        self._failed_at = now

    def _warn(self, text: str) -> None:
        _LOG.warning("%s", text)
        number = len(self._untold) + 1
        self._untold.append(Notify(f"HEADS-{self._clock.now():%Y%m%d%H%M%S}-{number}", Severity.WARNING, text))
        self._told_at = float("-inf")

    async def _tell(self, tell: Notifier) -> None:
        """Tell the operator once; a room that is away is tried again."""
        now = asyncio.get_running_loop().time()
        if now - self._told_at < AGAIN_SECONDS:
            return
        self._told_at = now
        while self._untold:
            try:
                await tell.notify(self._untold[0])
            except (PortUnavailableError, PortUnauthorizedError, PortProtocolError):
                return
            del self._untold[0]


def _in_thread(act: Callable[[], T]) -> "SimpleQueue[T | Exception]":
    """Do it in a thread that nobody has to wait for, not even the process's end; the queue holds what came of it."""
    outcome: SimpleQueue[T | Exception] = SimpleQueue()

    def do() -> None:
        try:
            outcome.put(act())
        except Exception as error:  # noqa: BLE001 - whoever waits raises it or tells it
            outcome.put(error)

    Thread(target=do, name="heads", daemon=True).start()
    return outcome


def _outcome_of(outcome: "SimpleQueue[T | Exception]", path: Path, seconds: float) -> T:
    try:
        found = outcome.get(timeout=seconds)
    except Empty:
        raise HeadsError(f"{path} has not answered for {seconds:g} s") from None
    if isinstance(found, Exception):
        raise found
    return found
