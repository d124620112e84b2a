"""Where a day's log is kept, and what a crash leaves of it: what was committed, and nothing that was not."""

import shutil
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Protocol

from adapters.sqlite import connection, schema
from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode


class LogStore(Protocol):
    """`log` is the log as the present life has it."""

    log: SqliteAuditLog

    def crash(self) -> None:
        """Have `log` be what the next life finds: without the rows that were not durable."""

    def close(self) -> None: ...


class MemoryStore(LogStore):
    """An SQLite database in memory that outlives the log objects of its lives."""

    def __init__(self) -> None:
        self._db = connection.in_memory()
        self._db.deserialize(_empty())
        self.log = SqliteAuditLog(self._db, ":memory:", Mode.PAPER, None)

    def crash(self) -> None:
        self._db.rollback()
        self.log = SqliteAuditLog(self._db, ":memory:", Mode.PAPER, None)

    def close(self) -> None:
        self._db.close()


@cache
def _empty() -> bytes:
    """An empty log as SQLite would write it to a file: making the tables anew for every day takes longer."""
    with closing(connection.in_memory()) as db:
        schema.prepare(db, ":memory:", Mode.PAPER)
        return bytes(db.serialize())


class FileStore(LogStore):
    """A real file. A crash copies it and its write-ahead log as they are, which is what a killed process leaves."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lives = 1
        self.log = SqliteAuditLog.open(self._path(), Mode.PAPER)

    def crash(self) -> None:
        before = self._path()
        self._lives += 1
        after = self._path()
        for ending in ("", "-wal"):
            left = before.with_name(before.name + ending)
            if left.exists():
                shutil.copyfile(left, after.with_name(after.name + ending))
        self.log.close()  # the abandoned copy: whatever it still commits, nobody reads
        self.log = SqliteAuditLog.open(after, Mode.PAPER)

    def close(self) -> None:
        self.log.close()

    def _path(self) -> Path:
        return self._folder / f"life{self._lives}.sqlite"
