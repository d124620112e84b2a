"""`audit`: the log read from its file alone, while a desk runs and while none does."""

import csv
import io
import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.sqlite.audit_log import SqliteAuditLog
from composition.cli import main
from composition.settings import table
from domain.policies import Mode
from tests.fakes.audit_entries import received, story

TRADES = 3
ROWS = 4 * TRADES


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what `alert-trader audit ARGS` gives in a directory of its own, whatever is set where the tests run."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env=dict.fromkeys(table()))
    return lambda *args, **more: runner.invoke(main, ("audit", *args), **more)


@pytest.fixture
def log(tmp_path):
    """A paper log of three trades where the settings look for it, still open for writing."""
    with closing(SqliteAuditLog.open(tmp_path / "data" / "paper.sqlite", Mode.PAPER)) as opened:
        for number in range(TRADES):
            for entry in story(f"T{number}", first=10 * number):
                opened.append(entry)
        opened.commit()
        yield opened


def change(log: SqliteAuditLog, path: Path, body: str) -> None:
    """Give row 6, a denial of trade T1, another body, as somebody with an editor would."""
    log.close()
    with closing(sqlite3.connect(path)) as conn:
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            conn.execute(f"DROP TRIGGER {name}")
        conn.execute(f"UPDATE audit SET body = {body} WHERE seq = 6")  # noqa: S608 - the tests' own text
        conn.commit()


def test_the_newest_rows_come_first(run, log):
    result = run("recent", "--limit", "3")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["12", "11", "10"]
    assert "denied: stale" in result.stdout


def test_rows_of_one_trade_as_json_hold_everything(run, log):
    rows = [json.loads(line) for line in run("recent", "--trade", "t1", "--json").stdout.splitlines()]
    assert [row["seq"] for row in rows] == [8, 6, 5]
    assert set(rows[0]) == {"seq", "at", "class", "kind", "mode", "trade_id", "body", "hash"}
    assert (rows[1]["kind"], rows[1]["mode"], rows[1]["class"]) == ("Denied", "paper", "decision")
    assert rows[1]["body"]["code"] == "stale"


def test_a_trade_s_story_is_told_oldest_first(run, log):
    lines = run("show", "T1").stdout.splitlines()
    assert lines[0] == "Trade T1, paper, 3 rows; times are New York's"
    assert lines[1] == "Friday 2026-11-20"
    assert "BTO UBER 78p 12/05 @ 0.75" in lines[2]
    assert "denied 11" in lines[3]


def test_without_a_name_it_is_the_latest_trade(run, log):
    assert run("show").stdout.startswith("Trade T2,")


@pytest.mark.parametrize("args", [("show", "T1"), ("recent", "--trade", "T1")])
def test_a_row_that_the_story_does_not_fit_is_shown_as_it_is(run, log, tmp_path, args):
    change(log, tmp_path / "data" / "paper.sqlite", '\'{"verdict":"stale"}\'')
    result = run(*args)
    assert result.exit_code == 0
    assert "Denied" in result.stdout
    assert '{"verdict": "stale"}' in result.stdout


@pytest.mark.parametrize("args", [("show", "S1"), ("recent", "--trade", "S1")])
def test_a_stranger_s_text_cannot_steer_the_terminal(run, log, args):
    log.append(received(90, "S1", "BTO \x1b]0;x\x07 UBER \u202e78p \x1b[2J"))
    log.commit()
    told = run(*args, color=True, env={"NO_COLOR": None}).stdout
    assert "BTO  ]0;x  UBER  78p  [2J" in told
    assert not any(char in told for char in ("\x1b]", "\x07", "\u202e", "\x1b[2J"))


