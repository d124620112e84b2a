"""The exit policy: how many of the filled contracts are offered at which profit. Arithmetic on counts, no orders."""

from decimal import ROUND_FLOOR, Decimal

from domain.policies import ExitPolicy, share
from domain.ticks import TickTable

# An average is a rounded number: its last digit must not push an exact target over to the next tick.
FINER_THAN_ANY_TICK = Decimal("1e-12")


def covered_quantity(filled: int, policy: ExitPolicy) -> int:
    """Return how many of `filled` contracts the policy covers: the fraction, rounded down once for the whole.

    With `min` 1 a position that would round to none is covered by one contract.
    """
    share_of_them = int((filled * share(policy.fraction)).to_integral_value(ROUND_FLOOR))
    return max(share_of_them, min(policy.min, filled)) if policy.fraction else 0


def exit_price(average_entry: Decimal, policy: ExitPolicy, ticks: TickTable) -> Decimal:
    """Return the limit at the target profit on the average entry price, rounded up to tick."""
    return ticks.ceil((average_entry * (1 + share(policy.target))).quantize(FINER_THAN_ANY_TICK))
