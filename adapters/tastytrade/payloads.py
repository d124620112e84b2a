"""From an Order of ours to the SDK's order, ready to be sent. Here the SDK's signed prices begin and end."""

from decimal import Decimal

from pydantic import Field
from tastytrade.order import (
    AdvancedInstructions,
    FillBehavior,
    InstrumentType,
    Leg,
    LimitOrder,
    MarketOrder,
    OrderAction,
    OrderTimeInForce,
)

from domain.alerts import InstrumentKind
from domain.orders import Order, Side, TimeInForce

CENT = Decimal("0.01")
INSTRUMENT_TYPES = {
    InstrumentKind.OPTION: InstrumentType.EQUITY_OPTION,
    InstrumentKind.EQUITY: InstrumentType.EQUITY,
    InstrumentKind.FUTURE: InstrumentType.FUTURE,
    InstrumentKind.FUTURE_OPTION: InstrumentType.FUTURE_OPTION,
}
ACTIONS = {Side.BUY_TO_OPEN: OrderAction.BUY_TO_OPEN, Side.SELL_TO_CLOSE: OrderAction.SELL_TO_CLOSE}
FUTURE_ACTIONS = {Side.BUY_TO_OPEN: OrderAction.BUY, Side.SELL_TO_CLOSE: OrderAction.SELL}
TIMES_IN_FORCE = {TimeInForce.DAY: OrderTimeInForce.DAY, TimeInForce.GTC: OrderTimeInForce.GTC}


class SentLimitOrder(LimitOrder):
    """Without the field of another service that the SDK sends, and with one that it lacks."""

    behavior: FillBehavior = Field(default=FillBehavior.IMMEDIATE, exclude=True)
    automated_source: bool = True


class SentMarketOrder(MarketOrder):
    behavior: FillBehavior = Field(default=FillBehavior.IMMEDIATE, exclude=True)
    automated_source: bool = True


def sdk_order(order: Order, source: str) -> SentLimitOrder | SentMarketOrder:
    """Return what the SDK sends for `order`: its client order id as external identifier, a sale strictly closing."""
    is_future = order.contract.kind is InstrumentKind.FUTURE
    leg = Leg(
        instrument_type=INSTRUMENT_TYPES[order.contract.kind],
        symbol=order.contract.symbol,
        action=(FUTURE_ACTIONS if is_future else ACTIONS)[order.side],
        quantity=order.quantity,
    )
    # Without the instruction the broker turns a close without a position into an opening order.
    strictly = AdvancedInstructions(strict_position_effect_validation=True) if order.close_only else None
    if order.limit_price is None:
        return SentMarketOrder(
            time_in_force=TIMES_IN_FORCE[order.time_in_force],
            source=source,
            legs=[leg],
            advanced_instructions=strictly,
            external_identifier=order.client_order_id,
        )
    price = plain(order.limit_price)
    return SentLimitOrder(
        time_in_force=TIMES_IN_FORCE[order.time_in_force],
        source=source,
        legs=[leg],
        advanced_instructions=strictly,
        external_identifier=order.client_order_id,
        price=-price if order.side.is_buy else price,  # the SDK's sign: a debit is negative
    )


def plain(price: Decimal) -> Decimal:
    """Return a price as it goes on the wire: without exponent, in cents at least and as finely as it is meant."""
    trimmed = price.normalize()
    return trimmed if trimmed != trimmed.quantize(CENT) else trimmed.quantize(CENT)
