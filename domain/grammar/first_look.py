"""The cheap first look that decides nine messages in ten: a text without one word that a verb needs is no order.

It only says no where the whole reading would: letters that imitate others, and text that names a contract (whose
refusal should say what is missing), pass on.
"""

import re

from domain.alerts import NotAnAlert, Refusal
from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.words import PHRASES, WORDS

NO_VERB_AT_ALL = NotAnAlert(Refusal.NO_ORDER, "no word that an order needs")

_VERBS = frozenset(word for word, (kind, _) in WORDS.items() if kind is Kind.VERB)
# A phrase without a verb in it is known by its last word: "got stopped on".
_CUES = (
    _VERBS
    | {"entry", "position"}
    | {
        words[-1]
        for phrases in PHRASES.values()
        for words, kind, _ in phrases
        if kind is Kind.VERB and _VERBS.isdisjoint(words)
    }
)
_WORDS = re.compile(r"[a-z]++").findall
_CONTRACT = re.compile(r"[0-9][0-9.]*+\$? ?[cp](?![abd-oq-z])").search
# Beyond ASCII only plain pictures and punctuation are let pass: nothing that is, joins or imitates a letter.
_DOUBTFUL = re.compile(
    "[^\\x00-\\x7f\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2190-\u21ff\u2500-\u2bff\U0001f300-\U0001faff]"
).search
_JOINERS = str.maketrans({"'": None, "\u2018": None, "\u2019": None, "\ufe0f": None})


def surely_no_order(text: str) -> NotAnAlert | None:
    """Return the refusal of a message that names no verb, or None when it must be read."""
    plain = text.lower()
    if not text.isascii() or "'" in text:
        plain = plain.translate(_JOINERS)
        if _DOUBTFUL(plain) is not None:
            return None
    words = _WORDS(plain)
    if words and _CUES.isdisjoint(words) and _CONTRACT(plain) is None:
        return NO_VERB_AT_ALL
    return None
