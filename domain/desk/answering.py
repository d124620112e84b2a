"""Answers to order commands: accepted, rejected, not sent, validated, unknown; and what each means for its owner.

An answer can come as the call's own result or as the broker's first report of the order, whichever is first: both end
in the same three functions, one for each role.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any, assert_never

from attrs import evolve

from domain.closing import Closing
from domain.desk.lifecycle import exit_failed, may_enter, progress
from domain.desk.replies import close_placed, dry_run, exit_placed, order_name, placed, unconfirmed
from domain.desk.selling import progress_closing
from domain.desk.turn import Turn
from domain.events import (
    OrderAccepted,
    OrderEnded,
    OrderNotSent,
    OrderRejected,
    OrderValidated,
    OrderWithheld,
    OutcomeUnknown,
)
from domain.execution import Execution, answer, hold_back, with_order, withdraw
from domain.orders import Order, OrderRole, OrderStatus, Signal
from domain.trade import Trade
from domain.verdicts import AnswerStatus, DenialCode, HaltCause, Severity

SubmitAnswer = OrderAccepted | OrderRejected | OrderNotSent | OrderWithheld | OrderValidated | OutcomeUnknown
LIVED = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})
News = dict[str, Any]
UNANSWERED = frozenset({OrderStatus.SENDING, OrderStatus.UNKNOWN})
RETRY_UNSENT, RETRY_AT_MOST = timedelta(seconds=2), timedelta(seconds=60)
DOUBLINGS = 5  # from the first to beyond the longest


def trade_id_of(client_order_id: str) -> str:
    """Return the trade or close that a client order id of ours belongs to: it begins with it."""
    return client_order_id.rpartition("-")[0]


def find_owner(turn: Turn, trade_id: str) -> Trade | Closing | None:
    """Return the close or the trade, open or over, of an id."""
    state = turn.state
    places: tuple[Mapping[str, Trade | Closing], ...] = (state.closings, state.trades, state.archive, state.finished)
    return next((place[trade_id] for place in places if trade_id in place), None)


def put_order(
    turn: Turn, owner: Trade | Closing, order: Order, change: Callable[[Execution, Order], Execution] = with_order
) -> None:
    """Put a changed order back where it is, open or over. `change` is how the ladder that it is of takes it."""
    changed: Trade | Closing
    if isinstance(owner, Closing):
        place = "closings" if owner.trade_id in turn.state.closings else "finished"
        changed = evolve(owner, run=change(owner.ladder, order))
    else:
        place = "trades" if owner.trade_id in turn.state.trades else "archive"
        is_exit = order.role is OrderRole.EXIT
        changed = owner.with_exit(order) if is_exit else evolve(owner, entry=change(owner.entry, order))
    turn.change(**{place: {**getattr(turn.state, place), owner.trade_id: changed}})


def on_answer(turn: Turn, event: SubmitAnswer) -> None:
    """Take in the answer to a submit or a replace. One that a report has overtaken changes nothing."""
    owner = find_owner(turn, trade_id_of(event.client_order_id))
    before = None if owner is None else owner.order(event.client_order_id)
    if owner is None or before is None or before.status not in UNANSWERED:
        return
    if isinstance(event, OutcomeUnknown) and isinstance(owner, Trade) and owner.message.dry_run:
        event = OrderNotSent(event.client_order_id, event.detail)  # a mere check places nothing and may be repeated
    order = _take_in(turn, owner, before, *_signal(event))
    record_end(turn, before, order)
    if order.role is OrderRole.ENTRY:
        note_entry(turn, before, order)
    acknowledge(turn, order, event)
    progress_owner(turn, order.trade_id)


def on_withheld(turn: Turn, event: OrderWithheld) -> None:
    """The last check kept an order back: halt and page, whether the desk knows it or not, and end what it was part of.

    Nothing of it is tried again by itself: what is wrong would be wrong again.
    """
    trade_id = trade_id_of(event.client_order_id)
    owner = find_owner(turn, trade_id)
    order = None if owner is None else owner.order(event.client_order_id)
    name = event.client_order_id if order is None else f"{order_name(order)} ({order.contract.label})"
    turn.halt_and_page(HaltCause.ORDER_CHECK, f"{name} was withheld: {event.reason}", "the last check", trade_id)
    on_answer(turn, event)


def answer_in(order: Order) -> SubmitAnswer:
    """Return the answer that the broker's first report of an order amounts to."""
    if order.status is OrderStatus.REJECTED:
        return OrderRejected(order.client_order_id, order.reason)
    return OrderAccepted(order.client_order_id, order.broker_order_id or "")


def acknowledge(turn: Turn, order: Order, event: SubmitAnswer) -> None:
    """Draw the consequences of an answer: replies, counts, halts, retries. The order itself is put already."""
    closing = turn.state.closings.get(order.trade_id)
    if closing is not None:
        _close_answered(turn, closing, order, event)
    elif order.role is OrderRole.ENTRY:
        _entry_answered(turn, turn.state.trades[order.trade_id], order, event)
    else:
        _exit_answered(turn, turn.state.trades[order.trade_id], order, event)


