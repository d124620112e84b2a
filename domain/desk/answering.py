"""News of orders: answers to our commands and the broker's own reports, routed to the trade or close they belong to."""

from datetime import timedelta

from attrs import evolve

from domain.closing import Closing
from domain.desk.lifecycle import exit_failed, progress, withdraw_entry
from domain.desk.replies import dry_run, exit_placed, order_name, placed, unconfirmed
from domain.desk.selling import describe, progress_closing
from domain.desk.turn import Turn
from domain.events import (
    CancelAccepted,
    CancelRefused,
    OrderAccepted,
    OrderEnded,
    OrderNotSent,
    OrderRejected,
    OrderValidated,
    OutcomeUnknown,
)
from domain.execution import answer, hold_back
from domain.gate import age_denial
from domain.orders import Order, OrderRole, OrderStatus, Signal
from domain.trade import Trade
from domain.verdicts import AnswerStatus, DenialCode, HaltCause, Severity

OrderAnswer = (
    OrderAccepted | OrderRejected | OrderNotSent | OrderValidated | OutcomeUnknown | CancelAccepted | CancelRefused
)
RETRY_UNSENT = timedelta(seconds=2)


def trade_id_of(client_order_id: str) -> str:
    """Return the trade or close that a client order id of ours belongs to: it begins with it."""
    return client_order_id.rpartition("-")[0]


def on_answer(turn: Turn, event: OrderAnswer) -> None:
    """Take in the answer to an order command."""
    if isinstance(event, CancelAccepted | CancelRefused) or _is_cancel_doubt(event):
        return  # the order's own report says whether it ended, and reconciliation asks for it
    trade_id = trade_id_of(event.client_order_id)
    closing = turn.state.closings.get(trade_id)
    if closing is not None:
        _answer_closing(turn, closing, event)
        return
    trade = find_trade(turn, trade_id)
    if trade is None:
        return
    order = trade.order(event.client_order_id)
    if order is None:
        return
    if order.role is OrderRole.ENTRY:
        _answer_entry(turn, trade, event)
    else:
        _answer_exit(turn, trade, order, event)


def _is_cancel_doubt(event: OrderAnswer) -> bool:
    return isinstance(event, OutcomeUnknown) and event.operation.value == "cancel"


def _signal(event: OrderAnswer) -> tuple[Signal, dict[str, str]]:
    match event:
        case OrderAccepted(broker_order_id=broker_order_id):
            return Signal.ACCEPTED, {"broker_order_id": broker_order_id}
        case OrderRejected(reason=reason):
            return Signal.REJECTED, {"reason": reason}
        case OrderNotSent(reason=reason):
            return Signal.NOT_SENT, {"reason": reason}
        case OrderValidated(detail=detail):
            return Signal.VALIDATED, {"reason": detail}
        case OutcomeUnknown(detail=detail):
            return Signal.UNKNOWN, {"reason": detail}
        case CancelAccepted() | CancelRefused():  # pragma: no cover - on_answer keeps them out
            raise TypeError(f"{event} is no answer to a submit")


# ---- entries -------------------------------------------------------------------------------------------------------


def _answer_entry(turn: Turn, trade: Trade, event: OrderAnswer) -> None:
    signal, news = _signal(event)
    before = trade.entry.order(event.client_order_id)
    if before.status not in {OrderStatus.SENDING, OrderStatus.UNKNOWN}:
        return  # a report has settled it already
    run = answer(trade.entry, event.client_order_id, signal, **news)
    order = run.order(event.client_order_id)
    trade = evolve(trade, entry=run)
    first = order.replaces is None
    match event:
        case OrderAccepted():
            turn.change(rejects_in_row=0)
        case OrderRejected(reason=reason) if first:
            _note_reject(turn, reason)
        case OutcomeUnknown(detail=detail):
            _note_unknown(turn, trade, order, detail)
        case OrderNotSent(retryable=True) if _still_fresh(turn, trade):
            retry_at = turn.at + RETRY_UNSENT
            trade = evolve(trade, entry=hold_back(run, retry_at))
            turn.start_timer("retry", trade.trade_id, retry_at)
            progress(turn, trade)
            return
        case _:
            pass
    trade = _first_reply(turn, trade, order, event)
    record_end(turn, trade.trade_id, before, order)
    progress(turn, trade)


def _still_fresh(turn: Turn, trade: Trade) -> bool:
    fresh = age_denial(trade.message, turn.at, turn.state.policies.gate) is None
    return fresh and not trade.bought and not turn.state.halts


def _first_reply(turn: Turn, trade: Trade, order: Order, event: OrderAnswer) -> Trade:
    """The reply that answers whoever posted the alert: once, as soon as the entry is acknowledged or refused."""
    if trade.answered:
        return trade
    message, trade_id = trade.message, trade.trade_id
    facts = {"order_id": order.broker_order_id, "quantity": order.quantity, "entry_price": order.limit_price}
    match event:
        case OrderAccepted():
            turn.tell(message, trade_id, placed(trade, order), status=AnswerStatus.PLACED, facts=facts)
        case OutcomeUnknown():
            text = unconfirmed(trade, order)
            turn.tell(message, trade_id, text, status=AnswerStatus.PLACED, reason="outcome_unknown", facts=facts)
        case OrderValidated(detail=detail):
            text = dry_run(trade, order, detail)
            turn.tell(message, trade_id, text, status=AnswerStatus.DRY_RUN, facts=facts)
        case OrderRejected(reason=reason):
            text = f"Rejected by the broker: {reason}. {trade.contract.label} is not tried again."
            turn.tell(message, trade_id, text, status=AnswerStatus.DENIED, reason=DenialCode.REJECTED.value)
        case OrderNotSent(reason=reason, retryable=retryable):
            code = DenialCode.NOT_SENT if retryable else DenialCode.UNAUTHORIZED
            turn.deny(message, trade_id, code, f"the order was not sent: {reason}")
        case _:  # pragma: no cover - answers to a cancel do not come here
            return trade
    return evolve(trade, answered=True)


