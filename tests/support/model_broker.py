"""A small broker with a truth of its own, and a network between it and the desk that loses, repeats and reorders.

The desk never sees the books directly: it sees answers, reports and reads, each of which can go astray. Tests look at
the books and at `faults`, the list of what no desk may ever cause.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import define, evolve, field

from domain import events
from domain.account import Position
from domain.events import Operation
from domain.orders import Fill, Order, OrderReport, OrderRole, Side, Signal, TimeInForce

LIVE = frozenset({Signal.REPORTED_PENDING, Signal.REPORTED_WORKING})


class Fate(StrEnum):
    """What happens to one request on its way."""

    ARRIVES = "arrives"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    LOST = "lost"  # it never arrives, and the desk hears nothing
    ANSWER_LOST = "answer_lost"  # it arrives, and the desk hears nothing
    LATE = "late"  # the desk hears nothing, and it arrives when `late_arrivals` says
    TWICE = "twice"  # the line repeats it: it arrives twice, and the desk hears the first answer


@define
class Booked:
    """One order as the broker has it."""

    order: Order
    broker_order_id: str
    status: Signal
    fills: tuple[Fill, ...] = ()
    replaces: "Booked | None" = None
    cancel_asked: bool = False
    reason: str = ""
    lists_fills: bool = True

    @property
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        return self.order.quantity - self.filled if self.status in LIVE else 0

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def waits_for_replaced(self) -> bool:
        return self.replaces is not None and self.status is Signal.REPORTED_PENDING

    def report(self, *, fills_known: int | None = None) -> OrderReport:
        """Return the broker's report; with `fills_known`, only so many executions are in it, the count is ahead."""
        shown = self.fills[: fills_known if self.lists_fills else 0]
        return OrderReport(
            broker_order_id=self.broker_order_id,
            client_order_id=self.order.client_order_id,
            symbol=self.order.contract.symbol,
            side=self.order.side,
            quantity=self.order.quantity,
            limit_price=self.order.limit_price,
            status=self.status,
            filled_quantity=self.filled,
            fills=shown,
            replaces=None if self.replaces is None else self.replaces.broker_order_id,
            reason=self.reason,
        )