def progress_owner(turn: Turn, trade_id: str) -> None:
    """Move a trade or a close on; a trade in the hands of a close moves that close on too."""
    closing = turn.state.closings.get(trade_id)
    trade = turn.state.trades.get(trade_id)
    if trade is not None:
        progress(turn, trade)
        closing = turn.state.closings.get(trade.closing or "")
    if closing is not None:
        progress_closing(turn, closing)


def record_end(turn: Turn, before: Order, after: Order) -> None:
    """Record that an order became terminal, once."""
    if not after.status.is_terminal or before.status.is_terminal:
        return
    turn.emit(
        OrderEnded(
            trade_id=after.trade_id,
            client_order_id=after.client_order_id,
            broker_order_id=after.broker_order_id,
            role=after.role,
            status=after.status,
            filled=after.filled,
            reason=after.reason,
        )
    )


def _take_in(turn: Turn, owner: Trade | Closing, before: Order, signal: Signal, news: News) -> Order:
    """Put the answered order where it belongs and return it."""
    if signal is Signal.UNKNOWN:
        news["sent_at"] = turn.at
    if isinstance(owner, Trade) and before.role is OrderRole.EXIT:
        order = before.on(signal, **news)
        turn.put_trade(owner.with_exit(order))
        return order
    run = owner.entry if isinstance(owner, Trade) else owner.ladder
    run = answer(run, before.client_order_id, signal, **news)
    if isinstance(owner, Trade):
        turn.put_trade(evolve(owner, entry=run))
    else:
        turn.put_closing(evolve(owner, run=run))
    return run.order(before.client_order_id)


def _signal(event: SubmitAnswer) -> tuple[Signal, News]:
    match event:
        case OrderAccepted(broker_order_id=broker_order_id):
            return Signal.ACCEPTED, {"broker_order_id": broker_order_id}
        case OrderRejected(reason=reason):
            return Signal.REJECTED, {"reason": reason}
        case OrderNotSent(reason=reason) | OrderWithheld(reason=reason):
            return Signal.NOT_SENT, {"reason": reason}
        case OrderValidated(detail=detail):
            return Signal.VALIDATED, {"reason": detail}
        case OutcomeUnknown(detail=detail):
            return Signal.UNKNOWN, {"reason": detail}
        case _:
            assert_never(event)


# ---- entries -------------------------------------------------------------------------------------------------------


def _entry_answered(turn: Turn, trade: Trade, order: Order, event: SubmitAnswer) -> None:
    if isinstance(event, OrderNotSent) and event.retryable and _may_retry(turn, trade):
        turn.put_trade(evolve(trade, entry=_retry_later(turn, trade.entry)))
        return
    if isinstance(event, OrderNotSent):
        trade = evolve(trade, entry=_given_up(trade.entry, order))
    elif isinstance(event, OrderWithheld):
        trade = evolve(trade, entry=withdraw(trade.entry, f"withheld: {event.reason}"))
    if not trade.answered:
        _first_reply(turn, trade, order, event)
    turn.put_trade(evolve(trade, answered=True))
    if isinstance(event, OutcomeUnknown):
        _note_unknown(turn, order, event.detail)


def _may_retry(turn: Turn, trade: Trade) -> bool:
    """A first order that never left is tried again while its alert is fresh and nothing stands against it."""
    run = trade.entry
    stopped = run.live_order is not None or run.withdrawn or trade.bought or turn.state.halts
    return not stopped and may_enter(turn, trade.message)


def _given_up(run: Execution, order: Order) -> Execution:
    """An order that never left ends its ladder, unless the one that it should have replaced still works."""
    return run if run.live_order is not None else withdraw(run, f"not sent: {order.reason}")


def _retry_later(turn: Turn, run: Execution) -> Execution:
    """Hold the next order back, twice as long after every order in a row that never left, a minute at most."""
    retry_at = turn.at + min(RETRY_UNSENT * 2 ** min(_unsent_in_row(run) - 1, DOUBLINGS), RETRY_AT_MOST)
    turn.start_timer("retry", run.trade_id, retry_at)
    return hold_back(run, retry_at)


def _unsent_in_row(run: Execution) -> int:
    return sum(1 for _ in takewhile(lambda order: order.status is OrderStatus.NOT_SENT, reversed(run.orders)))


def _first_reply(turn: Turn, trade: Trade, order: Order, event: SubmitAnswer) -> None:
    """The reply that answers whoever posted the alert: once, as soon as the entry is acknowledged or refused."""
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
        case OrderWithheld(reason=reason):
            turn.deny(message, trade_id, DenialCode.WITHHELD, f"the last check withheld the order: {reason}")
        case _:
            assert_never(event)


