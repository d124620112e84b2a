"""How times of day are written for people, in every sentence the same way."""

from datetime import datetime

from domain.calendar import NEW_YORK


def new_york_hour(instant: datetime) -> str:
    """Return the time of day in New York, named as such: `16:00 New York`."""
    return f"{instant.astimezone(NEW_YORK):%H:%M} New York"


def new_york_minute(instant: datetime) -> str:
    """Return date and time of day in New York, named as such: `2026-11-30 16:00 New York`."""
    return f"{instant.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York"
