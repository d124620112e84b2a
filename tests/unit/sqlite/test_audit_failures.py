"""What survives a failure, a crash, a damaged disk or a changed row."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import Head, canonical, chained
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, received, story
from tests.unit.sqlite.hands_on import tamper

SECTOR = 512


def crash(log):
    log._failure = "the process is gone"
    log.close()


def fill_up(log, spare):
    pages = log._conn.execute("PRAGMA page_count").fetchone()[0]
    log._conn.execute(f"PRAGMA max_page_count={pages + spare}")


def write_until_full(log, batch):
    """Return the number of rows that were committed before one could not be written."""
    for number in range(1000):
        log.append(received(number, text="x" * 300))
        if number % batch != batch - 1:
            continue
        try:
            log.commit()
        except AuditUnavailableError as error:
            if "could not be written: database or disk is full; nothing may be sent" not in str(error):
                raise
            return number + 1 - batch
    pytest.fail("the disk never filled up")


@pytest.mark.parametrize("spare", range(6))
@pytest.mark.parametrize("batch", [1, 4, 50])
def test_a_full_disk_leaves_whole_commits_only(path, spare, batch):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    fill_up(log, spare)
    durable = write_until_full(log, batch)
    assert log.head() == (Head() if durable == 0 else Head(durable, log.rows(limit=1)[0].hash))
    log.close()
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as again:
        assert [row.seq for row in again.rows(limit=2000)] == list(range(durable, 0, -1))
        assert again.append(asked(1)) == durable + 1


def test_a_foreign_writer_that_holds_the_database_is_a_failure_and_no_wait_for_ever(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log, closing(sqlite3.connect(path)) as shell:
        log._conn.execute("PRAGMA busy_timeout=0")
        shell.execute("BEGIN IMMEDIATE")
        log.append(asked(1))
        with pytest.raises(AuditUnavailableError, match="rows 1 to 1 could not be written: database is locked"):
            log.commit()


def test_rows_that_are_lost_while_others_are_read_end_the_log(path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    with closing(log), closing(sqlite3.connect(path)) as shell:
        log._conn.execute("PRAGMA busy_timeout=0")
        log.append(asked(1))
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailableError, match="rows 1 to 1 could not be written"):
            log.rows()
        shell.rollback()
        assert log.head() == Head()
        with pytest.raises(AuditUnavailableError, match="rows 1 to 1 could not be written"):
            log.commit()


def test_a_commit_that_fails_takes_its_rows_back(path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    log.append(asked(1))
    log.commit()
    log.append(asked(2))
    log.append(asked(3))
    deny = {sqlite3.SQLITE_TRANSACTION: sqlite3.SQLITE_DENY}
    log._conn.set_authorizer(lambda act, what, *_: deny.get(act, 0) if what == "COMMIT" else 0)
    with pytest.raises(AuditUnavailableError, match="rows 2 to 3 could not be made durable"):
        log.commit()
    assert log.head().seq == 1
    assert [row.seq for row in log.rows()] == [1]
    log.close()


def test_rows_that_cannot_be_taken_back_are_told_too(path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    log.append(asked(1))
    assert len(log.rows()) == 1  # it is in the transaction
    log._conn.set_authorizer(lambda act, *_: 1 if act == sqlite3.SQLITE_TRANSACTION else 0)
    with pytest.raises(AuditUnavailableError, match=r"could not be made durable.*rolling back failed too"):
        log.commit()
    log.close()
    with AuditReader(path) as reader:
        assert reader.rows() == ()


def test_a_write_ahead_log_cut_anywhere_leaves_whole_commits(path, tmp_path):
    log = SqliteAuditLog.open(path, Mode.PAPER)
    ends = {0}
    for number in range(8):
        for entry in story(f"T{number}"):
            log.append(entry)
        log.commit()
        ends.add(log.head().seq)
    wal = Path(f"{path}-wal").read_bytes()
    copy = tmp_path / "cut.sqlite"
    found = set()
    for end in range(0, len(wal), SECTOR):
        shutil.copy(path, copy)
        Path(f"{copy}-wal").write_bytes(wal[:end])
        if not _has_tables(copy):
            continue
        with closing(SqliteAuditLog.open(copy, Mode.PAPER)) as cut:
            found.add(cut.head().seq)
    crash(log)
    assert found <= ends
    assert len(found) > 5


def _has_tables(path):
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone() == (1,)


KEEP_WRITING = """
import itertools, sys
from pathlib import Path
from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode
from tests.fakes.audit_entries import story
log = SqliteAuditLog.open(Path(sys.argv[1]), Mode.PAPER)
for number in itertools.count():
    for entry in story(f"T{number}"):
        seq = log.append(entry)
    log.commit()
    print(seq, flush=True)
"""


@pytest.mark.parametrize("commits", [1, 10, 60])
def test_a_killed_process_loses_nothing_that_it_had_made_durable(path, commits):
    told = 0
    with subprocess.Popen(  # noqa: S603 - our own lines
        [sys.executable, "-c", KEEP_WRITING, path], stdout=subprocess.PIPE, text=True
    ) as process:
        for _ in range(commits):
            told = int(process.stdout.readline())
        process.kill()
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        assert log.head().seq >= told > 0
        assert log.head().seq % len(story("T1")) == 0
    with AuditReader(path) as reader:
        assert reader.verify().problem is None


def test_a_torn_page_is_found_when_the_file_is_opened(written):
    data = bytearray(written.read_bytes())
    page = 4096
    data[page * 2 : page * 3] = bytes(page)
    written.write_bytes(data)
    with pytest.raises(AuditUnavailableError, match=r"paper.sqlite"):
        SqliteAuditLog.open(written, Mode.PAPER)


# ---- changed rows ----------------------------------------------------------------------------------------------------


def test_a_changed_row_near_the_end_is_named_when_the_file_is_opened(written):
    tamper(written, "UPDATE audit SET body = replace(body, '78p', '79p') WHERE seq = 5")
    with pytest.raises(AuditUnavailableError, match=r"is damaged: row 5 has been changed.*docs/audit.md"):
        SqliteAuditLog.open(written, Mode.PAPER)


def test_a_changed_input_far_from_the_end_is_never_replayed(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(1200):
            log.append(received(number))
    tamper(path, "UPDATE audit SET body = replace(body, '78p', '79p') WHERE seq = 7")
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        inputs = log.inputs()
        assert [next(inputs).at for _ in range(6)]
        with pytest.raises(AuditUnavailableError, match="is damaged: row 7 has been changed"):
            next(inputs)


def test_an_input_is_not_passed_over_because_it_looks_like_something_else(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(1200):
            log.append(received(number))
    tamper(path, "UPDATE audit SET class = 'decision' WHERE seq = 7")
    log = SqliteAuditLog.open(path, Mode.PAPER)
    with closing(log), pytest.raises(AuditUnavailableError, match="is damaged: row 7 has been changed"):
        list(log.inputs())


def test_an_input_of_another_version_names_row_and_kind(written):
    with AuditReader(written) as reader:
        head = reader.head()
    columns = (41, "2026-11-20T15:30:00.000000+00:00", "input", "OrderTeleported", "paper", None, "{}")
    values = (*columns, head.hash, chained(head.hash, canonical(*columns)))
    with closing(sqlite3.connect(written, isolation_level=None)) as conn:
        conn.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    with closing(SqliteAuditLog.open(written, Mode.PAPER)) as log:
        with pytest.raises(AuditUnavailableError, match=r"row 41: kind OrderTeleported .* another version"):
            list(log.inputs())
        assert log.rows(limit=1)[0].kind == "OrderTeleported"
