"""What becomes of the orders at the simulated broker, and of what they bought: one act at an instant."""

from datetime import datetime
from decimal import Decimal

from attrs import define

from adapters.simulated.exchange.book import Act, BookOrder, PlannedFill
from adapters.simulated.exchange.ledger import Ledger
from adapters.simulated.exchange.matching import execution, latency, next_look, next_opening, tradable
from adapters.simulated.exchange.outbox import Outbox
from adapters.simulated.exchange.register import OrderRegister
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.script import Script
from domain.orders import Fill, Signal

MATCH_MS = (60, 900)


@define
class Lifecycle:
    """The broker's works. `fills_given` numbers the fills, so that no two share an id; `changes` counts all news."""

    market: SimulatedMarket
    script: Script
    ledger: Ledger
    register: OrderRegister
    outbox: Outbox
    fills_given: int = 0
    changes: int = 0

    def perform(self, order: BookOrder, act: Act, at: datetime) -> None:
        """Do what the order's agenda had for this instant."""
        match act:
            case Act.ARRIVE:
                self._move(order, Signal.REPORTED_PENDING, at)
            case Act.GO_LIVE:
                self._go_live(order, at)
            case Act.FILL:
                self._planned_fill(order, at)
            case Act.MATCH:
                self._match(order, at)
            case Act.REJECT:
                self.end(order, Signal.REPORTED_REJECTED, at, order.rejection)
            case Act.TAKE_OVER:
                self._take_over(order, at)
            case Act.CANCEL:
                self.end(order, Signal.REPORTED_CANCELLED, at, "cancelled on request")
            case Act.EXPIRE:
                self.end(order, Signal.REPORTED_EXPIRED, at, "its time in force is over")
        self.register.schedule(order)

    def fill(self, order: BookOrder, quantity: int, price: Decimal, at: datetime) -> None:
        """Execute part or all of a live order: never more than is left, never worse than its limit, never short."""
        quantity = min(quantity, order.leaves)
        if not order.side.is_buy:
            quantity = min(quantity, self.ledger.held(order.contract.symbol))
            if quantity < 1:
                self.end(order, Signal.REPORTED_CANCELLED, at, "the position it would close is gone")
                return
        if order.limit_price is not None:
            price = min(price, order.limit_price) if order.side.is_buy else max(price, order.limit_price)
        self.ledger.fill(order.contract, order.side, quantity, price)
        self.fills_given += 1
        order.fills += (Fill(f"F{order.number}-{self.fills_given}", quantity, price, at),)
        if order.filled >= order.quantity:
            self.end(order, Signal.REPORTED_FILLED, at, "")
        else:
            self._move(order, Signal.REPORTED_WORKING, at)
            self._abort_replacement(order, at)

    def amend(self, order: BookOrder, old: Fill, new: Fill | None, at: datetime) -> None:
        """Take a fill of an order back, or put another in its place; the order's status stays."""
        self.ledger.amend(order.contract, order.side, old, new)
        changed = tuple(new if fill is old else fill for fill in order.fills)
        order.fills = tuple(fill for fill in changed if fill is not None)
        self._move(order, order.status, at)

    def end(self, order: BookOrder, status: Signal, at: datetime, reason: str) -> None:
        """Bring an order to its end, and a replacement that waits for it with it."""
        order.agenda.clear()
        order.plan = ()
        order.reason = reason
        self._move(order, status, at)
        self.register.end(order, at)
        self._abort_replacement(order, at)
        original = self.register.find(order.replaces)
        if original is not None and not original.has_ended and original.replaced_by == order.broker_order_id:
            original.replaced_by = None

    def settle(self, symbol: str, at: datetime) -> None:
        """Pay an expired holding out in cash."""
        holding = self.ledger.holdings.get(symbol)
        if holding is not None and holding.contract.cut_off is not None and holding.contract.cut_off <= at:
            self.ledger.settle(symbol, self.market.settlement(holding.contract))
            self.changes += 1

    def next_settlement(self) -> tuple[datetime, str] | None:
        return self.ledger.next_end()

    def _go_live(self, order: BookOrder, at: datetime) -> None:
        self._move(order, Signal.REPORTED_WORKING, at)
        if order.follows_book:
            order.agenda[Act.MATCH] = at + latency(self.market.seed, *MATCH_MS, order.number, "match")

    def _planned_fill(self, order: BookOrder, at: datetime) -> None:
        planned: PlannedFill = order.plan[0]
        order.take_plan(order.plan[1:])
        self.fill(order, planned.quantity or order.leaves, self._price(order, planned.price, at), at)

    def _price(self, order: BookOrder, price: Decimal | None, at: datetime) -> Decimal:
        if price is not None:
            return price
        if order.limit_price is not None:
            return order.limit_price
        quote = tradable(self.market.quote(order.contract, at), at)
        return order.reserved_price if quote is None else quote.far_touch(order.side)

    def _match(self, order: BookOrder, at: datetime) -> None:
        is_open = order.contract.calendar.session_at(at) is not None
        quote = tradable(self.market.quote(order.contract, at), at) if is_open else None
        met = None if quote is None else execution(self.market.seed, order, quote, at)
        if met is not None:
            self.fill(order, *met, at)
        if order.has_ended:
            return
        regular = next_look(order, quote, at) if is_open else next_opening(order, at)
        looks = [regular, self.script.next_step_at(order.contract, at)]
        again = min((look for look in looks if look is not None), default=None)
        if again is not None:
            order.agenda[Act.MATCH] = again

    def _take_over(self, order: BookOrder, at: datetime) -> None:
        original = self.register.find(order.replaces)
        if original is not None:
            self.end(original, Signal.REPORTED_CANCELLED, at, f"replaced by {order.broker_order_id}")
        self._go_live(order, at)

    def _abort_replacement(self, order: BookOrder, at: datetime) -> None:
        """Any fill, and any other end, of an order calls off the replacement that waits to take over from it."""
        waiting = self.register.find(order.replaced_by)
        if waiting is not None and waiting.is_contingent:
            words = f"aborted: {order.broker_order_id} has filled {order.filled} of {order.quantity} first"
            self.end(waiting, Signal.REPORTED_CANCELLED, at, words)

    def _move(self, order: BookOrder, status: Signal, at: datetime) -> None:
        order.status = status
        order.changed_at = at
        self.changes += 1
        self.outbox.post(order, at)
