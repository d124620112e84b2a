"""A history played to the desk on the virtual clock: each post at its instant, halts ended each morning, then rest."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Any

from adapters.history.posts import Post
from composition.runtime import Runtime
from domain.calendar import TradingCalendar, new_york_date
from domain.commands import Notify, Reply
from domain.events import ResumeRequested
from domain.messages import Message
from ports.alert_source import AlertSource
from ports.clock import Clock
from ports.notifier import Notifier

LOOK_EVERY = timedelta(seconds=5)
# After the last message: entries and closes come to their end, exits may rest.
PATIENCE = timedelta(minutes=20)
MORNING = timedelta(minutes=5)  # before the session opens


class PlayedRoom(AlertSource):
    """Posts from a history, each at its instant. `before` is told of each before the desk has it.

    `is_stopped` ends the room early. Replies go nowhere: their words are in the log.
    """

    def __init__(
        self, posts: Iterable[Post], clock: Clock, before: Callable[[Post], None], is_stopped: Callable[[], bool]
    ) -> None:
        self._posts = posts
        self._clock = clock
        self._before = before
        self._is_stopped = is_stopped

    async def messages(self) -> AsyncIterator[Message]:
        for post in self._posts:
            if self._is_stopped():
                return
            await self._clock.sleep_until(post.message.posted_at)
            self._before(post)
            yield post.message

    async def reply(self, reply: Reply) -> None:
        pass


class SilentNotifier(Notifier):
    """Nobody is paged by a replay: the notices' words are in the log."""

    async def notify(self, notice: Notify) -> None:
        pass


async def look_each_morning(runtime: Runtime, clock: Clock, calendar: TradingCalendar) -> None:
    """End every halt before the next session, as a person would who has looked; without end."""
    while True:
        tomorrow = new_york_date(clock.now()) + timedelta(days=1)
        session = calendar.session(next(calendar.sessions_from(tomorrow)))
        assert session is not None  # noqa: S101 - `sessions_from` gives sessions only
        await clock.sleep_until(session.opens_at - MORNING)
        if runtime.state.halts:
            await runtime.request(ResumeRequested("replay", "a new day: in a replay somebody has looked"))


async def come_to_rest(runtime: Runtime, clock: Clock) -> None:
    """Wait until nothing is being decided, entered or closed, or until that has taken too long."""
    until = clock.now() + PATIENCE
    while clock.now() < until:
        await clock.sleep_until(clock.now() + LOOK_EVERY)
        if runtime.is_idle:
            return


async def run_beside(work: Coroutine[Any, Any, None], parts: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Run `parts` until `work` is done, then cancel them. Raises the first thing that went wrong in any of them."""
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(part) for part in parts]
            await work
            for task in running:
                task.cancel()
    except BaseExceptionGroup as errors:
        first: BaseException = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from errors


async def play(runtime: Runtime, room: PlayedRoom, clock: Clock, is_stopped: Callable[[], bool]) -> None:
    """Feed the room to the desk, then wait for rest, unless it was stopped."""
    while not runtime.state.is_ready:  # noqa: ASYNC110 - the state is a value, it announces nothing
        await asyncio.sleep(1)
    await runtime.feed(room)
    if not is_stopped():
        await come_to_rest(runtime, clock)
