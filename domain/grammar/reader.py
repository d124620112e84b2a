"""Tokens -> order: the head before the verb, then one step a token. The one path that `read` and `explain` share."""

from datetime import date

from attrs import frozen

from domain.alerts import Alert, NotAnAlert, Refusal
from domain.calendar import TradingCalendar
from domain.grammar.building import build, settle
from domain.grammar.order import Order, refuse
from domain.grammar.profile import ChannelProfile
from domain.grammar.shapes import Shape
from domain.grammar.steps import STEPS
from domain.grammar.steps.data import names_symbol
from domain.grammar.steps.remarks import REFUSALS
from domain.grammar.tokens.fusing import fuse
from domain.grammar.tokens.normalise import normalise
from domain.grammar.tokens.scanner import scan
from domain.grammar.vocabulary import prose  # noqa: F401  (enters its words)
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import KNOWN
from domain.grammar.vocabulary.verbs import VERBS

TEXT_MAX = 4000

_HEAD_SKIPPED = frozenset({Kind.COLON, Kind.DASH, Kind.BREAK, Kind.HEADER, Kind.OPENING, Kind.CLOSING})
_SYMBOLS = frozenset({Kind.SYMBOL, Kind.FUTURE, Kind.WORD})
_CONTRACTS = frozenset({Kind.CONTRACT, Kind.RIGHT})
_CONTRACT_FIRST = frozenset({Kind.CONTRACT, Kind.DATE, Kind.RATIO, Kind.EXPIRY})
_VERBS_AFTER_CONTRACT = frozenset({"bto", "stc", "all out"})
_ENTRY_HEADINGS = frozenset({"entry", "new entry", "entry alert", "new position"})


@frozen
class Reading:
    """What `explain` shows: the tokens, the shape that fitted, and the outcome that `read` returns."""

    tokens: tuple[Token, ...]
    shape: str | None
    outcome: Alert | NotAnAlert


def read_text(text: str, posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile) -> Reading:
    """Return the reading of a message."""
    if len(text) > TEXT_MAX:
        return Reading((), None, refuse(Refusal.TOO_LONG, f"{len(text)} characters, {TEXT_MAX} are read"))
    plain = normalise(text)
    habits: list[str] = []
    if ">" in plain:
        unquoted = _unquoted(plain)
        if unquoted is not None and not (profile.quoted_is_alert and unquoted):
            return Reading((), None, refuse(Refusal.QUOTED, "> a block quote"))
        if unquoted is not None:
            plain = unquoted
            habits.append(f"{profile.name}: quoted_is_alert")
    tokens = fuse(scan(plain))
    if profile.entry_verbs or profile.exit_verbs or profile.labels:
        tokens = [_as_in_the_room(token, profile) for token in tokens]
    shape, outcome = _read_tokens(tokens, posted_on, calendar, profile, habits)
    return Reading(tuple(tokens), shape.name if shape is not None else None, outcome)


def _read_tokens(
    tokens: list[Token], posted_on: date | None, calendar: TradingCalendar, profile: ChannelProfile, habits: list[str]
) -> tuple[Shape | None, Alert | NotAnAlert]:
    order = Order(habits=habits)
    at = _head(order, tokens, profile)
    while not isinstance(at, NotAnAlert):
        token = tokens[at]
        if token.kind is Kind.END:
            refused = settle(order, profile)
            return (None, refused) if refused is not None else build(order, posted_on, calendar)
        if order.symbol is None and names_symbol(order, tokens, at):
            order.symbol = token.text.upper()
            at += 1
        else:
            at = STEPS[token.kind](order, tokens, at)
    return None, at


def _head(order: Order, tokens: list[Token], profile: ChannelProfile) -> int | NotAnAlert:
    """Read up to the verb: labels, headings, and a symbol directly before the verb."""
    at = 0
    while True:
        token = tokens[at]
        kind = token.kind
        if kind is Kind.VERB:
            order.verb, order.verb_text = VERBS[token.value], token.text
            _note_habit(order, token, profile)
            return at + 1
        if kind is Kind.HEADER and token.text in _ENTRY_HEADINGS and tokens[at + 1].text == "\n":
            order.verb, order.verb_text = VERBS["opening"], token.text
            return at + 1
        if kind is Kind.LABEL:
            order.head_labels.append(token.value)
            if token.value in profile.labels:
                order.habits.append(f"{profile.name}: labels")
        elif kind is Kind.FIELD:
            return at
        elif kind in _SYMBOLS and _leads(token, tokens[at + 1]):
            order.symbol = token.value if kind is not Kind.WORD else token.text.upper()
            order.symbol_first = True
            order.cashtag, order.future = kind is not Kind.WORD, kind is Kind.FUTURE
        elif kind in _SYMBOLS and _contract_leads(tokens, at):
            return at
        elif kind in _SYMBOLS and profile.no_verb_is_entry:
            order.verb, order.verb_text = VERBS["opening"], "no verb"
            order.habits.append(f"{profile.name}: no_verb_is_entry")
            return at
        elif kind not in _HEAD_SKIPPED:
            return _no_order(tokens, at)
        at += 1


def _leads(token: Token, after: Token) -> bool:
    return after.kind is Kind.VERB and (token.kind is not Kind.WORD or token.text.upper() in KNOWN)


def _contract_leads(tokens: list[Token], at: int) -> bool:
    """Say whether a whole contract stands before one of the verbs that nobody uses in a story."""
    if tokens[at].kind is Kind.WORD and tokens[at].text.upper() not in KNOWN:
        return False
    behind = at + 1
    while tokens[behind].kind in _CONTRACT_FIRST:
        behind += 1
    return behind > at + 1 and tokens[behind].text in _VERBS_AFTER_CONTRACT


def _no_order(tokens: list[Token], at: int) -> NotAnAlert:
    """Name the reason why a message whose head is not understood is no order: the first word that says so."""
    for token in tokens:
        if token.kind in REFUSALS:
            return refuse(REFUSALS[token.kind], token)
    kinds = {token.kind for token in tokens}
    if kinds == {Kind.END}:
        return refuse(Refusal.EMPTY, "")
    if Kind.VERB in kinds:
        return refuse(Refusal.UNKNOWN_WORDS, tokens[at])
    return refuse(Refusal.NO_VERB if kinds & _CONTRACTS else Refusal.NO_ORDER, "")


def _unquoted(plain: str) -> str | None:
    """Return None for a text without a block quote, its inside if all of it is quoted, and "" if a part is."""
    lines = [line.strip() for line in plain.split("\n") if line.strip()]
    quoted = [line.lstrip("> ") for line in lines if line.startswith(">")]
    if not quoted:
        return None
    return "\n".join(quoted) if len(quoted) == len(lines) else ""


def _as_in_the_room(token: Token, profile: ChannelProfile) -> Token:
    if token.text in profile.entry_verbs:
        return Token(Kind.VERB, token.text, "opening")
    if token.text in profile.exit_verbs:
        return Token(Kind.VERB, token.text, "stc")
    if token.text in profile.labels:
        return Token(Kind.LABEL, token.text, token.text)
    return token


def _note_habit(order: Order, token: Token, profile: ChannelProfile) -> None:
    for verbs, name in ((profile.entry_verbs, "entry_verbs"), (profile.exit_verbs, "exit_verbs")):
        if token.text in verbs:
            order.habits.append(f"{profile.name}: {name}")
