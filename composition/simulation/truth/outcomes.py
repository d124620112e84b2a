"""What the rows say of outcomes: an order in doubt ends by proof only, and a fill counts once."""

from datetime import datetime, timedelta

from attrs import define, field

from composition.simulation.truth.witness import Witness
from domain.events import BrokerRead, Operation, OrderAccepted, OrderEnded, OrderFilled, OrderReported, OutcomeUnknown
from domain.orders import Order, OrderStatus
from ports.audit_log import Entry

ABSENT_READS, ABSENT_AFTER = 3, timedelta(seconds=60)


@define
class Doubt:
    """An order whose outcome is not known, and the complete reads since that did not show it."""

    since: datetime
    symbol: str
    missed: int = 0


@define
class OutcomeReader:
    """`orders` are those that were sent, `ready` says that the broker has been read since the last start."""

    witness: Witness
    orders: dict[str, Order] = field(factory=dict)
    ended: dict[str, OrderStatus] = field(factory=dict)
    doubts: dict[str, Doubt] = field(factory=dict)
    ready: bool = False
    known: set[str] = field(factory=set)
    fill_ids: set[tuple[str, str]] = field(factory=set)

    def violate(self, promise: str, text: str, trade_id: str | None = None) -> None:
        self.witness.violate(promise, text, trade_id)

    def on_unknown(self, entry: Entry, event: OutcomeUnknown) -> None:
        order = self.orders.get(event.client_order_id)
        is_open = event.client_order_id not in self.ended.keys() | self.known
        if order is not None and event.operation is not Operation.CANCEL and is_open:
            self.doubts[event.client_order_id] = Doubt(entry.at, order.contract.symbol)

    def on_accepted(self, _entry: Entry, event: OrderAccepted) -> None:
        self._found(event.client_order_id)

    def on_reported(self, _entry: Entry, event: OrderReported) -> None:
        self._found(event.report.client_order_id)

    def _found(self, name: str | None) -> None:
        self.known.add(name or "")
        self.doubts.pop(name or "", None)

    def on_read(self, _entry: Entry, event: BrokerRead) -> None:
        """A reading shows what it shows; a complete one counts against those it does not show."""
        self.ready = self.ready or event.complete
        for report in event.orders:
            self._found(report.client_order_id)
        for doubt in self.doubts.values():
            if event.complete and event.asked_at - doubt.since >= ABSENT_AFTER:
                doubt.missed += 1

    def on_ended(self, _entry: Entry, event: OrderEnded) -> None:
        """An order ended; one that was in doubt may only have been found, refused, or proven absent."""
        self.ended[event.client_order_id] = event.status
        doubt = self.doubts.pop(event.client_order_id, None)
        if event.status is OrderStatus.ABSENT and (doubt is not None and doubt.missed < ABSENT_READS):
            words = f"{event.client_order_id} was called absent after {doubt.missed} readings"
            self.violate("doubt ends by proof", words, event.trade_id)
        if doubt is not None and event.status is OrderStatus.NOT_SENT:
            self.violate("doubt ends by proof", f"{event.client_order_id} was called not sent", event.trade_id)

    def on_filled(self, _entry: Entry, event: OrderFilled) -> None:
        key = (event.client_order_id, event.fill.fill_id)
        if key in self.fill_ids:
            self.violate("a fill counts once", f"{event.fill.fill_id} of {event.client_order_id}", event.trade_id)
        self.fill_ids.add(key)
