"""How much of a position a close sells."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.alerts import Action, Alert
from domain.closing import Portion, close_id, portion_of, request_of


def stc(**changes) -> Alert:
    return Alert(action=Action.SELL_TO_CLOSE, symbol="UBER", instrument=None, **changes)


@pytest.mark.parametrize(
    ("quantity", "fraction", "held", "sold"),
    [
        (None, None, 10, 10),
        (None, "all", 10, 10),
        (3, "all", 10, 10),
        (3, None, 10, 3),
        (30, None, 10, 10),
        (None, "1/2", 10, 5),
        (None, "1/2", 5, 2),
        (None, "1/2", 1, 0),
        (None, "50%", 5, 2),
        (None, "33.3%", 10, 3),
        (None, "partial", 10, 5),
        (None, "most", 10, 5),
        (None, "1/3", 0, 0),
        (None, "1/2", -1, 0),
        (2, None, -1, 0),
    ],
)
def test_the_portion_is_rounded_down_and_never_more_than_held(quantity, fraction, held, sold):
    assert portion_of(stc(quantity=quantity, fraction=fraction), Decimal(50)).of(held) == sold


def test_the_trim_fraction_is_a_setting():
    assert portion_of(stc(fraction="partial"), Decimal(25)) == Portion(None, Fraction(1, 4))


@pytest.mark.parametrize("fraction", ["0", "0%", "3/2", "150%", "-1/2", "lots"])
def test_a_fraction_that_is_none_is_refused(fraction):
    with pytest.raises(ValueError, match=r"[Ff]raction"):
        portion_of(stc(fraction=fraction), Decimal(50))


def test_a_division_by_zero_is_refused_too():
    with pytest.raises(ZeroDivisionError):
        portion_of(stc(fraction="1/0"), Decimal(50))


@pytest.mark.parametrize(
    ("portion", "words"),
    [(Portion(3, Fraction(1)), "3"), (Portion(None, Fraction(1)), "all"), (Portion(None, Fraction(1, 2)), "1/2")],
)
def test_a_portion_in_words(portion, words):
    assert str(portion) == words


@pytest.mark.parametrize("number", [1, 2, 13])
def test_a_close_is_known_to_belong_to_its_request_and_to_no_other(number):
    name = close_id("T4", number)
    assert request_of(name) == "T4"
    assert request_of(name) not in {"T", "T41", name[1:]}


@pytest.mark.parametrize("name", ["T4", "T-x", "-2", ""])
def test_what_has_no_number_behind_it_is_a_request_of_its_own(name):
    assert request_of(name) == name
