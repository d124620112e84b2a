"""Steps that look into the broker's books: the truth about orders, positions and money."""

from collections.abc import Callable
from decimal import Decimal

from pytest_bdd import parsers, then

from adapters.simulated.exchange.book import BookOrder
from domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from domain.orders import OrderRole, Side, Signal
from tests.steps.desk import PaperDesk

STATES = {
    Signal.REPORTED_PENDING: "pending",
    Signal.REPORTED_WORKING: "working",
    Signal.REPORTED_FILLED: "filled",
    Signal.REPORTED_CANCELLED: "cancelled",
    Signal.REPORTED_EXPIRED: "expired",
    Signal.REPORTED_REJECTED: "rejected",
}
ACTS = {SubmitOrder: "place", ReplaceOrder: "replace", CancelOrder: "cancel"}


def _money(price: Decimal | None) -> str:
    return "market" if price is None else f"{price:.2f}"


def _written(desk: PaperDesk, order: BookOrder) -> str:
    strike = order.contract.strike
    assert strike is not None
    assert order.contract.right is not None
    assert order.contract.expires_on is not None
    day = order.contract.expires_on
    return f"{order.contract.underlying} {strike.normalize():f}{order.contract.right[0].lower()} {day.month}/{day:%d}"


COLUMNS: dict[str, Callable[[PaperDesk, BookOrder], str]] = {
    "order": lambda _, order: "buy" if order.side.is_buy else "sell",
    "contract": _written,
    "symbol": lambda _, order: order.contract.symbol,
    "quantity": lambda _, order: str(order.quantity),
    "limit": lambda _, order: _money(order.limit_price),
    "state": lambda _, order: STATES[order.status],
    "filled": lambda _, order: str(order.filled),
    "leaves": lambda _, order: str(order.leaves),
    "in force": lambda _, order: order.time_in_force.value.lower(),
}


def _table(desk: PaperDesk, orders: list[BookOrder], header: list[str]) -> list[list[str]]:
    return [[COLUMNS[column](desk, order) for column in header] for order in orders]


@then("the broker has these orders:")
def _orders(desk: PaperDesk, datatable: list[list[str]]) -> None:
    """Every order there ever was, oldest first."""
    header, *rows = datatable
    assert _table(desk, desk.orders(), header) == rows


@then("the broker has these working orders:")
def _working_orders(desk: PaperDesk, datatable: list[list[str]]) -> None:
    header, *rows = datatable
    working = [order for order in desk.orders() if not order.has_ended]
    assert _table(desk, working, header) == rows


@then("nothing is working at the broker")
def _nothing_working(desk: PaperDesk) -> None:
    assert [order for order in desk.orders() if not order.has_ended] == []


@then(parsers.parse("an order to {side:w} {count:d} {contract} at {price:S} is working"))
def _is_working(desk: PaperDesk, side: str, count: int, contract: str, price: str) -> None:
    """It is the only one of its side."""
    order = desk.live(Side.BUY_TO_OPEN if side == "buy" else Side.SELL_TO_CLOSE)
    found = (order.leaves, order.contract.symbol, _money(order.limit_price))
    assert found == (count, desk.contract(contract).symbol, price)


@then("no exit is at the broker")
def _no_exit(desk: PaperDesk) -> None:
    assert [order for order in desk.orders() if not order.side.is_buy] == []


@then(parsers.parse("no {side:w} order is working"))
def _none_working(desk: PaperDesk, side: str) -> None:
    wanted = Side.BUY_TO_OPEN if side == "buy" else Side.SELL_TO_CLOSE
    assert [order for order in desk.orders() if order.side is wanted and not order.has_ended] == []


@then(parsers.parse("{count:d} {contract} are held"))
def _held(desk: PaperDesk, count: int, contract: str) -> None:
    """At the broker, and the same in the desk's own count of what is its own."""
    assert desk.held(contract) == count
    symbol = desk.contract(contract).symbol
    trades = desk.runtime.state.trades.values()
    assert sum(trade.held for trade in trades if trade.contract.symbol == symbol) == count


@then(parsers.parse("the account holds {count:d} {contract}"))
def _account_holds(desk: PaperDesk, count: int, contract: str) -> None:
    """At the broker, whoever bought them."""
    assert desk.held(contract) == count


@then(parsers.parse("the ladder of the {role:w} is:"))
def _ladder(desk: PaperDesk, role: str, datatable: list[list[str]]) -> None:
    """What was sent when, in seconds after the first order; the broker's books hold the same limits in this order."""
    header, *rows = datatable
    wanted = {"entry": OrderRole.ENTRY, "close": OrderRole.CLOSE}[role]
    sent = [row for row in desk.recorded("SubmitOrder", "ReplaceOrder", "CancelOrder") if row.body.order.role is wanted]
    first = sent[0].at
    cells = {
        "second": [f"{(row.at - first).total_seconds():.2f}".rstrip("0").rstrip(".") for row in sent],
        "act": [ACTS[type(row.body)] for row in sent],
        "limit": [_money(row.body.order.limit_price) for row in sent],
        "quantity": [str(row.body.order.quantity) for row in sent],
    }
    assert [list(line) for line in zip(*(cells[column] for column in header), strict=True)] == rows
    side = Side.BUY_TO_OPEN if wanted is OrderRole.ENTRY else Side.SELL_TO_CLOSE
    booked = [_money(order.limit_price) for order in desk.orders() if order.side is side and order.role is wanted]
    placed = [_money(row.body.order.limit_price) for row in sent if not isinstance(row.body, CancelOrder)]
    assert booked == placed, "the broker's books and the log tell two stories"


@then(parsers.parse("the limits of the entry are {prices}"))
def _limits(desk: PaperDesk, prices: str) -> None:
    booked = [_money(order.limit_price) for order in desk.orders() if order.side is Side.BUY_TO_OPEN]
    assert booked == prices.split(", ")


@then(parsers.parse("never were two entry orders live at once"))
def _one_live(desk: PaperDesk) -> None:
    """An order is placed only when all before it had ended in the broker's books, but for what it replaces."""
    bought = [order for order in desk.orders() if order.side is Side.BUY_TO_OPEN]
    for number, order in enumerate(bought):
        for earlier in bought[:number]:
            replaced = earlier.broker_order_id == order.replaces
            assert replaced or (earlier.has_ended and earlier.changed_at <= order.received_at), (earlier, order)


@then(parsers.parse("the last step of the ladder is {move:w}"))
def _last_move(desk: PaperDesk, move: str) -> None:
    moves = desk.recorded("LadderMoved")
    assert moves, "the ladder has not moved"
    assert moves[-1].body.move == move


@then(parsers.re(r"the broker has (?P<count>\d+) contracts? to sell at (?P<price>\S+)"), converters={"count": int})
def _to_sell(desk: PaperDesk, count: int, price: str) -> None:
    """In however many working orders."""
    working = [order for order in desk.orders() if not order.side.is_buy and not order.has_ended]
    assert sum(order.leaves for order in working) == count, working
    assert {_money(order.limit_price) for order in working} == {price}


@then(parsers.parse("the exit was sent within {seconds:g} seconds of the fill"))
def _exit_in_time(desk: PaperDesk, seconds: float) -> None:
    """Counted from the execution at the broker, not from its report."""
    bought = next(order for order in desk.orders() if order.side.is_buy)
    sold = next(order for order in desk.orders() if not order.side.is_buy)
    assert (sold.received_at - bought.fills[0].at).total_seconds() <= seconds
