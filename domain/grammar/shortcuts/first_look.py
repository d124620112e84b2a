"""The cheap first look that decides nine messages in ten: a text without a verb where a verb may stand is no order.

It only says no where the whole reading would; letters that imitate others pass on.
"""

import re

from domain.alerts import NotAnAlert, Refusal
from domain.grammar.steps.remarks import REFUSALS
from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.symbols import FUTURES_ROOTS, KNOWN
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import FIELDS, PHRASES, WORDS

NO_VERB_AT_ALL = NotAnAlert(Refusal.NO_ORDER, "no verb of an order where one may stand")

_STARTING = frozenset({Kind.VERB, Kind.HEADER, Kind.LABEL})
_VERBS = frozenset(word for word, (kind, _) in WORDS.items() if kind is Kind.VERB)
_PHRASES = [(words, kind) for phrases in PHRASES.values() for words, kind, _ in phrases]
# A verb's phrase without a verb in it is known by its longest word: "got stopped on".
_CUES = _VERBS | {max(words, key=len) for words, kind in _PHRASES if kind is Kind.VERB and _VERBS.isdisjoint(words)}
# Without a number only an exit can be read ("taking some off"), and it must name a symbol that is known.
_NUMBERLESS_CUES = _CUES - {word for word in _VERBS if VERBS[WORDS[word][1]].opens} | {"some", "half"}
_CUES |= {"entry", "position"}  # headings
_PLAIN_CUES = frozenset({"bto", "stc", "sto", "btc", "buy", "buying", "bought", "sell", "selling", "sold"})
_STARTERS = (
    {word for word, (kind, _) in WORDS.items() if kind in _STARTING}
    | {words[0] for words, kind in _PHRASES if kind in _STARTING}
    | {field.split()[0] for field in FIELDS}
    | {symbol.lower().partition(".")[0] for symbol in KNOWN}
    | {"bf"}
)

_NAMES = {symbol.lower().partition(".")[0] for symbol in KNOWN} | FUTURES_ROOTS | {"bf"}
_NAMES = (_NAMES - WORDS.keys()) | {word for word, (kind, _) in WORDS.items() if kind is Kind.SHARES}

_UNKNOWN = (Kind.WORD, "")

_has_digit = re.compile(r"[0-9]").search
_WORDS = re.compile(r"[a-z]++").findall
_FIRST_WORD = re.compile(r"[^a-z0-9@<:$/]*+([a-z]++)(?![0-9])").match
_CONTRACT = re.compile(r"[0-9][0-9.]{0,8}\$? ?[cp](?![abd-oq-z])").search
# Beyond ASCII only plain pictures and punctuation are let pass: nothing that is, joins or imitates a letter.
_DOUBTFUL = re.compile(
    "[^\\x00-\\x7f\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2190-\u21ff\u2500-\u2bff\U0001f300-\U0001faff]"
).search
_JOINERS = str.maketrans({"'": None, "\u2018": None, "\u2019": None, "\ufe0f": None})


def surely_no_order(text: str) -> NotAnAlert | None:
    """Return the refusal of a message that no verb can make an order, or None when it must be read."""
    plain = text.lower()
    if not text.isascii():
        plain = plain.replace("\ufe0f", "")
        if _DOUBTFUL(plain) is not None:
            return None
    if "'" in plain or "\u2019" in plain or "\u2018" in plain:
        plain = plain.translate(_JOINERS)
    words = _WORDS(plain)
    if not words:
        return None
    first = _FIRST_WORD(plain)
    if (first is None or first[1] in _STARTERS) and _may_be_order(plain, words):
        return None
    ordering = not _PLAIN_CUES.isdisjoint(words)
    if not ordering and _CONTRACT(plain) is None:
        return NO_VERB_AT_ALL
    return _reason(words, Refusal.UNKNOWN_WORDS if ordering else Refusal.NO_VERB)


def _may_be_order(plain: str, words: list[str]) -> bool:
    if _CUES.isdisjoint(words):
        return False
    if not _PLAIN_CUES.isdisjoint(words) or _has_digit(plain) is not None:
        return True
    closes = not _NUMBERLESS_CUES.isdisjoint(words)
    return closes and (not _NAMES.isdisjoint(words) or "$" in plain or "/" in plain)


def _reason(words: list[str], otherwise: Refusal) -> NotAnAlert:
    """Name the first word that makes a message with an order's words none."""
    for word in words:
        kind = WORDS.get(word, _UNKNOWN)[0]
        if kind in REFUSALS and kind is not Kind.GAIN:
            return NotAnAlert(REFUSALS[kind], word)
    return NotAnAlert(otherwise, words[0])
