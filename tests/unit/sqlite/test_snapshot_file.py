"""A snapshot is used where it belongs to its log and to this code, and never otherwise."""

import json
import logging
import shutil
import stat
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from attrs import evolve

import domain
from adapters.sqlite import snapshots
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.snapshots import SnapshotFile
from domain.desk import DeskState
from domain.policies import Mode
from ports.snapshots import Snapshot
from tests.fakes.audit_entries import asked, received
from tests.support.desk_driver import DeskDriver

ROWS = 30


def some_state() -> DeskState:
    desk = DeskDriver()
    desk.say("BTO UBER 78p 12/04 @ 0.75")
    desk.fill("T1-E1", 4)
    return desk.state


@pytest.fixture(scope="module")
def state():
    return some_state()


@pytest.fixture
def log(path):
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as opened:
        for number in range(ROWS):
            opened.append(received(number))
        opened.commit()
        yield opened


@pytest.fixture
def kept(path, log):
    return SnapshotFile(path.with_name("paper.sqlite.snapshot"), log)


@pytest.fixture
def file(path):
    return path.with_name("paper.sqlite.snapshot")


def told(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def reseal(file, change):
    """Change the first line and have the checksum agree with it, as somebody with an editor might."""
    first, *lines = file.read_text().splitlines()[:-1]
    header = json.loads(first)
    change(header)
    body = "\n".join((json.dumps(header), *lines)) + "\n"
    file.write_text(f"{body}{snapshots._checksum_line(snapshots.sha256(body.encode()).hexdigest())}\n")


def test_what_was_saved_is_loaded(kept, state, caplog):
    kept.save(Snapshot(ROWS, state))
    assert kept.load() == Snapshot(ROWS, state)
    assert told(caplog) == []


def test_there_need_be_none(kept, caplog):
    assert kept.load() is None
    assert told(caplog) == []


def test_a_gentle_save_is_the_same(kept, file, state):
    kept.save(Snapshot(ROWS, state), gently=True)
    gentle = file.read_bytes()
    file.unlink()
    kept.save(Snapshot(ROWS, state))
    assert file.read_bytes() == gentle


def test_the_file_is_its_owners_only_and_nothing_is_left_beside_it(kept, file, state):
    kept.save(Snapshot(ROWS, state))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.with_name(f"{file.name}.new").exists()


def test_a_draft_that_a_killed_process_left_is_replaced(kept, file, state):
    file.with_name(f"{file.name}.new").write_text("half a snap")
    kept.save(Snapshot(ROWS, state))
    assert kept.load() == Snapshot(ROWS, state)


def test_a_later_one_replaces_it(kept, state):
    kept.save(Snapshot(3, DeskState()))
    kept.save(Snapshot(ROWS, state))
    assert kept.load() == Snapshot(ROWS, state)


def test_a_gentle_save_gives_way_to_a_later_one(kept, state):
    kept.save(Snapshot(ROWS, state))
    kept.save(Snapshot(3, DeskState()), gently=True)
    assert kept.load() == Snapshot(ROWS, state)


def test_a_gentle_save_gives_way_to_another_one_although_it_is_of_the_same_row(file, log, state):
    there = []

    class Watched:
        """The log; while the first save begins, a second one is asked for and waits."""

        def __init__(self):
            self.second = Thread(target=lambda: kept.save(Snapshot(ROWS, state)))

        def database_id(self):
            return log.database_id()

        def durable_hash(self, seq):
            there.append(file.exists())
            if len(there) == 1:
                self.second.start()
                while kept._asked < 2:
                    self.second.join(0.001)
            return log.durable_hash(seq)

    watched = Watched()
    kept = SnapshotFile(file, watched)
    kept.save(Snapshot(ROWS, state), gently=True)
    watched.second.join()
    assert there == [False, False], "the first one wrote nothing"
    assert kept.load() == Snapshot(ROWS, state)


def test_it_stands_after_a_row_in_the_middle_too(kept, log, state):
    kept.save(Snapshot(7, state))
    assert kept.load() == Snapshot(7, state)
    assert [stamped.event.message.message_id for stamped in log.inputs(7)] == [str(n) for n in range(7, ROWS)]


# ---- not used --------------------------------------------------------------------------------------------------------


def test_every_flipped_byte_is_found(kept, file, state, caplog):
    kept.save(Snapshot(ROWS, state))
    sound = file.read_bytes()
    for at in range(0, len(sound), 37):
        file.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        assert kept.load() is None, at
    assert len(told(caplog)) == len(range(0, len(sound), 37))


def test_a_file_cut_anywhere_is_not_used(kept, file, state):
    kept.save(Snapshot(ROWS, state))
    sound = file.read_bytes()
    for end in range(0, len(sound) - 1, 41):
        file.write_bytes(sound[:end])
        assert kept.load() is None, end


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("database_id", "another", "belongs to another log"),
        ("hash", "0" * 64, "belongs to another log"),
        ("code", "0" * 64, "another version of alert-trader"),
        ("format", 2, "another version of alert-trader"),
        ("seq", ROWS - 1, "belongs to another log"),
        ("seq", ROWS + 1, "is not durable"),
        ("seq", 10**30, "is not durable"),
        ("seq", "5", "not supported"),
        ("seq", None, "not supported"),
    ],
)
def test_one_of_another_log_row_or_code_is_not_used(kept, file, state, caplog, name, value, why):  # noqa: PLR0917
    kept.save(Snapshot(ROWS, state))
    reseal(file, lambda header: header.update({name: value}))
    assert kept.load() is None
    assert why in told(caplog)[0]
    assert "the whole log is replayed" in told(caplog)[0]


