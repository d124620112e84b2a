"""Values equal, hash and print as attrs would have them do, class by class."""

from decimal import Decimal

import pytest
from attrs import field, frozen

from domain.value import Value


@frozen
class Ours(Value):
    symbol: str
    price: Decimal | None = None
    told: str = field(default="", eq=False)
    secret: str = field(default="", repr=False)


@frozen
class OfAttrs:
    symbol: str
    price: Decimal | None = None
    told: str = field(default="", eq=False)
    secret: str = field(default="", repr=False)


@frozen
class Alike(Value):
    symbol: str
    price: Decimal | None = None


@frozen
class One(Value):
    symbol: str


@frozen
class Bare(Value):
    pass


@frozen
class Own(Value):
    symbol: str

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Own)

    def __hash__(self) -> int:
        return 7


@frozen
class Narrower(Alike):
    size: int = 1


FIELDS = [
    ("SPY",),
    ("SPY", Decimal("1.20")),
    ("SPY", Decimal("1.2")),
    ("QQQ", Decimal("1.20")),
    ("SPY", Decimal("1.20"), "told"),
    ("SPY", Decimal("1.20"), "", "hidden"),
]


@pytest.mark.parametrize("one", FIELDS)
@pytest.mark.parametrize("other", FIELDS)
def test_two_values_are_equal_where_attrs_own_would_be_and_hash_alike_then(one, other):
    assert (Ours(*one) == Ours(*other)) is (OfAttrs(*one) == OfAttrs(*other))
    assert (Ours(*one) != Ours(*other)) is (OfAttrs(*one) != OfAttrs(*other))
    if Ours(*one) == Ours(*other):
        assert hash(Ours(*one)) == hash(Ours(*other))


@pytest.mark.parametrize("fields", FIELDS)
def test_a_value_prints_as_attrs_own_would(fields):
    assert repr(Ours(*fields)) == repr(OfAttrs(*fields)).replace("OfAttrs", "Ours")


def test_values_of_two_classes_are_never_equal():
    assert Ours("SPY") != Alike("SPY")
    assert Alike("SPY") != Narrower("SPY")
    assert Narrower("SPY") != Alike("SPY")
    assert One("SPY") != "SPY"
    assert Bare() != ()


def test_one_field_or_none_is_enough_to_be_a_value():
    assert One("SPY") == One("SPY") != One("QQQ")
    assert len({One("SPY"), One("SPY"), One("QQQ"), Bare(), Bare()}) == 3
    assert repr(Bare()) == "Bare()"


def test_a_class_that_inherits_fields_compares_and_prints_all_of_them():
    assert Narrower("SPY", size=2) != Narrower("SPY", size=3)
    assert repr(Narrower("SPY", size=2)) == "Narrower(symbol='SPY', price=None, size=2)"


def test_what_cannot_be_hashed_says_so():
    with pytest.raises(TypeError, match="unhashable"):
        hash(One(["SPY"]))


def test_a_class_keeps_what_it_defines_itself():
    assert (repr(Own("SPY")), hash(Own("SPY")), Own("SPY") == Own("QQQ")) == ("mine", 7, True)
