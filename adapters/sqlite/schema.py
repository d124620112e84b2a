"""What a file must be before it is used, and how it comes to its tables."""

import hashlib
import sqlite3
from functools import cache
from uuid import uuid4

from attrs import frozen

from adapters.sqlite.tables import TRIGGERS
from domain.policies import Mode
from domain.value import Value
from ports.errors import AuditUnavailableError

SCHEMA_VERSION = 1  # the number of migrations in `migrations`


@frozen
class Identity(Value):
    """What a file says it is. `account` is the mark of the broker's account, None while it knows none."""

    mode: Mode
    schema_version: int
    database_id: str
    account: str | None = None

    def is_of(self, account: str) -> bool:
        """Whether the file may be used with the account of this number: it knows none yet, or this one."""
        return self.account is None or self.account == _mark(self.database_id, account)


def check_usable(db: sqlite3.Connection, path: str, mode: Mode, account: str | None = None) -> None:
    """Raise AuditUnavailableError for a file of another mode or account, of a newer version or of something else."""
    if not _tables(db):
        return
    identity = identify(db, path)
    if identity.mode is not mode:
        raise AuditUnavailableError(
            f"{path} is the log of mode {identity.mode} and cannot be used in mode {mode}: modes never share a file, "
            "set ALERT_TRADER_DB to another one"
        )
    if account is not None and not identity.is_of(account):
        raise AuditUnavailableError(
            f"{path} is the log of another account than TASTYTRADE_ACCOUNT names: accounts never share a file, set "
            "TASTYTRADE_ACCOUNT back to the old one, or ALERT_TRADER_DB to another file for the new one"
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


def remember(db: sqlite3.Connection, path: str, account: str) -> None:
    """Have the file know its account, by a mark that the number cannot be read from. The first one stays."""
    mark = _mark(identify(db, path).database_id, account)
    db.execute("INSERT OR IGNORE INTO meta VALUES ('account', ?)", (mark,))


def identify(db: sqlite3.Connection, path: str) -> Identity:
    """Return what the file says it is. Raises AuditUnavailableError for a newer version or no log of ours."""
    if not {"audit", "meta"} <= _tables(db):
        raise AuditUnavailableError(f"{path} is no audit log of alert-trader: it has no tables audit and meta")
    meta = {str(key): str(value) for key, value in db.execute("SELECT key, value FROM meta")}
    try:
        version, account = int(meta["schema_version"]), meta.get("account")
        identity = Identity(Mode(meta["mode"]), version, meta["database_id"], account)
    except (KeyError, ValueError) as error:
        raise AuditUnavailableError(f"{path} does not say what it is: table meta is damaged ({error})") from error
    if identity.schema_version > SCHEMA_VERSION:
        raise AuditUnavailableError(
            f"{path} has schema version {identity.schema_version} and this alert-trader knows {SCHEMA_VERSION}: "
            "it was written by a newer version, use that one"
        )
    return identity


@cache
def _mark(database_id: str, account: str) -> str:
    # Slow, and of each file its own: there are so few account numbers that all of them could be tried.
    return hashlib.scrypt(account.encode(), salt=database_id.encode(), n=1 << 14, r=8, p=1, dklen=32).hex()


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
