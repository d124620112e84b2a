"""The tables, what the database itself forbids, and what a file must be before it is used.

Rows of `audit` follow each other without a gap and are never changed or deleted: triggers refuse it whoever asks, short
of dropping them. `meta` says what the file is. One file has one mode for life.
"""

import sqlite3
from uuid import uuid4

from attrs import frozen

from adapters.sqlite.sdk import Database, Migrations
from domain.policies import Mode
from ports.errors import AuditUnavailableError

SCHEMA_VERSION = 1  # the number of migrations below
migrations = Migrations("audit")

TABLES = (
    """
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        class TEXT NOT NULL,
        kind TEXT NOT NULL,
        mode TEXT NOT NULL,
        trade_id TEXT,
        body TEXT NOT NULL,
        prev_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX audit_trade ON audit (trade_id) WHERE trade_id IS NOT NULL",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)
# The third one also stops INSERT OR REPLACE, which would delete a row without asking the second.
TRIGGERS = {
    "audit_no_update": """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END""",
    "audit_no_delete": """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END""",
    "audit_no_gap": """CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
        BEGIN SELECT RAISE(ABORT, 'audit rows follow each other without a gap'); END""",
}


@migrations(name="001_audit_and_meta")
def _audit_and_meta(db: Database) -> None:
    for statement in (*TABLES, *TRIGGERS.values()):
        db.execute(statement)


@frozen
class Identity:
    """What a file says it is."""

    mode: Mode
    schema_version: int
    database_id: str


def check_usable(db: Database, path: str, mode: Mode) -> None:
    """Raise AuditUnavailableError for a file of another mode, of a newer version or of something else."""
    if not _tables(db):
        return
    identity = identify(db, path)
    if identity.mode is not mode:
        raise AuditUnavailableError(
            f"{path} is the log of mode {identity.mode} and cannot be used in mode {mode}: modes never share a file, "
            "set ALERT_TRADER_DB to another one"
        )


def prepare(db: Database, path: str, mode: Mode) -> None:
    """Create the tables, or bring an older file up to date.

    Raises AuditUnavailableError for a file that has lost its triggers.
    """
    if not _tables(db):
        _migrate(db, (("mode", str(mode)), ("database_id", str(uuid4()))))
    elif identify(db, path).schema_version < SCHEMA_VERSION:
        _migrate(db, ())
    found = {row["name"]: row["sql"] for row in db.query("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")}
    missing = sorted(name for name, sql in TRIGGERS.items() if found.get(name) != sql)
    if missing:
        raise AuditUnavailableError(
            f"{path} has lost what makes it append-only (triggers {', '.join(missing)}): "
            "somebody changed the file, see docs/audit.md"
        )


def identify(db: Database, path: str) -> Identity:
    """Return what the file says it is. Raises AuditUnavailableError for a newer version or no log of ours."""
    if not {"audit", "meta"} <= _tables(db):
        raise AuditUnavailableError(f"{path} is no audit log of alert-trader: it has no tables audit and meta")
    meta = {str(row["key"]): str(row["value"]) for row in db["meta"].rows}
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


def _tables(db: Database) -> set[str]:
    return {str(row["name"]) for row in db.query("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _migrate(db: Database, meta: tuple[tuple[str, str], ...]) -> None:
    """All in one transaction: a crash leaves the file as it was."""
    db.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        for key, value in (*meta, ("schema_version", str(SCHEMA_VERSION))):
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        db.execute("COMMIT")
    except sqlite3.Error:
        db.rollback()
        raise
