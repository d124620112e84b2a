"""The loop: one event at a time is stamped, appended, stepped; what follows is appended, made durable, dispatched.

The order is the promise. No command that changes the world goes out before everything it rests on is durable; if the
log cannot be written, the loop ends and nothing is sent. It sees ports only, and holds no rule of trading.
"""

import asyncio
from collections.abc import Callable, Sequence

from attrs import frozen

from composition.dispatch import Dispatcher
from composition.entries import entry_of
from domain.commands import WORLD, Command, Notify, Reply, StartTimer, is_command
from domain.desk import DeskState, Output, step
from domain.events import AlertReceived, DeskStarted, Input, OrderReported, Stamped, TimerFired
from domain.messages import Message
from domain.policies import Policies
from domain.value import Value
from ports.alert_source import AlertSource
from ports.audit_log import AuditLog, Entry
from ports.clock import Clock
from ports.control import Control, OperatorRequest
from ports.ids import TradeIds
from ports.order_events import OrderEvents
from ports.snapshots import Snapshot

QUEUE_SIZE = 10_000
# Deliveries have slots of their own: a room that does not answer never holds up an order.
CONCURRENT_CALLS = 64
CONCURRENT_DELIVERIES = 16
# Seconds in which rows that no command waits for become durable together.
LAZY_COMMIT = 0.05

# Sees every row with its sequence number, as it is appended and before anything is dispatched.
Observer = Callable[[int, Entry], None]


