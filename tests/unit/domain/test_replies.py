"""How numbers are written in replies."""

import pytest

from domain.desk.replies import money
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
