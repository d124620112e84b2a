"""What is said in Discord, as the desk hears it."""

import pytest

from domain.events import MessageDeleted, MessageEdited
from domain.messages import MessageKind
from tests.wire.discord.bench import ANALYST, HOOK, OTHER_ROOM, ROOM, Bench, bench, run, until
from tests.wire.discord.stand_in import BOT_ID

ALERT = "BTO UBER 78p 12/05 @ 0.75"
OTHER_BOT = {"id": "300000000000000001", "username": "b", "discriminator": "0", "avatar": None, "bot": True}
SNAPSHOT = {
    "type": 0,
    "content": "",
    "embeds": [],
    "attachments": [],
    "timestamp": "2026-11-20T15:00:00+00:00",
    "edited_timestamp": None,
}
LINK_PREVIEW = {"type": "article", "url": "https://news.example", "title": "BTO DELL 260c", "description": "1DTE @ 1"}


async def _edits(desk: Bench) -> list[MessageEdited]:
    """Return the edits heard, once everything said so far has been heard."""
    await desk.stand_in.post(OTHER_ROOM, ANALYST, "that was all")
    await desk.hear("that was all")
    return [incoming for incoming in desk.heard if isinstance(incoming, MessageEdited)]


def test_a_post_is_heard_with_ids_text_and_the_instant_of_its_id():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, ALERT)
            message = await desk.hear(ALERT)
            assert (message.message_id, message.channel_id, message.user_id) == (str(message_id), ROOM, ANALYST)
            assert (message.kind, message.webhook_id) == (MessageKind.POST, None)
            assert int(message.posted_at.timestamp() * 1000) == (message_id >> 22) + 1_420_070_400_000

    run(scenario)


def test_each_kind_of_post_is_named_by_its_facts():
    async def scenario() -> None:
        async with bench() as desk:
            room = desk.stand_in
            first = await room.post(ROOM, ANALYST, "first")
            await room.reply(ROOM, ANALYST, "a reply", to=first)
            await room.forward(ROOM, ANALYST, "forwarded words", of=first)
            await room.post(ROOM, ANALYST, "joined", type=7)
            await room.post(ROOM, 1, "a bot", author=OTHER_BOT)
            await room.post(ROOM, 1, "own words", author=OTHER_BOT | {"id": str(BOT_ID)})
            await room.post(ROOM, ANALYST, "names it", message_reference={"message_id": str(first), "channel_id": "6"})
            await room.direct(ANALYST, "in private")
            await room.post_webhook(ROOM, HOOK, "from a hook")
            await until(lambda: len(desk.posts) == 9)
            kinds = {message.text: message.kind for message in desk.posts}
            assert kinds == {
                "first": MessageKind.POST,
                "a reply": MessageKind.REPLY,
                "forwarded words": MessageKind.FORWARD,
                "joined": MessageKind.SYSTEM,
                "a bot": MessageKind.BOT,
                "own words": MessageKind.OWN,
                "names it": MessageKind.REPLY,
                "in private": MessageKind.DIRECT,
                "from a hook": MessageKind.BOT,
            }
            assert [message.webhook_id for message in desk.posts if message.text == "from a hook"] == [HOOK]

    run(scenario)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"type": 19, "message_reference": {"message_id": "5", "channel_id": str(ROOM), "type": 0}}, MessageKind.REPLY),
        ({"message_reference": {"message_id": "5", "channel_id": str(ROOM), "type": 1}}, MessageKind.FORWARD),
        ({"flags": 1 << 14}, MessageKind.FORWARD),
        ({"message_snapshots": [{"message": SNAPSHOT}]}, MessageKind.FORWARD),
        ({"type": 20}, MessageKind.SYSTEM),
        # An announcement that a followed channel publishes here: the webhook's own kind of ordinary post.
        ({"flags": 2, "message_reference": {"message_id": "5", "channel_id": "6", "type": 0}}, MessageKind.BOT),
    ],
)
def test_a_webhooks_reply_or_forward_is_named_as_such_because_the_webhook_may_be_listed(how, kind):
    async def scenario() -> None:
        async with bench() as desk:
            hook = OTHER_BOT | {"id": str(HOOK)}
            await desk.stand_in.post(ROOM, HOOK, ALERT, author=hook, webhook_id=str(HOOK), **how)
            assert (await desk.hear(ALERT)).kind is kind

    run(scenario)


def test_an_embeds_title_description_and_fields_stand_below_the_content():
    async def scenario() -> None:
        async with bench() as desk:
            embed = {
                "type": "rich",
                "title": "Alert",
                "description": ALERT,
                "fields": [{"name": "Stop", "value": "0.40", "inline": True}],
            }
            await desk.stand_in.post_webhook(ROOM, HOOK, "@everyone", [embed])
            await desk.hear(f"@everyone\nAlert\n{ALERT}\nStop: 0.40")

    run(scenario)


