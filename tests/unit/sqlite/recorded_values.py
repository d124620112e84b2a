"""Any event, decision or command: strategies derived from the unions and the types of their fields."""

import operator
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import reduce
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from domain.commands import Command
from domain.events import Decision, Input
from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM, TickTable

MEMBERS = (*get_args(Input), *get_args(Decision), *get_args(Command))

TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)  # all of it: surrogates, NUL, quotes
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("0.90"), Decimal("1E+2"), Decimal("-0.00"), Decimal("0.00000001")]
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5))])
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the bounds are naive
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**70), 2**70),
    bool: st.booleans(),
    type(None): st.none(),
    Decimal: DECIMALS,
    date: st.dates(),
    datetime: INSTANTS,
    timedelta: st.timedeltas(),
    TickTable: st.sampled_from([NICKEL, PENNY_ALL, PENNY_PROGRAM]),
}


def values(type_: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any value that a field of this type can hold."""
    origin, inner = get_origin(type_), get_args(type_)
    if type_ in LEAVES:
        return LEAVES[type_]
    if origin in {Union, UnionType}:
        return reduce(operator.or_, map(values, inner))
    if origin is tuple:
        return st.lists(values(inner[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(values(inner[0]), max_size=3)
    if origin is Mapping:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
    if issubclass(type_, Enum):
        return st.sampled_from(list(type_))
    return instances(type_)


def instances(type_: type) -> st.SearchStrategy[Any]:
    """Return a strategy for an attrs class. A field with a validator keeps its default: not just any value will do."""
    fields = [field for field in attrs.fields(attrs.resolve_types(type_)) if field.init]
    checked = hasattr(type_, "__attrs_post_init__")
    drawn = {field.name: values(field.type) for field in fields if field.validator is None and not checked}
    return st.builds(type_, **drawn)


RECORDED = st.one_of([instances(member) for member in MEMBERS])
