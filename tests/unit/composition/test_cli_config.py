"""`config`, the top of the command line, and the options of `paper`."""

import json
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from composition import commands
from composition.cli import COMMANDS, main
from composition.settings import table


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what `alert-trader ARGS` gives in an empty directory, whatever is set where the tests run."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env=dict.fromkeys(table()))
    return lambda *args, **more: runner.invoke(main, args, **more)


def test_show_lists_every_setting_with_its_value_and_origin(run, tmp_path):
    (tmp_path / ".env").write_text("ENTRY_WINDOW=60\nADMIN_API_KEY=hunter2-hunter2-hunter2\n", encoding="utf-8")
    result = run("config", "show", env={"RISK_MAX_CONTRACTS": "5"})
    assert result.exit_code == 0
    lines = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line.startswith("  ")}
    assert set(lines) == set(table())
    assert lines["ENTRY_WINDOW"] == ["60", ".env", "line", "1"]
    assert lines["RISK_MAX_CONTRACTS"] == ["5", "environment"]
    assert lines["ALLOWED_USERS"] == ["-", "default"]
    assert lines["ADMIN_API_KEY"] == ["****", ".env", "line", "2"]
    assert "hunter2-hunter2-hunter2" not in result.output


def test_show_as_json_is_one_object_by_name(run, tmp_path):
    (tmp_path / "alert-trader.toml").write_text("[labels.lotto]\nsize = 4\n", encoding="utf-8")
    shown = json.loads(run("config", "show", "--json", env={"DISCORD_BOT_TOKEN": "hunter2-hunter2-hunter2"}).stdout)
    assert shown["ENTRY_WINDOW"] == {"value": "90", "origin": "default"}
    assert shown["DISCORD_BOT_TOKEN"] == {"value": "****", "origin": "environment"}
    assert shown["OPERATOR_USER"] == {"value": None, "origin": "default"}
    assert shown["labels.lotto.size"] == {"value": "4", "origin": "alert-trader.toml"}


def test_check_says_which_mode_run_would_be_in_and_who_may_trade(run):
    result = run("config", "check", env={"TASTYTRADE_DRY_RUN": "false", "ALLOWED_USERS": "1"})
    assert result.exit_code == 0
    assert "`run` would be in mode sandbox" in result.stdout
    assert "ALLOWED_CHANNELS is empty" in result.stdout
    assert "ALLOWED_USERS is empty" not in result.stdout


def test_check_lists_all_problems_and_exits_2(run):
    result = run("config", "check", env={"ENTRY_WINDOW": "soon", "DISCORD_TOKEN": "hunter2-hunter2-hunter2"})
    assert result.exit_code == 2
    assert "Error: 2 settings are wrong:\n  DISCORD_TOKEN (environment) is no setting" in result.stderr
    assert "  ENTRY_WINDOW = 'soon' (environment): write a number of seconds" in result.stderr
    assert "hunter2-hunter2-hunter2" not in result.output


def test_check_refuses_what_is_unclear_about_live(run):
    result = run("config", "check", env={"TASTYTRADE_DRY_RUN": "false", "TASTYTRADE_USE_SANDBOX": "false"})
    assert result.exit_code == 2
    assert "Error: TASTYTRADE_ACCOUNT is not set" in result.stderr


@pytest.mark.parametrize("args", [("config", "show"), ("paper",), ("audit", "recent"), ("explain", "hi")])
def test_no_command_starts_on_wrong_settings(run, args):
    result = run(*args, env={"RISK_MAX_CONTRACTS": "0"})
    assert result.exit_code == 2
    assert "Error: RISK_MAX_CONTRACTS must be between 1 and 50, got 0 (environment)" in result.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--speed", "0"), "0.0 is not in the range"),
        (("--speed", "fast"), "'fast' is not a valid float"),
        (("--seed", "-1"), "-1 is not in the range"),
        (("--port", "70000"), "70000 is not in the range"),
        (("--alerts", "missing.txt"), "'missing.txt' does not exist"),
        (("--scenario", "missing.toml"), "'missing.toml' does not exist"),
        (("--db", "."), "is a directory"),
    ],
)
def test_a_wrong_option_of_paper_is_named(run, args, told):
    result = run("paper", *args)
    assert result.exit_code == 2
    assert told in result.stderr
    assert args[0] in result.stderr


def test_the_version_is_the_package_s(run):
    assert run("--version").stdout == f"alert-trader {version('alert-trader')}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    context = click.Context(main)
    assert main.get_command(context, name).short_help in run("--help").stdout


def test_every_command_s_module_is_listed():
    names = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    holders = {name for name in names if name in vars(import_module(f"composition.commands.{name}"))}
    assert set(COMMANDS) == holders


def test_an_unknown_command_exits_2(run):
    result = run("trade")
    assert result.exit_code == 2
    assert "Error: No such command 'trade'" in result.stderr
