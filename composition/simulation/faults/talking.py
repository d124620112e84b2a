"""The room, the operator's notices and the broker's reports as bad lines: lost, late, repeated, out of order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

from attrs import define, evolve, field

from composition.simulation.days.plan import Call, Fate, Outage, Where
from composition.simulation.faults.crashing import Life
from composition.simulation.faults.injecting import Injector
from composition.simulation.faults.stalling import Door
from composition.simulation.faults.veiling import Veil
from composition.simulation.faults.waiting import wait
from domain.commands import Notify, Reply
from domain.orders import OrderReport
from ports.alert_source import AlertSource, Incoming
from ports.clock import Clock
from ports.errors import PortUnavailableError
from ports.notifier import Notifier
from ports.order_events import OrderEvents

LATE = Decimal("0.01")
# A sale that the positions show and the orders do not is believed to be another's after two readings, some 15 s apart.
SALE_VEIL = 3_000


@define
class ReportLine:
    """From the broker to whichever life listens now. It outlives them; nobody listens while the process is down."""

    injector: Injector
    later: Callable[[int, Callable[[], None]], None]
    veil: Veil
    listener: "asyncio.Queue[OrderReport] | None" = None

    def take(self, report: OrderReport) -> None:
        """Pass a report on, as the line has it."""
        fault = self.injector.meet(Call.REPORT)
        if self.injector.is_away(Outage.STREAM) or self.injector.is_away(Outage.BROKER):
            return
        fate = None if fault is None else fault.fate
        span = 0 if fault is None else fault.span
        match fate:
            case Fate.DROPPED:
                return
            case Fate.DELAYED:
                self.later(span, lambda: self._give(report))
            case Fate.DOUBLED:
                self._give(report)
                self.later(span, lambda: self._give(report))
            case Fate.CONTRADICTED if report.fills:
                self._give(report)
                *others, last = report.fills
                self.injector.witness.contradicted.add(last.fill_id)
                changed = evolve(report, fills=(*others, evolve(last, price=last.price + LATE)))
                self.later(span, lambda: self._give(changed))
            case Fate.COUNT_AHEAD if report.fills:
                self._give(evolve(report, fills=report.fills[:-1]))
                self.later(span, lambda: self._give(report))
            case Fate.FILL_LATE if report.fills:
                self.injector.witness.late_fills.add(report.fills[-1].fill_id)
                is_sale = report.side is None or not report.side.is_buy
                if is_sale:  # nobody can know that less is held
                    self.injector.witness.late_symbols.add(report.symbol)
                self.veil.draw(report, min(span, SALE_VEIL) if is_sale else span, self._give)
                self._give(report)
            case _:
                self._give(report)

    def _give(self, report: OrderReport) -> None:
        if self.listener is not None:
            self.listener.put_nowait(self.veil.over(report))


class FaultyOrderEvents(OrderEvents):
    """One life's end of the line."""

    def __init__(self, line: ReportLine, door: Door) -> None:
        self._queue: asyncio.Queue[OrderReport] = asyncio.Queue()
        self._door = door
        line.listener = self._queue

    async def reports(self) -> AsyncIterator[OrderReport]:
        while True:
            report = await self._queue.get()
            await self._door.passed()
            yield report


@define
class Room:
    """What people post. It outlives the process: `history` is all of it, `waiting` what a life has not taken out."""

    injector: Injector
    history: list[Incoming] = field(factory=list)
    waiting: "asyncio.Queue[Incoming]" = field(factory=asyncio.Queue)

    def post(self, incoming: Incoming) -> None:
        self.history.append(incoming)
        self.waiting.put_nowait(incoming)

    def read_back(self, unheard: Callable[[Incoming], bool]) -> None:
        """Have a new life get what was never heard, and the last message again: history cannot be read more exactly."""
        self.waiting = asyncio.Queue()
        last = len(self.history) - 1
        for number, incoming in enumerate(self.history):
            if unheard(incoming) or number == last:
                self.waiting.put_nowait(incoming)


@define
class FaultyAlertSource(AlertSource):
    room: Room
    life: Life
    injector: Injector
    clock: Clock
    door: Door

    async def messages(self) -> AsyncIterator[Incoming]:
        waiting = self.room.waiting
        while True:
            incoming = await waiting.get()
            while self.injector.is_away(Outage.ROOM):
                await wait(self.clock, 500)
            fault = self.injector.meet(Call.MESSAGE)
            if fault is not None and fault.fate is Fate.DELAYED:
                waiting.put_nowait(incoming)  # behind those that wait: out of order
                await wait(self.clock, fault.span)
                continue
            await self.door.passed()
            yield incoming
            if fault is not None and fault.fate is Fate.DOUBLED:
                yield incoming

    async def reply(self, reply: Reply) -> None:
        await _deliver(self.life, self.injector, self.clock, Call.REPLY, Reply, reply.delivery_id)


@define
class FaultyNotifier(Notifier):
    life: Life
    injector: Injector
    clock: Clock

    async def notify(self, notice: Notify) -> None:
        await _deliver(self.life, self.injector, self.clock, Call.NOTICE, Notify, notice.delivery_id)


async def _deliver(  # noqa: PLR0917 - one line to two kinds of listeners
    life: Life, injector: Injector, clock: Clock, call: Call, kind: type, delivery_id: str
) -> None:
    act = life.before(Where.CALL, call)
    if not life.witness.is_safe(kind, delivery_id):
        life.witness.violate("write before act", f"{call} {delivery_id} was sent before its row was safe")
    fault = injector.meet(call)
    if fault is not None and fault.fate is Fate.HANGS:
        await wait(clock, fault.span)
    if fault is not None or injector.is_away(Outage.NOTIFIER):
        raise PortUnavailableError(f"the simulated {call} could not be delivered")
    life.witness.delivered.add(delivery_id)
    life.after(act)
