"""Asking the broker for its whole truth, and settling ours against it: at the start, while in doubt, and now and then.

Nothing is ever sent again because an answer is missing. An unknown order is adopted when it is found, and proven absent
only by three complete reads that do not show it, the first of them a minute or more after it was sent.
"""

from collections.abc import Mapping
from datetime import timedelta

from attrs import evolve

from domain.account import Position
from domain.closing import Closing
from domain.commands import CancelOrder, ReadAccount, ReadBroker
from domain.desk.answering import progress_owner, record_end
from domain.desk.entering import resume_candidate
from domain.desk.lifecycle import progress
from domain.desk.reporting import on_report
from domain.desk.selling import progress_closing
from domain.desk.state import ARCHIVE_DAYS, Phase, Reconciliation
from domain.desk.turn import Turn
from domain.events import BrokerRead, DeskReady, DeskStarted, PositionTakenOver
from domain.execution import Execution, answer, hold_back, withdraw
from domain.orders import Order, OrderRole, OrderStatus, Signal
from domain.policies import OnExhausted
from domain.trade import Trade
from domain.verdicts import HaltCause, Severity

ABSENT_READS = 3
ABSENT_AFTER = timedelta(seconds=60)
DOUBT_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30, 60))
WORKING_DELAY = timedelta(seconds=15)
RESTING_DELAY = timedelta(seconds=60)
# A read that has not answered by then is asked again: the process that asked may have died.
READ_PATIENCE = timedelta(seconds=60)
MISMATCHES_TO_BELIEVE = 2
# A broker's positions follow its fills, but not at once: a fill this young explains that they show less.
POSITIONS_LAG = timedelta(seconds=30)
TIMER = "reconcile"


def start(turn: Turn, event: DeskStarted) -> None:
    """Begin a run: everything that was on its way when the last one ended is in doubt until the broker is read."""
    policies = event.policies
    allowlist = turn.state.allowlist.seeded(
        policies.allowed_users, policies.allowed_channels, policies.allowed_webhooks
    )
    turn.change(
        phase=Phase.RECOVERING,
        policies=policies,
        allowlist=allowlist,
        reconciliation=Reconciliation(),
        archive=_recent_archive(turn),
        finished={
            key: closing for key, closing in turn.state.finished.items() if turn.at - closing.started_at <= ARCHIVE_DAYS
        },
        entries=tuple(mark for mark in turn.state.entries if turn.at - mark.at <= ARCHIVE_DAYS),
    )
    for trade in tuple(turn.state.trades.values()):
        entry = _unplaced(turn, trade.entry) if trade.message.dry_run else _doubt_sent(trade.entry)
        entry = evolve(entry, asking=False)
        exits = tuple(_doubt(order) for order in trade.exits)
        turn.put_trade(evolve(trade, entry=entry, exits=exits))
    for closing in tuple(turn.state.closings.values()):
        run = closing.run and _doubt_sent(evolve(closing.run, asking=False))
        turn.put_closing(evolve(closing, asking=False, run=run))
    turn.emit(ReadAccount(None))
    ask(turn)


def _recent_archive(turn: Turn) -> Mapping[str, Trade]:
    kept = turn.state.archive.items()
    return {key: trade for key, trade in kept if turn.at - trade.entry.started_at <= ARCHIVE_DAYS}


def _doubt_sent(run: Execution) -> Execution:
    return evolve(run, orders=tuple(_doubt(order) for order in run.orders))


def _unplaced(turn: Turn, run: Execution) -> Execution:
    """A mere check that was on its way placed nothing: it is made again while the alert is fresh."""
    for order in run.orders:
        if order.status is OrderStatus.SENDING:
            run = hold_back(answer(run, order.client_order_id, Signal.NOT_SENT), turn.at)
    return run


def _doubt(order: Order) -> Order:
    if order.status is OrderStatus.SENDING:
        return order.on(Signal.UNKNOWN, reason="the process ended before the answer came")
    return order


