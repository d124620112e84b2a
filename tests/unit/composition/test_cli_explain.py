"""`explain`: what the desk would make of a message, check by check, without an order."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from click.testing import CliRunner

from adapters.simulated.exchange.ledger import STARTING_CASH
from composition.cli import main
from composition.explaining import as_dict, exit_of, explain_message, ladder_of
from composition.settings import load, table
from domain.policies import Mode
from domain.risk import LIMIT_CHECKS, MARKET_CHECKS

MONDAY = datetime(2025, 11, 24, 15, 30, tzinfo=UTC)
ENTRY = "Alert: BTO UBER 78p 12/05 @ 0.75"
ROOM = 20


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what `alert-trader ARGS` gives in an empty directory, whatever is set where the tests run."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env=dict.fromkeys((*table(), "NO_COLOR")))
    return lambda *args, **more: runner.invoke(main, args, **more)


@pytest.fixture
def explained(tmp_path):
    """Return the explanation of a text posted on a Monday, under settings as in the environment given."""

    def explanation(text, **environ):
        return explain_message(text, MONDAY, load(environ, tmp_path).policies(Mode.PAPER), ROOM)

    return explanation


def test_an_entry_shows_its_contract_its_checks_and_that_it_would_trade(explained):
    found = explained(ENTRY)
    assert found.would_trade
    assert found.contract.label == "UBER 78p 2025-12-05"
    names = [check.name for check in found.assessment.checks]
    assert names == [*MARKET_CHECKS, "price", *LIMIT_CHECKS, "size", "premium at risk", "buying power"]


def test_the_size_is_worked_out_on_a_fresh_account(explained):
    sizing = explained("Lotto: BTO UBER 78p 12/05 @ 0.75").assessment.sizing
    assert sizing.allocation == STARTING_CASH * 5 / 100
    assert sizing.quantity == 10


def test_the_ladder_names_each_step_with_its_instant(explained):
    found = explained(ENTRY)
    rungs = ladder_of(found)
    assert [round(seconds, 1) for seconds, _ in rungs] == [0, 20, 43.3, 66.7]
    prices = [price for _, price in rungs]
    assert prices[0] == found.assessment.plan.start
    assert [after - before for before, after in pairwise(prices)] == [Decimal("0.01")] * 3


def test_a_step_past_the_chase_limit_is_not_taken(explained):
    prices = [price for _, price in ladder_of(explained("BTO UBER 78p 12/05 @ 0.75", ENTRY_MAX_CHASE="0"))]
    assert max(prices) <= Decimal("0.75")
    assert len(prices) == 4


def test_the_exit_covers_the_fraction_at_the_target(explained):
    found = explained(ENTRY)
    offer = exit_of(found)
    assert offer["quantity"] == found.assessment.sizing.quantity // 2
    assert offer["price"] == found.assessment.plan.start * 2


@pytest.mark.parametrize(
    ("text", "environ", "check", "code"),
    [
        ("good morning", {}, "grammar", "no_order"),
        ("STC UBER 78p 12/05 @ 1.50", {}, "position", "no_position"),
        ("STO UBER 78p 12/05 @ 1.50", {}, "action", "unsupported_action"),
        (ENTRY, {"INSTRUMENTS": "equity"}, "instrument", "instrument_disabled"),
        ("BTO UBER 78.3p 12/05 @ 0.75", {}, "contract", "no_such_contract"),
        (ENTRY, {"SIZE_ALLOCATION": "0.1"}, "size", "allocation_too_small"),
        (ENTRY, {"RISK_MAX_PREMIUM_AT_RISK": "1"}, "premium at risk", "premium_at_risk"),
    ],
)
def test_the_first_obstacle_is_named_with_its_check_and_code(explained, text, environ, check, code):
    obstacle = explained(text, **environ).obstacle
    assert (obstacle.check, obstacle.code) == (check, code)


def test_a_channel_of_the_settings_is_read_and_sized_as_such(run, tmp_path):
    (tmp_path / "alert-trader.toml").write_text(
        "[channels.7]\nsize = 50\nentry_verbs = ['scooping']\n", encoding="utf-8"
    )
    text = "scooping UBER 78p 1DTE @ 0.75"
    assert run("explain", text).exit_code == 1
    result = run("explain", text, "--channel", "7", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["sizing"]["allocation"] == "2500.00"


def test_the_market_is_always_open_unless_it_keeps_its_hours(run):
    calendars = [
        json.loads(run("explain", ENTRY, "--json", *more).stdout)["calendar"] for more in ((), ("--market-hours",))
    ]
    assert calendars == ["always_open", "XNYS"]


def test_a_closed_market_is_an_obstacle(tmp_path):
    policies = load({}, tmp_path).policies(Mode.PAPER, market_hours=True)
    found = explain_message(ENTRY, MONDAY.replace(hour=23), policies, ROOM)
    assert (found.obstacle.check, found.obstacle.code) == ("session", "market_closed")


def test_the_page_says_everything_in_words(run):
    result = run("explain", "Alert: BTO UBER 78p 1DTE @ 0.75")
    assert result.exit_code == 0
    for told in ("Words", "option entry", "price against market", "50,000.00", "never above 0.90", "sell 5 @"):
        assert told in result.stdout
    assert "It would trade: buy 10 UBER 78p" in result.stdout


def test_a_message_that_would_not_trade_exits_1_and_names_the_check(run):
    result = run("explain", "STO UBER 78p 1DTE @ 0.75")
    assert result.exit_code == 1
    assert "It would not trade. action: unsupported_action" in result.stdout


@pytest.mark.parametrize(
    "text", ["\x1b]0;x\x07 UBER \u202e", f"{ENTRY} \x1b]0;x\x07\u202e", "BTO \u202eUBER\x1b[2J 78p"]
)
def test_a_stranger_s_text_cannot_steer_the_terminal(run, text):
    told = run("explain", text).stdout
    assert "UBER" in told
    assert all(line.isprintable() for line in told.splitlines())


def test_json_says_the_same_to_machines(run, explained):
    result = run("explain", "BTO UBER 78p 1DTE @ 0.75", "--json")
    told = json.loads(result.stdout)
    assert told["would_trade"] is True
    assert told["obstacle"] is None
    assert set(told) == set(as_dict(explained("good morning")))
    assert [check["code"] for check in told["checks"]] == [None] * len(told["checks"])


def test_json_of_a_message_that_is_no_alert_has_no_contract(explained):
    told = as_dict(explained("good morning"))
    assert (told["alert"], told["contract"], told["checks"], told["ladder"], told["exit"]) == (None, None, [], [], None)
    assert told["obstacle"]["code"] == "no_order"


def test_wrong_settings_are_refused_before_anything_is_explained(run):
    result = run("explain", ENTRY, env={"ENTRY_WINDOW": "soon"})
    assert result.exit_code == 2
    assert "Error: ENTRY_WINDOW = 'soon' (environment): write a number of seconds" in result.stderr


def test_colours_are_for_terminals_that_want_them(run):
    assert "\x1b[" not in run("explain", "hi").stdout
    assert "\x1b[" in run("explain", "hi", color=True).stdout
    assert "\x1b[" not in run("explain", "hi", color=True, env={"NO_COLOR": "1"}).stdout
