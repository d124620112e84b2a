"""Reading single values out of the broker's JSON. Absent and senseless are None: whoever asks says what that means.

Money comes as text, or as a JSON number: of the REST answers that is an exact Decimal already; the SDK's streams make a
float of it, whose shortest form is what was sent.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

MILLISECONDS = 1000
DIGITS_MAX, DECIMALS_MAX = 15, 12

Json = Mapping[str, Any]


def parse_json(content: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what `content` says, numbers with a point as exact decimals. Raises ValueError for what is no JSON."""
    return json.loads(content, parse_float=Decimal)


def mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str | None:
    """Return a non-empty text; a number, such as an order id, in digits."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def decimal(value: object) -> Decimal | None:
    """Return a number of the size that prices, quantities and money have."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    is_sane = isinstance(exponent, int) and exponent >= -DECIMALS_MAX and number.adjusted() < DIGITS_MAX
    return number if is_sane else None


def whole(value: object) -> int | None:
    """Return a whole number; `3.0` is one, `2.5` is not."""
    number = decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def instant(value: object) -> datetime | None:
    """Return an instant, given as ISO text with its zone or as milliseconds since 1970."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo is not None else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value / MILLISECONDS, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
