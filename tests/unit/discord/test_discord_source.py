"""The source between live events and the history, without a connection: what it holds, what it asks for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord.connection import DiscordConnection
from adapters.discord.source import SNOWFLAKE_EPOCH_MS, DiscordAlertSource
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from domain.messages import Message
from ports.errors import PortUnavailableError
from tests.support.builders import make_message

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ROOM = 21 << 22


def _message(number: int) -> Message:
    return make_message(f"m{number}", message_id=str(number), channel_id=ROOM)


class Told:
    """A history that answers when it is let, and remembers what it was asked for."""

    def __init__(self, *numbers: int, fails: int = 0) -> None:
        self.numbers = numbers
        self.fails = fails
        self.asked: list[tuple[int, int]] = []
        self.may_answer = asyncio.Event()

    async def __call__(self, channel_id: int, after: int) -> AsyncIterator[tuple[Message, datetime | None]]:
        self.asked.append((channel_id, after))
        await self.may_answer.wait()
        if self.fails:
            self.fails -= 1
            raise PortUnavailableError("away")
        for number in self.numbers:
            if number > after:
                yield _message(number), None


def _run(
    story: Callable[[DiscordAlertSource, list[str]], "asyncio.Future[None]"],
    last_seen: Callable[[int], int | None] = {ROOM: 10}.get,
) -> None:
    async def main(loop: VirtualTimeLoop) -> None:
        source = DiscordAlertSource(
            DiscordConnection("token"),
            clock=VirtualClock(START, loop),
            channels=lambda: frozenset({ROOM}),
            last_seen=last_seen,
            max_age=timedelta(seconds=60),
        )
        heard: list[str] = []

        async def feed() -> None:
            async for incoming in source.messages():
                heard.append(incoming.message_id)  # noqa: PERF401 - messages have no end

        feeding = asyncio.ensure_future(feed())
        await story(source, heard)
        source.stop()
        feeding.cancel()

    run_virtual(main)


def _begin_session(source: DiscordAlertSource, history: Told) -> None:
    source.lost()
    source.connected()
    source.catch_up(history)


def test_live_posts_wait_behind_what_the_history_tells():
    async def story(source, heard):
        history = Told(11, 12)
        _begin_session(source, history)
        source.post(_message(13), None)
        await asyncio.sleep(1)
        assert heard == []
        history.may_answer.set()
        await asyncio.sleep(1)
        assert heard == ["11", "12", "13"]
        assert history.asked == [(ROOM, 10)]

    _run(story)


def test_a_reading_of_the_session_before_lets_nothing_through_too_early():
    async def story(source, heard):
        first, second = Told(11), Told(11, 12)
        _begin_session(source, first)
        await asyncio.sleep(0)
        _begin_session(source, second)
        source.post(_message(13), None)
        first.may_answer.set()
        await asyncio.sleep(1)
        assert heard == ["11"]
        second.may_answer.set()
        await asyncio.sleep(1)
        assert heard == ["11", "12", "13"]

    _run(story)


def test_after_five_seconds_live_posts_wait_no_longer():
    async def story(source, heard):
        _begin_session(source, Told(11))
        source.post(_message(13), None)
        await asyncio.sleep(4.9)
        assert heard == []
        await asyncio.sleep(0.2)
        assert heard == ["13"]

    _run(story)


def test_a_failed_reading_holds_nothing_up_and_is_tried_again():
    async def story(source, heard):
        history = Told(11, fails=1)
        history.may_answer.set()
        _begin_session(source, history)
        source.post(_message(13), None)
        await asyncio.sleep(0.1)
        assert heard == ["13"]
        await asyncio.sleep(2)
        assert heard == ["13", "11"]
        assert history.asked == [(ROOM, 10), (ROOM, 10)]

    _run(story)


def test_a_live_post_that_is_in_the_log_already_does_not_hide_what_was_missed_before_it():
    log = {ROOM: 10}

    async def story(source, heard):
        history = Told(11, 13, fails=1)
        _begin_session(source, history)
        await asyncio.sleep(0)
        source.post(_message(13), None)
        await asyncio.sleep(6)
        log[ROOM] = 13
        history.may_answer.set()
        await asyncio.sleep(2)
        assert heard == ["13", "11"]
        assert history.asked == [(ROOM, 10), (ROOM, 10)]

    _run(story, last_seen=log.get)


def test_the_next_reading_starts_after_the_last_live_post():
    async def story(source, heard):
        history = Told()
        history.may_answer.set()
        _begin_session(source, history)
        await asyncio.sleep(1)
        source.post(_message(13), None)
        _begin_session(source, history)
        await asyncio.sleep(1)
        assert history.asked == [(ROOM, 10), (ROOM, 13)]
        assert heard == ["13"]

    _run(story)


def test_a_loss_before_the_history_was_read_lets_go_of_what_was_held_and_reads_from_before_it():
    async def story(source, heard):
        history = Told(11)
        _begin_session(source, Told())
        source.post(_message(13), None)
        _begin_session(source, history)
        history.may_answer.set()
        await asyncio.sleep(1)
        assert heard == ["13", "11"]
        assert history.asked == [(ROOM, 10)]

    _run(story)


def test_where_nothing_is_known_a_minute_is_read():
    async def story(source, _heard):
        history = Told()
        _begin_session(source, history)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ((_, after),) = history.asked
        posted_at = datetime.fromtimestamp(((after >> 22) + SNOWFLAKE_EPOCH_MS) / 1000, UTC)
        assert posted_at == START - timedelta(seconds=60)

    _run(story, last_seen={}.get)


@pytest.mark.parametrize("count", [3, 30])
def test_what_is_held_beyond_the_queue_is_read_back_later(count):
    async def story(source, heard):
        source._queue = asyncio.Queue(2)
        history = Told(*range(11, 11 + count))
        _begin_session(source, history)
        for number in range(11, 11 + count):
            source.post(_message(number), None)
        source._release()
        history.may_answer.set()
        await asyncio.sleep(60)
        assert heard == [str(number) for number in range(11, 11 + count)]

    _run(story)
