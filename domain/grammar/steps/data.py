"""The steps for an order's data: symbol, contract, expiry, quantity, price, fraction.

A step says what its token does to the order being read: it returns the index where reading goes on, or the refusal.
"""

from decimal import Decimal

from domain.alerts import ExpiryAsWritten, Level, Refusal
from domain.grammar.dates import written_date, written_words
from domain.grammar.legs import read_chain, starts_chain
from domain.grammar.order import FRACTIONS, Order, Outcome, Step, is_whole, plain_strike, positive, refuse
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import (
    COMPANY_NAMES,
    FUTURES_ROOTS,
    KNOWN,
    NEVER_SYMBOLS,
    SYMBOL_LETTERS_MAX,
    UNSUPPORTED,
    WORD_SYMBOLS,
    word_set,
)

AMOUNTS = frozenset({Kind.NUMBER, Kind.MONEY})
_SIZE_WORDS = word_set("size sized sz position pos")
_ACCOUNT_WORDS = word_set("size sized sz position pos risk port portfolio account")
_AVERAGE = frozenset({"avg", "average"})
_MARKET_WORDS = frozenset({"m", "mkt", "mrkt", "market"})
_EXPIRIES = frozenset({Kind.DATE, Kind.RATIO, Kind.EXPIRY})
_AFTER_SYMBOL = _EXPIRIES | {Kind.CONTRACT}
_QUANTITY_DIGITS_MAX = 6
PRICE_DECIMALS_MAX = 4
RANGE_WIDTH_MAX = Decimal("1.4")


def names_symbol(order: Order, tokens: list[Token], at: int) -> bool:
    """Say whether an English word stands where only its namesake symbol makes sense: "BTO GO 10/16 40C"."""
    token = tokens[at]
    if order.symbol is not None or order.closed or token.text not in WORD_SYMBOLS:
        return False
    if token.kind is Kind.FRACTION and not order.opens:
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
    if order.closed or (order.strike is not None and (order.priced or symbol not in KNOWN)):
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
    return _expires(order, tokens, at, written_words(tokens[at].value))


def _expires(order: Order, tokens: list[Token], at: int, expiry: ExpiryAsWritten) -> Outcome:
    if order.closed:
        return refuse(Refusal.VAGUE_EXPIRY, tokens[at])
    if order.expiry is None:
        order.expiry = expiry
    elif order.expiry != expiry:
        if order.second_expiry is not None:
            return refuse(Refusal.BAD_EXPIRY, tokens[at])
        order.second_expiry = expiry
    return at + 1


def step_ratio(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read 12/05 as a date and 1/2 as a fraction where its place leaves no doubt."""
    token = tokens[at]
    if order.opens and tokens[at + 1].text in _SIZE_WORDS:
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


def step_amount(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read a number without a marker: a quantity before the symbol, a strike after it, then a price with decimals."""
    token = tokens[at]
    number = token.value
    plain = token.kind is Kind.NUMBER
    if order.closed:
        return refuse(Refusal.UNCLEAR_PRICE, token)
    if order.symbol is None:
        if not (plain and is_whole(number)):
            return refuse(Refusal.NO_SYMBOL, token)
        return _quantity(order, token, number, at + 1)
    if order.strike is None and not order.strikes:
        if starts_chain(tokens, at):
            return read_chain(order, tokens, at)
        if order.loose is not None or order.priced:
            return refuse(Refusal.UNCLEAR_PRICE, token)
        if order.right is not None:  # "calls 640 12/19", and no "puts 2.50"
            if not (is_whole(number) and tokens[at - 1].kind is Kind.RIGHT and tokens[at + 1].kind in _EXPIRIES):
                return refuse(Refusal.NO_STRIKE, token)
            order.strike = Decimal(plain_strike(number))
        else:
            order.loose = plain_strike(number)
        return at + 1
    if order.priced or (plain and is_whole(number)):
        return refuse(Refusal.UNCLEAR_PRICE, token)
    return set_price(order, token, at + 1)


def _quantity(order: Order, token: Token, number: str, then: int) -> Outcome:
    if len(number) > _QUANTITY_DIGITS_MAX or int(number) == 0:
        return refuse(Refusal.BAD_VALUE, token)
    if order.quantity not in {None, int(number)}:
        return refuse(Refusal.BAD_VALUE, token)
    order.quantity = int(number)
    return then


def step_quantity(order: Order, tokens: list[Token], at: int) -> Outcome:
    return _quantity(order, tokens[at], tokens[at].value, at + 1)


def step_shares(order: Order, tokens: list[Token], at: int) -> Outcome:
    if order.closed or order.strike is not None:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, tokens[at])
    order.shares = True
    return at + 1


def set_price(order: Order, token: Token, then: int) -> Outcome:
    """Fill the price and go on at `then`; a second price is refused unless it is the same."""
    if order.price is not None and order.price_low is None and order.price == Decimal(token.value):
        return then
    if order.priced:
        return refuse(Refusal.UNCLEAR_PRICE, token)
    if not positive(token.value) or len(token.value.partition(".")[2]) > PRICE_DECIMALS_MAX:
        return refuse(Refusal.BAD_PRICE, token)
    order.price, order.whole = Decimal(token.value), is_whole(token.value)
    return then