class Runtime(Control):
    """One desk at work. Create it, `recover()`, then `run()`; adapters drive it through `Control`.

    Rows that no command waits for become durable within `lazy_commit` seconds.
    """

    def __init__(
        self,
        *,
        audit: AuditLog,
        clock: Clock,
        trade_ids: TradeIds,
        dispatcher: Dispatcher,
        observers: Sequence[Observer] = (),
        lazy_commit: float = LAZY_COMMIT,
    ) -> None:
        self._audit = audit
        self._clock = clock
        self._trade_ids = trade_ids
        self._dispatcher = dispatcher
        self._observers: tuple[Observer, ...] = (dispatcher.check, *observers)
        self._commit_within = lazy_commit
        self._state = DeskState()
        self._last_row = 0
        self._queue: asyncio.Queue[Input | _Request] = asyncio.Queue(QUEUE_SIZE)
        self._calls: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(CONCURRENT_CALLS)
        self._delivery_slots = asyncio.Semaphore(CONCURRENT_DELIVERIES)
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._answers: dict[str, asyncio.Future[Reply]] = {}
        self._uncommitted = False
        self._ended = False
        self._late: asyncio.TimerHandle | None = None
        self._group: asyncio.TaskGroup

    # ---- Control ---------------------------------------------------------------------------------------------------

    @property
    def state(self) -> DeskState:
        return self._state

    def new_trade_id(self) -> str:
        return self._trade_ids.next()

    async def process(self, message: Message) -> Reply:
        trade_id = self._trade_ids.next()
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[trade_id] = answer
        try:
            await self._queue.put(AlertReceived(trade_id, message))
            self._dismiss_if_ended()
            return await answer
        finally:
            self._answers.pop(trade_id, None)

    async def request(self, event: OperatorRequest) -> tuple[Output, ...]:
        wanted = _Request(event, asyncio.get_running_loop().create_future())
        await self._queue.put(wanted)
        self._dismiss_if_ended()
        return await wanted.done

    # ---- life ------------------------------------------------------------------------------------------------------

    def recover(self, snapshot: Snapshot | None = None) -> int:
        """Rebuild the state from the log, or from a snapshot and the rows after it. Nothing is dispatched.

        Returns how many events were replayed.
        """
        after, count = 0, 0
        if snapshot is not None:
            self._state, after = snapshot.state, snapshot.seq
        for stamped in self._audit.inputs(after):
            self._state, _ = step(self._state, stamped)
            count += 1
        self._dispatcher.check.take_over(self._state)
        newest = self._audit.rows(limit=1)
        self._last_row = newest[0].seq if newest else 0
        return count

    @property
    def last_row(self) -> int:
        return self._last_row

    def snapshot(self) -> Snapshot:
        """Return the present state as of the last row, which is durable then."""
        self._commit()
        return Snapshot(self._last_row, self._state)

    async def run(self, policies: Policies, version: str, first: Sequence[OperatorRequest] = ()) -> None:
        """Start the desk and work until cancelled. Raises what went wrong in the core, the log or an adapter.

        `first` is taken in and durable before anything else is.
        """
        try:
            async with asyncio.TaskGroup() as self._group:
                try:
                    await self._work(DeskStarted(policies, version), first)
                finally:
                    if self._late is not None:
                        self._late.cancel()
        except asyncio.CancelledError:
            self._commit()
            raise
        finally:
            self._ended = True
            self._dismiss_if_ended()

    async def _work(self, started: DeskStarted, first: Sequence[OperatorRequest]) -> None:
        for timer_id, due_at in self._state.timers.items():
            self._start_timer(StartTimer(timer_id, due_at))
        self._take(started)
        for event in first:
            self._take(event)
            self._commit()
        while True:
            wanted = await self._queue.get()
            if isinstance(wanted, _Request):
                self._serve(wanted)
            else:
                self._take(wanted)

    async def feed(self, source: AlertSource) -> None:
        """Take in a source's messages until it is exhausted."""
        async for incoming in source.messages():
            named = AlertReceived(self._trade_ids.next(), incoming) if isinstance(incoming, Message) else incoming
            await self._queue.put(named)

    async def follow(self, order_events: OrderEvents) -> None:
        """Take in the broker's reports until they end."""
        async for report in order_events.reports():
            await self._queue.put(OrderReported(report))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is waiting, under way or undecided. Exits may rest at the broker."""
        return self._state.is_idle and self._queue.empty() and not self._calls and not self._uncommitted

    # ---- one event after the other ---------------------------------------------------------------------------------

    def _take(self, event: Input) -> tuple[Output, ...]:
        """Append, step, append what follows, make it durable where the world is touched, dispatch."""
        now = self._clock.now()
        at = now if self._state.at is None else max(now, self._state.at)
        stamped = Stamped(at, event)
        self._append(entry_of(at, stamped))
        try:
            self._state, outputs = step(self._state, stamped)
        except Exception:
            self._audit.discard()
            raise
        for output in outputs:
            self._append(entry_of(at, output))
        asked = [output for output in outputs if is_command(output)]
        if any(type(command) in WORLD for command in asked):
            self._commit()
        else:
            self._commit_soon()
        for command in asked:
            self._dispatch(command)
        return outputs

    def _dismiss_if_ended(self) -> None:
        """Cancel whoever waits for a desk that has ended."""
        if not self._ended:
            return
        for answer in self._answers.values():
            answer.cancel()
        while not self._queue.empty():
            left = self._queue.get_nowait()
            if isinstance(left, _Request):
                left.done.cancel()

    def _serve(self, wanted: "_Request") -> None:
        try:
            outputs = self._take(wanted.event)
            self._commit()
        except Exception:
            wanted.done.cancel()
            raise
        if not wanted.done.done():  # whoever asked may have gone away
            wanted.done.set_result(outputs)

    def _append(self, entry: Entry) -> None:
        self._last_row = self._audit.append(entry)
        self._uncommitted = True
        for observe in self._observers:
            observe(self._last_row, entry)

    def _commit(self) -> None:
        if self._uncommitted:
            self._audit.commit()
            self._uncommitted = False

    def _commit_soon(self) -> None:
        if self._late is None:
            self._late = asyncio.get_running_loop().call_later(self._commit_within, self._commit_late)

    def _commit_late(self) -> None:
        self._late = None
        try:
            self._commit()
        except BaseException as error:  # noqa: BLE001 - it ends the desk, as where a commit is not put off
            self._group.create_task(_fail(error))

    def _dispatch(self, command: Command) -> None:
        if isinstance(command, StartTimer):
            self._start_timer(command)
            return
        if isinstance(command, Reply) and command.status is not None:
            answer = self._answers.get(command.trade_id)
            if answer is not None and not answer.done():
                answer.set_result(command)
        call = self._group.create_task(self._call(command))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, command: Command) -> None:
        slots = self._delivery_slots if isinstance(command, Reply | Notify) else self._slots
        async with slots:
            results = await self._dispatcher.perform(command)
        for result in results:
            await self._queue.put(result)

    def _start_timer(self, timer: StartTimer) -> None:
        earlier = self._timers.pop(timer.timer_id, None)
        if earlier is not None:
            earlier.cancel()
        self._timers[timer.timer_id] = self._group.create_task(self._fire(timer))

    async def _fire(self, timer: StartTimer) -> None:
        await self._clock.sleep_until(timer.due_at)
        self._timers.pop(timer.timer_id, None)
        if timer.timer_id in self._state.timers:
            await self._queue.put(TimerFired(timer.timer_id))


@frozen
class _Request(Value):
    """An operator's request on the queue, and who waits for what follows from it."""

    event: OperatorRequest
    done: "asyncio.Future[tuple[Output, ...]]"


async def _fail(error: BaseException) -> None:
    raise error
