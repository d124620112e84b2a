"""The core form at a glance: `Alert: BTO UBER 78p 12/05 @ 0.75` and nothing around it.

Most alerts are written so. One pattern fills the same slots that the steps would, for symbols that are nothing else;
what it does not match whole goes the long way. Shape, checks and building are the same for both, and a property test
holds that both read alike.
"""

import re

from domain.alerts import DaysToExpiry, ExpiryAsWritten
from domain.grammar.dates import written_date
from domain.grammar.order import FRACTIONS, Order, plain_strike
from domain.grammar.vocabulary.symbols import KNOWN, SHARED_FUTURES_ROOTS, WORD_SYMBOLS
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import WORDS

_MATCH = re.compile(
    r"\s*+(?:(alert|lotto|super lotto) ?: *+)?"
    r"(bto|stc|buy|sell) ++"
    r"([a-z]++) ++"
    r"([0-9]++(?:\.[0-9]++)?+)([cp]) ++"
    r"(?:([0-9]{1,2}/[0-9]{1,2})(?:/(?:20)?([0-9][0-9]))?|([0-9]{1,2})dte)"
    r"(?: ++(?:@ *+)?([0-9]++\.[0-9]++))?\s*+",
    re.IGNORECASE | re.ASCII,
).fullmatch

_LABELS = {None: (), "alert": ("alert",), "lotto": ("lotto",), "super lotto": ("super_lotto",)}
_SYMBOLS = {
    form: symbol
    for symbol in KNOWN
    if symbol.isalpha() and symbol.lower() not in SHARED_FUTURES_ROOTS | WORD_SYMBOLS | WORDS.keys()
    for form in (symbol, symbol.lower())
}


def core_order(text: str) -> Order | None:
    """Return the order of a message that is nothing but the core form, or None."""
    match = _MATCH(text)
    if match is None:
        return None
    label, verb, symbol, strike, right, day, year, sessions, price = match.groups()
    known = _SYMBOLS.get(symbol)
    if known is None or not float(strike):
        return None
    expiry: ExpiryAsWritten | None
    if sessions is not None:
        expiry = DaysToExpiry(int(sessions))
    elif day in FRACTIONS:
        return None
    else:
        expiry = written_date(f"{'20' + year if year else ''}-{day.replace('/', '-')}")
        if expiry is None:
            return None
    return Order(
        verb=VERBS[verb.lower()],
        verb_text=verb.lower(),
        symbol=known,
        strike=plain_strike(strike),
        right=right.upper(),
        expiry=expiry,
        price=price,
        marked=True,
        head_labels=[*_LABELS[label.lower() if label is not None else None]],
    )
