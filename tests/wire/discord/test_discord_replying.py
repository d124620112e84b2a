"""What the desk says in Discord: once, harmless, and never in anybody's way."""

import asyncio
import json

import pytest
from attrs import evolve

from adapters.discord.connection import DiscordConnection
from adapters.discord.notifier import DiscordNotifier
from domain.commands import Notify
from domain.verdicts import Severity
from ports.errors import PortProtocolError, PortUnavailableError
from tests.wire.discord.bench import ANALYST, FAST, OPERATOR_ROOM, OTHER_ROOM, ROOM, bench, run, until
from tests.wire.discord.stand_in import DM_BASE

OPERATOR = 100000000000000009
SUPPRESS_EMBEDS = 1 << 2
# What discord.py does not take for an answer of Discord's, and the type of the error that it then ends with.
UNREADABLE = [
    pytest.param({"status": 200, "body": b"<html>Checking your browser</html>"}, "TypeError", id="a page"),
    pytest.param({"status": 200, "body": b"\xff\xfe"}, "UnicodeDecodeError", id="no UTF-8"),
    pytest.param({"status": 200, "body": b"{", "kind": "application/json"}, "JSONDecodeError", id="half of it"),
    pytest.param({"status": 200, "body": b"{}", "kind": "application/json"}, "KeyError", id="no message"),
    pytest.param({"status": 429, "body": b"{}", "kind": "application/json"}, "KeyError: 'retry_after'", id="no wait"),
]


def test_a_reply_names_its_message_mentions_nobody_and_carries_its_delivery_id():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, "BTO UBER 78p 12/05 @ 0.75")
            await desk.source.reply(desk.reply(message_id, "[paper] Placed: buy 4 UBER 78p 2026-12-05 @ 0.75."))
            (sent,) = desk.stand_in.sent_to(ROOM)
            assert sent["content"] == "[paper] Placed: buy 4 UBER 78p 2026-12-05 @ 0.75."
            assert sent["allowed_mentions"] == {"parse": []}
            assert sent["message_reference"]["message_id"] == message_id
            assert sent["message_reference"]["fail_if_not_exists"] is False
            assert (sent["nonce"], sent["enforce_nonce"]) == ("D1-1764600000", True)
            assert sent["flags"] == SUPPRESS_EMBEDS

    run(scenario)


def test_a_reply_that_is_sent_again_is_shown_once():
    async def scenario() -> None:
        async with bench() as desk:
            reply = desk.reply(5, "Placed")
            await desk.source.reply(reply)
            await desk.source.reply(reply)
            assert len(desk.stand_in.sent_to(ROOM)) == 2
            assert len(desk.stand_in.shown_in(ROOM)) == 1

    run(scenario)


def test_a_reply_is_harmless_and_short_whatever_it_quotes():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.source.reply(desk.reply(5, "Not traded: @everyone **<@123456789012345678>** " + "x" * 3000))
            (sent,) = desk.stand_in.sent_to(ROOM)
            assert len(sent["content"]) == 2000
            assert sent["content"].endswith("…")
            assert "@everyone" not in sent["content"]
            assert "**" not in sent["content"].replace("\\*", "")
            assert "<@1" not in sent["content"]

    run(scenario)


def test_a_token_in_a_text_is_masked():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.source.reply(desk.reply(5, f"it said {desk.stand_in.token}"))
            assert desk.stand_in.sent_to(ROOM)[0]["content"].startswith("it said \\*")

    run(scenario)


@pytest.mark.parametrize(
    ("status", "how", "words"),
    [(403, {}, "403"), (404, {}, "404"), (429, {"via": False}, "429"), (503, {}, "503")],
)
def test_a_reply_that_discord_does_not_take_is_unavailable(status, how, words):
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", status, **how)
            with pytest.raises(PortUnavailableError, match=words):
                await desk.source.reply(desk.reply(5, "Placed"))

    run(scenario)


