"""Expiries: what was written, and the date it means seen from the New York day of the posting.

A month and day mean the nearest such date on or after the posting; one that passed within `STALE_DAYS` was meant for
the past and is refused, never rolled into next year. Words count trading sessions.
"""

from datetime import date, timedelta

from domain.alerts import DaysToExpiry, ExpiryAsWritten, MonthDay, NotAnAlert, Refusal, RelativeExpiry
from domain.calendar import FRIDAY, TradingCalendar

STALE_DAYS = 60
SESSIONS_MAX = 250
_LEAP_YEAR = 2024
_WEEKDAYS = {
    RelativeExpiry.MONDAY: 0,
    RelativeExpiry.TUESDAY: 1,
    RelativeExpiry.WEDNESDAY: 2,
    RelativeExpiry.THURSDAY: 3,
    RelativeExpiry.FRIDAY: 4,
}


def written_date(value: str) -> date | MonthDay | None:
    """Return the date of `2025-12-05` or `-12-05`, None where the calendar has no such day."""
    year, month, day = value.split("-")
    try:
        if year:
            return date(int(year), int(month), int(day))
        date(_LEAP_YEAR, int(month), int(day))
    except ValueError:
        return None
    return MonthDay(int(month), int(day))


def written_words(value: str) -> DaysToExpiry | RelativeExpiry:
    """Return the expiry that a count of sessions ("0") or a word ("weekly") stands for."""
    return DaysToExpiry(int(value)) if value.isdigit() else RelativeExpiry(value)


def resolve(expiry: ExpiryAsWritten, posted_on: date, calendar: TradingCalendar, words: str) -> date | NotAnAlert:
    """Return the date an expiry means when posted on that New York day, or why it means none.

    `words` are those that it was written with.
    """
    if isinstance(expiry, date):
        if expiry < posted_on:
            return NotAnAlert(Refusal.STALE_EXPIRY, f"{expiry} is before the posting day {posted_on}")
        return expiry
    if isinstance(expiry, MonthDay):
        return _nearest(expiry, posted_on)
    if isinstance(expiry, DaysToExpiry):
        if expiry.sessions > SESSIONS_MAX:
            return NotAnAlert(Refusal.BAD_EXPIRY, f"{expiry.sessions} sessions are more than a year")
        return calendar.sessions_after(posted_on, expiry.sessions)
    return _relative(expiry, posted_on, calendar, words)


def _nearest(expiry: MonthDay, posted_on: date) -> date | NotAnAlert:
    for year in (posted_on.year - 1, posted_on.year, posted_on.year + 1):
        day = _in_year(expiry, year)
        if day is not None and day >= posted_on:
            return day
        if day is not None and posted_on - day <= timedelta(days=STALE_DAYS):
            return NotAnAlert(Refusal.STALE_EXPIRY, f"{expiry.month}/{expiry.day} passed on {day}")
    return NotAnAlert(Refusal.BAD_EXPIRY, f"no {expiry.month}/{expiry.day} until the end of {posted_on.year + 1}")


def _in_year(expiry: MonthDay, year: int) -> date | None:
    try:
        return date(year, expiry.month, expiry.day)
    except ValueError:
        return None


def _relative(expiry: RelativeExpiry, posted_on: date, calendar: TradingCalendar, words: str) -> date | NotAnAlert:
    if expiry is RelativeExpiry.TOMORROW:
        return calendar.sessions_after(posted_on, 1)
    weekday = _WEEKDAYS.get(expiry)
    if weekday is not None:
        return posted_on + timedelta(days=(weekday - posted_on.weekday()) % 7)
    last = calendar.last_session_of_week(posted_on)
    if posted_on.weekday() > FRIDAY:
        why = f"posted on a weekend, which week is meant is not clear; the coming one ends on {last}"
        return NotAnAlert(Refusal.VAGUE_EXPIRY, f"{words}: {why}")
    if posted_on >= last:
        return NotAnAlert(Refusal.VAGUE_EXPIRY, f"{words}: posted on or after the week's last session, {last}")
    return last
