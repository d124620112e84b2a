"""The settings of a run: read once from the environment, `.env` and `alert-trader.toml`, checked whole, then fixed.

Whatever is wrong is reported together. Only the domain's own classes hold policies; nothing here decides on a trade.
"""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from adapters.admin_api.keys import AdminKey
from composition.settings.sources import CHANNELS, LABELS, TOML, Sources, described, read_sources
from composition.settings.structured import read_structured
from composition.settings.table import MEANING, Setting, areas, settings_of
from composition.settings.values import Secret, SettingsError, parse, shown
from domain.calendar import CalendarName
from domain.policies import Mode, Policies, SizePolicy
from domain.value import Value

__all__ = ["Effective", "Market", "Secret", "Settings", "SettingsError", "load", "table"]

DEFAULT = "default"
# No letter and no digit may touch it: a folder called MODELS is no mode's.
MODE_IN_PATH = re.compile(r"(?<![^\W_])MODE(?![^\W_])")
PORT_MAX = 65535


class Market(StrEnum):
    """Where paper's quotes come from."""

    SIMULATED = "simulated"
    TASTYTRADE = "tastytrade"


@frozen
class Effective(Value):
    """One value in force, as text, and where it came from."""

    name: str
    value: str
    origin: str

    @property
    def is_default(self) -> bool:
        return self.origin == DEFAULT


def _told(meaning: str, default: Any = None, validator: Any = None) -> Any:  # noqa: ANN401 - the field's own type
    return field(default=default, validator=validator, metadata={MEANING: meaning})


