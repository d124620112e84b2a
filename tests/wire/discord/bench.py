"""The adapter at work against the stand-in: everything wired as composition does it, and conditions to wait for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import Factory, define

from adapters.discord.connection import DiscordConnection, Endpoints
from adapters.discord.notifier import DiscordNotifier
from adapters.discord.operating import DiscordCommands
from adapters.discord.pace import Pace
from adapters.discord.source import DiscordAlertSource
from domain.commands import Reply
from domain.desk.state import DeskState, Output, Phase
from domain.messages import Message, Source
from ports.alert_source import Incoming
from ports.authorization import Authorization
from ports.clock import Clock
from ports.control import Control, OperatorRequest
from tests.wire.discord.stand_in import DiscordStandIn

ROOM, OTHER_ROOM, OPERATOR_ROOM = 500000000000000001, 500000000000000002, 500000000000000003
ANALYST, STRANGER, ADMIN, HOOK = 100000000000000001, 100000000000000002, 100000000000000003, 200000000000000001
PATIENCE = 30.0
FAST = Pace(
    first=0.05, most=0.2, identify=0.05, guilds=0.01, hold=1.0, answer=4.0, heartbeat=0.3, resume=2.0, watch=0.05,

)  # fmt: skip


class WallClock(Clock):
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sleep_until(self, due_at: datetime) -> None:
        raise NotImplementedError


class StubDesk(Control):
    """Records what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.desk = DeskState(phase=Phase.ACTIVE)
        self.asked: list[OperatorRequest] = []
        self.answer: tuple[Output, ...] = ()
        self.held: asyncio.Event | None = None
        self.change: Callable[[OperatorRequest, DeskState], DeskState] = lambda _event, state: state

    @property
    def state(self) -> DeskState:
        return self.desk

    def new_trade_id(self) -> str:
        return "TCLOSE"

    async def process(self, message: Message) -> Reply:
        raise NotImplementedError

    async def request(self, event: OperatorRequest) -> tuple[Output, ...]:
        if self.held is not None:
            await self.held.wait()
        self.asked.append(event)
        self.desk = self.change(event, self.desk)
        return self.answer


class StubAuthorization(Authorization):
    async def refresh(self) -> None:
        raise NotImplementedError

    def describe(self) -> str:
        return "session valid until 12:00 UTC"


def explain(text: str, command: Message, *, amounts: bool) -> str:
    where = f"in {command.channel_id}, with{'' if amounts else 'out'} amounts"
    return f"This reads as: {text}\n{where}"


@define
class Bench:
    stand_in: DiscordStandIn
    connection: DiscordConnection
    source: DiscordAlertSource
    notifier: DiscordNotifier
    desk: StubDesk
    clock: WallClock
    commands: DiscordCommands
    heard: list[Incoming] = Factory(list)
    serving: "asyncio.Task[Any] | None" = None
    feeding: "asyncio.Task[Any] | None" = None

    def start(self) -> None:
        self.serving = asyncio.create_task(self.connection.serve(self.source, self.commands))
        if self.feeding is None:
            self.start_feeding()

    def start_feeding(self) -> None:
        self.feeding = asyncio.create_task(self._feed())

    def stop_feeding(self) -> None:
        assert self.feeding is not None
        self.feeding.cancel()

    async def _feed(self) -> None:
        async for incoming in self.source.messages():
            self.heard.append(incoming)

    async def stop(self) -> None:
        for task in (self.serving, self.feeding):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def connected(self) -> None:
        await until(lambda: self.connection.is_connected)

    async def settled(self) -> None:
        """Return once it is connected and has read everything back that it wanted to."""
        await self.connected()
        await until(lambda: bool(self.stand_in.reads_of(ROOM)) and not self.source._readings)

    @property
    def posts(self) -> list[Message]:
        return [incoming for incoming in self.heard if isinstance(incoming, Message)]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.posts]

    async def hear(self, text: str) -> Message:
        """Return the post with this text as soon as it was yielded."""
        await until(lambda: text in self.texts, f"{text!r} in {self.texts}")
        return next(message for message in self.posts if message.text == text)

    async def answered(self, channel_id: int, count: int = 1) -> str:
        """Return the bot's latest message in a channel, once there are `count`."""
        await until(lambda: len(self.stand_in.shown_in(channel_id)) >= count)
        return str(self.stand_in.shown_in(channel_id)[-1]["content"])

    def reply(self, message_id: int, text: str, channel_id: int = ROOM, delivery_id: str = "D1-1764600000") -> Reply:
        return Reply(
            delivery_id=delivery_id,
            trade_id="T1",
            message_id=str(message_id),
            channel_id=channel_id,
            source=Source.DISCORD,
            text=text,
        )


async def until(condition: Callable[[], bool], what: str = "") -> None:
    """Return as soon as the condition holds. Fails when it does not in time."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"waited {PATIENCE} s in vain: {what}"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def bench(
    *,
    token: str | None = None,
    started: bool = True,
    channels: frozenset[int] = frozenset({ROOM}),
    last_seen: Callable[[int], int | None] = lambda _channel: None,
    pace: Pace = FAST,
    queue_size: int = 100,
    heartbeat_ms: int = 41_250,
    operator_channel: int | None = OPERATOR_ROOM,
    operator_user: int | None = None,
) -> AsyncIterator[Bench]:
    """Yield everything wired to a fresh stand-in, connected already where `started`."""
    stand_in = DiscordStandIn(heartbeat_ms=heartbeat_ms)
    for room in (ROOM, OTHER_ROOM, OPERATOR_ROOM):
        stand_in.add_channel(room)
    await stand_in.start()
    clock, desk = WallClock(), StubDesk()
    endpoints = Endpoints(api_url=stand_in.api_url, gateway_url=stand_in.gateway_url)
    connection = DiscordConnection(token or stand_in.token, endpoints=endpoints, pace=pace)
    made = Bench(
        stand_in=stand_in,
        connection=connection,
        source=DiscordAlertSource(
            connection,
            clock=clock,
            channels=lambda: channels,
            last_seen=last_seen,
            max_age=timedelta(seconds=60),
            queue_size=queue_size,
            pace=pace,
        ),
        notifier=DiscordNotifier(connection, channel_id=operator_channel, user_id=operator_user),
        desk=desk,
        clock=clock,
        commands=DiscordCommands(
            connection,
            control=desk,
            authorization=StubAuthorization(),
            explain=explain,
            admins=frozenset({ADMIN}),
            clock=clock,
            account="5WT00001",
            private_channels=frozenset({OPERATOR_ROOM}),
            answer_seconds=0.3,
            retry_delays=(0.05, 0.05),
        ),
    )
    try:
        if started:
            made.start()
            await made.settled()
        yield made
    finally:
        await made.stop()
        await stand_in.close()


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario in a loop of its own."""
    asyncio.run(scenario())
