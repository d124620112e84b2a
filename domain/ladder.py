"""The price-discovery ladder: where an order starts, when it steps, what each rung does. Prices only, no orders.

A buyer climbs toward the ask, a seller mirrors it toward the bid. Every price is on the tick grid, moves one tick at a
time toward the far touch, never through it, and a buyer's never above the alert price plus the chase limit.
"""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from attrs import frozen

from domain.instruments import Contract
from domain.orders import Side
from domain.policies import Conversion, EntryPolicy, share
from domain.quotes import Quote
from domain.value import Value
from domain.verdicts import LadderMove
from domain.wording import in_full

# A market order has no worst price. Sizing reserves this much above the highest rung for it.
MARKET_SLIPPAGE = Decimal("1.10")


@frozen(kw_only=True)
class LadderPlan(Value):
    """One ladder for one contract: where it starts, and the price a buyer never passes (None: no limit).

    `quote_age_max` is how old a quote may be for a rung to act on it.
    """

    contract: Contract
    side: Side
    start: Decimal
    cap: Decimal | None
    policy: EntryPolicy
    quote_age_max: timedelta

    def next_tick(self, price: Decimal) -> Decimal | None:
        """Return one tick toward the far touch from `price`; None where a seller is at the lowest price there is."""
        ticks = self.contract.ticks
        return ticks.up(price) if self.side.is_buy else ticks.down(price)

    def allows(self, price: Decimal) -> bool:
        return self.cap is None or price <= self.cap

    @cached_property
    def worst_price(self) -> Decimal:
        """Return the highest price that a buyer's ladder may pay: all steps up, within the chase limit."""
        price = self.start
        for _ in range(self.policy.max_increments):
            higher = self.contract.ticks.up(price)
            if not self.allows(higher):
                break
            price = higher
        if self.policy.conversion is Conversion.MARKET and self.policy.max_increments:
            return self.contract.ticks.ceil(price * MARKET_SLIPPAGE)
        return price

    def prices(self) -> tuple[Decimal, ...]:
        """Return the limit prices of a ladder that nobody meets: the start and each step, as `explain` shows them."""
        found = [self.start]
        for _ in range(self.policy.max_increments):
            following = self.next_tick(found[-1])
            if following is None or not self.allows(following):
                break
            found.append(following)
        return tuple(found)


@frozen
class Rung(Value):
    """What one rung decided. `price` is the new limit; None with CONVERT is a market order."""

    move: LadderMove
    price: Decimal | None
    reason: str


def opening_price(contract: Contract, side: Side, alert_price: Decimal | None, mid: Decimal | None) -> Decimal | None:
    """Return the ladder's first price, or None where there is nothing to start from.

    A buyer starts at the lower of alert price and mid, rounded down to tick; a seller at the mid (the alert price
    without a quote), rounded up. Where rounding down leaves no positive price the answer is None too.
    """
    if side.is_buy:
        known = [price for price in (alert_price, mid) if price is not None]
        return contract.ticks.floor(min(known)) if known else None
    meant = mid if mid is not None else alert_price
    return contract.ticks.ceil(meant) if meant is not None else None


def chase_cap(contract: Contract, alert_price: Decimal | None, policy: EntryPolicy) -> Decimal | None:
    """Return the highest price on the grid within the chase limit; None without an alert price."""
    if alert_price is None:
        return None
    return contract.ticks.floor(alert_price * (1 + share(policy.max_chase)))


def rung_offsets(policy: EntryPolicy) -> tuple[timedelta, ...]:
    """Return when the rungs are due after the first order: evenly from the initial wait to before the window's end."""
    if not policy.max_increments:
        return ()
    apart = (policy.window - policy.initial_wait) / policy.max_increments
    return tuple(policy.initial_wait + apart * number for number in range(policy.max_increments))


def decide_rung(plan: LadderPlan, price: Decimal, quote: Quote | None) -> Rung:
    """Return the move from the working `price`. `quote` is fit to act on, or None where there is no quote at all."""
    following = plan.next_tick(price)
    if quote is None:
        return _step(plan, following, "no quote: one tick")
    far = quote.far_touch(plan.side)
    if (far <= price) if plan.side.is_buy else (far >= price):
        return Rung(LadderMove.HOLD, None, f"already marketable at {in_full(price)} against {in_full(far)}")
    within_a_tick = following is None or (far <= following if plan.side.is_buy else far >= following)
    if within_a_tick:
        return _convert(plan, far)
    return _step(plan, following, f"one tick toward {in_full(far)}")


def _step(plan: LadderPlan, following: Decimal | None, reason: str) -> Rung:
    if following is None:
        return Rung(LadderMove.SKIP, None, "there is no lower price")
    if not plan.allows(following):
        return Rung(LadderMove.SKIP, None, f"{in_full(following)} would pass the chase limit {in_full(plan.cap)}")
    return Rung(LadderMove.STEP, following, reason)


def _convert(plan: LadderPlan, far: Decimal) -> Rung:
    # A far touch off the grid is met by the price on the grid just beyond it.
    ticks = plan.contract.ticks
    touch = ticks.ceil(far) if plan.side.is_buy else ticks.floor(far)
    if touch is None or not plan.allows(touch):
        return Rung(LadderMove.SKIP, None, f"the far touch {in_full(far)} is past the chase limit {in_full(plan.cap)}")
    if plan.policy.conversion is Conversion.MARKET:
        return Rung(LadderMove.CONVERT, None, f"within one tick of {in_full(far)}: market order")
    return Rung(LadderMove.CONVERT, touch, f"within one tick of {in_full(far)}: marketable limit")
