"""Which days options expire on, and when they are traded last. A matter of the calendar, without a list of dates."""

from datetime import UTC, date, datetime, timedelta

from adapters.simulated.market.products import DAILY_EXPIRIES, MORNING_SETTLED, WEDNESDAY_EXPIRIES
from domain.calendar import NEW_YORK, OPEN, CalendarName, TradingCalendar

WEDNESDAY, FRIDAY = 2, 4
EVERY_DAY = timedelta(days=400)  # in the market that is always open
EVERY_WEEK = timedelta(days=100)
FURTHEST = timedelta(days=3 * 366)
VOLATILITY_DAYS = timedelta(days=30)
SEARCH_DAYS = 40
BACK_DAYS = 10


def third_friday(year: int, month: int, calendar: TradingCalendar) -> date:
    """Return the month's standard expiry: its third Friday, or the session before where that is a holiday."""
    first = date(year, month, 1)
    friday = first + timedelta(days=(FRIDAY - first.weekday()) % 7 + 14)
    return friday if calendar.is_session(friday) else session_before(friday, calendar)


def session_before(day: date, calendar: TradingCalendar) -> date:
    """Return the last session before `day`."""
    for back in range(1, BACK_DAYS):
        if calendar.is_session(day - timedelta(days=back)):
            return day - timedelta(days=back)
    raise AssertionError(f"no session in the {BACK_DAYS} days before {day}: the calendar is broken")


def is_monthly(underlying: str, day: date, calendar: TradingCalendar) -> bool:
    """Return whether `day` is the underlying's standard monthly expiry."""
    if underlying in WEDNESDAY_EXPIRIES:  # VIX: 30 days before the next month's third Friday
        following = day + VOLATILITY_DAYS
        return third_friday(following.year, following.month, calendar) == following
    return third_friday(day.year, day.month, calendar) == day


def is_listed(underlying: str, day: date, today: date, calendar: TradingCalendar) -> bool:
    """Return whether options on `underlying` that expire on `day` are listed `today`."""
    ahead = day - today
    if not timedelta(0) <= ahead <= FURTHEST or not calendar.is_session(day):
        return False
    if is_monthly(underlying, day, calendar):
        return True
    if calendar.name is CalendarName.ALWAYS_OPEN:
        return ahead <= EVERY_DAY
    if ahead > EVERY_WEEK:
        return False
    if underlying in WEDNESDAY_EXPIRIES:
        return day.weekday() == WEDNESDAY
    return underlying in DAILY_EXPIRIES or calendar.last_session_of_week(day) == day


def listed_near(underlying: str, day: date, today: date, calendar: TradingCalendar) -> tuple[date, ...]:
    """Return the listed expiries next to `day`, at most one before and one after it."""
    start = max(day, today)
    before = (start - timedelta(days=back) for back in range(SEARCH_DAYS))
    after = (start + timedelta(days=ahead) for ahead in range(1, SEARCH_DAYS))
    found = (
        next((candidate for candidate in side if is_listed(underlying, candidate, today, calendar)), None)
        for side in (before, after)
    )
    return tuple(candidate for candidate in found if candidate is not None)


def is_morning_settled(underlying: str, day: date, calendar: TradingCalendar) -> bool:
    """Return whether the index's own root expires on the morning of `day`, traded last on the session before."""
    return underlying in MORNING_SETTLED and is_monthly(underlying, day, calendar)


def close_of(day: date, calendar: TradingCalendar) -> datetime:
    """Return when the session of `day` closes: 16:00 in New York, 13:00 on a half day, its end where none closes.

    Raises ValueError for a day without a session.
    """
    session = calendar.session(day)
    if session is None:
        raise ValueError(f"{day} is no session; ask for a trading day")
    return session.closes_at


def open_of(day: date) -> datetime:
    """Return 09:30 in New York on `day`, when index futures stop."""
    return datetime.combine(day, OPEN, NEW_YORK).astimezone(UTC)
