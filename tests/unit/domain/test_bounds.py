"""What a number from outside may be, and how long a text may be."""

from decimal import Decimal

import pytest

from domain.bounds import MAX_CONTRACTS, MAX_MONEY, MAX_PRICE, MAX_TEXT, cut, is_count, is_money, is_price


@pytest.mark.parametrize(
    ("value", "can_be"),
    [
        (Decimal(0), True),
        (Decimal("0.01"), True),
        (MAX_PRICE, True),
        (MAX_PRICE + Decimal("0.01"), False),
        (Decimal("-0.01"), False),
        (Decimal("NaN"), False),
        (Decimal("Infinity"), False),
    ],
)
def test_a_price_is_a_number_from_zero_to_the_greatest(value, can_be):
    assert is_price(value) is can_be


@pytest.mark.parametrize(
    ("value", "can_be"),
    [
        (MAX_MONEY, True),
        (-MAX_MONEY, True),
        (MAX_MONEY + 1, False),
        (-MAX_MONEY - 1, False),
        (Decimal("sNaN"), False),
        (Decimal("-Infinity"), False),
    ],
)
def test_an_amount_may_be_negative_but_not_endless(value, can_be):
    assert is_money(value) is can_be


@pytest.mark.parametrize(
    ("value", "can_be"), [(0, False), (1, True), (MAX_CONTRACTS, True), (MAX_CONTRACTS + 1, False), (-1, False)]
)
def test_a_number_of_contracts_is_at_least_one(value, can_be):
    assert is_count(value) is can_be


def test_a_text_is_cut_only_where_it_is_too_long_and_shows_it():
    fits = "x" * MAX_TEXT
    assert cut(fits) == fits
    assert cut(f"{fits}y") == f"{fits[:-1]}…"
    assert len(cut(fits * 3)) == MAX_TEXT
