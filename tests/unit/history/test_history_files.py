"""Exports and lines as posts: the kind of each, its words, and what cannot be read, by file and line."""

import json
from datetime import UTC, datetime

import pytest

from adapters.history.files import read_file
from adapters.history.posts import Post, Unreadable
from adapters.system.lines import read_line
from domain.messages import MessageKind, Source
from tests.unit.history.exported import AUTHOR, HOOK, export, post

BTO = "BTO UBER 78p 12/18 @ 0.75"


@pytest.fixture
def read(tmp_path):
    """Return what a file with this text holds."""

    def read_text(text, *, webhooks=frozenset()):
        path = tmp_path / "room.json"
        path.write_text(text, encoding="utf-8")
        return list(read_file(path, path.name, read_line, webhooks))

    return read_text


def test_an_export_is_read_whole(read):
    (found,) = read(export(post(7, BTO)))
    message = found.message
    assert (found.author, found.channel, found.edited) == ("ana", "day-trades", False)
    assert (message.message_id, message.channel_id, message.user_id) == ("1300000000000000007", 200, 501)
    assert message.posted_at == datetime(2026, 11, 2, 15, 0, 7, 125_000, tzinfo=UTC)
    assert (message.text, message.kind, message.webhook_id) == (BTO, MessageKind.POST, None)
    assert message.source is Source.DISCORD


def test_a_byte_order_mark_and_one_line_of_json_are_an_export_too(read):
    assert len(read("\ufeff" + export(post(1, "a"), post(2, "b")))) == 2
    assert len(read(json.dumps(json.loads(export(post(1, "a")))))) == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"type": "Reply", "reference": {"messageId": "1", "channelId": "200", "guildId": "100"}}, MessageKind.REPLY),
        ({"reference": {"type": "Forward", "messageId": "1"}}, MessageKind.FORWARD),
        ({"forwardedMessage": {"content": "BTO X 1c 1/1 @ 1"}}, MessageKind.FORWARD),
        ({"type": "GuildMemberJoin"}, MessageKind.SYSTEM),
        ({"type": "19"}, MessageKind.SYSTEM),
        ({"author": HOOK}, MessageKind.BOT),
        ({"author": HOOK, "type": "Reply"}, MessageKind.BOT),
        ({}, MessageKind.POST),
    ],
)
def test_what_kind_of_post_it_was(read, more, kind):
    (found,) = read(export(post(1, BTO, **more)))
    assert (found.message.kind, found.message.webhook_id) == (kind, None)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, MessageKind.BOT),
        ({"type": "Reply"}, MessageKind.REPLY),
        ({"type": "ChannelPinnedMessage"}, MessageKind.SYSTEM),
    ],
)
def test_a_listed_webhook_is_known_by_its_id(read, more, kind):
    (found,) = read(export(post(1, BTO, author=HOOK, **more)), webhooks={777})
    assert (found.message.kind, found.message.webhook_id) == (kind, 777)


def test_a_direct_channel_holds_direct_messages(read):
    (found,) = read(export(post(1, BTO), channel={"type": "DirectTextChat"}))
    assert found.message.kind is MessageKind.DIRECT


def test_an_edited_post_stands_as_it_is_and_is_marked(read):
    (found,) = read(export(post(1, BTO, timestampEdited="2026-11-02T15:09:00+00:00")))
    assert (found.edited, found.message.kind, found.message.text) == (True, MessageKind.POST, BTO)


EMBED = {
    "title": "Alert",
    "url": "",
    "description": BTO,
    "fields": [{"name": "Stop", "value": "0.40", "isInline": True}],
}


def test_an_embed_of_a_webhook_is_its_words_and_a_persons_is_a_preview(read):
    by_hook, by_person = read(export(post(1, "", author=HOOK, embeds=[EMBED]), post(2, "look", embeds=[EMBED])))
    assert by_hook.message.text == f"Alert\n{BTO}\nStop: 0.40"
    assert by_person.message.text == "look"