@pytest.mark.parametrize(("answer", "words"), UNREADABLE)
def test_an_answer_that_the_sdk_cannot_read_is_unavailable_and_the_next_try_goes_out(answer, words):
    async def scenario() -> None:
        async with bench(operator_user=OPERATOR) as desk:
            for room in (f"/channels/{ROOM}", f"/channels/{OPERATOR_ROOM}", "/users/@me/channels"):
                desk.stand_in.fail("POST", room, **answer)
            reply, notice = desk.reply(5, "Placed"), Notify("D7-1", Severity.PAGE, "look")
            with pytest.raises(PortUnavailableError, match=f"Discord: {words}"):
                await desk.source.reply(reply)
            both = f"channel: Discord: {words}.*direct messages: Discord: (AttributeError|{words})"
            with pytest.raises(PortUnavailableError, match=both):
                await desk.notifier.notify(notice)
            await desk.source.reply(reply)
            await desk.notifier.notify(notice)
            assert [len(desk.stand_in.shown_in(room)) for room in (ROOM, OPERATOR_ROOM, DM_BASE + OPERATOR)] == [1] * 3

    run(scenario)


def test_an_unreadable_answer_shows_no_token():
    async def scenario() -> None:
        async with bench() as desk:
            body = json.dumps({"id": desk.stand_in.token}).encode()
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 200, body=body, kind="application/json")
            with pytest.raises(PortUnavailableError, match=r"ValueError: invalid literal .*: '\*+'"):
                await desk.source.reply(desk.reply(5, "Placed"))

    run(scenario)


def test_a_reply_to_an_unknown_channel_is_unavailable():
    async def scenario() -> None:
        async with bench() as desk:
            with pytest.raises(PortUnavailableError, match="Unknown Channel"):
                await desk.source.reply(desk.reply(5, "Placed", channel_id=42))

    run(scenario)


@pytest.mark.parametrize("status", [429, 502])
def test_the_sdk_sends_again_what_discord_asks_it_to_wait_for(status):
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", status)
            await desk.source.reply(desk.reply(5, "Placed"))
            assert len(desk.stand_in.shown_in(ROOM)) == 1
            assert len(desk.stand_in.sent_to(ROOM)) == 2

    run(scenario)


def test_a_channel_that_is_limited_does_not_hold_up_another():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 429, retry_after=30)
            slow = asyncio.create_task(desk.source.reply(desk.reply(5, "slow")))
            await until(lambda: len(desk.stand_in.sent_to(ROOM)) == 1)
            await desk.source.reply(desk.reply(6, "quick", channel_id=OTHER_ROOM, delivery_id="D2-1"))
            assert not slow.done()
            slow.cancel()

    run(scenario)


def test_a_send_that_takes_too_long_counts_as_not_done_and_the_next_try_sends_nothing_anew():
    async def scenario() -> None:
        async with bench(pace=evolve(FAST, answer=0.1)) as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 429, retry_after=0.5, is_global=True)
            with pytest.raises(PortUnavailableError, match=r"within 0\.1 s"):
                await desk.source.reply(desk.reply(5, "Placed"))
            with pytest.raises(PortUnavailableError, match=r"within 0\.1 s"):
                await desk.source.reply(desk.reply(5, "Placed"))
            await until(lambda: len(desk.stand_in.shown_in(ROOM)) == 1)
            await desk.source.reply(desk.reply(6, "and on", delivery_id="D2-1"))
            assert [sent["nonce"] for sent in desk.stand_in.sent_to(ROOM)] == ["D1-1764600000"] * 2 + ["D2-1"]

    run(scenario)


def test_a_caller_that_goes_away_leaves_the_others_their_way_out():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 429, retry_after=0.2, is_global=True)
            slow = asyncio.create_task(desk.source.reply(desk.reply(5, "slow")))
            await until(lambda: len(desk.stand_in.sent_to(ROOM)) == 1)
            slow.cancel()
            await desk.source.reply(desk.reply(6, "quick", channel_id=OTHER_ROOM, delivery_id="D2-1"))

    run(scenario)


def test_without_a_connection_nothing_is_sent():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            with pytest.raises(PortUnavailableError, match="not connected"):
                await desk.source.reply(desk.reply(5, "Placed"))

    run(scenario)


