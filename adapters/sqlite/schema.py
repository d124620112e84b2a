"""What a file must be before it is used, and how it comes to its tables."""

import sqlite3
from uuid import uuid4

from attrs import frozen

from adapters.sqlite.tables import TRIGGERS
from domain.policies import Mode
from ports.errors import AuditUnavailableError

SCHEMA_VERSION = 1  # the number of migrations in `migrations`


@frozen
class Identity:
    """What a file says it is."""

    mode: Mode
    schema_version: int
    database_id: str


def check_usable(db: sqlite3.Connection, path: str, mode: Mode) -> None:
    """Raise AuditUnavailableError for a file of another mode, of a newer version or of something else."""
    if not _tables(db):
        return
    identity = identify(db, path)
    if identity.mode is not mode:
        raise AuditUnavailableError(
            f"{path} is the log of mode {identity.mode} and cannot be used in mode {mode}: modes never share a file, "
            "set ALERT_TRADER_DB to another one"
        )


def prepare(db: sqlite3.Connection, path: str, mode: Mode) -> None:
    """Create the tables, or bring an older file up to date.

    Raises AuditUnavailableError for a file that has lost its triggers.
    """
    if not _tables(db):
        _migrate(db, (("mode", str(mode)), ("database_id", str(uuid4()))))
    elif identify(db, path).schema_version < SCHEMA_VERSION:
        _migrate(db, ())
    found = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    missing = sorted(name for name, sql in TRIGGERS.items() if found.get(name) != sql)
    if missing:
        raise AuditUnavailableError(
            f"{path} has lost what makes it append-only (triggers {', '.join(missing)}): "
            "somebody changed the file, see docs/audit.md"
        )


def identify(db: sqlite3.Connection, path: str) -> Identity:
    """Return what the file says it is. Raises AuditUnavailableError for a newer version or no log of ours."""
    if not {"audit", "meta"} <= _tables(db):
        raise AuditUnavailableError(f"{path} is no audit log of alert-trader: it has no tables audit and meta")
    meta = {str(key): str(value) for key, value in db.execute("SELECT key, value FROM meta")}
    try:
        identity = Identity(Mode(meta["mode"]), int(meta["schema_version"]), meta["database_id"])
    except (KeyError, ValueError) as error:
        raise AuditUnavailableError(f"{path} does not say what it is: table meta is damaged ({error})") from error
    if identity.schema_version > SCHEMA_VERSION:
        raise AuditUnavailableError(
            f"{path} has schema version {identity.schema_version} and this alert-trader knows {SCHEMA_VERSION}: "
            "it was written by a newer version, use that one"
        )
    return identity


def _tables(db: sqlite3.Connection) -> set[str]:
    return {str(name) for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _migrate(db: sqlite3.Connection, meta: tuple[tuple[str, str], ...]) -> None:
    """All in one transaction: a crash leaves the file as it was."""
    from adapters.sqlite.migrations import migrate  # an old file or a new one: most starts need none of it

    db.execute("BEGIN IMMEDIATE")
    try:
        migrate(db)
        for key, value in (*meta, ("schema_version", str(SCHEMA_VERSION))):
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        db.execute("COMMIT")
    except sqlite3.Error:
        db.rollback()
        raise
