"""Where settings are written: the environment, `.env`, `alert-trader.toml`. Reads texts and says what does not belong.

Nothing is skipped in silence: a line that is none, a key that is not known and a key that is given twice are problems.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from composition.settings.table import Setting, areas
from composition.settings.values import MASK, near
from domain.value import Value

DOTENV = ".env"
TOML = "alert-trader.toml"
ENVIRONMENT = "environment"
LABELS, CHANNELS = "labels", "channels"
# A variable of another program may resemble one of ours by chance; this close it is a slip of the pen.
CLOSE_MATCH = 0.9
# What settings' names begin with, besides the areas of the policies; Tastytrade's own SDK has a shorter name for it.
_BROKER_WORD, _SDK_WORD = "TASTYTRADE_", "TT_"
_DESK_WORDS = ("ALERT_TRADER_", "ADMIN_", "ALLOWED_", "DISCORD_", "FEE_", "LIVE_", "OPERATOR_", "TRIM_")
_OWN_WORDS = (*_DESK_WORDS, _BROKER_WORD, _SDK_WORD)
# A service of Kubernetes or a linked container puts its address into every environment, under its own name.
_OF_A_SERVICE = re.compile(r"\w+_(SERVICE_(HOST|PORT)(_\w+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")
_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")


@frozen
class Given(Value):
    """What somebody wrote, and where: `environment`, `.env line 3`, `alert-trader.toml`."""

    text: str
    origin: str


@define
class Sources:
    """Everything that is written. `labels` and `channels` hold the keys of the tables of `alert-trader.toml`."""

    settings: dict[str, Given] = field(factory=dict)
    labels: dict[str, dict[str, Given]] = field(factory=dict)
    channels: dict[str, dict[str, Given]] = field(factory=dict)
    problems: list[str] = field(factory=list)


def read_sources(environ: Mapping[str, str], directory: Path, table: Mapping[str, Setting]) -> Sources:
    """Return what is written: the environment wins over `.env`, which wins over `alert-trader.toml`."""
    sources = Sources()
    _read_toml(directory / TOML, table, sources)
    _read_dotenv(directory / DOTENV, table, sources)
    _read_environment(environ, table, sources)
    return sources


def described(name: str, given: Given, *, is_secret: bool) -> str:
    """Return `NAME = 'value' (where)` of a setting that is known, masked where it is a secret.

    The value of an unknown name is never told: it may be a secret under the name that another program gives it.
    """
    return f"{name} = {MASK if is_secret else repr(given.text)} ({given.origin})"


def _read_environment(environ: Mapping[str, str], table: Mapping[str, Setting], sources: Sources) -> None:
    prefixes = (*_OWN_WORDS, *(f"{area.upper()}_" for area in areas()))
    for name, text in sorted(environ.items()):
        if name in table:
            sources.settings[name] = Given(text, ENVIRONMENT)
        elif _looks_ours(name.upper(), prefixes, table) and not _is_of_a_service(name, text):
            sources.problems.append(_unknown(name, ENVIRONMENT, table))


def _looks_ours(name: str, prefixes: tuple[str, ...], table: Collection[str]) -> bool:
    return name.startswith(prefixes) or near(name, table, CLOSE_MATCH) is not None


def _is_of_a_service(name: str, text: str) -> bool:
    return _OF_A_SERVICE.fullmatch(name) is not None and (
        not name.endswith("_PORT") or "_SERVICE_" in name or _ADDRESS.fullmatch(text) is not None
    )


def _read_dotenv(path: Path, table: Mapping[str, Setting], sources: Sources) -> None:
    text = _text_of(path, sources)
    if text is None:
        return
    from io import StringIO

    from dotenv.parser import parse_stream

    seen: dict[str, int] = {}
    for binding in parse_stream(StringIO(text)):
        name, line = binding.key, binding.original.line
        # A line of one word may be the rest of a secret that was broken in two, so it is not told.
        if binding.error or (name is not None and binding.value is None and name not in table):
            sources.problems.append(f"{DOTENV} line {line} is no setting: write NAME=value, or # before a remark")
        elif name is not None:
            given = Given(binding.value or "", f"{DOTENV} line {line}")
            if name in seen:
                sources.problems.append(f"{name} stands in {DOTENV} twice, lines {seen[name]} and {line}: remove one")
            elif binding.value is None:
                sources.problems.append(f"{name} ({given.origin}) has no value: write {name}=value or remove the line")
            elif name not in table:
                sources.problems.append(_unknown(name, given.origin, table))
            else:
                sources.settings[name] = given
            seen[name] = line


def _text_of(path: Path, sources: Sources) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        sources.problems.append(f"{path} cannot be read: {error}")
        return None


def _unknown(name: str, origin: str, table: Mapping[str, Setting]) -> str:
    upper = name.upper()
    meant = near(_BROKER_WORD + upper.removeprefix(_SDK_WORD) if upper.startswith(_SDK_WORD) else upper, table)
    mend = f"did you mean {meant}?" if meant else "`alert-trader config show` lists the settings"
    return f"{name} ({origin}) is no setting: {mend}"


# ---- alert-trader.toml ---------------------------------------------------------------------------------------------


def _read_toml(path: Path, table: Mapping[str, Setting], sources: Sources) -> None:
    text = _text_of(path, sources)
    if text is None:
        return
    import tomllib  # most have no such file

    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        sources.problems.append(f"{TOML} is no TOML: {error}")
        return
    known_areas = areas()
    for section, content in data.items():
        if section not in {*known_areas, LABELS, CHANNELS}:
            sources.problems.append(_unknown_key(section, (*known_areas, LABELS, CHANNELS), table))
        elif not isinstance(content, dict):
            sources.problems.append(f"{section} ({TOML}) must be a table: write [{section}]")
        elif section in known_areas:
            _read_area(section, content, table, sources)
        else:
            _read_named(section, content, sources)


def _read_area(area: str, content: Mapping[str, Any], table: Mapping[str, Setting], sources: Sources) -> None:
    names = {setting.field: setting.name for setting in table.values() if setting.area == area}
    for key, value in content.items():
        if key not in names:
            sources.problems.append(_unknown_key(f"{area}.{key}", [f"{area}.{name}" for name in names], table))
        elif (text := _flat(value)) is None:
            sources.problems.append(f"{area}.{key} ({TOML}) must be one value, not a table")
        else:
            sources.settings[names[key]] = Given(text, TOML)


def _read_named(section: str, content: Mapping[str, Any], sources: Sources) -> None:
    """`[labels.NAME]` and `[channels.ID]`: their keys are judged where they are understood."""
    target = sources.labels if section == LABELS else sources.channels
    for name, entries in content.items():
        if not isinstance(entries, dict):
            place = f"{section}.{name}"
            sources.problems.append(f"{place} ({TOML}) must be a table: write [{place}], then size = …")
            continue
        target[name] = {}
        for key, text in _texts(f"{section}.{name}", entries, sources):
            target[name][key] = Given(text, TOML)


def _texts(place: str, entries: Mapping[str, Any], sources: Sources) -> Iterator[tuple[str, str]]:
    for key, value in entries.items():
        text = _flat(value)
        if text is None:
            sources.problems.append(f"{place}.{key} ({TOML}) must be one value or a list, not a table")
        else:
            yield key, text


def _unknown_key(key: str, known: Collection[str], table: Mapping[str, Setting]) -> str:
    meant = near(key, known)
    if meant is not None:
        mend = f"did you mean {meant}?"
    elif (name := key.upper()) in table:
        mend = f"{name} belongs into the environment or {DOTENV}"
    else:
        mend = f"there are {', '.join(known)}"
    return f"{key} ({TOML}) is no key: {mend}"


def _flat(value: object) -> str | None:
    """Return a value of TOML as the text that it would have in the environment; None for a table."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            texts = [_flat(item) for item in value]
            return None if None in texts else ",".join(text for text in texts if text is not None)
        case dict():
            return None
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
