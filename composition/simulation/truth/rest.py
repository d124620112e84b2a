"""What must hold when the faults have stopped and everything has come to rest: the desk and the broker agree."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from composition.simulation.truth.books import Truth
from composition.simulation.truth.witness import Witness
from domain.commands import Notify, Reply
from domain.desk import DeskState
from domain.desk.state import InvariantViolationError
from domain.events import AlertIgnored, AlertReceived, DeliveryGivenUp, Denied, OrderFilled, Stamped
from domain.exits import covered_quantity
from domain.messages import Source
from domain.orders import Order, OrderRole
from domain.policies import share
from domain.trade import Trade
from domain.verdicts import DenialCode, Severity

# The order's client order id, the fill's id, its quantity and its price.
Told = tuple[str | None, str, int, Decimal]
UNLISTED = ":"  # in the name of what the desk counts though the broker never listed it
NO_NEWS_ANY_MORE = timedelta(hours=1)


def check_rest(state: DeskState, truth: Truth, witness: Witness) -> None:
    """Compare the desk with the broker's books, and what was promised with what was said."""
    known = _orders(state)
    _check_orders(known, truth, witness)
    _check_fills(truth, witness)
    _check_positions(state, truth, witness)
    for trade in state.trades.values():
        _check_exits(trade, truth, witness)
    _check_answers(witness)
    _check_deliveries(witness)
    _check_posts(truth, witness)


def _orders(state: DeskState) -> dict[str, Order]:
    trades = (*state.trades.values(), *state.archive.values())
    closings = (*state.closings.values(), *state.finished.values())
    orders = [order for trade in trades for order in trade.orders]
    orders += [order for closing in closings if closing.run is not None for order in closing.run.orders]
    return {order.client_order_id: order for order in orders}


def _check_orders(known: dict[str, Order], truth: Truth, witness: Witness) -> None:
    by_id = {order.broker_order_id: order for order in known.values()}
    there: Counter[str] = Counter()
    for booked in truth.orders():
        name = booked.client_order_id or ""
        there[name] += 1
        order = by_id.get(booked.broker_order_id) or known.get(name)
        if order is None:
            witness.violate("no orphan", f"{name} is at the broker and the desk does not know it")
        elif order.status.is_live == booked.has_ended:
            words = f"{name} is {order.status} to the desk and {booked.status} at the broker"
            witness.violate("desk and broker agree", words, order.trade_id)
    for name, count in there.items():
        if count > 1 + (name in witness.doubled):
            witness.violate("sent once", f"{name} is at the broker {count} times")
    for name, order in known.items():
        if order.status.is_live and not there[_sent_as(name)]:
            witness.violate("no orphan", f"{name} is {order.status} to the desk and the broker has no such order")


def _sent_as(name: str) -> str:
    """Return the client order id at the broker of an order of the desk's: a twin has the broker's id behind it."""
    return name.partition(".")[0]


def _check_fills(truth: Truth, witness: Witness) -> None:
    told: set[Told] = {
        (_sent_as(row.body.client_order_id), row.body.fill.fill_id, row.body.fill.quantity, row.body.fill.price)
        for row in witness.rows
        if isinstance(row.body, OrderFilled)
    }
    real: set[Told] = {
        (order.client_order_id, fill.fill_id, fill.quantity, fill.price)
        for order in truth.orders()
        for fill in order.fills
    }
    _check_totals(told, real, witness)
    for name, fill_id, quantity, price in sorted(told ^ real, key=str):
        if name in witness.renamed or fill_id in witness.amended.keys() | witness.contradicted:
            continue
        # Where a fill was changed, the broker's count may have no room for the next one: it is disputed then, and
        # counts in the end without its id.
        if name in witness.changed and (_is_paged(fill_id, witness) or UNLISTED in fill_id):
            continue
        where = "the broker" if (name, fill_id, quantity, price) in real else "the desk"
        witness.violate("a fill counts once", f"{fill_id} ({quantity} @ {price}) of {name} is known to {where} only")
    now = _now(truth)
    over = {
        order.client_order_id
        for order in truth.orders()
        if order.contract.cut_off is not None and order.contract.cut_off <= now
    }
    # What a contract that has expired since was traded at is history.
    changed = {fill_id for fill_id, (name, _) in witness.amended.items() if name not in over}
    # A contradiction that came first, for a process that had lost the fill's own report, is what the desk counts.
    _check_pages({fill_id for _, fill_id, _, _ in told - real} & (changed | witness.contradicted), witness)


