"""What happens on a day at its instants, and how it ends: people, the market, outages; then calm, and rest."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import cast

from attrs import frozen

from adapters.simulated.exchange.book import BookOrder
from composition.simulation.days.habits import OTHER_AUTHOR
from composition.simulation.days.plan import (
    Act,
    ByHand,
    Correction,
    Delete,
    Edit,
    Hand,
    Move,
    Operate,
    Outage,
    Post,
    Request,
    Stop,
    Window,
    acts,
)
from composition.simulation.faults.correcting import correct_fill
from composition.simulation.faults.waiting import wait
from composition.simulation.world import World
from domain import events
from domain.allowlist import ListName
from domain.calendar import CalendarName
from domain.desk import DeskState
from domain.messages import Message, Source
from domain.orders import OrderRole, Side, Signal
from domain.policies import OnExhausted
from domain.value import Value
from ports.control import OperatorRequest

# After the faults have stopped: at least this long, so that every reading of the broker comes round; at most that long.
SETTLING, PATIENCE = 70_000, 1_200_000
SETTLING_OF_POSITIONS = 200_000  # positions that vanish are believed after two calm readings
LOOK_EVERY = 5_000
NEWS_ARRIVES = timedelta(seconds=1)
OLD = timedelta(seconds=100)
NOTICED_WITHIN = timedelta(minutes=5)  # a fill that is taken back: readings at rest come every minute, two must agree


@frozen
class Player(Value):
    """Plays a plan in a world."""

    world: World

    async def play(self) -> None:
        """Do everything at its instant, stop the faults, and wait for rest."""
        try:
            for act in acts(self.world.plan):
                await self._until(act.at)
                self._do(act)
            await self._until(self.world.plan.ends)
            self._calm()
            await self._settle()
        finally:
            self.world.rested.set()

    async def _until(self, at: int) -> None:
        await self.world.clock.sleep_until(self.world.plan.starts_at + timedelta(milliseconds=at))

    def _do(self, act: Act) -> None:
        match act:
            case Post():
                self._post(act)
            case Edit():
                if act.number in {post.number for post in self.world.plan.posts}:
                    self.world.room.post(events.MessageEdited(f"m{act.number}", act.text))
            case Delete():
                self.world.room.post(events.MessageDeleted(f"m{act.number}"))
            case Operate():
                self._operate(act)
            case Hand():
                self._by_hand(act)
            case Stop():
                self.world.stop(act)
            case Move() | Window() | Correction():
                self._befall(act)

    def _befall(self, act: Move | Window | Correction) -> None:
        match act:
            case Move():
                self.world.market.quote(act)
            case Window():
                self._window(act)
            case Correction():
                correct_fill(self.world.market, self.world.witness, self.world.clock, act)

    def _window(self, window: Window) -> None:
        self.world.injector.begin(window.what, window.span)
        if window.what is Outage.CLOCK:
            self.world.desk_clock.hold()
            self.world.later(window.span, self.world.desk_clock.go_on)
        elif window.what is Outage.STALL:
            self.world.door.shut()
            self.world.later(window.span, self.world.door.open)

    def _post(self, post: Post) -> None:
        message = Message(
            message_id=f"m{post.number}",
            channel_id=post.channel_id,
            user_id=post.user_id,
            posted_at=self.world.clock.now() - timedelta(milliseconds=post.age),
            text=post.text,
            kind=post.kind,
            webhook_id=post.webhook_id,
            source=post.source,
            dry_run=post.dry_run,
        )
        if post.source is Source.DISCORD:
            self.world.room.post(message)
        elif self.world.runtime is not None:
            self.world.ask(partial(self.world.runtime.process, message))

    def _operate(self, act: Operate) -> None:
        request = self._request(act)
        if self.world.runtime is not None and request is not None:
            self.world.ask(partial(self.world.runtime.request, request))

    def _request(self, act: Operate) -> OperatorRequest | None:
        by = "operator"
        match act.what:
            case Request.HALT:
                return events.HaltRequested(by, "the simulated operator is worried")
            case Request.RESUME:
                return events.ResumeRequested(by, "the simulated operator has looked")
            case Request.ALLOW | Request.REMOVE:
                allowed = act.what is Request.ALLOW
                return events.AllowlistChangeRequested(by, ListName.USER, OTHER_AUTHOR, allowed=allowed)
            case Request.REFRESH:
                return cast("OperatorRequest", events.AuthorizationRefreshRequested(by))
            case Request.CLOSE:
                symbol = self.world.market.listed[act.index % len(self.world.market.listed)].underlying
                return events.CloseRequested(by, self.world.trade_ids.next(), symbol)
            case Request.CANCEL | Request.REPLACE:
                return self._about_order(act, by)

    def _about_order(self, act: Operate, by: str) -> OperatorRequest | None:
        order = self._pick(act.index)
        if order is None or order.limit_price is None:
            return None
        self.world.witness.touched_orders.add((order.client_order_id or "").rpartition("-")[0])
        if act.what is Request.CANCEL:
            return events.CancelRequested(by, order.broker_order_id)
        tick = order.contract.ticks.up(order.limit_price) - order.limit_price
        return events.ReplaceRequested(by, order.broker_order_id, order.limit_price + act.ticks * tick)

    def _pick(self, index: int) -> BookOrder | None:
        live = [order for order in self.world.market.broker.register.live() if order.client_order_id is not None]
        return live[index % len(live)] if live else None

    def _by_hand(self, act: Hand) -> None:
        """The account's owner sells what the desk holds, or cancels one of its orders at the broker."""
        broker, now = self.world.market.broker, self.world.clock.now()
        if act.what is ByHand.CANCEL:
            order = self._pick(act.index)
            if order is not None and not order.is_contingent and order.replaced_by is None:
                self.world.witness.strike(now, "cancelled by hand", order.client_order_id or "")
                self.world.witness.touched_orders.add((order.client_order_id or "").rpartition("-")[0])
                sent = next(
                    post.order
                    for post in self.world.witness.posts
                    if post.order.client_order_id == order.client_order_id
                )
                broker.cancel(sent, now)
            return
        held = broker.held_contracts()
        if held:
            contract = held[act.index % len(held)]
            quantity = min(act.quantity, broker.ledger.held(contract.symbol))
            price = self.world.market.market.quote(contract, now)
            bid = contract.ticks.bands[0].tick if price is None or price.bid is None else price.bid
            self.world.witness.strike(now, "sold by hand", f"{quantity} {contract.label}")
            self.world.witness.touched_symbols.add(contract.symbol)
            broker.trade_by_hand(contract, Side.SELL_TO_CLOSE, quantity, bid, now)

    # ---- rest --------------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Stop every fault: what is late arrives now, what is away comes back, the market is sound."""
        self.world.witness.note(self.world.clock.now(), "FAULTS STOP")
        self.world.injector.stop()
        self.world.desk_clock.go_on()
        self.world.hurry()
        self.world.market.heal()

    async def _settle(self) -> None:
        settling = SETTLING_OF_POSITIONS if self._is_vanishing else SETTLING
        await wait(self.world.clock, 1_000)
        if self.world.runtime is not None:
            self._operate(Operate(at=0, what=Request.REFRESH))
        await wait(self.world.clock, settling)
        for _ in range(PATIENCE // LOOK_EVERY):
            self._help()
            if self._is_at_rest():
                self.world.came_to_rest = True
                return
            await wait(self.world.clock, LOOK_EVERY)

    def _help(self) -> None:
        """Somebody buys what a close offers, and an operator cancels an entry that rests for the whole day."""
        now = self.world.clock.now()
        rests = self.world.plan.habits.on_exhausted is OnExhausted.REST
        for order in list(self.world.market.broker.register.live()):
            is_old = now - order.received_at > timedelta(seconds=5)
            if order.role is OrderRole.CLOSE and is_old and not order.is_contingent:
                self.world.market.broker.fill(order.broker_order_id, order.leaves, None, now)
            elif (
                rests
                and order.role is OrderRole.ENTRY
                and self.world.runtime is not None
                and now - order.received_at > OLD
            ):
                request = events.CancelRequested("operator", order.broker_order_id)
                self.world.ask(partial(self.world.runtime.request, request))

    def _is_at_rest(self) -> bool:
        runtime, young = self.world.runtime, self.world.clock.now() - NEWS_ARRIVES
        busy = any(
            order.is_contingent or order.status is Signal.REPORTED_PENDING or order.changed_at > young
            for order in self.world.market.broker.register.since(young)
        )
        answered = all(task.done() for task in self.world.asked)
        if runtime is None or not runtime.is_idle or runtime.state.outbox or busy or not answered:
            return False
        amended_at = self.world.witness.amended_at
        if amended_at is not None and self.world.clock.now() - amended_at < NOTICED_WITHIN:
            return False
        return not self._is_vanishing or self._positions_agree(runtime.state)

    @property
    def _is_vanishing(self) -> bool:
        """Whether positions may leave the account without an order of the desk's."""
        witness = self.world.witness
        return (
            bool(witness.touched_symbols | witness.amended_symbols)
            or self.world.plan.habits.calendar is CalendarName.NYSE
        )

    def _positions_agree(self, state: DeskState) -> bool:
        held: Counter[str] = Counter()
        for trade in state.trades.values():
            held[trade.contract.symbol] += trade.held
        ledger = self.world.market.broker.ledger
        amended = self.world.witness.amended_symbols
        return all(
            ledger.held(symbol) == held[symbol] or (symbol in amended and held[symbol] < ledger.held(symbol))
            for symbol in held.keys() | ledger.holdings.keys()
        )
