"""The account's positions against what the fills say: what went away without an order of ours, and what came back.

One reading is never believed. A difference counts once complete readings agree on it for a while, and then only as far
as every one of them shows it. What is taken over halts entries; what comes back is held and covered again.
"""

from datetime import timedelta

from attrs import evolve

from domain.account import Position
from domain.desk.expiring import warn_before_expiry
from domain.desk.lifecycle import progress
from domain.desk.state import Difference
from domain.desk.turn import Turn
from domain.desk.watching import may_return
from domain.events import BrokerRead, PositionReturned, PositionTakenOver
from domain.orders import OrderStatus
from domain.trade import Trade
from domain.verdicts import HaltCause, Severity

# Two readings in a row that are this far apart: the readings while an order is in doubt follow each other by seconds.
BELIEVE_AFTER = timedelta(seconds=15)
# A broker's positions follow its fills, but not at once: a fill this young explains a difference.
POSITIONS_LAG = timedelta(seconds=30)


def compare_positions(turn: Turn, event: BrokerRead) -> None:
    """Hold a complete reading against what the desk holds; take over and give back what readings agree on."""
    held_by_broker = {position.symbol: position for position in event.positions}
    earlier, found = turn.state.reconciliation.differences, {}
    shorts: dict[str, int] = {}
    for symbol, trades in _by_symbol(turn).items():
        position = held_by_broker.get(symbol, Position(symbol, 0))
        if position.quantity < 0:
            shorts[symbol] = -position.quantity
            if shorts[symbol] > turn.state.reconciliation.shorts.get(symbol, 0):
                reason = f"the account is short {shorts[symbol]} {symbol}"
                turn.halt_and_page(HaltCause.POSITION_MISMATCH, reason, "desk", trades[-1].trade_id)
            continue
        quantity = _difference(turn, trades, position.quantity, event)
        if not quantity:
            continue
        agreed = _agreed(earlier.get(symbol), Difference(quantity, event.asked_at))
        if event.asked_at - agreed.since < BELIEVE_AFTER:
            found[symbol] = agreed
            continue
        _believe(turn, trades, agreed.quantity)
        if quantity != agreed.quantity:
            found[symbol] = Difference(quantity - agreed.quantity, event.asked_at)
    if found != earlier or shorts != turn.state.reconciliation.shorts:
        turn.change(reconciliation=evolve(turn.state.reconciliation, differences=found, shorts=shorts))


def explain_loss(turn: Turn, trade: Trade) -> Trade:
    """Return the trade without the loss that its own sales explain: they are told late, and no more can be gone."""
    explained = min(trade.lost, max(-trade.held, 0))
    if not explained:
        return trade
    turn.emit(PositionReturned(trade.trade_id, trade.contract.symbol, trade.held, trade.held + explained))
    text = f"{explained} {trade.contract.label} that were gone from the account were sold by this system's own order."
    turn.notify(Severity.INFO, text, trade.trade_id)
    return evolve(trade, lost=trade.lost - explained)


def _by_symbol(turn: Turn) -> dict[str, list[Trade]]:
    # A dictionary and not a set: its order is the same on every machine, and so are the words of a replay.
    over = [trade for trade in turn.state.archive.values() if may_return(turn, trade)]
    found: dict[str, list[Trade]] = {}
    for trade in (*turn.state.trades.values(), *over):
        found.setdefault(trade.contract.symbol, []).append(trade)
    return found


def _difference(turn: Turn, trades: list[Trade], quantity: int, event: BrokerRead) -> int:
    """Return how many contracts are missing, or negative how many of the lost are there again; 0 while one moves."""
    if any(_is_moving(trade, event) for trade in trades):
        return 0
    missing = sum(trade.held for trade in trades) - quantity
    return max(missing, -sum(trade.lost for trade in trades if may_return(turn, trade)))


def _is_moving(trade: Trade, event: BrokerRead) -> bool:
    """Whether something of ours can explain a difference."""
    young_fill = trade.last_fill_at is not None and trade.last_fill_at > event.asked_at - POSITIONS_LAG
    sending = any(order.status is OrderStatus.SENDING for order in trade.orders)
    return trade.in_doubt or trade.closing is not None or young_fill or sending


def _agreed(earlier: Difference | None, now: Difference) -> Difference:
    """Return what all readings since the first show: the smaller difference, and none where one goes the other way."""
    if earlier is None or (earlier.quantity > 0) != (now.quantity > 0):
        return now
    return evolve(earlier, quantity=min(earlier.quantity, now.quantity, key=abs))


def _believe(turn: Turn, trades: list[Trade], quantity: int) -> None:
    """Take over what is missing, from the oldest trade first; or give back what is there again, open trades first."""
    for trade in trades:
        if quantity > 0 and trade.trade_id in turn.state.trades:
            lost = min(quantity, max(trade.held, 0))
            quantity -= lost
            if lost:
                _take_over(turn, trade, lost)
        elif quantity < 0 and may_return(turn, trade):
            returned = min(-quantity, trade.lost)
            quantity += returned
            _give_back(turn, trade, returned)


def _take_over(turn: Turn, trade: Trade, lost: int) -> None:
    turn.emit(PositionTakenOver(trade.trade_id, trade.contract.symbol, trade.held, trade.held - lost))
    label = trade.contract.label
    if trade.is_past_cut_off(turn.at):
        text = f"{lost} {label} are gone from the account after the last trading day (expired, exercised or assigned)."
        turn.notify(Severity.WARNING, text, trade.trade_id)
    else:
        text = f"{lost} of {trade.held} {label} are gone from the account without an order of this system"
        turn.halt_and_page(HaltCause.POSITION_MISMATCH, text, "desk", trade.trade_id)
    progress(turn, evolve(trade, lost=trade.lost + lost, lost_at=turn.at))


def _give_back(turn: Turn, trade: Trade, returned: int) -> None:
    changed = evolve(trade, lost=trade.lost - returned)
    label, is_over = trade.contract.label, trade.trade_id in turn.state.archive
    turn.emit(PositionReturned(trade.trade_id, trade.contract.symbol, trade.held, changed.held))
    text = f"{returned} {label} that were gone are in the account again: they are held as before and covered by exits."
    turn.notify(Severity.PAGE, text, trade.trade_id)
    if is_over:
        turn.reopen(changed)
        warn_before_expiry(turn, changed)
    progress(turn, changed)
