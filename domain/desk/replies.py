"""What the desk says to people, in plain words: placed, filled, exit, cancelled, not filled, denied, dry run."""

from domain.exits import covered_quantity, exit_price
from domain.orders import Fill, Order
from domain.trade import Trade
from domain.wording import money


def order_name(order: Order) -> str:
    return f"order {order.broker_order_id or order.client_order_id}"


def placed(trade: Trade, order: Order) -> str:
    return f"Placed: buy {order.quantity} {trade.contract.label} @ {money(order.limit_price)} ({order_name(order)})."


def unconfirmed(trade: Trade, order: Order) -> str:
    return (
        f"Sent, not confirmed: buy {order.quantity} {trade.contract.label} @ {money(order.limit_price)} "
        f"({order_name(order)}). The broker gave no clear answer; its books are being read, nothing is sent again."
    )


def filled(trade: Trade, fill: Fill, order: Order, cumulative: int) -> str:
    return (
        f"Filled {fill.quantity} @ {money(fill.price)} ({order_name(order)}): "
        f"{cumulative} of {trade.entry.quantity} {trade.contract.label}."
    )


def entry_over(trade: Trade) -> str:
    """Return the entry's end: what filled at which average, or that nothing did, and why."""
    run = trade.entry
    if not run.filled:
        return f"Not filled, cancelled: {trade.contract.label} ({run.withdrawn or 'no reason given'})."
    rest = "" if not run.leaves else f" The other {run.leaves} were not filled ({run.withdrawn})."
    return f"Entry done: {run.filled} {trade.contract.label} @ {money(run.average_price)} on average.{rest}"


def no_exit(trade: Trade) -> str:
    held = trade.bought
    return f"No exit: {held} contract{'s' if held != 1 else ''} filled, and the exit share of that rounds down to none."


def exit_placed(trade: Trade, order: Order) -> str:
    return (
        f"Exit placed: sell {order.quantity} {trade.contract.label} @ {money(order.limit_price)} GTC "
        f"({order_name(order)})."
    )


def exit_filled(trade: Trade, fill: Fill, order: Order) -> str:
    return (
        f"Exit filled: sold {fill.quantity} {trade.contract.label} @ {money(fill.price)} ({order_name(order)}), "
        f"{trade.held} still held."
    )


def dry_run(trade: Trade, order: Order, detail: str) -> str:
    covered = covered_quantity(order.quantity, trade.policy)
    meant = order.limit_price or trade.entry.plan.worst_price
    target = exit_price(meant, trade.policy, trade.contract.ticks)
    exit_words = f"the exit would be sell {covered} @ {money(target)} GTC" if covered else "no exit would be placed"
    words = f" The broker says: {detail}." if detail else ""
    return (
        f"Dry run, nothing placed: buy {order.quantity} {trade.contract.label} @ {money(order.limit_price)} "
        f"is valid; when filled there, {exit_words}.{words}"
    )


def close_placed(order: Order) -> str:
    return f"Placed: sell {order.quantity} {order.contract.label} @ {money(order.limit_price)} ({order_name(order)})."


def close_filled(order: Order, fill: Fill) -> str:
    return f"Sold {fill.quantity} {order.contract.label} @ {money(fill.price)} ({order_name(order)})."
