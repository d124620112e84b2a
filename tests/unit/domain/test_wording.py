"""How times of day are written for people."""

from datetime import UTC, datetime

import pytest

from domain.wording import new_york_hour, new_york_minute


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