def ask(turn: Turn) -> None:
    """Read the broker's orders and positions, unless that is under way."""
    asked = turn.state.reconciliation.asked_at
    if asked is not None and turn.at - asked < READ_PATIENCE:
        return
    sent = [order.sent_at for order in _orders(turn) if not order.is_settled]
    since = min([*sent, turn.at]) - timedelta(days=1)
    turn.change(
        reconciliation=evolve(
            turn.state.reconciliation, asked_at=turn.at, attempt=turn.state.reconciliation.attempt + 1
        )
    )
    turn.emit(ReadBroker(since))


def schedule(turn: Turn) -> None:
    """Set the next reading: soon while an outcome is open, calmly while something rests, never while flat."""
    if turn.state.phase is Phase.RECOVERING or _in_doubt(turn):
        attempt = min(turn.state.reconciliation.attempt, len(DOUBT_DELAYS) - 1)
        delay = DOUBT_DELAYS[attempt]
    elif turn.state.trades or turn.state.closings:
        if turn.state.reconciliation.attempt:
            turn.change(reconciliation=evolve(turn.state.reconciliation, attempt=0))
        busy = not all(trade.is_quiet for trade in turn.state.trades.values())
        delay = WORKING_DELAY if busy else RESTING_DELAY
    else:
        return
    due = turn.state.timers.get(TIMER)
    if due is None or due > turn.at + delay:
        turn.start_timer(TIMER, "", turn.at + delay)


def on_broker_read(turn: Turn, event: BrokerRead) -> None:
    """Apply what the broker says: reports, doubts, cancels to repeat, positions; at the start, open for alerts."""
    turn.change(reconciliation=evolve(turn.state.reconciliation, asked_at=None))
    cancelling = [order.client_order_id for order in _orders(turn) if order.status is OrderStatus.CANCELLING]
    for told in event.orders:
        on_report(turn, told)
    if not event.complete:
        return
    # An order by hand has no client order id, one of ours without an answer no broker order id: no id matches nothing.
    seen = {name for told in event.orders for name in (told.client_order_id, told.broker_order_id) if name is not None}
    for order in _orders(turn):
        if order.status.is_live and not {order.client_order_id, order.broker_order_id} & seen:
            _count_absence(turn, order, event)
        elif order.status is OrderStatus.CANCELLING and order.client_order_id in cancelling:
            turn.emit(CancelOrder(order.trade_id, order))
    _compare_positions(turn, event)
    if turn.state.phase is Phase.RECOVERING:
        _open(turn)


def _count_absence(turn: Turn, order: Order, event: BrokerRead) -> None:
    """One more complete read that does not show an order of ours. One that is still being sent has to be answered."""
    if order.status is OrderStatus.SENDING or event.asked_at - order.sent_at < ABSENT_AFTER:
        return
    missed = evolve(order, absent_reads=order.absent_reads + 1)
    if missed.absent_reads < ABSENT_READS:
        _put_order(turn, order, missed)
    elif order.status is OrderStatus.UNKNOWN:
        gone = missed.on(Signal.ABSENT, reason="proven absent: three complete reads did not show it")
        text = f"Order {order.client_order_id} ({order.contract.label}) never reached the broker."
        turn.notify(Severity.WARNING, text, order.trade_id)
        _put_order(turn, order, gone)
    else:
        text = f"{order.client_order_id} was accepted as {order.broker_order_id} and is missing from the broker's books"
        turn.halt(HaltCause.BROKER_CONTRACT, text, "desk")


def _put_order(turn: Turn, before: Order, after: Order) -> None:
    """Put a changed order back where it belongs, record its end, and move its trade or close on."""
    record_end(turn, before, after)
    closing = turn.state.closings.get(before.trade_id)
    if closing is not None and closing.run is not None:
        turn.put_closing(evolve(closing, run=_with_order(closing.run, after)))
    else:
        trade = turn.state.trades[before.trade_id]
        is_exit = after.role is OrderRole.EXIT
        turn.put_trade(trade.with_exit(after) if is_exit else evolve(trade, entry=_with_order(trade.entry, after)))
    progress_owner(turn, before.trade_id)


def _with_order(run: Execution, changed: Order) -> Execution:
    # `answer` draws the consequences of an end; a mere count has none.
    if changed.status is OrderStatus.ABSENT:
        return answer(run, changed.client_order_id, Signal.ABSENT, reason=changed.reason)
    same = changed.client_order_id
    return evolve(run, orders=tuple(changed if order.client_order_id == same else order for order in run.orders))


