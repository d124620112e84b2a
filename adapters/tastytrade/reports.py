"""From the broker's order JSON to an OrderReport: whole, tolerant, and never a difference.

One odd order must not hide the others: what cannot be read of an order is left out, and its report says so. It errs to
the side of "still live" and "more filled than told", which make the desk wait and read again.
"""

import logging
from collections.abc import Mapping
from types import MappingProxyType

from adapters.tastytrade.json_values import Json, decimal, instant, mappings, text, whole
from adapters.tastytrade.redaction import Redactor
from domain.orders import Fill, OrderReport, Side, Signal

logger = logging.getLogger(__name__)

# The broker's statuses, all that its documentation lists. A cancel or replacement under way leaves the order live.
STATUSES: Mapping[str, Signal] = MappingProxyType(
    {
        "Received": Signal.REPORTED_PENDING,
        "Routed": Signal.REPORTED_PENDING,
        "In Flight": Signal.REPORTED_PENDING,
        "Contingent": Signal.REPORTED_PENDING,
        "Live": Signal.REPORTED_WORKING,
        "Cancel Requested": Signal.REPORTED_WORKING,
        "Replace Requested": Signal.REPORTED_WORKING,
        "Remove Pending": Signal.REPORTED_WORKING,
        "Filled": Signal.REPORTED_FILLED,
        "Cancelled": Signal.REPORTED_CANCELLED,
        "Removed": Signal.REPORTED_CANCELLED,
        "Partially Removed": Signal.REPORTED_CANCELLED,
        "Expired": Signal.REPORTED_EXPIRED,
        "Rejected": Signal.REPORTED_REJECTED,
    }
)
SIDES: Mapping[str, Side] = MappingProxyType(
    {
        "Buy to Open": Side.BUY_TO_OPEN,
        "Sell to Close": Side.SELL_TO_CLOSE,
        "Buy": Side.BUY_TO_OPEN,
        "Sell": Side.SELL_TO_CLOSE,
    }
)
LIVE = frozenset({Signal.REPORTED_PENDING, Signal.REPORTED_WORKING})


def report_of(order: Json, redactor: Redactor) -> OrderReport | None:
    """Return the report of one order, or None for what has no order id and can be nobody's."""
    broker_order_id = text(order.get("id"))
    if broker_order_id is None:
        logger.warning("an order without an id was skipped: its keys are %s", redactor.clean(sorted(order)))
        return None
    status_text = text(order.get("status")) or ""
    status = STATUSES.get(status_text, Signal.REPORTED_PENDING)
    legs = mappings(order.get("legs"))
    leg = legs[0] if len(legs) == 1 else {}  # a spread is never ours: it is reported without a side
    fills = _fills(leg, broker_order_id, redactor)
    size = whole(leg.get("quantity")) or whole(order.get("size")) or 0
    price = decimal(order.get("price"))
    return OrderReport(
        broker_order_id=broker_order_id,
        client_order_id=text(order.get("external-identifier")),
        symbol=text(leg.get("symbol")) or text(order.get("underlying-symbol")) or "",
        side=SIDES.get(text(leg.get("action")) or ""),
        quantity=size,
        limit_price=None if price is None else abs(price),
        status=status,
        filled_quantity=_filled_quantity(status, size, leg, fills),
        fills=fills,
        replaces=_order_id(order.get("replaces-order-id")),
        reason=_reason(order, status_text, redactor),
    )


def _filled_quantity(status: Signal, size: int, leg: Json, fills: tuple[Fill, ...]) -> int:
    """The broker's own count, which can be ahead of the fills it tells."""
    told = sum(fill.quantity for fill in fills)
    if status is Signal.REPORTED_FILLED:
        return max(size, told)
    remaining = whole(leg.get("remaining-quantity"))
    # An order that ended otherwise is not filled whole: "nothing remains" then means that nothing is working.
    if remaining is None or not 0 <= remaining <= size or (remaining == 0 and status not in LIVE):
        return told
    return max(size - remaining, told)


def _fills(leg: Json, broker_order_id: str, redactor: Redactor) -> tuple[Fill, ...]:
    found: dict[str, Fill] = {}
    for told in mappings(leg.get("fills")):
        fill_id, quantity, at = text(told.get("fill-id")), whole(told.get("quantity")), instant(told.get("filled-at"))
        price = decimal(told.get("fill-price"))
        if fill_id is None or not quantity or price is None or at is None:
            logger.warning("a fill of order %s was skipped: %s", broker_order_id, redactor.clean(dict(told)))
            continue
        found[fill_id] = Fill(fill_id, abs(quantity), abs(price), at)
    return tuple(sorted(found.values(), key=lambda fill: (fill.at, fill.fill_id)))


def _reason(order: Json, status: str, redactor: Redactor) -> str:
    if status not in STATUSES:
        logger.warning("order %s has the unknown status %r", text(order.get("id")), redactor.clean(status))
        return f"the broker's status {redactor.clean(status)!r} is not known"
    replacing = _order_id(order.get("replacing-order-id"))
    if STATUSES[status] is Signal.REPORTED_CANCELLED and replacing is not None:
        return f"replaced by {replacing}"
    return redactor.clean(text(order.get("reject-reason")) or "")


def _order_id(value: object) -> str | None:
    number = text(value)
    return None if number in {None, "0"} else number
