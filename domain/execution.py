"""One ladder at work: it holds a wanted price and moves the broker's orders toward it, one live order at a time.

`advance` looks at where the orders are and says what to do next, or nothing while any outcome is open. So it can be
called after every event, in any order of events, and after a restart. The rules it keeps: never two live orders but a
replacement and what it replaces; never more filled plus working than the size; a partly filled order is not replaced
but cancelled, read to its end, and followed by an order for the leaves quantity; what ends by itself is not sent again;
an order that turns up against all proof is cancelled; what is known to live is cancelled when it is withdrawn, also
while its replacement is in doubt; after its window an entry places nothing new, and out of session nothing is.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from domain.commands import CancelOrder, Command, ReplaceOrder, SubmitOrder
from domain.ladder import LadderPlan
from domain.orders import Fill, Order, OrderReport, OrderRole, OrderStatus, Signal, TimeInForce
from domain.policies import OnExhausted
from domain.value import Value

WINDOW_ENDED = "the window ended"
SESSION_ENDED = "the session ended"
IN_FLIGHT = frozenset({OrderStatus.SENDING, OrderStatus.CANCELLING, OrderStatus.REPLACING, OrderStatus.UNKNOWN})


@frozen(kw_only=True)
class Execution(Value):
    """An entry or a close in progress.

    `target` is the limit that is wanted, None a market order. `moving` says that an order was or is to be ended only to
    place its leaves again. `withdrawn` says why what is unfilled shall not work any more; empty while it shall.
    `resting`: the window is over and the policy lets the order rest. `not_before` holds the next order back after one
    that could not be sent. `rung_due`: a rung waits to be decided, `asking`: its quote is on the way.
    """

    trade_id: str
    role: OrderRole
    plan: LadderPlan
    quantity: int
    started_at: datetime
    target: Decimal | None
    orders: tuple[Order, ...] = ()
    rungs: int = 0
    rung_due: bool = False
    asking: bool = False
    moving: bool = True
    withdrawn: str = ""
    resting: bool = False
    not_before: datetime | None = None

    @property
    def filled(self) -> int:
        return sum(order.filled for order in self.orders)

    @property
    def leaves(self) -> int:
        return max(self.quantity - self.filled, 0)

    @property
    def working(self) -> int:
        """Return how many contracts may still fill: a replacement and what it replaces exclude each other."""
        return max((order.leaves for order in self.orders), default=0)

    @property
    def average_price(self) -> Decimal | None:
        """Return the average price per share of everything filled, unrounded, or None."""
        if not self.filled:
            return None
        return sum((order.cost for order in self.orders), Decimal(0)) / self.filled

    @property
    def live_order(self) -> Order | None:
        """Return the order that is at the broker now, the youngest where a replacement is under way."""
        return next((order for order in reversed(self.orders) if order.status.is_live), None)

    @property
    def in_flight(self) -> bool:
        """Whether the outcome of something sent, or the fills of something ended, are still to come."""
        live = [order for order in self.orders if order.status.is_live]
        return (
            len(live) > 1
            or any(order.status in IN_FLIGHT for order in live)
            or any(order.status.is_terminal and not order.is_settled for order in self.orders)
        )

    @property
    def is_finished(self) -> bool:
        """Whether nothing more can fill and nothing more will be sent."""
        if self.in_flight or self.live_order is not None:
            return False
        return bool(self.withdrawn) or not self.leaves

    def order(self, client_order_id: str) -> Order:
        return next(order for order in self.orders if order.client_order_id == client_order_id)


def advance(run: Execution, at: datetime, *, blocked: bool = False) -> tuple[Execution, tuple[Command, ...]]:
    """Return the execution after its next act, and that act; nothing while an outcome is open.

    `blocked`: an order beside this ladder could sell the same contracts, so that it only cancels until that is over.
    """
    unwanted = _stray(run) or _withdrawn_in_doubt(run)
    if unwanted is not None:
        return _cancel(run, unwanted)
    if run.in_flight:
        return run, ()
    live = run.live_order
    if live is None and run.leaves and (run.resting or not run.plan.contract.takes_orders(at)):
        return withdraw(run, WINDOW_ENDED if run.resting else SESSION_ENDED), ()
    if live is None:
        return _place_leaves(run, at) if _may_place(run, at) and not blocked else (run, ())
    if run.withdrawn:
        return _cancel(run, live)
    if run.filled + live.leaves > run.quantity:
        return _cancel(evolve(run, moving=True), live)
    movable = live.status is OrderStatus.WORKING and run.plan.contract.takes_orders(at) and not blocked
    if movable and live.limit_price != run.target:
        # The broker aborts a replacement at any fill, and does not say what size it keeps after one.
        if live.leaves == live.quantity:
            return _replace(run, live, at)
        return (run, ()) if run.resting else _cancel(evolve(run, moving=True), live)
    return run, ()


def end_window(run: Execution, at: datetime) -> Execution:
    """Return the entry as it is at `at`: once its window is over withdrawn, or resting where the policy says so.

    It goes by the clock and not by a timer: after a stall other events may come first.
    """
    policy = run.plan.policy
    if at < run.started_at + policy.window or run.is_finished or run.withdrawn:
        return run
    if policy.on_exhausted is OnExhausted.CANCEL:
        return withdraw(run, WINDOW_ENDED)
    return run if run.resting else evolve(run, resting=True, rung_due=False)


def withdraw(run: Execution, reason: str) -> Execution:
    """Return the execution that cancels what is unfilled. The first reason stands."""
    return evolve(run, withdrawn=run.withdrawn or reason, rung_due=False)


def hold_back(run: Execution, until: datetime) -> Execution:
    """Return the execution that places its leaves again, not before `until`, after an order that could not be sent."""
    return evolve(run, moving=True, not_before=until)


def answer(run: Execution, client_order_id: str, signal: Signal, **news: Any) -> Execution:  # noqa: ANN401 - as `Order.on`
    """Return the execution after the answer to one of its order commands."""
    order = run.order(client_order_id).on(signal, **news)
    return _ended(with_order(run, order), order)


def report(run: Execution, client_order_id: str, told: OrderReport) -> tuple[Execution, tuple[Fill, ...]]:
    """Return the execution after the broker's report of one of its orders, and the new fills."""
    order, fills = run.order(client_order_id).reported(told)
    after = _ended(with_order(run, order), order)
    return (_step_again(after, order) if fills else after), fills