def step_at(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read what follows `@`, "at" or "for": a price, a range or the market."""
    sign, value = tokens[at], tokens[at + 1]
    if value.kind in AMOUNTS and sign.text in _AVERAGE and order.priced and not order.opens:
        order.old_entry = True
        return at + 2
    if value.kind in AMOUNTS:
        return _marked_price(order, tokens, at + 1)
    if value.kind is Kind.RANGE:
        return step_range(order, tokens, at + 1)
    if value.text in _MARKET_WORDS:
        return step_market(order, tokens, at + 1)
    if value.kind is Kind.BREAK_EVEN and not order.opens:
        return at + 2
    if sign.text in {"@", "at"} or value.kind in {Kind.DASH, Kind.CONTRACT, Kind.MARK}:
        return refuse(Refusal.BAD_PRICE, f"{sign.text} {value.text}")
    return at + 1


def _marked_price(order: Order, tokens: list[Token], at: int) -> Outcome:
    token, after, beyond = tokens[at], tokens[at + 1], tokens[at + 2]
    if after.kind is Kind.SLASH:
        return refuse(Refusal.UNCLEAR_PRICE, f"{token.text}/{beyond.text}")
    if after.text == "to" and beyond.kind in AMOUNTS:
        return _range(order, token, token.value, beyond.value, at + 3)
    return set_price(order, token, at + 1)


def step_range(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    low, _, high = token.value.partition("-")
    if tokens[at + 1].kind in {Kind.UNIT, Kind.RIGHT} or tokens[at - 1].kind not in {Kind.AT, Kind.FIELD}:
        return refuse(Refusal.UNCLEAR_PRICE, token)
    return _range(order, token, low, high, at + 1)


def _range(order: Order, token: Token, low: str, high: str, then: int) -> Outcome:
    """A range is two prices close to each other; further apart they are an entry and something else."""
    bottom, top = Decimal(low), Decimal(high)
    if order.priced or is_whole(low) or is_whole(high) or not 0 < bottom < top <= bottom * RANGE_WIDTH_MAX:
        return refuse(Refusal.UNCLEAR_PRICE, token)
    order.price, order.price_low = top, bottom
    return then


def step_market(order: Order, tokens: list[Token], at: int) -> Outcome:
    if tokens[at + 1].kind is Kind.COLON and tokens[at + 2].kind in AMOUNTS:  # "market : $2.97", the quote
        order.closed = True
        return at + 3
    if order.priced or order.closed:
        return refuse(Refusal.UNCLEAR_PRICE, tokens[at])
    order.market = True
    return at + 1


def step_field(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read the value of a card's field where the field decides what a plain number is."""
    name, value = tokens[at], tokens[at + 1]
    if value.kind is Kind.RANGE and name.value == "price":
        return step_range(order, tokens, at + 1)
    if value.text in _MARKET_WORDS and name.value == "price":
        return step_market(order, tokens, at + 1)
    if value.kind not in AMOUNTS:
        return at + 1
    if name.value == "price":
        return set_price(order, value, at + 2)
    if name.value == "quantity" and is_whole(value.value):
        return _quantity(order, value, value.value, at + 2)
    if name.value == "strike" and order.strike is None and order.loose is None and positive(value.value):
        if order.right is None:
            order.loose = plain_strike(value.value)
        else:
            order.strike = Decimal(plain_strike(value.value))
        return at + 2
    return refuse(Refusal.MALFORMED, f"{name.text}: {value.text}")


def step_fraction(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    if not order.opens:
        return close_part(order, token, token.value, at + 1)
    if tokens[at + 1].text in _SIZE_WORDS:
        order.tags += (f"{token.text} size",)
        return at + 2
    if token.value == "partial" and order.symbol is None:
        return at + 1
    return refuse(Refusal.MALFORMED, token)


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


def step_percent(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read a percentage: a share of the position before the symbol, a gain in brackets or with a sign."""
    token, before, after = tokens[at], tokens[at - 1], tokens[at + 1]
    if order.opens and after.kind is Kind.STOP and order.priced and order.stop is None:
        order.stop, order.closed = Level(token.value, "percent"), True
        return at + 2
    if order.opens:
        behind = at + 2 if after.text in {"of", "of my"} else at + 1
        sized = tokens[behind].text in _ACCOUNT_WORDS or before.text in {"risk", "risking"}
        if sized and token.value[0] not in "+-":
            order.tags += (f"{token.text} size",)
            return behind + (tokens[behind].text in _ACCOUNT_WORDS)
        return refuse(Refusal.RECAP, token)
    told = (
        after.kind is Kind.GAIN or after.kind is Kind.UP or before.kind in {Kind.OPENING, Kind.UP, Kind.GAIN, Kind.AT}
    )
    if told or token.value[0] in "+-":
        order.closed = order.gains = True
        return at + 1
    if (order.symbol is None or after.text in {"of", "position", "pos"}) and not order.closed:
        return close_part(order, token, token.value, at + 1)
    return refuse(Refusal.UNCLEAR_EXIT, token)


DATA_STEPS: dict[Kind, Step] = {
    Kind.SYMBOL: step_symbol,
    Kind.FUTURE: step_symbol,
    Kind.WORD: step_word,
    Kind.CONTRACT: step_contract,
    Kind.RIGHT: step_right,
    Kind.DATE: step_date,
    Kind.EXPIRY: step_expiry,
    Kind.RATIO: step_ratio,
    Kind.NUMBER: step_amount,
    Kind.MONEY: step_amount,
    Kind.RANGE: step_range,
    Kind.AT: step_at,
    Kind.MARKET: step_market,
    Kind.QUANTITY: step_quantity,
    Kind.SHARES: step_shares,
    Kind.FIELD: step_field,
    Kind.FRACTION: step_fraction,
    Kind.PERCENT: step_percent,
}
