# noqa: INP001 (run as a module, no package)
"""A whole desk to measure: the real core, runtime, dispatch, log on disk, and a simulated broker that answers at once.

The room is a queue in the process, the book stands still, nothing fills by itself. What is left is the desk's own work.
"""

import asyncio
import gc
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from attrs import Factory, define, frozen

from adapters.prometheus.metrics import PrometheusMetrics
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.clock import ScaledClock
from adapters.simulated.create import create_simulated
from adapters.simulated.exchange.account import SimulatedAccount
from adapters.simulated.scenario.scenario import FillRule, QuoteScript, QuoteStep, Scenario
from adapters.sqlite.audit_log import SqliteAuditLog
from composition.container import create_runtime
from composition.entries import entry_of
from composition.entry import COLLECT_AFTER
from composition.measuring import MeasuredAuditLog, Measuring
from composition.runtime import Runtime
from domain.calendar import CalendarName, TradingCalendar
from domain.commands import Notify, Reply, SubmitOrder
from domain.desk import DeskState, step
from domain.events import AlertIgnored, AlertReceived, BrokerRead, Denied, DeskStarted, Input, Stamped
from domain.messages import Message, Source
from domain.policies import Mode, Policies, RiskPolicy
from ports.alert_source import AlertSource, Incoming
from ports.audit_log import AuditLog, Entry, Row
from ports.clock import Clock
from ports.notifier import Notifier

USER, CHANNEL = 10, 20
BOOK = (QuoteScript(steps=(QuoteStep(bid=Decimal("0.74"), ask=Decimal("0.76")),)),)
RESTING = Scenario(quotes=BOOK, fills=(FillRule(),))
# As far as the settings go, so that alerts are decided on one after the other and not refused by a limit.
WIDE = RiskPolicy(
    max_positions=100,
    max_entries_day=500,
    max_entries_minute=60,
    max_entries_author=500,
    max_premium_at_risk=Decimal(100),
    max_day_loss=Decimal(100),
)
FIRST_POST = 10**18
SPEED = 30  # of market time, or the limit of a minute's entries would be what is measured
CHATTER = "good morning all, watching UBER and SPY here, nothing yet"


def policies(risk: RiskPolicy = WIDE, users: frozenset[int] = frozenset({USER})) -> Policies:
    """Return policies of a room that trades at any hour."""
    return Policies(
        calendar=CalendarName.ALWAYS_OPEN, allowed_users=users, allowed_channels=frozenset({CHANNEL}), risk=risk
    )


@define
class Room(AlertSource):
    """Posts come from `post`, replies are delivered at once. `received` has the instant at which each post came."""

    clock: Clock
    received: dict[str, float] = Factory(dict)
    _posts: asyncio.Queue[Message] = Factory(asyncio.Queue)
    _count: int = 0

    def post(self, text: str, user: int = USER) -> str:
        """Have a post come now, and return its message id."""
        self._count += 1
        name = str(FIRST_POST + self._count)
        message = Message(message_id=name, channel_id=CHANNEL, user_id=user, posted_at=self.clock.now(), text=text)
        self.received[name] = time.perf_counter()
        self._posts.put_nowait(message)
        return name

    async def messages(self) -> AsyncIterator[Incoming]:
        while True:
            yield await self._posts.get()

    async def reply(self, reply: Reply) -> None:
        pass


class PromptAccount(SimulatedAccount):
    """Answers at once: what a broker takes to answer is not the desk's own work."""

    async def _after_a_moment(self) -> datetime:
        return self._clock.now()


class Quiet(Notifier):
    async def notify(self, notice: Notify) -> None:
        pass


@define
class Watched(AuditLog):
    """A log that notes when an order's intent, and when each alert's decision, became durable.

    `latest` are the entries from the last message on, `ordered_by` those up to the last order's intent.
    """

    inner: SqliteAuditLog
    ordered: dict[str, float] = Factory(dict)
    decided: dict[str, float] = Factory(dict)
    committed: asyncio.Event = Factory(asyncio.Event)
    denied: int = 0
    messages: dict[str, str] = Factory(dict)
    latest: list[Entry] = Factory(list)
    ordered_by: tuple[Entry, ...] = ()
    _orders: list[str] = Factory(list)
    _decisions: list[str] = Factory(list)

    def append(self, entry: Entry) -> int:
        body = entry.body
        if isinstance(body, Stamped):
            if isinstance(body.event, AlertReceived):
                self.latest.clear()
                self.messages[body.event.trade_id] = body.event.message.message_id
        elif isinstance(body, SubmitOrder):
            self._orders.append(self.messages[body.trade_id])
        elif isinstance(body, Denied | AlertIgnored):
            self.denied += 1
            self._decisions.append(self.messages[body.trade_id])
        self.latest.append(entry)
        return self.inner.append(entry)

    def commit(self) -> None:
        self.inner.commit()
        now = time.perf_counter()
        if self._orders:
            self.ordered_by = tuple(self.latest)
        for name in self._orders:
            self.ordered.setdefault(name, now)
        for name in (*self._orders, *self._decisions):
            self.decided.setdefault(name, now)
        self._orders.clear()
        self._decisions.clear()
        self.committed.set()

    def discard(self) -> None:
        self.inner.discard()

    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        return self.inner.inputs(after)

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        return self.inner.rows(trade_id=trade_id, before=before, limit=limit)


