"""What stands before the verb: labels, headings, a symbol. Anything else there means that the message is no order."""

from domain.alerts import NotAnAlert, Refusal
from domain.grammar.order import Order, refuse
from domain.grammar.profile import ChannelProfile
from domain.grammar.steps.remarks import REFUSALS
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import KNOWN
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import ENTRY_HEADINGS

_SKIPPED = frozenset({Kind.COLON, Kind.DASH, Kind.BREAK, Kind.HEADER, Kind.OPENING, Kind.CLOSING})
_SYMBOLS = frozenset({Kind.SYMBOL, Kind.FUTURE, Kind.WORD})
_CONTRACTS = frozenset({Kind.CONTRACT, Kind.RIGHT})
_CONTRACT_FIRST = frozenset({Kind.CONTRACT, Kind.DATE, Kind.RATIO, Kind.EXPIRY})
_VERBS_AFTER_CONTRACT = frozenset({"bto", "stc", "all out"})


def read_head(order: Order, tokens: list[Token], profile: ChannelProfile) -> int | NotAnAlert:
    """Read up to the verb and return the index behind it, or where a card's fields begin, or the refusal."""
    at = 0
    while True:
        token = tokens[at]
        kind = token.kind
        if kind is Kind.VERB or _heads_entry(tokens, at):
            order.verb_text = token.text
            order.verb = VERBS[token.value if kind is Kind.VERB else "opening"]
            _note_habit(order, token, profile)
            return at + 1
        if kind is Kind.LABEL:
            order.head_labels += (token.value,)
            if token.value in profile.labels:
                order.habits += (f"{profile.name}: labels",)
        elif kind in _SYMBOLS and _leads(token, tokens[at + 1]):
            order.symbol = token.value.upper()
            order.symbol_first = True
            order.cashtag, order.future = kind is not Kind.WORD, kind is Kind.FUTURE
        elif kind is Kind.FIELD or (kind in _SYMBOLS and _contract_leads(tokens, at)):
            return at
        elif kind in _SYMBOLS and profile.no_verb_is_entry:
            order.verb, order.verb_text = VERBS["opening"], "no verb"
            order.habits += (f"{profile.name}: no_verb_is_entry",)
            return at
        elif kind not in _SKIPPED:
            return _no_order(tokens, at)
        at += 1


def _heads_entry(tokens: list[Token], at: int) -> bool:
    return tokens[at].kind is Kind.HEADER and tokens[at].text in ENTRY_HEADINGS and tokens[at + 1].text == "\n"


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


def _note_habit(order: Order, token: Token, profile: ChannelProfile) -> None:
    for verbs, name in ((profile.entry_verbs, "entry_verbs"), (profile.exit_verbs, "exit_verbs")):
        if token.text in verbs:
            order.habits += (f"{profile.name}: {name}",)
