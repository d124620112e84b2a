"""How many contracts: every step rounds down, zero stays zero."""

from decimal import Decimal

import pytest

from domain.alerts import Action, Alert, InstrumentKind
from domain.policies import RiskPolicy, SizePolicy
from domain.sizing import allocation_for, size_entry
from tests.support.builders import ROOM, dec, make_contract, make_policies


def alert(**changes) -> Alert:
    return Alert(action=Action.BUY_TO_OPEN, symbol="UBER", instrument=InstrumentKind.OPTION, **changes)


@pytest.mark.parametrize(
    ("label", "channels", "dollars"),
    [
        (None, {}, "1000"),
        ("swing", {}, "1000"),
        ("lotto", {}, "500"),
        ("super_lotto", {ROOM: Decimal(50)}, "250"),
        (None, {ROOM: Decimal(0)}, "0"),
        (None, {7: Decimal(50)}, "1000"),
    ],
)
def test_the_allocation_follows_label_and_channel(label, channels, dollars):
    policies = make_policies(size=SizePolicy(channels=channels))
    assert allocation_for(alert(label=label), ROOM, Decimal(10_000), policies) == dec(dollars)


@pytest.mark.parametrize(
    ("worst", "allocation", "size", "wish", "quantity"),
    [
        ("0.78", "1000", {}, None, 10),
        ("0.78", "624", {}, None, 8),
        ("0.78", "623.99", {}, None, 7),
        ("0.78", "77", {}, None, 0),
        ("10", "5000", {}, None, 2),
        ("0.78", "1000", {"honor_alert_quantity": True}, 3, 3),
        ("0.78", "1000", {"honor_alert_quantity": True}, 30, 10),
        ("0.78", "1000", {}, 3, 10),
        ("0.78", "1000", {"honor_alert_quantity": True}, 0, 0),
        ("0.78", "10", {"min_contracts": 1}, None, 1),
        ("30", "10", {"min_contracts": 1}, None, 0),
    ],
)
def test_the_quantity_and_its_limits(worst, allocation, size, wish, quantity):
    policies = make_policies(size=SizePolicy(**size), risk=RiskPolicy())
    sizing = size_entry(alert(quantity=wish), make_contract(), dec(worst), dec(allocation), policies)
    assert sizing.quantity == quantity


def test_the_arithmetic_is_told():
    policies = make_policies(size=SizePolicy(honor_alert_quantity=True))
    sizing = size_entry(alert(quantity=4), make_contract(), dec("0.78"), dec("1000"), policies)
    assert str(sizing) == "1000.00 / 78.00 = 12; limits: 10 contracts, 32 by premium, 4 by the alert: 4"
    silent = size_entry(alert(), make_contract(), dec("0.78"), dec("1000"), make_policies())
    assert str(silent) == "1000.00 / 78.00 = 12; limits: 10 contracts, 32 by premium: 10"