@define
class ModelBroker:
    """`slow`: orders stay pending, and cancels and replacements take effect only when `settle` is called for them."""

    slow: bool = False
    books: list[Booked] = field(factory=list)
    positions: dict[str, int] = field(factory=dict)
    reports: list[OrderReport] = field(factory=list)
    late_arrivals: list[Order | tuple[Order, Order]] = field(factory=list)
    faults: list[str] = field(factory=list)
    zombies: bool = False
    by_hand: bool = False
    numbers: int = 0

    # ---- requests --------------------------------------------------------------------------------------------------

    def submit(self, order: Order, fate: Fate = Fate.ARRIVES) -> events.Input:
        name = order.client_order_id
        match fate:
            case Fate.ARRIVES | Fate.TWICE:
                booked = self._arrive(order)
                if fate is Fate.TWICE:
                    self.zombies = True
                    self._arrive(order)
                if not booked.is_live:
                    return events.OrderRejected(name, booked.reason)
                return events.OrderAccepted(name, booked.broker_order_id)
            case Fate.REFUSED:
                return events.OrderRejected(name, "refused by the test")
            case Fate.NOT_SENT:
                return events.OrderNotSent(name, "not sent by the test")
            case Fate.ANSWER_LOST:
                self._arrive(order)
            case Fate.LATE:
                self.late_arrivals.append(order)
            case Fate.LOST:
                pass
        return events.OutcomeUnknown(name, Operation.SUBMIT, "lost by the test")

    def replace(self, order: Order, replaced: Order, fate: Fate = Fate.ARRIVES) -> events.Input:
        name = order.client_order_id
        match fate:
            case Fate.ARRIVES:
                booked = self._arrive_replacement(order, replaced)
                if booked is None:
                    return events.OrderRejected(name, "the order can not be replaced")
                return events.OrderAccepted(name, booked.broker_order_id)
            case Fate.REFUSED:
                return events.OrderRejected(name, "refused by the test")
            case Fate.NOT_SENT:
                return events.OrderNotSent(name, "not sent by the test")
            case Fate.ANSWER_LOST:
                self._arrive_replacement(order, replaced)
            case Fate.LATE:
                self.late_arrivals.append((order, replaced))
            case Fate.LOST:
                pass
        return events.OutcomeUnknown(name, Operation.REPLACE, "lost by the test")

    def cancel(self, order: Order, fate: Fate = Fate.ARRIVES) -> events.Input:
        name = order.client_order_id
        booked = self.known_as(order.broker_order_id) or self.find(name)
        if fate is Fate.NOT_SENT:
            return events.OrderNotSent(name, "not sent by the test")
        if fate in {Fate.ARRIVES, Fate.ANSWER_LOST} and booked is not None and booked.is_live:
            booked.cancel_asked = True
            if not self.slow:
                self.settle(booked)
            if fate is Fate.ARRIVES:
                return events.CancelAccepted(name)
        if fate in {Fate.ARRIVES, Fate.REFUSED}:
            return events.CancelRefused(name, "it can not be cancelled")
        return events.OutcomeUnknown(name, Operation.CANCEL, "lost by the test")

    def arrive_late(self, index: int = 0) -> None:
        """Let a request arrive that the desk may have proven absent."""
        request = self.late_arrivals.pop(index)
        self.zombies = True
        if isinstance(request, tuple):
            self._arrive_replacement(*request)
        else:
            self._arrive(request)

    # ---- what the broker and the market do -------------------------------------------------------------------------

    def settle(self, booked: Booked) -> None:
        """Let what was asked of an order take effect: go live, take over from the replaced one, end cancelled."""
        if booked.cancel_asked:
            booked.status = Signal.REPORTED_CANCELLED
        elif booked.waits_for_replaced and booked.replaces is not None:
            if booked.replaces.fills or not booked.replaces.is_live:
                booked.status, booked.reason = Signal.REPORTED_CANCELLED, "aborted: the original was filled or is over"
            else:
                booked.replaces.status = Signal.REPORTED_CANCELLED
                booked.status = Signal.REPORTED_WORKING
                self._tell(booked.replaces)
        elif booked.status is Signal.REPORTED_PENDING:
            booked.status = Signal.REPORTED_WORKING
        else:
            return
        self._tell(booked)

    def fill(self, booked: Booked, quantity: int, at: datetime, price: Decimal | None = None) -> None:
        fill_id = f"{booked.broker_order_id}.{len(booked.fills) + 1}"
        paid = price or booked.order.limit_price or Decimal(1)
        booked.fills = (*booked.fills, Fill(fill_id, quantity, paid, at))
        if not booked.order.quantity - booked.filled:
            booked.status = Signal.REPORTED_FILLED
        symbol = booked.order.contract.symbol
        signed = quantity if booked.order.side.is_buy else -quantity
        self.positions[symbol] = self.positions.get(symbol, 0) + signed
        if self.positions[symbol] < 0 and not self.by_hand:
            self.faults.append(f"short {self.positions[symbol]} {symbol} by {booked.order.client_order_id}")
        self._tell(booked)

    def end(self, booked: Booked, status: Signal, reason: str = "") -> None:
        """End an order for reasons of the broker's own, or by a person's hand."""
        booked.status, booked.reason = status, reason
        self._tell(booked)

    def trade_by_hand(self, symbol: str, quantity: int) -> None:
        self.by_hand = True
        self.positions[symbol] = self.positions.get(symbol, 0) + quantity

    def take_back(self, booked: Booked) -> None:
        """Undo an order's last execution, as after a bust: the books and the position are as if it had not been."""
        gone, booked.fills = booked.fills[-1], booked.fills[:-1]
        symbol = booked.order.contract.symbol
        self.positions[symbol] -= gone.quantity if booked.order.side.is_buy else -gone.quantity

    # ---- what can be read ------------------------------------------------------------------------------------------

    def read(self, asked_at: datetime, *, complete: bool = True) -> events.BrokerRead:
        held = tuple(Position(symbol, quantity) for symbol, quantity in self.positions.items() if quantity)
        orders = tuple(booked.report() for booked in self.books)
        if not complete:
            return events.BrokerRead(asked_at, orders[: len(orders) // 2], (), complete=False, detail="cut by the test")
        return events.BrokerRead(asked_at, orders, held, complete=True)

    def find(self, client_order_id: str) -> Booked | None:
        return next((booked for booked in self.books if booked.order.client_order_id == client_order_id), None)

    def known_as(self, broker_order_id: str | None) -> Booked | None:
        return next((booked for booked in self.books if booked.broker_order_id == broker_order_id), None)

    @property
    def live(self) -> list[Booked]:
        return [booked for booked in self.books if booked.is_live]

    # ---- the books -------------------------------------------------------------------------------------------------

    def _arrive(self, order: Order) -> Booked:
        booked = self._book(order)
        if order.side is Side.SELL_TO_CLOSE and order.quantity > self._free_to_sell(order, booked):
            # The strict close-only flag: the broker refuses what would open a position.
            booked.status, booked.reason = Signal.REPORTED_REJECTED, "more than is held"
            if not (self.zombies or self.by_hand):
                self.faults.append(f"{order.client_order_id} sells {order.quantity}, more than is held and free")
        elif not self.slow:
            booked.status = Signal.REPORTED_WORKING
        self._tell(booked)
        return booked

    def _arrive_replacement(self, order: Order, replaced: Order) -> Booked | None:
        original = self.find(replaced.client_order_id)
        if original is None or not original.is_live or original.fills or original.waits_for_replaced:
            return None
        booked = self._book(order, original)
        self._tell(booked)
        if not self.slow:
            self.settle(booked)
        return booked

    def _book(self, order: Order, original: Booked | None = None) -> Booked:
        if self.find(order.client_order_id) is not None and not self.zombies:
            self.faults.append(f"{order.client_order_id} was sent twice")
        if order.role is OrderRole.EXIT and order.time_in_force is not TimeInForce.GTC:
            self.faults.append(f"{order.client_order_id} is an exit and not good till cancelled")
        self.numbers += 1  # an order that is taken out of the books keeps its own
        booked = Booked(
            evolve(order),
            broker_order_id=f"B{self.numbers}",
            status=Signal.REPORTED_PENDING,
            replaces=original,
        )
        self.books.append(booked)
        return booked

    def _free_to_sell(self, order: Order, booked: Booked) -> int:
        symbol = order.contract.symbol
        working = sum(
            other.leaves
            for other in self.live
            if other is not booked and other.order.contract.symbol == symbol and not other.order.side.is_buy
        )
        return self.positions.get(symbol, 0) - working

    def _tell(self, booked: Booked) -> None:
        self.reports.append(booked.report())
