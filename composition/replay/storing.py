"""The log of a replay: a file of its own, whole and readable at the end, that no crash has to outlast.

A replay that is lost is run again, so nothing here waits for the disk. Rows and chain are those of any other log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.sqlite import connection, schema
from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode

ROWS_A_COMMIT = 20_000


class ReplayLog(SqliteAuditLog):
    """A log whose commits are put off until there are many rows to commit, or until `commit_all`."""

    _rows_committed = 0

    def commit(self) -> None:
        if self.head().seq - self._rows_committed >= ROWS_A_COMMIT:
            self.commit_all()

    def commit_all(self) -> None:
        """Commit what was appended, however little."""
        super().commit()
        self._rows_committed = self.head().seq


@contextmanager
def replay_log(path: Path) -> Iterator[ReplayLog]:
    """Make a new log at `path`, in the place of an earlier replay's. Raises AuditUnavailableError where it cannot."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    db = connection.writer(path)
    try:
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF"):
            db.execute(f"PRAGMA {pragma}")
        schema.prepare(db, str(path), Mode.PAPER)
        log = ReplayLog(db, str(path), Mode.PAPER, None)
    except BaseException:
        db.close()
        raise
    try:
        yield log
        log.commit_all()
    finally:
        log.close()
