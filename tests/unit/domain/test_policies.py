"""Policies refuse what makes no sense, with the name, the value and the bounds."""

from decimal import Decimal

import pytest

from domain.policies import EntryPolicy, ExitPolicy, GatePolicy, Policies, RiskPolicy, SizePolicy, share
from tests.support.builders import seconds


def test_the_defaults_are_those_of_the_documentation():
    policies = Policies()
    assert (policies.entry.initial_wait, policies.entry.window, policies.entry.max_increments) == (
        seconds(20),
        seconds(90),
        3,
    )
    assert (policies.exit.fraction, policies.exit.target, policies.exit.min) == (Decimal(50), Decimal(100), 0)
    assert policies.size.labels == {"lotto": Decimal(5), "super_lotto": Decimal(5)}
    assert not policies.allowed_users
    assert not policies.allowed_channels


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (SizePolicy, {"allocation": Decimal(101)}, "allocation must be between 0 and 100, got 101"),
        (RiskPolicy, {"max_contracts": 0}, "max_contracts must be between 1 and 50, got 0"),
        (RiskPolicy, {"max_premium": Decimal(0)}, "max_premium"),
        (GatePolicy, {"max_alert_age": seconds(0)}, "max_alert_age must be between 1 and 3600 seconds, got 0"),
        (EntryPolicy, {"initial_wait": seconds(90)}, "initial_wait .90 s. must be shorter than window"),
        (ExitPolicy, {"min": 2}, "min must be between 0 and 1"),
    ],
)
def test_a_value_out_of_bounds_is_refused(kind, changes, words):
    with pytest.raises(ValueError, match=words):
        kind(**changes)


def test_a_percentage_is_a_hundredth():
    assert share(Decimal(10)) == Decimal("0.1")
