"""Events, decisions and commands as canonical JSON and back.

The members come from the closed unions of the domain: a new one needs no change here as long as its fields are of kinds
that `hooks` knows. Equal bytes for equal values: sorted keys, no spaces, ASCII. Nothing is coerced in either direction:
what could not be read back is refused when it is written. A field that is missing in an old row takes its default; a
field or kind that is not known is an error, never skipped.
"""

import json
from collections.abc import Callable, Mapping
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined] # not in its stubs
from typing import Any

from cattrs.errors import CattrsError

from adapters.sqlite.hooks import strict_converter
from domain.commands import Command
from domain.events import Decision, Input, Stamped
from ports.audit_log import ROW_CLASSES

Recorded = Input | Decision | Command

KINDS: Mapping[str, type] = {member.__name__: member for member in ROW_CLASSES}

_CONVERTER = strict_converter(ROW_CLASSES)
# Each is made for the first row of its kind: all of them together would be a sixth of a desk's start.
_WRITERS: dict[type, Callable[[Any], Any]] = {}
_READERS: dict[str, Callable[[Any, type], Any]] = {}
# JSONEncoder.encode makes its C encoder anew for every text, which takes longer than encoding most rows does.
# Its arguments: no look for circles, for values have none; what refuses a float or an unknown type; ASCII; no indent,
# no spaces; keys sorted, none skipped; no NaN.
_NO, _YES = False, True
_JSON_PARTS = c_make_encoder(None, json.JSONEncoder().default, encode_basestring_ascii, None, ":", ",", _YES, _NO, _NO)


class CodecError(Exception):
    """A value that cannot be written, or a text that this version cannot read. The message says which and why."""


def recorded(body: Stamped | Decision | Command) -> Recorded:
    """Return what is written of a body: all of it, except an input's instant, which stands in the row itself."""
    return body.event if isinstance(body, Stamped) else body


def encode(value: Recorded) -> str:
    """Return the canonical JSON text of a member's fields. Raises CodecError for what could not be read back."""
    writer = _WRITERS.get(type(value)) or _make_writer(type(value))
    try:
        return "".join(_JSON_PARTS(writer(value), 0))
    except (CattrsError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise CodecError(f"{type(value).__name__} cannot be recorded: {error}") from error


def decode(kind: str, text: str) -> Recorded:
    """Return the member that `text` was made from. Raises CodecError for an unknown kind, field or value."""
    reader = _READERS.get(kind) or _make_reader(kind)
    try:
        value: Recorded = reader(json.loads(text), KINDS[kind])
    except (CattrsError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        told = f"field {error} is missing" if isinstance(error, KeyError) else error
        raise CodecError(
            f"{kind} is not written as this version writes it ({told}): "
            "this log was written by another version of alert-trader"
        ) from error
    return value


def _make_writer(member: type) -> Callable[[Any], Any]:
    if member not in ROW_CLASSES:
        raise CodecError(f"{member.__name__} is no event, decision or command")
    writer: Callable[[Any], Any] = _CONVERTER.get_unstructure_hook(member)
    _WRITERS[member] = writer
    return writer


def _make_reader(kind: str) -> Callable[[Any, type], Any]:
    if kind not in KINDS:
        raise CodecError(f"kind {kind} is not known here: this log was written by another version of alert-trader")
    reader: Callable[[Any, type], Any] = _CONVERTER.get_structure_hook(KINDS[kind])
    _READERS[kind] = reader
    return reader
