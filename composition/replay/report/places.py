"""Where a story is, seen from the report's page and from the days' pages beside it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.calendar import new_york_date
from ports.audit_log import Row

RowsOf = Callable[[str], Iterable[Row]]  # a trade's rows in the log, the oldest first


def anchor(number: int) -> str:
    """Return the anchor of the story that a message led to, in its day's page."""
    return f"message-{number}"


def beside(number: int, at: datetime) -> str:
    """Return a story's place as the days' pages call it."""
    return f"{new_york_date(at)}.html#{anchor(number)}"


def from_report(number: int, at: datetime) -> str:
    """Return a story's place as the report's page calls it."""
    return f"stories/{beside(number, at)}"
