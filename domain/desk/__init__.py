"""The desk: `step` takes an event and says what follows from it. It matches and delegates; the rules are elsewhere.

Synchronous, total and deterministic: the same events give the same states and the same outputs, on any machine.
"""

from typing import assert_never

from domain import events
from domain.commands import RefreshAuthorization
from domain.desk import (
    answering,
    delivering,
    entering,
    expiring,
    intake,
    lifecycle,
    operating,
    reconciling,
    reporting,
    selling,
)
from domain.desk.state import DeskState, InvariantViolationError, Output, Phase
from domain.desk.turn import Turn
from domain.events import Stamped

__all__ = ["DeskState", "InvariantViolationError", "Output", "step"]


def step(state: DeskState, stamped: Stamped) -> tuple[DeskState, tuple[Output, ...]]:
    """Return the state after an event, and the decisions and commands that follow from it, in order.

    Raises InvariantViolationError for an event before `DeskStarted` or an instant before the last one.
    """
    if state.at is not None and stamped.at < state.at:
        raise InvariantViolationError(f"{stamped.event} is stamped {stamped.at}, before the last event at {state.at}")
    if state.phase is Phase.STOPPED and not isinstance(stamped.event, events.DeskStarted):
        raise InvariantViolationError(f"{stamped.event} came before DeskStarted")
    turn = Turn(stamped.at, state)
    turn.change(at=stamped.at)
    _delegate(turn, stamped.event)
    if turn.state.halts and (turn.state.halts is not state.halts or turn.state.trades is not state.trades):
        lifecycle.withdraw_entries(turn, lifecycle.HALTED)
    delivering.make_room(turn)
    if _may_change_urgency(state, turn.state):
        reconciling.schedule(turn)
    return turn.state, tuple(turn.outputs)


def _may_change_urgency(before: DeskState, after: DeskState) -> bool:
    """Whether the next reading of the broker may be due at another time now: chatter leaves all of these alone."""
    return (
        before.trades is not after.trades
        or before.timers is not after.timers
        or before.closings is not after.closings
        or before.reconciliation is not after.reconciliation
        or before.phase is not after.phase
    )


def _delegate(turn: Turn, event: events.Input) -> None:  # noqa: C901, PLR0912, PLR0915 - one arm for each event
    match event:
        case events.DeskStarted():
            reconciling.start(turn, event)
            delivering.resume(turn)
        case events.TimerFired():
            _on_timer(turn, event.timer_id)
        case events.AlertReceived():
            intake.on_message(turn, event)
        case events.MessageEdited():
            intake.on_edit(turn, event)
        case events.MessageDeleted():
            intake.on_delete(turn, event)
        case events.ContractResolved():
            entering.on_contract(turn, event)
        case events.ContractNotFound():
            entering.on_no_contract(turn, event)
        case events.QuoteRead():
            _on_quote(turn, event)
        case events.AccountRead():
            entering.on_account(turn, event)
        case events.ReadFailed():
            _on_read_failed(turn, event)
        case events.BrokerRead():
            _on_broker_read(turn, event)
        case events.OrderAccepted() | events.OrderRejected() | events.OrderNotSent() | events.OrderValidated():
            answering.on_answer(turn, event)
        case events.OrderWithheld():
            answering.on_withheld(turn, event)
        case events.OutcomeUnknown():
            if event.operation is not events.Operation.CANCEL:
                answering.on_answer(turn, event)
        case events.CancelAccepted() | events.CancelRefused():
            pass  # the order's own report says whether it ended, and reconciliation asks for it
        case events.OrderReported():
            reporting.on_report(turn, event.report)
        case events.AuthorizationLost():
            operating.on_authorization_lost(turn, event)
        case events.AuthorizationRestored():
            operating.on_authorization_restored(turn, event)
        case events.Delivered():
            delivering.on_delivered(turn, event)
        case events.NotDelivered():
            delivering.on_not_delivered(turn, event)
        case events.HaltRequested():
            operating.on_halt(turn, event)
        case events.ResumeRequested():
            operating.on_resume(turn, event)
        case events.CancelRequested():
            operating.on_cancel(turn, event)
        case events.ReplaceRequested():
            operating.on_replace(turn, event)
        case events.CloseRequested():
            selling.start_close_request(turn, event)
        case events.AuthorizationRefreshRequested(by=by):
            turn.emit(RefreshAuthorization(by))
        case events.AllowlistChangeRequested():
            operating.on_allowlist(turn, event)
        case _:
            assert_never(event)


def _on_quote(turn: Turn, event: events.QuoteRead, unread: str = "") -> None:
    trade = turn.state.trades.get(event.trade_id)
    closing = turn.state.closings.get(event.trade_id)
    if trade is not None:
        entering.on_entry_quote(turn, trade, event.quote, unread=unread)
    elif closing is not None:
        selling.on_closing_quote(turn, closing, event.quote, unread=unread)
    else:
        entering.on_candidate_quote(turn, event)


def _on_read_failed(turn: Turn, event: events.ReadFailed) -> None:
    if event.trade_id is None:
        return  # the desk's own question: the next reading asks again
    candidate = turn.state.candidates.get(event.trade_id)
    if candidate is not None:
        entering.on_candidate_unread(turn, candidate, event.detail)
    else:
        _on_quote(turn, events.QuoteRead(event.trade_id, None), event.detail)


def _on_broker_read(turn: Turn, event: events.BrokerRead) -> None:
    was_ready = turn.state.is_ready
    reconciling.on_broker_read(turn, event)
    if turn.state.is_ready and not was_ready:
        waiting = turn.state.waiting
        turn.change(waiting=())
        for received in waiting:
            intake.on_message(turn, received)


def _on_timer(turn: Turn, timer_id: str) -> None:
    due = turn.state.timers.get(timer_id)
    if due is None or due > turn.at:
        return  # forgotten since it was set, or set anew: the younger one will fire
    turn.change(timers={name: due for name, due in turn.state.timers.items() if name != timer_id})
    kind, _, rest = timer_id.partition(":")
    trade_id, _, detail = rest.partition(":")
    trade = turn.state.trades.get(trade_id)
    closing = turn.state.closings.get(trade_id)
    if kind == reconciling.TIMER:
        reconciling.ask(turn)
    elif kind == delivering.TIMER:
        delivering.try_again(turn, trade_id)
    elif closing is not None:
        _on_closing_timer(turn, kind, trade_id)
    elif trade is None:
        return  # its trade has closed meanwhile
    elif kind == "rung":
        entering.on_rung(turn, trade)
    elif kind == "expiry" and detail != "over":
        expiring.warn_of_expiry(turn, trade)
    else:  # the window's end, an exit or an unsent order to try again, or the account to look at after the last day
        lifecycle.progress(turn, trade)


def _on_closing_timer(turn: Turn, kind: str, trade_id: str) -> None:
    closing = turn.state.closings[trade_id]
    if kind == "window":
        selling.on_closing_window_end(turn, closing)
    elif kind == "rung":
        selling.on_closing_rung(turn, closing)
    else:
        selling.progress_closing(turn, closing)
