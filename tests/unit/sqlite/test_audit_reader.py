"""Reading and exporting, from the file alone."""

import csv
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.chain import GENESIS
from adapters.sqlite.export import HEADER, Format
from adapters.sqlite.reader import AuditReader
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import instant, received
from tests.unit.sqlite.hands_on import loosen, tamper

ROWS = 40
NOBODY = 65534


def exported(path, form):
    out = io.StringIO(newline="")
    with AuditReader(path) as reader:
        assert reader.export(form, out) == ROWS
    return out.getvalue()


def test_jsonl_holds_all_that_is_needed_to_verify_the_chain_elsewhere(written):
    previous = GENESIS
    lines = exported(written, Format.JSONL).splitlines()
    for number, line in enumerate(lines, start=1):
        row = json.loads(line)
        own, prev_hash = row.pop("hash"), row.pop("prev_hash")
        assert (row["seq"], prev_hash) == (number, previous)
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256((prev_hash + text).encode()).hexdigest()
        assert previous == own
    assert len(lines) == ROWS


def test_the_check_of_an_export_that_the_docs_give_works(written, tmp_path):
    docs = Path(__file__).parents[3] / "docs" / "audit.md"
    script = docs.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    lines = exported(written, Format.JSONL)
    for name, text, told in (
        ("sound", lines, "sound up to "),
        ("changed", lines.replace("denied 21", "denied 12"), "row 10 is bad\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", script, tmp_path / name]
        found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own lines
        assert (found.stdout or found.stderr).startswith(told)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("bad", ["CAST(x'ff' AS TEXT)", "x'7b7d'"])
def test_a_row_that_is_no_text_is_not_exported_as_if_it_were(written, form, bad):
    loosen(written)
    tamper(written, f"UPDATE audit SET body = {bad} WHERE seq = 5")  # noqa: S608
    with AuditReader(written) as reader, pytest.raises(AuditUnavailableError, match="row 5 cannot be exported"):
        reader.export(form, io.StringIO())


def test_what_the_output_says_is_not_blamed_on_the_log(written):
    class Closed(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    with AuditReader(written) as reader, pytest.raises(BrokenPipeError):
        reader.export(Format.JSONL, Closed())


def test_csv_holds_the_same_rows(written):
    header, *rows = csv.reader(io.StringIO(exported(written, Format.CSV), newline=""))
    lines = [json.loads(line) for line in exported(written, Format.JSONL).splitlines()]
    assert tuple(header) == HEADER
    for row, line in zip(rows, lines, strict=True):
        found = dict(zip(header, row, strict=True))
        assert json.loads(found.pop("body")) == line.pop("body")
        assert found == {name: "" if value is None else str(value) for name, value in line.items()}


def test_a_trade_is_told_oldest_first(written):
    with AuditReader(written) as reader:
        assert [(row.seq, row.kind) for row in reader.trade("T1")] == [
            (5, "AlertReceived"),
            (6, "Denied"),
            (8, "Notify"),
        ]
        assert reader.trade("T99") == ()


@pytest.mark.parametrize(("text", "trade_id"), [("T3", "T3"), ("t3", "T3"), ("latest", "T9")])
def test_a_trade_is_found_by_its_id_or_as_the_latest(written, text, trade_id):
    with AuditReader(written) as reader:
        assert reader.find_trade(text) == trade_id


def test_a_trade_is_found_by_the_beginning_of_its_id(tmp_path):
    with closing(SqliteAuditLog.open(tmp_path / "log.sqlite", Mode.PAPER)) as log:
        for number, trade_id in enumerate(("AB1", "AB12", "CD_5", "CDX5", "small")):
            log.append(received(number, trade_id))
    with AuditReader(tmp_path / "log.sqlite") as reader:
        assert [reader.find_trade(text) for text in ("AB1", "AB12", "CD_", "cdx", "sm")] == [
            "AB1",
            "AB12",
            "CD_5",
            "CDX5",
            "small",
        ]
        with pytest.raises(LookupError, match="CD is the beginning of several trades: CDX5, CD_5"):
            reader.find_trade("CD")


@pytest.mark.parametrize("text", ["X", "T%", "", "T33"])
def test_a_trade_that_is_not_there_or_not_meant_clearly_is_an_error(written, text):
    with AuditReader(written) as reader, pytest.raises(LookupError, match=r"no trade|several trades: T0, T1"):
        reader.find_trade(text)


def test_the_latest_trade_of_an_empty_log_is_an_error(tmp_path):
    SqliteAuditLog.open(tmp_path / "empty.sqlite", Mode.PAPER).close()
    with AuditReader(tmp_path / "empty.sqlite") as reader, pytest.raises(LookupError, match="no trade latest"):
        reader.find_trade("latest")


def test_recent_trades_are_summed_up_newest_first(written):
    with AuditReader(written) as reader:
        first, second = reader.recent_trades(2)
    assert (first.trade_id, second.trade_id) == ("T9", "T8")
    assert (first.rows, first.started_at, first.last_at, first.last_kind) == (3, instant(90), instant(93), "Notify")


def test_rows_are_those_that_the_desk_sees(written):
    with AuditReader(written) as reader, closing(SqliteAuditLog.open(written, Mode.PAPER)) as log:
        for query in ({}, {"limit": 3}, {"before": 9, "limit": 2}, {"trade_id": "T4"}):
            assert reader.rows(**query) == log.rows(**query)


def test_the_file_says_what_it_is(written):
    with AuditReader(written) as reader:
        about = reader.about()
        assert (about.path, about.mode, about.schema_version, about.head) == (written, Mode.PAPER, 1, reader.head())
        assert (about.first_at, about.last_at, about.size) == (instant(0), instant(93), written.stat().st_size)
        assert len(about.database_id) == 36


def test_two_logs_have_different_ids(tmp_path):
    ids = set()
    for name in ("a", "b"):
        SqliteAuditLog.open(tmp_path / name, Mode.PAPER).close()
        with AuditReader(tmp_path / name) as reader:
            ids.add(reader.about().database_id)
    assert len(ids) == 2


@pytest.mark.parametrize("column", ["at", "class", "mode", "body"])
def test_a_damaged_row_is_not_shown_as_if_it_were_sound(written, column):
    tamper(written, f"UPDATE audit SET {column} = 'nonsense' WHERE seq = 40")  # noqa: S608
    with AuditReader(written) as reader:
        with pytest.raises(AuditUnavailableError, match=r"audit row 40 is damaged .* run audit verify"):
            reader.rows()
        assert len(reader.rows(before=40)) == 39


def test_a_trade_with_a_damaged_instant_is_not_summed_up(written):
    tamper(written, "UPDATE audit SET at = 'noon' WHERE seq = 40")
    with AuditReader(written) as reader:
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


@contextmanager
def read_only_media():
    """A folder in which nothing can be made, for root neither."""
    with TemporaryDirectory() as name:
        yield Path(name)
        Path(name).chmod(0o755)


def test_a_copy_on_read_only_media_is_read_all_the_same(written):
    user = os.geteuid()
    with read_only_media() as folder:
        copy = folder / "copy.sqlite"
        copy.write_bytes(written.read_bytes())
        copy.chmod(0o444)
        folder.chmod(0o555)
        try:
            if user == 0:
                os.seteuid(NOBODY)
            with AuditReader(copy) as reader:
                assert reader.verify().rows == ROWS
        finally:
            os.seteuid(user)
        assert list(folder.iterdir()) == [copy]


def test_a_reader_that_was_closed_says_so_and_does_not_call_the_log_damaged(written):
    reader = AuditReader(written)
    reader.close()
    for act in (reader.verify, reader.head, reader.rows, reader.about, reader.recent_trades):
        with pytest.raises(AuditUnavailableError, match="closed database"):
            act()


def test_reading_never_writes(written):
    with AuditReader(written) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._conn.execute("INSERT INTO meta VALUES ('a', 'b')")