def _id(_: object, attribute: "Attribute[int]", value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is no id, got {value}: copy the number with Discord's Developer Mode")


def _port(_: object, attribute: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= PORT_MAX:
        raise ValueError(f"{attribute.name} must be between 1 and {PORT_MAX}, got {value}")


def _admin_key(_: object, attribute: "Attribute[Secret]", value: Secret) -> None:
    try:
        AdminKey(value.reveal())
    except ValueError as error:
        raise ValueError(str(error).replace(attribute.name.upper(), attribute.name, 1)) from None


def _loopback(*schemes: str) -> Any:  # noqa: ANN401
    def check(_: object, attribute: "Attribute[str]", value: str) -> None:
        try:
            url = urlsplit(value)
            host = url.hostname or ""
            is_local = host == "localhost" or ip_address(host).is_loopback
            fits = url.scheme in schemes and url.username is None and (url.port is None or url.port > 0)
        except ValueError:
            is_local = fits = False
        if not (is_local and fits):
            raise ValueError(
                f"{attribute.name} is for a stand-in on this machine only: remove it to reach the real service, or "
                f"write {schemes[0]}://127.0.0.1:PORT, got {value!r}"
            )

    return optional(check)


@frozen(kw_only=True)
class Settings(Value):
    """Everything that can be set. A field with a meaning is the setting of its name in capitals.

    `desk` holds all policies, `effective` every value in force with its origin.
    """

    admin_users: frozenset[int] = _told("Discord user ids that may give commands such as !tt halt", frozenset())
    operator_channel: int | None = _told("Discord channel id for notices to the operator", None, optional(_id))
    operator_user: int | None = _told("Discord user id for notices by direct message", None, optional(_id))
    discord_bot_token: Secret | None = _told("the Discord bot's token; without one paper takes local lines only")
    discord_api_url: str | None = _told("REST base of a Discord stand-in, with its /api/v10", None, _loopback("http"))
    discord_gateway_url: str | None = _told("gateway of a Discord stand-in", None, _loopback("ws"))
    tastytrade_client_secret: Secret | None = _told("Tastytrade OAuth client secret")
    tastytrade_refresh_token: Secret | None = _told("Tastytrade OAuth refresh token")
    tastytrade_account: str | None = _told("Tastytrade account number that is traded")
    tastytrade_dry_run: bool = _told("true: the broker checks orders and never places them", default=True)
    tastytrade_use_sandbox: bool = _told("true: Tastytrade's certification environment", default=True)
    live_account_confirmed: str | None = _told("the account number again; without it nothing trades live")
    tastytrade_api_url: str | None = _told("REST base of a Tastytrade stand-in", None, _loopback("http"))
    tastytrade_streamer_url: str | None = _told("streamer of a Tastytrade stand-in", None, _loopback("ws"))
    market: Market = _told("whose quotes paper fills against", Market.SIMULATED)
    admin_api_key: Secret | None = _told(
        "key of the admin API, sent as X-Admin-Key; paper makes one up for each run", None, optional(_admin_key)
    )
    admin_api_host: str = _told("address that the admin API listens on", "127.0.0.1")
    admin_api_port: int = _told("port that the admin API listens on", 8877, _port)
    alert_trader_db: Path = _told("the audit log's file; MODE stands for the mode's name", Path("data/MODE.sqlite"))
    alert_trader_heads: Path | None = _told("the log's signed heads, best on another disk; none is beside the log")
    desk: Policies = field(factory=Policies)
    effective: tuple[Effective, ...] = field(default=(), repr=False)

    def policies(self, mode: Mode, *, market_hours: bool = False) -> Policies:
        """Return what the desk is told in `mode`: paper's market is always open, unless it keeps `market_hours`."""
        always_open = mode is Mode.PAPER and not market_hours
        return evolve(self.desk, mode=mode, calendar=CalendarName.ALWAYS_OPEN if always_open else CalendarName.NYSE)

    def db_path(self, mode: Mode) -> Path:
        """Return the audit log's file for `mode`."""
        return _path_of(self.alert_trader_db, mode)

    def heads_path(self, mode: Mode) -> Path | None:
        """Return the file of the signed heads for `mode`, None where they are beside the log."""
        return None if self.alert_trader_heads is None else _path_of(self.alert_trader_heads, mode)

    def run_mode(self) -> Mode:
        """Return the mode of `run`. Raises SettingsError where it would be live and that is not confirmed."""
        if self.tastytrade_dry_run:
            return Mode.DRY_RUN
        if self.tastytrade_use_sandbox:
            return Mode.SANDBOX
        if self.tastytrade_account is None:
            raise SettingsError("TASTYTRADE_ACCOUNT is not set: live trading needs the number of the account it trades")
        if self.live_account_confirmed != self.tastytrade_account:
            raise SettingsError(
                f"LIVE_ACCOUNT_CONFIRMED = {self.live_account_confirmed or ''!r} is not TASTYTRADE_ACCOUNT "
                f"= {self.tastytrade_account!r}: TASTYTRADE_DRY_RUN and TASTYTRADE_USE_SANDBOX are both false, which "
                "trades real money; write the account number in both, or set one of the two to true"
            )
        return Mode.LIVE


def _path_of(given: Path, mode: Mode) -> Path:
    return Path(MODE_IN_PATH.sub(mode.value, str(given)))


@cache
def table() -> Mapping[str, Setting]:
    """Return every setting by its name."""
    return settings_of(Settings)


def load(environ: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """Return the settings in force in `directory` (the working directory by default).

    Raises SettingsError with every problem that was found.
    """
    sources = read_sources(os.environ if environ is None else environ, directory or Path(), table())
    problems = sources.problems
    values = _values(sources)
    structured = read_structured(sources)
    sizes = {"labels": {**SizePolicy().labels, **structured.label_sizes}, "channels": structured.channel_sizes}
    policies = {
        area: _built(area, kind, values, sources, **(sizes if kind is SizePolicy else {}))
        for area, kind in areas().items()
    }
    if problems:
        raise SettingsError(*problems)
    top = {setting.field: values[name] for name, setting in table().items() if setting.owner is Policies}
    flat = {setting.field: values[name] for name, setting in table().items() if setting.owner is Settings}
    desk = Policies(**top, **policies, profiles=structured.profiles)
    return Settings(**flat, desk=desk, effective=_effective(values, sources))


def _values(sources: Sources) -> dict[str, Any]:
    """Every setting's value; the default stands in for a wrong one, so that the rest is checked too."""
    values: dict[str, Any] = {}
    for name, setting in table().items():
        values[name] = setting.attribute.default
        given = sources.settings.get(name)
        if given is None:
            continue
        try:
            value = parse(given.text, setting.attribute.type)
        except ValueError as error:
            told = described(name, given, is_secret=setting.is_secret)
            sources.problems.append(f"{told}: {error}")
            continue
        try:
            setting.check(value)
        except ValueError as error:
            sources.problems.append(f"{error} ({given.origin})")
            continue
        values[name] = value
    return values


def _built(area: str, kind: type, values: Mapping[str, Any], sources: Sources, **structured: object) -> Any:  # noqa: ANN401
    own = {setting.field: values[name] for name, setting in table().items() if setting.area == area}
    try:
        return kind(**own, **structured)
    except ValueError as error:  # what holds between two settings
        text, places = str(error), []
        for name in own:
            if f"{name} " in text:
                setting = f"{area.upper()}_{name.upper()}"
                text = text.replace(f"{name} ", f"{setting} ")
                given = sources.settings.get(setting)
                places.append(f"{setting}: {DEFAULT if given is None else given.origin}")
        sources.problems.append(f"{text} ({', '.join(places)})")
        return kind()


def _effective(values: Mapping[str, Any], sources: Sources) -> tuple[Effective, ...]:
    found = []
    for name, value in values.items():
        given = sources.settings.get(name)
        found.append(Effective(name, shown(value), DEFAULT if given is None else given.origin))
    for section, tables in ((LABELS, sources.labels), (CHANNELS, sources.channels)):
        for entry, keys in tables.items():
            found.extend(Effective(f"{section}.{entry}.{key}", given.text, TOML) for key, given in keys.items())
    return tuple(found)
