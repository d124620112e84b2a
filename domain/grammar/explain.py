"""Why a message is read as it is: its tokens with their kinds, the shape it fits, and the outcome of `read`."""

from datetime import date

from attrs import frozen

from domain.alerts import Alert, NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar.profile import DEFAULT_PROFILE, ChannelProfile
from domain.grammar.reader import read_outcome, tokens_in_the_room
from domain.grammar.vocabulary.kinds import Kind
from domain.value import Value


@frozen
class ExplainedToken(Value):
    """A piece of the message as the grammar saw it, and the kind of thing it took it for."""

    text: str
    kind: str


@frozen
class Explanation(Value):
    """`shape` is None where reading ended before the order had one. `profile` is the name of the room's profile."""

    tokens: tuple[ExplainedToken, ...]
    shape: str | None
    outcome: Alert | NotAnAlert
    profile: str


def explain(
    text: str, posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile = DEFAULT_PROFILE
) -> Explanation:
    """Return the reading of a message with what led to it. The outcome is `read`'s own."""
    shape, outcome = read_outcome(text, posted_on, calendar, profile)
    tokens = (token for token in tokens_in_the_room(text, profile) if token.kind is not Kind.END)
    return Explanation(
        tuple(ExplainedToken(token.text, token.kind.value) for token in tokens), shape, outcome, profile.name
    )
