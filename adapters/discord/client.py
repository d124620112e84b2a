"""One discord.py client: it hears with the fewest intents and hands on what it hears, nothing else.

Handlers never wait: discord.py runs each as a task of its own, and only tasks that do not wait keep the order.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Protocol

from adapters.discord.pace import Pace
from adapters.discord.posts import text_of, to_message
from adapters.discord.sdk import TROUBLE, DiscordWebSocket, discord, in_words
from domain.messages import Message
from ports.errors import PortProtocolError, PortUnavailableError

RATE_LIMIT_PATIENCE = 60.0
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json: no such action on this type of channel.
HOLDS_NO_MESSAGES = 50024
_LOG = logging.getLogger(__name__)


class Hearer(Protocol):
    """Who is told what the client hears. Nothing here may wait."""

    def post(self, message: Message, edited_at: datetime | None) -> None: ...
    def edit(self, message_id: int, channel_id: int, text: str, edited_at: datetime | None) -> None: ...
    def delete(self, message_id: int, channel_id: int) -> None: ...
    def lost(self) -> None: ...
    def connected(self) -> None: ...
    def ready(self, client: "DiscordClient") -> None: ...


class DiscordClient(discord.Client):
    def __init__(self, hearer: Hearer, pace: Pace) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True),
            allowed_mentions=discord.AllowedMentions.none(),
            # A cached message changes under its reader when it is edited; without a cache each event has its own.
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=pace.guilds,
            max_ratelimit_timeout=RATE_LIMIT_PATIENCE,
        )
        self._hearer = hearer
        self._pace = pace
        self._identified_at: float | None = None
        self.is_hearing = False
        self.was_hearing = False

    @property
    def own_id(self) -> int:
        """Return this bot's user id; 0 before the login."""
        user = self.user
        return 0 if user is None else user.id

    @property
    def heartbeat_overdue(self) -> bool:
        """Return whether Discord has left a heartbeat unanswered for longer than it may."""
        socket: DiscordWebSocket | None = self.ws
        beat = None if socket is None else socket._keep_alive  # noqa: SLF001 - discord.py tells it nowhere else
        if beat is None or beat.interval is None:
            return False
        silence = time.perf_counter() - beat._last_ack  # noqa: SLF001 - see above
        return silence > beat.interval + self._pace.heartbeat

    async def drop(self) -> None:
        """Close the connection, so that discord.py resumes the session on another."""
        await self.on_disconnect()
        await self.ws.close(code=4000)

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """Keep two logins apart; Discord allows a thousand a day."""
        now = asyncio.get_running_loop().time()
        if not initial and self._identified_at is not None:
            await asyncio.sleep(max(self._identified_at + self._pace.identify - now, 0))
        self._identified_at = asyncio.get_running_loop().time()

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's signature
        """Have an event handled, unless the client is closed: the SDK's wait for guilds outlives the close."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_connect(self) -> None:
        self._hearer.connected()

    async def on_ready(self) -> None:
        self._hear()

    async def on_resumed(self) -> None:
        self._hear()

    def _hear(self) -> None:
        self.is_hearing = self.was_hearing = True
        self._hearer.ready(self)

    async def on_disconnect(self) -> None:
        self.is_hearing = False
        self._hearer.lost()

    async def on_message(self, post: discord.Message) -> None:
        self._hearer.post(to_message(post, self.own_id), post.edited_at)

    async def on_raw_message_edit(self, change: discord.RawMessageUpdateEvent) -> None:
        self._hearer.edit(change.message_id, change.channel_id, text_of(change.message), change.message.edited_at)

    async def on_raw_message_delete(self, deletion: discord.RawMessageDeleteEvent) -> None:
        self._hearer.delete(deletion.message_id, deletion.channel_id)

    async def on_raw_bulk_message_delete(self, deletion: discord.RawBulkMessageDeleteEvent) -> None:
        for message_id in sorted(deletion.message_ids):
            self._hearer.delete(message_id, deletion.channel_id)

    async def history(self, channel_id: int, after: int) -> AsyncIterator[tuple[Message, datetime | None]]:
        """Yield every post of a channel after the message `after`, oldest first, with when it was last edited.

        Raises PortProtocolError where the channel may not be read, PortUnavailableError where it could not be.
        """
        try:
            room = self._room(channel_id)
            async for post in room.history(limit=None, after=discord.Object(after), oldest_first=True):
                yield to_message(post, self.own_id), post.edited_at
        except PortProtocolError:
            raise
        except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
            mend = "allow the bot to view the channel and its message history, or take it off the allowlist"
            raise PortProtocolError(f"{error}; {mend}") from error
        except TROUBLE as error:
            if getattr(error, "code", 0) == HOLDS_NO_MESSAGES:
                raise PortProtocolError(_no_messages(channel_id)) from error
            raise PortUnavailableError(in_words(error)) from error
        except Exception as error:  # the SDK reads messages without a net
            raise PortProtocolError(f"a message is not as discord.py expects it ({type(error).__name__})") from error

    def _room(self, channel_id: int) -> discord.abc.Messageable:
        channel = self.get_channel(channel_id) or self.get_partial_messageable(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise PortProtocolError(_no_messages(channel_id))
        return channel


def _no_messages(channel_id: int) -> str:
    return f"channel {channel_id} holds no messages: take it off the allowlist"
