"""What must hold at every moment, seen from the broker's own books, which the desk cannot see."""

from collections.abc import Iterator

from attrs import define, field

from adapters.simulated.exchange.book import BookOrder
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.scenario.scenario import AfterPartialFill
from composition.simulation.truth.witness import Witness
from domain.events import EntrySized
from domain.orders import OrderRole

ONE_LIVE = "one live order"
NEVER_MORE = "never more than sized"
NEVER_OVERSELL = "never oversell"


def chain_of(client_order_id: str) -> str:
    """Return what the orders of one ladder have in common: the trade's id and the role's letter."""
    trade_id, _, number = client_order_id.rpartition("-")
    return f"{trade_id}-{number[:1]}"


@define
class Truth:
    """Looks at the broker whenever something changed there. `chains` are its orders by ladder, in order of arrival."""

    broker: SimulatedBroker
    witness: Witness
    doubles: bool  # a replace of a partly filled order works the whole quantity once more: the broker's own doing
    chains: dict[str, list[BookOrder]] = field(factory=dict)
    _seen: int = 0
    _rows_seen: int = 0
    _sizes: dict[str, int] = field(factory=dict)

    @classmethod
    def watching(cls, broker: SimulatedBroker, witness: Witness, after: AfterPartialFill) -> "Truth":
        """Return a truth that looks at every change from now on."""
        truth = cls(broker, witness, after is AfterPartialFill.TOTAL, seen=broker.register.next_number)
        broker.on_change.append(truth.look)
        return truth

    def look(self) -> None:
        """Check what can have changed: the ladders with live orders, and what is offered of each holding."""
        self._take_new()
        live = list(self.broker.register.live())
        offered: dict[str, int] = {}
        looked: set[str] = set()
        for order in live:
            if not order.side.is_buy and not order.is_contingent:
                offered[order.contract.symbol] = offered.get(order.contract.symbol, 0) + order.leaves
            if order.client_order_id is None:
                continue
            chain = chain_of(order.client_order_id)
            if chain not in looked and order.role is not OrderRole.EXIT:
                looked.add(chain)
                self._check_chain(chain)
        for symbol, quantity in offered.items():
            held = self.broker.ledger.held(symbol)
            if quantity > held and symbol not in self.witness.touched_symbols | self.witness.amended_symbols:
                self.witness.violate(NEVER_OVERSELL, f"{quantity} {symbol} offered, {held} held")

    def size_of(self, trade_id: str) -> int | None:
        """Return the decided size of an entry, by its durable row."""
        rows = self.witness.rows
        if self._rows_seen > len(rows):
            self._rows_seen = 0
        for entry in rows[self._rows_seen :]:
            if isinstance(entry.body, EntrySized):
                self._sizes[entry.body.trade_id] = entry.body.quantity
        self._rows_seen = len(rows)
        return self._sizes.get(trade_id)

    def orders(self) -> Iterator[BookOrder]:
        """Yield every order that the broker ever had from the desk."""
        self._take_new()
        for chain in self.chains.values():
            yield from chain

    def _take_new(self) -> None:
        register = self.broker.register
        while self._seen < register.next_number:
            order = register.find(str(self._seen))
            self._seen += 1
            if order is not None and order.client_order_id is not None:
                self.chains.setdefault(chain_of(order.client_order_id), []).append(order)

    def _check_chain(self, chain: str) -> None:
        orders = self.chains[chain]
        trade_id = chain.rpartition("-")[0]
        working = [order for order in orders if not order.has_ended and not order.is_contingent]
        # A request that the line repeats is one order more than the desk asked for.
        repeated = {
            order.client_order_id: order.quantity for order in orders if order.client_order_id in self.witness.doubled
        }
        if len(working) > 1 + len(repeated.keys() & {order.client_order_id for order in working}):
            names = ", ".join(order.client_order_id or "" for order in working)
            self.witness.violate(ONE_LIVE, f"{names} are live together", trade_id)
        size = self.size_of(trade_id) if chain.endswith(OrderRole.ENTRY) else orders[0].quantity
        filled = sum(order.filled for order in orders)
        total = filled + sum(order.leaves for order in working)
        if size is None:
            self.witness.violate("decided before sent", f"{chain} is at the broker and was never sized", trade_id)
        elif total > size + sum(repeated.values()) and not self._is_brokers_doing(orders):
            self.witness.violate(
                NEVER_MORE, f"{chain}: {filled} filled and {total - filled} working of {size}", trade_id
            )

    def _is_brokers_doing(self, orders: list[BookOrder]) -> bool:
        """Whether the broker showed a fill late, changed one that it had told of, or replaced an order with fills by
        one for the whole quantity.
        """
        unlike = self.witness.late_fills | self.witness.amended.keys()
        if any(fill.fill_id in unlike for order in orders for fill in order.fills):
            return True
        replaced = {order.replaces for order in orders}
        return self.doubles and any(order.broker_order_id in replaced and order.fills for order in orders)
