"""Requests as values: a body of limited size, one JSON object, each field exactly what it has to be.

Nothing is coerced: a true is no number, a number no text, and a field that nobody knows is an error.
"""

import asyncio
import json
import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import frozen
from starlette.requests import Request

from adapters.admin_api.errors import FieldError, RequestError
from domain.value import Value

BODY_MAX = 16 * 1024
BODY_SECONDS = 10.0
ID_MAX = 2**64 - 1
PRICE_MAX = Decimal(1_000_000)
PRICE_PLACES = 6
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_PRICE = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?", re.ASCII)


@frozen
class Fields(Value):
    """The fields of one request. Every reader raises FieldError naming the field, the value and the mend."""

    values: Mapping[str, Any]

    def text(self, name: str, *, longest: int) -> str | None:
        """Return a text of at most `longest` characters, or None where there is none."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise FieldError(name, f"{_shown(value)} is no text: write it in quotes")
        if len(value) > longest:
            raise FieldError(name, f"{len(value)} characters are more than the {longest} that are taken")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise FieldError(name, "it holds half of a surrogate pair, which no text can hold")
        return value

    def required_text(self, name: str, *, longest: int) -> str:
        value = self.text(name, longest=longest)
        if value is None:
            raise FieldError(name, "it is missing: send a text")
        return value

    def snowflake(self, name: str) -> int:
        """Return an id: a whole number or its digits in quotes, above zero and within 64 bits."""
        value = self.values.get(name)
        if value is None:
            raise FieldError(name, "it is missing: send an id, a whole number or its digits in quotes")
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if type(value) is not int or not 0 < value <= ID_MAX:
            raise FieldError(name, f"{_shown(value)} is no id: send a whole number or its digits in quotes")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false, false where there is none."""
        value = self.values.get(name)
        if value is None:
            return False
        if type(value) is not bool:
            raise FieldError(name, f"{_shown(value)} is neither true nor false")
        return value

    def choice(self, name: str, among: Collection[str]) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or value not in among:
            told = "it is missing" if value is None else f"{_shown(value)} is not known"
            raise FieldError(name, f"{told}: send one of {', '.join(among)}")
        return value

    def price(self, name: str) -> Decimal:
        """Return a price per share above zero, from a number or a decimal text, exactly as it was written."""
        value = self.values.get(name)
        if value is None:
            raise FieldError(name, 'it is missing: send a price per share such as "0.75"')
        number = _decimal(value)
        if number is None or not 0 < number < PRICE_MAX:
            raise FieldError(name, f'{_shown(value)} is no price above zero: send one per share such as "0.75"')
        return number

    def message_id(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None:
            return None
        if type(value) is int and 0 < value <= ID_MAX:
            return str(value)
        if not isinstance(value, str) or not _MESSAGE_ID.fullmatch(value):
            raise FieldError(name, f"{_shown(value)} is no message id: 1 to 64 of letters, digits, and . _ : -")
        return value

    def whole(self, name: str, *, default: int | None, least: int = 1, most: int = ID_MAX) -> int | None:
        """Return the whole number of a query parameter, or `default` where there is none."""
        value = self.values.get(name)
        if value is None:
            return default
        if not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
            raise FieldError(name, f"{_shown(value)} is no whole number from {least} to {most}")
        return int(value)


async def body_fields(request: Request, *, known: Collection[str], optional: bool = False) -> Fields:
    """Return the fields of a JSON body; where it is optional, an empty one has none.

    Raises RequestError for a body that is too large (413), too slow (408) or no JSON (400), FieldError for one that is
    no object or has a field that is not `known`.
    """
    body = await _body(request)
    if optional and not body.strip():
        return Fields({})
    try:
        value = json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_object
        )
    except (ValueError, RecursionError, InvalidOperation):
        raise RequestError(400, "not_json", "the body is no JSON: send one object, each field once") from None
    if not isinstance(value, dict):
        raise FieldError("body", "it is no object: send the fields in { }")
    _refuse_others(value, known)
    return Fields(value)


def query_fields(request: Request, *, known: Collection[str]) -> Fields:
    """Return the fields after the question mark. Raises FieldError for one that is not `known` or comes twice."""
    pairs = request.query_params.multi_items()
    values = dict(pairs)
    _refuse_others(values, known)
    for name in values:
        if sum(name == other for other, _ in pairs) > 1:
            raise FieldError(name, "it is there more than once")
    return Fields(values)


async def _body(request: Request) -> bytes:
    """Read the body as far as the limit: what is longer is never held in memory."""
    too_large = RequestError(413, "too_large", f"the body is larger than {BODY_MAX} bytes")
    told = request.headers.get("content-length", "")
    if told.isdecimal() and (len(told) > len(str(BODY_MAX)) or int(told) > BODY_MAX):
        raise too_large
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                parts += part
                if len(parts) > BODY_MAX:
                    raise too_large
    except TimeoutError:
        raise RequestError(408, "too_slow", f"the body did not come within {BODY_SECONDS:g} s") from None
    return bytes(parts)


def _refuse_others(values: Mapping[str, object], known: Collection[str]) -> None:
    for name in values:
        if name not in known:
            raise FieldError(name[:64], f"it is not known here: {', '.join(known) or 'no field'} is")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a field is there twice")
    return values


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value) if _PRICE.fullmatch(value) else None
    if type(value) is int:
        return Decimal(value)
    # Only what is within bounds can be rounded: 1e30 has more digits than that takes.
    if isinstance(value, Decimal) and 0 < value < PRICE_MAX and value == round(value, PRICE_PLACES):
        return Decimal(format(value, "f"))
    return None


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - what fits a line
