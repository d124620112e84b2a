# ruff: noqa: ANN401, SLF001 - a mutant takes what the function takes that it stands in for, and may see all of it
"""What trading bots have done, as functions that stand in for our own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from composition import dispatch, runtime
from domain import execution, exits, gate, sizing, trade
from domain.allowlist import Allowlist
from domain.commands import CancelOrder, Command, SubmitOrder
from domain.desk import delivering, entering, operating, reconciling
from domain.desk.lifecycle import HALTED
from domain.desk.state import Candidate
from domain.desk.turn import Turn
from domain.events import (
    AuthorizationRestored,
    Input,
    Operation,
    OrderNotSent,
    OrderRejected,
    OrderReported,
    OutcomeUnknown,
)
from domain.execution import Execution
from domain.orders import Fill, Order, OrderReport, OrderStatus, Signal
from ports.errors import AuditUnavailableError

Write = Callable[..., Any]
LOST = {OrderStatus.UNKNOWN, OrderStatus.SENDING}

_write = dispatch.Dispatcher._write
_place_leaves = execution._place_leaves
_reported = Order.reported
_size_entry = sizing.size_entry
_on_authorization_restored = operating.on_authorization_restored
_append = runtime.Runtime._append
_commit = runtime.Runtime._commit
_take = runtime.Runtime._take
_start_timer = runtime.Runtime._start_timer
_count_absence = reconciling._count_absence


# ---- orders on their way ---------------------------------------------------------------------------------------------


async def write_again(self: Any, command: Any, operation: Operation, send: Write) -> tuple[Input, ...]:
    """Send once more what had no answer."""
    results: tuple[Input, ...] = await _write(self, command, operation, send)
    if isinstance(results[-1], OutcomeUnknown) and operation is Operation.SUBMIT:
        return await _write(self, command, operation, send)
    return results


async def write_as_rejected(self: Any, command: Any, operation: Operation, send: Write) -> tuple[Input, ...]:
    results: tuple[Input, ...] = await _write(self, command, operation, send)
    if isinstance(results[-1], OutcomeUnknown) and operation is not Operation.CANCEL:
        return (OrderRejected(command.order.client_order_id, "no answer"),)
    return results


async def write_as_not_sent(self: Any, command: Any, operation: Operation, send: Write) -> tuple[Input, ...]:
    results: tuple[Input, ...] = await _write(self, command, operation, send)
    if isinstance(results[-1], OutcomeUnknown) and operation is not Operation.CANCEL:
        return (OrderNotSent(command.order.client_order_id, "no answer"),)
    return results


async def cancel_as_done(self: Any, command: Any, operation: Operation, send: Write) -> tuple[Input, ...]:
    """Take any answer to a cancel, also a refusal, for the order's end."""
    results: tuple[Input, ...] = await _write(self, command, operation, send)
    order: Order = command.order
    if operation is not Operation.CANCEL or order.broker_order_id is None:
        return results
    ended = OrderReport(
        broker_order_id=order.broker_order_id,
        client_order_id=order.client_order_id,
        symbol=order.contract.symbol,
        side=order.side,
        quantity=order.quantity,
        limit_price=order.limit_price,
        status=Signal.REPORTED_CANCELLED,
        filled_quantity=order.filled,
        fills=order.fills,
    )
    return (*results, OrderReported(ended))


def place_full_size(run: Execution, at: datetime) -> tuple[Execution, tuple[Command, ...]]:
    """Place the whole size again after a cancel, whatever has filled."""
    after, (command,) = _place_leaves(run, at)
    assert isinstance(command, SubmitOrder)  # noqa: S101 - what `_place_leaves` makes
    order = evolve(command.order, quantity=run.quantity)
    return evolve(after, orders=(*after.orders[:-1], order)), (SubmitOrder(run.trade_id, order),)


def cancel_without_waiting(run: Execution, live: Order) -> tuple[Execution, tuple[Command, ...]]:
    """Count an order as cancelled when the cancel is sent."""
    cancelling = live.on(Signal.CANCEL_SENT)
    command = CancelOrder(run.trade_id, cancelling)
    return execution.with_order(run, cancelling.on(Signal.REPORTED_CANCELLED)), (command,)


def withdraw_unless_halted(run: Execution, reason: str) -> Execution:
    """Withdraw an entry for any reason but a halt."""
    return run if reason == HALTED else execution.withdraw(run, reason)


# ---- reports ---------------------------------------------------------------------------------------------------------