def _note_reject(turn: Turn, reason: str) -> None:
    count = turn.state.rejects_in_row + 1
    turn.change(rejects_in_row=count)
    if count >= turn.state.policies.risk.max_rejects:
        turn.halt(HaltCause.REJECTS, f"{count} entries rejected in a row, the last: {reason}", "risk")
        withdraw_entries(turn, "entries are halted")


def _note_unknown(turn: Turn, trade: Trade, order: Order, detail: str) -> None:
    risk = turn.state.policies.risk
    recent = (*(at for at in turn.state.unknowns if turn.at - at <= risk.unknown_window), turn.at)
    turn.change(unknowns=recent)
    text = f"No clear answer for {order_name(order)} ({trade.contract.label}): {detail}. Reading the broker's books."
    turn.notify(Severity.WARNING, text, trade.trade_id)
    if len(recent) >= risk.max_unknowns:
        minutes = risk.unknown_window.total_seconds() / 60
        turn.halt(HaltCause.UNKNOWN_OUTCOMES, f"{len(recent)} orders without an answer in {minutes:g} minutes", "risk")
        withdraw_entries(turn, "entries are halted")


def withdraw_entries(turn: Turn, reason: str) -> None:
    """Cancel the unfilled remainder of every working entry. Exits stay."""
    for trade in tuple(turn.state.trades.values()):
        if not trade.entry.is_finished:
            withdraw_entry(turn, trade, reason)


# ---- exits ---------------------------------------------------------------------------------------------------------


def _answer_exit(turn: Turn, trade: Trade, before: Order, event: OrderAnswer) -> None:
    signal, news = _signal(event)
    if before.status not in {OrderStatus.SENDING, OrderStatus.UNKNOWN}:
        return
    order = before.on(signal, **news)
    trade = trade.with_exit(order)
    match event:
        case OrderAccepted():
            trade = evolve(trade, exit_failures=0)
            facts = {
                "exit_order_id": order.broker_order_id,
                "quantity": order.quantity,
                "exit_price": order.limit_price,
            }
            turn.tell(trade.message, trade.trade_id, exit_placed(trade, order), facts=facts)
        case OrderRejected(reason=reason) | OrderNotSent(reason=reason):
            trade = exit_failed(turn, trade, reason)
        case OutcomeUnknown(detail=detail):
            _note_unknown(turn, trade, order, detail)
        case _:
            pass
    record_end(turn, trade.trade_id, before, order)
    progress(turn, trade)


# ---- closes --------------------------------------------------------------------------------------------------------


def _answer_closing(turn: Turn, closing: Closing, event: OrderAnswer) -> None:
    signal, news = _signal(event)
    if closing.run is None:
        return
    before = closing.run.order(event.client_order_id)
    if before.status not in {OrderStatus.SENDING, OrderStatus.UNKNOWN}:
        return
    run = answer(closing.run, event.client_order_id, signal, **news)
    order = run.order(event.client_order_id)
    if isinstance(event, OrderNotSent) and event.retryable:
        retry_at = turn.at + RETRY_UNSENT
        run = hold_back(run, retry_at)
        turn.start_timer("retry", closing.trade_id, retry_at)
    elif not closing.answered:
        facts = {"order_id": order.broker_order_id, "quantity": order.quantity, "exit_price": order.limit_price}
        if isinstance(event, OrderRejected | OrderNotSent):
            text = f"The close was not taken ({event.reason}); the exits are restored."
            turn.tell(
                closing.message, closing.trade_id, text, status=AnswerStatus.DENIED, reason=DenialCode.REJECTED.value
            )
        else:
            text = describe(closing.contract, run)
            turn.tell(closing.message, closing.trade_id, text, status=AnswerStatus.PLACED, facts=facts)
        closing = evolve(closing, answered=True)
    if isinstance(event, OutcomeUnknown):
        text = f"No clear answer for a close of {closing.contract.label}: {event.detail}. Reading the broker's books."
        turn.notify(Severity.WARNING, text, closing.trade_id)
    record_end(turn, closing.trade_id, before, order)
    progress_closing(turn, evolve(closing, run=run))


# ---- shared with the reports ----


def adopted(turn: Turn, trade: Trade, order: Order) -> Trade:
    """An order whose answer was lost is there: the author is told as if the answer had come."""
    if order.role is not OrderRole.ENTRY or order.broker_order_id is None:
        return trade
    return _first_reply(turn, trade, order, OrderAccepted(order.client_order_id, order.broker_order_id))


def record_end(turn: Turn, trade_id: str, before: Order, after: Order) -> None:
    if after.status.is_terminal and not before.status.is_terminal:
        ended = OrderEnded(
            trade_id, after.client_order_id, after.broker_order_id, after.role, after.status, after.filled, after.reason
        )
        turn.emit(ended)


def find_trade(turn: Turn, trade_id: str) -> Trade | None:
    return turn.state.trades.get(trade_id) or turn.state.archive.get(trade_id)
