"""The grammar: a message's text -> `Alert | NotAnAlert(reason)`, total and in linear time.

normalise -> tokens with kinds -> one order, filled by a step a token -> a declared shape -> checks. Precision before
recall: a token that no step expects where it stands refuses the message, nothing is guessed, repaired or skipped.
"""

from datetime import date

from domain.alerts import Alert, NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar.profile import DEFAULT_PROFILE, ChannelProfile
from domain.grammar.reader import read_outcome

__all__ = ["DEFAULT_PROFILE", "ChannelProfile", "read"]


def read(
    text: str, posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile = DEFAULT_PROFILE
) -> Alert | NotAnAlert:
    """Return the alert that a message is, or the reason why it is none. Never raises, whatever the text.

    `posted_on` is the New York date of the posting. Without it (None) expiries are read but not resolved, and a date
    cannot be recognised as stale.
    """
    return read_outcome(text, posted_on, calendar, profile)[1]
