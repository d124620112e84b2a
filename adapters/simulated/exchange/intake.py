"""The simulated broker's order desk: what it answers to a request, and what it sets in motion by taking one."""

from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define

from adapters.simulated.exchange.book import Act, BookOrder, PlannedFill
from adapters.simulated.exchange.checks import Room, late_refusal, refusal
from adapters.simulated.exchange.lifecycle import Lifecycle
from adapters.simulated.exchange.matching import latency, tradable
from adapters.simulated.scenario.scenario import AfterPartialFill, CancelRule, ReplaceRule
from adapters.simulated.scenario.script import Script
from domain.events import CancelAccepted, CancelRefused, OrderAccepted, OrderRejected, OrderValidated
from domain.orders import Order, TimeInForce

ZERO = Decimal(0)
MOMENT = timedelta(milliseconds=1)
LIVE_MS, REPLACE_MS, CANCEL_MS, REJECT_MS = (40, 160), (100, 300), (80, 400), (100, 300)


@define
class Intake:
    """`late` is how much later than usual a request has reached the broker."""

    lifecycle: Lifecycle

    def submit(self, order: Order, now: datetime, late: timedelta) -> OrderAccepted | OrderRejected:
        refused = self._refusal(order, now)
        if refused is not None:
            return OrderRejected(order.client_order_id, refused)
        taken = self._enter(order, now, order.quantity)
        live_at = now + late + latency(self._seed, *LIVE_MS, taken.number, "live")
        if late:
            taken.agenda[Act.ARRIVE] = now + late
        taken.agenda[Act.GO_LIVE] = live_at
        self._script_fate(taken, order, now + late, live_at)
        self._open(taken, now)
        return OrderAccepted(order.client_order_id, taken.broker_order_id)

    def validate(self, order: Order, now: datetime) -> OrderValidated | OrderRejected:
        refused = self._refusal(order, now)
        if refused is not None:
            return OrderRejected(order.client_order_id, refused)
        fees = self.lifecycle.ledger.schedule.of(order.contract, order.side, order.quantity)
        return OrderValidated(order.client_order_id, "the simulated broker would take this order", fees)

    def replace(self, order: Order, replaced: Order, now: datetime, late: timedelta) -> OrderAccepted | OrderRejected:
        original = self._find(replaced)
        rule = self._script.pick(self._script.scenario.replaces, order.contract, order.side, order.role)
        if original is None:
            return OrderRejected(order.client_order_id, f"order_not_found: {replaced.client_order_id} is unknown here")
        refused = (None if rule is None else rule.refuse) or self._replace_refusal(order, original, now)
        if refused is not None:
            return OrderRejected(order.client_order_id, refused)
        is_rest = self._script.scenario.replace_after_partial_fill is AfterPartialFill.REMAINING
        taken = self._enter(order, now, original.leaves if is_rest and original.fills else order.quantity)
        taken.replaces = original.broker_order_id
        original.replaced_by = taken.broker_order_id
        effect_at = now + late + self._takes(rule, REPLACE_MS, taken.number, "replace")
        taken.agenda[Act.TAKE_OVER] = effect_at
        self._fill_before(original, rule, now, effect_at)
        self._script_fate(taken, order, effect_at + MOMENT, effect_at)
        self._open(taken, now)
        return OrderAccepted(order.client_order_id, taken.broker_order_id)

    def cancel(self, order: Order, now: datetime, late: timedelta) -> CancelAccepted | CancelRefused:
        known = self._find(order)
        if known is None:
            return CancelRefused(order.client_order_id, f"order_not_found: {order.client_order_id} is unknown here")
        if known.has_ended:
            words = f"cannot_update_order: order {known.broker_order_id} is {known.status.removeprefix('reported_')}"
            return CancelRefused(order.client_order_id, words)
        if known.replaced_by is not None:
            words = f"cannot_update_order: order {known.broker_order_id} is being replaced by {known.replaced_by}"
            return CancelRefused(order.client_order_id, words)
        rule = self._script.pick(self._script.scenario.cancels, order.contract, order.side, order.role)
        if rule is not None and rule.refuse is not None:
            return CancelRefused(order.client_order_id, rule.refuse)
        if Act.CANCEL not in known.agenda:
            effect_at = now + late + self._takes(rule, CANCEL_MS, known.number, "cancel", len(known.fills))
            effect_at = max(effect_at, known.agenda.get(Act.TAKE_OVER, now) + MOMENT)
            known.agenda[Act.CANCEL] = effect_at
            self._fill_before(known, rule, now, effect_at)
            self.lifecycle.register.schedule(known)
        return CancelAccepted(order.client_order_id)

    def buying_power(self, released: BookOrder | None = None) -> Decimal:
        """Return the cash that no working order and no margin reserves, as if `released` were gone; in dollars."""
        ledger, reserved = self.lifecycle.ledger, ZERO
        for order in self.lifecycle.register.live():
            if not order.side.is_buy or order is released:
                continue
            needed = self._reserve(order)
            original = self.lifecycle.register.find(order.replaces) if order.is_contingent else None
            reserved += needed if original is None else max(needed - self._reserve(original), ZERO)
        return ledger.cash - ledger.margin - reserved

    def _reserve(self, order: BookOrder) -> Decimal:
        price = order.reserved_price if order.limit_price is None else order.limit_price
        return self.lifecycle.ledger.outlay(order.contract, price, order.leaves)

    def _sellable(self, symbol: str, released: BookOrder | None) -> int:
        working = sum(
            order.leaves
            for order in self.lifecycle.register.live()
            if order.contract.symbol == symbol
            and not order.side.is_buy
            and not order.is_contingent
            and order is not released
        )
        return self.lifecycle.ledger.held(symbol) - working

    def _refusal(self, order: Order, now: datetime, original: BookOrder | None = None) -> str | None:
        rule = self._script.pick(
            [rule for rule in self._script.scenario.rejects if rule.after is None],
            order.contract,
            order.side,
            order.role,
        )
        if rule is not None:
            return rule.reason
        price = self._market_price(order, now) if order.limit_price is None else order.limit_price
        room = Room(
            buying_power=self.buying_power(original),
            outlay=self.lifecycle.ledger.outlay(order.contract, price or ZERO, max(order.quantity, 0)),
            sellable=self._sellable(order.contract.symbol, original),
            market_price=price,
        )
        return refusal(order, now, room)

    def _replace_refusal(self, order: Order, original: BookOrder, now: datetime) -> str | None:
        if original.has_ended:
            words = original.status.removeprefix("reported_")
            return f"cannot_update_order: order {original.broker_order_id} is {words}"
        if original.replaced_by is not None or Act.CANCEL in original.agenda or original.is_contingent:
            return f"cannot_update_order: order {original.broker_order_id} is being replaced or cancelled already"
        is_refused = self._script.scenario.replace_after_partial_fill is AfterPartialFill.REFUSE
        if original.fills and is_refused:
            return f"cannot_replace_partially_filled: order {original.broker_order_id} has filled {original.filled}"
        if (order.contract.symbol, order.side) != (original.contract.symbol, original.side):
            return "cannot_update_order: a replacement changes the price and nothing else"
        return self._refusal(order, now, original)

    def _enter(self, order: Order, now: datetime, quantity: int) -> BookOrder:
        number = self.lifecycle.register.take_number()
        price = order.limit_price if order.limit_price is not None else self._market_price(order, now)
        taken = BookOrder(
            number=number,
            broker_order_id=str(number),
            client_order_id=order.client_order_id,
            role=order.role,
            contract=order.contract,
            side=order.side,
            quantity=quantity,
            limit_price=order.limit_price,
            reserved_price=price or ZERO,
            time_in_force=order.time_in_force,
            received_at=now,
            changed_at=now,
        )
        session = order.contract.calendar.session_at(now)
        ends = [order.contract.cut_off]
        if order.time_in_force is TimeInForce.DAY and session is not None:
            ends.append(session.closes_at)
        last = min((end for end in ends if end is not None), default=None)
        if last is not None:
            taken.agenda[Act.EXPIRE] = last
        return taken

    def _script_fate(self, taken: BookOrder, order: Order, accepted_at: datetime, live_at: datetime) -> None:
        """What the exchange or the scenario has in store for an order that the broker takes."""
        scenario, about = self._script.scenario, (order.contract, order.side, order.role)
        later = [rule for rule in scenario.rejects if rule.after is not None]
        rejection = self._script.pick(later, *about, kind="later")
        fills = self._script.pick(scenario.fills, *about)
        taken.rejection = late_refusal(order)
        if rejection is not None and rejection.after is not None:
            taken.rejection = rejection.reason
            taken.agenda[Act.REJECT] = accepted_at + rejection.after
        elif taken.rejection:
            taken.agenda[Act.REJECT] = live_at + latency(self._seed, *REJECT_MS, taken.number, "reject")
        elif fills is not None:
            taken.take_plan(
                tuple(PlannedFill(accepted_at + fill.after, fill.quantity, fill.price) for fill in fills.executions)
            )
        taken.follows_book = not taken.rejection and fills is None

    def _fill_before(
        self, order: BookOrder, rule: CancelRule | ReplaceRule | None, now: datetime, end: datetime
    ) -> None:
        """A fill that the scenario has come first: half way to the end at the latest."""
        if rule is not None and rule.fill is not None:
            at = min(now + rule.fill.after, now + (end - now) / 2)
            order.take_plan((*order.plan, PlannedFill(at, rule.fill.quantity, rule.fill.price)))
            self.lifecycle.register.schedule(order)

    def _takes(self, rule: CancelRule | None, usual: tuple[int, int], *key: str | int) -> timedelta:
        return rule.takes if rule is not None and rule.takes is not None else latency(self._seed, *usual, *key)

    def _market_price(self, order: Order, now: datetime) -> Decimal | None:
        quote = tradable(self.lifecycle.market.quote(order.contract, now), now)
        return None if quote is None else quote.far_touch(order.side)

    def _open(self, taken: BookOrder, now: datetime) -> None:
        self.lifecycle.register.add(taken)
        if taken.has_arrived:
            self.lifecycle.outbox.post(taken, now)

    def _find(self, order: Order) -> BookOrder | None:
        known = self.lifecycle.register.find(order.broker_order_id, order.client_order_id)
        return known if known is not None and known.has_arrived else None

    @property
    def _script(self) -> Script:
        return self.lifecycle.script

    @property
    def _seed(self) -> int:
        return self.lifecycle.market.seed