def note_entry(turn: Turn, before: Order, after: Order) -> None:
    """Count entries that were rejected in a row, by the answer or later by the venue; one that lived ends the row."""
    if after.filled > before.filled or (after.status in LIVED and not before.status.is_terminal):
        turn.change(rejects_in_row=0)
    elif after.status is OrderStatus.REJECTED and not before.status.is_terminal and after.replaces is None:
        _note_reject(turn, after.reason)


def _note_reject(turn: Turn, reason: str) -> None:
    count = turn.state.rejects_in_row + 1
    turn.change(rejects_in_row=count)
    if count >= turn.state.policies.risk.max_rejects:
        turn.halt(HaltCause.REJECTS, f"{count} entries rejected in a row, the last: {reason}", "risk")


def _note_unknown(turn: Turn, order: Order, detail: str) -> None:
    risk = turn.state.policies.risk
    recent = (*(at for at in turn.state.unknowns if turn.at - at <= risk.unknown_window), turn.at)
    recent = recent[-risk.max_unknowns :]
    turn.change(unknowns=recent)
    text = f"No clear answer for {order_name(order)} ({order.contract.label}): {detail}. Reading the broker's books."
    # Contracts that may be uncovered are a person's business until they are covered.
    turn.notify(Severity.PAGE if order.role is OrderRole.EXIT else Severity.WARNING, text, order.trade_id)
    if len(recent) >= risk.max_unknowns:
        minutes = risk.unknown_window.total_seconds() / 60
        turn.halt(HaltCause.UNKNOWN_OUTCOMES, f"{len(recent)} orders without an answer in {minutes:g} minutes", "risk")


# ---- exits ---------------------------------------------------------------------------------------------------------


def _exit_answered(turn: Turn, trade: Trade, order: Order, event: SubmitAnswer) -> None:
    match event:
        case OrderAccepted():
            facts = {
                "exit_order_id": order.broker_order_id,
                "quantity": order.quantity,
                "exit_price": order.limit_price,
            }
            turn.tell(trade.message, trade.trade_id, exit_placed(trade, order), facts=facts)
        case OrderRejected(reason=reason) | OrderNotSent(reason=reason):
            turn.put_trade(exit_failed(turn, trade, reason))
        case OrderWithheld(reason=reason):
            _leave_uncovered(turn, trade, order, reason)
        case OutcomeUnknown(detail=detail):
            _note_unknown(turn, order, detail)
        case OrderValidated():
            turn.put_trade(exit_failed(turn, trade, "the gateway only checks orders"))
        case _:
            assert_never(event)


def _leave_uncovered(turn: Turn, trade: Trade, order: Order, reason: str) -> None:
    """A withheld exit leaves its contracts to a person. One that may be at the broker all the same is read for."""
    if order.status is not OrderStatus.NOT_SENT:
        return
    text = f"{trade.contract.label}: {trade.exit_deficit} contracts are uncovered, their exit was withheld ({reason}). "
    turn.notify(Severity.PAGE, f"{text}No new exit is placed until you decide.", trade.trade_id)
    turn.put_trade(evolve(trade, uncovered=f"the last check withheld the exit: {reason}"))


# ---- closes --------------------------------------------------------------------------------------------------------


def _tell_held_back(turn: Turn, closing: Closing, reason: str) -> None:
    """Tell the operator once that a close waits to be sent: its contracts have no exit meanwhile."""
    if _unsent_in_row(closing.ladder) == 1:
        text = f"Close of {closing.contract.label} could not be sent: {reason}. It is tried again until it is."
        turn.notify(Severity.PAGE, text, closing.trade_id)


def _close_answered(turn: Turn, closing: Closing, order: Order, event: SubmitAnswer) -> None:
    if isinstance(event, OrderNotSent):
        run = closing.ladder
        if event.retryable:
            if run.live_order is None:
                turn.put_closing(evolve(closing, run=_retry_later(turn, run)))
                _tell_held_back(turn, closing, event.reason)
            return
        turn.put_closing(evolve(closing, run=_given_up(run, order)))
    if isinstance(event, OrderWithheld):  # what works of it is cancelled too: its next step would be withheld again
        turn.put_closing(evolve(closing, run=withdraw(closing.ladder, f"withheld: {event.reason}")))
    if isinstance(event, OutcomeUnknown):
        _note_unknown(turn, order, event.detail)
    if closing.answered:
        return
    turn.put_closing(evolve(turn.state.closings[closing.trade_id], answered=True))
    facts = {"order_id": order.broker_order_id, "quantity": order.quantity, "exit_price": order.limit_price}
    if isinstance(event, OrderRejected | OrderNotSent | OrderWithheld):
        text = f"The close was not taken ({event.reason}); the exits are restored."
        reason = (DenialCode.WITHHELD if isinstance(event, OrderWithheld) else DenialCode.REJECTED).value
        turn.tell(closing.message, closing.trade_id, text, status=AnswerStatus.DENIED, reason=reason)
    else:
        text = close_placed(order)
        turn.tell(closing.message, closing.trade_id, text, status=AnswerStatus.PLACED, facts=facts)