def only_filled_counts(self: Order, report: OrderReport) -> tuple[Order, tuple[Fill, ...]]:
    """See fills only in orders that are filled whole."""
    if report.status is not Signal.REPORTED_FILLED:
        report = evolve(report, fills=(), filled_quantity=0)
    return _reported(self, report)


def count_again(self: Order, report: OrderReport) -> tuple[Order, tuple[Fill, ...]]:
    """Count every fill once more when a report repeats it."""
    moved = self.on(report.status, broker_order_id=report.broker_order_id, reason=report.reason)
    counted = [fill.fill_id for fill in self.fills]
    again = tuple(fill for fill in report.fills if counted.count(fill.fill_id) <= 1)
    return evolve(moved, fills=self.fills + again), again


def assume_filled(turn: Turn, order: Order, event: Any) -> None:
    """Take an order that a reading does not show for filled."""
    if order.status is not OrderStatus.UNKNOWN or order.limit_price is None:
        _count_absence(turn, order, event)
        return
    made_up = Fill(f"{order.client_order_id}-assumed", order.leaves, order.limit_price, turn.at)
    filled = evolve(order, status=OrderStatus.FILLED, fills=(*order.fills, made_up))
    reconciling._put_order(turn, order, filled)


def deaf_to_failed_reads(turn: Turn, event: Any) -> None:
    """Stop reading for good after a reading that failed."""
    if event.complete:
        _on_broker_read(turn, event)


_on_broker_read = reconciling.on_broker_read


# ---- decisions -------------------------------------------------------------------------------------------------------


def seconds_only(message: Any, at: datetime, policy: Any) -> Any:
    """Judge a message's age by its seconds, without its days."""
    age = timedelta(seconds=(at - message.posted_at).seconds)
    return gate_age_denial(evolve(message, posted_at=at - age), at, policy)


gate_age_denial = gate.age_denial


def cheap_without_price(alert: Any, contract: Any, worst: Decimal, allocation: Decimal, policies: Any) -> Any:
    """Size an alert without a price at a dollar a contract."""
    return _size_entry(alert, contract, worst if alert.price is not None else Decimal("0.01"), allocation, policies)


def any_of_both(self: Allowlist, *, user_id: int, channel_id: int, **_others: Any) -> bool:
    """Allow a listed author anywhere and anybody in a listed channel."""
    return user_id in self.users.ids or channel_id in self.channels.ids


def queue_again(turn: Turn, event: AuthorizationRestored) -> None:
    """Take an alert up again, as new, once its broker has got its credentials."""
    _on_authorization_restored(turn, event)
    for known in tuple(turn.state.trades.values())[:1]:
        message = evolve(known.message, posted_at=turn.at)
        entering.begin_entry(turn, Candidate(trade_id=f"{known.trade_id}R", message=message, alert=known.alert))


def by_requested(self: trade.Trade) -> int:
    """Cover the share of what was asked for instead of what was filled."""
    return exits.covered_quantity(self.entry.quantity, self.policy) if self.bought else 0


def by_limit(self: trade.Trade) -> Decimal | None:
    """Take the exit's price from the entry's limit instead of its fills."""
    if self.exit_limit is not None or not self.bought or self.entry.target is None:
        return self.exit_limit
    return exits.exit_price(self.entry.target, self.policy, self.contract.ticks)


def free_when_unknown(self: Order) -> int:
    """Count nothing as working whose outcome is unknown."""
    if self.status in LOST:
        return 0
    return max(self.quantity - max(self.filled, self.reported_filled), 0) if self.status.is_live else 0


def resend_after_restart(run: Execution) -> Execution:
    """Take what was on its way for never sent."""
    for order in run.orders:
        if order.status is OrderStatus.SENDING:
            run = execution.answer(run, order.client_order_id, Signal.NOT_SENT)
    return run


def drop_undelivered(turn: Turn, event: Any) -> None:
    delivering._drop(turn, event.delivery_id)


def nothing(*_args: Any) -> None:
    """Do nothing."""


def same(_message: Any, command: Command) -> Command:
    return command


# ---- the log ---------------------------------------------------------------------------------------------------------


def append_if_possible(self: Any, entry: Any) -> None:
    try:
        _append(self, entry)
    except AuditUnavailableError:
        return


def commit_if_possible(self: Any) -> None:
    try:
        _commit(self)
    except AuditUnavailableError:
        return


def begin(self: Any, event: Any) -> Any:
    self.begun = True
    return _take(self, event)


def forget_old_timers(self: Any, timer: Any) -> None:
    """Start no timer that was set before the restart."""
    if getattr(self, "begun", False):
        _start_timer(self, timer)
