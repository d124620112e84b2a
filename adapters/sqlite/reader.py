"""The log for those who only read it: while the desk runs, while nothing runs, or from a copy.

Needs the database and nothing else: no settings, no key, no known kinds. What it returns is values, ready to print.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Self, TextIO

from attrs import evolve, frozen

from adapters.sqlite import connection, export, queries, schema
from adapters.sqlite.chain import Head, StoredRow, Verification
from adapters.sqlite.export import Format
from adapters.sqlite.hooks import read_instant
from domain.policies import Mode
from domain.value import Value
from ports.audit_log import Row
from ports.errors import AuditUnavailableError

PROGRESS_ROWS = 10_000
CANDIDATES = 5
LATEST = "latest"


@frozen
class AuditFile(Value):
    """What the file is. `size` counts its bytes with those that wait in the WAL; the instants are None while empty."""

    path: Path
    mode: Mode
    database_id: str
    schema_version: int
    head: Head
    size: int
    first_at: datetime | None
    last_at: datetime | None


@frozen
class TradeSummary(Value):
    """A trade in one line: its first and last instant, how many rows it has, and what was written of it last."""

    trade_id: str
    rows: int
    started_at: datetime
    last_at: datetime
    last_kind: str


class AuditReader:
    """Opens `path` for reading. Every method raises AuditUnavailableError where the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self._name = str(self._path)
        self._conn = connection.reader(self._path)
        try:
            with connection.failing_as_unavailable(self._name, "reading what it is"):
                self._identity = schema.identify(self._conn, self._name)
        except BaseException:
            self._conn.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._conn.close()

    def about(self) -> AuditFile:
        """Return what the file is and how far it reaches."""
        with connection.failing_as_unavailable(self._name, "reading"):
            first = self._conn.execute("SELECT at FROM audit ORDER BY seq LIMIT 1").fetchone()
            last = self._conn.execute("SELECT at FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            beside = (self._path, Path(f"{self._name}-wal"))
            return AuditFile(
                path=self._path,
                mode=self._identity.mode,
                database_id=self._identity.database_id,
                schema_version=self._identity.schema_version,
                head=queries.head(self._conn),
                size=sum(file.stat().st_size for file in beside if file.exists()),
                first_at=None if first is None else self._instant(first[0]),
                last_at=None if last is None else self._instant(last[0]),
            )

    def is_of(self, account: str) -> bool:
        """Whether the log may be used with the account of this number: it knows none yet, or this one."""
        return self._identity.is_of(account)

    def head(self) -> Head:
        """Return the last row's number and hash, to be kept where the log's owner cannot change it."""
        with connection.failing_as_unavailable(self._name, "reading its head"):
            return queries.head(self._conn)

    def hash_of(self, seq: int) -> str | None:
        """Return a row's hash as it stands in the row, None for a row that is not there. `verify` proves it."""
        with connection.failing_as_unavailable(self._name, f"reading row {seq}"):
            found = self._conn.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()
            return None if found is None else str(found[0])

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        """Return rows newest first, of one trade where given, with a sequence number below `before`."""
        with connection.failing_as_unavailable(self._name, "reading rows"):
            return queries.rows(self._conn, trade_id=trade_id, before=before, limit=limit)

    def verify(self, *, progress: Callable[[int], None] | None = None, kept: Head | None = None) -> Verification:
        """Return how far the chain holds from the first row on, and the first bad row with what is wrong with it.

        `progress` is told the number of good rows every 10,000 rows. `kept` is a head that was noted earlier: a log
        that does not reach it, or reaches it with another hash, has been cut or replaced.
        """
        with connection.failing_as_unavailable(self._name, "verifying"):
            return self._verified(progress, kept)

    def export(self, form: Format, out: TextIO) -> int:
        """Write all rows in order to `out` and return their number. They are written as they are: verify them first.

        What `out` raises comes through as it is.
        """
        return export.write(form, self._stored_rows(), out)

    def trade(self, trade_id: str) -> tuple[Row, ...]:
        """Return all rows of one trade, oldest first; none for an id that the log does not know."""
        with connection.failing_as_unavailable(self._name, f"reading trade {trade_id}"):
            return queries.rows(self._conn, trade_id=trade_id, before=None, limit=queries.AFTER_ALL)[::-1]

    def find_trade(self, text: str) -> str:
        """Return the id of the one trade that `text` means: `latest`, a whole id, or the beginning of one.

        Raises LookupError when there is none, or several, naming them.
        """
        if text == LATEST:
            found = [summary.trade_id for summary in self.recent_trades(1)]
        else:
            found = self._trade_ids(text) or self._trade_ids(text.upper())
        if not found:
            raise LookupError(f"no trade {text} in {self._name}: `latest` or the beginning of an id will do")
        if len(found) > 1 and found[0] not in {text, text.upper()}:
            raise LookupError(f"{text} is the beginning of several trades: {', '.join(found)}")
        return found[0]

    def recent_trades(self, limit: int = 20) -> tuple[TradeSummary, ...]:
        """Return the trades that were written of last, the newest first."""
        with connection.failing_as_unavailable(self._name, "reading trades"):
            found = queries.recent_trades(self._conn, limit)
        return tuple(
            TradeSummary(trade_id, count, self._instant(started), self._instant(last), kind)
            for trade_id, count, started, last, kind in found
        )

    def _verified(self, progress: Callable[[int], None] | None, kept: Head | None) -> Verification:
        good = Verification(0, Head())
        for found in queries.verification(self._conn, self._identity.mode, Head()):
            if kept is not None and found.head.seq == kept.seq and found.head.hash != kept.hash:
                return evolve(good, bad_seq=kept.seq, problem=f"row {kept.seq} is not the one that was kept")
            good = found
            if progress is not None and good.rows % PROGRESS_ROWS == 0:
                progress(good.rows)
        if kept is not None and good.problem is None and good.head.seq < kept.seq:
            cut = good.head.seq + 1
            return evolve(good, bad_seq=cut, problem=f"row {cut} is missing: row {kept.seq} existed once")
        return good

    def _stored_rows(self) -> Iterator[StoredRow]:
        with connection.failing_as_unavailable(self._name, "exporting"):
            yield from queries.stored_rows(self._conn)

    def _trade_ids(self, prefix: str) -> list[str]:
        with connection.failing_as_unavailable(self._name, f"looking for trade {prefix}"):
            return queries.trade_ids(self._conn, prefix, CANDIDATES)

    def _instant(self, text: str) -> datetime:
        try:
            return read_instant(text)
        except ValueError as error:
            raise AuditUnavailableError(f"audit log {self._name} is damaged ({error}): run audit verify") from error
