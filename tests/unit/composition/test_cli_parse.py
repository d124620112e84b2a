"""`parse`: a JSON line for each message, a bad line named and passed over, light to start."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from composition.cli import main
from composition.settings import table
from domain.calendar import new_york_date

ROOT = Path(__file__).parents[3]
CORE = "Alert: BTO UBER 78p 12/05 @ 0.75"
# What takes long to import and what reading a text has no use for.
HEAVY = {
    "asyncio",
    "cattrs",
    "starlette",
    "uvicorn",
    "sqlite3",
    "sqlite_utils",
    "dotenv",
    "prometheus_client",
    "discord",
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what `alert-trader ARGS` gives in an empty directory, whatever is set where the tests run."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env=dict.fromkeys((*table(), "NO_COLOR")))
    return lambda *args, **more: runner.invoke(main, args, **more)


def test_a_text_argument_is_read_as_one_message(run):
    result = run("parse", CORE, "--posted-on", "2025-11-24")
    assert result.exit_code == 0
    parsed = json.loads(result.stdout)
    assert (parsed["id"], parsed["kind"], parsed["reason"]) == (None, "entry", None)
    assert parsed["alert"]["symbol"] == "UBER"
    assert parsed["alert"]["expiry_resolved"] == "2025-12-05"


def test_a_message_that_is_no_alert_is_an_answer_and_no_error(run):
    result = run("parse", "good morning")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["kind"] == "none"


def test_lines_are_answered_one_by_one_under_their_ids(run):
    lines = '{"id": "a", "text": "BTO UBER 78p 12/05 @ 0.75", "posted_on": "2025-11-24"}\n\n{"id": "b", "text": "hi"}\n'
    result = run("parse", input=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(answer["id"], answer["kind"]) for answer in answers] == [("a", "entry"), ("b", "none")]


def test_every_bad_line_is_named_and_the_others_are_processed(run):
    lines = b'{"id": "a", "text": "hi"}\nno json\n{"id": "c"}\n{"id": "d", "text": "\xff"}\n{"id": "e", "text": "hi"}\n'
    result = run("parse", input=lines)
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a", "e"]
    for number in (2, 3, 4):
        assert f"Error: line {number}: " in result.stderr


def test_a_byte_order_mark_is_no_error(run):
    result = run("parse", input=b'\xef\xbb\xbf{"id": "a", "text": "hi"}\r\n')
    assert (result.exit_code, json.loads(result.stdout)["id"]) == (0, "a")


def test_a_line_s_own_day_wins_over_the_option(run):
    lines = f'{{"id": "a", "text": "{CORE}", "posted_on": "2024-11-25"}}\n{{"id": "b", "text": "{CORE}"}}\n'
    result = run("parse", "--posted-on", "2025-11-24", input=lines)
    answers = [json.loads(line)["alert"]["expiry_resolved"] for line in result.stdout.splitlines()]
    assert answers == ["2024-12-05", "2025-12-05"]


def test_without_a_day_an_expiry_is_read_and_not_resolved(run):
    alert = json.loads(run("parse", CORE).stdout)["alert"]
    assert alert["expiry"] == {"month": 12, "day": 5}
    assert alert["expiry_resolved"] is None


def test_today_is_the_day_in_new_york(run):
    before = new_york_date(datetime.now(UTC))
    resolved = json.loads(run("parse", "BTO UBER 78p 0DTE @ 0.75", "--posted-on", "today").stdout)["alert"]
    assert date.fromisoformat(resolved["expiry_resolved"]) - before in {timedelta(0), timedelta(1)}


def test_a_day_that_is_none_is_a_usage_error(run):
    result = run("parse", CORE, "--posted-on", "12/05")
    assert result.exit_code == 2
    assert "'12/05' is no date: write 2025-11-24 or today" in result.stderr


def test_a_channel_s_habits_are_used(run, tmp_path):
    (tmp_path / "alert-trader.toml").write_text("[channels.7]\nentry_verbs = ['scooping']\n", encoding="utf-8")
    text = "scooping UBER 78p 12/05 @ 0.75"
    assert json.loads(run("parse", text).stdout)["kind"] == "none"
    assert json.loads(run("parse", text, "--channel", "7").stdout)["kind"] == "entry"
    result = run("parse", text, "--channel", "8")
    assert result.exit_code == 2
    assert "--channel 8 has no habits in alert-trader.toml, which knows 7" in result.stderr


def test_a_labelled_file_is_scored(run, tmp_path):
    line = {"id": "n1", "text": "good morning", "kind": "not_an_alert", "expected": None, "difficulty": "core"}
    (tmp_path / "labelled.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    result = run("parse", "--score", "labelled.jsonl")
    assert result.exit_code == 0
    assert "correct" in result.stdout


def test_a_file_that_is_not_labelled_is_an_input_error(run, tmp_path):
    (tmp_path / "labelled.jsonl").write_text("no json\n", encoding="utf-8")
    result = run("parse", "--score", "labelled.jsonl")
    assert result.exit_code == 1
    assert "Error: labelled.jsonl: line 1: " in result.stderr


@pytest.mark.parametrize("args", [("--score", "missing.jsonl"), ("--score", ".", "text"), ("--channel", "room")])
def test_wrong_usage_exits_2(run, args):
    assert run("parse", *args).exit_code == 2


def test_score_stands_alone(run, tmp_path):
    (tmp_path / "labelled.jsonl").write_text("", encoding="utf-8")
    assert run("parse", "text", "--score", "labelled.jsonl").exit_code == 2


def test_reading_a_text_imports_nothing_heavy():
    program = (
        "import sys\n"
        "from composition.cli import main\n"
        f"main(['parse', {CORE!r}], standalone_mode=False)\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), [name for name in sys.modules if name.startswith('adapters')])\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] []"
