"""The broker's own reports of orders: fills, ends, and orders whose answer was lost or that were thought absent."""

from collections.abc import Mapping

from attrs import evolve

from domain.closing import Closing
from domain.desk.answering import (
    UNANSWERED,
    acknowledge,
    answer_in,
    find_owner,
    note_entry,
    progress_owner,
    record_end,
    trade_id_of,
)
from domain.desk.contesting import dispute, is_twin, note_disputed, note_remark, take_up_twin
from domain.desk.expiring import warn_before_expiry
from domain.desk.lifecycle import exit_failed
from domain.desk.positions import explain_loss
from domain.desk.replies import close_filled, exit_filled, filled, order_name
from domain.desk.selling import allocate, book_sale, reopen_closing
from domain.desk.turn import Turn
from domain.events import OrderFilled
from domain.execution import report
from domain.orders import Fill, Order, OrderReport, OrderRole, OrderStatus
from domain.trade import Trade
from domain.verdicts import Severity


def on_report(turn: Turn, told: OrderReport) -> None:
    """Take in the broker's report of an order; one that is not ours is left alone."""
    owner = _owner(turn, told)
    before = None if owner is None else owner.order(told.broker_order_id) or owner.order(told.client_order_id or "")
    if owner is None or before is None:
        return
    if is_twin(before, told):
        owner, before = take_up_twin(turn, owner, before, told)
    after, fills = _take_in(turn, owner, before, told)
    if after == before:
        return
    if after.role is OrderRole.ENTRY:
        note_entry(turn, before, after)
    if before.status in UNANSWERED and after.status not in UNANSWERED:
        acknowledge(turn, after, answer_in(after))
    if after.role is OrderRole.EXIT:
        _exit_ended(turn, before, after)
    _book(turn, after, fills)
    note_remark(turn, before, after, told)
    record_end(turn, before, after)
    progress_owner(turn, after.trade_id)


def _owner(turn: Turn, told: OrderReport) -> Trade | Closing | None:
    if told.client_order_id is not None:
        return find_owner(turn, trade_id_of(told.client_order_id))
    known: tuple[Trade | Closing, ...] = (*turn.state.trades.values(), *turn.state.closings.values())
    return next((owner for owner in known if owner.order(told.broker_order_id) is not None), None)


def _take_in(turn: Turn, owner: Trade | Closing, before: Order, told: OrderReport) -> tuple[Order, tuple[Fill, ...]]:
    """Put the reported order where it belongs; a closed trade of which an order moves is open again."""
    name = before.client_order_id
    if isinstance(owner, Closing):
        return _take_in_close(turn, owner, before, told)
    if before.role is OrderRole.ENTRY:
        run, fills = report(owner.entry, name, told)
        after, changed = run.order(name), evolve(owner, entry=run)
    else:
        after, fills = before.reported(told)
        changed = owner.with_exit(after)
    if after == before:
        return before, ()
    note_disputed(turn, before, after)
    if owner.trade_id in turn.state.archive and after.is_settled and not fills:
        turn.archive(changed)  # other words for an end that is known
        return before, ()
    if owner.trade_id in turn.state.archive:
        turn.reopen(changed)
        turn.notify(Severity.PAGE, f"{order_name(after)} of closed trade {owner.trade_id} moves again.", owner.trade_id)
    else:
        turn.put_trade(changed)
    return after, fills


def _take_in_close(turn: Turn, closing: Closing, before: Order, told: OrderReport) -> tuple[Order, tuple[Fill, ...]]:
    """As `_take_in`, for a close; a finished one of which an order moves is open again, to end that order."""
    run, fills = report(closing.ladder, before.client_order_id, told)
    after = run.order(before.client_order_id)
    note_disputed(turn, before, after)
    if closing.trade_id in turn.state.closings:
        turn.put_closing(evolve(closing, run=run))
    elif after != before:
        over = after.is_settled and not fills  # other words for an end that is known
        if over:
            turn.finish_closing(evolve(closing, run=run))
            return before, ()
        reopen_closing(turn, evolve(closing, run=run))
        text = f"{order_name(after)} of finished close {closing.trade_id} moves again."
        turn.notify(Severity.PAGE, text, closing.trade_id)
    return after, fills


def _book(turn: Turn, order: Order, fills: tuple[Fill, ...]) -> None:
    """Record each new fill once, tell it, and give a close's fills to the trades that held the contracts."""
    owner = turn.state.closings.get(order.trade_id) or turn.state.trades[order.trade_id]
    counted = _cumulative(owner, order) - sum(fill.quantity for fill in fills)
    for fill in fills:
        counted += fill.quantity
        turn.emit(OrderFilled(order.trade_id, order.client_order_id, order.broker_order_id, order.role, fill, counted))
        if isinstance(owner, Closing):
            words = close_filled(order, fill)
        else:
            entry = order.role is OrderRole.ENTRY
            words = filled(owner, fill, order, counted) if entry else exit_filled(owner, fill, order)
        turn.tell(owner.message, order.trade_id, words, facts={"quantity": fill.quantity, "price": fill.price})
    if isinstance(owner, Closing):
        _book_close(turn, owner, fills)
    elif fills:
        _book_on_trade(turn, owner, order, fills)
    if fills and order.filled > order.quantity:
        reason = f"{order.filled} filled of {order.quantity} ordered ({order_name(order)}, {order.contract.label})"
        dispute(turn, reason, order.trade_id)


