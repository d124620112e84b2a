"""What is over for so long that no news of it can come: forgotten at the start and at the first look of each day."""

from domain.calendar import new_york_date
from domain.desk.state import ARCHIVE_DAYS
from domain.desk.turn import Turn


def forget_old(turn: Turn) -> None:
    """Forget what had its last news before the archive goes back. Message ids are kept.

    A close is kept as long as a trade that it sold of: what one of them has sold, the other no longer holds.
    """
    state, oldest = turn.state, turn.at - ARCHIVE_DAYS
    archive = {key: trade for key, trade in state.archive.items() if trade.last_news_at >= oldest}
    known = archive.keys() | state.trades.keys()
    turn.change(
        archive=archive,
        finished={
            key: closing
            for key, closing in state.finished.items()
            if closing.started_at >= oldest or known & set(closing.trades)
        },
        entries=tuple(mark for mark in state.entries if mark.at >= oldest),
    )


def alerts_today(turn: Turn) -> int:
    """Return how many alerts were acted on in this trading day."""
    return len(turn.state.seen.get(new_york_date(turn.at), ()))
