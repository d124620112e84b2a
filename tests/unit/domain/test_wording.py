"""How prices and times of day are written for people."""

from datetime import UTC, datetime

import pytest

from domain.wording import in_full, money, new_york_hour, new_york_minute
from tests.support.builders import dec


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (None, "market"),
        ("0.75", "0.75"),
        ("3", "3.00"),
        ("0.755", "0.755"),
        ("0.7533333333", "0.7533"),
        ("10", "10.00"),
        ("0.10000", "0.10"),
    ],
)
def test_a_price_is_written_in_cents_or_as_exactly_as_four_places_allow(price, words):
    assert money(None if price is None else dec(price)) == words


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (None, "none"),
        ("1.2", "1.20"),
        ("1.20000", "1.20"),
        ("3", "3.00"),
        ("1E+3", "1000.00"),
        ("0.0000005", "0.0000005"),
        ("112.015625", "112.015625"),
        ("NaN", "NaN"),
    ],
)
def test_a_price_that_an_order_may_have_is_written_with_all_its_places(price, words):
    assert in_full(None if price is None else dec(price)) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 30, 21, 0, tzinfo=UTC), "2026-11-30 16:00 New York"),
        (datetime(2026, 7, 1, 20, 0, tzinfo=UTC), "2026-07-01 16:00 New York"),
        (datetime(2026, 11, 28, 3, 5, tzinfo=UTC), "2026-11-27 22:05 New York"),
    ],
)
def test_an_instant_is_told_as_the_exchange_has_it_and_says_so(at, words):
    assert new_york_minute(at) == words
    assert new_york_hour(at) == words[11:]
