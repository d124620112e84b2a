"""The last check's own books: what was decided, what went out, and what became of it, by the rows of the log.

What is filled, working and over comes from the broker's answers and reports alone, not from what the desk made of
them; only that an order was proven absent is the desk's word. Where knowledge is contested the books are lenient, for a
false alarm leaves contracts without an exit. A fill counts as it was told first, and no more than the broker counts:
what it tells once more under another id does not. What a count of the broker's is ahead of its fills counts as bought,
and not yet as sold. Contracts that left the account without an order of ours still count as held: the desk offers less
by itself. Of two orders under one id the end of either is the end of both.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from attrs import define, field

from composition.sent_orders import NewOrder, SentOrder, counted, filled, working
from domain.alerts import Alert
from domain.closing import Closing, request_of
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
    TradingHalted,
)
from domain.instruments import Contract
from domain.orders import Order, OrderReport, OrderStatus
from domain.policies import Conversion, EntryPolicy, ExitPolicy, Policies
from domain.trade import Trade
from domain.verdicts import HaltCause

# What is of a contract that has stopped trading is forgotten then: nothing more can be sent for it.
FORGET_AFTER = timedelta(days=30)


@define(kw_only=True)
class Entered:
    """An entry as it was decided, with its orders and its exits. `named` is the symbol that its alert wrote."""

    contract: Contract
    named: str
    size: int
    highest: Decimal
    may_be_market: bool
    dry_run: bool
    policy: ExitPolicy
    entries: list[SentOrder] = field(factory=list)
    exits: list[SentOrder] = field(factory=list)
    of_others: int = 0

    def note_oversold(self) -> None:
        """Note what exits have sold of other entries in the contract: it does not count against what they may offer."""
        self.of_others = max(self.of_others, filled(self.exits) - counted(self.entries))

    @property
    def to_cover(self) -> int:
        """Return how many of the contracts bought exits may offer at most."""
        bought = counted(self.entries)
        share = int(bought * self.policy.fraction / 100)
        return max(share, min(self.policy.min, bought)) if self.policy.fraction else 0


class OrderBooks:
    """Call `read` with the body of each row, in order, and `book` with each order that is written."""

    def __init__(self) -> None:
        self._policies = Policies()
        self.ready = False
        self.halts: set[HaltCause] = set()
        self._dry_runs: set[str] = set()
        self._alerts: dict[str, Alert] = {}
        self._contracts: dict[str, Contract] = {}
        self._requested: dict[str, str] = {}
        self.entered: dict[str, Entered] = {}
        self.closes: dict[str, list[SentOrder]] = {}
        self.orders: dict[str, SentOrder] = {}
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

    def read(self, body: Any) -> None:  # noqa: ANN401 - an input, a decision or a command
        """Book what one row says; most say nothing about orders."""
        reader = self._readers.get(type(body))
        if reader is not None:
            reader(body)

    def book(self, command: NewOrder) -> SentOrder:
        """Return a new order's place in the books."""
        sent = self.orders[command.order.client_order_id] = SentOrder(command.order, command)
        return sent

    # ---- what is there -----------------------------------------------------------------------------------------------

    def entered_in(self, symbol: str) -> list[Entered]:
        """Return the entries in a contract."""
        return [entered for entered in self.entered.values() if entered.contract.symbol == symbol]

    def offered(self, symbol: str) -> int:
        """Return how many contracts working exits and closes may still sell."""
        exits = sum(working(entered.exits) for entered in self.entered_in(symbol))
        return exits + sum(working(closes) for closes in self._closes_in(symbol))

    def held(self, symbol: str) -> int:
        """Return how many contracts were bought and not sold."""
        held = sum(counted(entered.entries) - filled(entered.exits) for entered in self.entered_in(symbol))
        return held - sum(filled(closes) for closes in self._closes_in(symbol))

    def who_asked(self, close_id: str) -> Alert | str | None:
        """Return what a close rests on: an alert, or the symbol that an operator named; None where nobody asked."""
        requested = self._requested.get(close_id) or self._requested.get(request_of(close_id))
        return self._alerts.get(close_id) or requested

    def _closes_in(self, symbol: str) -> Iterable[list[SentOrder]]:
        return (closes for closes in self.closes.values() if closes[0].order.contract.symbol == symbol)

    # ---- the start ---------------------------------------------------------------------------------------------------

    def take_over(self, state: DeskState) -> None:
        """Begin the books with what a desk has recovered."""
        self._policies = state.policies
        self.halts = {halt.cause for halt in state.halts}
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

    def _take_over_trade(self, trade: Trade) -> None:
        plan = trade.entry.plan
        entered = Entered(
            contract=trade.contract,
            named=trade.alert.symbol,
            size=trade.entry.quantity,
            highest=_highest(plan.worst_price, trade.alert, plan.policy),
            may_be_market=plan.policy.conversion is Conversion.MARKET,
            dry_run=trade.message.dry_run,
            policy=trade.policy,
            entries=[self._known(order) for order in trade.entry.orders],
            exits=[self._known(order) for order in trade.exits],
            of_others=trade.of_others,
        )
        if entered.dry_run:
            for sent in entered.entries:
                sent.end(for_good=False)  # none was placed, whatever became of its answer
        self.entered[trade.trade_id] = entered

    def _take_over_closing(self, closing: Closing) -> None:
        if closing.alert is None:
            self._requested[closing.trade_id] = closing.contract.symbol
        else:
            self._alerts[closing.trade_id] = closing.alert
        if closing.run is not None and closing.run.orders:
            self.closes[closing.trade_id] = [self._known(order) for order in closing.run.orders]

    def _known(self, order: Order) -> SentOrder:
        sent = self.orders[order.client_order_id] = SentOrder.before_the_start(order)
        if order.broker_order_id is not None:
            self._names[order.broker_order_id] = sent.name
        return sent

    # ---- rows: decisions ---------------------------------------------------------------------------------------------

    def _started(self, event: DeskStarted) -> None:
        self._policies, self.ready = event.policies, False

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
        self.entered[event.trade_id] = Entered(
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
        self.halts.add(event.cause)

    def _resumed(self, _event: ResumeRequested) -> None:
        self.halts.clear()

    def _authorized(self, _event: AuthorizationRestored) -> None:
        self.halts.discard(HaltCause.AUTHORIZATION)

    def _new_day(self, event: SessionStarted) -> None:
        """Forget what is of contracts that stopped trading long ago."""
        until = event.day - FORGET_AFTER
        self.entered = {name: known for name, known in self.entered.items() if _trades(known.contract, until)}
        self.closes = {name: closes for name, closes in self.closes.items() if _trades(closes[0].order.contract, until)}
        self.orders = {name: sent for name, sent in self.orders.items() if _trades(sent.order.contract, until)}
        self._names = {known: name for known, name in self._names.items() if name in self.orders}

    # ---- rows: orders ------------------------------------------------------------------------------------------------

    def _accepted(self, event: OrderAccepted) -> None:
        sent = self.orders.get(event.client_order_id)
        if sent is not None:
            sent.answered = sent.there = True
            self._names.setdefault(event.broker_order_id, event.client_order_id)

    def _unknown(self, event: OutcomeUnknown) -> None:
        sent = self.orders.get(event.client_order_id)
        if sent is not None:
            sent.answered = True

    def _refused(self, event: OrderRejected) -> None:
        sent = self.orders.get(event.client_order_id)
        if sent is not None:
            sent.end(for_good=True)

    def _never_there(self, event: OrderNotSent | OrderWithheld | OrderValidated) -> None:
        """An answer that says that nothing was placed; of an order with an answer it is its cancel that did not go."""
        sent = self.orders.get(event.client_order_id)
        if sent is not None and not sent.answered:
            sent.end(for_good=False)

    def _ended(self, event: OrderEnded) -> None:
        sent = self.orders.get(event.client_order_id)
        if sent is not None and event.status is OrderStatus.ABSENT:
            sent.end(for_good=False)

    def _reported(self, event: OrderReported) -> None:
        self._report(event.report)

    def _broker_read(self, event: BrokerRead) -> None:
        for told in event.orders:
            self._report(told)
        self.ready = self.ready or event.complete

    def _report(self, told: OrderReport) -> None:
        sent = self.orders.get(self._names.get(told.broker_order_id) or told.client_order_id or "")
        if sent is not None:
            self._names.setdefault(told.broker_order_id, sent.name)
            sent.take(told)
            entered = self.entered.get(sent.order.trade_id)
            if entered is not None:
                entered.note_oversold()


def _trades(contract: Contract, until: date) -> bool:
    """Return whether a contract traded after a day."""
    return contract.cut_off is None or contract.cut_off.date() > until


def _highest(worst: Decimal, alert: Alert, policy: EntryPolicy) -> Decimal:
    """Return the highest limit of an entry: as it was sized, and never past the chase limit of its alert's price."""
    return worst if alert.price is None else min(worst, alert.price * (100 + policy.max_chase) / 100)
