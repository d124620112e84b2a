"""Where the broker contradicts itself: other numbers for a known fill, one order there twice, fills taken back, a live
order with a remark, fills that are counted and never listed.

The desk keeps what it has counted, for the newer word may be as wrong as the older. It halts entries and pages a
person, once for each. What the account misses then is taken over as any position is, see `positions`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve

from domain.closing import Closing
from domain.desk.answering import find_owner, progress_owner, put_order, trade_id_of
from domain.desk.positions import BELIEVE_AFTER
from domain.desk.replies import order_name
from domain.desk.turn import Turn
from domain.events import BrokerRead
from domain.execution import with_twin
from domain.orders import REPORTED, Fill, Order, OrderReport, OrderRole, OrderStatus, Signal
from domain.trade import Trade
from domain.verdicts import HaltCause
from domain.wording import in_full

# An announced fill may be shown late; nothing but the end of its ladder waits for it.
SHOWN_WITHIN = timedelta(minutes=2)


def dispute(turn: Turn, reason: str, trade_id: str) -> None:
    """Halt because the broker contradicts itself; page also where entries are halted for that already."""
    turn.halt_and_page(HaltCause.BROKER_CONTRACT, reason, "desk", trade_id)


def note_disputed(turn: Turn, before: Order, after: Order) -> None:
    """Tell of the fills in an order's newest report that cannot be counted."""
    counted = {fill.fill_id: fill for fill in before.fills}
    for fill in after.disputed[len(before.disputed) :]:
        first = counted.get(fill.fill_id)
        if first is not None:
            was = f"it was {first.quantity} @ {in_full(first.price)}, which is kept"
        elif fill.is_sound:
            was = f"the broker counts only {after.reported_filled}, so that it may be one that is counted already"
        else:
            was = "its numbers cannot be"
        what = f"{fill.quantity} @ {in_full(fill.price)}"
        reason = f"fill {fill.fill_id} of {order_name(after)} is {what} to the broker: {was}"
        dispute(turn, reason, after.trade_id)


def note_remark(turn: Turn, before: Order, after: Order, told: OrderReport) -> None:
    """Tell of what the broker remarks on a live order, such as a status that nobody knows here: it counts as live."""
    if told.reason and after.status.is_live and after.reason != before.reason:
        reason = (
            f"{order_name(after)} ({after.contract.label}) counts as live, and the broker says of it: {told.reason}"
        )
        dispute(turn, reason, after.trade_id)


def is_twin(order: Order, told: OrderReport) -> bool:
    """Return whether a report is of another order under the same id: a request that arrived twice, or an order that a
    person replaced at the broker after the first one's end was told.

    The answer that refused the one has no broker order id; whatever is there and not refused is the other.
    """
    known = order.broker_order_id
    if known is None:
        return order.status is OrderStatus.REJECTED and told.status is not Signal.REPORTED_REJECTED
    if known == told.replaces:
        return order.status.is_terminal and not REPORTED[told.status].is_terminal
    return known != told.broker_order_id


def take_up_twin(turn: Turn, owner: Trade | Closing, order: Order, told: OrderReport) -> tuple[Trade | Closing, Order]:
    """Return the owner with one more order, and that order: it is to be cancelled, and what it fills is covered."""
    text = (
        f"{order_name(order)} ({order.contract.label}) is at the broker a second time as order {told.broker_order_id}: "
        "one of them is cancelled, and what both fill is covered"
    )
    dispute(turn, text, owner.trade_id)
    twin = evolve(
        order,
        client_order_id=f"{order.client_order_id}.{told.broker_order_id}",
        broker_order_id=None,
        quantity=told.quantity or order.quantity,
        limit_price=told.limit_price or order.limit_price,
        status=OrderStatus.PENDING,
        fills=(),
        reported_filled=0,
        replaces=None,
        reason="",
        disputed=(),
        taken_back=(),
    )
    if isinstance(owner, Closing):
        return evolve(owner, run=with_twin(owner.ladder, order, twin)), twin
    if order.role is OrderRole.EXIT:
        by_hand = told.replaces == order.broker_order_id  # then the first one was replaced, and not cancelled
        uncovered = "" if by_hand else owner.uncovered
        return evolve(owner, exits=(*owner.exits, twin), uncovered=uncovered), twin
    return evolve(owner, entry=with_twin(owner.entry, order, twin)), twin


