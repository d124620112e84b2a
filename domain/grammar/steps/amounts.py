"""The steps for an order's numbers: quantity, price, fraction, percentage, and a card's fields.

A number without a marker is what its place makes it; where two places fit, it is refused.
"""

from decimal import Decimal

from domain.alerts import Level, Refusal
from domain.grammar.legs import read_chain, starts_chain
from domain.grammar.order import Order, Outcome, Step, is_whole, plain_strike, positive, refuse
from domain.grammar.steps.contract import EXPIRIES, SIZE_WORDS, close_part
from domain.grammar.vocabulary.kinds import Kind, Token
from domain.grammar.vocabulary.symbols import word_set

AMOUNTS = frozenset({Kind.NUMBER, Kind.MONEY})
QUANTITY_DIGITS_MAX = 6
PRICE_DECIMALS_MAX = 4
RANGE_WIDTH_MAX = Decimal("1.4")
_ACCOUNT_WORDS = word_set("size sized sz position pos risk port portfolio account")
_STAYS = word_set("left remaining remain remains more still runner runners")
_ENTRY_FIELDS = frozenset({"entry", "entry price", "avg", "cost"})
_EXIT_FIELDS = frozenset({"exit", "exit price"})
_AVERAGE = frozenset({"avg", "average"})
_MARKET_WORDS = frozenset({"m", "mkt", "mrkt", "market"})


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
            if not (is_whole(number) and tokens[at - 1].kind is Kind.RIGHT and tokens[at + 1].kind in EXPIRIES):
                return refuse(Refusal.NO_STRIKE, token)
            order.strike = Decimal(plain_strike(number))
        else:
            order.loose = plain_strike(number)
        return at + 1
    if order.priced or (plain and is_whole(number)):
        return refuse(Refusal.UNCLEAR_PRICE, token)
    return set_price(order, token, at + 1)


def _quantity(order: Order, token: Token, number: str, then: int) -> Outcome:
    if len(number) > QUANTITY_DIGITS_MAX or int(number) == 0:
        return refuse(Refusal.BAD_VALUE, token)
    if order.quantity not in {None, int(number)}:
        return refuse(Refusal.BAD_VALUE, token)
    order.quantity = int(number)
    return then


def step_quantity(order: Order, tokens: list[Token], at: int) -> Outcome:
    """Read a quantity; "1 contract left" is what stays."""
    if tokens[at + 1].text in _STAYS:
        if order.opens:
            return refuse(Refusal.RECAP, f"{tokens[at].text} {tokens[at + 1].text}")
        order.keeps = order.closed = order.about_rest = True
        return at + 2
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
    if value.kind in AMOUNTS and sign.text in _AVERAGE and not order.opens:
        order.old_entry = True
        return at + 2 if order.priced else refuse(Refusal.UNCLEAR_PRICE, f"{sign.text} {value.text}")
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
        return _price_field(order, name, value, at + 2)
    if name.value == "quantity" and is_whole(value.value):
        return _quantity(order, value, value.value, at + 2)
    if name.value == "strike" and order.strike is None and order.loose is None and positive(value.value):
        if order.right is None:
            order.loose = plain_strike(value.value)
        else:
            order.strike = Decimal(plain_strike(value.value))
        return at + 2
    return refuse(Refusal.MALFORMED, f"{name.text}: {value.text}")


def _price_field(order: Order, name: Token, value: Token, then: int) -> Outcome:
    """Read a card's price: an entry's field is the old price beside an exit, an exit's field ends an entry's story."""
    if name.text in _EXIT_FIELDS and (order.opens or order.verb is None):
        return refuse(Refusal.RECAP, f"{name.text}: {value.text}")
    if name.text in _ENTRY_FIELDS and not order.opens:
        order.old_entry = True  # a card that has not named its verb yet must not turn out to be an exit
        if order.verb is not None:
            return then
    return set_price(order, value, then)


def step_fraction(order: Order, tokens: list[Token], at: int) -> Outcome:
    token = tokens[at]
    if not order.opens:
        return close_part(order, token, token.value, at + 1)
    if tokens[at + 1].text in SIZE_WORDS:
        order.tags += (f"{token.text} size",)
        return at + 2
    if token.value == "partial" and order.symbol is None:
        return at + 1
    return refuse(Refusal.MALFORMED, token)


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


AMOUNT_STEPS: dict[Kind, Step] = {
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
