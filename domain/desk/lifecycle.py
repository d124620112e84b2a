"""Moving a trade on: entry, exits, end. `progress` looks at the trade as it is and does whatever is due now.

It is called after everything that may have changed a trade, in any order, as often as one likes, and after a restart.
While the desk recovers nothing is sent: what is due waits until the broker has been read.
"""

from datetime import timedelta

from attrs import evolve

from domain.commands import CancelOrder, Command, ReadQuote, SubmitOrder, ValidateOrder
from domain.desk.replies import entry_over, no_exit
from domain.desk.turn import Turn
from domain.desk.watching import watch
from domain.events import EntryFinished, ExitWithheld, TradeClosed
from domain.execution import Execution, advance, end_window, withdraw
from domain.exits import covered_quantity
from domain.gate import age_denial
from domain.messages import Message
from domain.orders import Order, OrderStatus, Signal
from domain.trade import Trade, next_exit
from domain.verdicts import DenialCode, Severity

EXIT_BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 20, 40, 60))
# A page at once, after about 30 s, after about 5 min, then now and then: not one for every try.
PAGED_FAILURES = frozenset({1, 5, 10})
PAGE_EVERY = 30
HALTED = "entries are halted"
TAKEN_OFF = "its author or its channel was taken off the allowlist"
CANCELLABLE = frozenset({OrderStatus.WORKING, OrderStatus.PENDING})


def progress(turn: Turn, trade: Trade) -> None:
    """Do what is due for `trade`, and put it, or archive it when nothing of it is left."""
    if not turn.state.is_ready:
        turn.put_trade(trade)
        return
    trade = _enter(turn, trade)
    trade = _finish_entry(turn, trade)
    trade = _cover(turn, trade)
    if trade.is_closed:
        reason = "sold" if trade.bought and not trade.lost else ("taken over" if trade.bought else "not filled")
        turn.emit(TradeClosed(trade.trade_id, trade.bought, trade.profit, reason))
        turn.archive(trade)
        watch(turn, trade)
    else:
        turn.put_trade(trade)


def withdraw_entry(turn: Turn, trade: Trade, reason: str) -> None:
    """Cancel what is unfilled of the entry; what has filled is kept and covered."""
    if not trade.entry.is_finished:
        trade = evolve(trade, entry=withdraw(trade.entry, reason))
    progress(turn, trade)


def withdraw_entries(turn: Turn, reason: str) -> None:
    """Cancel the unfilled remainder of every working entry. Exits stay."""
    for trade in tuple(turn.state.trades.values()):
        if not trade.entry.is_finished and not trade.entry.withdrawn:
            withdraw_entry(turn, trade, reason)


def exit_backoff(failures: int) -> timedelta:
    """Return how long to wait after the n-th failed exit in a row, n from 1."""
    return EXIT_BACKOFF[min(failures, len(EXIT_BACKOFF)) - 1]


def _enter(turn: Turn, trade: Trade) -> Trade:
    run = end_window(trade.entry, turn.at)
    if turn.state.halts and not run.is_finished:
        run = withdraw(run, HALTED)  # a halt of this very step, before anything more of it goes out
    if not run.is_finished and not turn.state.allows(trade.message):
        run = withdraw(run, TAKEN_OFF)
    if run.not_before is not None and not may_enter(turn, trade.message):
        run = withdraw(run, "the alert is too old, or its author no longer allowed, to send it again")
    run, commands = advance(run, turn.at)
    turn.emit(*(_checked_only(trade.message, command) for command in commands))
    return evolve(trade, entry=ask_for_rung(turn, run))


def may_enter(turn: Turn, message: Message) -> bool:
    """Return whether a message may still lead to an order: it is fresh, and its author and channel are allowed."""
    return age_denial(message, turn.at, turn.state.policies.gate) is None and turn.state.allows(message)


def ask_for_rung(turn: Turn, run: Execution) -> Execution:
    """Return the execution that has asked for the quote its due rung needs, once the last step's outcome is known."""
    live = run.live_order
    if not run.rung_due or run.asking or run.in_flight or live is None or live.status is not OrderStatus.WORKING:
        return run
    turn.emit(ReadQuote(run.trade_id, run.plan.contract))
    return evolve(run, asking=True)


def _checked_only(message: Message, command: Command) -> Command:
    """A message that asks for a dry run has its order validated instead of placed."""
    if message.dry_run and isinstance(command, SubmitOrder):
        return ValidateOrder(command.trade_id, command.order)
    return command


def _finish_entry(turn: Turn, trade: Trade) -> Trade:
    run = trade.entry
    if not run.is_finished or trade.entry_reported:
        return trade
    reason = run.withdrawn or "filled"
    turn.emit(EntryFinished(trade.trade_id, run.filled, run.average_price, reason))
    if not trade.answered:
        absent = any(order.status is OrderStatus.ABSENT for order in run.orders)
        code = DenialCode.ABANDONED if absent else DenialCode.NOT_SENT
        turn.deny(trade.message, trade.trade_id, code, f"nothing was placed and nothing is sent again ({reason})")
    elif not all(_never_arrived(order) for order in run.orders):  # otherwise the first reply was the end
        facts = {"filled": run.filled, "entry_price": run.average_price}
        turn.tell(trade.message, trade.trade_id, entry_over(trade), facts=facts)
    if run.filled and not covered_quantity(run.filled, trade.policy):
        turn.emit(ExitWithheld(trade.trade_id, "the exit share of the filled contracts rounds down to none"))
        turn.tell(trade.message, trade.trade_id, no_exit(trade))
    return evolve(trade, entry_reported=True, answered=True)


def _never_arrived(order: Order) -> bool:
    ends = {OrderStatus.VALIDATED, OrderStatus.REJECTED, OrderStatus.NOT_SENT}
    return order.status in ends and order.broker_order_id is None


def _cover(turn: Turn, trade: Trade) -> Trade:
    """Cancel the exits that must not stand, the youngest first, then place the one that is missing."""
    for order in reversed(trade.exits):
        stale_price = trade.exit_limit is not None and order.limit_price != trade.exit_limit
        unwanted = trade.closing is not None or stale_price or trade.exit_surplus > 0
        if order.status in CANCELLABLE and unwanted:
            trade = cancel_exit(turn, trade, order)
    trade, missing = next_exit(trade, turn.at)
    if missing is not None:
        turn.emit(SubmitOrder(trade.trade_id, missing))
    return trade


def cancel_exit(turn: Turn, trade: Trade, order: Order) -> Trade:
    """Return the trade with the cancel of a working exit on its way."""
    cancelling = order.on(Signal.CANCEL_SENT)
    turn.emit(CancelOrder(trade.trade_id, cancelling))
    return trade.with_exit(cancelling)


def exit_failed(turn: Turn, trade: Trade, reason: str) -> Trade:
    """Return the trade that tries its exit again after a back-off; a person is told at once."""
    failures = max(trade.exit_failures, 1)  # the venue may refuse one while a younger one stands
    retry_at = turn.at + exit_backoff(failures)
    turn.start_timer("exit", trade.trade_id, retry_at)
    if failures in PAGED_FAILURES or failures % PAGE_EVERY == 0:
        turn.notify(
            Severity.PAGE,
            f"Exit of {trade.contract.label} not placed (attempt {failures}): {reason}. "
            f"{trade.exit_deficit} contracts are uncovered; next try in {(retry_at - turn.at).total_seconds():.0f} s.",
            trade.trade_id,
        )
    return evolve(trade, exit_not_before=retry_at)
