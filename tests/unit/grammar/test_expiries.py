"""What an expiry means, seen from the New York day of the posting."""

from datetime import date

import pytest

from domain.alerts import Alert, DaysToExpiry, MonthDay, NotAnAlert, Refusal, RelativeExpiry
from domain.calendar import CalendarName, TradingCalendar
from domain.grammar import read
from domain.grammar.dates import resolve

MONDAY, FRIDAY, SATURDAY = date(2025, 11, 24), date(2025, 11, 28), date(2025, 11, 29)
NYSE = TradingCalendar()


@pytest.mark.parametrize(
    ("expiry", "posted_on", "means"),
    [
        (date(2025, 12, 5), MONDAY, date(2025, 12, 5)),
        (MonthDay(12, 5), MONDAY, date(2025, 12, 5)),
        (MonthDay(11, 24), MONDAY, MONDAY),
        (MonthDay(1, 16), MONDAY, date(2026, 1, 16)),
        (MonthDay(2, 29), date(2023, 6, 1), date(2024, 2, 29)),
        (DaysToExpiry(0), MONDAY, MONDAY),
        (DaysToExpiry(1), MONDAY, date(2025, 11, 25)),
        (DaysToExpiry(3), MONDAY, FRIDAY),  # Thanksgiving is no session
        (RelativeExpiry.TOMORROW, FRIDAY, date(2025, 12, 1)),
        (RelativeExpiry.WEEKLY, MONDAY, FRIDAY),
        (RelativeExpiry.THIS_FRIDAY, MONDAY, FRIDAY),
        (RelativeExpiry.WEEKLY, date(2025, 4, 14), date(2025, 4, 17)),  # Good Friday is no session
        (RelativeExpiry.FRIDAY, MONDAY, FRIDAY),
        (RelativeExpiry.FRIDAY, FRIDAY, FRIDAY),
        (RelativeExpiry.WEDNESDAY, MONDAY, date(2025, 11, 26)),
        (RelativeExpiry.MONDAY, date(2025, 11, 25), date(2025, 12, 1)),
    ],
)
def test_an_expiry_means_a_date(expiry, posted_on, means):
    assert resolve(expiry, posted_on, NYSE, "") == means


@pytest.mark.parametrize(
    ("expiry", "posted_on", "reason"),
    [
        (date(2025, 11, 21), MONDAY, Refusal.STALE_EXPIRY),
        (MonthDay(11, 21), MONDAY, Refusal.STALE_EXPIRY),
        (MonthDay(12, 19), date(2026, 1, 5), Refusal.STALE_EXPIRY),
        (MonthDay(2, 29), MONDAY, Refusal.BAD_EXPIRY),
        (DaysToExpiry(251), MONDAY, Refusal.BAD_EXPIRY),
        (RelativeExpiry.WEEKLY, FRIDAY, Refusal.VAGUE_EXPIRY),
        (RelativeExpiry.THIS_FRIDAY, SATURDAY, Refusal.VAGUE_EXPIRY),
    ],
)
def test_an_expiry_that_means_none_is_refused(expiry, posted_on, reason):
    outcome = resolve(expiry, posted_on, NYSE, "")
    assert isinstance(outcome, NotAnAlert)
    assert outcome.reason is reason


@pytest.mark.parametrize(
    ("text", "posted_on", "why"),
    [
        (
            "weekly",
            date(2026, 11, 28),
            "a weekend, which week is meant is not clear; the coming one ends on 2026-12-04",
        ),
        ("this friday", date(2026, 11, 29), "a weekend, which week is meant is not clear"),
        ("weeklies", date(2026, 12, 4), "on or after the week's last session, 2026-12-04"),
        ("this fri", date(2025, 4, 18), "on or after the week's last session, 2025-04-17"),  # Good Friday
    ],
)
def test_a_vague_expiry_is_named_as_it_was_written_with_the_true_reason(text, posted_on, why):
    refusal = read(f"BTO TSLA 400c {text} @ 2.00", posted_on, NYSE)
    assert isinstance(refusal, NotAnAlert)
    assert refusal.reason is Refusal.VAGUE_EXPIRY
    assert refusal.detail.startswith(f"{text}: posted on ")
    assert why in refusal.detail


@pytest.mark.parametrize("posted_on", [None, MONDAY])
def test_two_expiries_are_named_as_they_were_written(posted_on):
    refusal = read("BTO SPY 680c this friday 12/5 @ 1.10", posted_on, NYSE)
    assert refusal == NotAnAlert(Refusal.BAD_EXPIRY, "this friday and 12/5")


def test_in_the_simulated_market_every_day_counts():
    market = TradingCalendar(CalendarName.ALWAYS_OPEN)
    assert resolve(DaysToExpiry(1), SATURDAY, market, "") == date(2025, 11, 30)


def test_without_the_posting_day_an_expiry_is_read_and_not_resolved():
    alert = read("BTO UBER 78p 6/18 @ 0.75", None, NYSE)
    assert isinstance(alert, Alert)
    assert (alert.expiry, alert.expires_on) == (MonthDay(6, 18), None)


@pytest.mark.parametrize(
    ("text", "posted_on", "reading"),
    [
        ("BTO SPY 680c friday 11/28 @ 1.10", MONDAY, "BTO SPY 680C friday @1.10"),
        ("BTO SPY 680c friday 12/5 @ 1.10", MONDAY, "no: bad_expiry"),
        ("BTO SPY 680c friday 11/28 @ 1.10", None, "no: bad_expiry"),
        ("STC SPY 680c 12/05 @ 1.10 im not holding through today", MONDAY, "STC SPY 680C 12/5 @1.10"),
        ("STC SPY 680c @ 1.10 good luck today", MONDAY, "STC SPY 680C @1.10 held"),
    ],
)
def test_two_expiries_must_be_the_same_day(told, text, posted_on, reading):
    assert told(text, posted_on) == reading
