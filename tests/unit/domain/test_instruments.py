"""Contracts and their OCC symbols."""

from datetime import date

import pytest

from domain.alerts import InstrumentKind, Right
from domain.instruments import ContractQuery, occ_symbol
from tests.support.builders import dec, make_contract


@pytest.mark.parametrize(
    ("root", "right", "strike", "symbol"),
    [
        ("UBER", Right.PUT, "78", "UBER  261204P00078000"),
        ("SPXW", Right.CALL, "6900", "SPXW  261204C06900000"),
        ("F", Right.CALL, "12.5", "F     261204C00012500"),
        ("GOOGLE", Right.PUT, "99999.999", "GOOGLE261204P99999999"),
    ],
)
def test_the_symbol_has_21_characters(root, right, strike, symbol):
    found = occ_symbol(root, date(2026, 12, 4), right, dec(strike))
    assert found == symbol
    assert len(found) == 21


@pytest.mark.parametrize(
    ("root", "strike", "words"),
    [
        ("", "78", "1 to 6 characters"),
        ("SEVENCH", "78", "1 to 6 characters"),
        ("UBER", "0", "does not fit"),
        ("UBER", "78.0005", "does not fit"),
        ("UBER", "100000", "does not fit"),
    ],
)
def test_what_fits_no_symbol_is_refused(root, strike, words):
    with pytest.raises(ValueError, match=words):
        occ_symbol(root, date(2026, 12, 4), Right.PUT, dec(strike))


def test_a_contract_is_written_as_a_trader_writes_it():
    assert make_contract("78.50").label == "UBER 78.5p 2026-12-04"
    assert str(ContractQuery("UBER", InstrumentKind.EQUITY)) == "UBER"


def test_a_contract_costs_its_multiplier():
    assert make_contract().value(dec("0.75"), 3) == dec(225)
