"""Trading days and hours as data: which days are sessions, when they open and close, what "n sessions on" means.

Dates and hours are America/New_York, instants are aware UTC. The NYSE rules are those of NYSE Rule 7.2 and the
exchange's published calendars; a test compares them with an independent calendar library, day by day, from 2015 on.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from domain.value import Value

NEW_YORK = ZoneInfo("America/New_York")
OPEN = time(9, 30)
CLOSE = time(16, 0)
EARLY_CLOSE = time(13, 0)
MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6
JUNETEENTH_SINCE = 2022
HORIZON_DAYS = 370

# Closed by proclamation, not by rule.
SPECIAL_CLOSURES = frozenset({date(2018, 12, 5), date(2025, 1, 9)})


class CalendarName(StrEnum):
    NYSE = "XNYS"
    ALWAYS_OPEN = "always_open"


@lru_cache(maxsize=512)  # a step asks many times for the date of the same few instants
def new_york_date(instant: datetime) -> date:
    """Return the calendar date in New York at an aware instant."""
    return instant.astimezone(NEW_YORK).date()


@lru_cache(maxsize=64)
def new_york_day(day: date) -> tuple[datetime, datetime]:
    """Return a calendar date's first instant in New York and the next date's, aware UTC: `first <= t < next`."""
    return _instant(day, time(0)), _instant(day + timedelta(days=1), time(0))


@frozen
class Session(Value):
    """One trading day's hours, `opens_at <= t < closes_at`, as aware UTC instants."""

    day: date
    opens_at: datetime
    closes_at: datetime

    def contains(self, instant: datetime) -> bool:
        return self.opens_at <= instant < self.closes_at


@frozen
class TradingCalendar(Value):
    """A calendar by name: the NYSE's, or the simulated market's, in which every day is a session of 24 hours."""

    name: CalendarName = CalendarName.NYSE

    def is_session(self, day: date) -> bool:
        return self.session(day) is not None

    def session(self, day: date) -> Session | None:
        """Return the hours of `day`, or None where it is not a session."""
        return _whole_day(day) if self.name is CalendarName.ALWAYS_OPEN else _nyse_session(day)

    def session_at(self, instant: datetime) -> Session | None:
        """Return the session that is open at `instant`, or None."""
        session = self.session(new_york_date(instant))
        return session if session is not None and session.contains(instant) else None

    def sessions_from(self, day: date) -> Iterator[date]:
        """Yield the sessions on or after `day`, in order, for about a year."""
        for ahead in range(HORIZON_DAYS):
            candidate = day + timedelta(days=ahead)
            if self.is_session(candidate):
                yield candidate

    def sessions_after(self, day: date, count: int) -> date:
        """Return the `count`-th session after `day`; 0 is `day` itself, session or not.

        Raises ValueError for a negative count or one past the calendar's horizon of about a year.
        """
        if count == 0:
            return day
        if count > 0:
            for number, session in enumerate(self.sessions_from(day + timedelta(days=1)), start=1):
                if number == count:
                    return session
        raise ValueError(f"{count} sessions after {day} is outside the calendar (0 to about 250)")

    def last_session_of_week(self, day: date) -> date:
        """Return the last session, Friday at the latest, of the week that `day` trades in.

        Saturday and Sunday belong to the week that follows.
        """
        last = day + timedelta(days=(FRIDAY - day.weekday()) % 7)
        while not self.is_session(last):  # no calendar closes for a whole week
            last -= timedelta(days=1)
        return last


@lru_cache(maxsize=4096)
def _whole_day(day: date) -> Session:
    return Session(day, *new_york_day(day))


@lru_cache(maxsize=4096)
def _nyse_session(day: date) -> Session | None:
    if day.weekday() >= SATURDAY or day in _closures(day.year):
        return None
    closes = EARLY_CLOSE if day in _early_closes(day.year) else CLOSE
    return Session(day, _instant(day, OPEN), _instant(day, closes))


def _instant(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_weekday(year: int, month: int, weekday: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _easter(year: int) -> date:
    """Gregorian Easter Sunday (the anonymous algorithm of Meeus, Jones and Butcher)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _observed(day: date) -> date:
    """Saturday holidays are kept on Friday, Sunday holidays on Monday."""
    if day.weekday() == SATURDAY:
        return day - timedelta(days=1)
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day


@cache
def _closures(year: int) -> frozenset[date]:
    new_year = date(year, 1, 1)
    days = {
        _nth_weekday(year, 1, MONDAY, 3),  # Martin Luther King Day
        _nth_weekday(year, 2, MONDAY, 3),  # Presidents' Day
        _easter(year) - timedelta(days=2),  # Good Friday
        _last_weekday(year, 5, MONDAY),  # Memorial Day
        _observed(date(year, 7, 4)),
        _nth_weekday(year, 9, MONDAY, 1),  # Labor Day
        _nth_weekday(year, 11, THURSDAY, 4),  # Thanksgiving
        _observed(date(year, 12, 25)),
    }
    if new_year.weekday() != SATURDAY:  # a Saturday New Year is not kept on the old year's last day
        days.add(_observed(new_year))
    if year >= JUNETEENTH_SINCE:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(days | {day for day in SPECIAL_CLOSURES if day.year == year})


@cache
def _early_closes(year: int) -> frozenset[date]:
    """Days that close at 13:00: before Independence Day, after Thanksgiving, Christmas Eve."""
    candidates = {
        date(year, 7, 3),
        _nth_weekday(year, 11, THURSDAY, 4) + timedelta(days=1),
        date(year, 12, 24),
    }
    return frozenset(day for day in candidates if day.weekday() < SATURDAY and day not in _closures(year))
