"""What an operator types, and what it asks for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.commands import (
    COMMANDS,
    LISTS,
    AuthRefresh,
    AuthStatus,
    Cancel,
    ChangeAllowlist,
    Close,
    Explain,
    Halt,
    Help,
    Replace,
    Resume,
    ShowAccount,
    ShowAllowlist,
    ShowOrder,
    ShowOrders,
    ShowPositions,
    Status,
    is_command,
    name_of,
    parse,
)
from adapters.discord.views import HELP
from domain.allowlist import ListName

USER_ID = 123456789012345678


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("!tt", Help()),
        ("!tt help", Help()),
        ("  !TT   Status ", Status()),
        ("!tt account", ShowAccount()),
        ("!tt accounts", ShowAccount()),
        ("!tt positions", ShowPositions()),
        ("!tt orders", ShowOrders()),
        ("!tt order 4711", ShowOrder("4711")),
        ("!tt order #T0A1-E1", ShowOrder("T0A1-E1")),
        ("!tt cancel 4711", Cancel("4711")),
        ("!tt replace 4711 1.25", Replace("4711", Decimal("1.25"))),
        ("!tt replace 4711 $.05", Replace("4711", Decimal("0.05"))),
        ("!tt close spy", Close("SPY")),
        ("!tt close $BRK.B", Close("BRK.B")),
        ("!tt close UBER  261205P00078000", Close("UBER  261205P00078000")),
        ("!tt halt", Halt("")),
        ("!tt halt  news\n at two", Halt("news at two")),
        ("!tt resume all clear", Resume("all clear")),
        ("!tt explain BTO UBER 78p 12/05 @ 0.75\nsize small", Explain("BTO UBER 78p 12/05 @ 0.75\nsize small")),
        ("!tt auth status", AuthStatus()),
        ("!tt auth REFRESH", AuthRefresh()),
        ("!allowlist", Help()),
        ("!allowlist list", ShowAllowlist()),
        (f"!allowlist add user {USER_ID}", ChangeAllowlist(ListName.USER, USER_ID, allowed=True)),
        (f"!allowlist remove CHANNEL {USER_ID}", ChangeAllowlist(ListName.CHANNEL, USER_ID, allowed=False)),
        (f"!allowlist add user <@{USER_ID}>", ChangeAllowlist(ListName.USER, USER_ID, allowed=True)),
        (f"!allowlist add user <@!{USER_ID}>", ChangeAllowlist(ListName.USER, USER_ID, allowed=True)),
        (f"!allowlist add channel <#{USER_ID}>", ChangeAllowlist(ListName.CHANNEL, USER_ID, allowed=True)),
    ],
)
def test_a_command_that_is_exactly_right_is_read(text, action):
    assert is_command(text)
    assert parse(text) == action


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!tt dance", "no such command"),
        ("!tt status now", "nothing after it"),
        ("!tt order", "an order id"),
        ("!tt cancel 47 11", "an order id"),
        ("!tt cancel ../etc", "an order id"),
        ("!tt replace 4711", "an order id and a price"),
        ("!tt replace 4711 0", "an order id and a price"),
        ("!tt replace 4711 -1.25", "an order id and a price"),
        ("!tt replace 4711 1e3", "an order id and a price"),
        ("!tt replace 4711 1,25", "an order id and a price"),
        ("!tt replace 4711 \u0661.25", "an order id and a price"),
        ("!tt replace 4711 1.25 now", "an order id and a price"),
        ("!tt close", "a symbol"),
        ("!tt close SPY; rm", "a symbol"),
        ("!tt halt " + "x" * 201, "200 characters"),
        ("!tt explain", "an alert's text"),
        ("!tt auth", "status or refresh"),
        ("!tt auth refresh abc", "secrets are never accepted in chat"),
        ("!tt auth status abc", "secrets are never accepted in chat"),
        ("!allowlist add", "user or channel and an id"),
        ("!allowlist add user", "user or channel and an id"),
        ("!allowlist add user Bob", "user or channel and an id"),
        ("!allowlist add role 5", "user or channel and an id"),
        ("!allowlist add user 12345678901234567890", "user or channel and an id"),
        ("!allowlist add user <#5>", "no id of a user"),
        ("!allowlist add user 5>", "no id of a user"),
        ("!allowlist add channel <@5>", "no id of a channel"),
        ("!allowlist add channel <#5", "no id of a channel"),
        ("!allowlist halt", "no such command"),
    ],
)
def test_anything_else_is_help_with_the_problem(text, words):
    assert is_command(text)
    answer = parse(text)
    assert isinstance(answer, Help)
    assert words in answer.problem


@pytest.mark.parametrize(
    "text", ["", " ", "tt halt", "!ttBTO UBER 78p", "BTO UBER 78p !tt", "! tt halt", "!tts", "`!tt`"]
)
def test_other_talk_is_no_command(text):
    assert not is_command(text)


def test_the_log_names_the_command_and_nothing_that_was_typed_after_it():
    assert name_of("!tt Halt because of my-secret") == "!tt halt"
    assert name_of("!tt my-secret") == "!tt (unknown)"
    assert name_of("!allowlist add user 5") == "!allowlist add"
    assert name_of("!tt") == "!tt (unknown)"


def test_the_help_names_every_command():
    for verb in (*COMMANDS, *LISTS):
        assert f" {verb.removesuffix('s')}" in HELP.replace("add|remove", "add remove")


@given(st.text(max_size=200))
def test_any_text_after_the_prefix_is_read_without_an_error(text):
    assert parse(f"!tt {text}") is not None
    assert parse(f"!allowlist {text}") is not None
    is_command(text)
