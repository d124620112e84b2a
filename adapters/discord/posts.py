"""discord.py's messages as the domain's: what kind of post it was, by facts and ids only, and its text."""

from adapters.discord.sdk import discord
from domain.messages import Message, MessageKind

RICH = "rich"
ORDINARY = frozenset({discord.MessageType.default, discord.MessageType.reply})


def to_message(post: "discord.Message", own_id: int) -> Message:
    """Return a post as the domain's message, posted when its id says; `own_id` is this bot's user id."""
    return Message(
        message_id=str(post.id),
        channel_id=post.channel.id,
        user_id=post.author.id,
        posted_at=post.created_at,
        text=text_of(post),
        kind=kind_of(post, own_id),
        webhook_id=post.webhook_id,
    )


def kind_of(post: "discord.Message", own_id: int) -> MessageKind:
    """Return what kind of post it is.

    A webhook may be listed and then counts as an ordinary author: so its replies and forwards are named as such. What
    the history tells of an edited post is its last text, not what was posted: an edit.
    """
    if post.author.id == own_id:
        return MessageKind.OWN
    if post.author.bot and post.webhook_id is None:
        return MessageKind.BOT
    if post.type not in ORDINARY:
        return MessageKind.SYSTEM
    if _is_forward(post):
        return MessageKind.FORWARD
    if post.type is discord.MessageType.reply or (post.reference is not None and not post.flags.is_crossposted):
        return MessageKind.REPLY
    if post.edited_at is not None:
        return MessageKind.EDIT
    if post.webhook_id is not None:
        return MessageKind.BOT
    is_direct = isinstance(post.channel, discord.DMChannel | discord.GroupChannel)
    return MessageKind.DIRECT if is_direct else MessageKind.POST


def text_of(post: "discord.Message") -> str:
    """Return the content with the title, description and fields of the author's own embeds below it.

    A forward's text is what it forwards: never an alert, but the log shall show what was said.
    """
    parts: list[str | None] = [post.content, *(snapshot.content for snapshot in post.message_snapshots)]
    for embed in post.embeds:
        if not _is_preview(embed, post):
            parts += [embed.title, embed.description]
            parts += [f"{field.name}: {field.value}" for field in embed.fields]
    return "\n".join(part for part in parts if part)


def _is_forward(post: "discord.Message") -> bool:
    reference = post.reference
    is_forwarding = reference is not None and reference.type is discord.MessageReferenceType.forward
    return is_forwarding or bool(post.message_snapshots) or post.flags.forwarded


def _is_preview(embed: "discord.Embed", post: "discord.Message") -> bool:
    """Whether Discord made this embed of a link: then its words are some web page's, not the author's.

    Only bots and webhooks can post embeds, so beside a person's link every embed is a preview.
    """
    if embed.type != RICH:
        return True
    by_person = post.webhook_id is None and not getattr(getattr(post, "author", None), "bot", False)
    return "://" in post.content and (by_person or (embed.url or "") in post.content.split())
