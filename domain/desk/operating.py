"""What an operator asks of the desk: halt, resume, cancel, replace, and who may trade."""

from attrs import evolve

from domain.bounds import is_price
from domain.desk.lifecycle import cancel_exit, progress, withdraw_entry
from domain.desk.replies import order_name
from domain.desk.selling import progress_closing
from domain.desk.turn import Turn
from domain.events import (
    AllowlistChanged,
    AllowlistChangeRequested,
    AuthorizationLost,
    AuthorizationRestored,
    CancelRequested,
    HaltRequested,
    ReplaceRequested,
    RequestRefused,
    ResumeRequested,
    TradingResumed,
)
from domain.execution import withdraw
from domain.orders import Order, OrderRole, OrderStatus
from domain.trade import Trade
from domain.verdicts import DenialCode, HaltCause, Severity
from domain.wording import in_full

CHANGEABLE = frozenset({OrderStatus.WORKING, OrderStatus.PENDING})


def on_halt(turn: Turn, event: HaltRequested) -> None:
    """Stop new entries and cancel the working ones' remainders; exits stay."""
    turn.halt(event.cause, event.reason or "no reason given", event.by)


def on_resume(turn: Turn, event: ResumeRequested) -> None:
    """End every halt: a person has looked. The counts that led to them start anew."""
    turn.change(halts=(), rejects_in_row=0, unknowns=())
    turn.emit(TradingResumed(event.by, event.reason))
    turn.notify(Severity.INFO, f"Entries resumed by {event.by}.")


def on_authorization_lost(turn: Turn, event: AuthorizationLost) -> None:
    turn.halt(HaltCause.AUTHORIZATION, event.detail, "broker")


def on_authorization_restored(turn: Turn, event: AuthorizationRestored) -> None:
    """End the halt that the lost authorization caused, and no other."""
    kept = tuple(halt for halt in turn.state.halts if halt.cause is not HaltCause.AUTHORIZATION)
    if kept == turn.state.halts:
        return
    turn.change(halts=kept)
    turn.emit(TradingResumed(event.by, "the authorization is back"))
    for trade in tuple(turn.state.trades.values()):
        progress(turn, evolve(trade, exit_not_before=None))


def on_cancel(turn: Turn, event: CancelRequested) -> None:
    """Cancel an order of ours: an entry's or a close's remainder, or an exit, which then stays cancelled."""
    for closing in tuple(turn.state.closings.values()):
        if closing.run is not None and closing.order(event.order_id) is not None:
            progress_closing(turn, evolve(closing, run=withdraw(closing.run, f"cancelled by {event.by}")))
            return
    found = _find(turn, event.by, event.order_id)
    if found is None:
        return
    trade, order = found
    if order.role is OrderRole.ENTRY and not trade.entry.is_finished:
        withdraw_entry(turn, trade, f"cancelled by {event.by}")
        return
    if order.status not in CHANGEABLE:
        _refuse_not_working(turn, event.by, order)
        return
    reason = f"the exit was cancelled by {event.by}"
    turn.notify(Severity.WARNING, f"{trade.contract.label}: {reason}; it stays uncovered.", trade.trade_id)
    progress(turn, evolve(cancel_exit(turn, trade, order), uncovered=reason))


def on_replace(turn: Turn, event: ReplaceRequested) -> None:
    """Set another limit for an entry, which then stops stepping, or for a trade's exits."""
    found = _find(turn, event.by, event.order_id)
    if found is None:
        return
    trade, named = found
    # A step replaces an entry's order: every id of the chain means the one that is at work now.
    order = (trade.entry.live_order or named) if named.role is OrderRole.ENTRY else named
    # An exit that a person cancelled may be named again: a new price is the decision to cover after all.
    covers_again = order.role is OrderRole.EXIT and bool(trade.uncovered) and trade.trade_id in turn.state.trades
    if order.status not in CHANGEABLE and not covers_again:
        _refuse_not_working(turn, event.by, order)
        return
    if order.role is OrderRole.ENTRY and trade.entry.resting and order.leaves < order.quantity:
        detail = f"{order_name(order)} has partly filled and its window is over: it can be cancelled, not replaced"
        turn.emit(RequestRefused(event.by, DenialCode.NOT_WORKING, detail))
        return
    if not is_price(event.price):
        turn.emit(RequestRefused(event.by, DenialCode.PRICE_BELOW_TICK, f"{event.price} can not be a price"))
        return
    ticks = trade.contract.ticks
    if not ticks.on_grid(event.price):
        nearest = f"{in_full(ticks.floor(event.price) or ticks.ceil(event.price))} and {in_full(ticks.up(event.price))}"
        detail = f"{in_full(event.price)} is not on the tick grid; the nearest prices are {nearest}"
        turn.emit(RequestRefused(event.by, DenialCode.PRICE_BELOW_TICK, detail))
        return
    if order.role is OrderRole.EXIT:
        progress(turn, evolve(trade, exit_limit=event.price, uncovered=""))
        return
    plan = trade.entry.plan
    if not plan.allows(event.price) or event.price > plan.worst_price:
        limit = plan.worst_price if plan.cap is None else min(plan.worst_price, plan.cap)
        detail = f"{in_full(event.price)} is above {in_full(limit)}, the worst price that this entry was sized for"
        turn.emit(RequestRefused(event.by, DenialCode.INSUFFICIENT_BUYING_POWER, detail))
        return
    turn.stop_timers("rung", trade.trade_id)
    progress(turn, evolve(trade, entry=evolve(trade.entry, target=event.price, rung_due=False)))


def on_allowlist(turn: Turn, event: AllowlistChangeRequested) -> None:
    """Change who may trade, at once and durably. What an entry of theirs has not bought by now is cancelled."""
    allowlist = turn.state.allowlist
    change = allowlist.add if event.allowed else allowlist.remove
    turn.change(allowlist=change(event.name, event.number))
    turn.emit(AllowlistChanged(event.by, event.name, event.number, event.allowed))
    for trade in tuple(turn.state.trades.values()):
        if not trade.entry.is_finished:
            progress(turn, trade)


def _find(turn: Turn, by: str, order_id: str) -> tuple[Trade, Order] | None:
    """Return the order of this id and its trade, or refuse: also where it is a close's, which has no trade."""
    for trade in (*turn.state.trades.values(), *turn.state.archive.values()):
        order = trade.order(order_id)
        if order is not None:
            return trade, order
    of_close = turn.state.order(order_id)
    if of_close is None:
        turn.emit(RequestRefused(by, DenialCode.NO_SUCH_ORDER, f"this system has no order {order_id}"))
    elif of_close.trade_id in turn.state.closings:
        detail = f"{order_name(of_close)} is a close's, which steps by itself: cancel it or wait"
        turn.emit(RequestRefused(by, DenialCode.CLOSE_IN_PROGRESS, detail))
    else:
        _refuse_not_working(turn, by, of_close)
    return None


def _refuse_not_working(turn: Turn, by: str, order: Order) -> None:
    name = order.broker_order_id or order.client_order_id
    turn.emit(RequestRefused(by, DenialCode.NOT_WORKING, f"order {name} is {order.status}"))