def test_replies_go_out_while_only_the_gateway_is_away():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.gateway_open = False
            await desk.stand_in.close_all(4000)
            await until(lambda: not desk.connection.is_connected)
            await desk.source.reply(desk.reply(5, "Filled"))
            assert len(desk.stand_in.shown_in(ROOM)) == 1

    run(scenario)


def test_an_end_in_the_middle_of_a_send_is_told():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.fail("POST", f"/channels/{ROOM}", 429, retry_after=30)
            slow = asyncio.create_task(desk.source.reply(desk.reply(5, "slow")))
            await until(lambda: len(desk.stand_in.sent_to(ROOM)) == 1)
            await desk.stop()
            with pytest.raises(PortUnavailableError, match="closed"):
                await slow

    run(scenario)


def test_a_message_that_is_not_discords_cannot_be_replied_to():
    async def scenario() -> None:
        async with bench() as desk:
            with pytest.raises(PortProtocolError, match="'local-1'"):
                await desk.source.reply(evolve(desk.reply(5, "Placed"), message_id="local-1"))

    run(scenario)


def test_a_delivery_id_that_is_no_nonce_is_a_bug_that_shows():
    async def scenario() -> None:
        async with bench() as desk:
            with pytest.raises(ValueError, match="1 to 25 characters"):
                await desk.source.reply(desk.reply(5, "Placed", delivery_id="D" * 26))

    run(scenario)


@pytest.mark.parametrize(
    ("severity", "text"),
    [(Severity.INFO, "Info: resumed"), (Severity.WARNING, "WARNING: resumed"), (Severity.PAGE, "PAGE: resumed")],
)
def test_a_notice_shows_its_severity_and_mentions_nobody(severity, text):
    async def scenario() -> None:
        async with bench() as desk:
            await desk.notifier.notify(Notify("D7-1", severity, "resumed"))
            (sent,) = desk.stand_in.sent_to(OPERATOR_ROOM)
            assert (sent["content"], sent["nonce"], sent["allowed_mentions"]["parse"]) == (text, "D7-1", [])

    run(scenario)


def test_a_direct_message_does_not_wait_for_a_slow_channel():
    async def scenario() -> None:
        async with bench(operator_user=OPERATOR) as desk:
            desk.stand_in.fail("POST", f"/channels/{OPERATOR_ROOM}", 429, retry_after=30)
            slow = asyncio.create_task(desk.notifier.notify(Notify("D7-1", Severity.PAGE, "look")))
            await desk.answered(DM_BASE + OPERATOR)
            assert not slow.done()
            slow.cancel()

    run(scenario)


def test_a_notifier_without_anybody_to_notify_is_refused():
    with pytest.raises(ValueError, match="OPERATOR_CHANNEL or OPERATOR_USER"):
        DiscordNotifier(DiscordConnection("token"))


def test_a_notice_goes_to_the_operator_by_direct_message():
    async def scenario() -> None:
        async with bench(operator_channel=None, operator_user=OPERATOR) as desk:
            await desk.notifier.notify(Notify("D7-1", Severity.PAGE, "look"))
            await desk.notifier.notify(Notify("D8-1", Severity.PAGE, "look again"))
            assert len(desk.stand_in.shown_in(DM_BASE + OPERATOR)) == 2

    run(scenario)


def test_a_notice_that_reached_one_place_is_tried_again_at_the_other_only():
    async def scenario() -> None:
        async with bench(operator_user=OPERATOR) as desk:
            desk.stand_in.fail("POST", f"/channels/{OPERATOR_ROOM}", 403)
            notice = Notify("D7-1", Severity.PAGE, "look")
            with pytest.raises(PortUnavailableError, match="operator's channel"):
                await desk.notifier.notify(notice)
            await desk.notifier.notify(notice)
            assert len(desk.stand_in.sent_to(DM_BASE + OPERATOR)) == 1
            await desk.notifier.notify(notice)
            await desk.notifier.notify(notice)
            assert len(desk.stand_in.sent_to(DM_BASE + OPERATOR)) == 1
            assert len(desk.stand_in.shown_in(OPERATOR_ROOM)) == 1

    run(scenario)
