"""What was said while nobody listened: read back from the history, in order, once."""

import logging

import pytest
from attrs import evolve

from domain.events import MessageDeleted, MessageEdited
from domain.messages import Message, MessageKind
from tests.wire.discord.bench import ANALYST, FAST, OPERATOR_ROOM, OTHER_ROOM, ROOM, Bench, bench, run, until


async def _say_unheard(desk: Bench, *texts: str, channel_id: int = ROOM, age: float = 0.0) -> list[int]:
    """Post what the gateway does not deliver."""
    desk.stand_in.losing = True
    ids = [await desk.stand_in.post(channel_id, ANALYST, text, age=age) for text in texts]
    desk.stand_in.losing = False
    return ids


def test_a_restart_reads_back_everything_after_the_last_message_of_the_log():
    async def scenario() -> None:
        known: dict[int, int] = {}
        async with bench(started=False, last_seen=known.get) as desk:
            known[ROOM], *_ = await _say_unheard(desk, "in the log", "missed long ago", age=86_400)
            await _say_unheard(desk, "missed just now")
            desk.start()
            await desk.hear("missed just now")
            assert desk.texts == ["missed long ago", "missed just now"]
            assert desk.posts[0].posted_at < desk.posts[1].posted_at

    run(scenario)


def test_the_first_start_reads_back_only_what_could_still_be_traded():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            await _say_unheard(desk, "yesterday", age=86_400)
            await _say_unheard(desk, "fresh", age=20)
            desk.start()
            await desk.hear("fresh")
            assert desk.texts == ["fresh"]

    run(scenario)


def test_a_gap_of_many_pages_is_read_whole_and_in_order():
    async def scenario() -> None:
        known: dict[int, int] = {}
        async with bench(started=False, last_seen=known.get, queue_size=300) as desk:
            known[ROOM], *_ = await _say_unheard(desk, *(f"m{number}" for number in range(251)), age=3600)
            desk.start()
            await desk.hear("m250")
            assert desk.texts == [f"m{number}" for number in range(1, 251)]

    run(scenario)


def test_events_lost_with_an_invalid_session_are_read_back():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ANALYST, "before")
            await desk.hear("before")
            await _say_unheard(desk, "lost")
            await desk.stand_in.invalidate()
            await desk.hear("lost")
            assert desk.texts == ["before", "lost"]
            assert len(desk.stand_in.identifies) == 2

    run(scenario)


def test_a_resumed_session_replays_and_the_history_repeats_nothing():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ANALYST, "before")
            await desk.hear("before")
            reads = len(desk.stand_in.reads_of(ROOM))
            await desk.stand_in.close_all(4000)
            await desk.stand_in.post(ROOM, ANALYST, "while away")
            await desk.hear("while away")
            await until(lambda: len(desk.stand_in.reads_of(ROOM)) > reads)
            await desk.stand_in.post(ROOM, ANALYST, "after")
            await desk.hear("after")
            assert desk.texts == ["before", "while away", "after"]
            assert (len(desk.stand_in.identifies), len(desk.stand_in.resumes)) == (1, 1)

    run(scenario)


def test_an_event_that_comes_after_the_history_told_its_message_is_no_repetition():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ANALYST, "before")
            await desk.hear("before")
            (message_id,) = await _say_unheard(desk, "late")
            await desk.stand_in.invalidate()
            await desk.hear("late")
            await desk.settled()
            await desk.stand_in.repeat(ROOM, message_id)
            await desk.stand_in.post(ROOM, ANALYST, "after")
            await desk.hear("after")
            assert desk.texts == ["before", "late", "after"]

    run(scenario)


def test_a_resume_that_lost_events_reads_them_back():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ANALYST, "before")
            await desk.hear("before")
            await _say_unheard(desk, "lost")
            await desk.stand_in.close_all(4000)
            await desk.hear("lost")
            assert len(desk.stand_in.identifies) == 1

    run(scenario)


def test_an_exit_heard_live_does_not_overtake_the_entry_that_was_missed():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ANALYST, "before")
            await desk.hear("before")
            slow = desk.stand_in.fail("GET", f"/channels/{ROOM}/messages", delay=0.3)
            await _say_unheard(desk, "BTO UBER 78p 12/05 @ 0.75")
            await desk.stand_in.invalidate()
            await until(lambda: len(desk.stand_in.identifies) == 2 and bool(desk.stand_in.sessions))
            await until(lambda: slow not in desk.stand_in.faults)
            await desk.stand_in.post(ROOM, ANALYST, "STC UBER 78p 12/05 @ 0.90")
            await desk.hear("STC UBER 78p 12/05 @ 0.90")
            assert desk.texts == ["before", "BTO UBER 78p 12/05 @ 0.75", "STC UBER 78p 12/05 @ 0.90"]

    run(scenario)


def test_live_posts_wait_for_the_history_only_for_a_while():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("GET", f"/channels/{ROOM}/messages", delay=60)
            await desk.stand_in.invalidate()
            await until(lambda: len(desk.stand_in.identifies) == 2 and bool(desk.stand_in.sessions))
            await desk.stand_in.post(ROOM, ANALYST, "live")
            await desk.hear("live")

    run(scenario)


def test_a_history_that_fails_is_read_again(caplog):
    async def scenario() -> None:
        async with bench(started=False) as desk:
            desk.stand_in.fail("GET", f"/channels/{ROOM}/messages", 503, times=2)
            await _say_unheard(desk, "missed")
            desk.start()
            await desk.hear("missed")
            assert "could not be read back yet" in caplog.text

    run(scenario)