def counted_only(turn: Turn, event: BrokerRead) -> list[OrderReport]:
    """Return reports in which what the broker counts, and has not listed for too long, is a fill at the order's limit.

    The contracts are there, or gone: they are covered, or offered no more. What is listed later has no room any more.
    """
    earlier = turn.state.reconciliation.unlisted
    since: dict[str, datetime] = {}
    overdue = []
    for owner, order, told in _ours(turn, event):
        if not order.filled < order.reported_filled <= told.filled_quantity:
            continue
        key = f"{order.client_order_id}:{order.filled}"
        first = earlier.get(key, event.asked_at)
        if event.asked_at - first < SHOWN_WITHIN:
            since[key] = first
        else:
            overdue.append(_at_limit(turn, owner, order, told))
    if since != earlier:
        turn.change(reconciliation=evolve(turn.state.reconciliation, unlisted=since))
    return overdue


def _at_limit(turn: Turn, owner: Trade | Closing, order: Order, told: OrderReport) -> OrderReport:
    quantity, price = order.reported_filled - order.filled, _price_at_worst(owner, order)
    reason = (
        f"the broker counts {order.reported_filled} filled of {order_name(order)} ({order.contract.label}) and lists "
        f"{order.filled} that can be counted: the other {quantity} count as filled @ {in_full(price)}"
    )
    dispute(turn, reason, owner.trade_id)
    fill = Fill(f"{told.broker_order_id}:{order.reported_filled}", quantity, price, turn.at)
    put_order(turn, owner, evolve(order, taken_back=(*order.taken_back, fill.fill_id)))  # no reading shows it
    return evolve(told, fills=(*told.fills, fill))


def _price_at_worst(owner: Trade | Closing, order: Order) -> Decimal:
    """An order's limit; of a market order the highest price that it was sized for, or the lowest that there is."""
    if order.limit_price is not None:
        return order.limit_price
    if isinstance(owner, Trade):
        return owner.entry.plan.worst_price
    return order.contract.ticks.bands[0].tick


def note_taken_back(turn: Turn, event: BrokerRead) -> None:
    """Tell of fills that complete readings have not shown for a while, each once: counted ones, and announced ones.

    A counted fill stays counted. One that was only announced, in an order's count, is waited for no longer: until its
    order is settled, nothing that comes after it is.
    """
    earlier = turn.state.reconciliation.missing_fills
    found: dict[str, datetime] = {}
    for owner, order, told in _ours(turn, event):
        if not _lists_all(told):
            continue
        missing = {fill.fill_id: fill for fill in _missing(order, told)}
        since = {fill_id: earlier.get(fill_id, event.asked_at) for fill_id in missing}
        gone = tuple(fill_id for fill_id in missing if event.asked_at - since[fill_id] >= BELIEVE_AFTER)
        found |= {fill_id: first for fill_id, first in since.items() if fill_id not in gone}
        for fill_id in gone:
            fill = missing[fill_id]
            what = f"{fill.quantity} @ {in_full(fill.price)}"
            reason = f"the broker has taken back fill {fill_id} of {order_name(order)} ({what})"
            dispute(turn, reason, owner.trade_id)
        if gone:
            put_order(turn, owner, evolve(order, taken_back=(*order.taken_back, *gone)))
        elif _awaits_more(order, told):
            key = f"{order.client_order_id}:announced"
            first = earlier.get(key, event.asked_at)
            if event.asked_at - first < SHOWN_WITHIN:
                found[key] = first
            else:
                _wait_no_longer(turn, owner, order)
    if found != earlier:
        turn.change(reconciliation=evolve(turn.state.reconciliation, missing_fills=found))


def _ours(turn: Turn, event: BrokerRead) -> Iterator[tuple[Trade | Closing, Order, OrderReport]]:
    """The read orders that the desk knows, each with its owner as it is by then."""
    for told in event.orders:
        owner = None if told.client_order_id is None else find_owner(turn, trade_id_of(told.client_order_id))
        order = None if owner is None else owner.order(told.broker_order_id)
        if owner is not None and order is not None:
            yield owner, order, told


def _lists_all(told: OrderReport) -> bool:
    return sum(fill.quantity for fill in told.fills) == told.filled_quantity


def _missing(order: Order, told: OrderReport) -> list[Fill]:
    """The counted fills that a report of all fills does not have."""
    listed = {fill.fill_id for fill in told.fills}
    return [fill for fill in order.fills if fill.fill_id not in listed and fill.fill_id not in order.taken_back]


def _awaits_more(order: Order, told: OrderReport) -> bool:
    """Whether an order that has ended waits for fills that the broker announced once and counts no more."""
    return order.status.is_terminal and not order.is_settled and told.filled_quantity < order.reported_filled


def _wait_no_longer(turn: Turn, owner: Trade | Closing, order: Order) -> None:
    announced = order.reported_filled - order.filled
    reason = (
        f"the broker announced {announced} more filled of {order_name(order)} ({order.contract.label}) and shows "
        f"{order.filled} in all: those are not waited for any longer"
    )
    dispute(turn, reason, owner.trade_id)
    put_order(turn, owner, evolve(order, reported_filled=order.filled))
    progress_owner(turn, owner.trade_id)
