"""What the simulated broker refuses, in its own codes and words. It decides on values and changes nothing."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from domain.orders import Order, TimeInForce
from domain.value import Value
from domain.wording import new_york_minute

ZERO = Decimal(0)


@frozen(kw_only=True)
class Room(Value):
    """What the account leaves room for: dollars to buy with, contracts to sell, what a market order would pay."""

    buying_power: Decimal
    outlay: Decimal
    sellable: int
    market_price: Decimal | None


def refusal(order: Order, now: datetime, room: Room) -> str | None:
    """Return why `order` is refused at `now`, as `code: words`, or None."""
    return _of_terms(order) or _of_hours(order, now) or _of_account(order, room)


def _of_terms(order: Order) -> str | None:
    if order.quantity < 1:
        return f"invalid_quantity: an order is for 1 or more, got {order.quantity}"
    if order.limit_price is not None and order.limit_price <= ZERO:
        return f"invalid_price: a limit price is above zero, got {order.limit_price}"
    if order.limit_price is None and order.time_in_force is TimeInForce.GTC:
        return "gtc_market_orders_not_supported: a market order is good for the day only"
    if order.contract.closing_only and order.side.is_buy:
        return f"closing_only: {order.contract.symbol} takes closing orders only"
    return None


def _of_hours(order: Order, now: datetime) -> str | None:
    contract = order.contract
    if contract.cut_off is not None and now >= contract.cut_off:
        return f"past_cut_off: {contract.symbol} stopped trading at {new_york_minute(contract.cut_off)}"
    rests = order.time_in_force is TimeInForce.GTC and order.limit_price is not None
    if not rests and contract.calendar.session_at(now) is None:
        return "market_closed: day orders and market orders are taken while the session is open"
    return None


def _of_account(order: Order, room: Room) -> str | None:
    if order.limit_price is None and room.market_price is None:
        return f"no_quote: {order.contract.symbol} has no price that a market order could meet"
    if not order.side.is_buy and order.quantity > room.sellable:
        return f"close_only_violation: {order.quantity} to sell, {room.sellable} held and not in working orders already"
    if order.side.is_buy and room.outlay > room.buying_power:
        return f"insufficient_buying_power: needs {room.outlay:.2f}, available {room.buying_power:.2f}"
    return None


def late_refusal(order: Order) -> str:
    """Return why the exchange throws the order out after the broker took it, or the empty text.

    The broker does not look at price increments, the exchange does.
    """
    if order.limit_price is not None and not order.contract.ticks.on_grid(order.limit_price):
        return f"invalid_price_increment: {order.limit_price} is not on the tick grid of {order.contract.symbol}"
    return ""
