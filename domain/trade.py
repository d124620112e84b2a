"""One trade's life: its entry, its exits, what is still held. Pure bookkeeping and the exit rule; nothing is sent here.

held = filled by the entry - sold by exits - sold by closes - taken over from the account. What its exits sold of other
trades is booked there. The exit rule looks at counts only, so late, partial and repeated fills lead to the same exits
as one fill of the same size.
"""

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import takewhile

from attrs import evolve, frozen

from domain.alerts import Alert
from domain.execution import Execution
from domain.exits import covered_quantity, exit_price
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Order, OrderRole, OrderStatus, Side, TimeInForce
from domain.policies import ExitPolicy
from domain.value import Value

CENT = Decimal("0.01")
# How an exit ends that was refused: the next one waits longer.
FAILED = frozenset({OrderStatus.REJECTED, OrderStatus.NOT_SENT, OrderStatus.EXPIRED, OrderStatus.VALIDATED})


@frozen(kw_only=True)
class Trade(Value):
    """An entry that was sent, and what came of it.

    `sold` and `proceeds` (per share x quantity) are the share of closes, and of other trades' exits that sold too much;
    `of_others` and `of_others_proceeds` are what its own exits sold of other trades. `lost` is what the account no
    longer holds without an order of ours (of late at `lost_at`). `closing` names the close that has the position in
    hand: no exit is placed meanwhile. `uncovered` says why a person left contracts without an exit; empty while the
    policy rules. `answered`: the author has the first reply; `entry_reported`: the entry's end is recorded.
    """

    trade_id: str
    message: Message
    alert: Alert
    policy: ExitPolicy
    entry: Execution
    exits: tuple[Order, ...] = ()
    sold: int = 0
    proceeds: Decimal = Decimal(0)
    of_others: int = 0
    of_others_proceeds: Decimal = Decimal(0)
    lost: int = 0
    closing: str | None = None
    uncovered: str = ""
    exit_limit: Decimal | None = None
    exit_not_before: datetime | None = None
    lost_at: datetime | None = None
    last_fill_at: datetime | None = None
    answered: bool = False
    entry_reported: bool = False

    @property
    def contract(self) -> Contract:
        return self.entry.plan.contract

    @property
    def bought(self) -> int:
        return self.entry.filled

    @property
    def exited(self) -> int:
        return sum(order.filled for order in self.exits)

    @property
    def held(self) -> int:
        return self.bought - (self.exited - self.of_others) - self.sold - self.lost

    @property
    def exits_working(self) -> int:
        return sum(order.leaves for order in self.exits)

    @property
    def orders(self) -> tuple[Order, ...]:
        return (*self.entry.orders, *self.exits)

    @property
    def exit_failures(self) -> int:
        """Return how many exits in a row have failed. An acceptance alone ends no row: the venue may still refuse."""
        return sum(1 for _ in takewhile(lambda order: order.status in FAILED, reversed(self.exits)))

    @cached_property
    def in_doubt(self) -> bool:
        """Whether the broker must be asked about an order of this trade: an outcome is open, or fills are unread."""
        return any(
            order.status in {OrderStatus.UNKNOWN, OrderStatus.CANCELLING, OrderStatus.REPLACING}
            or order.filled < order.reported_filled
            for order in self.orders
        )

    @property
    def has_unknown(self) -> bool:
        return any(order.status is OrderStatus.UNKNOWN for order in self.orders)

    @cached_property
    def is_quiet(self) -> bool:
        """Whether the entry is over and no exit's outcome is open: exits rest, or there are none to place."""
        resting = {OrderStatus.PENDING, OrderStatus.WORKING}
        settled = all(order.is_settled or order.status in resting for order in self.exits)
        retrying = self.exit_not_before is not None and bool(self.exit_deficit) and not self.uncovered
        return self.entry.is_finished and settled and not retrying

    @cached_property
    def premium_held(self) -> Decimal:
        """Return the dollars paid for what is still held."""
        return self._premium_of(max(self.held, 0))

    @property
    def premium_lost(self) -> Decimal:
        """Return the dollars paid for what left the account without an order of ours."""
        return self._premium_of(self.lost)

    def _premium_of(self, quantity: int) -> Decimal:
        return self.contract.value(self.entry.average_price or Decimal(0), quantity)

    @cached_property
    def premium_reserved(self) -> Decimal:
        """Return the dollars that the working entry may still cost at its worst price."""
        return self.contract.value(self.entry.plan.worst_price, self.entry.working)

    @property
    def is_cleared(self) -> bool:
        """Whether no order of this trade can fill any more and all that filled is known."""
        return self.entry.is_finished and all(order.is_settled for order in self.exits)

    @property
    def last_news_at(self) -> datetime:
        """Return when this trade began, last filled, was last sold of or lost contracts, whichever is the latest."""
        known = (self.entry.started_at, self.last_fill_at, self.lost_at)
        return max(moment for moment in known if moment is not None)

    @property
    def is_closed(self) -> bool:
        return self.is_cleared and self.held <= 0 and self.closing is None

    @property
    def exit_deficit(self) -> int:
        """Return how many contracts should be covered by an exit and are not: never more than is held and free."""
        wanted = self._to_cover - (sum(order.accounted for order in self.exits) - self.of_others)
        return max(min(wanted, self.held - self.exits_working), 0)

    @property
    def exit_surplus(self) -> int:
        """Return how many contracts too many stand in exits that are not being cancelled already."""
        standing = sum(order.leaves for order in self.exits if order.status is not OrderStatus.CANCELLING)
        own = self.exited - self.of_others
        return max(standing + own - self._to_cover, standing - max(self.held, 0), 0) if standing else 0

    @property
    def _to_cover(self) -> int:
        return covered_quantity(max(self.bought - self.sold - self.lost, 0), self.policy)

    @property
    def profit(self) -> Decimal | None:
        """Return `realized`, but None too when some left the account without an order of ours."""
        return None if self.lost else self.realized

    @property
    def realized(self) -> Decimal | None:
        """Return dollars won or lost on what was sold, to the cent, before fees; None while nothing was sold.

        What was sold had cost the average price. What is held or left the account otherwise is in none of it.
        """
        average = self.entry.average_price
        gone = self.exited - self.of_others + self.sold
        if average is None or not gone:
            return None
        received = self.proceeds + sum((order.cost for order in self.exits), Decimal(0)) - self.of_others_proceeds
        return ((received - average * gone) * self.contract.multiplier).quantize(CENT)

    @property
    def exit_limit_price(self) -> Decimal | None:
        """Return the limit of the next exit: what a person set, or the target; None before the first fill."""
        average = self.entry.average_price
        if self.exit_limit is not None or average is None:
            return self.exit_limit
        return exit_price(average, self.policy, self.contract.ticks)

    def is_past_cut_off(self, at: datetime) -> bool:
        cut_off = self.contract.cut_off
        return cut_off is not None and at >= cut_off

    def order(self, order_id: str) -> Order | None:
        """Return the order with this client order id or broker order id."""
        return next(
            (order for order in self.orders if order_id in (order.client_order_id, order.broker_order_id)), None
        )

    def with_exit(self, changed: Order) -> "Trade":
        same = changed.client_order_id
        if any(order is changed for order in self.exits):
            return self
        return evolve(self, exits=tuple(changed if order.client_order_id == same else order for order in self.exits))


def next_exit(trade: Trade, at: datetime) -> tuple[Trade, Order | None]:
    """Return the trade with the exit order that is due now, or None: one for exactly the deficit, GTC, close-only.

    None too while a close has the position, a person left it uncovered, the last attempt's back-off lasts, or the
    contract takes no orders any more.
    """
    price = trade.exit_limit_price
    held_back = trade.exit_not_before is not None and at < trade.exit_not_before
    over = trade.is_past_cut_off(at)
    if over or price is None or trade.closing is not None or trade.uncovered or held_back or not trade.exit_deficit:
        return trade, None
    order = Order(
        client_order_id=f"{trade.trade_id}-{OrderRole.EXIT.value}{len(trade.exits) + 1}",
        trade_id=trade.trade_id,
        role=OrderRole.EXIT,
        contract=trade.contract,
        side=Side.SELL_TO_CLOSE,
        quantity=trade.exit_deficit,
        limit_price=price,
        time_in_force=TimeInForce.GTC,
        sent_at=at,
    )
    return evolve(trade, exits=(*trade.exits, order), exit_not_before=None), order
