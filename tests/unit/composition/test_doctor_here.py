"""What `doctor` finds on this machine, and the log lines that no secret passes through."""

import logging
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite import connection
from adapters.sqlite.audit_log import SqliteAuditLog
from composition import live
from composition.cli import main
from composition.log_lines import MaskingFormatter, secrets_of
from composition.machine import look_at_file, look_at_settings
from composition.settings import load
from domain.policies import Mode
from ports.examination import Outcome

ROOT = Path(__file__).parents[3]
SECRET = "canary-of-the-log-lines"
COMPLETE = {
    "DISCORD_BOT_TOKEN": "canary-token",
    "TASTYTRADE_CLIENT_SECRET": "canary-client",
    "TASTYTRADE_REFRESH_TOKEN": "canary-refresh",
    "TASTYTRADE_ACCOUNT": "5WT00042",
    "ADMIN_API_KEY": "canary-key-0f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "ALLOWED_USERS": "1",
    "ALLOWED_CHANNELS": "2",
    "OPERATOR_CHANNEL": "3",
    "ADMIN_USERS": "4",
}
LIVE = {"TASTYTRADE_USE_SANDBOX": "false", "TASTYTRADE_DRY_RUN": "false", "LIVE_ACCOUNT_CONFIRMED": "5WT00042"}


def found(**changes: str) -> dict[str, Outcome]:
    environ = {name: value for name, value in {**COMPLETE, **changes}.items() if value}
    return {finding.check: finding.outcome for finding in look_at_settings(load(environ))}


def test_complete_settings_are_well():
    assert set(found().values()) == {Outcome.OK}


@pytest.mark.parametrize(
    ("changes", "check", "outcome"),
    [
        ({"DISCORD_BOT_TOKEN": ""}, "settings", Outcome.NO),
        ({"ALLOWED_USERS": ""}, "allowlist", Outcome.NOTE),
        ({"ALLOWED_CHANNELS": ""}, "allowlist", Outcome.NOTE),
        ({"ADMIN_USERS": ""}, "admins", Outcome.NOTE),
        ({"ADMIN_USERS": "", "ADMIN_API_KEY": ""}, "admins", Outcome.NOTE),
        ({"OPERATOR_CHANNEL": ""}, "operator", Outcome.NOTE),
        ({"OPERATOR_CHANNEL": "", **LIVE}, "operator", Outcome.NO),
    ],
)
def test_what_is_missing_is_told(changes, check, outcome):
    assert found(**changes)[check] is outcome


@pytest.mark.parametrize(
    ("missing", "pages"),
    [
        (["DISCORD_BOT_TOKEN"], "docs/discord-setup.md"),
        (["TASTYTRADE_ACCOUNT"], "docs/tastytrade-setup.md"),
        (["ADMIN_API_KEY"], "docs/admin-api.md"),
        (
            ["DISCORD_BOT_TOKEN", "TASTYTRADE_CLIENT_SECRET", "TASTYTRADE_REFRESH_TOKEN"],
            "docs/discord-setup.md, docs/tastytrade-setup.md",
        ),
    ],
)
def test_the_mend_of_what_is_missing_names_the_page_that_tells_how_to_come_by_it(missing, pages):
    settings, *_ = look_at_settings(load({name: text for name, text in COMPLETE.items() if name not in missing}))
    assert settings.mend == f"see {pages}"
    assert all((ROOT / page).is_file() for page in pages.split(", "))


@pytest.mark.parametrize(
    ("empty", "told"),
    [
        (["ALLOWED_USERS"], "ALLOWED_USERS is empty"),
        (["ALLOWED_CHANNELS"], "ALLOWED_CHANNELS is empty"),
        (["ALLOWED_USERS", "ALLOWED_CHANNELS"], "ALLOWED_USERS and ALLOWED_CHANNELS are empty"),
    ],
)
def test_every_list_that_keeps_everybody_from_trading_is_named(empty, told):
    _, allowlist, *_ = look_at_settings(load({name: text for name, text in COMPLETE.items() if name not in empty}))
    assert allowlist.told.startswith(f"{told}: nobody can trade")
    assert allowlist.mend.startswith(f"set {' and '.join(empty)} to the Discord ids")


def test_nobody_needs_to_give_commands_where_there_is_no_discord():
    assert "admins" not in found(ADMIN_USERS="", DISCORD_BOT_TOKEN="")


def test_webhooks_alone_are_somebody_who_can_trade():
    assert found(ALLOWED_USERS="", ALLOWED_WEBHOOKS="9")["allowlist"] is Outcome.OK