def _check_totals(told: set[Told], real: set[Told], witness: Witness) -> None:
    """Of an order with a fill under another id the desk counts as many as the broker, but for what was changed else.

    So it does where a fill was changed, for of the further ones it may take one for the same.
    """
    for name in sorted(witness.renamed | witness.changed.keys()):
        counted, there = (sum(fill[2] for fill in fills if fill[0] == name) for fills in (told, real))
        if abs(counted - there) > witness.changed[name]:
            witness.violate("a fill counts once", f"{name} is {counted} filled to the desk and {there} at the broker")


def _check_pages(contradicted: set[str], witness: Witness) -> None:
    """A person knows of each fill that the desk counts and the broker has changed since."""
    for fill_id in sorted(contradicted):
        if not _is_paged(fill_id, witness):
            witness.violate("a contradiction is told", f"{fill_id} was changed at the broker and nobody was paged")


def _is_paged(fill_id: str, witness: Witness) -> bool:
    pages = (row.body for row in witness.rows if isinstance(row.body, Notify) and row.body.severity is Severity.PAGE)
    return any(f"fill {fill_id} " in page.text for page in pages)


def _check_positions(state: DeskState, truth: Truth, witness: Witness) -> None:
    held: dict[str, int] = {}
    for trade in state.trades.values():
        held[trade.contract.symbol] = held.get(trade.contract.symbol, 0) + trade.held
    for symbol in held.keys() | truth.broker.ledger.holdings.keys():
        there = truth.broker.ledger.held(symbol)
        # A sale that was taken back leaves contracts that the desk has sold: more is there then, never less.
        explained = symbol in witness.amended_symbols and held.get(symbol, 0) < there
        if held.get(symbol, 0) != there and not explained:
            witness.violate("positions agree", f"{symbol}: {held.get(symbol, 0)} to the desk, {there} at the broker")


def _check_exits(trade: Trade, truth: Truth, witness: Witness) -> None:
    """What the broker's books cover is what the policy says of what is held; each exit at its target."""
    if not trade.entry.is_finished:
        witness.violate("comes to rest", f"the entry of {trade.trade_id} is not over", trade.trade_id)
    if trade.contract.symbol in witness.amended_symbols:
        _check_own_count(trade, truth, witness)
        return
    exits = truth.chains.get(f"{trade.trade_id}-{OrderRole.EXIT}", [])
    done, working = sum(order.filled for order in exits), sum(order.leaves for order in exits)
    entries = truth.chains.get(f"{trade.trade_id}-{OrderRole.ENTRY}", [])
    bought = sum(order.filled for order in entries)
    if not trade.uncovered and not trade.is_past_cut_off(_now(truth)):
        to_cover = covered_quantity(max(bought - trade.sold - trade.lost, 0), trade.policy)
        wanted = max(to_cover + trade.of_others, done)
        wanted = min(wanted, done + max(trade.held, 0))
        if done + working != wanted:
            words = f"{done} sold and {working} offered by exits, {wanted} wanted of {bought} bought"
            witness.violate("what is held is covered", words, trade.trade_id)
    if trade.trade_id in witness.touched_orders:
        return
    allowed = _targets(trade, witness)
    for order in exits:
        if order.limit_price not in allowed:
            words = f"{order.client_order_id} @ {order.limit_price}, not among {sorted(allowed)}"
            witness.violate("exits at target", words, trade.trade_id)


