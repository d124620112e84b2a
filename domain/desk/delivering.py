"""The outbox: replies and notices that are not yet delivered. They are tried again, and never hold up a trade.

Delivered at least once: the delivery id is the same at every try, so that a room can drop a repetition.
"""

from datetime import timedelta

from attrs import evolve

from domain.bounds import MAX_OUTBOX
from domain.commands import Notify, Reply
from domain.desk.turn import Turn
from domain.events import Delivered, DeliveryGivenUp, NotDelivered
from domain.verdicts import Severity

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 300))
# A reply that comes an hour late helps nobody; a notice may have been the only sign, so it is kept up for a day.
REPLY_PATIENCE = timedelta(hours=1)
NOTICE_PATIENCE = timedelta(days=1)
TIMER = "deliver"


def on_delivered(turn: Turn, event: Delivered) -> None:
    _drop(turn, event.delivery_id)


def on_not_delivered(turn: Turn, event: NotDelivered) -> None:
    """Try again after a growing pause, or record that it is too late."""
    delivery = turn.state.outbox.get(event.delivery_id)
    if delivery is None:
        return
    patience = REPLY_PATIENCE if isinstance(delivery.what, Reply) else NOTICE_PATIENCE
    if turn.at - delivery.since >= patience:
        _drop(turn, event.delivery_id)
        turn.emit(DeliveryGivenUp(event.delivery_id, event.detail))
        return
    turn.start_timer(TIMER, event.delivery_id, turn.at + DELAYS[min(delivery.attempts, len(DELAYS)) - 1])


def try_again(turn: Turn, delivery_id: str) -> None:
    delivery = turn.state.outbox.get(delivery_id)
    if delivery is not None:
        again = evolve(delivery, attempts=delivery.attempts + 1)
        turn.change(outbox={**turn.state.outbox, delivery_id: again})
        turn.emit(delivery.what)


def make_room(turn: Turn) -> None:
    """Give up the oldest of an outbox that is too full: replies before notices, pages last. The log keeps the text."""
    while len(turn.state.outbox) > MAX_OUTBOX:
        waiting = turn.state.outbox.items()
        oldest, _ = min(waiting, key=lambda item: _worth(item[1].what))  # the first of the least, in order of time
        _drop(turn, oldest)
        turn.emit(DeliveryGivenUp(oldest, f"more than {MAX_OUTBOX} replies and notices wait"))


def _worth(what: Reply | Notify) -> int:
    if isinstance(what, Reply):
        return 0
    return 2 if what.severity is Severity.PAGE else 1


def resume(turn: Turn) -> None:
    """Hand over again what an ended process may not have delivered."""
    for delivery_id in turn.state.outbox:
        if f"{TIMER}:{delivery_id}" not in turn.state.timers:
            try_again(turn, delivery_id)


def _drop(turn: Turn, delivery_id: str) -> None:
    turn.change(outbox={name: kept for name, kept in turn.state.outbox.items() if name != delivery_id})
