"""Asking the broker for its whole truth, and settling ours against it: at the start, while in doubt, and now and then.

Nothing is ever sent again because an answer is missing. An unknown order is adopted when it is found, and proven absent
only by three complete reads that do not show it: the first a minute or more after it was sent, the last a minute or
more after the first. They are asked for at that pace, so that an exit in doubt is uncovered no longer than it must be.
"""

from datetime import datetime, timedelta

from attrs import evolve

from domain.closing import Closing
from domain.commands import CancelOrder, ReadAccount, ReadBroker
from domain.desk.answering import progress_owner, put_order, record_end
from domain.desk.contesting import counted_only, dispute, note_taken_back
from domain.desk.entering import resume_candidate
from domain.desk.forgetting import forget_old
from domain.desk.lifecycle import progress
from domain.desk.positions import compare_positions
from domain.desk.replies import order_name
from domain.desk.reporting import on_report
from domain.desk.selling import page_hindered, progress_closing
from domain.desk.state import Phase
from domain.desk.turn import Turn
from domain.desk.watching import is_watching
from domain.events import BrokerRead, DeskReady, DeskStarted
from domain.execution import Execution, answer, hold_back, with_order, withdraw
from domain.orders import Order, OrderStatus, Signal
from domain.policies import OnExhausted
from domain.verdicts import Severity

ABSENT_READS = 3
ABSENT_AFTER = timedelta(seconds=60)
ABSENT_SPREAD = timedelta(seconds=60)
PROOF_EVERY = ABSENT_SPREAD / (ABSENT_READS - 1)
DOUBT_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30, 60))
WORKING_DELAY = timedelta(seconds=15)
# A read that has not answered by then is asked again: the process that asked may have died.
READ_PATIENCE = timedelta(seconds=60)
TIMER = "reconcile"
VANISHED = "was accepted and is missing from the broker's books"


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
        reconciliation=evolve(turn.state.reconciliation, asked_at=None, attempt=0, differences={}),
    )
    forget_old(turn)
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
    # Since the last reading: while the desk was away, what it thought absent may have come and ended.
    since = min([*sent, turn.state.reconciliation.read_at or turn.at, turn.at]) - timedelta(days=1)
    turn.change(
        reconciliation=evolve(
            turn.state.reconciliation, asked_at=turn.at, attempt=turn.state.reconciliation.attempt + 1
        )
    )
    turn.emit(ReadBroker(since))


def schedule(turn: Turn) -> None:
    """Set the next reading: soon while an outcome is open, calmly while something rests or may turn up, else none."""
    if turn.state.phase is Phase.RECOVERING or _in_doubt(turn):
        attempt = min(turn.state.reconciliation.attempt, len(DOUBT_DELAYS) - 1)
        delay = DOUBT_DELAYS[attempt]
    elif turn.state.trades or turn.state.closings:
        if turn.state.reconciliation.attempt:
            turn.change(reconciliation=evolve(turn.state.reconciliation, attempt=0))
        busy = not all(trade.is_quiet for trade in turn.state.trades.values())
        delay = WORKING_DELAY if busy else turn.state.policies.resting_read
    elif is_watching(turn):
        delay = turn.state.policies.resting_read
    else:
        return
    wanted = min([turn.at + delay, *_proofs_due(turn)])
    due = turn.state.timers.get(TIMER)
    if due is None or due > wanted:
        turn.start_timer(TIMER, "", wanted)


def _proofs_due(turn: Turn) -> list[datetime]:
    """When the next reading would count that proves an unknown order absent. One that is overdue was asked for."""
    moments = [
        order.sent_at + ABSENT_AFTER
        if order.absent_since is None
        else order.absent_since + min(PROOF_EVERY * order.absent_reads, ABSENT_SPREAD)
        for order in _orders(turn)
        if order.status is OrderStatus.UNKNOWN
    ]
    return [moment for moment in moments if moment > turn.at]


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
    turn.change(reconciliation=evolve(turn.state.reconciliation, read_at=event.asked_at))
    note_taken_back(turn, event)
    for told in counted_only(turn, event):
        on_report(turn, told)
    for closing in tuple(turn.state.closings.values()):
        page_hindered(turn, closing)
    compare_positions(turn, event)
    if turn.state.phase is Phase.RECOVERING:
        _open(turn)


def _count_absence(turn: Turn, order: Order, event: BrokerRead) -> None:
    """One more complete read that does not show an order of ours. One that is still being sent has to be answered."""
    if order.status is OrderStatus.SENDING or event.asked_at - order.sent_at < ABSENT_AFTER:
        return
    since = order.absent_since or event.asked_at
    missed = evolve(order, absent_reads=order.absent_reads + 1, absent_since=since)
    if missed.absent_reads < ABSENT_READS or event.asked_at - since < ABSENT_SPREAD:
        _put_order(turn, order, missed)
    elif order.status is OrderStatus.UNKNOWN:
        gone = missed.on(Signal.ABSENT, reason="proven absent: three complete reads did not show it")
        text = f"Order {order.client_order_id} ({order.contract.label}) never reached the broker."
        turn.notify(Severity.WARNING, text, order.trade_id)
        _put_order(turn, order, gone)
    else:
        _take_in_vanished(turn, order, missed)


def _take_in_vanished(turn: Turn, order: Order, missed: Order) -> None:
    """An accepted order that the broker shows no more: told once, live until somebody wants it cancelled.

    Then it is absent: when it is shown again it works again. A close that it is of is given up.
    """
    unwanted = order.status is OrderStatus.CANCELLING
    known = order.reason == VANISHED
    if not known:
        text = f"{order_name(order)} ({order.contract.label}) {VANISHED}"
        dispute(turn, f"{text}; it counts as {'gone' if unwanted else 'live'}", order.trade_id)
    ended = missed.on(Signal.ABSENT) if unwanted else missed
    _put_order(turn, order, evolve(ended, reason=VANISHED))
    closing = turn.state.closings.get(order.trade_id)
    if closing is not None and not known:  # it would step for ever, with its exits cancelled
        progress_closing(turn, evolve(closing, run=withdraw(closing.ladder, VANISHED)))


def _put_order(turn: Turn, before: Order, after: Order) -> None:
    """Put a changed order back where it is, record its end, and move its trade or close on."""
    record_end(turn, before, after)
    owner = turn.state.closings.get(before.trade_id) or turn.state.trades[before.trade_id]
    put_order(turn, owner, after, _with_order)
    progress_owner(turn, before.trade_id)


def _with_order(run: Execution, changed: Order) -> Execution:
    # `answer` draws the consequences of an end; a mere count has none.
    if changed.status is OrderStatus.ABSENT:
        return answer(run, changed.client_order_id, Signal.ABSENT, reason=changed.reason)
    return with_order(run, changed)


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
    """An entry whose window passed while the desk was away says so; one that may rest ends its window as ever."""
    rests = run.plan.policy.on_exhausted is OnExhausted.REST
    if rests or run.is_finished or turn.at < run.started_at + run.plan.policy.window:
        return run
    return withdraw(run, "the window ended while the desk was away")


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
