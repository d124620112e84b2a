"""The desk's state in plain words, for an operator who reads it in a chat."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from adapters.discord.words import masked
from domain.allowlist import Allowlist
from domain.closing import request_of
from domain.desk.state import DeskState, Output, Phase
from domain.events import CloseFinished
from domain.orders import Order
from domain.trade import Trade
from domain.wording import money

ROWS_MAX = 12
PHASES: Mapping[Phase, str] = {
    Phase.STOPPED: "not started yet",
    Phase.RECOVERING: "recovering: the books are being compared with the broker's",
    Phase.ACTIVE: "active",
}

CLOSE_HINT = "`!tt positions` shows what is left of it, `!tt orders` how it is being sold."
HELP = """\
!tt help: this
!tt status, !tt account, !tt positions, !tt orders: how things stand
!tt order ID: one order
!tt cancel ID, !tt replace ID PRICE: change a working order
!tt close SYMBOL: sell all that this system holds in it
!tt halt [reason], !tt resume [reason]: stop new entries, allow them again
!tt explain TEXT: what an alert would lead to, without an order
!tt auth status, !tt auth refresh: the broker's session
!allowlist list, !allowlist add|remove user|channel ID: who may trade"""


def status_text(state: DeskState, connection: str, authorization: str) -> str:
    """Return how the desk stands, and its connections as they describe themselves."""
    deciding = len(state.candidates) + len(state.waiting)
    return "\n".join(
        (
            f"Mode {state.policies.mode}, {PHASES[state.phase]}. {halts_text(state)}",
            f"Open trades: {len(state.trades)}. Working orders: {len(working_orders(state))}.",
            f"Alerts being decided: {deciding}. Closes under way: {len(state.closings)}.",
            f"Replies and notices not delivered yet: {len(state.outbox)}.",
            f"Discord: {connection}. Broker: {authorization}.",
        )
    )


def halts_text(state: DeskState) -> str:
    if not state.halts:
        return "Entries are allowed."
    causes = "; ".join(f"{halt.cause}: {halt.reason} (by {halt.by})" for halt in state.halts)
    return f"Entries are halted. {causes}."


def account_text(state: DeskState, account: str | None, *, amounts: bool) -> str:
    """Return the account, its number masked, with what it is worth where `amounts` may be told."""
    name = f"Account {masked(account)}" if account else "The account"
    mode = f"{name} ({state.policies.mode})"
    if not amounts:
        return f"{mode}. Amounts are told in a direct message or in the operator's channel only: ask there."
    if state.balances is None:
        return f"{mode}: its balances have not been read yet."
    told = [
        f"buying power {_dollars(state.balances.buying_power)}",
        f"net liquidation {_dollars(state.balances.net_liquidation)}",
    ]
    if state.baseline is not None:
        told.append(f"sized by {_dollars(state.baseline.buying_power)}, the buying power at session start")
    return f"{mode}: {', '.join(told)}."


def positions_text(state: DeskState) -> str:
    """Return what this system holds, one line a contract."""
    held: dict[str, list[Trade]] = {}
    for trade in state.trades.values():
        if trade.held > 0:
            held.setdefault(trade.contract.symbol, []).append(trade)
    if not held:
        return "This system holds nothing."
    return _rows(_position_line(held[symbol]) for symbol in sorted(held))


def _position_line(trades: list[Trade]) -> str:
    contract = trades[0].contract
    quantity = sum(trade.held for trade in trades)
    cost = sum((trade.premium_held for trade in trades), Decimal(0))
    average = cost / (contract.multiplier * quantity)
    covered = sum(trade.exits_working for trade in trades)
    names = ", ".join(trade.trade_id for trade in trades)
    return f"{quantity} {contract.label} @ {money(average)} on average, exits working for {covered} ({names})"


def orders_text(state: DeskState) -> str:
    """Return the orders that are or may be live, the newest first."""
    orders = working_orders(state)
    return _rows(map(order_text, orders)) if orders else "No order is working."


def order_text(order: Order) -> str:
    """Return one order in a line: both its ids, what it asks for, and how far it is."""
    side = "buy" if order.side.is_buy else "sell"
    name = f"{order.broker_order_id} ({order.client_order_id})" if order.broker_order_id else order.client_order_id
    reason = f", {order.reason}" if order.reason else ""
    return (
        f"{name}: {side} {order.quantity} {order.contract.label} @ {money(order.limit_price)} {order.time_in_force}, "
        f"{order.status}, {order.filled} of {order.quantity} filled{reason}"
    )


def begun_lines(state: DeskState, request_id: str, outputs: Iterable[Output]) -> list[str]:
    """Return a line for each close that an operator's request began, with its id, and one that says where to look."""
    closes = state.closes_of(request_id)
    lines = [f"Closing {closing.contract.label} ({closing.trade_id})." for closing in closes]
    shown = {closing.trade_id for closing in closes}
    for output in outputs:
        if isinstance(output, CloseFinished) and request_of(output.trade_id) == request_id:
            lines += [] if output.trade_id in shown else [f"Close {output.trade_id} is over: {output.reason}."]
    return [*lines, CLOSE_HINT] if lines else []


def allowlist_text(allowlist: Allowlist) -> str:
    """Return who may trade now, each list in order of its numbers."""
    lists = {
        "Users": allowlist.users.ids,
        "Channels": allowlist.channels.ids,
        "Webhooks": allowlist.webhooks,
    }
    return "\n".join(f"{name}: {', '.join(map(str, sorted(ids))) or 'none'}" for name, ids in lists.items())


def working_orders(state: DeskState) -> list[Order]:
    """Return the orders that are or may be live at the broker, the newest first."""
    runs = [closing.run for closing in state.closings.values() if closing.run is not None]
    orders = [order for trade in state.trades.values() for order in trade.orders]
    orders += [order for run in runs for order in run.orders]
    return sorted((order for order in orders if order.status.is_live), key=lambda order: order.sent_at, reverse=True)


def _rows(lines: Iterable[str]) -> str:
    rows = list(lines)
    rest = len(rows) - ROWS_MAX
    return "\n".join(rows[:ROWS_MAX] + ([f"and {rest} more"] if rest > 0 else []))


def _dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"
