"""A desk's start from its snapshot, and what it leaves for later: the check of the older rows, the next snapshot.

A start believes the rows up to the snapshot as far as their last hash goes, and replays and verifies those after it.
The older ones are verified beside the work. Damage among them halts entries and pages: the desk's state may not be what
was written, and exits need somebody who looks after them.
"""

import asyncio
import gc
import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Self

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.checking import verify_gently
from adapters.sqlite.snapshots import SnapshotFile
from composition.runtime import Runtime
from domain.events import HaltRequested
from domain.policies import Mode
from domain.verdicts import HaltCause
from ports.snapshots import Snapshots

# A start replays at most about this many rows, which takes about a second.
EVERY_ROWS = 20_000
# An ordered end leaves at most so many: encoding the state takes longer than replaying them.
AT_THE_END_ROWS = 1_000
LOOK_SECONDS = 5.0
_LOG = logging.getLogger(__name__)

# Returns what is wrong with the rows up to one, None where nothing is or the event was set meanwhile. Blocks.
Verify = Callable[[int, Event], str | None]


class Recovery:
    """`recover`, then run `work` beside the desk, and call `finish` once it has ended in order."""

    def __init__(self, runtime: Runtime, snapshots: Snapshots, verify: Verify, every: int = EVERY_ROWS) -> None:
        self._runtime, self._snapshots, self._verify, self._every = runtime, snapshots, verify, every
        self._kept = 0
        self._unverified = 0

    @classmethod
    def of(cls, runtime: Runtime, audit: SqliteAuditLog, path: Path, mode: Mode) -> Self:
        """Return the recovery of a desk on the log at `path`. The snapshot stands beside it."""
        beside = path.with_name(f"{path.name}.snapshot")
        return cls(runtime, SnapshotFile(beside, audit), lambda up_to, stop: verify_gently(path, mode, up_to, stop))

    def recover(self) -> int:
        """Rebuild the desk's state and return how many events were replayed for it.

        Raises AuditUnavailableError for a log that cannot be replayed.
        """
        gc.disable()  # a replay makes next to no circles, and the collector would look for them in all it makes
        try:
            snapshot = self._snapshots.load()
            if snapshot is not None:
                self._kept = self._unverified = snapshot.seq
            return self._runtime.recover(snapshot)
        finally:
            gc.enable()
            gc.freeze()  # nor need it ever look through the trades of a month again, while an order waits

    async def work(self) -> None:
        """Verify what the start has not, and keep a snapshot of what is new, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._check())
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                await self._keep(self._every, gently=True)

    async def finish(self) -> None:
        """Keep a snapshot of where the desk has ended, so that the next start has little to do."""
        await self._keep(min(self._every, AT_THE_END_ROWS), gently=False)

    async def _keep(self, rows: int, *, gently: bool) -> None:
        if self._runtime.last_row - self._kept < rows:
            return
        snapshot = self._runtime.snapshot()
        await asyncio.to_thread(self._snapshots.save, snapshot, gently=gently)
        self._kept = snapshot.seq  # not before: what the desk's end interrupts is kept by `finish`

    async def _check(self) -> None:
        if not self._unverified:
            return
        stop = Event()
        try:
            problem = await asyncio.to_thread(self._verify, self._unverified, stop)
        finally:
            stop.set()
        if problem is None:
            _LOG.info("rows 1 to %d of the log are sound", self._unverified)
            return
        _LOG.critical("the log is damaged: %s; entries are halted, see docs/audit.md", problem)
        reason = f"the audit log is damaged: {problem}"
        await self._runtime.request(HaltRequested("the log's check", reason, HaltCause.AUDIT_DAMAGED))
