"""Reading, verifying and exporting, from the file alone."""

import csv
import hashlib
import io
import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import GENESIS, Head, Verification
from adapters.sqlite.export import HEADER, Format
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import asked, instant, received, story

ROWS = 40
COLUMNS = ("seq", "at", "class", "kind", "mode", "trade_id", "body", "prev_hash", "hash")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A closed log of 40 rows, ten trades of four."""
    path = tmp_path_factory.mktemp("audit") / "paper.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(10):
            for entry in story(f"T{number}", first=10 * number):
                log.append(entry)
    return path


@pytest.fixture
def path(original, tmp_path):
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(original.read_bytes())
    return copy


def tamper(path, statement, values=()):
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for name in ("audit_no_update", "audit_no_delete", "audit_no_gap"):
            conn.execute(f"DROP TRIGGER IF EXISTS {name}")
        conn.execute(statement, values)


def verified(path, **how):
    with AuditReader(path) as reader:
        return reader.verify(**how)


# ---- verify ----------------------------------------------------------------------------------------------------------


def test_a_sound_log_is_verified_to_its_head(path):
    with AuditReader(path) as reader:
        found = reader.verify()
        assert (found.rows, found.bad_seq, found.problem) == (ROWS, None, None)
        assert found.head == reader.head()


def test_an_empty_log_is_sound(tmp_path):
    SqliteAuditLog.open(tmp_path / "empty.sqlite", Mode.PAPER).close()
    found = verified(tmp_path / "empty.sqlite")
    assert (found.rows, found.head, found.bad_seq) == (0, Head(0, GENESIS), None)


@pytest.mark.parametrize("column", COLUMNS)
def test_any_bit_flipped_in_any_column_is_found(path, column):
    chance = random.Random(column)  # noqa: S311 - sampling, not secrecy
    for seq in (1, 2, 17, ROWS):
        with closing(sqlite3.connect(path)) as conn:
            (value,) = conn.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
        if value is None:
            continue
        for _ in range(12):
            flipped = _flipped(value, chance)
            tamper(path, f"UPDATE audit SET {column} = {_as_text(flipped)} WHERE seq = {seq}", (flipped,))  # noqa: S608
            found = verified(path)
            assert found.bad_seq == seq, f"{column} of row {seq}: {value!r} became {flipped!r} and verify said {found}"
            assert str(seq) in found.problem
            back = flipped if column == "seq" else seq
            tamper(path, f"UPDATE audit SET {column} = ? WHERE seq = ?", (value, back))  # noqa: S608
            assert verified(path).bad_seq is None


def _flipped(value, chance):
    if isinstance(value, int):
        return value ^ 1 << chance.choice([6, 7, 20, 40, 61])
    data = bytearray(value.encode())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _as_text(value):
    return "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"


def test_bits_flipped_in_the_file_are_found_or_have_changed_no_row(path):
    sound = path.read_bytes()
    with AuditReader(path) as reader:
        rows = reader.rows(limit=ROWS)
    chance = random.Random(37)  # noqa: S311
    sound_to = Verification(ROWS, Head(rows[0].seq, rows[0].hash))
    silent = 0
    for _ in range(400):
        data = bytearray(sound)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            with AuditReader(path) as reader:
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
def test_verify_names_the_first_bad_row_and_what_is_wrong(path, statement, seq, problem):
    tamper(path, statement)
    found = verified(path)
    assert found.bad_seq == seq
    assert found.problem.startswith(problem)
    assert found.rows == found.head.seq == seq - 1


def test_swapped_rows_are_found(path):
    tamper(path, "UPDATE audit SET seq = CASE seq WHEN 5 THEN -6 WHEN 6 THEN -5 END WHERE seq IN (5, 6)")
    tamper(path, "UPDATE audit SET seq = -seq WHERE seq < 0")
    assert verified(path).bad_seq == 5


def test_a_column_turned_into_bytes_is_unreadable_even_if_they_are_the_same(path):
    data = path.read_bytes()
    kind = b"ReadAccount"
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA writable_schema=ON")
        conn.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'audit'")
    tamper(path, "UPDATE audit SET kind = CAST(? AS BLOB) WHERE seq = 3", (kind,))
    assert kind in data
    assert verified(path).problem == "row 3 is unreadable: a column holds no plain text"


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


def test_rows_cut_off_the_end_are_found_against_a_head_that_was_kept(path):
    with AuditReader(path) as reader:
        kept = reader.head()
    tamper(path, "DELETE FROM audit WHERE seq > 38")
    assert verified(path).bad_seq is None
    found = verified(path, kept=kept)
    assert (found.rows, found.bad_seq, found.problem) == (38, 39, "row 39 is missing: row 40 existed once")


def test_a_log_written_anew_is_found_against_a_head_that_was_kept(path):
    found = verified(path, kept=Head(7, "0" * 64))
    assert (found.rows, found.head.seq, found.bad_seq) == (6, 6, 7)
    assert found.problem == "row 7 is not the one that was kept"


def test_a_log_that_went_on_since_a_head_was_kept_is_sound(path):
    with AuditReader(path) as reader:
        row = reader.rows(before=21, limit=1)[0]
    assert verified(path, kept=Head(20, row.hash)).rows == ROWS


def test_verify_tells_how_far_it_is(tmp_path):
    path = tmp_path / "long.sqlite"
    with closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number in range(10_001):
            log.append(asked(number))
    told = []
    assert verified(path, progress=told.append).rows == 10_001
    assert told == [10_000]


# ---- export ----------------------------------------------------------------------------------------------------------


def exported(path, form):
    out = io.StringIO(newline="")
    with AuditReader(path) as reader:
        assert reader.export(form, out) == ROWS
    return out.getvalue()


def test_jsonl_holds_all_that_is_needed_to_verify_the_chain_elsewhere(path):
    previous = GENESIS
    lines = exported(path, Format.JSONL).splitlines()
    for number, line in enumerate(lines, start=1):
        row = json.loads(line)
        own, prev_hash = row.pop("hash"), row.pop("prev_hash")
        assert (row["seq"], prev_hash) == (number, previous)
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256((prev_hash + text).encode()).hexdigest()
        assert previous == own
    assert len(lines) == ROWS


def test_the_check_of_an_export_that_the_docs_give_works(path, tmp_path):
    docs = Path(__file__).parents[3] / "docs" / "audit.md"
    script = docs.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    lines = exported(path, Format.JSONL)
    for name, text, told in (
        ("sound", lines, "sound up to "),
        ("changed", lines.replace("denied 21", "denied 12"), "row 10 is bad\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", script, tmp_path / name]
        found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own lines
        assert (found.stdout or found.stderr).startswith(told)


def test_csv_holds_the_same_rows(path):
    header, *rows = csv.reader(io.StringIO(exported(path, Format.CSV), newline=""))
    lines = [json.loads(line) for line in exported(path, Format.JSONL).splitlines()]
    assert tuple(header) == HEADER
    for row, line in zip(rows, lines, strict=True):
        found = dict(zip(header, row, strict=True))
        assert json.loads(found.pop("body")) == line.pop("body")
        assert found == {name: "" if value is None else str(value) for name, value in line.items()}


# ---- trades and the file ---------------------------------------------------------------------------------------------


def test_a_trade_is_told_oldest_first(path):
    with AuditReader(path) as reader:
        assert [(row.seq, row.kind) for row in reader.trade("T1")] == [
            (5, "AlertReceived"),
            (6, "Denied"),
            (8, "Notify"),
        ]
        assert reader.trade("T99") == ()


@pytest.mark.parametrize(("text", "trade_id"), [("T3", "T3"), ("t3", "T3"), ("latest", "T9")])
def test_a_trade_is_found_by_its_id_or_as_the_latest(path, text, trade_id):
    with AuditReader(path) as reader:
        assert reader.find_trade(text) == trade_id


def test_a_trade_is_found_by_the_beginning_of_its_id(tmp_path):
    with closing(SqliteAuditLog.open(tmp_path / "log.sqlite", Mode.PAPER)) as log:
        for number, trade_id in enumerate(("AB1", "AB12", "CD_5", "CDX5")):
            log.append(received(number, trade_id))
    with AuditReader(tmp_path / "log.sqlite") as reader:
        assert [reader.find_trade(text) for text in ("AB1", "AB12", "CD_", "cdx")] == ["AB1", "AB12", "CD_5", "CDX5"]
        with pytest.raises(LookupError, match="CD is the beginning of several trades: CDX5, CD_5"):
            reader.find_trade("CD")


@pytest.mark.parametrize("text", ["X", "T%", "", "T33"])
def test_a_trade_that_is_not_there_or_not_meant_clearly_is_an_error(path, text):
    with AuditReader(path) as reader, pytest.raises(LookupError, match=r"no trade|several trades: T0, T1"):
        reader.find_trade(text)


def test_the_latest_trade_of_an_empty_log_is_an_error(tmp_path):
    SqliteAuditLog.open(tmp_path / "empty.sqlite", Mode.PAPER).close()
    with AuditReader(tmp_path / "empty.sqlite") as reader, pytest.raises(LookupError, match="no trade latest"):
        reader.find_trade("latest")


def test_recent_trades_are_summed_up_newest_first(path):
    with AuditReader(path) as reader:
        first, second = reader.recent_trades(2)
    assert (first.trade_id, second.trade_id) == ("T9", "T8")
    assert (first.rows, first.started_at, first.last_at, first.last_kind) == (3, instant(90), instant(93), "Notify")


def test_rows_are_those_that_the_desk_sees(path):
    with AuditReader(path) as reader, closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for query in ({}, {"limit": 3}, {"before": 9, "limit": 2}, {"trade_id": "T4"}):
            assert reader.rows(**query) == log.rows(**query)


def test_the_file_says_what_it_is(path):
    with AuditReader(path) as reader:
        about = reader.about()
        assert (about.path, about.mode, about.schema_version, about.head) == (path, Mode.PAPER, 1, reader.head())
        assert (about.first_at, about.last_at, about.size) == (instant(0), instant(93), path.stat().st_size)
        assert len(about.database_id) == 36


def test_two_logs_have_different_ids(tmp_path):
    ids = set()
    for name in ("a", "b"):
        SqliteAuditLog.open(tmp_path / name, Mode.PAPER).close()
        with AuditReader(tmp_path / name) as reader:
            ids.add(reader.about().database_id)
    assert len(ids) == 2


@pytest.mark.parametrize("column", ["at", "class", "mode", "body"])
def test_a_damaged_row_is_not_shown_as_if_it_were_sound(path, column):
    tamper(path, f"UPDATE audit SET {column} = 'nonsense' WHERE seq = 40")  # noqa: S608
    with AuditReader(path) as reader:
        with pytest.raises(AuditUnavailableError, match=r"audit row 40 is damaged .* run audit verify"):
            reader.rows()
        assert len(reader.rows(before=40)) == 39


def test_a_trade_with_a_damaged_instant_is_not_summed_up(path):
    tamper(path, "UPDATE audit SET at = 'noon' WHERE seq = 40")
    with AuditReader(path) as reader:
        for act in (reader.recent_trades, reader.about):
            with pytest.raises(AuditUnavailableError, match="is damaged"):
                act()


def test_a_file_that_is_not_there_is_not_created(tmp_path):
    with pytest.raises(AuditUnavailableError, match=r"there is no audit log at .*nowhere.sqlite"):
        AuditReader(tmp_path / "nowhere.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_log_is_named(tmp_path):
    other = tmp_path / "letter #1?.txt"
    other.write_text("dear broker\n" * 100)
    with pytest.raises(AuditUnavailableError, match=r"letter #1.*not a database"):
        AuditReader(other)


def test_a_copy_beside_which_nothing_can_be_written_is_read_all_the_same(path):
    path.with_name(f"{path.name}-shm").mkdir()  # what read-only media do to SQLite
    assert verified(path).rows == ROWS


def test_reading_never_writes(path):
    with AuditReader(path) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._conn.execute("INSERT INTO meta VALUES ('a', 'b')")
