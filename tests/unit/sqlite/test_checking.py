"""The check of a log's older rows, beside a desk that writes to it."""

from contextlib import closing
from threading import Event

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.checking import SLICE_ROWS, verify_gently
from domain.policies import Mode
from tests.fakes.audit_entries import received
from tests.unit.sqlite.hands_on import tamper

ROWS = 3 * SLICE_ROWS


@pytest.fixture
def log(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as opened:
        for number in range(ROWS):
            opened.append(received(number))
        opened.commit()
        yield opened


def test_sound_rows_are_sound_while_the_desk_writes(path, log):
    log.append(received(999))
    assert verify_gently(path, Mode.PAPER, ROWS, Event()) is None


def test_a_changed_row_is_named(path, log):
    tamper(path, "UPDATE audit SET body = replace(body, '78p', '79p') WHERE seq = 7")
    assert verify_gently(path, Mode.PAPER, ROWS, Event()) == (
        "row 7 has been changed: its hash is not that of its content"
    )


def test_rows_after_the_last_one_asked_for_are_not_its_business(path, log):
    tamper(path, "UPDATE audit SET body = replace(body, '78p', '79p') WHERE seq = ?", (ROWS,))
    assert verify_gently(path, Mode.PAPER, ROWS - 1, Event()) is None
    assert "has been changed" in verify_gently(path, Mode.PAPER, ROWS, Event())


def test_a_log_that_ends_before_is_wrong(path, log):
    assert verify_gently(path, Mode.PAPER, ROWS + 1, Event()) == f"row {ROWS + 1} is missing"


def test_it_ends_when_it_is_told_to(path, log):
    tamper(path, "UPDATE audit SET body = 'x' WHERE seq = ?", (SLICE_ROWS + 1,))
    stop = Event()
    stop.set()
    assert verify_gently(path, Mode.PAPER, ROWS, stop) is None


def test_a_log_that_cannot_be_read_is_wrong(tmp_path):
    assert "there is no audit log" in verify_gently(tmp_path / "none.sqlite", Mode.PAPER, 1, Event())
