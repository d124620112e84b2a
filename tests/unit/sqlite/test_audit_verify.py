"""Every change to a row is found, and the first bad row is named."""

import random
import sqlite3
from contextlib import closing

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import GENESIS, Head, Verification
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, received
from tests.unit.sqlite.hands_on import loosen, tamper

ROWS = 40
COLUMNS = ("seq", "at", "class", "kind", "mode", "trade_id", "body", "prev_hash", "hash")


def verified(path, **how):
    with AuditReader(path) as reader:
        return reader.verify(**how)


def test_a_sound_log_is_verified_to_its_head(written):
    with AuditReader(written) as reader:
        found = reader.verify()
        assert (found.rows, found.bad_seq, found.problem) == (ROWS, None, None)
        assert found.head == reader.head()


def test_an_empty_log_is_sound(tmp_path):
    SqliteAuditLog.open(tmp_path / "empty.sqlite", Mode.PAPER).close()
    found = verified(tmp_path / "empty.sqlite")
    assert (found.rows, found.head, found.bad_seq) == (0, Head(0, GENESIS), None)


@pytest.mark.parametrize("column", COLUMNS)
def test_any_bit_flipped_in_any_column_is_found(written, column):
    chance = random.Random(column)  # noqa: S311 - sampling, not secrecy
    for seq in (1, 2, 17, ROWS):
        with closing(sqlite3.connect(written)) as conn:
            (value,) = conn.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
        if value is None:
            continue
        for _ in range(12):
            flipped = _flipped(value, chance)
            tamper(written, f"UPDATE audit SET {column} = {_as_text(flipped)} WHERE seq = {seq}", (flipped,))  # noqa: S608
            found = verified(written)
            assert found.bad_seq == seq, f"{column} of row {seq}: {value!r} became {flipped!r} and verify said {found}"
            assert str(seq) in found.problem
            back = flipped if column == "seq" else seq
            tamper(written, f"UPDATE audit SET {column} = ? WHERE seq = ?", (value, back))  # noqa: S608
            assert verified(written).bad_seq is None


def _flipped(value, chance):
    if isinstance(value, int):
        return value ^ 1 << chance.choice([6, 7, 20, 40, 61])
    data = bytearray(value.encode())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _as_text(value):
    return "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"


def test_bits_flipped_in_the_file_are_found_or_have_changed_no_row(written):
    sound = written.read_bytes()
    with AuditReader(written) as reader:
        rows = reader.rows(limit=ROWS)
    chance = random.Random(37)  # noqa: S311
    sound_to = Verification(ROWS, Head(rows[0].seq, rows[0].hash))
    silent = 0
    for _ in range(400):
        data = bytearray(sound)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        written.write_bytes(data)
        try:
            with AuditReader(written) as reader:
                if reader.verify() == sound_to and reader.rows(limit=ROWS) == rows:
                    silent += 1  # unused space, an index or a counter
                    continue
                assert reader.verify().problem is not None
        except AuditUnavailableError:
            continue
    assert silent < 400


@pytest.mark.parametrize(
    ("statement", "seq", "problem"),
    [
        ("DELETE FROM audit WHERE seq = 5", 5, "row 5 is missing: row 6 follows row 4"),
        ("DELETE FROM audit WHERE seq <= 5", 1, "row 1 is missing: row 6 follows row 0"),
        ("UPDATE audit SET seq = -3 WHERE seq = 5", 1, "row -3 stands where row 1 belongs"),
        ("UPDATE audit SET prev_hash = hash WHERE seq = 5", 5, "row 5 does not follow row 4"),
        ("UPDATE audit SET body = '{}' WHERE seq = 5", 5, "row 5 has been changed"),
        ("UPDATE audit SET trade_id = NULL WHERE seq = 5", 5, "row 5 has been changed"),
        ("UPDATE audit SET trade_id = 'null' WHERE seq = 3", 3, "row 3 has been changed"),
        ("UPDATE audit SET hash = upper(hash) WHERE seq = 5", 5, "row 5 has been changed"),
        ("UPDATE audit SET body = 'ö' WHERE seq = 5", 5, "row 5 is unreadable"),
        ("UPDATE audit SET kind = CAST(x'ff' AS TEXT) WHERE seq = 5", 5, "row 5 has been changed"),
        ("UPDATE audit SET mode = 'live' WHERE seq = 5", 5, "row 5 has been changed"),
        ("UPDATE meta SET value = 'live' WHERE key = 'mode'", 1, "row 1 is of mode paper in a log of mode live"),
    ],
)
def test_verify_names_the_first_bad_row_and_what_is_wrong(written, statement, seq, problem):
    tamper(written, statement)
    found = verified(written)
    assert found.bad_seq == seq
    assert found.problem.startswith(problem)
    assert found.rows == found.head.seq == seq - 1


def test_swapped_rows_are_found(written):
    tamper(written, "UPDATE audit SET seq = CASE seq WHEN 5 THEN -6 WHEN 6 THEN -5 END WHERE seq IN (5, 6)")
    tamper(written, "UPDATE audit SET seq = -seq WHERE seq < 0")
    assert verified(written).bad_seq == 5


def test_a_column_turned_into_bytes_is_unreadable_even_if_they_are_the_same(written):
    data = written.read_bytes()
    kind = b"ReadAccount"
    loosen(written)
    tamper(written, "UPDATE audit SET kind = CAST(? AS BLOB) WHERE seq = 3", (kind,))
    assert kind in data
    assert verified(written).problem == "row 3 is unreadable: a column holds no plain text"


def test_a_page_that_cannot_be_read_is_named_by_its_first_row(tmp_path):
    path = tmp_path / "long.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(300):
            log.append(received(number))
    data = path.read_bytes()
    where = data.index(b'"message_id":"250"') // 4096 * 4096
    path.write_bytes(data[:where] + b"\x00" * 4096 + data[where + 4096 :])
    found = verified(path)
    assert 200 < found.bad_seq <= 251
    assert "cannot be read: database disk image is malformed" in found.problem


def test_rows_cut_off_the_end_are_found_against_a_head_that_was_kept(written):
    with AuditReader(written) as reader:
        kept = reader.head()
    tamper(written, "DELETE FROM audit WHERE seq > 38")
    assert verified(written).bad_seq is None
    found = verified(written, kept=kept)
    assert (found.rows, found.bad_seq, found.problem) == (38, 39, "row 39 is missing: row 40 existed once")


def test_a_log_written_anew_is_found_against_a_head_that_was_kept(written):
    found = verified(written, kept=Head(7, "0" * 64))
    assert (found.rows, found.head.seq, found.bad_seq) == (6, 6, 7)
    assert found.problem == "row 7 is not the one that was kept"


def test_a_log_that_went_on_since_a_head_was_kept_is_sound(written):
    with AuditReader(written) as reader:
        row = reader.rows(before=21, limit=1)[0]
    assert verified(written, kept=Head(20, row.hash)).rows == ROWS


def test_verify_tells_how_far_it_is(tmp_path):
    path = tmp_path / "long.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(10_001):
            log.append(asked(number))
    told = []
    assert verified(path, progress=told.append).rows == 10_001
    assert told == [10_000]
