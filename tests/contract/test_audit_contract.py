"""What every AuditLog keeps: run on the SQLite log in a file, on the one in memory, and on the fake for tests."""

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.events import ReadFailed, Stamped
from domain.policies import Mode
from ports.audit_log import AuditLog, Entry, RowClass
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, denied, instant, notified, received, story
from tests.fakes.memory_audit_log import MemoryAuditLog

PAGE = 4096


class Kind(ABC):
    """One implementation and how its process ends."""

    @abstractmethod
    def start(self) -> AuditLog:
        """Open the log: what was durable before is there again."""

    @abstractmethod
    def crash(self) -> None:
        """End the process that holds the log, without any farewell."""

    @abstractmethod
    def fill_up(self, log: Any) -> None:
        """Take away the room for a hundred further rows."""


class SqliteFile(Kind):
    def __init__(self, folder: Path) -> None:
        self._path = folder / "paper.sqlite"
        self._log: SqliteAuditLog | None = None

    def start(self) -> AuditLog:
        self._log = SqliteAuditLog.open(self._path, Mode.PAPER)
        return self._log

    def crash(self) -> None:
        if self._log is not None:
            self._log._failure = "the process is gone"
            self._log.close()

    def fill_up(self, log: SqliteAuditLog) -> None:
        pages = log._conn.execute("PRAGMA page_count").fetchone()[0]
        log._conn.execute(f"PRAGMA max_page_count={pages}")


class SqliteMemory(SqliteFile):
    def start(self) -> AuditLog:
        self._log = SqliteAuditLog.in_memory(Mode.PAPER)
        return self._log


class Fake(Kind):
    def __init__(self, _folder: Path) -> None:
        self._log = MemoryAuditLog()

    def start(self) -> AuditLog:
        self._log = MemoryAuditLog(kept=self._log.durable)
        return self._log

    def crash(self) -> None:
        pass

    def fill_up(self, log: MemoryAuditLog) -> None:
        log._room = len(log._rows) + 5


KINDS = {"sqlite file": SqliteFile, "sqlite memory": SqliteMemory, "fake": Fake}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    made = KINDS[request.param](tmp_path)
    yield made
    made.crash()


@pytest.fixture(params=["sqlite file", "fake"])
def lasting(request, tmp_path):
    """Those of which something is left when the process ends."""
    made = KINDS[request.param](tmp_path)
    yield made
    made.crash()


def seqs(log: AuditLog, **query: Any) -> list[int]:
    return [row.seq for row in log.rows(**query)]


def append_too_much(log: AuditLog) -> None:
    """Append more rows than there is room for: the append fails that finds none, or the commit that writes them."""

    def append_and_commit() -> None:
        for number in range(100):
            log.append(received(number, text="x" * 500))
        log.commit()

    with pytest.raises(AuditUnavailableError, match=r"no room|could not be written"):
        append_and_commit()


def test_rows_are_numbered_from_one_without_a_gap(kind):
    log = kind.start()
    numbers = [log.append(entry) for entry in story("T1")]
    log.commit()
    numbers += [log.append(entry) for entry in story("T2", first=10)]
    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_row_is_in_the_log_when_append_returns(kind):
    log = kind.start()
    log.append(received(1))
    assert seqs(log) == [1]
    assert len(list(log.inputs())) == 1


def test_a_row_reads_back_with_all_that_was_appended(kind):
    log = kind.start()
    log.append(denied(7, "T9"))
    (row,) = log.rows()
    assert (row.seq, row.at, row.row_class, row.kind) == (1, instant(7), RowClass.DECISION, "Denied")
    assert (row.mode, row.trade_id) == (Mode.PAPER, "T9")
    assert row.body == {"trade_id": "T9", "code": "stale", "detail": "denied 7"}


def test_a_body_is_ready_for_json_and_an_input_shows_the_event_itself(kind):
    log = kind.start()
    log.append(received(1))
    (row,) = log.rows()
    assert row.kind == "AlertReceived"
    assert json.loads(json.dumps(row.body))["message"]["text"] == "BTO UBER 78p 12/05 @ 0.75"


def test_rows_come_newest_first_in_pages(kind):
    log = kind.start()
    for number in range(1, 8):
        log.append(asked(number))
    assert seqs(log, limit=3) == [7, 6, 5]
    assert seqs(log, limit=3, before=5) == [4, 3, 2]
    assert seqs(log, limit=3, before=2) == [1]
    assert seqs(log, before=1) == []


def test_rows_of_one_trade_only(kind):
    log = kind.start()
    for entry in (*story("T1"), *story("T2", first=10)):
        log.append(entry)
    assert seqs(log, trade_id="T1") == [4, 2, 1]
    assert seqs(log, trade_id="T2", before=8, limit=1) == [6]
    assert seqs(log, trade_id="T3") == []