def test_a_webhooks_link_preview_is_not_its_words(read):
    link = "https://news.example/x"
    preview = {"title": "News", "url": link, "description": BTO, "fields": []}
    (found,) = read(export(post(1, f"see {link}", author=HOOK, embeds=[preview])))
    assert found.message.text == f"see {link}"


def test_what_a_forward_forwards_can_be_read(read):
    (found,) = read(export(post(1, "", forwardedMessage={"content": BTO})))
    assert found.message.text == BTO


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"id": None}, "the message's id is a number"),
        ({"id": True}, "the message's id is a number"),
        ({"timestamp": "yesterday"}, "\"timestamp\" must be an ISO instant, got 'yesterday'"),
        ({"timestamp": "2026-11-02T15:00:00"}, "needs a time zone"),
        ({"timestamp": None}, '"timestamp" must be an ISO instant'),
        ({"timestamp": "1999-11-02T15:00:00Z"}, "nobody posted at 1999"),
        ({"author": None}, "a message's author is an object"),
        ({"author": {**AUTHOR, "id": "x"}}, "the author's id is a number"),
        ({"content": 7}, '"content" must be a text, got 7'),
    ],
)
def test_a_post_that_cannot_be_read_is_named_and_the_others_are_read(read, broken, why):
    text = export(post(1, "before"), post(2, BTO, **broken), post(3, "after"))
    before, bad, after = read(text)
    assert (before.message.text, after.message.text) == ("before", "after")
    assert isinstance(bad, Unreadable)
    assert why in bad.why
    assert (bad.file, text.splitlines()[bad.line - 1].strip()) == ("room.json", "{")


def test_a_post_that_is_no_object_is_named(read):
    first, bad = read(export(post(1, "a"), 7))
    assert isinstance(first, Post)
    assert bad.why == "a message is an object, got '7'"


@pytest.mark.parametrize(
    ("text", "read_before", "why"),
    [
        (export(post(1, "a"), post(2, "b"))[:-300], 1, "cut off"),
        ('{"messages": [], "channel": {"id": "1"}}', 0, '"messages" stand before "channel"'),
        ('{"channel": {"id": "x"}, "messages": []}', 0, "the channel's id is a number"),
        ('{"channel": {"id": "1"}}', 0, 'has its posts under "messages"'),
    ],
)
def test_a_file_that_is_broken_says_where_its_reading_ended(read, text, read_before, why):
    found = read(text)
    assert [type(one) for one in found] == [Post] * read_before + [Unreadable]
    assert why in found[-1].why


def test_lines_are_posts_of_a_room(read):
    line = {"text": BTO, "user_id": "5", "channel_id": 7, "message_id": "11", "posted_at": "2026-11-02T10:00:00-05:00"}
    first, second = read(f"{json.dumps(line)}\n\n{json.dumps({**line, 'message_id': None})}\n")
    assert (first.author, first.channel) == ("5", "7")
    assert first.message.posted_at == datetime(2026, 11, 2, 15, tzinfo=UTC)
    assert first.message.source is Source.DISCORD
    assert (first.message.message_id, second.message.message_id) == ("11", "room.json:3")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("BTO UBER 78p 12/18 @ 0.75", "a replay needs to know when"),
        ('{"text": "hi"}', "a replay needs to know when"),
        ('{"text": "hi", "posted_at": "2026-11-02"}', "needs a time zone"),
        ('{"text": "hi", "posted_at": "0001-11-02T00:00:00Z"}', "nobody posted at"),
        ('{"text": "hi", "colour": 1}', "unknown key 'colour'"),
        ('{"text": ', "not valid JSON"),
    ],
)
def test_a_line_that_cannot_be_replayed_is_named(read, line, why):
    good = json.dumps({"text": "hi", "posted_at": "2026-11-02T15:00:00Z"})
    first, bad, last = read(f"{good}\n{line}\n{good}\n")
    assert (bad.file, bad.line) == ("room.json", 2)
    assert why in bad.why
    assert isinstance(first, Post)
    assert isinstance(last, Post)
