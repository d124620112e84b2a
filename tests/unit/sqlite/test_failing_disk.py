"""A disk that is full, or fails, at each write and each sync of every commit: the system's own errors, below SQLite."""

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from tests.fakes.audit_entries import asked, story

COMMITS = 6
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler to fail a disk"
)
# Writes logs until no call is left that fails; says for each how far it was durable and what it was told.
WRITE = f"""
import ctypes, itertools, json, sys
from contextlib import closing
from pathlib import Path
from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, story
fail_disk = ctypes.CDLL(None).fail_disk
folder, call, error = Path(sys.argv[1]), ord(sys.argv[2]), int(sys.argv[3])
for number in itertools.count(1):
    log, durable, told, again = SqliteAuditLog.open(folder / f"{{number}}.sqlite", Mode.PAPER), 0, "", ""
    fail_disk(call, number, error)
    try:
        for trade in range({COMMITS}):
            for entry in story(f"T{{trade}}"):
                log.append(entry)
            log.commit()
            durable = log.head().seq
    except AuditUnavailableError as failure:
        told = str(failure)
        try:
            log.append(asked(1))
        except AuditUnavailableError as failure:
            again = str(failure)
    fail_disk(0, 0, 0)
    log.close()
    print(json.dumps([number, durable, told, again]), flush=True)
    if not told:
        break
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    library = tmp_path_factory.mktemp("disk") / "failing.so"
    compiler, source = shutil.which("cc"), Path(__file__).with_name("failing_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)  # noqa: S603 - our own
    return library


def written(library, folder, call, error):
    """Return what was said of each log: which call failed first, the last durable row, the error, the one after it."""
    environ = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603 - our own lines
        [sys.executable, "-c", WRITE, folder, call, str(error)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("w", errno.ENOSPC, "database or disk is full"),
        ("w", errno.EIO, "disk I/O error"),
        ("s", errno.EIO, "disk I/O error"),
    ],
)
def test_whichever_call_of_a_commit_fails_it_is_told_the_log_ends_and_a_restart_has_whole_commits(
    failing, tmp_path, call, error, words
):
    *broken, whole = written(failing, tmp_path, call, error)
    assert len(broken) >= COMMITS
    assert whole[1:] == [COMMITS * len(story("T1")), "", ""]
    for number, durable, told, again in broken:
        assert words in told
        assert again == told, "after a failure the log takes no more rows"
        path = tmp_path / f"{number}.sqlite"
        with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
            # A commit whose sync failed may be on the disk or not; what was durable before always is.
            assert log.head().seq in {durable, durable + len(story("T1"))}
            if call == "w":
                assert log.head().seq == durable
            assert log.append(asked(1)) == log.head().seq
        with AuditReader(path) as reader:
            assert reader.verify().problem is None
