"""The last check of an order, between the desk and the socket: books of its own, and none of the desk's rules.

It watches the rows of the log. Each new order, replacement or dry run is judged as its row is written, by the rows
before it; at the socket it goes out only as that row says, only once, and no entry while entries are halted. What fails
is withheld: the desk hears of it, halts entries and pages a person.

What is independent of what. The size, the highest price and the contract are taken as they were decided, from the rows
of the decision, and the chase limit is computed again from the alert. What is filled, working and over comes from the
broker's answers and reports alone, not from what the desk made of them; but an order that the desk has proven absent is
believed to be. In a process that starts anew the books begin with the state that the desk recovered: they agree with it
about what was before, and are their own from there on. What an answer says is believed: an adapter that takes a missing
answer for a refusal is not found out here.

Where knowledge is contested it is lenient, for a false alarm leaves contracts without an exit. A fill counts as it was
told first. What a count of the broker's is ahead of its fills counts as bought, and not yet as sold. Contracts that
left the account without an order of ours still count as held: the desk offers less by itself. Of two orders under one
id the end of either is the end of both.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from attrs import define, field

from domain.alerts import Alert
from domain.bounds import MAX_CONTRACTS
from domain.closing import Closing
from domain.commands import ReplaceOrder, SubmitOrder, ValidateOrder
from domain.desk import DeskState
from domain.events import (
    AlertIgnored,
    AlertRead,
    AlertReceived,
    AuthorizationRestored,
    BrokerRead,
    CloseFinished,
    CloseRequested,
    ContractResolved,
    Denied,
    DeskStarted,
    EntrySized,
    Input,
    Operation,
    OrderAccepted,
    OrderEnded,
    OrderNotSent,
    OrderRejected,
    OrderReported,
    OrderValidated,
    OrderWithheld,
    OutcomeUnknown,
    ResumeRequested,
    SessionStarted,
    Stamped,
    TradingHalted,
)
from domain.instruments import Contract
from domain.orders import Order, OrderReport, OrderRole, OrderStatus, Side, Signal
from domain.policies import Conversion, EntryPolicy, ExitPolicy, Policies
from domain.trade import Trade
from domain.verdicts import HaltCause
from ports.audit_log import Entry

NewOrder = SubmitOrder | ReplaceOrder | ValidateOrder
HALTED_MEANWHILE = "entries were halted before it left"
NOT_AS_WRITTEN = "it is not in the log as it was to be sent"
GONE_BEFORE = "an order under this id has gone out before"
NOT_READY = "the broker has not been read since the start"
ENDS = frozenset({Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED})
TOLD_ENDS = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
# What is of a contract that has stopped trading is forgotten then: nothing more can be sent for it.
FORGET_AFTER = timedelta(days=30)


@define
class _Sent:
    """An order of the log. `gone`: it has passed the check; `over`: it cannot fill any more, `for_good` to the broker.

    `command` is what was written, None for an order from before the start.
    """

    order: Order
    command: NewOrder | None = None
    objection: str | None = None
    gone: bool = False
    answered: bool = False
    over: bool = False
    for_good: bool = False
    fills: dict[str, int] = field(factory=dict)
    count: int = 0

    @classmethod
    def before_the_start(cls, order: Order) -> "_Sent":
        return cls(
            order,
            gone=True,
            answered=order.status is not OrderStatus.SENDING,
            over=order.status.is_terminal,
            for_good=order.status in TOLD_ENDS,
            fills={fill.fill_id: fill.quantity for fill in order.fills},
            count=order.reported_filled,
        )

    @property
    def name(self) -> str:
        return self.order.client_order_id

    @property
    def sold(self) -> int:
        return sum(self.fills.values())

    @property
    def bought(self) -> int:
        return max(self.sold, self.count)

    @property
    def leaves(self) -> int:
        return 0 if self.over else max(self.order.quantity - self.bought, 0)

    def end(self, *, for_good: bool) -> None:
        self.over, self.for_good = True, self.for_good or for_good

    def take(self, told: OrderReport) -> None:
        """Take in a report: an order that ended by our own word only, and is live to the broker, works again."""
        self.answered = True
        for fill in told.fills:
            if fill.is_sound:
                self.fills.setdefault(fill.fill_id, fill.quantity)
        self.count = max(self.count, min(told.filled_quantity, MAX_CONTRACTS))
        if told.status in ENDS:
            self.end(for_good=True)
        elif not self.for_good:
            self.over = False


@define(kw_only=True)
class _Entered:
    """An entry as it was decided, with its orders and its exits. `named` is the symbol that its alert wrote."""

    contract: Contract
    named: str
    size: int
    highest: Decimal
    may_be_market: bool
    dry_run: bool
    policy: ExitPolicy
    entries: list[_Sent] = field(factory=list)
    exits: list[_Sent] = field(factory=list)

    @property
    def to_cover(self) -> int:
        """Return how many of the contracts bought exits may offer at most."""
        bought = _bought(self.entries)
        share = int(bought * self.policy.fraction / 100)
        return max(share, min(self.policy.min, bought)) if self.policy.fraction else 0


class OrderCheck:
    """Call it with each appended row and its number, in order; ask it before an order goes out."""

    def __init__(self) -> None:
        self._policies = Policies()
        self._ready = False
        self._halts: set[HaltCause] = set()
        self._dry_runs: set[str] = set()
        self._alerts: dict[str, Alert] = {}
        self._contracts: dict[str, Contract] = {}
        self._requested: dict[str, str] = {}
        self._entered: dict[str, _Entered] = {}
        self._closes: dict[str, list[_Sent]] = {}
        self._orders: dict[str, _Sent] = {}
        self._names: dict[str, str] = {}
        self._readers: dict[type, Callable[[Any], None]] = {
            DeskStarted: self._started,
            AlertReceived: self._received,
            AlertRead: self._alert_read,
            AlertIgnored: self._not_traded,
            Denied: self._not_traded,
            CloseFinished: self._not_traded,
            ContractResolved: self._resolved,
            CloseRequested: self._close_requested,
            EntrySized: self._sized,
            TradingHalted: self._halted,
            ResumeRequested: self._resumed,
            AuthorizationRestored: self._authorized,
            SessionStarted: self._new_day,
            SubmitOrder: self._written,
            ReplaceOrder: self._written,
            ValidateOrder: self._written,
            OrderAccepted: self._accepted,
            OutcomeUnknown: self._unknown,
            OrderRejected: self._refused,
            OrderNotSent: self._never_there,
            OrderWithheld: self._never_there,
            OrderValidated: self._never_there,
            OrderEnded: self._ended,
            OrderReported: self._reported,
            BrokerRead: self._broker_read,
        }

    # ---- at the socket -----------------------------------------------------------------------------------------------

    def answer_instead(self, command: NewOrder, operation: Operation) -> tuple[Input, ...]:
        """Return what answers an order that must not go out; nothing for one that may, which counts as gone then.

        An entry that a halt has overtaken on its way is no fault: it was not sent, and nobody is paged for it.
        """
        name = command.order.client_order_id
        sent = self._orders.get(name)
        if sent is not None and sent.gone:
            # Whatever became of the first one is not proven by withholding the second.
            return OutcomeUnknown(name, operation, GONE_BEFORE), OrderWithheld(name, GONE_BEFORE)
        if sent is None or sent.command != command:
            return (OrderWithheld(name, NOT_AS_WRITTEN),)
        if sent.objection is not None:
            return (OrderWithheld(name, sent.objection),)
        if self._halts and command.order.role is OrderRole.ENTRY:
            return (OrderNotSent(name, HALTED_MEANWHILE),)
        sent.gone = True
        return ()

    # ---- the books ---------------------------------------------------------------------------------------------------

    def take_over(self, state: DeskState) -> None:
        """Begin the books with what a desk has recovered."""
        self._policies = state.policies
        self._halts = {halt.cause for halt in state.halts}
        for candidate in state.candidates.values():
            self._alerts[candidate.trade_id] = candidate.alert
            if candidate.contract is not None:
                self._contracts[candidate.trade_id] = candidate.contract
        waiting = [(received.trade_id, received.message) for received in state.waiting]
        waiting += [(candidate.trade_id, candidate.message) for candidate in state.candidates.values()]
        self._dry_runs = {trade_id for trade_id, message in waiting if message.dry_run}
        for trade in (*state.trades.values(), *state.archive.values()):
            self._take_over_trade(trade)
        for closing in (*state.closings.values(), *state.finished.values()):
            self._take_over_closing(closing)

    def __call__(self, _seq: int, entry: Entry) -> None:
        """Book what one row says."""
        body: Any = entry.body.event if isinstance(entry.body, Stamped) else entry.body
        read = self._readers.get(type(body))
        if read is not None:
            read(body)

    def _take_over_trade(self, trade: Trade) -> None:
        plan = trade.entry.plan
        entered = _Entered(
            contract=trade.contract,
            named=trade.alert.symbol,
            size=trade.entry.quantity,
            highest=_highest(plan.worst_price, trade.alert, plan.policy),
            may_be_market=plan.policy.conversion is Conversion.MARKET,
            dry_run=trade.message.dry_run,
            policy=trade.policy,
            entries=[self._known(order) for order in trade.entry.orders],
            exits=[self._known(order) for order in trade.exits],
        )
        self._entered[trade.trade_id] = entered

    def _take_over_closing(self, closing: Closing) -> None:
        if closing.alert is None:
            self._requested[closing.trade_id] = closing.contract.symbol
        else:
            self._alerts[closing.trade_id] = closing.alert
        if closing.run is not None and closing.run.orders:
            self._closes[closing.trade_id] = [self._known(order) for order in closing.run.orders]

    def _known(self, order: Order) -> _Sent:
        sent = self._orders[order.client_order_id] = _Sent.before_the_start(order)
        if order.broker_order_id is not None:
            self._names[order.broker_order_id] = sent.name
        return sent

    # ---- rows: decisions ---------------------------------------------------------------------------------------------

    def _started(self, event: DeskStarted) -> None:
        self._policies, self._ready = event.policies, False

    def _received(self, event: AlertReceived) -> None:
        if event.message.dry_run:
            self._dry_runs.add(event.trade_id)

    def _alert_read(self, event: AlertRead) -> None:
        self._alerts[event.trade_id] = event.alert

    def _resolved(self, event: ContractResolved) -> None:
        self._contracts[event.trade_id] = event.contract

    def _not_traded(self, event: AlertIgnored | Denied | CloseFinished) -> None:
        self._alerts.pop(event.trade_id, None)
        self._contracts.pop(event.trade_id, None)
        self._dry_runs.discard(event.trade_id)

    def _close_requested(self, event: CloseRequested) -> None:
        self._requested[event.trade_id] = event.symbol.upper()

    def _sized(self, event: EntrySized) -> None:
        alert = self._alerts.pop(event.trade_id, None)
        contract = self._contracts.pop(event.trade_id, None)
        if alert is None or contract is None:
            return  # its orders have no decision to rest on then
        policy = self._policies.entry
        self._entered[event.trade_id] = _Entered(
            contract=contract,
            named=alert.symbol,
            size=event.quantity,
            highest=_highest(event.worst_price, alert, policy),
            may_be_market=policy.conversion is Conversion.MARKET,
            dry_run=event.trade_id in self._dry_runs,
            policy=self._policies.exit,
        )
        self._dry_runs.discard(event.trade_id)

    def _halted(self, event: TradingHalted) -> None:
        self._halts.add(event.cause)

    def _resumed(self, _event: ResumeRequested) -> None:
        self._halts.clear()

    def _authorized(self, _event: AuthorizationRestored) -> None:
        self._halts.discard(HaltCause.AUTHORIZATION)

    def _new_day(self, event: SessionStarted) -> None:
        """Forget what is of contracts that stopped trading long ago."""
        until = event.day - FORGET_AFTER
        self._entered = {name: known for name, known in self._entered.items() if _trades(known.contract, until)}
        self._closes = {
            name: closes for name, closes in self._closes.items() if _trades(closes[0].order.contract, until)
        }
        self._orders = {name: sent for name, sent in self._orders.items() if _trades(sent.order.contract, until)}
        self._names = {known: name for known, name in self._names.items() if name in self._orders}

    # ---- rows: orders ------------------------------------------------------------------------------------------------

    def _written(self, command: NewOrder) -> None:
        """Judge an order as it is written, and count it as working if nothing is against it."""
        order = command.order
        if order.client_order_id in self._orders:
            return  # whichever goes out first is the only one that does
        sent = self._orders[order.client_order_id] = _Sent(order, command)
        entered = self._entered.get(order.trade_id)
        if not self._ready:
            sent.objection = NOT_READY
        elif order.role is OrderRole.CLOSE:
            self._closes.setdefault(order.trade_id, []).append(sent)
            sent.objection = self._against_close(sent)
        elif entered is None:
            sent.objection = "no entry was decided that it could rest on"
        elif order.role is OrderRole.ENTRY:
            entered.entries.append(sent)
            sent.objection = self._against_entry(sent, entered)
        else:
            entered.exits.append(sent)
            sent.objection = self._against_exit(sent, entered)
        if sent.objection is not None or isinstance(command, ValidateOrder):
            sent.end(for_good=False)

    def _accepted(self, event: OrderAccepted) -> None:
        sent = self._orders.get(event.client_order_id)
        if sent is not None:
            sent.answered = True
            self._names.setdefault(event.broker_order_id, event.client_order_id)

    def _unknown(self, event: OutcomeUnknown) -> None:
        sent = self._orders.get(event.client_order_id)
        if sent is not None:
            sent.answered = True

    def _refused(self, event: OrderRejected) -> None:
        sent = self._orders.get(event.client_order_id)
        if sent is not None:
            sent.end(for_good=True)

    def _never_there(self, event: OrderNotSent | OrderWithheld | OrderValidated) -> None:
        """An answer that says that nothing was placed; of an order with an answer it is its cancel that did not go."""
        sent = self._orders.get(event.client_order_id)
        if sent is not None and not sent.answered:
            sent.end(for_good=False)

    def _ended(self, event: OrderEnded) -> None:
        sent = self._orders.get(event.client_order_id)
        if sent is not None and event.status is OrderStatus.ABSENT:
            sent.end(for_good=False)

    def _reported(self, event: OrderReported) -> None:
        self._report(event.report)

    def _broker_read(self, event: BrokerRead) -> None:
        for told in event.orders:
            self._report(told)
        self._ready = self._ready or event.complete

    def _report(self, told: OrderReport) -> None:
        sent = self._orders.get(self._names.get(told.broker_order_id) or told.client_order_id or "")
        if sent is not None:
            self._names.setdefault(told.broker_order_id, sent.name)
            sent.take(told)

    # ---- what may be against an order --------------------------------------------------------------------------------

    def _against_entry(self, sent: _Sent, entered: _Entered) -> str | None:
        order, price = sent.order, sent.order.limit_price
        if self._halts:
            return f"entries are halted ({', '.join(sorted(self._halts))})"
        if entered.dry_run != isinstance(sent.command, ValidateOrder):
            return "a dry run is only checked, and nothing else is"
        if order.side is not Side.BUY_TO_OPEN:
            return f"an entry may only buy to open, and it is {order.side}"
        if price is None and not entered.may_be_market:
            return "a market order is not what the policy allows"
        if price is not None and price > entered.highest:
            return f"its price {price} is above {entered.highest}, the highest that was decided"
        return _against_shape(order, entered.contract) or _against_ladder(
            _bought(entered.entries), _working(entered.entries), entered.size
        )

    def _against_exit(self, sent: _Sent, entered: _Entered) -> str | None:
        if sent.order.limit_price is None:
            return "an exit has a limit"
        covered = _sold(entered.exits) + _working(entered.exits)
        if covered > entered.to_cover:
            return f"exits would cover {covered} contracts and may cover {entered.to_cover}"
        return self._against_sale(sent, entered.contract)

    def _against_close(self, sent: _Sent) -> str | None:
        order, closes = sent.order, self._closes[sent.order.trade_id]
        holders = list(self._in(order.contract.symbol))
        if not holders or not self._was_asked(order.trade_id, holders):
            return "nobody asked for this close of what was bought here"
        alert = self._alerts.get(order.trade_id)
        asked = None if alert is None or alert.fraction is not None else alert.quantity
        size = closes[0].order.quantity if asked is None else min(asked, closes[0].order.quantity)
        return _against_ladder(_sold(closes), _working(closes), size) or self._against_sale(sent, holders[0].contract)

    def _against_sale(self, sent: _Sent, contract: Contract) -> str | None:
        if isinstance(sent.command, ValidateOrder):
            return "a sale is never only checked"
        if sent.order.side is not Side.SELL_TO_CLOSE:
            return f"it may only sell to close, and it is {sent.order.side}"
        offered, held = self._offered(contract.symbol), self._held(contract.symbol)
        if offered > held:
            return f"{offered} contracts would be offered and {held} are held"
        return _against_shape(sent.order, contract)

    def _was_asked(self, trade_id: str, holders: list[_Entered]) -> bool:
        """Whether somebody asked for a close in this contract, and it is the one that was named."""
        contract = holders[0].contract
        alert = self._alerts.get(trade_id)
        if alert is None:  # an operator's; it has one close for each contract of a symbol
            symbol = self._requested.get(trade_id) or self._requested.get(trade_id.rpartition("-")[0])
            return symbol in {contract.underlying, contract.symbol}
        named = (
            (alert.instrument, contract.kind),
            (alert.strike, contract.strike),
            (alert.right, contract.right),
            (alert.expires_on, contract.expires_on),
        )
        symbols = {contract.underlying, *(entered.named for entered in holders)}
        fits = all(wanted is None or wanted == given for wanted, given in named)
        return not alert.is_entry and alert.symbol in symbols and fits

    def _offered(self, symbol: str) -> int:
        exits = sum(_working(entered.exits) for entered in self._in(symbol))
        return exits + sum(_working(closes) for closes in self._closes_in(symbol))

    def _held(self, symbol: str) -> int:
        held = sum(_bought(entered.entries) - _sold(entered.exits) for entered in self._in(symbol))
        return held - sum(_sold(closes) for closes in self._closes_in(symbol))

    def _in(self, symbol: str) -> Iterable[_Entered]:
        return (entered for entered in self._entered.values() if entered.contract.symbol == symbol)

    def _closes_in(self, symbol: str) -> Iterable[list[_Sent]]:
        return (closes for closes in self._closes.values() if closes[0].order.contract.symbol == symbol)


def _trades(contract: Contract, until: date) -> bool:
    """Return whether a contract traded after a day."""
    return contract.cut_off is None or contract.cut_off.date() > until


def _highest(worst: Decimal, alert: Alert, policy: EntryPolicy) -> Decimal:
    """Return the highest limit of an entry: as it was sized, and never past the chase limit of its alert's price."""
    return worst if alert.price is None else min(worst, alert.price * (100 + policy.max_chase) / 100)


