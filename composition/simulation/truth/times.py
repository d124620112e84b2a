"""What must hold on a day without anything that delays: an answer within seconds of a message, an exit of a fill."""

from datetime import datetime, timedelta

from composition.simulation.truth.books import Truth
from composition.simulation.truth.witness import Witness
from domain.commands import Reply
from domain.desk import DeskState
from domain.events import AlertReceived, Operation, Stamped
from domain.exits import covered_quantity
from domain.orders import OrderRole
from domain.trade import Trade

ANSWER_WITHIN, EXIT_WITHIN = timedelta(seconds=10), timedelta(seconds=5)


def check_times(state: DeskState, truth: Truth, witness: Witness) -> None:
    """Hold a calm day to the times of the specification."""
    _check_answers(witness)
    closings = (*state.closings.values(), *state.finished.values())
    in_hand = {trade_id for closing in closings for trade_id in closing.trades}  # no exit is placed during a close
    for trade in (*state.trades.values(), *state.archive.values()):
        if trade.trade_id not in witness.touched_orders | in_hand:
            _check_exits(trade, truth, witness)


def _check_answers(witness: Witness) -> None:
    received: dict[str, datetime] = {}
    for row in witness.rows:
        body = row.body
        if isinstance(body, Stamped) and isinstance(body.event, AlertReceived):
            received[body.event.trade_id] = row.at
        elif isinstance(body, Reply) and body.status is not None and body.trade_id in received:
            took = row.at - received.pop(body.trade_id)
            if took > ANSWER_WITHIN:
                words = f"{body.trade_id} was answered after {took.total_seconds():.1f} s"
                witness.violate("in time", words, body.trade_id)


def _check_exits(trade: Trade, truth: Truth, witness: Witness) -> None:
    """Each fill at the broker is covered by exits that left within the time."""
    sent = [
        (post.at, post.order.quantity)
        for post in witness.posts
        if (post.order.trade_id, post.order.role, post.operation) == (trade.trade_id, OrderRole.EXIT, Operation.SUBMIT)
    ]
    entries = truth.chains.get(f"{trade.trade_id}-{OrderRole.ENTRY}", [])
    bought = 0
    for fill in sorted((fill for order in entries for fill in order.fills), key=lambda fill: fill.at):
        bought += fill.quantity
        covered = sum(quantity for at, quantity in sent if at <= fill.at + EXIT_WITHIN)
        if covered < covered_quantity(bought, trade.policy):
            words = (
                f"{bought} bought by {fill.at:%H:%M:%S} and {covered} offered {EXIT_WITHIN.total_seconds():g} s later"
            )
            witness.violate("in time", f"{trade.trade_id}: {words}", trade.trade_id)
