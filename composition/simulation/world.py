"""One day from its first message to its rest: what outlives the process, and the lives of the process in it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, cast

from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.book import BookOrder
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop
from adapters.system.ids import CountedTradeIds
from composition.dispatch import Dispatcher
from composition.runtime import Runtime
from composition.simulation.days.plan import (
    OTHER_AUTHOR,
    Act,
    ByHand,
    Delete,
    Edit,
    Hand,
    Move,
    Operate,
    Outage,
    Plan,
    Post,
    Request,
    Where,
    Window,
    acts,
)
from composition.simulation.faults.clocks import FaultyClock
from composition.simulation.faults.crashing import CrashingLog, Life
from composition.simulation.faults.injecting import Injector
from composition.simulation.faults.ordering import FaultyOrderGateway
from composition.simulation.faults.reading import FaultyAccount, FaultyContracts, FaultyMarketData, FaultyReads
from composition.simulation.faults.talking import FaultyAlertSource, FaultyNotifier, FaultyOrderEvents, ReportLine, Room
from composition.simulation.faults.veiling import Veil
from composition.simulation.faults.waiting import wait
from composition.simulation.market import Market
from composition.simulation.storing import LogStore
from composition.simulation.truth.witness import Witness
from domain import events
from domain.allowlist import ListName
from domain.calendar import CalendarName
from domain.desk import DeskState
from domain.messages import Message, Source
from domain.orders import OrderRole, Side, Signal
from domain.policies import OnExhausted
from ports.control import OperatorRequest

# After the faults have stopped: at least this long, so that every reading of the broker comes round; at most that long.
SETTLING, PATIENCE = 70_000, 1_200_000
SETTLING_OF_POSITIONS = 200_000  # positions that vanish are believed after two calm readings
LOOK_EVERY = 5_000


class World:
    """The broker, the room, the log and the lines between. `runtime` is the present life's, None while it is down."""

    def __init__(self, plan: Plan, loop: VirtualTimeLoop, store: LogStore) -> None:
        self.plan = plan
        self.loop = loop
        self.clock = VirtualClock(plan.starts_at, loop)
        self.desk_clock = FaultyClock(self.clock)
        self.store = store
        self.position_lag = timedelta(milliseconds=plan.habits.position_lag)
        self.witness = Witness()
        self.market = Market(plan, self.clock)
        self.injector = Injector(plan, self.witness, self.clock.now, self.later)
        self.veil = Veil(self.later)
        self.line = ReportLine(self.injector, self.later, self.veil)
        self.room = Room(self.injector)
        self.runtime: Runtime | None = None
        self.lives = 0
        self.reached: Counter[Where] = Counter()
        self.rested = asyncio.Event()
        self.came_to_rest = False
        self.last_state = DeskState()
        self._trade_ids = CountedTradeIds()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._delayed: dict[int, tuple[asyncio.TimerHandle, Callable[[], None]]] = {}
        self._delays = 0
        self._asked: list[asyncio.Task[Any]] = []
        self._posted: dict[str, Post] = {}

    # ---- lives of the process ----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live the day to its end. Raises what is neither a planned crash nor its consequence."""
        self.market.drive()
        self.market.broker.listen(self.line.take)
        playing = self.spawn(self._play())
        while not self.rested.is_set():
            await self._live()
            if playing.done():
                playing.result()
        for task in tuple(self._tasks):
            task.cancel()

    async def _live(self) -> None:
        self.lives += 1
        mine = [crash for crash in self.plan.crashes if crash.life == self.lives] if self.injector.active else []
        life = Life(self.lives, self.clock, self.witness, mine)
        runtime = self._assemble(life)
        if self.lives == 1:
            self.reached = life.reached
        try:
            runtime.recover()
            async with asyncio.TaskGroup() as group:
                self.runtime = runtime
                parts = [group.create_task(part) for part in self._parts(runtime, life)]
                await self.rested.wait()
                for part in parts:
                    part.cancel()
        except BaseException as error:
            if life.ended_by is None or isinstance(error, asyncio.CancelledError):
                raise
            life.dead = True
        self.last_state, self.runtime = runtime.state, None
        if life.ended_by is not None:
            await self._restart_after(life)

    def _parts(self, runtime: Runtime, life: Life) -> list[Coroutine[Any, Any, None]]:
        source = FaultyAlertSource(self.room, life, self.injector, self.clock)
        return [
            runtime.run(self.plan.habits.policies(), "simulation"),
            runtime.follow(FaultyOrderEvents(self.line)),
            runtime.feed(source),
        ]

    def _assemble(self, life: Life) -> Runtime:
        reads = FaultyReads(life, self.injector, self.clock)
        dispatcher = Dispatcher(
            clock=self.desk_clock,
            gateway=FaultyOrderGateway(self.market.gateway, life, self.injector, self.clock, self.send_late),
            account=FaultyAccount(
                self.market.account, reads, self.market.positions_before, self.position_lag, self.veil
            ),
            market_data=FaultyMarketData(self.market.market_data, reads),
            contracts=FaultyContracts(self.market.contracts, reads),
            notifier=FaultyNotifier(life, self.injector, self.clock),
            authorization=SimulatedAuthorization(),
            rooms={Source.DISCORD: FaultyAlertSource(self.room, life, self.injector, self.clock)},
        )
        audit = CrashingLog(self.store.log, life)
        return Runtime(audit=audit, clock=self.desk_clock, trade_ids=self._trade_ids, dispatcher=dispatcher)

    async def _restart_after(self, life: Life) -> None:
        """What a crash leaves behind: the durable rows, the broker, the room. The process comes back after a while."""
        crash = life.ended_by
        self.line.listener = None
        self.store.crash()
        lost = self.witness.lost()
        self.witness.log_failed = False
        self.witness.note(self.clock.now(), f"DOWN, {lost} rows lost")
        self._asked = [task for task in self._asked if not task.done()]
        for task in self._asked:
            task.cancel()
        self._asked = []
        if self.injector.active and crash is not None:
            await wait(self.clock, crash.down)
        heard = {
            entry.body.event.message.message_id
            for entry in self.witness.rows
            if isinstance(entry.body, events.Stamped) and isinstance(entry.body.event, events.AlertReceived)
        }
        self.room.read_back(lambda incoming: isinstance(incoming, Message) and incoming.message_id not in heard)

    # ---- what outlives the process -----------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def later(self, span: int, act: Callable[[], None]) -> None:
        """Do something after `span`, or when the faults stop, whichever is first."""
        self._delays += 1
        number = self._delays

        def do() -> None:
            self._delayed.pop(number, None)
            act()

        self._delayed[number] = (self.loop.call_later(span / 1000, do), do)

    def send_late(self, span: int, send: Callable[[], Awaitable[object]]) -> None:
        """Have a request arrive long after its sender gave it up."""

        async def arrive() -> None:
            self.witness.note(self.clock.now(), "a late request arrives at the broker")
            await send()

        self.later(span, lambda: void(self.spawn(arrive())))

    # ---- the day -----------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        for act in acts(self.plan):
            await self._until(act.at)
            self._do(act)
        await self._until(self.plan.ends)
        self._calm()
        await self._settle()
        self.rested.set()

    async def _until(self, at: int) -> None:
        await self.clock.sleep_until(self.plan.starts_at + timedelta(milliseconds=at))

    def _do(self, act: Act) -> None:
        match act:
            case Post():
                self._post(act)
            case Edit():
                if act.number in {post.number for post in self.plan.posts}:
                    self.room.post(events.MessageEdited(f"m{act.number}", act.text))
            case Delete():
                self.room.post(events.MessageDeleted(f"m{act.number}"))
            case Operate():
                self._operate(act)
            case Hand():
                self._by_hand(act)
            case Move():
                self.market.quote(act)
            case Window():
                self._window(act)

    def _window(self, window: Window) -> None:
        self.injector.begin(window.what, window.span)
        if window.what is Outage.CLOCK:
            self.desk_clock.hold()
            self.later(window.span, self.desk_clock.go_on)

    def _post(self, post: Post) -> None:
        message = Message(
            message_id=f"m{post.number}",
            channel_id=post.channel_id,
            user_id=post.user_id,
            posted_at=self.clock.now() - timedelta(milliseconds=post.age),
            text=post.text,
            kind=post.kind,
            webhook_id=post.webhook_id,
            source=post.source,
            dry_run=post.dry_run,
        )
        if post.source is Source.DISCORD:
            self.room.post(message)
        elif self.runtime is not None:
            self._ask(self.runtime.process(message))

    def _ask(self, asking: Coroutine[Any, Any, object]) -> None:
        self._asked.append(self.spawn(quietly(asking)))

    def _operate(self, act: Operate) -> None:
        request = self._request(act)
        if self.runtime is not None and request is not None:
            self._ask(self.runtime.request(request))

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
                symbol = self.market.listed[act.index % len(self.market.listed)].underlying
                return events.CloseRequested(by, self._trade_ids.next(), symbol)
            case Request.CANCEL | Request.REPLACE:
                return self._about_order(act, by)

    def _about_order(self, act: Operate, by: str) -> OperatorRequest | None:
        order = self._pick(act.index)
        if order is None or order.limit_price is None:
            return None
        self.witness.touched_orders.add((order.client_order_id or "").rpartition("-")[0])
        if act.what is Request.CANCEL:
            return events.CancelRequested(by, order.broker_order_id)
        tick = order.contract.ticks.up(order.limit_price) - order.limit_price
        return events.ReplaceRequested(by, order.broker_order_id, order.limit_price + act.ticks * tick)

    def _pick(self, index: int) -> BookOrder | None:
        live = [order for order in self.market.broker.register.live() if order.client_order_id is not None]
        return live[index % len(live)] if live else None

    def _by_hand(self, act: Hand) -> None:
        """The account's owner sells what the desk holds, or cancels one of its orders at the broker."""
        broker, now = self.market.broker, self.clock.now()
        if act.what is ByHand.CANCEL:
            order = self._pick(act.index)
            if order is not None and not order.is_contingent and order.replaced_by is None:
                self.witness.strike(now, "cancelled by hand", order.client_order_id or "")
                self.witness.touched_orders.add((order.client_order_id or "").rpartition("-")[0])
                sent = next(
                    post.order for post in self.witness.posts if post.order.client_order_id == order.client_order_id
                )
                broker.cancel(sent, now)
            return
        held = broker.held_contracts()
        if held:
            contract = held[act.index % len(held)]
            quantity = min(act.quantity, broker.ledger.held(contract.symbol))
            price = self.market.market.quote(contract, now)
            bid = contract.ticks.bands[0].tick if price is None or price.bid is None else price.bid
            self.witness.strike(now, "sold by hand", f"{quantity} {contract.label}")
            self.witness.touched_symbols.add(contract.symbol)
            broker.trade_by_hand(contract, Side.SELL_TO_CLOSE, quantity, bid, now)

    # ---- rest --------------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Stop every fault: what is late arrives now, what is away comes back, the market is sound."""
        self.witness.note(self.clock.now(), "FAULTS STOP")
        self.injector.stop()
        self.desk_clock.go_on()
        for handle, act in list(self._delayed.values()):
            handle.cancel()
            act()
        self.market.heal()

    async def _settle(self) -> None:
        settling = SETTLING_OF_POSITIONS if self._is_vanishing else SETTLING
        await wait(self.clock, 1_000)
        if self.runtime is not None:
            self._operate(Operate(at=0, what=Request.REFRESH))
        await wait(self.clock, settling)
        for _ in range(PATIENCE // LOOK_EVERY):
            self._help()
            if self._is_at_rest():
                self.came_to_rest = True
                return
            await wait(self.clock, LOOK_EVERY)

    def _help(self) -> None:
        """Somebody buys what a close offers, and an operator cancels an entry that rests for the whole day."""
        now = self.clock.now()
        rests = self.plan.habits.on_exhausted is OnExhausted.REST
        for order in list(self.market.broker.register.live()):
            is_old = now - order.received_at > timedelta(seconds=5)
            if order.role is OrderRole.CLOSE and is_old and not order.is_contingent:
                self.market.broker.fill(order.broker_order_id, order.leaves, None, now)
            elif rests and order.role is OrderRole.ENTRY and self.runtime is not None and now - order.received_at > OLD:
                self._ask(self.runtime.request(events.CancelRequested("operator", order.broker_order_id)))

    def _is_at_rest(self) -> bool:
        runtime = self.runtime
        busy = any(
            order.is_contingent or order.status is Signal.REPORTED_PENDING
            for order in self.market.broker.register.live()
        )
        answered = all(task.done() for task in self._asked)
        if runtime is None or not runtime.is_idle or runtime.state.outbox or busy or not answered:
            return False
        return not self._is_vanishing or self._positions_agree(runtime.state)

    @property
    def _is_vanishing(self) -> bool:
        """Whether positions may leave the account without an order of the desk's."""
        return bool(self.witness.touched_symbols) or self.plan.habits.calendar is CalendarName.NYSE

    def _positions_agree(self, state: DeskState) -> bool:
        held: Counter[str] = Counter()
        for trade in state.trades.values():
            held[trade.contract.symbol] += trade.held
        ledger = self.market.broker.ledger
        return all(ledger.held(symbol) == held[symbol] for symbol in held.keys() | ledger.holdings.keys())


OLD = timedelta(seconds=100)


async def quietly(asking: Coroutine[Any, Any, object]) -> None:
    """Wait for an answer that nobody reads; a process that ends takes it away."""
    await asking


def void(_value: object) -> None:
    """Drop a value."""
