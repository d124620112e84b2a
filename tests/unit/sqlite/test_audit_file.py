"""What the file itself forbids, which files may be opened, and by whom."""

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite import connection, schema
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, received, story
from tests.unit.sqlite.hands_on import shell

ACCOUNT = "5WT00042"

# ---- append-only in the database itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE audit SET body = '{}' WHERE seq = 3", "never changed"),
        ("UPDATE audit SET seq = 99 WHERE seq = 40", "never changed"),
        ("DELETE FROM audit WHERE seq = 40", "never deleted"),
        ("DELETE FROM audit", "never deleted"),
        ("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3", "without a gap"),
        (
            "INSERT INTO audit SELECT seq + 20, at, class, kind, mode, trade_id, body, prev_hash, hash FROM audit",
            "a gap",
        ),
        ("INSERT INTO audit SELECT NULL, at, class, kind, mode, trade_id, body, prev_hash, hash FROM audit", "a gap"),
    ],
)
def test_the_database_refuses_to_change_its_rows_whoever_asks(written, statement, why):
    with pytest.raises(sqlite3.IntegrityError, match=why):
        shell(written, statement)
    with AuditReader(written) as reader:
        assert reader.verify().rows == 40


def test_a_column_takes_no_other_type(written):
    with pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB value in TEXT column"):
        shell(written, "INSERT INTO audit VALUES (41, x'00', '', '', '', '', '', '', '')")


def test_a_file_without_its_triggers_is_not_used(written):
    shell(written, "DROP TRIGGER audit_no_update")
    with pytest.raises(AuditUnavailableError, match=r"append-only \(triggers audit_no_update\)"):
        SqliteAuditLog.open(written, Mode.PAPER)


# ---- which files may be opened ---------------------------------------------------------------------------------------


def test_a_new_file_is_its_owners_alone_in_a_new_folder(path):
    SqliteAuditLog.open(path, Mode.PAPER).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_only_just_created_when_the_process_died_is_a_new_log(path):
    path.parent.mkdir()
    path.touch()
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        assert log.append(asked(1)) == 1


