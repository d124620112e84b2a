"""How each kind of field stands in the log: strict cattrs hooks, without coercion in either direction.

A Decimal is text and keeps its exponent (0.90 stays 0.90), so that a replay speaks the same words. An instant is ISO
text in UTC, a date ISO text, a time span its seconds as decimal text, an enumeration its value, a set a sorted list.
Where JSON cannot tell the members of a union apart, the value stands under its member's tag.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter

from domain.alerts import DaysToExpiry, ExpiryAsWritten, MonthDay, RelativeExpiry

Fact = str | int | Decimal | None
Write = Callable[[Any], Any]
Read = Callable[[Any, Any], Any]

MICROSECOND = timedelta(microseconds=1)
EXPIRY_TAGS: Mapping[str, type] = {
    "date": date,
    "month_day": MonthDay,
    "sessions": DaysToExpiry,
    "word": RelativeExpiry,
}


def strict_converter(roots: Iterable[type]) -> Converter:
    """Return a converter for `roots` and all they hold that refuses whatever is not exactly what its field declares."""
    converter = Converter(detailed_validation=False, forbid_extra_keys=True)
    for type_, write, read in (
        *((exact, _exactly(exact), _ignoring_type(_exactly(exact))) for exact in (str, int, bool)),
        *((enum, _enum_writer(enum), _enum_reader(enum)) for enum in _enumerations(roots)),
        (Decimal, _write_decimal, read_decimal),
        (date, _write_date, _read_date),
        (datetime, write_instant, read_instant),
        (timedelta, _write_span, _read_span),
    ):
        converter.register_unstructure_hook(type_, write)
        converter.register_structure_hook(type_, read)
    for union, write, read in (
        (ExpiryAsWritten | None, _expiry_writer(converter), _expiry_reader(converter)),
        (Fact, _write_fact, _read_fact),
    ):
        converter.register_unstructure_hook(union, write)
        converter.register_structure_hook(union, read)
    converter.register_unstructure_hook_factory(_has_origin(Mapping), _mapping_writer)
    converter.register_structure_hook_factory(_has_origin(Mapping), _mapping_reader)
    converter.register_unstructure_hook_factory(_has_origin(frozenset), _set_writer)
    return converter


def _enumerations(roots: Iterable[Any]) -> set[type[Enum]]:
    """All enumerations within: each has a hook of its own, or the hook for str would take an enumeration of texts."""
    found: set[type[Enum]] = set()
    waiting, seen = list(roots), set[Any]()
    while waiting:
        type_ = waiting.pop()
        if type_ in seen:
            continue
        seen.add(type_)
        waiting.extend(get_args(type_))
        if isinstance(type_, type) and issubclass(type_, Enum):
            found.add(type_)
        elif attrs.has(type_):
            waiting.extend(attribute.type for attribute in attrs.fields(attrs.resolve_types(type_)))
    return found


def _has_origin(origin: type) -> Callable[[Any], bool]:
    return lambda type_: get_origin(type_) is origin


# ---- scalars ---------------------------------------------------------------------------------------------------------


def _exactly(expected: type) -> Write:
    """An int is no bool and no float; any str will do, for an enumeration of texts is one."""
    subclasses = expected is str

    def check(value: Any) -> Any:  # noqa: ANN401 - a checked value is passed on as it is
        if type(value) is expected or (subclasses and isinstance(value, str)):
            return value
        raise ValueError(f"{value!r} is no {expected.__name__}")

    return check


def _ignoring_type(check: Write) -> Read:
    return lambda value, _type: check(value)


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")  # noqa: TRY004 - one error for all that does not read
    return value


def _write_decimal(value: Any) -> str:  # noqa: ANN401
    if type(value) is not Decimal or not value.is_finite():
        raise ValueError(f"{value!r} is no finite Decimal")
    return str(value)


def read_decimal(value: Any, _type: Any = None) -> Decimal:  # noqa: ANN401
    """Return the number of a decimal text. Raises ValueError for anything else, infinities included."""
    try:
        number = Decimal(_text(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no decimal number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is no finite number")
    return number


def write_instant(value: Any) -> str:  # noqa: ANN401
    """Return an aware instant as ISO text in UTC, of one width. Raises ValueError for a time without offset."""
    if type(value) is not datetime or (value.tzinfo is not UTC and value.utcoffset() is None):
        raise ValueError(f"{value!r} is no aware instant")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(timespec="microseconds")


def read_instant(value: Any, _type: Any = None) -> datetime:  # noqa: ANN401
    """Return the instant of an ISO text in UTC. Raises ValueError for anything else, a time without offset included."""
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is not UTC:
        raise ValueError(f"{value!r} is no instant in UTC")
    return instant


def _write_date(value: Any) -> str:  # noqa: ANN401
    if type(value) is not date:
        raise ValueError(f"{value!r} is no date")
    return value.isoformat()


def _read_date(value: Any, _type: Any) -> date:  # noqa: ANN401
    return date.fromisoformat(_text(value))


def _write_span(value: Any) -> str:  # noqa: ANN401
    if type(value) is not timedelta:
        raise ValueError(f"{value!r} is no time span")
    seconds, micros = divmod(value // MICROSECOND, 1_000_000)
    return str(seconds) if not micros else f"{Decimal(value // MICROSECOND).scaleb(-6).normalize():f}"


def _read_span(value: Any, _type: Any) -> timedelta:  # noqa: ANN401
    micros = read_decimal(value).scaleb(6)
    if micros != micros.to_integral_value():
        raise ValueError(f"{value!r} seconds are no whole microseconds")
    return timedelta(microseconds=int(micros))


def _enum_writer(type_: type[Enum]) -> Write:
    values = {member: member.value for member in type_}

    def write(value: Any) -> Any:  # noqa: ANN401 - the value of any enumeration
        if type(value) is not type_:
            raise ValueError(f"{value!r} is no {type_.__name__}")
        return values[value]

    return write


def _enum_reader(type_: type[Enum]) -> Read:
    members = {member.value: member for member in type_}

    def read(value: Any, _type: Any) -> Any:  # noqa: ANN401
        if value not in members:
            raise ValueError(f"{value!r} is no {type_.__name__}")
        return members[value]

    return read


# ---- containers ------------------------------------------------------------------------------------------------------


def _mapping_writer(type_: Any, converter: Converter) -> Write:  # noqa: ANN401
    key_type, value_type = get_args(type_)
    key, value = converter.get_unstructure_hook(key_type), converter.get_unstructure_hook(value_type)
    return lambda mapping: {str(key(name)): value(inner) for name, inner in mapping.items()}


def _mapping_reader(type_: Any, converter: Converter) -> Read:  # noqa: ANN401
    key_type, value_type = get_args(type_)
    key = _number_key if key_type is int else converter.get_structure_hook(key_type)
    value = converter.get_structure_hook(value_type)
    return lambda mapping, _type: {key(name, key_type): value(inner, value_type) for name, inner in mapping.items()}


def _number_key(text: str, _type: Any) -> int:  # noqa: ANN401
    if str(int(text)) != text:
        raise ValueError(f"key {text!r} is no whole number")
    return int(text)


def _set_writer(type_: Any, converter: Converter) -> Write:  # noqa: ANN401
    hook = converter.get_unstructure_hook(get_args(type_)[0])
    return lambda members: sorted(map(hook, members))


# ---- unions that JSON cannot tell apart ------------------------------------------------------------------------------


def _expiry_writer(converter: Converter) -> Write:
    tags = {member: tag for tag, member in EXPIRY_TAGS.items()}

    def write(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
        if value is None:
            return None
        if type(value) not in tags:
            raise ValueError(f"{value!r} is no expiry")
        return {tags[type(value)]: converter.unstructure(value)}

    return write


def _expiry_reader(converter: Converter) -> Read:
    def read(value: Any, _type: Any) -> ExpiryAsWritten | None:  # noqa: ANN401
        if value is None:
            return None
        if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= EXPIRY_TAGS.keys():
            raise ValueError(f"{value!r} is no expiry: one of {', '.join(EXPIRY_TAGS)}")
        ((tag, inner),) = value.items()
        expiry: ExpiryAsWritten = converter.structure(inner, EXPIRY_TAGS[tag])
        return expiry

    return read


def _write_fact(value: Fact) -> str | int | dict[str, str] | None:
    if value is None or type(value) is int or isinstance(value, str):
        return value
    return {"decimal": _write_decimal(value)}


def _read_fact(value: Any, _type: Any) -> Fact:  # noqa: ANN401
    if value is None or type(value) in {int, str}:
        return value  # type: ignore[no-any-return]
    if not isinstance(value, dict) or value.keys() != {"decimal"}:
        raise ValueError(f"{value!r} is no fact: a text, a whole number or a decimal")
    return read_decimal(value["decimal"])
