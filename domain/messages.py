"""A message as it was posted, and what kind of post it was. Only an ordinary post can be an alert."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from domain.value import Value


class MessageKind(StrEnum):
    POST = "post"
    REPLY = "reply"
    FORWARD = "forward"
    EDIT = "edit"
    SYSTEM = "system"
    DIRECT = "direct"
    BOT = "bot"
    OWN = "own"


class Source(StrEnum):
    """Where a message came in, and so where its reply goes."""

    DISCORD = "discord"
    API = "api"
    LOCAL = "local"


@frozen(kw_only=True)
class Message(Value):
    """One post. Ids are Discord snowflakes; `message_id` is text because local lines and the API may name their own.

    `text` is the content with an embed's title, description and fields below it. `posted_at` is an aware UTC instant.
    `dry_run` asks for the decision without the order.
    """

    message_id: str
    channel_id: int
    user_id: int
    posted_at: datetime
    text: str
    kind: MessageKind = MessageKind.POST
    webhook_id: int | None = None
    source: Source = Source.DISCORD
    dry_run: bool = False
