"""Settings are read whole: the environment over `.env` over `alert-trader.toml`, and every problem at once."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from composition.settings import Market, Secret, SettingsError, load, table
from domain.alerts import InstrumentKind
from domain.calendar import CalendarName
from domain.grammar.profile import ChannelProfile
from domain.policies import Mode, OnExhausted, OtherAuthor, Policies

SECRETS = ("DISCORD_BOT_TOKEN", "TASTYTRADE_CLIENT_SECRET", "TASTYTRADE_REFRESH_TOKEN", "ADMIN_API_KEY")


@pytest.fixture
def problems(tmp_path):
    """Return what load complains of, given the environment, `.env` and `alert-trader.toml`."""

    def found(environ=None, dotenv=None, toml=None):
        written(tmp_path, dotenv, toml)
        with pytest.raises(SettingsError) as raised:
            load(environ or {}, tmp_path)
        return raised.value.problems

    return found


def written(directory: Path, dotenv: str | None, toml: str | None) -> Path:
    if dotenv is not None:
        (directory / ".env").write_text(dotenv, encoding="utf-8")
    if toml is not None:
        (directory / "alert-trader.toml").write_text(toml, encoding="utf-8")
    return directory


def test_without_anything_set_the_policies_are_the_domain_s_defaults(tmp_path):
    settings = load({}, tmp_path)
    assert settings.desk == Policies()
    assert all(entry.is_default for entry in settings.effective)


def test_every_kind_of_value_is_read(tmp_path):
    settings = load(
        {
            "ALLOWED_USERS": "11, 12",
            "OPERATOR_CHANNEL": "13",
            "DISCORD_BOT_TOKEN": "hush",
            "TASTYTRADE_DRY_RUN": "false",
            "ALERT_TRADER_DB": "logs/MODE.db",
            "ADMIN_API_PORT": "9000",
            "INSTRUMENTS": "option,equity",
            "MARKET": "tastytrade",
            "GATE_OTHER_AUTHOR": "add",
            "SIZE_ALLOCATION": "7.5",
            "RISK_MAX_QUOTE_AGE": "0.5",
            "RISK_MAX_CONTRACTS": "5",
            "ENTRY_ON_EXHAUSTED": "rest",
            "ENTRY_TRADE_WITHOUT_QUOTE": "false",
            "DISCORD_API_URL": "http://127.0.0.1:9999/api/v10",
            "DISCORD_GATEWAY_URL": "ws://[::1]:9999",
        },
        tmp_path,
    )
    desk = settings.desk
    assert desk.allowed_users == {11, 12}
    assert settings.operator_channel == 13
    assert settings.discord_bot_token == Secret("hush")
    assert settings.discord_bot_token.reveal() == "hush"
    assert settings.tastytrade_dry_run is False
    assert settings.admin_api_port == 9000
    assert desk.instruments == {InstrumentKind.OPTION, InstrumentKind.EQUITY}
    assert settings.market is Market.TASTYTRADE
    assert desk.gate.other_author is OtherAuthor.ADD
    assert desk.size.allocation == Decimal("7.5")
    assert desk.risk.max_quote_age == timedelta(milliseconds=500)
    assert desk.risk.max_contracts == 5
    assert desk.entry.on_exhausted is OnExhausted.REST
    assert desk.entry.trade_without_quote is False
    assert settings.discord_api_url == "http://127.0.0.1:9999/api/v10"
    assert settings.discord_gateway_url == "ws://[::1]:9999"


def test_the_environment_wins_over_dotenv_which_wins_over_toml(tmp_path):
    written(
        tmp_path,
        "ENTRY_WINDOW=80\nENTRY_MAX_CHASE=15\n",
        "[entry]\nwindow = 70\nmax_chase = 10\ninitial_wait = 5\n",
    )
    settings = load({"ENTRY_WINDOW": "60"}, tmp_path)
    origins = {entry.name: (entry.value, entry.origin) for entry in settings.effective}
    assert origins["ENTRY_WINDOW"] == ("60", "environment")
    assert origins["ENTRY_MAX_CHASE"] == ("15", ".env line 2")
    assert origins["ENTRY_INITIAL_WAIT"] == ("5", "alert-trader.toml")
    assert origins["ENTRY_MAX_INCREMENTS"] == ("3", "default")
    assert settings.desk.entry.window == timedelta(seconds=60)


def test_an_empty_list_in_the_environment_allows_nobody_whatever_dotenv_says(tmp_path):
    written(tmp_path, "ALLOWED_USERS=1,2\n", None)
    assert load({"ALLOWED_USERS": ""}, tmp_path).desk.allowed_users == frozenset()


def test_an_empty_optional_setting_is_not_set(tmp_path):
    assert load({"DISCORD_BOT_TOKEN": "", "OPERATOR_USER": " "}, tmp_path).discord_bot_token is None


def test_dotenv_takes_quotes_remarks_exports_a_byte_order_mark_and_dollars(tmp_path):
    written(
        tmp_path,
        "\ufeff# remark\nexport ADMIN_API_KEY='a$HOME#b-and-some-more'\n\n"
        'MARKET=simulated # remark\nALERT_TRADER_DB="a b.sqlite"\n',
        None,
    )
    settings = load({}, tmp_path)
    assert settings.admin_api_key == Secret("a$HOME#b-and-some-more")
    assert settings.db_path(Mode.PAPER) == Path("a b.sqlite")


def test_sizes_and_habits_are_read_by_channel_and_label(tmp_path):
    written(
        tmp_path,
        None,
        """
        [labels.lotto]
        size = 4.5
        [labels.rocket]
        size = 1
        [channels.123]
        size = 50
        [channels.456]
        no_verb_is_entry = true
        zero_dte_symbols = ["SPX", "SPY"]
        entry_verbs = ["scooping"]
        labels = ["rocket"]
        """,
    )
    desk = load({}, tmp_path).desk
    assert desk.size.labels == {"lotto": Decimal("4.5"), "super_lotto": Decimal(5), "rocket": Decimal(1)}
    assert desk.size.channels == {123: Decimal(50)}
    habits = ChannelProfile(
        name="456",
        no_verb_is_entry=True,
        zero_dte_symbols=("SPX", "SPY"),
        entry_verbs=("scooping",),
        labels=("rocket",),
    )
    assert desk.profiles == {456: habits}


def test_all_problems_are_reported_together(problems):
    found = problems(
        {"ENTRY_WINDOW": "soon", "RISK_MAX_CONTRACTS": "51", "MARKET": "nasdaq"},
        "EXIT_MIN=true\nFOO=1\n",
        "[gate]\nmax_age = 3\n",
    )
    assert len(found) == 6


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("TASTYTRADE_DRY_RUN", "yes", "write true or false"),
        ("TASTYTRADE_DRY_RUN", "True", "write true or false"),
        ("TASTYTRADE_USE_SANDBOX", "", "write true or false"),
        ("SIZE_ALLOCATION", "10%", "write a number in digits"),
        ("SIZE_ALLOCATION", "1e1", "write a number in digits"),
        ("SIZE_ALLOCATION", "NaN", "write a number in digits"),
        ("SIZE_ALLOCATION", "", "write a number in digits"),
        ("RISK_MAX_CONTRACTS", "2.5", "write a whole number"),
        ("RISK_MAX_CONTRACTS", "9" * 30, "write a whole number"),
        ("ENTRY_WINDOW", "90s", "write a number of seconds"),
        ("ALLOWED_USERS", "bob", "'bob' is no id"),
        ("ALLOWED_USERS", "1,,2", "'' is no id"),
        ("ALLOWED_USERS", "0", "'0' is no id"),
        ("ALLOWED_CHANNELS", "-5", "'-5' is no id"),
        ("MARKET", "nasdaq", "'nasdaq' is not among simulated, tastytrade"),
        ("GATE_OTHER_AUTHOR", "IGNORE", "is not among ignore, add"),
        ("INSTRUMENTS", "option,bonds", "'bonds' is not among option, equity, future, future_option"),
        ("INSTRUMENTS", "", "is empty"),
        ("ALERT_TRADER_DB", "", "is empty"),
        ("ADMIN_API_HOST", " ", "is empty"),
    ],
)
def test_a_value_that_is_not_written_as_documented_is_named_with_its_mend(problems, name, text, told):
    (problem,) = problems({name: text})
    assert problem.startswith(f"{name} = {text!r} (environment)")
    assert told in problem


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("RISK_MAX_CONTRACTS", "51", "must be between 1 and 50, got 51"),
        ("SIZE_ALLOCATION", "100.5", "must be between 0 and 100, got 100.5"),
        ("GATE_MAX_ALERT_AGE", "-1", "must be between 1 and 3600 seconds, got -1"),
        ("EXIT_MIN", "2", "must be between 0 and 1, got 2"),
        ("TRIM_FRACTION", "0", "must be between 1 and 100, got 0"),
        ("ADMIN_API_PORT", "0", "must be between 1 and 65535, got 0"),
        ("OPERATOR_USER", "-3", "is no id"),
    ],
)
def test_a_value_out_of_bounds_is_named_with_the_bounds(problems, name, text, told):
    (problem,) = problems({name: text})
    assert problem.startswith(f"{name} {told}")
    assert problem.endswith("(environment)")


def test_what_holds_between_two_settings_names_both(problems):
    (problem,) = problems({"ENTRY_WINDOW": "10"})
    assert "ENTRY_INITIAL_WAIT (20 s) must be shorter than ENTRY_WINDOW (10 s)" in problem
    assert problem.endswith("(ENTRY_INITIAL_WAIT: default, ENTRY_WINDOW: environment)")


@pytest.mark.parametrize("name", ["DISCORD_API_URL", "TASTYTRADE_API_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "https://api.tastytrade.com",
        "http://127.0.0.1@example.com/",
        "http://user@127.0.0.1/",
        "http://10.0.0.1:80",
        "http://0.0.0.0:80",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://[::1",
        "ws://127.0.0.1:80",
        "127.0.0.1:80",
        "http://",
    ],
)
def test_a_stand_in_that_is_not_on_this_machine_is_refused(problems, name, url):
    (problem,) = problems({name: url})
    assert problem.startswith(f"{name} is for a stand-in on this machine only")


@pytest.mark.parametrize("url", ["ws://localhost:1", "ws://127.9.9.9:1/x", "ws://[::1]:1"])
def test_a_streamer_on_loopback_is_taken(tmp_path, url):
    assert load({"TASTYTRADE_STREAMER_URL": url}, tmp_path).tastytrade_streamer_url == url


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ENTRY_WINDW", "ENTRY_WINDOW"),
        ("SIZE_ALOCATION", "SIZE_ALLOCATION"),
        ("RISK_MAX_CONTRACT", "RISK_MAX_CONTRACTS"),
        ("ALLOWED_USER", "ALLOWED_USERS"),
        ("ALOWED_USERS", "ALLOWED_USERS"),
        ("INSTRUMENT", "INSTRUMENTS"),
        ("LIVE_ACCOUNT_CONFIRM", "LIVE_ACCOUNT_CONFIRMED"),
    ],
)
def test_a_misspelt_variable_is_an_error_with_what_was_meant(problems, name, meant):
    (problem,) = problems({name: "1"})
    assert problem == f"{name} (environment) is no setting: did you mean {meant}?"


@pytest.mark.parametrize("name", ["DISCORD_THEME", "EXIT_STATUS", "TASTYTRADE_X", "ALERT_TRADER_HOME"])
def test_a_variable_under_our_prefixes_that_is_none_of_ours_is_an_error(problems, name):
    (problem,) = problems({name: "1"})
    assert problem.startswith(f"{name} (environment) is no setting")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PATH=/bin", "PATH (.env line 2) is no setting"),
        ("entry_window=9", "did you mean ENTRY_WINDOW?"),
        ("this is no setting", ".env line 2 is no setting: write NAME=value"),
        ("MARKET", "MARKET (.env line 2) has no value: write MARKET=value"),
        ("EXIT_MIN=0\nEXIT_MIN=1", "EXIT_MIN stands in .env twice, lines 2 and 3"),
    ],
)
def test_whatever_in_dotenv_is_no_setting_is_an_error_with_its_line(problems, line, told):
    (problem,) = problems(dotenv=f"# remark\n{line}\n")
    assert told in problem


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[entry", "alert-trader.toml is no TOML"),
        ("window = 3", "window (alert-trader.toml) is no key: there are gate"),
        ("market = 'simulated'", "MARKET belongs into the environment or .env"),
        ("[entri]\nwindow = 3", "did you mean entry?"),
        ("entry = 3", "entry (alert-trader.toml) must be a table: write [entry]"),
        ("[entry]\nwindw = 3", "entry.windw (alert-trader.toml) is no key: did you mean entry.window?"),
        ("[entry.window]\na = 3", "entry.window (alert-trader.toml) must be one value, not a table"),
        ("[entry]\nwindow = 'x'", "ENTRY_WINDOW = 'x' (alert-trader.toml): write a number of seconds"),
        (
            "[size]\nhonor_alert_quantity = 1",
            "SIZE_HONOR_ALERT_QUANTITY = '1' (alert-trader.toml): write true or false",
        ),
        ("[labels]\nlotto = 5", "labels.lotto (alert-trader.toml) must be a table: write [labels.lotto]"),
        (
            "[labels.loto]\nsize = 5",
            "[labels.loto] (alert-trader.toml) is no label that an alert can have: did you mean",
        ),
        ("[labels.zebra]\nsize = 5", "is no label that an alert can have: there are alert,"),
        ("[labels.lotto]\nsise = 5", "labels.lotto.sise (alert-trader.toml) is no key: did you mean size?"),
        ("[labels.lotto]\nsize = 101", "labels.lotto.size must be between 0 and 100 percent, got 101"),
        ("[labels.lotto]\nsize = 'big'", "labels.lotto.size = 'big' (alert-trader.toml): write a number"),
        ("[labels.lotto.size]\na = 1", "labels.lotto.size (alert-trader.toml) must be one value or a list"),
        ("[channels.room]\nsize = 50", "[channels.room] (alert-trader.toml): 'room' is no id"),
        ("[channels.1]\nsize = 201", "channels.1.size must be between 0 and 200 percent, got 201"),
        ("[channels.1]\nno_verb_entry = true", "did you mean no_verb_is_entry?"),
        (
            "[channels.1]\nno_verb_is_entry = 'yes'",
            "channels.1.no_verb_is_entry = 'yes' (alert-trader.toml): write true",
        ),
        ("[channels.1]\nentry_verbs = ['IN']", "channels.1.entry_verbs = 'IN': write single words in lower case"),
        ("[channels.1]\nentry_verbs = [{a = 1}]", "channels.1.entry_verbs (alert-trader.toml) must be one value or"),
    ],
)
def test_whatever_in_toml_is_not_known_or_wrong_is_an_error_with_its_mend(problems, toml, told):
    (problem,) = problems(toml=toml)
    assert told in problem


def test_a_file_that_cannot_be_read_is_an_error(problems, tmp_path):
    (tmp_path / "alert-trader.toml").write_bytes(b"\xff\xfe")
    (problem,) = problems()
    assert "alert-trader.toml cannot be read" in problem


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_ever_shown(tmp_path, name):
    settings = load({name: "hunter2-hunter2-hunter2"}, tmp_path)
    assert table()[name].is_secret
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(settings.effective)
    assert {entry.value for entry in settings.effective if entry.name == name} == {"****"}


@pytest.mark.parametrize(
    "name", ["DISCORD_TOKEN", "TASTYTRADE_CLIENT_SECRT", "TASTYTRADE_PASS", "ADMIN_API_KEYS", "ENTRY_WINDW"]
)
@pytest.mark.parametrize("place", ["environment", ".env line 1"])
def test_the_value_of_an_unknown_name_is_never_told(problems, name, place):
    given = {name: "hunter2"} if place == "environment" else {}
    (problem,) = problems(given, None if given else f"{name}=hunter2\n")
    assert problem.startswith(f"{name} ({place}) is no setting")
    assert "hunter2" not in problem


def test_a_secret_under_the_broker_s_own_name_for_it_is_not_told(problems):
    (problem,) = problems(dotenv="TT_REFRESH=hunter2\n")
    assert problem.startswith("TT_REFRESH (.env line 1) is no setting")
    assert "hunter2" not in problem


def test_the_rest_of_a_secret_that_was_broken_in_two_is_not_told(problems):
    (problem,) = problems(dotenv="ADMIN_API_KEY=hunter-hunter-hunter\nhunter2\n")
    assert problem == ".env line 2 is no setting: write NAME=value, or # before a remark"


@pytest.mark.parametrize(
    "toml",
    [
        "TT_REFRESH = 'hunter2'",
        "[tastytrade]\nsecret = 'hunter2'",
        "tastytrade_refresh_token = 'hunter2'",
        "labels = 'hunter2'",
        "[entry]\npassword = 'hunter2'",
        "[labels]\nsecret = 'hunter2'",
        "[labels.lotto]\nsecret = 'hunter2'",
        "[channels]\nsecret = 'hunter2'",
        "[channels.1]\nsecret = 'hunter2'",
    ],
)
def test_the_value_of_an_unknown_key_is_never_told(problems, toml):
    (problem,) = problems(toml=toml)
    assert "(alert-trader.toml)" in problem
    assert "hunter2" not in problem


def test_paper_is_always_open_unless_it_keeps_market_hours(tmp_path):
    settings = load({}, tmp_path)
    assert settings.policies(Mode.PAPER).calendar is CalendarName.ALWAYS_OPEN
    assert settings.policies(Mode.PAPER, market_hours=True).calendar is CalendarName.NYSE
    for mode in (Mode.DRY_RUN, Mode.SANDBOX, Mode.LIVE):
        assert settings.policies(mode).calendar is CalendarName.NYSE
        assert settings.policies(mode).mode is mode


def test_modes_never_share_a_file_by_default(tmp_path):
    paths = [load({}, tmp_path).db_path(mode) for mode in Mode]
    assert paths[0] == Path("data/paper.sqlite")
    assert len(set(paths)) == len(Mode)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("/srv/MODELS/MODE.sqlite", "/srv/MODELS/live.sqlite"),
        ("/srv/MODE/log-MODE.sqlite", "/srv/live/log-live.sqlite"),
        ("log_MODE_2.sqlite", "log_live_2.sqlite"),
        ("MODE", "live"),
        ("/srv/CAMODE/MODE1/éMODE/mode.sqlite", "/srv/CAMODE/MODE1/éMODE/mode.sqlite"),
        ("/srv/log.sqlite", "/srv/log.sqlite"),
    ],
)
def test_the_mode_s_name_stands_where_mode_stands_by_itself(tmp_path, given, used):
    settings = load({"ALERT_TRADER_DB": given, "ALERT_TRADER_HEADS": given}, tmp_path)
    assert settings.db_path(Mode.LIVE) == Path(used)
    assert settings.heads_path(Mode.LIVE) == Path(used)


@pytest.mark.parametrize(
    ("dry_run", "sandbox", "mode"),
    [("true", "true", Mode.DRY_RUN), ("true", "false", Mode.DRY_RUN), ("false", "true", Mode.SANDBOX)],
)
def test_run_is_live_only_where_both_switches_are_false(tmp_path, dry_run, sandbox, mode):
    settings = load({"TASTYTRADE_DRY_RUN": dry_run, "TASTYTRADE_USE_SANDBOX": sandbox}, tmp_path)
    assert settings.run_mode() is mode


def live(tmp_path, **more):
    return load({"TASTYTRADE_DRY_RUN": "false", "TASTYTRADE_USE_SANDBOX": "false", **more}, tmp_path)


def test_live_needs_the_account_number_twice(tmp_path):
    settings = live(tmp_path, TASTYTRADE_ACCOUNT="5WX12345", LIVE_ACCOUNT_CONFIRMED="5WX12345")
    assert settings.run_mode() is Mode.LIVE


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, "TASTYTRADE_ACCOUNT is not set"),
        ({"LIVE_ACCOUNT_CONFIRMED": "5WX12345"}, "TASTYTRADE_ACCOUNT is not set"),
        ({"TASTYTRADE_ACCOUNT": "5WX12345"}, "LIVE_ACCOUNT_CONFIRMED = '' is not"),
        (
            {"TASTYTRADE_ACCOUNT": "5WX12345", "LIVE_ACCOUNT_CONFIRMED": "5WX12346"},
            "LIVE_ACCOUNT_CONFIRMED = '5WX12346'",
        ),
    ],
)
def test_anything_unclear_about_live_is_refused_by_name(tmp_path, more, named):
    with pytest.raises(SettingsError, match=named):
        live(tmp_path, **more).run_mode()