def test_a_links_preview_is_not_the_authors_text():
    async def scenario() -> None:
        async with bench() as desk:
            rich = LINK_PREVIEW | {"type": "rich"}
            await desk.stand_in.post(ROOM, ANALYST, "look https://news.example", embeds=[LINK_PREVIEW, rich])
            await desk.hear("look https://news.example")

    run(scenario)


@pytest.mark.parametrize(
    ("content", "embed", "text"),
    [
        ("words", LINK_PREVIEW, "words"),
        ("see https://news.example", LINK_PREVIEW | {"type": "rich"}, "see https://news.example"),
        (
            "see https://a.example",
            {"type": "rich", "url": "https://b.example", "title": "T"},
            "see https://a.example\nT",
        ),
        ("see https://a.example", {"type": "rich", "title": "T"}, "see https://a.example\nT"),
    ],
)
def test_a_webhooks_own_embed_is_told_from_a_preview(content, embed, text):
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post_webhook(ROOM, HOOK, content, [embed])
            await desk.hear(text)

    run(scenario)


def test_messages_of_rooms_outside_the_allowlist_are_handed_on_too():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.post(OTHER_ROOM, ANALYST, ALERT)
            assert (await desk.hear(ALERT)).channel_id == OTHER_ROOM

    run(scenario)


def test_an_edit_is_told_with_the_new_text():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, ALERT)
            await desk.stand_in.edit(ROOM, message_id, "BTO UBER 80p 12/05 @ 0.75")
            assert await _edits(desk) == [MessageEdited(str(message_id), "BTO UBER 80p 12/05 @ 0.75")]

    run(scenario)


def test_a_message_edited_within_the_same_moment_keeps_its_first_text():
    async def scenario() -> None:
        async with bench() as desk:
            for number in range(20):
                message_id = await desk.stand_in.post(ROOM, ANALYST, f"first {number}")
                await desk.stand_in.edit(ROOM, message_id, f"then {number}")
            await until(lambda: len(desk.heard) == 40)
            assert desk.texts == [f"first {number}" for number in range(20)]

    run(scenario)


def test_an_edit_of_a_message_from_before_this_process_is_told():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.losing = True
            message_id = await desk.stand_in.post(ROOM, ANALYST, ALERT, age=5000)
            desk.stand_in.losing = False
            await desk.stand_in.edit(ROOM, message_id, "sorry, not that")
            assert await _edits(desk) == [MessageEdited(str(message_id), "sorry, not that")]

    run(scenario)


def test_previews_and_pins_are_no_edits_also_of_a_message_that_was_edited_before():
    async def scenario() -> None:
        async with bench() as desk:
            room = desk.stand_in
            message_id = await room.post(ROOM, ANALYST, "https://news.example")
            await room.unfurl(ROOM, message_id, [LINK_PREVIEW])
            hooked = await room.post_webhook(ROOM, HOOK, "words")
            await room.unfurl(ROOM, hooked, [LINK_PREVIEW | {"type": "rich"}])
            await room.edit(ROOM, message_id, "https://news.example, read it")
            await room.unfurl(ROOM, message_id, [LINK_PREVIEW])
            assert await _edits(desk) == [MessageEdited(str(message_id), "https://news.example, read it")]

    run(scenario)


def test_deletions_are_told_one_by_one_also_of_a_bulk():
    async def scenario() -> None:
        async with bench() as desk:
            ids = [await desk.stand_in.post(ROOM, ANALYST, f"m{number}") for number in range(3)]
            await desk.stand_in.delete(ROOM, ids[0])
            await desk.stand_in.delete(ROOM, ids[2], ids[1])
            await until(lambda: len(desk.heard) == 6)
            assert desk.heard[3:] == [MessageDeleted(str(message_id)) for message_id in ids]

    run(scenario)


def test_a_message_delivered_twice_is_handed_on_twice_for_the_desk_to_record():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, ALERT)
            await desk.stand_in.repeat(ROOM, message_id)
            await until(lambda: desk.texts == [ALERT, ALERT])

    run(scenario)


def test_it_asks_for_no_more_intents_than_it_needs():
    async def scenario() -> None:
        async with bench() as desk:
            guilds, guild_messages, direct_messages, message_content = 1 << 0, 1 << 9, 1 << 12, 1 << 15
            asked = desk.stand_in.identifies[0]["intents"]
            assert asked == guilds | guild_messages | direct_messages | message_content

    run(scenario)
