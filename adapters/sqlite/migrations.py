"""How a file comes to its tables: every version's step, in order, each once. `schema` says when."""

import sqlite3

from adapters.sqlite.sdk import Database, Migrations
from adapters.sqlite.tables import TABLES, TRIGGERS

_migrations = Migrations("audit")


@_migrations(name="001_audit_and_meta")
def _audit_and_meta(db: Database) -> None:
    for statement in (*TABLES, *TRIGGERS.values()):
        db.execute(statement)


def migrate(conn: sqlite3.Connection) -> None:
    """Take the steps that the file has not taken yet."""
    _migrations.apply(Database(conn, execute_plugins=False))
