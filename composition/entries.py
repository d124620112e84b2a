"""What is appended to the log: something heard or said, with its row's class and the trade it belongs to."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from attrs import fields

from domain.desk import Output
from domain.desk.answering import trade_id_of
from domain.events import OrderReported, Stamped
from ports.audit_log import ROW_CLASSES, Entry


def entry_of(at: datetime, body: Stamped | Output) -> Entry:
    """Return the entry of an input or of what follows from one, at the instant of its step."""
    said = body.event if isinstance(body, Stamped) else body
    kind: type = type(said)
    return Entry(at, ROW_CLASSES[kind], body, _naming_trade(kind)(said))


@cache
def _naming_trade(kind: type) -> Callable[[Any], str | None]:
    """Return what tells the trade of a body of this kind; an order's is the beginning of its client order id."""
    names = {each.name for each in fields(kind)}
    if "trade_id" in names:
        return attrgetter("trade_id")
    if "client_order_id" in names:
        return lambda body: trade_id_of(body.client_order_id)
    if kind is OrderReported:
        return lambda body: trade_id_of(body.report.client_order_id) if body.report.client_order_id else None
    return lambda _: None
