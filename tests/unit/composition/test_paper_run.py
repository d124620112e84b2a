"""The paper desk as its user runs it: the whole process in one call, at high speed, on a file of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.reader import AuditReader
from composition.cli import main
from domain.policies import Mode
from tests.wire.ports import free_port

ROOT = Path(__file__).parents[3]
ALERT = "Alert: BTO SPY 500c 0DTE @ 1.20"
# The desk lives in the present, so expiries are written from today on.
TODAY = datetime.now(UTC)
EXPIRY = f"{TODAY + timedelta(days=20):%m/%d}"
HOUR_AGO = (TODAY - timedelta(hours=1)).isoformat()
BTO = f"BTO UBER 78p {EXPIRY} @ 0.75"


@pytest.fixture
def paper(tmp_path, monkeypatch):
    """Return a call that runs `paper` on the same database each time, with these lines on standard input."""
    monkeypatch.chdir(tmp_path)
    # At this pace a market second is ten milliseconds: what a busy machine takes must not make quotes or alerts old.
    monkeypatch.setenv("RISK_MAX_QUOTE_AGE", "60")
    monkeypatch.setenv("GATE_MAX_ALERT_AGE", "600")

    def run(*lines, options=()):
        text = "".join(f"{line}\n" for line in lines)
        arguments = ["paper", "--alerts", "-", "--speed", "100", "--exit-when-idle", *options]
        return CliRunner().invoke(main, arguments, input=text)

    run.path = tmp_path / "data" / "paper.sqlite"
    return run


def rows(paper, kind):
    with AuditReader(paper.path) as reader:
        return [row for row in reversed(reader.rows(limit=1000)) if row.kind == kind]


def test_an_alert_is_placed_filled_and_half_of_it_covered_at_twice_the_price(paper):
    result = paper(ALERT)
    assert result.exit_code == 0, result.output
    for word in ("placed", "filled", "exit placed"):
        assert word in result.stdout
    bought = sum(row.body["fill"]["quantity"] for row in rows(paper, "OrderFilled"))
    exits = [row.body["order"] for row in rows(paper, "SubmitOrder") if row.body["order"]["role"] == "X"]
    assert sum(order["quantity"] for order in exits) == bought // 2
    assert {(order["time_in_force"], order["side"]) for order in exits} == {("GTC", "SELL_TO_CLOSE")}


def test_the_log_verifies_and_tells_the_same_story(paper):
    paper(ALERT)
    assert CliRunner().invoke(main, ["audit", "verify"]).exit_code == 0
    story = CliRunner().invoke(main, ["audit", "show", "latest"]).stdout
    assert re.search(r"placed.*filled.*exit placed", story, re.DOTALL)


def test_json_lines_carry_every_row_and_nothing_else(paper):
    result = paper(ALERT, options=["--json"])
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = {event["kind"] for event in events}
    assert {"AlertReceived", "SubmitOrder", "OrderAccepted", "OrderFilled"} <= kinds
    assert {event["mode"] for event in events} == {"paper"}


def test_the_same_message_again_is_a_duplicate_also_after_a_restart(paper):
    line = json.dumps({"text": BTO, "message_id": "m1"})
    paper(line)
    result = paper(line)
    assert "duplicate" in result.stdout
    assert [row.body["code"] for row in rows(paper, "Denied")] == ["duplicate"]
    assert len({row.trade_id for row in rows(paper, "SubmitOrder")}) == 1


def test_a_position_outlives_the_process(paper):
    paper(ALERT)
    result = paper()
    assert "Went on from the log" in result.output
    assert "Held: 10 SPY 500c" in result.output


def test_a_stranger_s_text_cannot_steer_the_terminal(paper):
    result = paper(json.dumps({"text": "BTO \x1b]0;x\x07\u202e\ud800"}), '{"text": "\x1b]0;x\x07"')
    assert "]0;x" in result.stdout
    assert "Error: line 2" in result.stderr
    assert all(line.isprintable() for line in result.output.splitlines())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (json.dumps({"text": BTO, "user_id": 99, "channel_id": 7}), "not_allowed"),
        (json.dumps({"text": BTO, "posted_at": HOUR_AGO}), "stale"),
        (f"BTO UBER 78p {EXPIRY}/{TODAY.year + 5} @ 0.75", "no_such_contract"),
        (f"BTO UBER 78.37p {EXPIRY} @ 0.75", "no_such_contract"),
        (f"BTO SPX 6900c {EXPIRY} @ 180.50", "allocation_too_small"),
        (f"STC UBER 78p {EXPIRY}", "no_position"),
        (f"STO UBER 78p {EXPIRY} @ 0.75", "unsupported_action"),
    ],
    # Lines hold today's date; names of tests do not.
    ids=["stranger", "stale", "expiry", "strike", "allocation", "position", "action"],
)
def test_what_is_not_traded_has_its_own_code_and_no_order(paper, line, code):
    result = paper(line)
    assert [row.body["code"] for row in rows(paper, "Denied")] == [code], result.output
    assert rows(paper, "SubmitOrder") == []


def test_bad_lines_are_named_and_the_good_ones_trade(paper):
    result = paper("{bad", ALERT, '{"text": 5}')
    assert result.exit_code == 1
    assert "line 1" in result.stderr
    assert "line 3" in result.stderr
    assert "exit placed" in result.stdout


def test_a_log_that_another_process_writes_is_refused_by_name(paper):
    log = SqliteAuditLog.open(paper.path, Mode.PAPER)
    try:
        result = paper(ALERT)
    finally:
        log.close()
    assert result.exit_code == 2
    assert str(paper.path) in result.stderr


def test_a_broken_paper_account_stops_the_start(paper):
    paper(ALERT)
    paper.path.with_suffix(".account.json").write_text("{", encoding="utf-8")
    result = paper(ALERT)
    assert result.exit_code == 2
    assert "paper.account.json" in result.stderr


def test_a_scenario_that_cannot_be_read_stops_the_start(paper, tmp_path):
    scenario = tmp_path / "day.toml"
    scenario.write_text("[[quote]]\n", encoding="utf-8")
    result = paper(ALERT, options=["--scenario", str(scenario)])
    assert result.exit_code == 2
    assert "day.toml" in result.stderr


def spoken(path, *arguments, feed, until, then):
    """Run `paper` as a process with a pipe as its input, do `then` once it has said `until`; return code and words."""
    command = (sys.executable, "-m", "composition.entry", "paper", "--port", str(free_port()), *arguments)
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=path, env=env, text=True, **pipes) as run:  # noqa: S603 - our own program
        run.stdin.write(feed)
        run.stdin.flush()
        words = ""
        while until not in words:
            line = run.stdout.readline()
            assert line, words
            words += line
        then(run)
        words += run.stdout.read()
        return run.wait(timeout=30), words


def stop(run):
    run.send_signal(signal.SIGTERM)


def test_what_still_works_is_named_at_the_end(tmp_path):
    code, words = spoken(tmp_path, "--alerts", "-", feed="BTO UBER 78p 3DTE @ 0.75\n", until="accepted", then=stop)
    assert code == 0, words
    assert re.search(r"Still working: buy 10 UBER 78p .* @ 0\.\d\d \(order \d+\)", words)
    assert "Nothing is held." in words


def test_input_that_nobody_reads_is_told_with_the_option_that_reads_it(tmp_path):
    code, words = spoken(tmp_path, feed=f"{ALERT}\n", until="--alerts - to trade its lines", then=stop)
    assert code == 0, words
    assert "Nothing is held, and no order works." in words


def test_a_pipe_whose_writer_is_silent_does_not_hold_up_the_end(tmp_path):
    os.mkfifo(tmp_path / "room")
    writer = threading.Thread(target=lambda: opened.append((tmp_path / "room").open("w")), daemon=True)
    opened = []
    writer.start()
    code, words = spoken(tmp_path, "--alerts", "room", feed="", until="Admin API", then=stop)
    assert code == 0, words
    opened[0].close()


def test_a_key_of_the_admin_api_that_is_too_short_is_a_setting_that_is_wrong(paper, monkeypatch):
    monkeypatch.setenv("ADMIN_API_KEY", "short")
    for result in (paper(ALERT), CliRunner().invoke(main, ["config", "check"])):
        assert result.exit_code == 2
        assert "ADMIN_API_KEY has 5 characters, at least 16 are needed" in result.stderr
        assert "short" not in result.stderr.replace("too short", "")
