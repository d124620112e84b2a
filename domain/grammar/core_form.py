"""The core form at a glance: `Alert: BTO UBER 78p 12/05 @ 0.75` and nothing around it.

Most alerts are written so. One pattern fills the same slots that the steps would, for symbols that are nothing else;
what it does not match whole goes the long way. Shape, checks and building are the same for both, and a property test
holds that both read alike.
"""

import re

from domain.alerts import DaysToExpiry, ExpiryAsWritten, MonthDay
from domain.grammar.dates import written_date
from domain.grammar.order import FRACTIONS, Order, plain_strike
from domain.grammar.shapes import OPTION_ENTRY, OPTION_EXIT, Shape
from domain.grammar.vocabulary.symbols import KNOWN, SHARED_FUTURES_ROOTS, WORD_SYMBOLS
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import WORDS

_MATCH = re.compile(
    r" *+(?:(alert|lotto|super lotto) ?: *+)?"
    r"(bto|stc|buy|sell) ++(?:([1-9][0-9]{0,3}) ++)?"
    r"([a-z]++) ++"
    r"([0-9]++(?:\.[0-9]++)?+)([cp]) ++"
    r"(?:([0-9]{1,2})/([0-9]{1,2})(/(?:20)?[0-9][0-9])?|([0-9]{1,2})dte)"
    r"(?: ++(?:@ *+)?([0-9]++\.[0-9]++))? *+",
    re.IGNORECASE | re.ASCII,
).fullmatch

_LABELS = {"alert": ("alert",), "lotto": ("lotto",), "super lotto": ("super_lotto",)}
_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
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
    label, verb, quantity, symbol, strike, right, month, day, year, sessions, price = match.groups()
    known = _SYMBOLS.get(symbol)
    expiry = DaysToExpiry(int(sessions)) if sessions is not None else _date(month, day, year)
    if known is None or expiry is None or strike[0] == "0":
        return None
    verb = verb.lower()
    return Order(
        verb=VERBS[verb],
        verb_text=verb,
        symbol=known,
        strike=plain_strike(strike) if "." in strike else strike,
        right="C" if right in "cC" else "P",
        expiry=expiry,
        quantity=int(quantity) if quantity is not None else None,
        price=price,
        marked=True,
        head_labels=_LABELS[label.lower()] if label is not None else (),
    )


def core_shape(order: Order) -> Shape:
    """Return the shape of an order in the core form."""
    return OPTION_ENTRY if order.opens else OPTION_EXIT


def _date(month: str, day: str, year: str | None) -> ExpiryAsWritten | None:
    """Return the expiry, or None for what the steps must judge: no such day, a fraction, a year."""
    if year is not None:
        return written_date(f"20{year[-2:]}-{month}-{day}")
    month_number, day_number = int(month), int(day)
    if month_number >= len(_DAYS) or not 0 < day_number <= _DAYS[month_number] or f"{month}/{day}" in FRACTIONS:
        return None
    return MonthDay(month_number, day_number)
