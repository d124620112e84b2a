"""Operators' commands in Discord: who is obeyed, what the desk is asked, and what comes back."""

import asyncio
import logging
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from domain.account import Balances
from domain.allowlist import Allowlist, ListName
from domain.desk.state import Halt, Phase
from domain.events import (
    AllowlistChangeRequested,
    AuthorizationRefreshRequested,
    CancelRequested,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    RequestRefused,
    ResumeRequested,
)
from domain.verdicts import DenialCode, HaltCause
from tests.wire.discord.bench import ADMIN, ANALYST, HOOK, OPERATOR_ROOM, ROOM, bench, run, until
from tests.wire.discord.stand_in import DM_BASE

BY = f"discord:{ADMIN}"


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("!tt halt news at 2", HaltRequested(BY, "news at 2")),
        ("!tt resume", ResumeRequested(BY, "")),
        ("!tt cancel 4711", CancelRequested(BY, "4711")),
        ("!tt replace 4711 1.25", ReplaceRequested(BY, "4711", Decimal("1.25"))),
        ("!tt close spy", CloseRequested(BY, "TCLOSE", "SPY")),
        ("!tt auth refresh", AuthorizationRefreshRequested(BY)),
        ("!allowlist add user 77", AllowlistChangeRequested(BY, ListName.USER, 77, allowed=True)),
        ("!allowlist remove channel 88", AllowlistChangeRequested(BY, ListName.CHANNEL, 88, allowed=False)),
    ],
)
def test_an_admins_command_becomes_one_request_and_one_answer(text, event):
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ADMIN, text)
            await desk.answered(ROOM)
            assert desk.desk.asked == [event]
            (sent,) = desk.stand_in.sent_to(ROOM)
            assert sent["message_reference"]["message_id"] == message_id
            assert sent["allowed_mentions"]["parse"] == []
            assert desk.heard == []

    run(scenario)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!tt help", "!tt status"),
        ("!tt status", "Mode paper, active"),
        ("!tt positions", "holds nothing"),
        ("!tt orders", "No order is working"),
        ("!tt order 4711", "no order 4711"),
        ("!tt explain BTO UBER 78p 12/05", "```\nThis reads as: BTO UBER 78p 12/05\n"),
        ("!tt auth status", "session valid until"),
        ("!allowlist list", "Users: none"),
        ("!tt dance", "no such command"),
        ("!tt", "!tt status"),
        ("!TT STATUS", "Mode paper"),
    ],
)
def test_a_question_is_answered_and_asks_nothing_of_the_desk(text, words):
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ADMIN, text)
            assert words in await desk.answered(ROOM)
            assert desk.desk.asked == []

    run(scenario)


def test_a_text_is_explained_for_the_channel_of_the_command_with_amounts_only_where_they_may_be_told():
    async def scenario() -> None:
        async with bench() as desk:
            for room, amounts in ((ROOM, "without amounts"), (OPERATOR_ROOM, "with amounts")):
                await desk.stand_in.post(room, ADMIN, "!tt explain good morning")
                assert f"in {room}, {amounts}" in await desk.answered(room)
            await desk.stand_in.direct(ADMIN, "!tt explain good morning")
            assert "with amounts" in await desk.answered(DM_BASE + ADMIN)

    run(scenario)


def test_commands_are_taken_by_direct_message_too():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.direct(ADMIN, "!tt halt")
            await desk.answered(DM_BASE + ADMIN)
            assert desk.desk.asked == [HaltRequested(BY, "")]

    run(scenario)


def test_nobody_else_is_obeyed_or_answered_whatever_his_name(caplog):
    caplog.set_level(logging.INFO)

    async def scenario() -> None:
        async with bench() as desk:
            boss = {"id": str(ANALYST), "username": f"user{ADMIN}", "global_name": "admin", "discriminator": "0"}
            await desk.stand_in.post(ROOM, ANALYST, "!tt halt", author=boss | {"avatar": None})
            await desk.stand_in.post_webhook(ROOM, HOOK, "!tt halt")
            hook = {"id": str(ADMIN), "username": "x", "discriminator": "0000", "avatar": None, "bot": True}
            reference = {"message_id": "5", "channel_id": str(ROOM), "type": 0}
            as_admin = {"author": hook, "webhook_id": str(HOOK), "type": 19, "message_reference": reference}
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt", **as_admin)
            await desk.stand_in.post(ROOM, ANALYST, "that was all")
            await desk.hear("that was all")
            assert desk.desk.asked == []
            assert desk.texts == ["!tt halt", "that was all"]
            assert desk.stand_in.sent_to(ROOM) == []
            assert f"user {ANALYST} is no admin, !tt halt is passed over" in caplog.text

    run(scenario)