@frozen
class BenchDesk:
    runtime: Runtime
    room: Room
    log: Watched

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something has been reached; it is looked at after every commit."""
        while not reached():
            self.log.committed.clear()
            await self.log.committed.wait()


async def at_work(path: Path, story: Callable[[BenchDesk], Awaitable[None]], chosen: Policies | None = None) -> None:
    """Run a story on a desk that is ready. Its log is at `path`, where it may be a long one already."""
    gc.set_threshold(COLLECT_AFTER)  # as the program's door does
    chosen = policies() if chosen is None else chosen
    clock = ScaledClock(SPEED, datetime.now(UTC))
    simulated = create_simulated(
        clock,
        seed=1,
        calendar=TradingCalendar(CalendarName.ALWAYS_OPEN),
        scenario=RESTING,
        starting_cash=Decimal(10_000_000),
    )
    metrics = PrometheusMetrics(version="bench", mode=Mode.PAPER)
    audit = SqliteAuditLog.open(path, Mode.PAPER)
    log, room = Watched(audit), Room(clock)
    runtime = create_runtime(
        clock=clock,
        audit=MeasuredAuditLog(log, metrics),
        gateway=simulated.gateway,
        account=PromptAccount(simulated.broker, clock),
        market_data=simulated.market_data,
        contracts=simulated.contracts,
        authorization=SimulatedAuthorization(),
        notifier=Quiet(),
        rooms={Source.DISCORD: room},
        observers=(Measuring(metrics),),
    )
    desk = BenchDesk(runtime, room, log)
    runtime.recover()
    try:
        async with asyncio.TaskGroup() as group:
            parts = [
                group.create_task(part)
                for part in (
                    simulated.run(),
                    runtime.run(chosen, "bench"),
                    runtime.follow(simulated.order_events),
                    runtime.feed(room),
                )
            ]
            await desk.until(lambda: runtime.state.is_ready)
            await story(desk)
            for part in parts:
                part.cancel()
    finally:
        audit.close()


def fill(path: Path, rows: int) -> None:
    """Write a log of `rows` rows or one more: a desk that has heard talk for weeks."""
    audit, state = SqliteAuditLog.open(path, Mode.PAPER), DeskState()
    at, written, number = datetime.now(UTC) - timedelta(days=30), 0, 0
    event: Input = DeskStarted(policies(), "bench")
    while written < rows:
        stamped = Stamped(at, event)
        state, outputs = step(state, stamped)
        for body in (stamped, *outputs):
            audit.append(entry_of(at, body))
        written += 1 + len(outputs)
        number += 1
        at += timedelta(seconds=2)
        message = Message(
            message_id=str(number), channel_id=CHANNEL, user_id=USER, posted_at=at, text=f"{CHATTER} {number}"
        )
        event = BrokerRead(at, (), (), complete=True) if number == 1 else AlertReceived(f"T{number}", message)
        if not written % 1000:
            audit.commit()
    audit.close()


@contextmanager
def bare_log(home: Path) -> Iterator[Callable[[], float]]:
    """Give what makes one small row durable and returns the seconds that took: an order cannot leave earlier."""
    log = sqlite3.connect(home / "floor.sqlite", isolation_level=None)
    log.execute("PRAGMA journal_mode=WAL")
    log.execute("PRAGMA synchronous=FULL")
    log.execute("CREATE TABLE IF NOT EXISTS rows (body TEXT)")
    body = "x" * 500

    def commit() -> float:
        began = time.perf_counter()
        log.execute("INSERT INTO rows VALUES (?)", (body,))
        return time.perf_counter() - began

    try:
        yield commit
    finally:
        log.close()
