"""The last trading day of what is held: when it is warned of, and in which words. Nothing is sold because of it."""

from datetime import timedelta

from domain.desk.turn import Turn
from domain.trade import Trade
from domain.verdicts import Severity
from domain.wording import new_york_hour

HOUR_BEFORE = timedelta(hours=1)
# The account is looked at again when everything of the last day has been told.
LOOK_AFTER = timedelta(minutes=5)


def warn_before_expiry(turn: Turn, trade: Trade) -> None:
    """Set the warnings of the last trading day: at its open, and an hour before the cut-off."""
    cut_off, expires_on = trade.contract.cut_off, trade.contract.expires_on
    if cut_off is None or expires_on is None:
        return
    session = trade.contract.calendar.session(expires_on)
    moments = {"hour": cut_off - HOUR_BEFORE, "over": cut_off + LOOK_AFTER}
    if session is not None:
        moments["morning"] = session.opens_at
    for name, due_at in moments.items():
        if due_at > turn.at:
            turn.start_timer("expiry", trade.trade_id, due_at, name)


def warn_of_expiry(turn: Turn, trade: Trade) -> None:
    """Tell what is still held while it can still be sold."""
    label, cut_off = trade.contract.label, trade.contract.cut_off
    if trade.held > 0 and cut_off is not None and turn.at < cut_off:
        until = new_york_hour(cut_off)
        text = f"{trade.held} {label} are still held on their last trading day; orders are taken until {until}."
        turn.notify(Severity.WARNING, text, trade.trade_id)
