"""Tick tables: rounding, neighbours, and which tables are none."""

from decimal import Decimal

import pytest

from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM, TickBand, TickTable, tick_table
from tests.support.builders import dec


@pytest.mark.parametrize(
    ("table", "price", "floor", "ceil"),
    [
        (PENNY_PROGRAM, "0.75", "0.75", "0.75"),
        (PENNY_PROGRAM, "0.755", "0.75", "0.76"),
        (PENNY_PROGRAM, "2.999", "2.99", "3"),
        (PENNY_PROGRAM, "3.01", "3", "3.05"),
        (PENNY_PROGRAM, "3.05", "3.05", "3.05"),
        (PENNY_PROGRAM, "0.004", None, "0.01"),
        (PENNY_PROGRAM, "0", None, "0.01"),
        (PENNY_PROGRAM, "-1", None, "0.01"),
        (NICKEL, "2.97", "2.95", "3"),
        (NICKEL, "3.01", "3", "3.10"),
        (PENNY_ALL, "123.456", "123.45", "123.46"),
    ],
)
def test_buying_rounds_down_and_selling_rounds_up(table, price, floor, ceil):
    assert table.floor(dec(price)) == (None if floor is None else dec(floor))
    assert table.ceil(dec(price)) == dec(ceil)


@pytest.mark.parametrize(
    ("table", "price", "up", "down"),
    [
        (PENNY_PROGRAM, "2.99", "3", "2.98"),
        (PENNY_PROGRAM, "3", "3.05", "2.99"),
        (PENNY_PROGRAM, "3.05", "3.10", "3"),
        (PENNY_PROGRAM, "0.01", "0.02", None),
        (PENNY_PROGRAM, "0", "0.01", None),
        (PENNY_PROGRAM, "2.995", "3", "2.99"),
        (PENNY_PROGRAM, "3.02", "3.05", "3"),
        (NICKEL, "2.95", "3", "2.90"),
        (NICKEL, "3", "3.10", "2.95"),
    ],
)
def test_the_next_price_up_and_down(table, price, up, down):
    assert table.up(dec(price)) == dec(up)
    assert table.down(dec(price)) == (None if down is None else dec(down))


@pytest.mark.parametrize(("price", "on"), [("0.75", True), ("3.05", True), ("3.01", False), ("0", False)])
def test_what_is_on_the_grid(price, on):
    assert PENNY_PROGRAM.on_grid(dec(price)) is on


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ((), "must end with a band without threshold"),
        ((TickBand(Decimal("0.01"), Decimal(3)),), "must end with a band without threshold"),
        ((TickBand(Decimal(0)),), "above zero"),
        (
            (TickBand(Decimal("0.01"), Decimal(3)), TickBand(Decimal("0.05"), Decimal(2)), TickBand(Decimal("0.1"))),
            "must rise strictly",
        ),
        ((TickBand(Decimal("0.01")), TickBand(Decimal("0.05"))), "must rise strictly"),
        ((TickBand(Decimal("0.01"), Decimal("2.99")), TickBand(Decimal("0.05"))), "on the grid of both"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_the_reason(bands, words):
    with pytest.raises(ValueError, match=words):
        TickTable(bands)


def test_a_table_is_written_as_pairs_of_texts():
    assert tick_table(("0.01", "3"), ("0.05", None)) == PENNY_PROGRAM