def _cumulative(owner: Trade | Closing, order: Order) -> int:
    if isinstance(owner, Closing):
        return owner.ladder.filled
    return owner.bought if order.role is OrderRole.ENTRY else owner.exited


def _book_close(turn: Turn, closing: Closing, fills: tuple[Fill, ...]) -> None:
    before = turn.state.trades
    left = sum(allocate(turn, closing, fill) for fill in fills)
    if left:
        left = book_sale(turn, _others(turn, closing), left, fills[-1].price)
        _page_oversold(turn, closing, left)
    _tell_others(turn, closing, before)


def _book_on_trade(turn: Turn, trade: Trade, order: Order, fills: tuple[Fill, ...]) -> None:
    if trade.last_fill_at is None:
        warn_before_expiry(turn, trade)
    trade = explain_loss(turn, evolve(trade, last_fill_at=turn.at))
    turn.put_trade(trade)
    if trade.bought > trade.entry.quantity and order.role is OrderRole.ENTRY:
        text = f"{trade.bought} filled of {trade.entry.quantity} meant in {trade.contract.label}"
        dispute(turn, text, trade.trade_id)
    if trade.held < 0 and order.role is OrderRole.EXIT:
        _book_on_others(turn, trade, fills)


def _book_on_others(turn: Turn, trade: Trade, fills: tuple[Fill, ...]) -> None:
    """Book what an exit has just sold beyond its own trade on the others in the contract."""
    before, price = turn.state.trades, fills[-1].price
    too_many = min(-trade.held, sum(fill.quantity for fill in fills))
    left = book_sale(turn, _others(turn, trade), too_many, price)
    booked = too_many - left
    proceeds = trade.of_others_proceeds + booked * price
    turn.put_trade(evolve(trade, of_others=trade.of_others + booked, of_others_proceeds=proceeds))
    _page_oversold(turn, trade, left)
    _tell_others(turn, trade, before)


def _others(turn: Turn, seller: Trade | Closing) -> list[Trade]:
    """The other open trades in a contract: an order that arrived twice sells of theirs where its surplus fills."""
    symbol = seller.contract.symbol
    open_ones = turn.state.trades.values()
    return [trade for trade in open_ones if trade.contract.symbol == symbol and trade.trade_id != seller.trade_id]


def _page_oversold(turn: Turn, seller: Trade | Closing, left: int) -> None:
    if left:
        text = f"{seller.contract.label}: {left} more were sold than the desk held. Look at the account now."
        turn.notify(Severity.PAGE, text, seller.trade_id)


def _tell_others(turn: Turn, seller: Trade | Closing, before: Mapping[str, Trade]) -> None:
    """Move on every trade of which something was booked since `before`, and tell of those that the seller is not for.

    Only when all is booked and put: moving one on can end the close that has it in hand, and with it other trades.
    """
    own = seller.trades if isinstance(seller, Closing) else (seller.trade_id,)
    sold = {name: trade.sold - before[name].sold for name, trade in turn.state.trades.items() if name in before}
    for name, booked in sold.items():
        if not booked:
            continue
        if name not in own:
            text = f"{booked} {seller.contract.label} of trade {name} were sold by orders of {seller.trade_id}. "
            turn.notify(Severity.PAGE, f"{text}Its exits cover what is left of it.", name)
        trade = turn.state.trades.get(name)
        if trade is not None and trade.closing != seller.trade_id:
            progress_owner(turn, name)


def _exit_ended(turn: Turn, before: Order, after: Order) -> None:
    """What the end of an exit means that we did not ask to end: a refusal is tried again, a person's cancel stands."""
    trade = turn.state.trades[after.trade_id]
    if before.status.is_terminal or not after.status.is_terminal:
        return
    if after.status is OrderStatus.REJECTED and before.status not in UNANSWERED:  # otherwise it was its answer
        turn.put_trade(exit_failed(turn, trade, after.reason or "rejected by the broker"))
    elif after.status is OrderStatus.EXPIRED and not trade.is_past_cut_off(turn.at):
        turn.put_trade(exit_failed(turn, trade, "it expired at the broker"))
    elif after.status is OrderStatus.CANCELLED and before.status is not OrderStatus.CANCELLING:
        reason = "an exit was cancelled by hand at the broker"
        text = f"{trade.contract.label}: {reason} ({order_name(after)}). No new exit is placed until you decide."
        turn.notify(Severity.PAGE, text, trade.trade_id)
        turn.put_trade(evolve(trade, uncovered=reason))