def test_a_forbidden_channel_is_named_with_the_mend_and_the_others_are_read(caplog):
    async def scenario() -> None:
        nowhere = 600000000000000001
        async with bench(started=False, channels=frozenset({ROOM, OTHER_ROOM, nowhere, 1})) as desk:
            desk.stand_in.forbidden.add(ROOM)
            await _say_unheard(desk, "missed", channel_id=OTHER_ROOM)
            desk.start()
            await desk.hear("missed")
            await until(lambda: f"channel {ROOM} cannot be read back" in caplog.text)
            assert "allow the bot to view the channel" in caplog.text
            assert f"channel {nowhere} cannot be read back" in caplog.text
            assert "channel 1 " not in caplog.text
            await desk.stand_in.post(ROOM, ANALYST, "live all the same")
            await desk.hear("live all the same")

    run(scenario)


def test_a_post_that_was_edited_while_away_is_told_as_an_edit_and_nothing_else():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            (message_id,) = await _say_unheard(desk, "hello")
            await desk.stand_in.edit(ROOM, message_id, "BTO UBER 78p 12/05 @ 0.75")
            desk.start()
            message = await desk.hear("BTO UBER 78p 12/05 @ 0.75")
            assert (message.kind, len(desk.heard)) == (MessageKind.EDIT, 1)

    run(scenario)


def test_an_edit_heard_before_its_message_was_read_back_does_not_hide_the_message():
    async def scenario() -> None:
        async with bench() as desk:
            slow = desk.stand_in.fail("GET", f"/channels/{ROOM}/messages", delay=0.3)
            (message_id,) = await _say_unheard(desk, "missed")
            await desk.stand_in.invalidate()
            await until(lambda: slow not in desk.stand_in.faults)
            await desk.stand_in.edit(ROOM, message_id, "missed, and edited")
            await desk.hear("missed, and edited")
            await until(lambda: MessageEdited(str(message_id), "missed, and edited") in desk.heard)

    run(scenario)


def test_a_history_that_makes_no_sense_or_has_no_messages_is_told_and_harms_no_other(caplog):
    async def scenario() -> None:
        async with bench(started=False, channels=frozenset({ROOM, OTHER_ROOM, OPERATOR_ROOM})) as desk:
            desk.stand_in.categories.add(OPERATOR_ROOM)
            await desk.stand_in.post(ROOM, ANALYST, "odd", message_reference={"message_id": "5"})
            await desk.stand_in.post(OTHER_ROOM, ANALYST, "missed")
            desk.start()
            await desk.hear("missed")
            await until(lambda: "is not as discord.py expects it (KeyError)" in caplog.text)
            await until(lambda: f"channel {OPERATOR_ROOM} holds no messages" in caplog.text)
            assert desk.texts == ["missed"]

    run(scenario)


def test_only_allowed_channels_are_read_back():
    async def scenario() -> None:
        async with bench() as desk:
            await until(lambda: bool(desk.stand_in.reads_of(ROOM)))
            assert desk.stand_in.reads_of(OTHER_ROOM) == desk.stand_in.reads_of(OPERATOR_ROOM) == []

    run(scenario)


def test_a_full_queue_is_told_loudly_and_what_it_dropped_is_read_back(caplog):
    async def scenario() -> None:
        async with bench(queue_size=4) as desk:
            await until(lambda: bool(desk.stand_in.reads_of(ROOM)))
            await desk.stand_in.post(ROOM, ANALYST, "first")
            await desk.hear("first")
            desk.stop_feeding()
            ids = [await desk.stand_in.post(ROOM, ANALYST, f"m{number}") for number in range(12)]
            await until(lambda: "is not queued" in caplog.text)
            await desk.stand_in.edit(ROOM, ids[0], "edited once")
            await desk.stand_in.edit(ROOM, ids[0], "edited twice")
            await desk.stand_in.delete(ROOM, ids[1])
            await until(lambda: len(desk.source._changes) == 2)
            desk.start_feeding()
            await until(lambda: len(desk.texts) >= 13, str(desk.texts))
            assert desk.texts == ["first", *(f"m{number}" for number in range(12))]
            changes = [heard for heard in desk.heard if not isinstance(heard, Message)]
            assert changes == [MessageEdited(str(ids[0]), "edited twice"), MessageDeleted(str(ids[1]))]
            assert [record.levelno for record in caplog.records if "queued" in record.message] == [logging.CRITICAL] * 2

    run(scenario)


@pytest.mark.parametrize("hold", [0.05, 1.0])
def test_nothing_is_lost_or_repeated_over_many_reconnects(hold):
    async def scenario() -> None:
        async with bench(pace=evolve(FAST, hold=hold)) as desk:
            said = []
            for number in range(6):
                for text in (f"live {number}", f"more {number}"):
                    await desk.stand_in.post(ROOM, ANALYST, text)
                    said.append(text)
                await (desk.stand_in.invalidate() if number % 2 else desk.stand_in.close_all(4000))
                await desk.stand_in.post(ROOM, ANALYST, f"away {number}")
                said.append(f"away {number}")
                await desk.hear(f"away {number}")
                await desk.connected()
            assert sorted(desk.texts) == sorted(said)

    run(scenario)
