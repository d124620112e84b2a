"""The shapes an order may have: which slots must be filled, which may be, and what instrument that makes.

The first shape that fits is the reading. To read another form of order, declare its shape here.
"""

from attrs import frozen

from domain.alerts import Action, InstrumentKind
from domain.grammar.order import Order
from domain.grammar.vocabulary.symbols import share_price_min
from domain.value import Value

# The slots of an order, one bit each.
SYMBOL, STRIKE, RIGHT, EXPIRY, QUANTITY, FRACTION, PRICE, FUTURE, SHARES, EQUITY, LOOSE = (
    1 << bit for bit in range(11)
)
CONTRACT = SYMBOL | STRIKE | RIGHT
PART = QUANTITY | FRACTION

_STC_WORDS = frozenset({"stc", "sell to close"})


@frozen
class Shape(Value):
    """One form of order: it fits when all of `needs` and nothing beside `needs` and `allows` is filled."""

    name: str
    instrument: InstrumentKind | None
    needs: int
    allows: int
    needs_position: bool = False

    def fits(self, filled: int) -> bool:
        return filled & self.needs == self.needs and not filled & ~(self.needs | self.allows)


OPTION_ENTRY = Shape("option entry", InstrumentKind.OPTION, CONTRACT | EXPIRY, QUANTITY | PRICE)
OPTION_EXIT = Shape("option exit", InstrumentKind.OPTION, CONTRACT | EXPIRY, PART | PRICE)
ENTRIES = (
    OPTION_ENTRY,
    Shape("equity entry", InstrumentKind.EQUITY, SYMBOL | PRICE, QUANTITY | SHARES),
    Shape("future entry", InstrumentKind.FUTURE, SYMBOL | FUTURE | PRICE, QUANTITY),
    Shape("future option entry", InstrumentKind.FUTURE_OPTION, CONTRACT | EXPIRY | FUTURE, QUANTITY | PRICE),
)
EXITS = (
    OPTION_EXIT,
    Shape("option exit without expiry", InstrumentKind.OPTION, CONTRACT, PART | PRICE, needs_position=True),
    Shape("equity exit", InstrumentKind.EQUITY, SYMBOL | EQUITY, PART | PRICE | SHARES),
    Shape("future exit", InstrumentKind.FUTURE, SYMBOL | FUTURE | PRICE, PART),
    Shape("future exit without price", InstrumentKind.FUTURE, SYMBOL | FUTURE, PART, needs_position=True),
    Shape("future option exit", InstrumentKind.FUTURE_OPTION, CONTRACT | EXPIRY | FUTURE, PART | PRICE),
    Shape("exit naming the side", InstrumentKind.OPTION, SYMBOL | RIGHT, PART | PRICE, needs_position=True),
    Shape("exit naming the symbol", None, SYMBOL, PART | PRICE, needs_position=True),
)
SHAPES = {
    Action.BUY_TO_OPEN: ENTRIES,
    Action.SELL_TO_OPEN: ENTRIES,
    Action.SELL_TO_CLOSE: EXITS,
    Action.BUY_TO_CLOSE: EXITS,
}


def filled_slots(order: Order) -> int:
    """Return the slots that the message filled, as bits."""
    return (
        (order.symbol is not None) * SYMBOL
        | (order.strike is not None) * STRIKE
        | (order.right is not None) * RIGHT
        | (order.expiry is not None) * EXPIRY
        | (order.quantity is not None) * QUANTITY
        | (order.fraction is not None) * FRACTION
        | order.priced * PRICE
        | order.future * FUTURE
        | order.shares * SHARES
        | sells_shares(order) * EQUITY
        | (order.loose is not None) * LOOSE
    )


def sells_shares(order: Order) -> bool:
    """Say whether an exit without a contract can only mean shares: it says so, or names STC and a share's price."""
    if order.opens or order.future or order.strike is not None or order.right is not None:
        return False
    if order.shares or order.closes_long:
        return True
    priced_as_share = order.price is not None and order.price >= share_price_min(order.symbol or "")
    return order.verb_text in _STC_WORDS and priced_as_share


def match_shape(order: Order, action: Action) -> Shape | None:
    """Return the first shape whose slots are those of the order."""
    filled = filled_slots(order)
    for shape in SHAPES[action]:
        if shape.fits(filled):
            return shape
    return None