def test_a_halt_is_answered_with_how_things_stand_then():
    async def scenario() -> None:
        async with bench() as desk:
            halt = Halt(HaltCause.OPERATOR, "news", BY)
            desk.desk.change = lambda _event, state: evolve(state, halts=(halt,))
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt news")
            assert "Entries are halted. operator: news" in await desk.answered(ROOM)

    run(scenario)


def test_the_desks_refusal_is_told_with_its_code():
    async def scenario() -> None:
        async with bench() as desk:
            desk.desk.answer = (RequestRefused(BY, DenialCode.NO_SUCH_ORDER, "this system has no order 4711"),)
            await desk.stand_in.post(ROOM, ADMIN, "!tt cancel 4711")
            assert await desk.answered(ROOM) == "Not done (no_such_order): this system has no order 4711."

    run(scenario)


def test_a_command_that_comes_twice_is_done_once():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ADMIN, "!tt close SPY")
            await desk.stand_in.repeat(ROOM, message_id)
            await desk.stand_in.invalidate()
            await until(lambda: len(desk.stand_in.identifies) == 2)
            await desk.connected()
            await desk.stand_in.post(ROOM, ANALYST, "that was all")
            await desk.hear("that was all")
            assert len(desk.desk.asked) == 1

    run(scenario)


def test_an_old_command_is_not_done_and_its_admin_is_told():
    async def scenario() -> None:
        async with bench() as desk:
            desk.clock.ahead = timedelta(minutes=10)
            await desk.stand_in.post(ROOM, ADMIN, "!tt close SPY")
            assert "Not done: this was sent 6" in await desk.answered(ROOM)
            assert desk.desk.asked == []

    run(scenario)


def test_a_command_that_a_resumed_session_tells_late_is_not_done_and_its_admin_is_told():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.close_all(4000)
            await desk.stand_in.post(ROOM, ADMIN, "!tt close SPY")
            assert "Not done: this came while the connection was down" in await desk.answered(ROOM)
            assert (len(desk.stand_in.identifies), len(desk.stand_in.resumes)) == (1, 1)
            await desk.settled()
            await desk.stand_in.post(ROOM, ADMIN, "!tt close SPY")
            assert (await desk.answered(ROOM, 2)).startswith("Closing SPY")
            assert desk.desk.asked == [CloseRequested(BY, "TCLOSE", "SPY")]

    run(scenario)


def test_a_command_that_was_heard_before_the_connection_was_lost_is_answered_once():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ADMIN, "!tt close SPY")
            await desk.answered(ROOM)
            await desk.stand_in.close_all(4000)
            await desk.stand_in.repeat(ROOM, message_id)
            await desk.stand_in.post(ROOM, ANALYST, "that was all")
            await desk.hear("that was all")
            assert len(desk.desk.asked) == len(desk.stand_in.shown_in(ROOM)) == 1

    run(scenario)


def test_a_command_is_done_as_soon_as_a_new_session_has_begun():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.invalidate()
            await until(lambda: len(desk.stand_in.identifies) == 2 and bool(desk.stand_in.sessions))
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt")
            await desk.answered(ROOM)
            assert desk.desk.asked == [HaltRequested(BY, "")]

    run(scenario)


def test_a_command_that_only_the_history_shows_is_not_done_and_its_admin_is_told():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            await desk.stand_in.post(ROOM, ADMIN, "!tt resume")
            await desk.stand_in.post(ROOM, ANALYST, "!tt resume")
            await desk.stand_in.post(ROOM, ANALYST, "a word")
            desk.start()
            await desk.hear("a word")
            assert "send it again" in await desk.answered(ROOM)
            assert desk.desk.asked == []
            assert desk.texts == ["a word"]

    run(scenario)


