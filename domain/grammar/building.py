"""The last steps of a reading: settle what only the whole message decides, find the shape, check, build the alert."""

from datetime import date

from domain.alerts import (
    Action,
    Alert,
    DaysToExpiry,
    InstrumentKind,
    NotAnAlert,
    PriceType,
    Refusal,
)
from domain.calendar import TradingCalendar
from domain.grammar.checks import CHECKS
from domain.grammar.dates import resolve
from domain.grammar.legs import RIGHTS, legs_of
from domain.grammar.order import Order, is_whole, refuse
from domain.grammar.profile import ChannelProfile
from domain.grammar.shapes import Shape, match_shape
from domain.grammar.vocabulary.symbols import SHARED_FUTURES_ROOTS, SHARED_ROOT_PRICE_MIN

_LABELS_BEFORE_PREFIX = ("super_lotto", "lotto")
_LABELS_AFTER_PREFIX = ("risky", "swing", "day_trade", "scalp")


def settle(order: Order, profile: ChannelProfile) -> NotAnAlert | None:
    """Decide what waited for the end of the message: a doubtful ratio, a number without a side, a missing expiry."""
    if order.verb is None:
        return refuse(Refusal.NO_VERB, order.symbol or "")
    if order.old_entry and order.verb_field and not order.opens:
        return refuse(Refusal.UNCLEAR_PRICE, "the card's price is that of the entry")
    if order.doubtful_ratio is not None:
        if order.expiry is None or order.fraction not in {None, "partial", order.doubtful_ratio}:
            return refuse(Refusal.BAD_EXPIRY, f"{order.doubtful_ratio}: a date or a fraction?")
        order.fraction = order.doubtful_ratio
    if order.loose is not None and order.closes_long and is_whole(order.loose) and order.quantity is None:
        order.quantity, order.loose = int(order.loose), None
    symbol = order.symbol
    if symbol is None:
        return refuse(Refusal.NO_SYMBOL, order.verb_text)
    if order.opens and order.expiry is None and order.strike is not None and symbol in profile.zero_dte_symbols:
        order.expiry = DaysToExpiry(0)
        order.habits += (f"{profile.name}: zero_dte_symbols",)
    bare_root = not order.cashtag and order.strike is None and symbol.lower() in SHARED_FUTURES_ROOTS
    if bare_root and order.price is not None and order.price >= SHARED_ROOT_PRICE_MIN:
        order.symbol, order.future = f"/{symbol}", True
    return None


def build(
    order: Order, posted_on: date | None, calendar: TradingCalendar, shape: Shape | None = None
) -> tuple[str | None, Alert | NotAnAlert]:
    """Return the name of the shape that fits and the alert, or the reason why the order is none.

    `shape` is given where the form of the message has decided it already.
    """
    assert order.verb is not None  # `settle` refused an order without one  # noqa: S101
    if order.strikes or order.structure is not None:
        return "several legs", _several_legs(order, posted_on, calendar)
    shape = shape or match_shape(order, order.verb.action)
    if shape is None:
        return None, _missing(order)
    for check in CHECKS:
        refused = check(order, shape)
        if refused is not None:
            return shape.name, refused
    expires_on = _expires_on(order, posted_on, calendar)
    if isinstance(expires_on, NotAnAlert):
        return shape.name, expires_on
    return shape.name, _alert(order, shape, expires_on)


def _several_legs(order: Order, posted_on: date | None, calendar: TradingCalendar) -> Alert | NotAnAlert:
    legs = legs_of(order)
    if isinstance(legs, NotAnAlert):
        return legs
    expires_on = _expires_on(order, posted_on, calendar)
    if isinstance(expires_on, NotAnAlert):
        return expires_on
    closing = order.verb is not None and order.verb.certain
    if not closing and not order.opens and order.effect != "credit":
        return refuse(Refusal.UNCLEAR_EXIT, f"{order.verb_text} several legs: to close or to open?")
    return Alert(
        action=Action.SPREAD_CLOSE if closing else Action.SPREAD_OPEN,
        symbol=order.symbol or "",
        instrument=InstrumentKind.OPTION,
        expires_on=expires_on,
        quantity=order.quantity,
        price=order.price,
        price_type=_price_type(order),
        price_low=order.price_low,
        price_high=order.price if order.price_low is not None else None,
        label=_label(order),
        legs=legs,
        price_effect=order.effect,
        habits=order.habits,
    )


def _price_type(order: Order) -> PriceType | None:
    if order.market:
        return PriceType.MARKET
    if order.price is None:
        return None
    return PriceType.LIMIT if order.price_low is None else PriceType.RANGE


def _missing(order: Order) -> NotAnAlert:
    """Name the first thing that keeps an order from every shape."""
    if order.loose is not None:
        unclear = order.expiry is None and order.right is None
        reason = Refusal.UNCLEAR_INSTRUMENT if unclear else Refusal.NO_SIDE
        return refuse(reason, f"{order.symbol} {order.loose}")
    if order.strike is not None and order.expiry is None:
        return refuse(Refusal.NO_EXPIRY, f"{order.symbol} {order.strike}{order.right}")
    if order.right is not None or order.expiry is not None:
        return refuse(Refusal.NO_STRIKE, order.symbol or "")
    return refuse(Refusal.UNCLEAR_INSTRUMENT, f"{order.verb_text} {order.symbol}: a share, or a contract left out?")


def _expires_on(order: Order, posted_on: date | None, calendar: TradingCalendar) -> date | NotAnAlert | None:
    if order.expiry is None or posted_on is None:
        return None if order.second_expiry is None else _contradiction(order)
    first = resolve(order.expiry, posted_on, calendar, order.expiry_text)
    if order.second_expiry is None:
        return first
    second = resolve(order.second_expiry, posted_on, calendar, order.second_expiry_text)
    return first if second == first else _contradiction(order)


def _contradiction(order: Order) -> NotAnAlert:
    return refuse(Refusal.BAD_EXPIRY, f"{order.expiry_text} and {order.second_expiry_text}")


def _label(order: Order) -> str | None:
    if not order.head_labels and not order.labels:
        return None
    if len(order.head_labels) == 1 and not order.labels:
        return order.head_labels[0]
    everywhere = order.head_labels + order.labels
    for label in _LABELS_BEFORE_PREFIX:
        if label in everywhere:
            return label
    if order.head_labels:
        return next((label for label in order.head_labels if label != "alert"), "alert")
    return next((label for label in _LABELS_AFTER_PREFIX if label in order.labels), None)


def _fraction(order: Order) -> str | None:
    if order.verb is None or order.fraction is not None or order.quantity is not None:
        return order.fraction
    return order.verb.fraction


def _alert(order: Order, shape: Shape, expires_on: date | None) -> Alert:
    assert order.verb is not None  # `settle` refused an order without one  # noqa: S101
    assert order.symbol is not None  # noqa: S101
    price, low = order.price, order.price_low
    return Alert(
        action=order.verb.action,
        symbol=order.symbol,
        instrument=shape.instrument,
        strike=order.strike,
        right=RIGHTS[order.right] if order.right is not None else None,
        expiry=order.expiry,
        expires_on=expires_on,
        quantity=order.quantity,
        fraction=_fraction(order),
        price=price if order.verb.opens or low is None else low,
        price_type=_price_type(order),
        price_low=low,
        price_high=price if low is not None else None,
        label=_label(order),
        stop=order.stop,
        targets=order.targets,
        tags=order.tags,
        needs_position=shape.needs_position,
        price_effect=order.effect,
        habits=order.habits,
    )
