"""What the desk knows, as plain values for JSON.

Money and prices are decimal text, so that no reader rounds them; ids of people and rooms are text, for many readers of
JSON lose the last digits of a number that long; instants are ISO text in UTC.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from domain.allowlist import Allowlist
from domain.closing import Closing
from domain.desk.state import DeskState
from domain.grammar.plain import alert_as_dict, decimal_text
from domain.instruments import Contract
from domain.orders import Order
from domain.trade import Trade
from ports.audit_log import Row

View = dict[str, Any]
CENTS = Decimal("0.01")
# An average is a quotient and may have no end: it is shown to this many decimals where it needs them.
AVERAGE_PLACES = Decimal("0.0001")


def row_view(row: Row) -> View:
    """Return a row of the audit log."""
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "kind": row.kind,
        "class": row.row_class.value,
        "mode": row.mode.value,
        "trade_id": row.trade_id,
        "body": row.body,
        "hash": row.hash,
    }


def order_view(order: Order) -> View:
    """Return an order; `order_id` is the broker's, None until it gave one, and `limit_price` None a market order."""
    return {
        "order_id": order.broker_order_id,
        "client_order_id": order.client_order_id,
        "trade_id": order.trade_id,
        "role": order.role.name.lower(),
        "side": order.side.value,
        "symbol": order.contract.symbol,
        "contract": order.contract.label,
        "quantity": order.quantity,
        "filled": order.filled,
        "leaves": order.leaves,
        "limit_price": decimal_text(order.limit_price),
        "time_in_force": order.time_in_force.value,
        "status": order.status.value,
        "sent_at": order.sent_at.isoformat(),
        "replaces": order.replaces,
        "reason": order.reason,
        "fills": [
            {
                "fill_id": fill.fill_id,
                "quantity": fill.quantity,
                "price": decimal_text(fill.price),
                "at": fill.at.isoformat(),
            }
            for fill in order.fills
        ],
    }


def trade_view(trade: Trade, *, is_open: bool) -> View:
    """Return a trade with its entry, its exits, what is held and the profit so far, in dollars before fees."""
    entry, message = trade.entry, trade.message
    return {
        "trade_id": trade.trade_id,
        "state": _trade_state(trade, is_open=is_open),
        "symbol": trade.contract.symbol,
        "contract": trade.contract.label,
        "started_at": entry.started_at.isoformat(),
        "message_id": message.message_id,
        "channel_id": str(message.channel_id),
        "user_id": str(message.user_id),
        "source": message.source.value,
        "text": message.text,
        "alert": alert_as_dict(trade.alert),
        "entry": {
            "quantity": entry.quantity,
            "filled": entry.filled,
            "average_price": _average(entry.average_price),
            "finished": entry.is_finished,
            "withdrawn": entry.withdrawn,
            "orders": [order_view(order) for order in entry.orders],
        },
        "exits": [order_view(order) for order in trade.exits],
        "bought": trade.bought,
        "held": trade.held,
        "exited": trade.exited,
        "of_others": trade.of_others,
        "closed": trade.sold,
        "lost": trade.lost,
        "profit": None if trade.profit is None else decimal_text(trade.profit.quantize(CENTS)),
        "closing": trade.closing,
        "uncovered": trade.uncovered,
    }


def _trade_state(trade: Trade, *, is_open: bool) -> str:
    if not is_open:
        return "closed"
    if trade.closing is not None:
        return "closing"
    return "open" if trade.entry.is_finished else "entering"


def closing_view(closing: Closing) -> View:
    """Return a close in progress. `quantity` is None until the way is clear and it is decided."""
    run = closing.run
    return {
        "trade_id": closing.trade_id,
        "by": closing.by,
        "symbol": closing.contract.symbol,
        "contract": closing.contract.label,
        "closes": list(closing.trades),
        "portion": str(closing.portion),
        "quantity": closing.quantity,
        "sold": 0 if run is None else run.filled,
        "average_price": None if run is None else _average(run.average_price),
        "started_at": closing.started_at.isoformat(),
        "orders": [] if run is None else [order_view(order) for order in run.orders],
    }


def position_views(trades: Iterable[Trade]) -> list[View]:
    """Return what this system holds, one entry a contract, by symbol: not what the account holds beside it."""
    held: dict[str, list[Trade]] = {}
    for trade in trades:
        if trade.held > 0:
            held.setdefault(trade.contract.symbol, []).append(trade)
    return [_position_view(held[symbol]) for symbol in sorted(held)]


def _position_view(trades: list[Trade]) -> View:
    contract: Contract = trades[0].contract
    quantity = sum(trade.held for trade in trades)
    cost = sum((trade.premium_held for trade in trades), Decimal(0))
    return {
        "symbol": contract.symbol,
        "contract": contract.label,
        "quantity": quantity,
        "average_price": _average(cost / (contract.multiplier * quantity)),
        "cost": decimal_text(cost.quantize(CENTS)),
        "exits_working": sum(trade.exits_working for trade in trades),
        "expires_on": None if contract.expires_on is None else contract.expires_on.isoformat(),
        "trades": [trade.trade_id for trade in trades],
    }


def working_orders(state: DeskState) -> list[Order]:
    """Return the orders that are or may be live at the broker, the newest first."""
    runs = [closing.run for closing in state.closings.values() if closing.run is not None]
    orders = [order for trade in state.trades.values() for order in trade.orders]
    orders += [order for run in runs for order in run.orders]
    return sorted((order for order in orders if order.status.is_live), key=lambda order: order.sent_at, reverse=True)


def trading_state(state: DeskState) -> str:
    return "halted" if state.halts else "active"


def halts_view(state: DeskState) -> View:
    """Return the trading state and every halt that holds, the oldest first."""
    halts = [{"cause": halt.cause.value, "reason": halt.reason, "by": halt.by} for halt in state.halts]
    return {"state": trading_state(state), "halts": halts}


def allowlist_view(allowlist: Allowlist) -> Mapping[str, list[str]]:
    """Return who may trade now, each list in order of its numbers."""
    return {
        "users": [str(number) for number in sorted(allowlist.users.ids)],
        "channels": [str(number) for number in sorted(allowlist.channels.ids)],
        "webhooks": [str(number) for number in sorted(allowlist.webhooks)],
    }


def _average(price: Decimal | None) -> str | None:
    if price is None:
        return None
    exact, short = price.quantize(AVERAGE_PLACES), price.quantize(CENTS)
    return decimal_text(short if exact == short else exact.normalize())
