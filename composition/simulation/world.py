"""One day from its first message to its rest: what outlives the process, and the lives of the process in it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop
from adapters.system.ids import CountedTradeIds
from composition.runtime import Runtime
from composition.simulation.days.plan import (
    Plan,
    Stop,
    Where,
)
from composition.simulation.faults.clocks import FaultyClock
from composition.simulation.faults.crashing import CrashingLog, Life
from composition.simulation.faults.injecting import Injector
from composition.simulation.faults.ordering import FaultyOrderGateway
from composition.simulation.faults.reading import FaultyAccount, FaultyContracts, FaultyMarketData, FaultyReads
from composition.simulation.faults.stalling import Door, WaitingDispatcher
from composition.simulation.faults.talking import FaultyAlertSource, FaultyNotifier, FaultyOrderEvents, ReportLine, Room
from composition.simulation.faults.veiling import Veil
from composition.simulation.faults.waiting import wait
from composition.simulation.market import Market
from composition.simulation.storing import LogStore
from composition.simulation.truth.witness import Witness
from domain import events
from domain.desk import DeskState
from domain.messages import Message, Source


class World:
    """The broker, the room, the log and the lines between. `runtime` is the present life's, None while it is down."""

    def __init__(self, plan: Plan, loop: VirtualTimeLoop, store: LogStore) -> None:
        self.plan = plan
        self.loop = loop
        self.clock = VirtualClock(plan.starts_at, loop)
        self.door = Door()
        self.desk_clock = FaultyClock(self.clock, self.door)
        self.store = store
        self.position_lag = timedelta(milliseconds=plan.habits.position_lag)
        self.witness = Witness()
        self.market = Market(plan, self.clock)
        self.injector = Injector(plan, self.witness, self.clock.now, self.later)
        self.veil = Veil(self.later)
        self.line = ReportLine(self.injector, self.later, self.veil)
        self.room = Room(self.injector)
        self.runtime: Runtime | None = None
        self._stopping: asyncio.Future[Stop] = loop.create_future()
        self.lives = 0
        self.reached: Counter[Where] = Counter()
        self.rested = asyncio.Event()
        self.came_to_rest = False
        self.last_state = DeskState()
        self.trade_ids = CountedTradeIds()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._delayed: dict[int, tuple[asyncio.TimerHandle, Callable[[], None]]] = {}
        self._delays = 0
        self.asked: list[asyncio.Task[Any]] = []

    # ---- lives of the process ----------------------------------------------------------------------------------------

    async def run(self, play: Coroutine[Any, Any, None]) -> None:
        """Live until `play` has set `rested`. Raises what is neither a planned crash nor its consequence."""
        self.market.drive()
        self.market.broker.listen(self.line.take)
        playing = self.spawn(play)
        while not self.rested.is_set():
            await self._live()
            if playing.done():
                playing.result()
        for task in self.asked:
            if task.done() and not task.cancelled():
                task.result()
        for task in tuple(self._tasks):
            task.cancel()

    async def _live(self) -> None:
        self.lives += 1
        mine = [crash for crash in self.plan.crashes if crash.life == self.lives] if self.injector.active else []
        self._stopping = self.loop.create_future()
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
        source = FaultyAlertSource(self.room, life, self.injector, self.clock, self.door)
        return [
            runtime.run(self.plan.habits.policies(), "simulation"),
            runtime.follow(FaultyOrderEvents(self.line, self.door)),
            runtime.feed(source),
            self._end_when_stopped(life),
        ]

    async def _end_when_stopped(self, life: Life) -> None:
        life.stop(await self._stopping)

    def _assemble(self, life: Life) -> Runtime:
        reads = FaultyReads(life, self.injector, self.clock)
        dispatcher = WaitingDispatcher(
            clock=self.desk_clock,
            gateway=FaultyOrderGateway(self.market.gateway, life, self.injector, self.clock, self.send_late),
            account=FaultyAccount(
                self.market.account, reads, self.market.positions_before, self.position_lag, self.veil
            ),
            market_data=FaultyMarketData(self.market.market_data, reads),
            contracts=FaultyContracts(self.market.contracts, reads),
            notifier=FaultyNotifier(life, self.injector, self.clock),
            authorization=SimulatedAuthorization(),
            rooms={Source.DISCORD: FaultyAlertSource(self.room, life, self.injector, self.clock, self.door)},
            door=self.door,
        )
        audit = CrashingLog(self.store.log, life)
        return Runtime(audit=audit, clock=self.desk_clock, trade_ids=self.trade_ids, dispatcher=dispatcher)

    async def _restart_after(self, life: Life) -> None:
        """What a crash leaves behind: the durable rows, the broker, the room. The process comes back after a while."""
        crash = life.ended_by
        self.line.listener = None
        self.door.open()  # whoever starts it again starts one that moves
        self.store.crash()
        lost = self.witness.lost()
        self.witness.log_failed = False
        self.witness.note(self.clock.now(), f"DOWN, {lost} rows lost")
        self.asked = [task for task in self.asked if not task.done()]
        for task in self.asked:
            task.cancel()
        self.asked = []
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

    def hurry(self) -> None:
        """Do at once everything that was to be done later."""
        for handle, act in list(self._delayed.values()):
            handle.cancel()
            act()

    def ask(self, asking: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Ask the desk once it takes anything in, and wait for its answer; a process that ends takes it away."""
        self.asked.append(self.spawn(self._ask(asking)))

    async def _ask(self, asking: Callable[[], Coroutine[Any, Any, object]]) -> None:
        await self.door.passed()
        await asking()

    def stop(self, stop: Stop) -> None:
        """End the process that runs now, if there is one."""
        if self.runtime is not None and not self._stopping.done():
            self._stopping.set_result(stop)

    def send_late(self, span: int, send: Callable[[], Awaitable[object]]) -> None:
        """Have a request arrive long after its sender gave it up."""

        async def arrive() -> None:
            self.witness.note(self.clock.now(), "a late request arrives at the broker")
            await send()

        self.later(span, lambda: void(self.spawn(arrive())))


def void(_value: object) -> None:
    """Drop a value."""
