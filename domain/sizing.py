"""How many contracts an entry may have: allocation divided by the worst price that its ladder may pay.

Every step rounds down. Zero is an answer, not a reason to buy one.
"""

from decimal import ROUND_FLOOR, Decimal

from attrs import frozen

from domain.alerts import Alert
from domain.instruments import Contract
from domain.policies import Policies, share
from domain.value import Value

FULL_SCALE = Decimal(100)


@frozen(kw_only=True)
class Sizing(Value):
    """The arithmetic, in dollars and contracts. `unit_cost` is one contract at the worst price."""

    allocation: Decimal
    unit_cost: Decimal
    by_allocation: int
    by_contracts: int
    by_premium: int
    by_alert: int | None
    quantity: int

    def __str__(self) -> str:
        caps = f"limits: {self.by_contracts} contracts, {self.by_premium} by premium"
        wish = "" if self.by_alert is None else f", {self.by_alert} by the alert"
        return f"{self.allocation:.2f} / {self.unit_cost:.2f} = {self.by_allocation}; {caps}{wish}: {self.quantity}"


def allocation_for(alert: Alert, channel_id: int, session_buying_power: Decimal, policies: Policies) -> Decimal:
    """Return the dollars for one entry: the label's percentage or the general one, scaled for the channel."""
    size = policies.size
    percentage = size.labels.get(alert.label or "", size.allocation)
    scale = size.channels.get(channel_id, FULL_SCALE)
    return session_buying_power * share(percentage) * share(scale)


def size_entry(
    alert: Alert, contract: Contract, worst_price: Decimal, allocation: Decimal, policies: Policies
) -> Sizing:
    """Return the quantity and how it came about. `worst_price` is per share and positive."""
    unit = contract.value(worst_price, 1)
    by_allocation = _whole(allocation / unit)
    by_premium = _whole(policies.risk.max_premium / unit)
    wish = alert.quantity if policies.size.honor_alert_quantity else None
    others = [policies.risk.max_contracts, by_premium] + ([] if wish is None else [wish])
    quantity = min(by_allocation, *others)
    if quantity < policies.size.min_contracts:
        # An allocation short of one contract may be rounded up where the user said so, within the other limits.
        quantity = min(policies.size.min_contracts, *others)
    return Sizing(
        allocation=allocation,
        unit_cost=unit,
        by_allocation=by_allocation,
        by_contracts=policies.risk.max_contracts,
        by_premium=by_premium,
        by_alert=wish,
        quantity=max(quantity, 0),
    )


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_FLOOR))