def _check_own_count(trade: Trade, truth: Truth, witness: Witness) -> None:
    """Where fills were changed the desk covers what it was told first, and a person knows."""
    if trade.uncovered or trade.is_past_cut_off(_now(truth)):
        return
    if trade.exit_deficit or trade.exit_surplus:
        words = f"{trade.exit_deficit} too few and {trade.exit_surplus} too many offered, by the desk's own count"
        witness.violate("what is held is covered", words, trade.trade_id)


def _now(truth: Truth) -> datetime:
    if truth.broker.last is None:
        raise InvariantViolationError("the broker has never been asked")
    return truth.broker.last


def _targets(trade: Trade, witness: Witness) -> set[Decimal]:
    """The targets on the average of the first fills, however many of them were known when an exit was placed."""
    quantity, cost, found = 0, Decimal(0), set()
    for row in witness.rows:
        told = row.body
        if isinstance(told, OrderFilled) and (told.trade_id, told.role) == (trade.trade_id, OrderRole.ENTRY):
            quantity += told.fill.quantity
            cost += told.fill.price * told.fill.quantity
            found.add(trade.contract.ticks.ceil(cost / quantity * (1 + share(trade.policy.target))))
    return found


def _check_answers(witness: Witness) -> None:
    """Every message that reads as an allowed author's order is answered once, by its first reply."""
    answers: dict[str, set[str]] = {}
    silent = set()
    received = {}
    for row in witness.rows:
        body = row.body
        if isinstance(body, Reply) and body.status is not None:
            answers.setdefault(body.trade_id, set()).add(body.delivery_id)
        elif (isinstance(body, Denied) and body.code in UNHEARD) or isinstance(body, AlertIgnored):
            silent.add(body.trade_id)
        elif isinstance(body, Stamped) and isinstance(body.event, AlertReceived):
            received[body.event.trade_id] = body.event.message
    for trade_id, message in received.items():
        count = len(answers.get(trade_id, ()))
        may_be_silent = message.source is Source.DISCORD and trade_id in silent
        if count > 1 or (count == 0 and not may_be_silent):
            witness.violate("one answer", f"{trade_id} ({message.text!r}) has {count} answers", trade_id)


def _check_deliveries(witness: Witness) -> None:
    """What the desk wanted to say was handed over. A reply to the API's caller is, by being given back."""
    said = {row.body.delivery_id for row in witness.rows if isinstance(row.body, Notify)}
    said |= {
        row.body.delivery_id
        for row in witness.rows
        if isinstance(row.body, Reply) and row.body.source is Source.DISCORD
    }
    first: dict[str, datetime] = {}
    given_up = set()
    for row in witness.rows:
        if isinstance(row.body, Reply | Notify):
            first.setdefault(row.body.delivery_id, row.at)
        elif isinstance(row.body, DeliveryGivenUp) and row.at - first[row.body.delivery_id] >= NO_NEWS_ANY_MORE:
            given_up.add(row.body.delivery_id)
    for delivery_id in sorted(said - witness.delivered - given_up):
        witness.violate("everything said arrives", f"{delivery_id} was never delivered")


UNHEARD = frozenset({DenialCode.NOT_ALLOWED, DenialCode.BOT, DenialCode.OWN_MESSAGE, DenialCode.SYSTEM_MESSAGE})


def _check_posts(truth: Truth, witness: Witness) -> None:
    """A new order or replacement leaves the process once, whatever becomes of it."""
    seen: set[str] = set()
    for post in witness.posts:
        if post.operation == "cancel":
            continue
        name = post.order.client_order_id
        if name in seen:
            witness.violate("sent once", f"{name} left the process twice", post.order.trade_id)
        seen.add(name)
    for order in truth.orders():
        if order.client_order_id not in seen:
            witness.violate("no orphan", f"{order.client_order_id} is at the broker and never left the process")
