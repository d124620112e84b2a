"""Reading rows, the same for the desk's own connection and for a reader's."""

import json
import sqlite3
from collections.abc import Iterator

from adapters.sqlite.chain import Head, StoredRow, Verification, fault
from adapters.sqlite.connection import primary
from adapters.sqlite.hooks import read_instant
from domain.policies import Mode
from ports.audit_log import Row, RowClass
from ports.errors import AuditUnavailableError

BATCH = 1000
BEFORE_ALL, AFTER_ALL = -(2**63), 2**63 - 1
COLUMNS = "seq, at, class, kind, mode, trade_id, body, prev_hash, hash"
STORED = f"SELECT {COLUMNS} FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"  # noqa: S608 - no input in it
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}


def head(conn: sqlite3.Connection) -> Head:
    """Return the last row's number and hash, as it says itself."""
    found = conn.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return Head() if found is None else Head(*found)


def stored_rows(conn: sqlite3.Connection, after: int = BEFORE_ALL, up_to: int = AFTER_ALL) -> Iterator[StoredRow]:
    """Yield the rows above `after` in order, in batches, so that no snapshot is held while they are worked on.

    Where the file is damaged, everything before the damage comes first and then the sqlite3.DatabaseError.
    """
    size = BATCH
    while True:
        try:
            batch = conn.execute(STORED, (after, up_to, size)).fetchall()
        except sqlite3.DatabaseError:
            if size == 1:
                raise
            size = 1
            continue
        if not batch:
            return
        yield from map(StoredRow._make, batch)
        after = batch[-1][0]


def verification(conn: sqlite3.Connection, mode: Mode, after: Head) -> Iterator[Verification]:
    """Yield how far the chain holds, row by row from `after` on; the last one may name a bad row."""
    good = Verification(0, after)
    try:
        for row in stored_rows(conn, after.seq or BEFORE_ALL):
            problem = fault(row, good.head, mode)
            if problem is not None:
                yield Verification(good.rows, good.head, good.head.seq + 1, problem)
                return
            good = Verification(good.rows + 1, Head(row.seq, row.hash))
            yield good
    except sqlite3.DatabaseError as error:
        if primary(error) not in DAMAGE:
            raise
        seq = good.head.seq + 1
        yield Verification(good.rows, good.head, seq, f"row {seq} cannot be read: {error}")


def rows(conn: sqlite3.Connection, *, trade_id: str | None, before: int | None, limit: int) -> tuple[Row, ...]:
    """Return rows newest first. Raises ValueError for a limit below 1."""
    if limit < 1:
        raise ValueError(f"limit is at least 1, got {limit}")
    below = AFTER_ALL if before is None else max(BEFORE_ALL, min(before, AFTER_ALL))
    where, values = ("", ()) if trade_id is None else ("trade_id = ? AND ", (trade_id,))
    found = conn.execute(
        f"SELECT {COLUMNS} FROM audit WHERE {where}seq < ? ORDER BY seq DESC LIMIT ?",  # noqa: S608 - no input in it
        (*values, below, min(limit, AFTER_ALL)),
    ).fetchall()
    return tuple(map(row, map(StoredRow._make, found)))


def row(stored: StoredRow) -> Row:
    """Return a row as it is shown. Raises AuditUnavailableError for one that is damaged."""
    try:
        return Row(
            seq=stored.seq,
            at=read_instant(stored.at),
            row_class=RowClass(stored.row_class),
            kind=stored.kind,
            mode=Mode(stored.mode),
            trade_id=stored.trade_id,
            body=json.loads(stored.body),
            hash=stored.hash,
        )
    except (ValueError, TypeError) as error:
        raise AuditUnavailableError(f"audit row {stored.seq} is damaged ({error}): run audit verify") from error


def trade_ids(conn: sqlite3.Connection, prefix: str, limit: int) -> list[str]:
    """Return the first trade ids in order that begin with `prefix`: a whole id comes before the longer ones."""
    found = conn.execute(
        "SELECT DISTINCT trade_id FROM audit WHERE trade_id >= ? AND substr(trade_id, 1, ?) = ? "
        "ORDER BY trade_id LIMIT ?",
        (prefix, len(prefix), prefix, limit),
    )
    return [trade_id for (trade_id,) in found]


def recent_trades(conn: sqlite3.Connection, limit: int) -> list[tuple[str, int, str, str, str]]:
    """Return (trade id, rows, first instant, last instant, last kind) of the trades last written of, newest first."""
    return conn.execute(
        """
        SELECT trade.trade_id, trade.count, first.at, last.at, last.kind
        FROM (SELECT trade_id, count(*) AS count, min(seq) AS first, max(seq) AS last FROM audit
              WHERE trade_id IS NOT NULL GROUP BY trade_id ORDER BY last DESC LIMIT ?) AS trade
        JOIN audit AS first ON first.seq = trade.first
        JOIN audit AS last ON last.seq = trade.last
        ORDER BY trade.last DESC
        """,
        (limit,),
    ).fetchall()