def _against_shape(order: Order, contract: Contract) -> str | None:
    """Return what is wrong with contract, quantity or price, seen from the contract that was decided."""
    if order.contract.symbol != contract.symbol:
        return f"it is in {order.contract.symbol}, and {contract.symbol} was decided"
    if order.quantity < 1:
        return f"{order.quantity} is no quantity"
    price = order.limit_price
    if price is not None and not (price.is_finite() and price > 0 and contract.ticks.on_grid(price)):
        return f"{price} is no price on the tick grid"
    return None


def _against_ladder(filled: int, working: int, size: int) -> str | None:
    """Return what is wrong where more is filled and working than was decided."""
    if filled + working > size:
        return f"{filled} contracts filled and {working} working are more than the {size} that were decided"
    return None


def _bought(orders: list[_Sent]) -> int:
    return sum(sent.bought for sent in orders)


def _sold(orders: list[_Sent]) -> int:
    return sum(sent.sold for sent in orders)


def _working(orders: list[_Sent]) -> int:
    """Return how many contracts may still fill: a replacement and what it replaces exclude each other."""
    live = {sent.name: sent for sent in orders if sent.leaves}
    replaced = {sent.order.replaces for sent in live.values()}
    total = 0
    for sent in live.values():
        before = live.get(sent.order.replaces or "")
        if sent.name not in replaced:
            total += max(sent.leaves, before.leaves if before is not None else 0)
    return total
