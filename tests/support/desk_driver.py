"""A desk in virtual time: feeds stamped events to `step`, performs its commands, fires its timers, keeps everything.

Commands wait in `pending` until they are performed, their results and the broker's reports in `inbox` until they are
delivered. `settle` does both in order until nothing is left; a test that wants chaos picks for itself.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from domain import commands, events
from domain.account import Balances
from domain.calendar import TradingCalendar
from domain.commands import Command, Notify, Reply
from domain.desk import DeskState, Output, step
from domain.events import Input, Stamped
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Signal
from domain.policies import Policies
from domain.quotes import Quote
from domain.verdicts import Severity
from tests.support.builders import ALERT, ALWAYS_OPEN, MONEY, START, contract_for, make_message, make_policies
from tests.support.model_broker import Booked, Fate, ModelBroker

T = TypeVar("T")
PATIENCE = 2000
WRITES = commands.SubmitOrder | commands.ReplaceOrder | commands.CancelOrder | commands.ValidateOrder


class DeskDriver:
    def __init__(
        self,
        policies: Policies | None = None,
        *,
        broker: ModelBroker | None = None,
        at: datetime = START,
        calendar: TradingCalendar = ALWAYS_OPEN,
        bid: str | None = "0.70",
        ask: str | None = "0.80",
        start: bool = True,
    ) -> None:
        self.policies = policies or make_policies()
        self.broker = broker or ModelBroker()
        self.state = DeskState()
        self.now = at
        self.calendar = calendar
        self.log: list[Stamped] = []
        self.outputs: list[Output] = []
        self.pending: list[Command] = []
        self.inbox: list[Input] = []
        self.fates: list[Fate] = []
        self.balances: Balances | None = MONEY
        self.bid, self.ask = bid, ask
        self.no_quote = False
        self.quote_unread = ""
        self.listed: Callable[[commands.ResolveContract], Contract | None] = lambda asked: contract_for(
            asked.query, self.calendar
        )
        self.reads_fail = False
        self.deliver_replies = True
        self.trades = 0
        if start:
            self.start()
            self.settle()

    # ---- events in -------------------------------------------------------------------------------------------------

    def feed(self, event: Input) -> tuple[Output, ...]:
        stamped = Stamped(self.now, event)
        self.log.append(stamped)
        self.state, outputs = step(self.state, stamped)
        self.outputs.extend(outputs)
        self.pending.extend(
            output for output in outputs if isinstance(output, Command) and not isinstance(output, commands.StartTimer)
        )
        return outputs

    def start(self) -> tuple[Output, ...]:
        return self.feed(events.DeskStarted(self.policies, "test"))

    def crash(self, policies: Policies | None = None) -> None:
        """End the process: what waits is gone, the log stays; the state comes from a replay. Start again."""
        self.pending.clear()
        self.inbox.clear()
        self.broker.reports.clear()
        self.state = replayed(self.log)[0]
        self.policies = policies or self.policies
        self.start()

    def say(self, text: str = ALERT, **changes: Any) -> str:
        """Post a message and let the desk work on it until it waits; return its trade id."""
        trade_id = self.post(text, **changes)
        self.settle()
        return trade_id

    def post(self, text: str = ALERT, **changes: Any) -> str:
        self.trades += 1
        trade_id = f"T{self.trades}"
        parts: dict[str, Any] = {"message_id": f"m{self.trades}", "at": self.now} | changes
        self.feed(events.AlertReceived(trade_id, make_message(text, **parts)))
        return trade_id

    def message(self, number: int = -1) -> Message:
        received = [entry.event for entry in self.log if isinstance(entry.event, events.AlertReceived)]
        return received[number].message

    # ---- commands out ----------------------------------------------------------------------------------------------

    def quote(self) -> Quote | None:
        if self.no_quote:
            return None
        bid, ask = (None if side is None else MONEY.buying_power.__class__(side) for side in (self.bid, self.ask))
        return Quote(bid, ask, self.now)

    def perform(self, command: Command, fate: Fate | None = None) -> None:
        """Carry out a command; its result waits in the inbox."""
        self.inbox.extend(self._carry_out(command, fate or (self.fates.pop(0) if self._is_order(command) else None)))
        self.collect()

    def collect(self) -> None:
        """Put the broker's reports into the inbox."""
        self.inbox.extend(events.OrderReported(report) for report in self.broker.reports)
        self.broker.reports.clear()

    def _is_order(self, command: Command) -> bool:
        return bool(self.fates) and isinstance(command, WRITES)

    def _carry_out(self, command: Command, fate: Fate | None) -> tuple[Input, ...]:
        if isinstance(command, WRITES):
            return (self._write(command, fate or Fate.ARRIVES),)
        if isinstance(command, Reply | Notify):
            delivery_id = command.delivery_id
            delivered = self.deliver_replies
            return (events.Delivered(delivery_id) if delivered else events.NotDelivered(delivery_id, "nobody there"),)
        return (self._ask(command),)

    def _write(self, command: Command, fate: Fate) -> Input:
        match command:
            case commands.SubmitOrder(order=order):
                return self.broker.submit(order, fate)
            case commands.ReplaceOrder(order=order, replaced=replaced):
                return self.broker.replace(order, replaced, fate)
            case commands.CancelOrder(order=order):
                return self.broker.cancel(order, fate)
            case commands.ValidateOrder(order=order) if fate is not Fate.ARRIVES:
                return self.broker.submit(order, fate)
            case commands.ValidateOrder(order=order):
                return events.OrderValidated(order.client_order_id)
        raise AssertionError(command)

    def _ask(self, command: Command) -> Input:
        match command:
            case commands.ResolveContract(trade_id=trade_id):
                found = self.listed(command)
                missing = events.ContractNotFound(trade_id, "not listed")
                return missing if found is None else events.ContractResolved(trade_id, found)
            case commands.ReadQuote(trade_id=trade_id):
                unread = events.ReadFailed(trade_id, self.quote_unread)
                return unread if self.quote_unread else events.QuoteRead(trade_id, self.quote())
            case commands.ReadAccount(trade_id=trade_id):
                unread = events.ReadFailed(trade_id, "no balances")
                return unread if self.balances is None else events.AccountRead(trade_id, self.balances)
            case commands.ReadBroker():
                return self.broker.read(self.now, complete=not self.reads_fail)
            case commands.RefreshAuthorization(by=by):
                return events.AuthorizationRestored(by)
        raise AssertionError(command)

    def settle(self) -> None:
        """Perform and deliver, in order, until nothing waits. A desk that never comes to rest is a failure."""
        for _ in range(PATIENCE):
            self.collect()
            if self.inbox:
                self.feed(self.inbox.pop(0))
            elif self.pending:
                self.perform(self.pending.pop(0))
            else:
                return
        raise AssertionError(f"the desk does not come to rest: {self.pending} {self.inbox}")

    def advance(self, span: float | timedelta) -> None:
        """Let time pass; timers fire in order, and everything is settled after each."""
        until = self.now + (span if isinstance(span, timedelta) else timedelta(seconds=span))
        for _ in range(PATIENCE):
            self.settle()
            due = [(at, name) for name, at in self.state.timers.items() if at <= until]
            if not due:
                self.now = max(self.now, until)
                return
            at, name = min(due)
            self.now = max(self.now, at)
            self.feed(events.TimerFired(name))
        raise AssertionError(f"timers do not come to rest: {self.state.timers}")

    def later(self, days: int) -> None:
        """Let days pass in which nothing comes; what was due fires at their end."""
        self.now += timedelta(days=days)
        for name in tuple(self.state.timers):
            self.feed(events.TimerFired(name))
        self.settle()
        self.advance(120)

    # ---- the broker's side -----------------------------------------------------------------------------------------

    @property
    def offered(self) -> int:
        """Return how many contracts working orders may still sell."""
        return sum(booked.leaves for booked in self.broker.live if not booked.order.side.is_buy)

    def booked(self, client_order_id: str) -> Booked:
        found = self.broker.find(client_order_id)
        assert found is not None, f"no {client_order_id} in {[b.order.client_order_id for b in self.broker.books]}"
        return found

    def fill(self, client_order_id: str, quantity: int, price: str | None = None) -> None:
        paid = None if price is None else MONEY.buying_power.__class__(price)
        self.broker.fill(self.booked(client_order_id), quantity, self.now, paid)
        self.settle()

    def end(self, client_order_id: str, status: Signal = Signal.REPORTED_CANCELLED, reason: str = "") -> None:
        self.broker.end(self.booked(client_order_id), status, reason)
        self.settle()

    # ---- what the desk said ----------------------------------------------------------------------------------------

    def all(self, kind: type[T]) -> list[T]:
        return [output for output in self.outputs if isinstance(output, kind)]

    def last(self, kind: type[T]) -> T:
        found = self.all(kind)
        assert found, f"no {kind.__name__} among {[type(output).__name__ for output in self.outputs]}"
        return found[-1]

    def clear(self) -> None:
        self.outputs.clear()

    def replies(self, trade_id: str | None = None) -> list[Reply]:
        unique = {reply.delivery_id: reply for reply in self.all(Reply)}
        return [reply for reply in unique.values() if trade_id in (None, reply.trade_id)]

    def answers(self, trade_id: str) -> list[Reply]:
        """Return the replies that answered a message: there is to be exactly one."""
        return [reply for reply in self.replies(trade_id) if reply.status is not None]

    def answer(self, trade_id: str) -> Reply:
        found = self.answers(trade_id)
        assert len(found) == 1, found
        return found[0]

    def pages(self) -> list[str]:
        unique = {notice.delivery_id: notice for notice in self.all(Notify)}
        return [notice.text for notice in unique.values() if notice.severity is Severity.PAGE]


def replayed(log: list[Stamped]) -> tuple[DeskState, list[Output]]:
    """Return the state and the outputs that a log of inputs leads to."""
    state = DeskState()
    said: list[Output] = []
    for stamped in log:
        state, outputs = step(state, stamped)
        said.extend(outputs)
    return state, said