def test_a_new_log_will_be_created_and_is_not_created_by_looking(tmp_path):
    log, lock, disk = look_at_file(tmp_path / "data" / "live.sqlite", Mode.LIVE, room=1)
    assert {log.outcome, lock.outcome, disk.outcome} == {Outcome.OK}
    assert "will be created" in log.told
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_told(tmp_path):
    *_, disk = look_at_file(tmp_path / "live.sqlite", Mode.LIVE, room=1 << 60)
    assert disk.outcome is Outcome.NO
    assert "make room" in disk.mend


def test_a_file_that_is_no_log_is_told(tmp_path):
    (tmp_path / "live.sqlite").write_text("shopping list")
    log, *_ = look_at_file(tmp_path / "live.sqlite", Mode.LIVE)
    assert (log.outcome, log.stops) == (Outcome.NO, True)


def begun(path, *, wal):
    """A file as a first start leaves it that ended before its tables were there."""
    path.parent.mkdir(exist_ok=True)
    with closing(connection.writer(path)) as db:
        if wal:
            connection.make_durable(db, str(path))
    assert path.exists()


@pytest.mark.parametrize("wal", [False, True])
def test_a_first_start_that_ended_too_early_can_be_repeated(tmp_path, wal):
    path = tmp_path / "data" / "live.sqlite"
    begun(path, wal=wal)
    log, *_ = look_at_file(path, Mode.LIVE, account="5WT00042", room=1)
    assert (log.outcome, log.stops) == (Outcome.OK, False)
    assert "will be created" in log.told
    SqliteAuditLog.open(path, Mode.LIVE, "5WT00042").close()
    assert "0 rows" in look_at_file(path, Mode.LIVE, account="5WT00042", room=1)[0].told


def test_an_empty_file_that_others_can_read_is_told(tmp_path):
    path = tmp_path / "live.sqlite"
    path.touch(0o644)
    log, *_ = look_at_file(path, Mode.LIVE)
    assert (log.outcome, log.stops, log.mend) == (Outcome.NO, False, f"chmod 600 {path.resolve()}")


@pytest.mark.parametrize("made", ["CREATE TABLE shopping (a)", "CREATE TABLE audit (a)", "CREATE VIEW a AS SELECT 1"])
def test_a_database_of_somebody_else_is_refused(tmp_path, made):
    path = tmp_path / "live.sqlite"
    with closing(connection.writer(path)) as db:
        db.execute(made)
    log, *_ = look_at_file(path, Mode.LIVE)
    assert (log.outcome, log.stops) == (Outcome.NO, True)
    assert "is no audit log of alert-trader" in log.told


def test_a_file_without_mode_in_its_name_is_refused_in_another_mode(tmp_path):
    settings = load({"ALERT_TRADER_DB": str(tmp_path / "log.sqlite")}, tmp_path)
    SqliteAuditLog.open(settings.db_path(Mode.PAPER), Mode.PAPER).close()
    log, *_ = look_at_file(settings.db_path(Mode.LIVE), Mode.LIVE)
    assert (log.outcome, log.stops) == (Outcome.NO, True)
    assert "is of mode paper, `run` would be in mode live" in log.told


def test_no_line_of_the_log_shows_a_secret():
    formatter = MaskingFormatter((SECRET,))
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError(f"sent {SECRET} to the wrong place")
    trace = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("discord.http", logging.DEBUG, __file__, 1, "header %s", (f"Bot {SECRET}",), trace)
    line = formatter.format(record)
    assert "header Bot ****" in line
    assert "RuntimeError: sent **** to" in line
    assert SECRET not in line


def test_a_line_of_the_log_cannot_steer_the_terminal():
    record = logging.LogRecord("room", logging.INFO, __file__, 1, "said %s", ("\x1b]0;x\x07\u202eone\ntwo",), None)
    assert MaskingFormatter(()).format(record).endswith("INFO room: said  ]0;x  one\ntwo")


def test_all_secret_settings_are_masked():
    assert set(secrets_of(load(COMPLETE))) == {value for value in COMPLETE.values() if value.startswith("canary")}


def test_a_bug_ends_the_run_with_1_and_a_traceback_without_secrets(monkeypatch, tmp_path, capfd):
    def broken(*_: object, **__: object) -> int:
        raise RuntimeError(f"sent {COMPLETE['DISCORD_BOT_TOKEN']} to the wrong place")

    monkeypatch.setattr(live, "run_live", broken)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # what the command puts there goes with the test
    monkeypatch.chdir(tmp_path)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main(["run"])
    shown = capfd.readouterr().err
    assert ended.value.code == 1
    assert "RuntimeError: sent **** to" in shown
    assert COMPLETE["DISCORD_BOT_TOKEN"] not in shown