def test_one_whose_row_has_changed_is_not_used(kept, path, log, state):
    kept.save(Snapshot(ROWS, state))
    log.close()
    path.unlink()
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as another:
        for number in range(ROWS):
            another.append(asked(number))
        another.commit()
        assert SnapshotFile(kept._path, another).load() is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ['["no such part",1]'],
        ['["deliveries",0]', '["deliveries",0]'],
        ['["archive",{"T1":{}}]'],
        ['["deliveries"]'],
        ['["deliveries",0,0]'],
        ['["rejects_in_row","3"]'],
        ["7"],
        ["["],
    ],
)
def test_lines_that_are_no_state_are_not_used(kept, file, caplog, lines):
    first = kept._first_line(ROWS)
    body = "\n".join((first, *lines)) + "\n"
    file.write_text(f"{body}{snapshots._checksum_line(snapshots.sha256(body.encode()).hexdigest())}\n")
    assert kept.load() is None
    assert len(told(caplog)) == 1


def test_rules_that_changed_on_the_disk_while_a_desk_worked_do_not_stand_for_it(log, state, tmp_path, monkeypatch):
    rules = tmp_path / "domain"
    shutil.copytree(Path(domain.__file__).parent, rules, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(domain, "__file__", str(rules / "__init__.py"))
    file = tmp_path / "paper.sqlite.snapshot"
    working = SnapshotFile(file, log)
    assert working.load() is None
    changed = rules / "ladder.py"
    changed.write_text(f"{changed.read_text()}\n# an update\n")
    working.save(Snapshot(ROWS, state))
    assert SnapshotFile(file, log).load() is None
    changed.write_text(changed.read_text().replace("\n# an update\n", ""))
    assert SnapshotFile(file, log).load() == Snapshot(ROWS, state)


def test_a_file_that_cannot_be_read_is_not_used(kept, file, caplog):
    file.mkdir()
    assert kept.load() is None
    assert "the whole log is replayed" in told(caplog)[0]


# ---- not written -----------------------------------------------------------------------------------------------------


def test_none_is_written_for_rows_that_are_not_durable(kept, log, state, caplog):
    log.append(received(99))
    kept.save(Snapshot(ROWS + 1, state))
    assert kept.load() is None
    assert "row 31 of audit log" in told(caplog)[0]


def test_none_is_written_once_the_log_has_failed(kept, log, file, state, caplog):
    log.append(received(99))
    log.discard()
    kept.save(Snapshot(ROWS, state))
    assert not file.exists()
    assert "the next start takes longer" in told(caplog)[0]


def test_a_folder_that_takes_no_file_is_told_and_stops_nobody(log, tmp_path, state, caplog):
    missing = SnapshotFile(tmp_path / "nowhere" / "x.snapshot", log)
    missing.save(Snapshot(ROWS, state))
    assert "the next start takes longer" in told(caplog)[0]


def test_a_state_that_could_not_be_read_back_is_not_written(kept, state, caplog):
    kept.save(Snapshot(ROWS, evolve(state, deliveries=1.5)))
    assert kept.load() is None
    assert "deliveries cannot be written: 1.5 is no int" in told(caplog)[0]
