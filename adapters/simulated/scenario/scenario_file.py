"""Reads a scenario from TOML. Every key is checked: what is misspelt, out of range or of the wrong kind is an error.

The reference of the format is docs/simulated-market.md.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from adapters.simulated.scenario.naming import FORMS, can_name_a_contract
from adapters.simulated.scenario.scenario import (
    AfterPartialFill,
    AnswerRule,
    CancelRule,
    Execution,
    FillRule,
    LostAnswer,
    QuoteScript,
    QuoteStep,
    Read,
    ReadRule,
    RejectRule,
    ReplaceRule,
    ReportRule,
    Scenario,
)
from domain.events import Operation
from domain.orders import OrderRole, Side

T = TypeVar("T")
Reader = Callable[[str, Any], Any]
LONGEST_SECONDS = 366 * 86_400
COUNT_MAX = 1_000_000
SIDES = {"buy": Side.BUY_TO_OPEN, "sell": Side.SELL_TO_CLOSE}
ROLES = {"entry": OrderRole.ENTRY, "exit": OrderRole.EXIT, "close": OrderRole.CLOSE}


def load_scenario(path: Path) -> Scenario:
    """Return the scenario of a TOML file. Raises ValueError naming file, key, value and mend."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the scenario file {path} cannot be read: {error}") from error
    try:
        return parse_scenario(text)
    except ValueError as error:
        raise ValueError(f"the scenario file {path}: {error}") from error


def parse_scenario(text: str) -> Scenario:
    """Return the scenario of a TOML text. Raises ValueError naming key, value and mend."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is no TOML: {error}") from error
    return Scenario(**_fields("", data, _SCENARIO))


def _wrong(place: str, value: object, mend: str) -> ValueError:
    shown = str(value) if isinstance(value, Decimal) else repr(value)
    return ValueError(f"{place} = {shown} {mend}")


def _fields(place: str, data: object, readers: Mapping[str, Reader]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _wrong(place, data, f"must be a table of {', '.join(readers)}")
    unknown = [key for key in data if key not in readers]
    if unknown:
        raise ValueError(f"{place}{'.' if place else ''}{unknown[0]} is no key here; there are {', '.join(readers)}")
    return {key: readers[key](f"{place}.{key}" if place else key, value) for key, value in data.items()}


def _table(make: Callable[..., T], readers: Mapping[str, Reader], required: tuple[str, ...] = ()) -> Reader:
    def read(place: str, value: object) -> T:
        fields = _fields(place, value, readers)
        missing = [key for key in required if key not in fields]
        if missing:
            raise ValueError(f"{place} has no {missing[0]}; add {missing[0]} = …")
        return make(**fields)

    return read


def _list(reader: Reader) -> Reader:
    def read(place: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _wrong(place, value, f"must be a list; write [[{place}]] or {place} = [ … ]")
        return tuple(reader(f"{place}[{number}]", item) for number, item in enumerate(value))

    return read


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()


def _seconds(place: str, value: object) -> timedelta:
    if not _is_number(value) or not 0 <= value <= LONGEST_SECONDS:
        raise _wrong(place, value, f"must be a number of seconds from 0 to {LONGEST_SECONDS}")
    return timedelta(seconds=float(value))


def _price(place: str, value: object) -> Decimal:
    if not _is_number(value) or value < 0:
        raise _wrong(place, value, "must be a price, 0 or more, such as 0.75")
    return Decimal(value)


def _count(low: int) -> Reader:
    def read(place: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= COUNT_MAX:
            raise _wrong(place, value, f"must be a whole number from {low} to {COUNT_MAX}")
        return value

    return read


def _text(place: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(place, value, 'must be a text, such as "UBER"')
    return value


def _contract(place: str, value: object) -> str:
    name = _text(place, value)
    if not can_name_a_contract(name):
        raise _wrong(place, name, f"names no contract: it must be {FORMS}")
    return name


def _flag(place: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, value, "must be true or false")
    return value


def _word(words: Mapping[str, T]) -> Reader:
    def read(place: str, value: object) -> T:
        if not isinstance(value, str) or value not in words:
            raise _wrong(place, value, f"must be one of {', '.join(words)}")
        return words[value]

    return read


def _member(kind: type[StrEnum]) -> Reader:
    return _word({member.value: member for member in kind})


def _rising(place: str, value: object) -> tuple[QuoteStep, ...]:
    steps: tuple[QuoteStep, ...] = _list(_table(QuoteStep, _STEP))(place, value)
    for number, step in enumerate(steps[1:], start=1):
        before = steps[number - 1].after
        if step.after <= before:
            mend = f"must be more than the {before.total_seconds():g} of the step before"
            raise ValueError(f"{place}[{number}].after = {step.after.total_seconds():g} {mend}")
    return steps


_WHOM: dict[str, Reader] = {
    "contract": _contract,
    "side": _word(SIDES),
    "role": _word(ROLES),
    "skip": _count(0),
    "times": _count(1),
}
_STEP: dict[str, Reader] = {"after": _seconds, "bid": _price, "ask": _price, "age": _seconds}
_EXECUTION: dict[str, Reader] = {"after": _seconds, "quantity": _count(1), "price": _price}
_FILL = _table(Execution, _EXECUTION)
_REQUEST = _WHOM | {"refuse": _text, "fill": _FILL, "takes": _seconds}
_QUOTES: dict[str, Reader] = {"contract": _contract, "steps": _rising, "settles_at": _price}
_SCENARIO: dict[str, Reader] = {
    "quotes": _list(_table(QuoteScript, _QUOTES, ("contract",))),
    "fills": _list(_table(FillRule, _WHOM | {"executions": _list(_FILL)})),
    "rejects": _list(_table(RejectRule, _WHOM | {"reason": _text, "after": _seconds}, ("reason",))),
    "cancels": _list(_table(CancelRule, _REQUEST)),
    "replaces": _list(_table(ReplaceRule, _REQUEST)),
    "answers": _list(
        _table(
            AnswerRule,
            _WHOM | {"operation": _member(Operation), "outcome": _member(LostAnswer), "arrives_after": _seconds},
            ("operation", "outcome"),
        )
    ),
    "reports": _list(_table(ReportRule, _WHOM | {"copies": _count(0), "delay": _seconds})),
    "reads": _list(
        _table(
            ReadRule,
            {key: _WHOM[key] for key in ("contract", "skip", "times")} | {"read": _member(Read), "forbidden": _flag},
            ("read",),
        )
    ),
    "replace_after_partial_fill": _member(AfterPartialFill),
}
