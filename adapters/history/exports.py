"""One channel's history as DiscordChatExporter writes it in JSON: its messages as posts, by facts and ids only.

What kind of post it was is judged as for a live one. An export knows only the last words of an edited post: it is read
as it stands, and marked. Members that this reader does not need are passed over.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, TextIO

from attrs import frozen

from adapters.history.json_values import BrokenJsonError, JsonObject
from adapters.history.posts import Post, PostError, Unreadable, plausible
from domain.messages import Message, MessageKind
from domain.value import Value

ORDINARY = frozenset({"Default", "Reply"})
DIRECT = frozenset({"DirectTextChat", "DirectGroupTextChat"})
Json = Mapping[str, Any]


@frozen
class Channel(Value):
    number: int
    name: str
    is_direct: bool


def read_export(file: TextIO, name: str, webhooks: Collection[int]) -> Iterator[Post | Unreadable]:
    """Yield an export's messages as they stand in it, and what of it could not be read.

    `webhooks` are the ids of the webhooks that may trade: an export does not tell a webhook from a bot.
    """
    whole, channel, has_messages = JsonObject(file), None, False
    try:
        for member in whole.names():
            if member == "channel":
                channel = _channel(whole.value())
            elif member == "messages":
                has_messages = True
                where = _known(channel)
                for found in whole.elements():
                    yield _post_or_not(found, where, webhooks, name, whole.line)
            else:
                whole.value()
    except BrokenJsonError as error:
        yield Unreadable(name, error.line, f"{error}; nothing after it in this file was read")
    except PostError as error:
        yield Unreadable(name, whole.line, f"{error}; this file was not read")
    else:
        if not has_messages:
            yield Unreadable(name, whole.line, 'an export has its posts under "messages", and this file has none')


def _known(channel: Channel | None) -> Channel:
    if channel is None:
        raise PostError('"messages" stand before "channel", so nobody knows where they were posted')
    return channel


def _post_or_not(found: Any, channel: Channel, webhooks: Collection[int], name: str, line: int) -> Post | Unreadable:  # noqa: ANN401
    try:
        return _post(_object(found, "a message"), channel, webhooks)
    except PostError as error:
        return Unreadable(name, line, str(error))


def _channel(found: Any) -> Channel:  # noqa: ANN401
    channel = _object(found, '"channel"')
    number = _number(channel.get("id"), "the channel's id")
    return Channel(number, str(channel.get("name") or number), channel.get("type") in DIRECT)


def _post(message: Json, channel: Channel, webhooks: Collection[int]) -> Post:
    author = _object(message.get("author"), "a message's author")
    author_id = _number(author.get("id"), "the author's id")
    webhook_id = author_id if author.get("isBot") is True and author_id in webhooks else None
    return Post(
        message=Message(
            message_id=str(_number(message.get("id"), "the message's id")),
            channel_id=channel.number,
            user_id=author_id,
            posted_at=_instant(message.get("timestamp")),
            text=_text(message, author),
            kind=_kind(message, author, channel, webhook_id),
            webhook_id=webhook_id,
        ),
        author=str(author.get("name") or author_id),
        channel=channel.name,
        edited=bool(message.get("timestampEdited")),
    )


def _kind(message: Json, author: Json, channel: Channel, webhook_id: int | None) -> MessageKind:
    if author.get("isBot") is True and webhook_id is None:
        return MessageKind.BOT
    if message.get("type") not in ORDINARY:
        return MessageKind.SYSTEM
    reference = message.get("reference")
    if message.get("forwardedMessage") or (isinstance(reference, dict) and reference.get("type") == "Forward"):
        return MessageKind.FORWARD
    if message.get("type") == "Reply" or (reference and webhook_id is None):
        return MessageKind.REPLY
    if webhook_id is not None:
        return MessageKind.BOT
    return MessageKind.DIRECT if channel.is_direct else MessageKind.POST


def _text(message: Json, author: Json) -> str:
    """The content with the author's own embeds below it, and below a forward what it forwards."""
    content = message.get("content") or ""
    if not isinstance(content, str):
        raise PostError(f'"content" must be a text, got {content!r}')
    forwarded = message.get("forwardedMessage")
    parts = [content, str(forwarded.get("content") or "") if isinstance(forwarded, dict) else ""]
    for embed in message.get("embeds") or ():
        # A person cannot post an embed: theirs are previews of links, some web page's words and not their own.
        if isinstance(embed, dict) and author.get("isBot") is True and not _is_preview(embed, content):
            parts += [str(embed.get("title") or ""), str(embed.get("description") or "")]
            fields = [field for field in embed.get("fields") or () if isinstance(field, dict)]
            parts += [f"{field.get('name')}: {field.get('value')}" for field in fields]
    return "\n".join(part for part in parts if part)


def _is_preview(embed: Json, content: str) -> bool:
    return "://" in content and (embed.get("url") or "") in content.split()


def _object(found: Any, what: str) -> Json:  # noqa: ANN401
    if not isinstance(found, dict):
        raise PostError(f"{what} is an object, got {str(found)[:80]!r}")
    return found


def _number(found: Any, what: str) -> int:  # noqa: ANN401
    if isinstance(found, str) and found.isascii() and found.isdigit():
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
        return found
    raise PostError(f"{what} is a number such as 123456789012345678, got {str(found)[:80]!r}")


def _instant(found: Any) -> datetime:  # noqa: ANN401
    try:
        instant = datetime.fromisoformat(found)
    except (TypeError, ValueError) as error:
        raise PostError(f'"timestamp" must be an ISO instant, got {str(found)[:80]!r}') from error
    if instant.tzinfo is None:
        raise PostError(f'"timestamp" needs a time zone, got {found!r}')
    return plausible(instant)
