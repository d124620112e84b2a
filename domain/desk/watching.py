"""How long the broker is still read for what is over: an order that was given up may turn up, a fill be told late.

A report of it opens the trade again; but a report can get lost, and a desk that is flat would not ask.
"""

from datetime import timedelta

from domain.closing import Closing
from domain.desk.turn import Turn
from domain.orders import OrderStatus
from domain.trade import Trade

# Longer than any request is on its way and any fill is late, and past the session of a day order.
WATCH = timedelta(days=1)
# A long weekend. What comes into the account later than that was bought by a person.
RETURN_PATIENCE = timedelta(days=4)
NEVER_THERE = frozenset({OrderStatus.NOT_SENT, OrderStatus.VALIDATED})


def watch(turn: Turn, over: Trade | Closing) -> None:
    """Keep reading the broker for what is put aside now, if anything of it can have reached the broker."""
    orders = over.orders if isinstance(over, Trade) else over.ladder.orders if over.run is not None else ()
    if all(order.status in NEVER_THERE for order in orders):
        return
    returning = isinstance(over, Trade) and may_return(turn, over)
    until = turn.at + (RETURN_PATIENCE if returning else WATCH)
    if turn.state.watched_until is None or turn.state.watched_until < until:
        turn.change(watched_until=until)


def may_return(turn: Turn, trade: Trade) -> bool:
    """Return whether contracts that a trade lost are still taken for its own when the account shows them again."""
    recent = trade.lost_at is not None and turn.at - trade.lost_at <= RETURN_PATIENCE
    return bool(trade.lost) and recent and not trade.is_past_cut_off(turn.at)


def is_watching(turn: Turn) -> bool:
    """Return whether the broker is still read for something that is over."""
    until = turn.state.watched_until
    return until is not None and turn.at < until
