"""The desk's state as lines of JSON and back, as strictly as a row of the log.

A part that is a mapping has a line for each of its items, any other part has one: no line takes long. The order of
items is kept, for the desk works through them in it. Every part is there, so that none is filled up with a default.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, get_origin

import attrs
from cattrs.errors import CattrsError

from adapters.sqlite.hooks import strict_converter
from domain.desk import DeskState

Write = Callable[[Any], Any]
Read = Callable[[Any, Any], Any]


class StateCodecError(Exception):
    """Lines that are not a state as this version writes it, or a state that could not be read back."""


@attrs.frozen
class _Part:
    """A field of the state, and how it is written and read."""

    name: str
    type: Any
    write: Write
    read: Read
    is_mapping: bool


def _write_fraction(value: Any) -> str:  # noqa: ANN401 - whatever stands in the field
    if type(value) is not Fraction:
        raise ValueError(f"{value!r} is no fraction")
    return str(value)


def _read_fraction(value: Any, _type: Any) -> Fraction:  # noqa: ANN401
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no fraction")  # noqa: TRY004 - one error for all that does not read
    return Fraction(value)


@cache  # made for the first snapshot: a start without one does without
def _parts() -> dict[str, _Part]:
    converter = strict_converter((DeskState,))
    converter.register_unstructure_hook(Fraction, _write_fraction)
    converter.register_structure_hook(Fraction, _read_fraction)
    return {
        field.name: _Part(
            field.name,
            field.type,
            converter.get_unstructure_hook(field.type),
            converter.get_structure_hook(field.type),
            get_origin(field.type) is Mapping,
        )
        for field in attrs.fields(attrs.resolve_types(DeskState))
    }


_TO_JSON = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_FAILURES = (CattrsError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


def encode_state(state: DeskState) -> Iterator[str]:
    """Yield the lines of a state, without line ends. Raises StateCodecError for what could not be read back."""
    for part in _parts().values():
        whole = getattr(state, part.name)
        pieces = ({key: value} for key, value in whole.items()) if part.is_mapping else (whole,)
        for piece in pieces:
            try:
                yield _TO_JSON.encode([part.name, part.write(piece)])
            except _FAILURES as error:
                raise StateCodecError(f"{part.name} cannot be written: {error}") from error


def decode_state(lines: Iterable[str]) -> DeskState:
    """Return the state of its lines. Raises StateCodecError for any other text."""
    found: dict[str, Any] = {name: {} for name, part in _parts().items() if part.is_mapping}
    for line in lines:
        try:
            _take(found, *json.loads(line))
        except _FAILURES as error:
            raise StateCodecError(f"{line[:40]}… cannot be read: {error}") from error
    missing = _parts().keys() - found.keys()
    if missing:
        raise StateCodecError(f"it says nothing of {', '.join(sorted(missing))}")
    return DeskState(**found)


def _take(found: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    part = _parts()[name]
    read = part.read(value, part.type)
    if not part.is_mapping:
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = read
        return
    if found[name].keys() & read.keys():
        raise ValueError(f"an item of {name} is there twice")
    found[name].update(read)
