"""The calendar against an independent one, day by day, and its own small promises."""

import warnings
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendar import new_york_date
from tests.support.builders import ALWAYS_OPEN, NYSE


@pytest.fixture(scope="module")
def exchange():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars

        return exchange_calendars.get_calendar("XNYS", start="2015-01-02")


def test_every_session_and_its_hours_agree_with_an_independent_calendar(exchange):
    schedule = {
        label.date(): (opens.to_pydatetime(), closes.to_pydatetime())
        for label, opens, closes in zip(
            exchange.schedule.index, exchange.schedule["open"], exchange.schedule["close"], strict=True
        )
    }
    first, last = min(schedule), max(schedule)
    day, compared = first, 0
    while day <= last:
        session = NYSE.session(day)
        ours = None if session is None else (session.opens_at, session.closes_at)
        assert ours == schedule.get(day), day
        day += timedelta(days=1)
        compared += 1
    assert compared > 4000


def test_a_saturday_new_year_is_not_kept_on_friday():
    assert NYSE.is_session(date(2021, 12, 31))


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        (datetime(2026, 11, 20, 14, 29, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 20, 14, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 20, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 15, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 17, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 27, 18, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 6, 13, 30, tzinfo=UTC), True),
    ],
)
def test_which_instants_are_in_a_session(instant, is_open):
    assert (NYSE.session_at(instant) is not None) is is_open


def test_the_simulated_market_never_closes():
    for hours in range(0, 24 * 400, 7):
        instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        session = ALWAYS_OPEN.session_at(instant)
        assert session is not None
        assert session.contains(instant)
        assert session.day == new_york_date(instant)


def test_the_sessions_from_a_day_on_are_in_order():
    friday = date(2026, 11, 20)
    ahead = NYSE.sessions_from(friday)
    assert [next(ahead) for _ in range(4)] == [friday, date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (date(2026, 11, 21), 2, date(2026, 11, 24)),
    ],
)
def test_counting_sessions(day, count, found):
    assert NYSE.sessions_after(day, count) == found


@pytest.mark.parametrize("count", [-1, 400])
def test_counting_past_the_horizon_is_an_error(count):
    with pytest.raises(ValueError, match="outside the calendar"):
        NYSE.sessions_after(date(2026, 11, 20), count)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 16), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 21), date(2026, 11, 27)),
        (date(2026, 3, 30), date(2026, 4, 2)),  # Good Friday is no session
    ],
)
def test_the_last_session_of_the_week(day, last):
    assert NYSE.last_session_of_week(day) == last
