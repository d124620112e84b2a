"""The core form at a glance: `Alert: BTO UBER 78p 12/05 @ 0.75` and nothing around it.

Most alerts are written so. One pattern fills the same slots that the steps would, for symbols that are nothing else;
what it does not match whole goes the long way. Shape, checks and building are the same for both, and a property test
holds that both read alike.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from domain.alerts import DaysToExpiry, ExpiryAsWritten, MonthDay
from domain.grammar.dates import written_date
from domain.grammar.order import Order, plain_strike
from domain.grammar.shapes import OPTION_ENTRY, OPTION_EXIT, Shape
from domain.grammar.vocabulary.symbols import KNOWN, SHARED_FUTURES_ROOTS
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import WORDS

_MATCH = re.compile(
    r" *+(?:@(?:everyone|here) ++)?(?:(alert|lotto|super lotto) ?: *+)?"
    r"(bto|stc|buy|sell) ++(?:([1-9][0-9]{0,3}) ++)?"
    r"([a-z]++) ++"
    r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([cp]) ++"
    r"(?:([0-9]{1,2})/([0-9]{1,2})(/(?:20)?[0-9][0-9])?|([0-9]{1,2})dte)"
    r"(?: ++(?:@ *+)?([0-9]{0,6}\.[0-9]{1,4}))?(?: ++@(?:everyone|here))* *+",
    re.IGNORECASE | re.ASCII,
).fullmatch

_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FRACTION_DAYS_MAX = 4  # 3/4 is the last day that may be a fraction


def _in_both_cases(words: Iterable[str]) -> dict[str, str]:
    return {form: word.lower() for word in words for form in (word.lower(), word.upper(), word.capitalize())}


_LABELS = {form: (word.replace(" ", "_"),) for form, word in _in_both_cases(("alert", "lotto", "super lotto")).items()}
_LABELS["Super Lotto"] = ("super_lotto",)
_VERBS = {form: (VERBS[word], word) for form, word in _in_both_cases(("bto", "stc", "buy", "sell")).items()}
_OTHERWISE_READ = SHARED_FUTURES_ROOTS | WORDS.keys()
_SYMBOLS = {
    form: symbol
    for symbol in KNOWN
    if symbol.isalpha() and symbol.lower() not in _OTHERWISE_READ
    for form in (symbol, symbol.lower())
}


def core_order(text: str) -> Order | None:
    """Return the order of a message that is nothing but the core form, or None."""
    match = _MATCH(text)
    if match is None:
        return None
    label, verb, quantity, symbol, strike, right, month, day, year, sessions, price = match.groups()
    known, verb_read = _SYMBOLS.get(symbol), _VERBS.get(verb)
    labels = _LABELS.get(label) if label is not None else ()
    expiry = DaysToExpiry(int(sessions)) if sessions is not None else _date(month, day, year)
    if known is None or verb_read is None or labels is None or expiry is None or strike[0] == "0":
        return None
    return Order(
        verb=verb_read[0],
        verb_text=verb_read[1],
        symbol=known,
        strike=Decimal(plain_strike(strike) if "." in strike else strike),
        right="C" if right in "cC" else "P",
        expiry=expiry,
        quantity=int(quantity) if quantity is not None else None,
        price=Decimal(price) if price is not None else None,
        head_labels=labels,
    )


def core_shape(order: Order) -> Shape:
    """Return the shape of an order in the core form."""
    return OPTION_ENTRY if order.opens else OPTION_EXIT


def _date(month: str, day: str, year: str | None) -> ExpiryAsWritten | None:
    """Return the expiry, or None for what the steps must judge: no such day, perhaps a fraction."""
    if year is not None:
        return written_date(f"20{year[-2:]}-{month}-{day}")
    month_number, day_number = int(month), int(day)
    if month_number >= len(_DAYS) or not _FRACTION_DAYS_MAX < day_number <= _DAYS[month_number]:
        return None
    return MonthDay(month_number, day_number)
