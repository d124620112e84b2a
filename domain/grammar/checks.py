"""What an order must satisfy after its shape is known: no value that a careful trader would stop at.

Each check returns the refusal or None. They run in the order of `CHECKS`, the first refusal is the reading's reason.
"""

from collections.abc import Callable
from decimal import Decimal

from domain.alerts import Action, InstrumentKind, Level, NotAnAlert, Refusal
from domain.grammar.order import Order, refuse
from domain.grammar.shapes import Shape
from domain.grammar.vocabulary.symbols import INDEX_ROOTS, KNOWN, PHRASE_SYMBOLS, SHARED_FUTURES_ROOTS, share_price_min

# A whole number from here on may be cents, or dollars a contract ("75" and "$75" for 0.75); on an index later.
WHOLE_PREMIUM_MIN = 10
WHOLE_INDEX_PREMIUM_MIN = 100
INDEX_STRIKE_MIN = 1000

_OPTIONS = frozenset({InstrumentKind.OPTION, InstrumentKind.FUTURE_OPTION})
_HELD_ONLY = frozenset({"exit naming the symbol", "exit naming the side", "future exit without price"})
_SURE_EXITS = frozenset({"stc", "sell to close", "all out"})
Check = Callable[[Order, Shape], NotAnAlert | None]


def check_terse(order: Order, shape: Shape) -> NotAnAlert | None:
    """Refuse a word of stories ("bought", "taking") without all that makes it an order."""
    verb = order.verb
    if verb is None or not (verb.terse and verb.opens):
        return None
    if shape.instrument is not InstrumentKind.OPTION and not order.shares:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, order.verb_text)
    if verb.priced and not order.priced:
        return refuse(Refusal.UNCLEAR_PRICE, f"{order.verb_text} without a price")
    return None


def check_exit(order: Order, shape: Shape) -> NotAnAlert | None:
    """Refuse a SELL that may as well open a short, and an exit that names too little."""
    verb = order.verb
    if verb is None or verb.opens:
        return None
    if order.keeps and order.fraction is None and order.quantity is None and verb.fraction != "partial":
        return refuse(Refusal.UNCLEAR_EXIT, "a part is kept, and how much is sold is not told")
    if not (verb.certain or order.certain):
        if shape.name in _HELD_ONLY:
            return refuse(Refusal.UNCLEAR_EXIT, f"{order.verb_text} without a contract: to close or to open?")
        if shape.instrument is InstrumentKind.EQUITY and not order.priced:
            return refuse(Refusal.UNCLEAR_EXIT, f"{order.verb_text} without a price")
        told = order.fraction is not None or order.old_entry or (order.priced and not verb.terse)
        if shape.needs_position and not told:
            return refuse(Refusal.UNCLEAR_EXIT, f"{order.verb_text} without an expiry: to close or to open?")
    if shape.name in _HELD_ONLY:
        return _check_bare_symbol(order)
    return None


def _check_bare_symbol(order: Order) -> NotAnAlert | None:
    symbol = order.symbol or ""
    if not (order.cashtag or order.future or symbol in KNOWN):
        return refuse(Refusal.NO_SYMBOL, f"{symbol} is not a symbol the grammar knows: write ${symbol}")
    if not (order.cashtag or order.priced or order.right) and symbol.lower() in PHRASE_SYMBOLS:
        return refuse(Refusal.NO_SYMBOL, f"{order.verb_text} {symbol.lower()}: write ${symbol} for the symbol")
    if symbol.lower() in SHARED_FUTURES_ROOTS:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, f"{symbol}: the share or the future?")
    if order.symbol_first and order.verb_text not in _SURE_EXITS:
        return refuse(Refusal.UNCLEAR_EXIT, f"{symbol} {order.verb_text}: its price may do so too")
    if order.gains and order.verb_text not in _SURE_EXITS:
        return refuse(Refusal.UNCLEAR_EXIT, f"{order.verb_text} {symbol} and what it made: an exit, or a report?")
    if order.remarks and order.verb_text not in _SURE_EXITS:
        return refuse(Refusal.UNKNOWN_WORDS, f"more words around {order.verb_text} {symbol}")
    return None


def check_instrument(order: Order, shape: Shape) -> NotAnAlert | None:
    symbol = order.symbol or ""
    shared = symbol.lower() in SHARED_FUTURES_ROOTS and not order.cashtag
    if shape.instrument in _OPTIONS and shared and not order.future:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, f"{symbol}: options of the share or of the future?")
    if shape.instrument is not InstrumentKind.EQUITY:
        return None
    if shared or symbol in INDEX_ROOTS:
        return refuse(Refusal.UNCLEAR_INSTRUMENT, f"{symbol} is no share")
    price = order.price
    if price is not None and not order.shares and price < share_price_min(symbol):
        return refuse(Refusal.UNCLEAR_INSTRUMENT, f"{symbol} at {price}: a share, or a contract left out?")
    return None


def check_price(order: Order, shape: Shape) -> NotAnAlert | None:
    """Refuse a premium that may be cents, or that costs the strike."""
    price, strike = order.price, order.strike
    if price is None or strike is None or shape.instrument not in _OPTIONS:
        return None
    if price >= strike:
        return refuse(Refusal.BAD_PRICE, f"{price} for a strike of {strike}")
    whole_min = WHOLE_INDEX_PREMIUM_MIN if strike >= INDEX_STRIKE_MIN else WHOLE_PREMIUM_MIN
    cents = order.whole and price >= whole_min
    if cents or price * 2 > strike:
        return refuse(Refusal.UNCLEAR_PRICE, f"{price}: dollars or cents?")
    return None


def check_levels(order: Order, _shape: Shape) -> NotAnAlert | None:
    """Refuse a buy whose target lies below its price or whose stop lies above it."""
    price = order.price
    if not (order.stop or order.targets) or price is None:
        return None
    if order.verb is None or order.verb.action is not Action.BUY_TO_OPEN:
        return None
    for target in order.targets:
        if target.basis in {"premium", "price"} and Decimal(target.value) <= price:
            return refuse(Refusal.BAD_VALUE, f"target {target.value} is not above the price {price}")
    stop = order.stop
    if stop is None or stop.basis not in {"premium", "price"} or Decimal(stop.value) < price:
        return None
    if order.strike is not None and Decimal(stop.value) * 2 > order.strike:
        order.stop = Level(stop.value, "underlying", stop.trail)
        return None
    return refuse(Refusal.BAD_VALUE, f"stop {stop.value} is not below the price {price}")


CHECKS: tuple[Check, ...] = (check_terse, check_exit, check_instrument, check_price, check_levels)