def _compare_positions(turn: Turn, event: BrokerRead) -> None:
    held_by_broker = {position.symbol: position for position in event.positions}
    # A dictionary and not a set: its order is the same on every machine, and so are the words of a replay.
    for symbol in dict.fromkeys(trade.contract.symbol for trade in turn.state.trades.values()):
        position = held_by_broker.get(symbol, Position(symbol, 0))
        if position.quantity < 0:
            turn.halt(HaltCause.POSITION_MISMATCH, f"the account is short {-position.quantity} {symbol}", "desk")
            continue
        _compare_position(turn, event, symbol, position.quantity)


def _compare_position(turn: Turn, event: BrokerRead, symbol: str, quantity: int) -> None:
    """Take over what the account no longer holds, once two reads in a row agree and nothing of ours can explain it."""
    trades = [trade for trade in turn.state.trades.values() if trade.contract.symbol == symbol]
    moving = any(
        trade.in_doubt
        or trade.closing is not None
        or (trade.last_fill_at is not None and trade.last_fill_at > event.asked_at - POSITIONS_LAG)
        for trade in trades
    )
    missing = sum(trade.held for trade in trades) - quantity
    if moving or missing <= 0:
        for trade in trades:
            if trade.mismatches:
                turn.put_trade(evolve(trade, mismatches=0))
        return
    for trade in trades:
        lost = min(missing, max(trade.held, 0))
        if trade.mismatches + 1 < MISMATCHES_TO_BELIEVE:
            turn.put_trade(evolve(trade, mismatches=trade.mismatches + 1))
        elif lost:
            missing -= lost
            _take_over(turn, trade, lost)


def _take_over(turn: Turn, trade: Trade, lost: int) -> None:
    turn.emit(PositionTakenOver(trade.trade_id, trade.contract.symbol, trade.held, trade.held - lost))
    expired = trade.contract.cut_off is not None and turn.at >= trade.contract.cut_off
    label = trade.contract.label
    if expired:
        text = f"{lost} {label} are gone from the account after the last trading day (expired, exercised or assigned)."
        turn.notify(Severity.WARNING, text, trade.trade_id)
    else:
        text = f"{lost} of {trade.held} {label} are gone from the account without an order of this system"
        turn.halt(HaltCause.POSITION_MISMATCH, text, "desk")
    progress(turn, evolve(trade, lost=trade.lost + lost, mismatches=0))


def _open(turn: Turn) -> None:
    """The end of recovery: move every trade on, take up interrupted alerts, and let new ones in."""
    turn.change(phase=Phase.ACTIVE)
    for trade in tuple(turn.state.trades.values()):
        progress(turn, evolve(trade, entry=_resumed(turn, trade.entry)))
    for closing in tuple(turn.state.closings.values()):
        progress_closing(turn, closing)
    orders = [order for order in _orders(turn) if order.status.is_live]
    turn.emit(DeskReady(len(turn.state.trades), len(orders)))
    for candidate in tuple(turn.state.candidates.values()):
        resume_candidate(turn, candidate)


def _resumed(turn: Turn, run: Execution) -> Execution:
    """An entry whose window passed while the desk was away sends nothing any more; the policy may let it rest."""
    if run.is_finished or turn.at < run.started_at + run.plan.policy.window:
        return run
    rests = run.plan.policy.on_exhausted is OnExhausted.REST and not run.moving
    return run if rests else withdraw(run, "the window ended while the desk was away")


def _orders(turn: Turn) -> list[Order]:
    of_trades = [order for trade in turn.state.trades.values() for order in trade.orders]
    runs = [closing.run for closing in turn.state.closings.values() if closing.run is not None]
    return of_trades + [order for run in runs for order in run.orders]


def _in_doubt(turn: Turn) -> bool:
    closings: tuple[Closing, ...] = tuple(turn.state.closings.values())
    runs = (closing.run for closing in closings)
    return any(trade.in_doubt for trade in turn.state.trades.values()) or any(
        run is not None and run.in_flight for run in runs
    )