def test_a_page_has_at_least_one_row(kind):
    with pytest.raises(ValueError, match="limit is at least 1, got 0"):
        kind.start().rows(limit=0)


@pytest.mark.parametrize("before", [2**63, 2**200, -(2**200)])
def test_a_cursor_of_any_size_is_no_error(kind, before):
    log = kind.start()
    log.append(asked(1))
    assert seqs(log, before=before) == ([1] if before > 0 else [])


def test_inputs_are_what_was_appended_in_order_and_nothing_else(kind):
    log = kind.start()
    entries = (*story("T1"), *story("T2", first=10), received(20, text="ça va 🚀 \udc00 \x00 '\"\\"))
    for entry in entries:
        log.append(entry)
    log.commit()
    assert list(log.inputs()) == [entry.body for entry in entries if entry.row_class is RowClass.INPUT]


def test_more_inputs_than_a_batch_holds_are_all_read(kind):
    log = kind.start()
    for number in range(2_100):
        log.append(received(number) if number % 2 else asked(number))
    assert [stamped.at for stamped in log.inputs()] == [instant(number) for number in range(1, 2_100, 2)]


def test_an_empty_log_has_no_rows_and_no_inputs(kind):
    log = kind.start()
    log.commit()
    assert (log.rows(), list(log.inputs())) == ((), [])


def test_committed_rows_outlive_the_process_and_others_do_not(lasting):
    log = lasting.start()
    for entry in story("T1"):
        log.append(entry)
    log.commit()
    log.append(received(9, "T2"))
    before = log.rows(before=5)
    lasting.crash()
    again = lasting.start()
    assert again.rows() == before
    assert again.append(received(10, "T3")) == 5


def test_committing_again_changes_nothing(kind):
    log = kind.start()
    log.append(asked(1))
    log.commit()
    before = log.rows()
    log.commit()
    log.commit()
    assert log.rows() == before


def test_the_same_entries_have_the_same_hashes_in_every_log(kind):
    log, other = kind.start(), MemoryAuditLog()
    for entry in story("T1"):
        log.append(entry)
        other.append(entry)
    assert [row.hash for row in log.rows()] == [row.hash for row in other.rows()]


def test_every_row_has_a_hash_of_its_own(kind):
    log = kind.start()
    for _ in range(3):
        log.append(asked(1))
    assert len({row.hash for row in log.rows()}) == 3


def test_after_a_failure_nothing_is_half_written(kind):
    log = kind.start()
    for entry in story("T1"):
        log.append(entry)
    log.commit()
    kind.fill_up(log)
    append_too_much(log)
    assert seqs(log) == [4, 3, 2, 1]
    assert len(list(log.inputs())) == 1


def test_after_a_failure_the_log_takes_no_more_rows(kind):
    log = kind.start()
    kind.fill_up(log)
    append_too_much(log)
    for act in (lambda: log.append(asked(1)), log.commit):
        with pytest.raises(AuditUnavailableError, match="nothing may be sent"):
            act()


def test_after_a_failure_a_restart_goes_on_where_the_durable_rows_end(lasting):
    log = lasting.start()
    for entry in story("T1"):
        log.append(entry)
    log.commit()
    lasting.fill_up(log)
    append_too_much(log)
    lasting.crash()
    again = lasting.start()
    assert seqs(again) == [4, 3, 2, 1]
    assert again.append(notified(5)) == 5
    again.commit()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (evolve(denied(1), row_class=RowClass.COMMAND), "Denied is no command"),
        (evolve(received(1), at=instant(2)), "AlertReceived (has|of)"),
        (evolve(denied(1), at=instant(1).replace(tzinfo=None)), "no aware instant"),
        (Entry(instant(1), RowClass.INPUT, Stamped(instant(1), ReadFailed(None, 5)), None), "5 is no str"),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_back_is_never_written(kind, entry, why):
    log = kind.start()
    with pytest.raises(AuditUnavailableError, match=why):
        log.append(entry)
    assert log.rows() == ()


def test_discarding_drops_what_is_not_durable_and_ends_the_log(kind):
    log = kind.start()
    log.append(received(1))
    log.commit()
    log.append(received(2))
    log.discard()
    assert [row.seq for row in log.rows()] == [1]
    with pytest.raises(AuditUnavailableError):
        log.append(received(3))


def test_a_restart_after_discarding_goes_on_where_the_durable_rows_end(lasting):
    log = lasting.start()
    log.append(received(1))
    log.commit()
    log.append(received(2))
    log.discard()
    lasting.crash()
    assert lasting.start().append(received(3)) == 2
