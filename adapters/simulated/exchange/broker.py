"""The simulated broker: takes, refuses, replaces and cancels orders, and says what the account holds.

Synchronous and deterministic: the same calls at the same instants give the same account, however often `advance` is
called in between. It has no clock; every call brings its instant, and an earlier one than before counts as the last.
Like the real broker it does not recognise a client order id that it has seen before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from adapters.simulated.exchange.book import Act, BookOrder
from adapters.simulated.exchange.intake import Intake
from adapters.simulated.exchange.ledger import Ledger
from adapters.simulated.exchange.lifecycle import Lifecycle
from adapters.simulated.exchange.outbox import Listener, Outbox
from adapters.simulated.exchange.register import OrderRegister
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.scenario import LostAnswer, QuoteStep, Read
from adapters.simulated.scenario.script import Script
from domain.account import Balances, Position
from domain.events import Operation, OrderNotSent, OrderRejected, OrderValidated, OutcomeUnknown
from domain.instruments import Contract
from domain.orders import Fill, Order, OrderReport, Side, Signal, TimeInForce
from domain.quotes import Quote
from ports.order_gateway import CancelResult, SubmitResult

A = TypeVar("A")
ON_TIME = timedelta(0)


class SimulatedBroker:
    """`on_change` is called at the end of every call that changed something."""

    def __init__(
        self,
        market: SimulatedMarket,
        script: Script,
        ledger: Ledger,
        register: OrderRegister | None = None,
        *,
        fills_given: int = 0,
        last: datetime | None = None,
    ) -> None:
        self.market = market
        self.script = script
        self.ledger = ledger
        self.register = OrderRegister() if register is None else register
        self.outbox = Outbox(market.seed, script)
        self.lifecycle = Lifecycle(market, script, ledger, self.register, self.outbox, fills_given)
        self.intake = Intake(self.lifecycle)
        self.last = last
        self.on_change: list[Callable[[], None]] = []

    # ---- time ------------------------------------------------------------------------------------------------------

    def advance(self, now: datetime) -> datetime:
        """Do everything that was due up to `now`, in order, and return the instant that counts as now.

        A look at the book that changes nothing is no change: a restored broker looks again and sees the same.
        """
        now = now if self.last is None else max(now, self.last)
        self.last = now
        changes = self.lifecycle.changes
        while self._act_before(now):
            pass
        if self.lifecycle.changes != changes:
            self._changed()
        self.outbox.deliver(now)
        return now

    def next_at(self) -> datetime | None:
        """Return when something happens next if nobody calls, or None: without live orders and holdings, nothing."""
        settlement = self.lifecycle.next_settlement()
        due = (self.register.next_at(), self.outbox.next_at(), None if settlement is None else settlement[0])
        return min((at for at in due if at is not None), default=None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have every report given to `listener` from now on, and return what ends that."""
        return self.outbox.listen(listener)

    def about_to_match(self, now: datetime) -> tuple[Contract, ...]:
        """Return the contracts whose orders look at the book by `now`, each once."""
        due = (order for order in self.register.live() if Act.MATCH in order.agenda and order.agenda[Act.MATCH] <= now)
        return tuple({order.contract.symbol: order.contract for order in due}.values())

    def held_contracts(self) -> tuple[Contract, ...]:
        return tuple(holding.contract for holding in self.ledger.holdings.values())

    # ---- requests --------------------------------------------------------------------------------------------------

    def submit(self, order: Order, now: datetime) -> SubmitResult:
        """Take or refuse an order."""
        return self._ask(Operation.SUBMIT, order, now, partial(self.intake.submit, order))

    def replace(self, order: Order, replaced: Order, now: datetime) -> SubmitResult:
        """Take an order that stands in for `replaced` in a moment, unless `replaced` fills until then."""
        return self._ask(Operation.REPLACE, order, now, partial(self.intake.replace, order, replaced))

    def cancel(self, order: Order, now: datetime) -> CancelResult:
        """Take a cancel request. The order ends a little later, and may fill until then."""
        return self._ask(Operation.CANCEL, order, now, partial(self.intake.cancel, order))

    def validate(self, order: Order, now: datetime) -> OrderValidated | OrderRejected:
        """Check an order as `submit` does, and take nothing."""
        return self.intake.validate(order, self.advance(now))

    # ---- reads -----------------------------------------------------------------------------------------------------

    def balances(self, now: datetime) -> Balances:
        """Return what can be spent and what all is worth at its mark. Raises PortUnavailableError by scenario."""
        now = self.advance(now)
        self.script.check_read(Read.BALANCES)
        worth = self.ledger.cash
        for holding in self.ledger.holdings.values():
            mark = self.market.mark(holding.contract, now)
            worth += holding.worth(holding.average_price if mark is None else mark)
        return Balances(self.intake.buying_power(), worth)

    def positions(self, now: datetime) -> tuple[Position, ...]:
        """Return what is held. Raises PortUnavailableError by scenario."""
        self.advance(now)
        self.script.check_read(Read.POSITIONS)
        return self.ledger.positions()

    def orders(self, since: datetime, now: datetime) -> tuple[OrderReport, ...]:
        """Return what lives and what ended at `since` or later. Raises PortUnavailableError by scenario."""
        self.advance(now)
        self.script.check_read(Read.ORDERS)
        return tuple(order.report() for order in self.register.since(since))

    # ---- by hand: tests, demonstrations, and what the account's owner does beside this system ------------------------

    def set_quote(self, contract: Contract, quote: QuoteStep | Quote | None, now: datetime) -> None:
        """Have a contract quote exactly this from now on, and its orders meet it at once.

        A `QuoteStep` stays as fresh as it says, a `Quote` grows old, None is no quote at all.
        """
        now = self.advance(now)
        self.market.set_quote(contract.symbol, quote)
        for order in self.register.live():
            if order.contract.symbol == contract.symbol and Act.MATCH in order.agenda:
                order.agenda[Act.MATCH] = now
                self.register.schedule(order)
        self.advance(now)
        self._changed()

    def fill(self, order_id: str, quantity: int, price: Decimal | None, now: datetime) -> None:
        """Fill a live order (by either id) now, at its limit where `price` is None. Raises ValueError if none lives."""
        now = self.advance(now)
        order = self.register.find(order_id, order_id)
        if order is None or order.has_ended or not order.has_arrived:
            live = ", ".join(order.broker_order_id for order in self.register.live())
            raise ValueError(f"{order_id} names no live order; live are: {live or 'none'}")
        self.lifecycle.fill(order, quantity, price or order.limit_price or order.reserved_price, now)
        self.register.schedule(order)
        self._changed()

    def amend_fill(self, order_id: str, fill_id: str, changed: Fill | None, now: datetime) -> None:
        """Correct a fill of an ended order, or take it back where `changed` is None. Raises ValueError if none is so.

        A fill of an order that still works stays: what it would fill instead is the exchange's business.
        """
        now = self.advance(now)
        order = self.register.find(order_id, order_id)
        old = None if order is None else next((fill for fill in order.fills if fill.fill_id == fill_id), None)
        if order is None or old is None or not order.has_ended:
            raise ValueError(f"{order_id} names no ended order with a fill {fill_id}; look at the order's report")
        self.lifecycle.amend(order, old, changed, now)
        self._changed()

    def trade_by_hand(self, contract: Contract, side: Side, quantity: int, price: Decimal, now: datetime) -> str:
        """Trade as the account's owner, at once and under no client order id; return the broker's order id.

        Raises ValueError for a sale of more than is held.
        """
        now = self.advance(now)
        if not side.is_buy and quantity > self.ledger.held(contract.symbol):
            raise ValueError(f"cannot sell {quantity} {contract.symbol}: {self.ledger.held(contract.symbol)} are held")
        number = self.register.take_number()
        order = BookOrder(
            number=number,
            broker_order_id=str(number),
            client_order_id=None,
            role=None,
            contract=contract,
            side=side,
            quantity=quantity,
            limit_price=price,
            reserved_price=price,
            time_in_force=TimeInForce.DAY,
            received_at=now,
            changed_at=now,
            status=Signal.REPORTED_WORKING,
        )
        self.register.add(order)
        self.lifecycle.fill(order, quantity, price, now)
        self._changed()
        return order.broker_order_id

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _ask(
        self, operation: Operation, order: Order, now: datetime, request: Callable[[datetime, timedelta], A]
    ) -> A | OutcomeUnknown | OrderNotSent:
        """Put a request to the order desk, unless the scenario has it or its answer get lost."""
        now = self.advance(now)
        rules = [rule for rule in self.script.scenario.answers if rule.operation is operation]
        lost = self.script.pick(rules, order.contract, order.side, order.role, kind=operation)
        if lost is not None and lost.outcome is LostAnswer.NOT_SENT:
            return OrderNotSent(order.client_order_id, "the scenario has the request never leave")
        if lost is None or lost.outcome is LostAnswer.ACCEPTED:
            answer = request(now, ON_TIME if lost is None else lost.arrives_after)
            self._changed()
            if lost is None:
                return answer
        return OutcomeUnknown(order.client_order_id, operation, "the scenario has the answer get lost")

    def _act_before(self, until: datetime) -> bool:
        """Do what is due first up to `until`; return whether there was anything."""
        settlement = self.lifecycle.next_settlement()
        horizon = until if settlement is None else min(until, settlement[0])
        due = self.register.take_due(horizon)
        if due is not None:
            self.lifecycle.perform(*due)
            return True
        if settlement is None or settlement[0] > until:
            return False
        self.lifecycle.settle(settlement[1], settlement[0])
        return True

    def _changed(self) -> None:
        for callback in self.on_change:
            callback()
