"""The broker's own reports of orders: fills, ends, and orders whose answer was lost or that were thought absent."""

from datetime import timedelta

from attrs import evolve

from domain.closing import Closing
from domain.desk.answering import adopted, find_trade, record_end, trade_id_of
from domain.desk.lifecycle import exit_failed, progress
from domain.desk.replies import exit_filled, filled, order_name
from domain.desk.selling import allocate, progress_closing
from domain.desk.turn import Turn
from domain.events import OrderFilled
from domain.execution import report
from domain.orders import Fill, FillConflictError, Order, OrderReport, OrderRole, OrderStatus
from domain.trade import Trade
from domain.verdicts import HaltCause, Severity


def on_report(turn: Turn, told: OrderReport) -> None:
    """Take in the broker's report of an order; one that is not ours is left alone."""
    owner = _owner(turn, told)
    try:
        if isinstance(owner, Closing):
            _report_closing(turn, owner, told)
        elif owner is not None:
            _report_trade(turn, owner, told)
    except FillConflictError as error:
        turn.halt(HaltCause.BROKER_CONTRACT, str(error), "desk")


def _owner(turn: Turn, told: OrderReport) -> Trade | Closing | None:
    if told.client_order_id is not None:
        trade_id = trade_id_of(told.client_order_id)
        closing = turn.state.closings.get(trade_id)
        trade = closing or find_trade(turn, trade_id)
        if isinstance(trade, Trade) and trade.order(told.client_order_id) is None:
            return None
        return trade
    for trade in turn.state.trades.values():
        if trade.order(told.broker_order_id) is not None:
            return trade
    return None


def _report_trade(turn: Turn, trade: Trade, told: OrderReport) -> None:
    before = trade.order(told.client_order_id or told.broker_order_id)
    if before is None:
        return
    if before.role is OrderRole.ENTRY:
        run, fills = report(trade.entry, before.client_order_id, told)
        after = run.order(before.client_order_id)
        trade = evolve(trade, entry=run)
    else:
        after, fills = before.reported(told)
        trade = trade.with_exit(after)
    if after == before:
        return
    if trade.trade_id in turn.state.archive:
        turn.reopen(trade)
        turn.notify(
            Severity.PAGE, f"{order_name(after)} of the closed trade {trade.trade_id} is alive again.", trade.trade_id
        )
    trade = _settle_exit(turn, trade, before, after)
    counted = (trade.bought if after.role is OrderRole.ENTRY else trade.exited) - sum(fill.quantity for fill in fills)
    for fill in fills:
        counted += fill.quantity
        trade = _booked(turn, trade, after, fill, counted)
    if before.status in {OrderStatus.SENDING, OrderStatus.UNKNOWN} and not after.status.is_terminal:
        trade = adopted(turn, trade, after)
    record_end(turn, trade.trade_id, before, after)
    if trade.bought > trade.entry.quantity:
        text = f"{trade.bought} filled of {trade.entry.quantity} meant in {trade.contract.label}"
        turn.halt(HaltCause.BROKER_CONTRACT, text, "desk")
    progress(turn, trade)
    if trade.closing is not None and trade.closing in turn.state.closings:
        progress_closing(turn, turn.state.closings[trade.closing])


def _booked(turn: Turn, trade: Trade, order: Order, fill: Fill, cumulative: int) -> Trade:
    entry = order.role is OrderRole.ENTRY
    turn.emit(OrderFilled(trade.trade_id, order.client_order_id, order.broker_order_id, order.role, fill, cumulative))
    words = filled(trade, fill, order) if entry else exit_filled(trade, fill, order)
    turn.tell(trade.message, trade.trade_id, words, facts={"quantity": fill.quantity, "price": fill.price})
    if entry and trade.last_fill_at is None:
        _warn_before_expiry(turn, trade)
    return evolve(trade, last_fill_at=turn.at)


def _settle_exit(turn: Turn, trade: Trade, before: Order, after: Order) -> Trade:
    """What the end of an exit that we did not end ourselves means."""
    if after.role is not OrderRole.EXIT or before.status.is_terminal or not after.status.is_terminal:
        return trade
    if after.status is OrderStatus.REJECTED:
        return exit_failed(turn, trade, after.reason or "rejected by the broker")
    if after.status is OrderStatus.CANCELLED and before.status is not OrderStatus.CANCELLING:
        reason = "an exit was cancelled by hand at the broker"
        text = f"{trade.contract.label}: {reason} ({order_name(after)}). No new exit is placed until you decide."
        turn.notify(Severity.PAGE, text, trade.trade_id)
        return evolve(trade, uncovered=reason)
    return trade


def _report_closing(turn: Turn, closing: Closing, told: OrderReport) -> None:
    if closing.run is None or told.client_order_id is None:
        return
    before = closing.run.order(told.client_order_id)
    run, fills = report(closing.run, told.client_order_id, told)
    after = run.order(told.client_order_id)
    if after == before:
        return
    closing = evolve(closing, run=run)
    for fill in fills:
        allocate(turn, closing, fill)
        turn.emit(
            OrderFilled(closing.trade_id, after.client_order_id, after.broker_order_id, after.role, fill, run.filled)
        )
        words = f"Sold {fill.quantity} {closing.contract.label} @ {fill.price} ({order_name(after)})."
        turn.tell(closing.message, closing.trade_id, words, facts={"quantity": fill.quantity, "price": fill.price})
    record_end(turn, closing.trade_id, before, after)
    progress_closing(turn, closing)


def _warn_before_expiry(turn: Turn, trade: Trade) -> None:
    """Set the warnings of the last trading day: at its open, and an hour before the cut-off."""
    cut_off, expires_on = trade.contract.cut_off, trade.contract.expires_on
    if cut_off is None or expires_on is None:
        return
    session = trade.contract.calendar.session(expires_on)
    moments = {"hour": cut_off - timedelta(hours=1), "over": cut_off + timedelta(minutes=5)}
    if session is not None:
        moments["morning"] = session.opens_at
    for name, due_at in moments.items():
        if due_at > turn.at:
            turn.start_timer("expiry", trade.trade_id, due_at, name)
