"""The exit policy: how many, at which price."""

import pytest

from domain.exits import covered_quantity, exit_price
from domain.policies import ExitPolicy
from domain.ticks import PENNY_ALL, PENNY_PROGRAM
from tests.support.builders import dec


@pytest.mark.parametrize(
    ("filled", "fraction", "least", "covered"),
    [
        (0, "50", 0, 0),
        (1, "50", 0, 0),
        (2, "50", 0, 1),
        (3, "50", 0, 1),
        (10, "50", 0, 5),
        (1, "50", 1, 1),
        (0, "50", 1, 0),
        (3, "100", 0, 3),
        (3, "33.34", 0, 1),
        (3, "0", 1, 0),
    ],
)
def test_the_covered_contracts_are_rounded_down_once(filled, fraction, least, covered):
    assert covered_quantity(filled, ExitPolicy(fraction=dec(fraction), min=least)) == covered


def test_a_target_that_is_exactly_a_price_is_that_price():
    average = dec("18") / 14
    assert exit_price(average, ExitPolicy(target=dec("383")), PENNY_PROGRAM) == dec("6.25")
    assert exit_price(average, ExitPolicy(target=dec("383")), PENNY_ALL) == dec("6.21")


@pytest.mark.parametrize(
    ("average", "target", "price"),
    [
        ("0.75", "100", "1.50"),
        ("0.755", "100", "1.51"),
        ("0.7525", "100", "1.51"),
        ("1.51", "100", "3.05"),
        ("1", "50", "1.50"),
    ],
)
def test_the_exit_price_is_rounded_up(average, target, price):
    assert exit_price(dec(average), ExitPolicy(target=dec(target)), PENNY_PROGRAM) == dec(price)
