"""How prices and times of day are written for people, in every sentence the same way."""

from datetime import datetime
from decimal import Decimal

from domain.calendar import NEW_YORK

FOUR_PLACES = Decimal("0.0001")


def money(price: Decimal | None) -> str:
    """Return a price or an average for reading: cents, up to four places where it has them; "market" for none."""
    return "market" if price is None else in_full(price.quantize(FOUR_PLACES))


def in_full(price: Decimal | None) -> str:
    """Return a price with all its places, its cents at least; "none" for none."""
    if price is None:
        return "none"
    if not price.is_finite():
        return str(price)
    whole, _, places = f"{price.normalize():f}".partition(".")
    return f"{whole}.{places:0<2}"


def new_york_hour(instant: datetime) -> str:
    """Return the time of day in New York, named as such: `16:00 New York`."""
    return f"{instant.astimezone(NEW_YORK):%H:%M} New York"


def new_york_minute(instant: datetime) -> str:
    """Return date and time of day in New York, named as such: `2026-11-30 16:00 New York`."""
    return f"{instant.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York"
