"""The shapes an order may have: which slots must be filled, which may be, and what instrument that makes.

The first shape that fits is the reading. To read another form of order, declare its shape here.
"""

from decimal import Decimal

from attrs import frozen

from domain.alerts import Action, InstrumentKind
from domain.grammar.order import Order
from domain.grammar.vocabulary.symbols import share_price_min

_OPENING = frozenset({Action.BUY_TO_OPEN, Action.SELL_TO_OPEN})
_CLOSING = frozenset({Action.SELL_TO_CLOSE, Action.BUY_TO_CLOSE})


@frozen
class Shape:
    """One form of order. `needs` and `allows` are names of slots; a filled slot in neither excludes the shape."""

    name: str
    actions: frozenset[Action]
    instrument: InstrumentKind | None
    needs: frozenset[str]
    allows: frozenset[str]
    needs_position: bool = False


def _slots(names: str) -> frozenset[str]:
    return frozenset(names.split())


_CONTRACT = "symbol strike right"
SHAPES = (
    Shape("option entry", _OPENING, InstrumentKind.OPTION, _slots(f"{_CONTRACT} expiry"), _slots("quantity price")),
    Shape(
        "option exit", _CLOSING, InstrumentKind.OPTION, _slots(f"{_CONTRACT} expiry"), _slots("quantity fraction price")
    ),
    Shape(
        "option exit without expiry",
        _CLOSING,
        InstrumentKind.OPTION,
        _slots(_CONTRACT),
        _slots("quantity fraction price"),
        needs_position=True,
    ),
    Shape(
        "future option entry",
        _OPENING,
        InstrumentKind.FUTURE_OPTION,
        _slots(f"{_CONTRACT} expiry future"),
        _slots("quantity price"),
    ),
    Shape(
        "future option exit",
        _CLOSING,
        InstrumentKind.FUTURE_OPTION,
        _slots(f"{_CONTRACT} expiry future"),
        _slots("quantity fraction price"),
    ),
    Shape("future entry", _OPENING, InstrumentKind.FUTURE, _slots("symbol future price"), _slots("quantity")),
    Shape("future exit", _CLOSING, InstrumentKind.FUTURE, _slots("symbol future price"), _slots("quantity fraction")),
    Shape(
        "future exit without price",
        _CLOSING,
        InstrumentKind.FUTURE,
        _slots("symbol future"),
        _slots("quantity fraction"),
        needs_position=True,
    ),
    Shape("equity entry", _OPENING, InstrumentKind.EQUITY, _slots("symbol price"), _slots("quantity shares")),
    Shape(
        "equity exit",
        _CLOSING,
        InstrumentKind.EQUITY,
        _slots("symbol equity"),
        _slots("quantity shares fraction price"),
    ),
    Shape(
        "exit naming the side",
        _CLOSING,
        InstrumentKind.OPTION,
        _slots("symbol right"),
        _slots("quantity fraction price"),
        needs_position=True,
    ),
    Shape(
        "exit naming the symbol",
        _CLOSING,
        None,
        _slots("symbol"),
        _slots("quantity fraction price"),
        needs_position=True,
    ),
)


def filled_slots(order: Order) -> frozenset[str]:
    """Return the names of the slots that the message filled."""
    filled = {
        "symbol": order.symbol,
        "strike": order.strike,
        "right": order.right,
        "expiry": order.expiry,
        "quantity": order.quantity,
        "fraction": order.fraction,
        "price": order.priced or None,
        "future": order.future or None,
        "shares": order.shares or None,
        "equity": sells_shares(order) or None,
        "loose number": order.loose,
    }
    return frozenset(name for name, value in filled.items() if value is not None)


def sells_shares(order: Order) -> bool:
    """Say whether an exit without a contract can only mean shares: it says so, or names STC and a share's price."""
    if order.opens or order.future or order.strike is not None or order.right is not None:
        return False
    if order.shares or order.closes_long:
        return True
    priced_as_share = order.price is not None and Decimal(order.price) >= share_price_min(order.symbol or "")
    return order.verb_text in {"stc", "sell to close"} and order.marked and priced_as_share


def match_shape(order: Order) -> Shape | None:
    """Return the first shape whose slots are those of the order."""
    assert order.verb is not None  # the reader comes here with a verb only  # noqa: S101
    filled = filled_slots(order)
    for shape in SHAPES:
        if order.verb.action in shape.actions and shape.needs <= filled <= shape.needs | shape.allows:
            return shape
    return None
