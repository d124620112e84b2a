"""What must hold of the log's rows, read once from the first to the last: every order was decided, allowed and in time.

It judges by rows alone and by rules of its own, not by the functions that the desk decides with.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import define, field

from composition.simulation.truth.outcomes import OutcomeReader
from domain.alerts import Alert
from domain.commands import ReplaceOrder, SubmitOrder
from domain.events import (
    AccountRead,
    AlertRead,
    AlertReceived,
    AllowlistChanged,
    BrokerRead,
    ChecksPassed,
    ContractResolved,
    DeskStarted,
    EntrySized,
    LadderMoved,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderReported,
    OrderWithheld,
    OutcomeUnknown,
    PositionTakenOver,
    Stamped,
    TradingHalted,
    TradingResumed,
)
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Order, OrderRole, OrderStatus, Side, TimeInForce
from domain.policies import Conversion, Policies
from domain.verdicts import LadderMove
from ports.audit_log import Entry

EPSILON = timedelta(milliseconds=1)
AGE_LIMIT = timedelta(seconds=60)
# A replacement that ended like this was never at the market: the step that it was to take has still to be taken.
NEVER_WORKED = frozenset({OrderStatus.NOT_SENT, OrderStatus.REJECTED, OrderStatus.ABSENT})
CLOCK_BEHIND = timedelta(minutes=5)  # more than a process's clock stands still in a day


@define
class LogReader(OutcomeReader):
    """Reads the rows of a day in order."""

    policies: Policies = field(kw_only=True)
    users: set[int] = field(factory=set)
    messages: dict[str, Message] = field(factory=dict)
    alerts: dict[str, Alert] = field(factory=dict)
    checked: set[str] = field(factory=set)
    sized: dict[str, tuple[datetime, EntrySized]] = field(factory=dict)
    contracts: dict[str, Contract] = field(factory=dict)
    halts: set[str] = field(factory=set)
    entered: dict[str, str] = field(factory=dict)
    steps: dict[str, int] = field(factory=dict)
    asks: dict[str, Decimal | None] = field(factory=dict)
    net_liquidation: Decimal = Decimal(0)

    def read(self) -> None:
        """Read every row."""
        self.users = set(self.policies.allowed_users)
        for entry in self.witness.rows:
            body: Any = entry.body.event if isinstance(entry.body, Stamped) else entry.body
            reader = READERS.get(type(body))
            if reader is not None:
                reader(self, entry, body)

    # ---- state of the desk as the rows tell it -----------------------------------------------------------------------

    def on_started(self, _entry: Entry, _event: DeskStarted) -> None:
        self.ready = False

    def on_halted(self, _entry: Entry, event: TradingHalted) -> None:
        self.halts.add(event.cause)

    def on_resumed(self, _entry: Entry, event: TradingResumed) -> None:
        self.halts = {cause for cause in self.halts if event.reason == "the authorization is back"} - {"authorization"}

    def on_allowlist(self, _entry: Entry, event: AllowlistChanged) -> None:
        (self.users.add if event.allowed else self.users.discard)(event.number)

    def on_message(self, _entry: Entry, event: AlertReceived) -> None:
        self.messages[event.trade_id] = event.message

    def on_account(self, _entry: Entry, event: AccountRead) -> None:
        self.net_liquidation = event.balances.net_liquidation

    def on_contract(self, _entry: Entry, event: ContractResolved) -> None:
        self.contracts[event.trade_id] = event.contract

    def on_read_alert(self, _entry: Entry, event: AlertRead) -> None:
        self.alerts[event.trade_id] = event.alert

    def on_checked(self, _entry: Entry, event: ChecksPassed) -> None:
        self.checked.add(event.trade_id)

    # ---- positions ---------------------------------------------------------------------------------------------------

    def on_taken_over(self, entry: Entry, event: PositionTakenOver) -> None:
        """Contracts are believed gone: somebody must have taken them, or their time is over."""
        witness = self.witness
        taken = witness.touched_symbols | witness.late_symbols | witness.amended_symbols
        cut_off = self.contracts[event.trade_id].cut_off
        if event.symbol not in taken and (cut_off is None or entry.at < cut_off - CLOCK_BEHIND):
            words = f"{event.symbol}: {event.held} of {event.expected} held, and nobody sold any"
            self.violate("gone is what is gone", words, event.trade_id)

    # ---- entries -----------------------------------------------------------------------------------------------------

    def on_sized(self, entry: Entry, event: EntrySized) -> None:
        """An entry was decided: who, when, how much."""
        trade_id, at = event.trade_id, entry.at
        self.sized[trade_id] = (at, event)
        message = self.messages.get(trade_id)
        if message is None:
            self.violate("decided before sent", f"{trade_id} was sized without a message", trade_id)
            return
        self._check_author(message, trade_id)
        self._check_moment(message, at, trade_id)
        contract = self.contracts[trade_id]
        if any(doubt.symbol == contract.symbol for doubt in self.doubts.values()):
            self.violate("no entry in doubt", f"{trade_id} was sized while an outcome was open", trade_id)
        risk = self.policies.risk
        premium = contract.value(event.worst_price, event.quantity)
        if not 1 <= event.quantity <= risk.max_contracts or premium > risk.max_premium:
            self.violate("caps", f"{trade_id}: {event.quantity} contracts for {premium}", trade_id)

    def _check_author(self, message: Message, trade_id: str) -> None:
        by_webhook = message.webhook_id is not None and message.webhook_id in self.policies.allowed_webhooks
        listed = message.user_id in self.users if message.webhook_id is None else by_webhook
        if not listed or message.channel_id not in self.policies.allowed_channels:
            self.violate("strangers never trade", f"{trade_id} of author {message.user_id}", trade_id)
        earlier = self.entered.setdefault(message.message_id, trade_id)
        if earlier != trade_id:
            words = f"message {message.message_id} led to {earlier} and to {trade_id}"
            self.violate("one entry a message", words, trade_id)

    def _check_moment(self, message: Message, at: datetime, trade_id: str) -> None:
        if at - message.posted_at > AGE_LIMIT:
            self.violate("no stale alert", f"{trade_id} was {at - message.posted_at} old when it was sized", trade_id)
        if self.halts:
            self.violate("no entry while halted", f"{trade_id} was sized while {sorted(self.halts)}", trade_id)
        if not self.ready:
            self.violate("no order before recovery", f"{trade_id} was sized before the desk was ready", trade_id)

    # ---- orders ------------------------------------------------------------------------------------------------------

    def on_submit(self, entry: Entry, event: SubmitOrder) -> None:
        """An order goes out."""
        order = event.order
        self._check_new(entry, order)
        if order.role is OrderRole.ENTRY:
            self._check_entry(entry, order, None)
        else:
            self._check_sale(order)

    def on_replace(self, entry: Entry, event: ReplaceOrder) -> None:
        """A replacement goes out."""
        order, replaced = event.order, event.replaced
        self._check_new(entry, order)
        if (order.quantity, order.side, order.contract.symbol) != (
            replaced.quantity,
            replaced.side,
            replaced.contract.symbol,
        ):
            self.violate("as decided", f"{order.client_order_id} replaces more than the price", order.trade_id)
        if order.role is OrderRole.ENTRY:
            self._check_entry(entry, order, replaced)

    def _check_new(self, entry: Entry, order: Order) -> None:
        name = order.client_order_id
        if name in self.orders:
            self.violate("sent once", f"{name} was sent twice", order.trade_id)
        self.orders[name] = order
        if not self.ready:
            self.violate("no order before recovery", f"{name} was sent before the desk was ready", order.trade_id)
        contract = order.contract
        if order.quantity < 1 or (order.limit_price is not None and not contract.ticks.on_grid(order.limit_price)):
            self.violate("as decided", f"{name}: {order.quantity} @ {order.limit_price}", order.trade_id)
        if contract.cut_off is not None and entry.at >= contract.cut_off:
            self.violate("session", f"{name} was sent after the cut-off", order.trade_id)

    def _check_entry(self, entry: Entry, order: Order, replaced: Order | None) -> None:
        trade_id, name = order.trade_id, order.client_order_id
        if trade_id not in self.alerts.keys() & self.checked & self.sized.keys():
            self.violate("decided before sent", f"{name} has no decision before it", trade_id)
            return
        began, sized = self.sized[trade_id]
        contract = self.contracts[trade_id]
        self._check_author(self.messages[trade_id], trade_id)
        if self.messages[trade_id].dry_run:
            self.violate("a dry run places nothing", f"{name} was sent", trade_id)
        if order.side is not Side.BUY_TO_OPEN or order.contract.symbol != contract.symbol:
            self.violate("as decided", f"{name} is {order.side} {order.contract.symbol}", trade_id)
        if order.quantity > sized.quantity:
            self.violate("as decided", f"{name} is for {order.quantity}, sized {sized.quantity}", trade_id)
        if self.halts:
            self.violate("no entry while halted", f"{name} went out while {sorted(self.halts)}", trade_id)
        if contract.calendar.session_at(entry.at) is None:
            self.violate("session", f"{name} went out while the market was closed", trade_id)
        # A replacement that never arrived cannot arrive once its original is gone: the leaves may be placed again.
        submitted = [known.client_order_id for known in self._chain(order) if known.replaces is None]
        if any(self.ended.get(name) is OrderStatus.ABSENT for name in submitted):
            self.violate("never again after absence", f"{name} follows an order that was proven absent", trade_id)
        self._check_price(order, sized)
        self._check_time(entry.at - began, order, replaced)

    def _chain(self, order: Order) -> list[Order]:
        same = (order.trade_id, order.role)
        return [known for known in self.orders.values() if (known.trade_id, known.role) == same and known is not order]

    def _check_price(self, order: Order, sized: EntrySized) -> None:
        if order.limit_price is None:
            if self.policies.entry.conversion is not Conversion.MARKET:
                self.violate("price path", f"{order.client_order_id} is a market order", order.trade_id)
            return
        meant = self.alerts[order.trade_id].price
        collar = None if meant is None else meant * (1 + self.policies.entry.max_chase / 100)
        if order.limit_price > sized.worst_price or (collar is not None and order.limit_price > collar):
            words = f"{order.client_order_id} @ {order.limit_price}, at worst {sized.worst_price}"
            self.violate("price path", words, order.trade_id)
        worked = [known for known in self._chain(order) if self.ended.get(known.client_order_id) not in NEVER_WORKED]
        before = [known.limit_price for known in worked if known.limit_price is not None]
        if before and order.limit_price < before[-1] and order.trade_id not in self.witness.touched_orders:
            self.violate("price path", f"{order.client_order_id} goes back to {order.limit_price}", order.trade_id)

    def _check_time(self, after: timedelta, order: Order, replaced: Order | None) -> None:
        if order.trade_id in self.witness.touched_orders or replaced is None:
            return
        if self.ended.get(replaced.client_order_id) is OrderStatus.ABSENT:
            return  # it turned up against all proof: its step is taken back, whenever that is
        entry = self.policies.entry
        if not entry.initial_wait - EPSILON <= after <= entry.window + EPSILON:
            self.violate(
                "price path", f"{order.client_order_id} steps after {after.total_seconds():.1f} s", order.trade_id
            )

    def on_withheld(self, _entry: Entry, event: OrderWithheld) -> None:
        """The last check was against an order: a false alarm, where no fault is planted."""
        self.violate("nothing withheld", f"{event.client_order_id}: {event.reason}")

    def on_ladder(self, _entry: Entry, event: LadderMoved) -> None:
        """A rung was decided: a step of one tick, or the far touch."""
        if event.trade_id not in self.sized or event.move in {LadderMove.HOLD, LadderMove.SKIP}:
            return
        count = self.steps[event.trade_id] = self.steps.get(event.trade_id, 0) + 1
        if count > self.policies.entry.max_increments:
            self.violate("price path", f"{event.trade_id} takes step {count}", event.trade_id)
        ticks = self.contracts[event.trade_id].ticks
        nexts = {ticks.up(price) for price in self._working_prices(event.trade_id)}
        if event.move is LadderMove.STEP and event.price not in nexts:
            self.violate("price path", f"{event.trade_id} steps to {event.price}, not one of {nexts}", event.trade_id)
        if event.move is LadderMove.CONVERT and (event.ask is None or all(event.ask > price for price in nexts)):
            self.violate("price path", f"{event.trade_id} converts to {event.ask}", event.trade_id)

    def _working_prices(self, trade_id: str) -> list[Decimal]:
        orders = [
            order for order in self.orders.values() if (order.trade_id, order.role) == (trade_id, OrderRole.ENTRY)
        ]
        open_ones = [order for order in orders if order.client_order_id not in self.ended]
        return [order.limit_price for order in open_ones if order.limit_price is not None]

    def _check_sale(self, order: Order) -> None:
        name = order.client_order_id
        if order.side is not Side.SELL_TO_CLOSE or not order.close_only:
            self.violate("exits only close", f"{name} is {order.side}", order.trade_id)
        if order.role is OrderRole.EXIT and (order.time_in_force is not TimeInForce.GTC or order.limit_price is None):
            self.violate("exits only close", f"{name} is {order.time_in_force} @ {order.limit_price}", order.trade_id)


READERS: dict[type, Callable[[LogReader, Entry, Any], None]] = {
    PositionTakenOver: LogReader.on_taken_over,
    DeskStarted: LogReader.on_started,
    TradingHalted: LogReader.on_halted,
    TradingResumed: LogReader.on_resumed,
    AllowlistChanged: LogReader.on_allowlist,
    AlertReceived: LogReader.on_message,
    AccountRead: LogReader.on_account,
    ContractResolved: LogReader.on_contract,
    AlertRead: LogReader.on_read_alert,
    ChecksPassed: LogReader.on_checked,
    EntrySized: LogReader.on_sized,
    SubmitOrder: LogReader.on_submit,
    ReplaceOrder: LogReader.on_replace,
    LadderMoved: LogReader.on_ladder,
    OrderWithheld: LogReader.on_withheld,
    OutcomeUnknown: LogReader.on_unknown,
    OrderAccepted: LogReader.on_accepted,
    OrderReported: LogReader.on_reported,
    BrokerRead: LogReader.on_read,
    OrderEnded: LogReader.on_ended,
    OrderFilled: LogReader.on_filled,
}
