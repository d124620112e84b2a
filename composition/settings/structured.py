"""The tables of `alert-trader.toml`: sizes by label and by channel, and what a channel writes by habit.

Problems are added to those of the sources; what is wrong is left out, so that the rest is checked too.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, field, fields

from composition.settings.sources import CHANNELS, LABELS, TOML, Given, Sources, described
from composition.settings.values import near, parse
from domain.grammar.profile import ChannelProfile

SIZE = "size"
LABEL_SIZE_MAX = 100
CHANNEL_SIZE_MAX = 200


@define
class Structured:
    """Percentages by label and by channel id, and profiles by channel id."""

    label_sizes: dict[str, Decimal] = field(factory=dict)
    channel_sizes: dict[int, Decimal] = field(factory=dict)
    profiles: dict[int, ChannelProfile] = field(factory=dict)


def read_structured(sources: Sources) -> Structured:
    """Return what the tables say."""
    found = Structured()
    for channel, entries in sources.channels.items():
        _read_channel(channel, entries, found, sources.problems)
    if sources.labels:
        known = _known_labels(found.profiles.values())
        for label, entries in sources.labels.items():
            _read_label(label, entries, known, found, sources.problems)
    return found


def _read_channel(channel: str, entries: Mapping[str, Given], found: Structured, problems: list[str]) -> None:
    try:
        (number,) = parse(channel, frozenset[int])
    except ValueError as error:
        problems.append(f"[{CHANNELS}.{channel}] ({TOML}): {error}")
        return
    if SIZE in entries:
        percent = _percentage(f"{CHANNELS}.{channel}.{SIZE}", entries[SIZE], CHANNEL_SIZE_MAX, problems)
        if percent is not None:
            found.channel_sizes[number] = percent
    habits = {key: given for key, given in entries.items() if key != SIZE}
    if habits:
        found.profiles[number] = _profile(channel, habits, problems)


def _profile(channel: str, habits: Mapping[str, Given], problems: list[str]) -> ChannelProfile:
    known = {attribute.name: attribute for attribute in fields(ChannelProfile)}
    values: dict[str, Any] = {"name": channel}
    for key, given in habits.items():
        place = f"{CHANNELS}.{channel}.{key}"
        if key not in known:
            problems.append(_no_key(place, [SIZE, *known]))
            continue
        try:
            value = parse(given.text, known[key].type)
        except ValueError as error:
            problems.append(f"{described(place, given, is_secret=False)}: {error}")
            continue
        try:
            ChannelProfile(**{key: value})
        except ValueError as error:
            problems.append(f"{CHANNELS}.{channel}.{error} ({given.origin})")
        else:
            values[key] = value
    return ChannelProfile(**values)


def _read_label(
    label: str, entries: Mapping[str, Given], known: Collection[str], found: Structured, problems: list[str]
) -> None:
    if label not in known:
        meant = near(label, known)
        mend = f"did you mean {meant}?" if meant else f"there are {', '.join(sorted(known))}, and labels of a channel"
        problems.append(f"[{LABELS}.{label}] ({TOML}) is no label that an alert can have: {mend}")
        return
    for key, given in entries.items():
        place = f"{LABELS}.{label}.{key}"
        if key != SIZE:
            problems.append(_no_key(place, [SIZE]))
        elif (percent := _percentage(place, given, LABEL_SIZE_MAX, problems)) is not None:
            found.label_sizes[label] = percent


def _known_labels(profiles: Collection[ChannelProfile]) -> set[str]:
    # A misspelt label would size its alerts as any other, so the words that the grammar reads are looked up.
    from domain.grammar.vocabulary.kinds import Kind
    from domain.grammar.vocabulary.words import PHRASES, WORDS

    words = {value for kind, value in WORDS.values() if kind is Kind.LABEL}
    phrases = {value for entries in PHRASES.values() for _, kind, value in entries if kind is Kind.LABEL}
    return words | phrases | {label for profile in profiles for label in profile.labels}


def _percentage(place: str, given: Given, high: int, problems: list[str]) -> Decimal | None:
    try:
        value: Decimal = parse(given.text, Decimal)
    except ValueError as error:
        problems.append(f"{described(place, given, is_secret=False)}: {error}")
        return None
    if not 0 <= value <= high:
        problems.append(f"{place} must be between 0 and {high} percent, got {value} ({given.origin})")
        return None
    return value


def _no_key(place: str, known: list[str]) -> str:
    meant = near(place.rpartition(".")[2], known)
    mend = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
    return f"{place} ({TOML}) is no key: {mend}"