def test_a_commit_is_made_to_outlast_a_power_cut(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [log._conn.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", 2, 1, 2000]


def test_the_schema_version_counts_the_migrations(path):
    SqliteAuditLog.open(path, Mode.PAPER).close()
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (schema.SCHEMA_VERSION,)


def test_modes_never_share_a_file(written):
    before = written.read_bytes()
    with pytest.raises(AuditUnavailableError, match="is the log of mode paper and cannot be used in mode live"):
        SqliteAuditLog.open(written, Mode.LIVE)
    assert written.read_bytes() == before


@pytest.fixture
def of_account(written):
    """The written log once an account has claimed it."""
    with closing(SqliteAuditLog.open(written, Mode.PAPER, ACCOUNT)) as log:
        log.belong_to(ACCOUNT)
    return written


def test_accounts_never_share_a_file(of_account):
    before = of_account.read_bytes()
    with pytest.raises(AuditUnavailableError, match=r"another account .* TASTYTRADE_ACCOUNT back .* ALERT_TRADER_DB"):
        SqliteAuditLog.open(of_account, Mode.PAPER, "5WT00099")
    assert of_account.read_bytes() == before
    SqliteAuditLog.open(of_account, Mode.PAPER, ACCOUNT).close()


def test_a_log_without_an_account_is_any_accounts_until_one_claims_it(written):
    for account in ("5WT00099", ACCOUNT):
        SqliteAuditLog.open(written, Mode.PAPER, account).close()
    with AuditReader(written) as reader:
        assert reader.is_of("5WT00099")


def test_the_first_account_keeps_the_log_and_who_names_none_may_open_it(of_account):
    with closing(SqliteAuditLog.open(of_account, Mode.PAPER)) as log:
        log.belong_to("5WT00099")
    with AuditReader(of_account) as reader:
        assert (reader.is_of(ACCOUNT), reader.is_of("5WT00099")) == (True, False)


def test_an_account_that_is_noted_among_rows_is_durable_with_them(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER, ACCOUNT)) as log:
        log.append(asked(1))
        log.rows()  # writes them into a transaction that is open from here on
        log.belong_to(ACCOUNT)
        log.commit()
        with AuditReader(path) as reader:
            assert (reader.head().seq, reader.is_of("5WT00099")) == (1, False)


def test_the_accounts_number_is_not_in_the_file_and_its_mark_is_each_files_own(tmp_path):
    marks = set()
    for name in ("a", "b"):
        with closing(SqliteAuditLog.open(tmp_path / name, Mode.PAPER, ACCOUNT)) as log:
            log.belong_to(ACCOUNT)
        with closing(sqlite3.connect(tmp_path / name)) as conn:
            marks.add(conn.execute("SELECT value FROM meta WHERE key = 'account'").fetchone()[0])
        assert ACCOUNT.encode() not in (tmp_path / name).read_bytes()
    assert len(marks) == 2


def test_a_newer_schema_is_refused_for_writing_and_reading(written):
    shell(written, "UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    for opening in (lambda: SqliteAuditLog.open(written, Mode.PAPER), lambda: AuditReader(written)):
        with pytest.raises(AuditUnavailableError, match=r"schema version 99 .* newer version"):
            opening()


def test_an_older_schema_is_brought_up_to_date(written):
    shell(written, "UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    SqliteAuditLog.open(written, Mode.PAPER).close()
    with AuditReader(written) as reader:
        assert reader.about().schema_version == schema.SCHEMA_VERSION


@pytest.mark.parametrize("change", ["DELETE FROM meta", "UPDATE meta SET value = 'real' WHERE key = 'mode'"])
def test_a_file_that_does_not_say_what_it_is_is_refused(written, change):
    shell(written, change)
    with pytest.raises(AuditUnavailableError, match="table meta is damaged"):
        SqliteAuditLog.open(written, Mode.PAPER)


def test_somebody_elses_database_is_refused_and_left_as_it_is(tmp_path):
    other = tmp_path / "contacts.sqlite"
    shell(other, "CREATE TABLE people (name)")
    before = other.read_bytes()
    with pytest.raises(AuditUnavailableError, match="no audit log of alert-trader"):
        SqliteAuditLog.open(other, Mode.PAPER)
    assert other.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    other = tmp_path / "letter.txt"
    other.write_text("dear broker\n" * 100)
    with pytest.raises(AuditUnavailableError, match=r"letter.txt.* file is not a database"):
        SqliteAuditLog.open(other, Mode.PAPER)
    assert other.read_text() == "dear broker\n" * 100


def test_a_migration_that_fails_leaves_the_file_as_it_was(written):
    shell(written, "DROP TABLE _sqlite_migrations", "UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    with pytest.raises(AuditUnavailableError, match="table audit already exists"):
        SqliteAuditLog.open(written, Mode.PAPER)
    with AuditReader(written) as reader:
        assert (reader.about().schema_version, reader.verify().rows) == (0, 40)


def test_a_disk_that_cannot_hold_a_write_ahead_log_is_refused():
    with closing(connection.in_memory()) as db, pytest.raises(AuditUnavailableError, match="got memory"):
        connection.make_durable(db, "paper.sqlite")


def test_a_lock_that_cannot_be_taken_is_named(path):
    Path(f"{path}.lock").mkdir(parents=True)
    with pytest.raises(AuditUnavailableError, match=r"taking the lock .*paper.sqlite.lock failed"):
        SqliteAuditLog.open(path, Mode.PAPER)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(AuditUnavailableError, match="data"):
        SqliteAuditLog.open(tmp_path / "data" / "paper.sqlite", Mode.PAPER)


def test_a_refused_file_can_be_opened_again_once_mended(written):
    with pytest.raises(AuditUnavailableError):
        SqliteAuditLog.open(written, Mode.LIVE)
    SqliteAuditLog.open(written, Mode.PAPER).close()


# ---- one writer ------------------------------------------------------------------------------------------------------

OPEN_AND_WAIT = """
import sys
from pathlib import Path
from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode
from ports.errors import AuditUnavailableError
try:
    log = SqliteAuditLog.open(Path(sys.argv[1]), Mode.PAPER)
except AuditUnavailableError as error:
    sys.exit(str(error))
print("open", flush=True)
sys.stdin.read()
"""


def python(*arguments):
    command = [sys.executable, "-c", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own lines


def test_a_second_writer_in_another_process_is_refused_at_once(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)):
        second = python(OPEN_AND_WAIT, str(path))
    assert second.returncode == 1
    assert f"audit log {path} is in use: another alert-trader is writing to it" in second.stderr


def test_a_second_writer_in_the_same_process_is_refused_too_by_whatever_name(path, tmp_path):
    alias = tmp_path / "alias.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)):
        alias.symlink_to(path)
        with pytest.raises(AuditUnavailableError, match="is in use"):
            SqliteAuditLog.open(alias, Mode.PAPER)


def test_the_lock_dies_with_its_process(path):
    holder = [sys.executable, "-c", OPEN_AND_WAIT, path]
    with subprocess.Popen(  # noqa: S603 - our own lines
        holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(AuditUnavailableError, match="is in use"):
            SqliteAuditLog.open(path, Mode.PAPER)
        process.kill()
    SqliteAuditLog.open(path, Mode.PAPER).close()


def test_the_lock_is_given_back_by_closing_once_or_twice(path):
    for _ in range(2):
        log = SqliteAuditLog.open(path, Mode.PAPER)
        log.close()
        log.close()


def test_a_closed_log_is_unavailable(path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    log.close()
    for act in (lambda: log.append(asked(1)), log.commit, log.rows, lambda: log.rows(trade_id="T1")):
        with pytest.raises(AuditUnavailableError, match="closed"):
            act()


def test_closing_makes_durable_what_was_appended(path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    log.append(asked(1))
    log.close()
    with AuditReader(path) as reader:
        assert reader.head().seq == 1


def test_readers_see_committed_rows_while_the_desk_writes(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log, AuditReader(path) as reader:
        log.append(received(1))
        assert reader.rows() == ()
        log.commit()
        assert reader.rows() == log.rows()
        log.append(received(2))
        assert reader.verify().head.seq == 1


@pytest.mark.parametrize("by", ["vacuum into", "backup"])
def test_a_backup_made_while_the_desk_writes_is_a_log_of_its_own(path, tmp_path, by):
    copy = tmp_path / "backup.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log, closing(sqlite3.connect(path)) as shell:
        for entry in story("T1"):
            log.append(entry)
        log.commit()
        log.append(received(9))
        if by == "backup":
            with closing(sqlite3.connect(copy)) as target:
                shell.backup(target)
        else:
            shell.execute("VACUUM INTO ?", (str(copy),))
        log.append(received(10))
    with AuditReader(copy) as reader:
        assert reader.verify().rows == 4
    with closing(SqliteAuditLog.open(copy, Mode.PAPER)) as again:
        assert again.append(received(9)) == 5


def test_pandas_stays_out_of_the_process_and_can_still_be_imported():
    script = (
        "import sys; import adapters.sqlite.audit_log; "
        "print(sorted({'pandas', 'numpy'} & sys.modules.keys())); import numpy; print(numpy.arange(2).tolist())"
    )
    told = python(script)
    assert told.stdout.split("\n")[:2] == ["[]", "[0, 1]"]
