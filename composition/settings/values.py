"""From a setting's text to its value and back. Strict: what is not written as documented is an error with a mend.

One text form for every source, so that the environment, `.env` and `alert-trader.toml` mean the same by the same text.
"""

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

from attrs import field, frozen
from cattrs import Converter

from domain.value import Value

MASK = "****"
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_ID = re.compile(r"[0-9]{1,19}")


class SettingsError(Exception):
    """The settings cannot be used. `problems` names each key, its value and the mend, all that were found."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@frozen(repr=False)
class Secret(Value):
    """A text that is never printed: only `reveal` gives it out."""

    _value: str = field()

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"


def parse(text: str, kind: Any) -> Any:  # noqa: ANN401 - the value has the type that is asked for
    """Return the value of `kind` that `text` says. Raises ValueError with the mend, without naming the setting."""
    return _CONVERTER.structure(text.strip(), kind)


def shown(value: object) -> str:
    """Return a value as it is written in a setting; a secret masked, nothing at all for None."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case timedelta():
            return f"{value.total_seconds():g}"
        case frozenset() | tuple():
            texts = [shown(item) for item in value]
            return ",".join(texts if isinstance(value, tuple) else sorted(texts))
        case _:
            return str(value)


def type_name(kind: Any) -> str:  # noqa: ANN401
    """Return what kind of text a setting takes, in a trader's words."""
    inner = _without_none(kind)
    if inner is not None:
        return type_name(inner)
    if get_origin(kind) is frozenset:
        (member,) = get_args(kind)
        return "ids" if member is int else f"some of {', '.join(member)}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(kind)
    return _NAMES[kind]


_NAMES = {
    bool: "true or false",
    Decimal: "number",
    int: "whole number",
    timedelta: "seconds",
    Secret: "secret",
    Path: "file",
    str: "text",
}


# ---- strict readers ------------------------------------------------------------------------------------------------


def _text(text: str, _: object) -> str:
    if not text:
        raise ValueError("is empty: write a value or remove the line")
    return text


def _flag(text: str, _: object) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("write true or false")
    return text == "true"


def _decimal(text: str, _: object) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError("write a number in digits, such as 10 or 2.5, without a sign for percent or dollars")
    return Decimal(text)


def _whole(text: str, _: object) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError("write a whole number in digits, such as 10")
    return int(text)


def _seconds(text: str, _: object) -> timedelta:
    if not _NUMBER.fullmatch(text):
        raise ValueError("write a number of seconds in digits, such as 90")
    return timedelta(seconds=float(text))


def _id(text: str) -> int:
    if not _ID.fullmatch(text) or not int(text):
        raise ValueError(f"{text!r} is no id: copy the number with Discord's Developer Mode, never a name")
    return int(text)


def _member(text: str, kind: type[StrEnum]) -> StrEnum:
    found = next((member for member in kind if member.value == text), None)
    if found is None:
        raise ValueError(f"{text!r} is not among {', '.join(kind)}")
    return found


def _set(text: str, kind: Any) -> frozenset[Any]:  # noqa: ANN401
    (member,) = get_args(kind)
    if member is int:  # an empty list of ids is a value: it allows nobody
        return frozenset(_id(part.strip()) for part in text.split(",")) if text else frozenset()
    return frozenset(_CONVERTER.structure(part.strip(), member) for part in _text(text, str).split(","))


def _words(text: str, _: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()


def _or_none(text: str, kind: Any) -> Any:  # noqa: ANN401
    return _CONVERTER.structure(text, _without_none(kind)) if text else None


def _origin(kind: Any) -> Any:  # noqa: ANN401
    return get_origin(kind)


def _without_none(kind: Any) -> Any:  # noqa: ANN401
    """Return X of `X | None`, or None for any other type."""
    members = get_args(kind)
    if type(None) not in members:
        return None
    (inner,) = (member for member in members if member is not type(None))
    return inner


def _converter() -> Converter:
    converter = Converter()
    readers: dict[type, Callable[[str, Any], Any]] = {
        bool: _flag,
        Decimal: _decimal,
        int: _whole,
        timedelta: _seconds,
        str: _text,
        StrEnum: _member,  # by class: a member of one is a `str` too
        Path: lambda text, _: Path(_text(text, str)),
        Secret: lambda text, _: Secret(_text(text, str)),
    }
    for kind, reader in readers.items():
        converter.register_structure_hook(kind, reader)
    converter.register_structure_hook_func(lambda kind: _origin(kind) is frozenset, _set)
    converter.register_structure_hook_func(lambda kind: _origin(kind) is tuple, _words)
    converter.register_structure_hook_func(lambda kind: _without_none(kind) is not None, _or_none)
    return converter


_CONVERTER = _converter()


def near(wrong: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    """Return what `wrong` was most likely meant to be, or None.

    What cannot be near, for its length or its letters, is left out first: every variable is asked about at each start.
    """
    length, letters = len(wrong), set(wrong)
    possible = [
        name
        for name in known
        if 2 * min(length, len(name)) >= (least := cutoff * (length + len(name)))
        and 2 * (length - len(letters.difference(name))) >= least
        and 2 * sum(min(wrong.count(letter), name.count(letter)) for letter in letters) >= least
    ]
    if not possible:
        return None
    from difflib import get_close_matches

    found = get_close_matches(wrong, possible, n=1, cutoff=cutoff)
    return found[0] if found else None
