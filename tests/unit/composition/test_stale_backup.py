"""A log that was taken back to an older state: no desk starts on it unless somebody accepts what is lost."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from adapters.sqlite.heads import HeadKeeper
from adapters.sqlite.reader import AuditReader
from composition.cli import main
from composition.loss import accept
from composition.settings import table
from domain.events import ResumeRequested
from domain.orders import Side
from tests.steps.desk import PaperDesk

ALERT = "Alert: BTO SPY 500c 0DTE @ 1.20"
EXPIRY = f"{datetime.now(UTC) + timedelta(days=20):%m/%d}"
OTHER = f"BTO UBER 78p {EXPIRY} @ 0.75"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what `alert-trader ARGS` gives in a directory of its own; `paper` trades the lines that are given."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={**dict.fromkeys(table()), "RISK_MAX_QUOTE_AGE": "60", "GATE_MAX_ALERT_AGE": "600"})

    def invoke(*args, lines=()):
        if args == ("paper",):
            args = ("paper", "--alerts", "-", "--speed", "100", "--exit-when-idle")
        return runner.invoke(main, args, input="".join(f"{line}\n" for line in lines))

    return invoke


@pytest.fixture
def log(run, tmp_path):
    """A paper log of a run, and beside it, as `older.sqlite`, a backup from before its last run."""
    path = tmp_path / "data" / "paper.sqlite"
    assert run("paper", lines=[ALERT]).exit_code == 0
    backup(path, tmp_path / "older.sqlite")
    assert run("paper", lines=[OTHER]).exit_code == 0
    return path


def backup(source, target):
    with closing(sqlite3.connect(source)) as conn:
        conn.execute("VACUUM INTO ?", (str(target),))


def restore(older, path):
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copy(older, path)


def head(path):
    with AuditReader(path) as reader:
        return reader.head()


def test_a_run_signs_at_its_start_and_its_end_and_verify_says_so(run, log):
    result = run("audit", "verify")
    assert result.exit_code == 0
    assert re.search(
        rf"Signed heads: 4 in .*paper\.sqlite\.heads, all true; the newest is of row {head(log).seq},", result.stdout
    )


def test_a_key_that_was_noted_tells_a_log_that_was_made_anew(run, log):
    noted = run("audit", "key").stdout.strip()
    assert run("audit", "verify", "--key", noted).exit_code == 0
    for ending in ("", "-wal", "-shm", ".heads", ".key", ".snapshot"):
        log.with_name(log.name + ending).unlink(missing_ok=True)
    run("paper", lines=[OTHER])
    assert run("audit", "verify").exit_code == 0  # whoever does not name a key is told which one it is
    result = run("audit", "verify", "--key", noted)
    assert result.exit_code == 1
    assert "BAD: 0 of the 2 signed heads" in result.stdout
    assert "all true" not in result.stdout
    log.with_name(f"{log.name}.heads").unlink()
    assert run("audit", "verify", "--key", noted).exit_code == 1


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [("--key", "00", "--key 00 is no public key"), ("--heads", "nowhere", "--heads nowhere: there is no such file")],
)
def test_a_key_that_is_none_and_heads_that_are_not_there_are_refused(run, log, option, value, told):
    result = run("audit", "verify", option, value)
    assert result.exit_code == 2
    assert told in result.stderr


def test_the_refusal_of_a_start_names_the_command_with_its_files(run, log, tmp_path):
    restore(tmp_path / "older.sqlite", log)
    refused = run("paper", lines=[OTHER]).stderr
    command = re.search(r"`alert-trader (audit accept-loss [^`]*)`", refused)[1]
    result = run(*command.split(), "--no-order-since")
    assert result.exit_code == 0, result.output
    assert run("paper", lines=[OTHER]).exit_code == 0


def test_a_stale_backup_is_refused_at_the_start_with_rows_instants_and_mends(run, log, tmp_path):
    newest, older = head(log), head(tmp_path / "older.sqlite")
    restore(tmp_path / "older.sqlite", log)
    result = run("paper", lines=[OTHER])
    assert result.exit_code == 2
    assert f"row {older.seq + 1} is missing: row {newest.seq} was signed at 20" in result.stderr
    assert re.search(rf"the log ends with row {older.seq} of 20\d\d-\d\d-\d\d .* UTC", result.stderr)
    for mend in ("Put the newest file back", "audit accept-loss", "docs/audit.md"):
        assert mend in result.stderr
    assert head(log) == older
    assert "placed" not in result.stdout


def test_verify_names_what_is_missing(run, log, tmp_path):
    newest, older = head(log), head(tmp_path / "older.sqlite")
    restore(tmp_path / "older.sqlite", log)
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert f"BAD: row {older.seq + 1} is missing: row {newest.seq} was signed" in result.stdout


def test_the_newest_file_put_back_starts_again(run, log, tmp_path):
    backup(log, tmp_path / "newest.sqlite")
    restore(tmp_path / "older.sqlite", log)
    assert run("paper").exit_code == 2
    restore(tmp_path / "newest.sqlite", log)
    assert run("paper").exit_code == 0


def test_a_backup_that_was_gone_on_from_without_its_heads_is_refused_once_they_are_back(run, log, tmp_path):
    heads = log.with_name("paper.sqlite.heads")
    away = heads.rename(tmp_path / "away")
    restore(tmp_path / "older.sqlite", log)
    assert run("paper", lines=[OTHER]).exit_code == 0
    assert run("paper", lines=[OTHER]).exit_code == 0
    away.rename(heads)
    result = run("paper")
    assert result.exit_code == 2
    assert "is not the one that was kept" in result.stderr


def test_another_log_in_its_place_is_refused_and_cannot_be_accepted(run, log):
    log.rename(log.with_suffix(".moved"))
    result = run("paper")
    assert result.exit_code == 2
    assert "as the end of another log" in result.stderr
    assert "move that file away" in result.stderr
    result = run("audit", "accept-loss", "--no-order-since")
    assert result.exit_code == 2
    assert "another log" in result.stderr


def test_heads_on_another_disk_are_held_to_although_the_whole_folder_was_taken_back(run, tmp_path):
    share = tmp_path / "share"
    share.mkdir()
    runner = CliRunner(env={**dict.fromkeys(table()), "ALERT_TRADER_HEADS": str(share / "MODE.heads")})
    arguments = ["paper", "--alerts", "-", "--speed", "100", "--exit-when-idle"]
    assert runner.invoke(main, arguments, input=f"{ALERT}\n").exit_code == 0
    assert (share / "paper.heads").exists()
    shutil.copytree("data", "older")
    assert runner.invoke(main, arguments, input=f"{OTHER}\n").exit_code == 0
    shutil.rmtree("data")
    shutil.copytree("older", "data")
    result = runner.invoke(main, arguments, input="")
    assert result.exit_code == 2
    assert str(share / "paper.heads") in result.stderr


def test_a_place_for_heads_that_is_not_there_stops_nothing_and_is_told(run, tmp_path):
    runner = CliRunner(env={**dict.fromkeys(table()), "ALERT_TRADER_HEADS": str(tmp_path / "away" / "a.heads")})
    result = runner.invoke(
        main, ["paper", "--alerts", "-", "--speed", "1", "--exit-when-idle"], input="good morning everyone\n"
    )
    assert result.exit_code == 0
    assert not (tmp_path / "away").exists()


# ---- the loss accepted -----------------------------------------------------------------------------------------------


def test_a_loss_is_not_accepted_without_the_words(run, log, tmp_path):
    restore(tmp_path / "older.sqlite", log)
    before, kept = head(log), log.with_name("paper.sqlite.heads").read_bytes()
    result = run("audit", "accept-loss")
    assert result.exit_code == 2
    assert "nothing is changed" in result.stderr
    assert (head(log), log.with_name("paper.sqlite.heads").read_bytes()) == (before, kept)


def test_an_accepted_loss_is_in_the_log_halts_entries_and_lets_the_desk_start(run, log, tmp_path):
    older = head(tmp_path / "older.sqlite")
    restore(tmp_path / "older.sqlite", log)
    result = run("audit", "accept-loss", "--no-order-since", "--by", "Kim")
    assert result.exit_code == 0, result.output
    assert f"Accepted by Kim: rows {older.seq + 1} to" in result.stdout
    with AuditReader(log) as reader:
        rows = [row for row in reversed(reader.rows()) if row.seq > older.seq]
    assert [row.kind for row in rows] == ["HaltRequested", "TradingHalted", "Notify"]
    assert rows[0].body["by"] == "Kim"
    assert f"rows {older.seq + 1} to" in rows[0].body["reason"]
    started = run("paper", lines=[OTHER])
    assert started.exit_code == 0, started.output
    assert "halted" in started.stdout
    verified = run("audit", "verify")
    assert verified.exit_code == 0
    assert "void by an accepted loss" in verified.stdout
    assert run("audit", "accept-loss", "--no-order-since").exit_code == 2


def test_what_is_not_lost_cannot_be_accepted(run, log):
    result = run("audit", "accept-loss", "--no-order-since")
    assert result.exit_code == 2
    assert "nothing is lost, start the desk" in result.stderr


def test_a_loss_is_not_accepted_under_a_desk_at_work(run, log, tmp_path):
    restore(tmp_path / "older.sqlite", log)
    from adapters.sqlite.audit_log import SqliteAuditLog
    from domain.policies import Mode

    with closing(SqliteAuditLog.open(log, Mode.PAPER)):
        result = run("audit", "accept-loss", "--no-order-since")
    assert result.exit_code == 2
    assert "is in use" in result.stderr


def test_after_an_accepted_loss_the_desk_takes_up_what_the_broker_shows(tmp_path):
    """The backup knows an entry at work; since then it filled, and no order was sent by the time the machine died."""
    desk = PaperDesk(tmp_path)
    desk.on_disk = True
    desk.set("RISK_MAX_CONTRACTS", "4")
    desk.post("BTO UBER 78p 12/05 @ 0.75")
    backup(desk.log_path, tmp_path / "older.sqlite")
    keeper = keeper_of(desk)
    desk.post("good morning everyone")
    desk.stop()
    keeper.keep(head(desk.log_path), desk.now)
    order = desk.live(Side.BUY_TO_OPEN)
    desk.simulated.broker.fill(order.broker_order_id, 4, None, desk.now)
    restore(tmp_path / "older.sqlite", desk.log_path)
    accept(desk.log_path, keeper.path, "Kim", desk.now)
    desk.start()
    desk.pass_time(5)
    assert desk.live(Side.SELL_TO_CLOSE).leaves == 2
    desk.post("BTO UBER 79p 12/05 @ 0.75")
    assert [row.body.code for row in desk.recorded("Denied")] == ["halted"]
    assert "of the log, as they were signed, are lost" in " ".join(notice.text for notice in desk.pager.notices)
    desk.request(ResumeRequested("Kim", "looked at the account"))
    assert not desk.runtime.state.halts
    desk.check_books()
    desk.close()


def keeper_of(desk):
    with AuditReader(desk.log_path) as reader:
        return HeadKeeper(desk.log_path, None, reader.about().database_id)


# ---- two desks -------------------------------------------------------------------------------------------------------


def test_a_second_desk_of_the_same_log_ends_at_once_as_a_process_does(tmp_path):
    environ = {name: value for name, value in os.environ.items() if name not in table()}
    command = [sys.executable, "-m", "composition.cli", "paper", "--alerts", "-", "--exit-when-idle", "--port"]
    with subprocess.Popen(  # noqa: S603 - this interpreter, our own code
        [*command, "18411"], cwd=tmp_path, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert "Paper desk" in first.stdout.readline()
        second = subprocess.run(  # noqa: S603
            [*command, "18412"],
            cwd=tmp_path,
            env=environ,
            input=f"{ALERT}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert "paper.sqlite is in use: another alert-trader is writing to it, stop that one first" in second.stderr
        assert second.stdout == ""
        first.communicate()  # its input ends, and so does it
    assert first.returncode == 0
