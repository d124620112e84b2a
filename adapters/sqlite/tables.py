"""The tables, and what the database itself forbids.

Rows of `audit` follow each other without a gap and are never changed or deleted: triggers refuse it whoever asks, short
of dropping them. `meta` says what the file is. One file has one mode for life.
"""

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
