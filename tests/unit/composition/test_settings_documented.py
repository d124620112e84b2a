"""Every setting is in the documentation and in the examples, with the default that holds."""

import re
import shutil
from pathlib import Path

import pytest
from attrs import fields

from composition.settings import Settings, load, table
from composition.settings.meanings import AREAS, MEANINGS
from composition.settings.table import areas
from domain.grammar.profile import ChannelProfile
from domain.policies import Policies

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")

# Names that users and scripts rely on. A renamed field of a policy would rename a setting in silence.
RELIED_ON = """
ALLOWED_USERS ALLOWED_CHANNELS ALLOWED_WEBHOOKS ADMIN_USERS OPERATOR_CHANNEL OPERATOR_USER DISCORD_BOT_TOKEN
TASTYTRADE_CLIENT_SECRET TASTYTRADE_REFRESH_TOKEN TASTYTRADE_ACCOUNT TASTYTRADE_DRY_RUN TASTYTRADE_USE_SANDBOX
ADMIN_API_KEY ADMIN_API_HOST ADMIN_API_PORT ALERT_TRADER_DB ALERT_TRADER_HEADS LIVE_ACCOUNT_CONFIRMED
ENTRY_INITIAL_WAIT ENTRY_WINDOW ENTRY_MAX_INCREMENTS ENTRY_CONVERSION ENTRY_ON_EXHAUSTED ENTRY_MAX_CHASE
ENTRY_TRADE_WITHOUT_QUOTE EXIT_FRACTION EXIT_TARGET EXIT_MIN SIZE_ALLOCATION SIZE_MIN_CONTRACTS
SIZE_HONOR_ALERT_QUANTITY RISK_MAX_CONTRACTS RISK_MAX_PREMIUM RISK_MAX_POSITIONS GATE_MAX_ALERT_AGE
GATE_DEDUPE_WINDOW GATE_OTHER_AUTHOR INSTRUMENTS TRIM_FRACTION MARKET FEE_PER_CONTRACT
TASTYTRADE_API_URL TASTYTRADE_STREAMER_URL DISCORD_API_URL DISCORD_GATEWAY_URL
"""


@pytest.mark.parametrize("name", RELIED_ON.split())
def test_the_names_that_users_rely_on_are_settings(name):
    assert name in table()


@pytest.mark.parametrize("name", table())
def test_a_setting_is_documented_with_its_default_kind_and_meaning(name):
    setting = table()[name]
    row = f"| `{name}` | {setting.default or 'none'} | {setting.type_name} | {setting.meaning} |"
    assert row in PAGE.splitlines()


def test_the_page_documents_no_setting_that_is_none():
    assert set(re.findall(r"^\| `([A-Z_]+)` \| .* \| .* \| ", PAGE, re.MULTILINE)) == set(table())


@pytest.mark.parametrize("name", table())
def test_a_setting_stands_in_the_example_with_its_default_and_meaning(name):
    setting = table()[name]
    assert f"# {setting.meaning} ({setting.type_name})\n# {name}={setting.default}\n" in EXAMPLE


def test_the_example_is_remarks_only_so_that_a_copy_changes_nothing():
    assert all(line.startswith("#") for line in EXAMPLE.splitlines() if line)


def test_the_example_without_its_remark_signs_says_the_defaults(tmp_path):
    lines = re.findall(r"^# ([A-Z_]+=.*)$", EXAMPLE, re.MULTILINE)
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    settings = load({}, tmp_path)
    assert len(lines) == len(table())
    assert settings.desk == Policies()
    for name, setting in table().items():
        if setting.owner is Settings:
            assert getattr(settings, setting.field) == setting.attribute.default, name


def test_the_example_of_policies_loads_and_names_every_habit(tmp_path):
    shutil.copy(ROOT / "alert-trader.example.toml", tmp_path / "alert-trader.toml")
    settings = load({}, tmp_path)
    (channel,) = settings.desk.profiles
    shown = {entry.name for entry in settings.effective}
    assert {f"channels.{channel}.{attribute.name}" for attribute in fields(ChannelProfile)} <= shown


def test_every_habit_is_on_the_page():
    for attribute in fields(ChannelProfile):
        assert f"| `channels.ID.{attribute.name}` |" in PAGE


def test_every_area_has_a_title_and_every_meaning_its_setting():
    assert set(AREAS) == {"", *areas()}
    assert set(MEANINGS) == {name for name, setting in table().items() if setting.owner is not Settings}
