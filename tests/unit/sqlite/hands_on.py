"""What somebody with a SQLite shell, or an editor of files, could do to a log."""

import sqlite3
from contextlib import closing

from adapters.sqlite.tables import TRIGGERS

UNGUARDED = tuple(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS)
GUARDED = tuple(TRIGGERS.values())


def shell(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for statement in statements:
            conn.execute(statement)


def tamper(path, statement, values=()):
    """Do it behind the triggers' back and leave no trace of that."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for drop in UNGUARDED:
            conn.execute(drop)
        conn.execute(statement, values)
        for create in GUARDED:
            conn.execute(create)


def loosen(path):
    """Let columns take any type."""
    shell(
        path,
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'audit'",
    )