def with_order(run: Execution, changed: Order) -> Execution:
    """Return the execution with one of its orders changed; what an order's end means is not drawn from it."""
    same = changed.client_order_id
    if any(order is changed for order in run.orders):
        return run
    return evolve(run, orders=tuple(changed if order.client_order_id == same else order for order in run.orders))


def with_twin(run: Execution, order: Order, twin: Order) -> Execution:
    """Return the execution with an order that is at the broker under the same id as `order`: it is to be cancelled."""
    at = run.orders.index(order)
    return evolve(run, orders=(*run.orders[:at], twin, *run.orders[at:]))


def _step_again(run: Execution, filled: Order) -> Execution:
    """Take up the step of a replacement that these fills aborted: the abort may be told before the fills are."""
    youngest = run.orders[-1]
    aborted = youngest.replaces == filled.client_order_id and youngest.status is OrderStatus.CANCELLED
    return evolve(run, target=youngest.limit_price) if aborted else run


def _stray(run: Execution) -> Order | None:
    """An order that is live beside a younger one and not being replaced: it was thought never to have arrived."""
    older = [order for order in run.orders if order.status.is_live][:-1]
    return next((order for order in older if order.status in {OrderStatus.WORKING, OrderStatus.PENDING}), None)


def _withdrawn_in_doubt(run: Execution) -> Order | None:
    """An order of a withdrawn ladder that is known to live while the outcome of the one that replaces it is open.

    When the replacement arrives after all, it is the next to be cancelled.
    """
    doubtful = {order.replaces for order in run.orders if order.status is OrderStatus.UNKNOWN}
    replaced = [order for order in run.orders if order.status is OrderStatus.REPLACING]
    return next((order for order in replaced if run.withdrawn and order.client_order_id in doubtful), None)


def _may_place(run: Execution, at: datetime) -> bool:
    held_back = run.not_before is not None and at < run.not_before
    return run.moving and bool(run.leaves) and not run.withdrawn and not held_back


def _place_leaves(run: Execution, at: datetime) -> tuple[Execution, tuple[Command, ...]]:
    order = _new_order(run, run.leaves, at)
    return evolve(run, orders=(*run.orders, order), moving=False, not_before=None), (SubmitOrder(run.trade_id, order),)


def _replace(run: Execution, live: Order, at: datetime) -> tuple[Execution, tuple[Command, ...]]:
    replaced = live.on(Signal.REPLACE_SENT)
    order = evolve(_new_order(run, live.quantity, at), replaces=live.client_order_id)
    after = with_order(run, replaced)
    return evolve(after, orders=(*after.orders, order)), (ReplaceOrder(run.trade_id, order, replaced),)


def _cancel(run: Execution, live: Order) -> tuple[Execution, tuple[Command, ...]]:
    cancelling = live.on(Signal.CANCEL_SENT)
    return with_order(run, cancelling), (CancelOrder(run.trade_id, cancelling),)


def _new_order(run: Execution, quantity: int, at: datetime) -> Order:
    return Order(
        client_order_id=f"{run.trade_id}-{run.role.value}{len(run.orders) + 1}",
        trade_id=run.trade_id,
        role=run.role,
        contract=run.plan.contract,
        side=run.plan.side,
        quantity=quantity,
        limit_price=run.target,
        time_in_force=TimeInForce.DAY,
        sent_at=at,
    )


def _ended(run: Execution, order: Order) -> Execution:
    """What the end of `order` means for the rest."""
    if not order.status.is_terminal:
        return run
    if order.replaces is not None:
        replaced = run.order(order.replaces)
        if replaced.status is OrderStatus.REPLACING and not order.filled:
            return _replacement_failed(run, replaced)
    if not run.leaves or run.live_order is not None:
        return run
    if order.status is OrderStatus.NOT_SENT and order.replaces is None:
        return evolve(run, moving=True)  # whoever drives the ladder holds it back or withdraws it
    if order.status is OrderStatus.CANCELLED and run.moving:
        return run
    return withdraw(run, f"{order.status}: {order.reason}" if order.reason else order.status.value)


def _replacement_failed(run: Execution, replaced: Order) -> Execution:
    restored = with_order(run, replaced.on(Signal.REPLACE_FAILED))
    # Aborted by a fill: the step is still wanted, and the leaves go the way of a partly filled order.
    untouched = replaced.leaves == replaced.quantity
    return evolve(restored, target=replaced.limit_price) if untouched else restored
