"""The one path of a reading, which `read` and `explain` share: text -> tokens -> order -> shape -> checks -> alert."""

from datetime import date

from domain.alerts import Alert, NotAnAlert, Refusal
from domain.calendar import TradingCalendar
from domain.grammar.building import build, settle
from domain.grammar.head import read_head
from domain.grammar.order import Order, refuse
from domain.grammar.profile import ChannelProfile
from domain.grammar.shortcuts.core_form import core_order, core_shape
from domain.grammar.shortcuts.first_look import surely_no_order
from domain.grammar.steps import STEPS
from domain.grammar.steps.contract import names_symbol
from domain.grammar.steps.remarks import REFUSALS
from domain.grammar.tokens import tokens_of
from domain.grammar.tokens.normalise import normalise
from domain.grammar.vocabulary.kinds import Kind, Token

TEXT_MAX = 4000

# What a card may hold before the field that names its verb: data, and nothing that comments on it.
_BEFORE_VERB = frozenset(
    {Kind.VERB, Kind.FIELD, Kind.LABEL, Kind.TAG, Kind.SYMBOL, Kind.FUTURE, Kind.WORD, Kind.CONTRACT, Kind.RIGHT}
    | {Kind.DATE, Kind.RATIO, Kind.EXPIRY, Kind.NUMBER, Kind.MONEY, Kind.RANGE, Kind.AT, Kind.MARKET, Kind.QUANTITY}
    | {Kind.COLON, Kind.COMMA, Kind.DASH, Kind.BREAK, Kind.OPENING, Kind.CLOSING, Kind.CONNECTIVE}
)

_Outcome = tuple[str | None, Alert | NotAnAlert]  # the shape's name, and what the message is


def read_outcome(text: str, posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile) -> _Outcome:
    """Return the name of the shape that a message fits, if any, and the alert or the reason why it is none."""
    if len(text) > TEXT_MAX:
        return None, refuse(Refusal.TOO_LONG, f"{len(text)} characters, {TEXT_MAX} are read")
    order = core_order(text)
    if order is not None:
        return build(order, posted_on, calendar, core_shape(order))
    if not (profile.no_verb_is_entry or profile.entry_verbs or profile.exit_verbs):
        refused = surely_no_order(text)
        if refused is not None:
            return None, refused
    return read_whole(text, posted_on, calendar, profile)


def read_whole(text: str, posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile) -> _Outcome:
    """Return the reading of a text token by token."""
    order = Order()
    plain = _unquoted(normalise(text), order, profile)
    if isinstance(plain, NotAnAlert):
        return None, plain
    tokens = _in_the_room(tokens_of(plain), profile)
    refused = _read_tokens(order, tokens, profile) or settle(order, profile)
    return (None, refused) if refused is not None else build(order, posted_on, calendar)


def tokens_in_the_room(text: str, profile: ChannelProfile) -> list[Token]:
    """Return the tokens of a message as the room means them, none for what is quoted."""
    plain = _unquoted(normalise(text[:TEXT_MAX]), Order(), profile)
    return _in_the_room(tokens_of(plain), profile) if isinstance(plain, str) else []


def _read_tokens(order: Order, tokens: list[Token], profile: ChannelProfile) -> NotAnAlert | None:
    at = read_head(order, tokens, profile)
    while not isinstance(at, NotAnAlert):
        token = tokens[at]
        if token.kind is Kind.END:
            return None
        if order.verb is None and token.kind not in _BEFORE_VERB:
            return refuse(REFUSALS.get(token.kind, Refusal.NO_VERB), token)
        if order.symbol is None and names_symbol(order, tokens, at):
            order.symbol = token.text.upper()
            at += 1
        else:
            at = STEPS[token.kind](order, tokens, at)
    return at


def _unquoted(plain: str, order: Order, profile: ChannelProfile) -> str | NotAnAlert:
    """Return a text without block quotes, or the inside of one where the room quotes its own alerts."""
    if ">" not in plain:
        return plain
    lines = [line.strip() for line in plain.split("\n") if line.strip()]
    quoted = [line.lstrip("> ") for line in lines if line.startswith(">")]
    if not quoted:
        return plain
    if not profile.quoted_is_alert or len(quoted) != len(lines):
        return refuse(Refusal.QUOTED, "> a block quote")
    order.habits += (f"{profile.name}: quoted_is_alert",)
    return "\n".join(quoted)


def _in_the_room(tokens: list[Token], profile: ChannelProfile) -> list[Token]:
    """Return the tokens with the room's own words for verbs and labels."""
    if not (profile.entry_verbs or profile.exit_verbs or profile.labels):
        return tokens
    own = {
        **{word: (Kind.LABEL, word) for word in profile.labels},
        **dict.fromkeys(profile.exit_verbs, (Kind.VERB, "stc")),
        **dict.fromkeys(profile.entry_verbs, (Kind.VERB, "opening")),
    }
    return [
        Token(own[token.text][0], token.text, own[token.text][1]) if token.text in own else token for token in tokens
    ]
