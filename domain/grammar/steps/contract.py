"""The steps for what an order is about: symbol, strike and side, expiry, and the fraction that looks like a date.

A step says what its token does to the order being read: it returns the index where reading goes on, or the refusal.
"""

from decimal import Decimal

from domain.alerts import ExpiryAsWritten, Refusal
from domain.grammar.dates import written_date, written_words
from domain.grammar.legs import read_chain, starts_chain
from domain.grammar.order import FRACTIONS, Order, Outcome, Step, plain_strike, refuse
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import (
    ADVERBS,
    COMPANY_NAMES,
    FUTURES_ROOTS,
    KNOWN,
    NEVER_SYMBOLS,
    SYMBOL_LETTERS_MAX,
    UNSUPPORTED,
    WORD_SYMBOLS,
    word_set,
)

SIZE_WORDS = word_set("size sized sz position pos")
EXPIRIES = frozenset({Kind.DATE, Kind.RATIO, Kind.EXPIRY})
_BEFORE_SYMBOL = EXPIRIES | {Kind.VERB, Kind.NUMBER, Kind.QUANTITY, Kind.FIELD, Kind.BREAK}
_WHEN = frozenset({"today", "tomorrow", "tmrw", "tmr"})
_CODES = frozenset({"bto", "stc", "sto", "btc"})  # nobody writes "STC now 640c"
_AFTER_SYMBOL = EXPIRIES | {Kind.CONTRACT}


def names_symbol(order: Order, tokens: list[Token], at: int) -> bool:
    """Say whether an English word stands where only its namesake symbol makes sense: "BTO GO 10/16 40C"."""
    token = tokens[at]
    if order.symbol is not None or order.closed or token.text not in WORD_SYMBOLS:
        return False
    if token.kind is Kind.FRACTION and not order.opens:
        return False
    if tokens[at - 1].kind not in _BEFORE_SYMBOL or (token.text in ADVERBS and order.verb_text not in _CODES):
        return False
    return tokens[at + 1].kind in _AFTER_SYMBOL


def step_symbol(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    if token.value == order.symbol:
        return at + 1
    if order.symbol is not None:
        return refuse(Refusal.SEVERAL_ORDERS, token)
    if token.value.lower() in UNSUPPORTED:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, token)
    if order.closed or order.priced:
        return refuse(Refusal.UNKNOWN_WORDS, token)
    order.symbol = token.value
    order.cashtag = True
    order.future = token.kind is Kind.FUTURE
    return at + 1


def step_word(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    word = token.text
    symbol = word.upper()
    if symbol == order.symbol:
        return at + 1
    if word in UNSUPPORTED:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, token)
    if order.symbol is not None:
        return refuse(Refusal.SEVERAL_ORDERS if symbol in KNOWN else Refusal.UNKNOWN_WORDS, token)
    if word in COMPANY_NAMES or word in NEVER_SYMBOLS or len(word) > SYMBOL_LETTERS_MAX:
        return refuse(Refusal.NO_SYMBOL, token)
    late = order.priced and (order.strike is not None or not order.opens)
    if order.closed or late or (order.strike is not None and symbol not in KNOWN):
        return refuse(Refusal.NO_SYMBOL, token)
    order.symbol = symbol
    if word in FUTURES_ROOTS:
        order.symbol = f"/{symbol}"
        order.future = True
    return at + 1


def step_contract(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    if order.strike is None and starts_chain(tokens, at):
        return read_chain(order, tokens, at)
    strike, right = Decimal(plain_strike(token.value[:-1])), token.value[-1]
    if order.strike is not None:
        same = (strike, right) == (order.strike, order.right)
        return at + 1 if same else refuse(Refusal.SEVERAL_ORDERS, token)
    if order.closed or order.loose is not None or order.strikes:
        return refuse(Refusal.MALFORMED, token)
    if order.right not in {None, right}:
        return refuse(Refusal.NO_SIDE, token)
    if not strike:
        return refuse(Refusal.BAD_VALUE, token)
    order.strike, order.right = strike, right
    return at + 1


def step_right(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    if order.right == token.value:
        return at + 1
    if order.right is not None or order.closed:
        return refuse(Refusal.NO_SIDE, token)
    order.right = token.value
    if order.loose is not None:
        order.strike, order.loose = Decimal(order.loose), None
    return at + 1


def step_date(order: Order, tokens: list[Token], at: int) -> Outcome:
    expiry = written_date(tokens[at].value)
    if expiry is None:
        return refuse(Refusal.BAD_EXPIRY, tokens[at])
    return _expires(order, tokens, at, expiry)


def step_expiry(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.closed and tokens[at].text.endswith("dte"):
        return refuse(Refusal.SEVERAL_ORDERS, tokens[at])
    if order.closed and (order.expiry is not None or not order.opens):
        return refuse(Refusal.PLAN, tokens[at]) if order.opens else at + 1
    doubtful = order.priced or order.strike is None or (order.verb is not None and order.verb.terse)
    if order.opens and doubtful and tokens[at].text in _WHEN:
        return refuse(Refusal.VAGUE_EXPIRY, f"{tokens[at].text}: when it expires, or when it was bought?")
    return _expires(order, tokens, at, written_words(tokens[at].value))


def _expires(order: Order, tokens: list[Token], at: int, expiry: ExpiryAsWritten) -> Outcome:
    if order.closed:
        return refuse(Refusal.VAGUE_EXPIRY, tokens[at])
    if order.expiry is None:
        order.expiry, order.expiry_text = expiry, tokens[at].text
    elif order.expiry != expiry:
        if order.second_expiry is not None:
            return refuse(Refusal.BAD_EXPIRY, tokens[at])
        order.second_expiry, order.second_expiry_text = expiry, tokens[at].text
    return at + 1


def step_ratio(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read 12/05 as a date and 1/2 as a fraction where its place leaves no doubt."""
    token = tokens[at]
    if order.opens and tokens[at + 1].text in SIZE_WORDS:
        order.tags += (f"{token.text} size",)
        return at + 2
    if token.value not in FRACTIONS or order.opens:
        if token.value in FRACTIONS and (order.symbol is None or order.priced or order.expiry is not None):
            return refuse(Refusal.MALFORMED, token)
        expiry = written_date("-" + token.value.replace("/", "-"))
        return refuse(Refusal.BAD_EXPIRY, token) if expiry is None else _expires(order, tokens, at, expiry)
    if order.symbol is None or order.priced or order.expiry is not None:
        return close_part(order, token, token.value, at + 1)
    if order.doubtful_ratio is not None:
        return refuse(Refusal.BAD_EXPIRY, token)
    order.doubtful_ratio = token.value
    return at + 1


def close_part(order: Order, token: Token, fraction: str, then: int) -> Outcome:
    """Fill the fraction of an exit; a number is preciser than "partial", two numbers contradict each other."""
    if order.about_rest:
        told = order.fraction is not None or order.quantity is not None
        return then if told else refuse(Refusal.UNCLEAR_EXIT, f"{token.text}: sold, or kept?")
    if order.fraction is None or order.fraction == "partial":
        order.fraction = fraction
    elif fraction not in {"partial", order.fraction}:
        return refuse(Refusal.UNCLEAR_EXIT, token)
    return then


CONTRACT_STEPS: dict[Kind, Step] = {
    Kind.SYMBOL: step_symbol,
    Kind.FUTURE: step_symbol,
    Kind.WORD: step_word,
    Kind.CONTRACT: step_contract,
    Kind.RIGHT: step_right,
    Kind.DATE: step_date,
    Kind.EXPIRY: step_expiry,
    Kind.RATIO: step_ratio,
}