def test_json_keeps_a_stranger_s_text_as_it_was_and_escapes_it(run, log):
    log.append(received(90, "S1", "\x1b]0;x\x07\u202e"))
    log.commit()
    told = run("recent", "--trade", "S1", "--json").stdout
    assert told.strip().isprintable()
    assert json.loads(told)["body"]["message"]["text"] == "\x1b]0;x\x07\u202e"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("show", "X"), "no trade X in"),
        (("show", "T"), "T is the beginning of several trades: T0, T1, T2"),
        (("recent", "--trade", "X"), "no trade X in"),
        (("verify", "--kept", "12"), "'12' is no head: write ROW:HASH"),
        (("recent", "--limit", "0"), "0 is not in the range"),
        (("export", "--format", "xml"), "'xml' is not one of"),
        (("recent", "--mode", "dry_run"), "there is no audit log at"),
        (("recent", "--db", "missing.sqlite"), "there is no audit log at"),
    ],
)
def test_what_cannot_be_done_exits_2_and_says_why(run, log, args, told):
    result = run(*args)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert told in result.stderr


def test_a_file_that_is_no_log_exits_2(run, tmp_path):
    (tmp_path / "a.sqlite").write_text("no database, but long enough to be looked into" * 20, encoding="utf-8")
    result = run("recent", "--db", "a.sqlite")
    assert result.exit_code == 2
    assert "a.sqlite" in result.stderr


def test_the_setting_names_the_file_of_a_mode(run, log, tmp_path):
    result = run("verify", env={"ALERT_TRADER_DB": str(tmp_path / "data" / "MODE.sqlite")})
    assert result.exit_code == 0


def test_a_named_file_needs_no_settings(run, log):
    broken = {"ENTRY_WINDOW": "soon"}
    assert run("verify", env=broken).exit_code == 2
    assert run("verify", "--db", "data/paper.sqlite", env=broken).exit_code == 0


def test_a_sound_log_verifies_and_names_its_head(run, log):
    result = run("verify")
    assert result.exit_code == 0
    assert f"Sound: {ROWS} rows" in result.stdout
    assert f"{ROWS}:{log.head().hash}" in result.stdout


def test_a_head_that_was_kept_is_reached(run, log):
    assert run("verify", "--kept", f"{ROWS}:{log.head().hash}").exit_code == 0


@pytest.mark.parametrize(("row", "told"), [(ROWS, "is not the one that was kept"), (99, "row 13 is missing")])
def test_a_head_that_is_not_reached_is_bad(run, log, row, told):
    result = run("verify", "--kept", f"{row}:{'0' * 64}")
    assert result.exit_code == 1
    assert told in result.stdout


def test_the_first_bad_row_is_named(run, log, tmp_path):
    change(log, tmp_path / "data" / "paper.sqlite", "replace(body, 'denied 11', 'denied 12')")
    result = run("verify")
    assert result.exit_code == 1
    assert "BAD: row 6 has been changed" in result.stdout
    assert "5 rows before it are sound" in result.stdout


def test_an_export_to_standard_output_is_lines_of_json(run, log):
    rows = [json.loads(line) for line in run("export").stdout.splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, ROWS + 1))


def test_an_export_to_a_file_is_its_owner_s_alone_and_replaces_nothing(run, log, tmp_path):
    result = run("export", "--format", "csv", "--out", "audit.csv")
    assert result.exit_code == 0
    assert f"{ROWS} rows in audit.csv" in result.stderr
    path = tmp_path / "audit.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text("utf-8")
    assert len(list(csv.DictReader(io.StringIO(text)))) == ROWS
    again = run("export", "--format", "csv", "--out", "audit.csv")
    assert again.exit_code == 2
    assert "audit.csv exists already: name a new file" in again.stderr
    assert path.read_text("utf-8") == text


def test_an_export_that_fails_leaves_no_half_of_a_file(run, log, tmp_path):
    change(log, tmp_path / "data" / "paper.sqlite", "CAST(x'ff' AS TEXT)")
    result = run("export", "--out", "audit.jsonl")
    assert result.exit_code == 2
    assert "row 6 cannot be exported" in result.stderr
    assert not (tmp_path / "audit.jsonl").exists()


def test_a_place_that_cannot_be_written_exits_2(run, log):
    result = run("export", "--out", "missing/audit.jsonl")
    assert result.exit_code == 2
    assert "missing/audit.jsonl cannot be written" in result.stderr