def test_an_edit_into_a_command_is_neither_a_command_nor_news():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ADMIN, "hello")
            await desk.stand_in.edit(ROOM, message_id, "!tt halt")
            await desk.stand_in.post(ROOM, ANALYST, "that was all")
            await desk.hear("that was all")
            assert len(desk.heard) == 2
            assert desk.desk.asked == []

    run(scenario)


def test_a_secret_is_refused_and_repeated_nowhere(caplog):
    caplog.set_level(logging.INFO, "adapters")

    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(ROOM, ADMIN, "!tt auth refresh s3cr3t-value")
            answer = await desk.answered(ROOM)
            assert "secrets are never accepted in chat" in answer
            assert "s3cr3t" not in answer + caplog.text
            assert desk.desk.asked == []

    run(scenario)


@pytest.mark.parametrize(("room", "told"), [(ROOM, False), (OPERATOR_ROOM, True), (DM_BASE + ADMIN, True)])
def test_amounts_are_told_in_private_only_and_the_account_number_nowhere(room, told):
    async def scenario() -> None:
        async with bench() as desk:
            balances = Balances(buying_power=Decimal("10000.5"), net_liquidation=Decimal(12_345))
            desk.desk.desk = evolve(desk.desk.desk, balances=balances)
            if room > DM_BASE:
                await desk.stand_in.direct(ADMIN, "!tt account")
            else:
                await desk.stand_in.post(room, ADMIN, "!tt accounts")
            answer = await desk.answered(room)
            assert ("$10,000.50" in answer) is told
            assert "5WT00001" not in answer
            assert "001 " in answer

    run(scenario)


def test_the_answer_is_tried_again_when_discord_does_not_take_it():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 403)
            await desk.stand_in.post(ROOM, ADMIN, "!tt status")
            assert "Mode paper" in await desk.answered(ROOM)

    run(scenario)


def test_an_answer_that_discord_never_takes_is_in_the_log(caplog):
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 403, times=3)
            await desk.stand_in.post(ROOM, ADMIN, "!tt status")
            await until(lambda: "the answer to !tt status could not be sent" in caplog.text)
            assert desk.stand_in.shown_in(ROOM) == []

    run(scenario)


def test_a_desk_that_does_not_answer_in_time_is_told_and_the_request_stands():
    async def scenario() -> None:
        async with bench() as desk:
            desk.desk.held = asyncio.Event()
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt")
            assert "has not done it yet; it stands" in await desk.answered(ROOM)
            desk.desk.held.set()
            await until(lambda: desk.desk.asked == [HaltRequested(BY, "")])

    run(scenario)


def test_a_desk_that_ends_meanwhile_is_told():
    async def scenario() -> None:
        async with bench() as desk:

            def ended(_event, _state):
                raise asyncio.CancelledError

            desk.desk.change = ended
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt")
            assert await desk.answered(ROOM) == "Not done: the desk has ended."

    run(scenario)


def test_before_the_desk_has_started_nothing_is_done():
    async def scenario() -> None:
        async with bench() as desk:
            desk.desk.desk = evolve(desk.desk.desk, phase=Phase.STOPPED)
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt")
            assert "has not started yet" in await desk.answered(ROOM)
            assert desk.desk.asked == []

    run(scenario)


def test_a_command_that_fails_inside_says_so_and_the_next_is_done(caplog):
    async def scenario() -> None:
        async with bench() as desk:

            def broken(_event, _state):
                raise ZeroDivisionError

            desk.desk.change = broken
            await desk.stand_in.post(ROOM, ADMIN, "!tt halt")
            assert "failed inside" in await desk.answered(ROOM)
            assert "ZeroDivisionError" in caplog.text
            await desk.stand_in.post(ROOM, ADMIN, "!tt status")
            assert "Mode paper" in await desk.answered(ROOM, 2)

    run(scenario)


def test_the_allowlist_is_shown_as_it_is_after_the_change():
    async def scenario() -> None:
        async with bench() as desk:
            changed = Allowlist().add(ListName.USER, 77).add(ListName.CHANNEL, 88)
            desk.desk.desk = evolve(desk.desk.desk, allowlist=changed)
            await desk.stand_in.post(ROOM, ADMIN, "!allowlist list")
            assert await desk.answered(ROOM) == "Users: 77\nChannels: 88\nWebhooks: none"

    run(scenario)
