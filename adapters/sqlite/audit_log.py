"""The system of record in one SQLite file, for the one process that writes it.

A row is hashed onto the chain when it is appended, written with its turn's others, and durable when `commit` returns.
The first failure of an append or commit takes back what was not committed and ends the log's life: the desk has stepped
in memory on rows that are gone, so only a restart, which replays what is durable, may go on. Reading still works then.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

from adapters.sqlite import connection, queries, schema
from adapters.sqlite.chain import Head, StoredRow, canonical, chained, fault
from adapters.sqlite.codec import CodecError, decode, encode, recorded
from adapters.sqlite.hooks import read_instant, write_instant
from domain.events import Stamped
from domain.policies import Mode
from ports.audit_log import ROW_CLASSES, AuditLog, Entry, Row, RowClass
from ports.errors import AuditUnavailableError

TAIL = 1000
INSERT = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteAuditLog(AuditLog):
    """Open it with `open` or `in_memory`. Its methods may be called from any thread, one at a time."""

    def __init__(self, conn: sqlite3.Connection, path: str, mode: Mode, lock: sqlite3.Connection | None) -> None:
        self._conn, self._path, self._mode, self._file_lock = conn, path, mode, lock
        self._turn = Lock()
        self._head = self._committed = queries.head(conn)
        self._unwritten: list[StoredRow] = []
        self._failure: str | None = None
        self._at, self._at_text = datetime.min.replace(tzinfo=UTC), ""  # the last row's: those of one turn share it

    @classmethod
    def open(cls, path: Path, mode: Mode, account: str | None = None) -> Self:
        """Return the log at `path`, created if there is none, once the file is sound.

        Raises AuditUnavailableError, and leaves the file as it is, when another process writes to it, when it is of
        another mode or account, a newer version or no log at all, or when the file or one of its last 1000 rows is
        damaged.
        """
        path = path.resolve()
        name = str(path)
        with ExitStack() as opened, connection.failing_as_unavailable(name, "opening"):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = opened.enter_context(closing(connection.lock(path)))
            conn = opened.enter_context(closing(connection.writer(path)))
            schema.check_usable(conn, name, mode, account)
            connection.make_durable(conn, name)
            schema.prepare(conn, name, mode)
            _check_file(conn, name)
            _check_tail(conn, name, mode)
            log = cls(conn, name, mode, lock)
            opened.pop_all()
            return log

    @classmethod
    def in_memory(cls, mode: Mode) -> Self:
        """Return a log that lasts as long as the process, for simulations."""
        conn = connection.in_memory()
        schema.prepare(conn, ":memory:", mode)
        return cls(conn, ":memory:", mode, None)

    def head(self) -> Head:
        """Return the last row's number and hash, committed or not."""
        return self._head

    def database_id(self) -> str:
        """Return what tells this log from every other, its copies apart. May be called while another thread appends."""
        with self._turn, connection.failing_as_unavailable(self._path, "reading what it is"):
            return schema.identify(self._conn, self._path).database_id

    def belong_to(self, account: str) -> None:
        """Have the file remember that it is the log of the account of this number, unless it remembers one."""
        with self._turn, connection.failing_as_unavailable(self._path, "writing whose it is"):
            self._check_alive()
            schema.remember(self._conn, self._path, account)

    def durable_hash(self, seq: int) -> str:
        """Return a durable row's hash. May be called while another thread appends.

        Raises LookupError for a row that is not durable, AuditUnavailableError once the log has failed: then another
        process may have written a row of that number.
        """
        with self._turn, connection.failing_as_unavailable(self._path, f"reading row {seq}"):
            self._check_alive()
            if seq > self._committed.seq:
                raise LookupError(
                    f"row {seq} of audit log {self._path} is not durable: it ends at {self._committed.seq}"
                )
            return self._head_at(seq).hash

    def append(self, entry: Entry) -> int:
        with self._turn:
            self._check_alive()
            try:
                row = self._next_row(entry)
            except (CodecError, ValueError) as error:
                raise self._failed(f"row {self._head.seq + 1} could not be written: {error}") from error
            self._unwritten.append(row)
            self._head = Head(row.seq, row.hash)
            return row.seq

    def commit(self) -> None:
        with self._turn:
            self._check_alive()
            if self._head.seq == self._committed.seq:
                return
            self._write()
            try:
                self._conn.execute("COMMIT")
            except sqlite3.Error as error:
                first = self._committed.seq + 1
                raise self._failed(f"rows {first} to {self._head.seq} could not be made durable: {error}") from error
            self._committed = self._head

    def discard(self) -> None:
        with self._turn:
            if self._failure is None:
                self._failed("the desk ended on a bug and dropped what was not durable")

    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        """Yield the inputs in order, with the chain verified row by row: a replay never runs on a changed log."""
        with connection.failing_as_unavailable(self._path, "reading inputs"):
            self._write()
            good, last = self._head_at(after), self._head.seq
            for row in queries.stored_rows(self._conn, after or queries.BEFORE_ALL, last):
                problem = fault(row, good, self._mode)
                if problem is not None:
                    raise AuditUnavailableError(f"audit log {self._path} is damaged: {problem}; see docs/audit.md")
                good = Head(row.seq, row.hash)
                if row.row_class == RowClass.INPUT:
                    yield self._input(row)

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        with self._turn, connection.failing_as_unavailable(self._path, "reading rows"):
            self._write()
            return queries.rows(self._conn, trade_id=trade_id, before=before, limit=limit)

    def close(self) -> None:
        """Commit what was appended, unless the log has failed, and give the file back. Closing twice does nothing.

        Raises AuditUnavailableError when that last commit fails; the file is given back all the same.
        """
        try:
            if self._failure is None:
                self.commit()
        finally:
            self._failure = self._failure or f"audit log {self._path} is closed"
            self._conn.close()
            if self._file_lock is not None:
                self._file_lock.close()

    def _write(self) -> None:
        """Put what was appended into the open transaction: many rows at once take a third of one by one."""
        rows, self._unwritten = self._unwritten, []
        if not rows:
            return
        try:
            if not self._conn.in_transaction:
                self._conn.execute("BEGIN IMMEDIATE")
            self._conn.executemany(INSERT, rows)
        except sqlite3.Error as error:
            raise self._failed(f"rows {rows[0].seq} to {rows[-1].seq} could not be written: {error}") from error

    def _next_row(self, entry: Entry) -> StoredRow:
        body, at = recorded(entry.body), entry.at
        text = encode(body)
        if ROW_CLASSES[type(body)] is not entry.row_class:
            raise ValueError(f"{type(body).__name__} is no {entry.row_class}")
        if isinstance(entry.body, Stamped) and entry.body.at != at:
            raise ValueError(f"{type(body).__name__} of {entry.body.at} cannot stand in a row of {at}")
        if at is not self._at:
            self._at, self._at_text = at, write_instant(at)
        seq, prev_hash = self._head.seq + 1, self._head.hash
        columns = (seq, self._at_text, str(entry.row_class), type(body).__name__, str(self._mode), entry.trade_id, text)
        return StoredRow(*columns, prev_hash, chained(prev_hash, canonical(*columns)))

    def _head_at(self, seq: int) -> Head:
        if seq == 0:
            return Head()
        found = self._conn.execute("SELECT seq, hash FROM audit WHERE seq = ?", (seq,)).fetchone()
        if found is None:
            raise AuditUnavailableError(f"audit log {self._path} has no row {seq}; see docs/audit.md")
        return Head(*found)

    def _input(self, row: StoredRow) -> Stamped:
        try:
            event = decode(row.kind, row.body)
        except CodecError as error:
            raise AuditUnavailableError(f"audit log {self._path}, row {row.seq}: {error}") from error
        return Stamped(read_instant(row.at), event)  # type: ignore[arg-type] # rows of class input hold inputs

    def _check_alive(self) -> None:
        if self._failure is not None:
            raise AuditUnavailableError(self._failure)

    def _failed(self, what: str) -> AuditUnavailableError:
        self._failure = f"audit log {self._path}: {what}; nothing may be sent, mend the cause and restart"
        self._head = self._committed
        self._unwritten = []
        try:
            self._conn.rollback()  # SQLite may have rolled back by itself already
        except sqlite3.Error as error:
            self._failure += f" (rolling back failed too: {error})"
        return AuditUnavailableError(self._failure)


def _check_file(conn: sqlite3.Connection, path: str) -> None:
    told = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
    if told != "ok":
        raise AuditUnavailableError(f"audit log {path} is damaged: {told}; see docs/audit.md")


def _check_tail(conn: sqlite3.Connection, path: str, mode: Mode) -> None:
    before = conn.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1 OFFSET ?", (TAIL,)).fetchone()
    for found in queries.verification(conn, mode, Head() if before is None else Head(*before)):
        if found.problem is not None:
            raise AuditUnavailableError(f"audit log {path} is damaged: {found.problem}; see docs/audit.md")
