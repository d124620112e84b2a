"""Connections to the log's file: one for writing, under a lock that dies with its process, and any number to read.

WAL lets readers work while the desk writes; synchronous=FULL makes a commit survive a power cut.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ports.errors import AuditUnavailableError

BUSY_TIMEOUT_MS = 2000
OWNER_ONLY = 0o600
NOT_BESIDE_IT = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


@contextmanager
def failing_as_unavailable(path: str, doing: str) -> Iterator[None]:
    """Raise AuditUnavailableError that names the file and the act for whatever SQLite or the disk has to say."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise AuditUnavailableError(f"audit log {path}: {doing} failed: {error}") from error


def lock(path: Path) -> sqlite3.Connection:
    """Return the lock on writing to `path`, held until it is closed or the process ends, however it ends.

    It is an exclusive transaction on an empty database beside the log, which works wherever SQLite does. Raises
    AuditUnavailableError at once when somebody holds it.
    """
    beside = f"{path}.lock"
    with failing_as_unavailable(str(path), f"taking the lock {beside}"):
        held = sqlite3.connect(beside, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            held.close()
            if primary(error) == sqlite3.SQLITE_BUSY:
                raise AuditUnavailableError(
                    f"audit log {path} is in use: another alert-trader is writing to it, stop that one first "
                    f"(it holds {beside})"
                ) from error
            raise
    return held


def writer(path: Path) -> sqlite3.Connection:
    """Return a database for writing, created where there is none, readable by its owner only."""
    with failing_as_unavailable(str(path), "opening for writing"):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
        return _database(str(path), uri=False)


def make_durable(db: sqlite3.Connection, path: str) -> None:
    """Set what makes a commit outlast a power cut. Raises AuditUnavailableError where the disk cannot do it."""
    journal = db.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if journal != "wal":
        raise AuditUnavailableError(f"audit log {path}: its disk cannot hold a WAL (got {journal}), use a local one")
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        db.execute(f"PRAGMA {pragma}")


def in_memory() -> sqlite3.Connection:
    """Return a database that nothing outlives."""
    return _database(":memory:", uri=False)


def reader(path: Path) -> sqlite3.Connection:
    """Return a read-only database: beside a running desk, of a stopped one, or of a copy on read-only media."""
    if not path.is_file():
        raise AuditUnavailableError(f"there is no audit log at {path}: set ALERT_TRADER_DB to the file to read")
    with failing_as_unavailable(str(path), "opening for reading"):
        db = _database(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            db.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            db.close()
            if primary(error) not in NOT_BESIDE_IT or Path(f"{path}-wal").exists():
                raise
            # Where nothing can be made beside it, nobody writes to it either.
            db = _database(f"{path.as_uri()}?immutable=1", uri=True)
        except sqlite3.Error:
            db.close()
            raise
    return db


def _database(name: str, *, uri: bool) -> sqlite3.Connection:
    conn = sqlite3.connect(name, uri=uri, isolation_level=None, check_same_thread=False)
    conn.text_factory = _text
    return conn


def primary(error: sqlite3.Error) -> int:
    """Return what SQLite calls the error, without its finer shades; 0 for one that is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _text(raw: bytes) -> str:
    # A changed row may hold no valid text. It must still be read, to be named.
    return raw.decode("utf-8", "surrogateescape")
