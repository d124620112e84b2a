"""Who gets what is heard: commands go to those who obey, everything else to the source. It decides nothing."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Protocol

from adapters.discord.client import DiscordClient
from adapters.discord.commands import is_command
from domain.messages import Message, MessageKind

# (channel id, message id) -> the channel's posts after that message, oldest first, with when each was last edited.
History = Callable[[int, int], AsyncIterator[tuple[Message, datetime | None]]]
COMMANDING = frozenset({MessageKind.POST, MessageKind.REPLY, MessageKind.DIRECT})


class Source(Protocol):
    """What takes the messages: the alert source."""

    def post(self, message: Message, edited_at: datetime | None) -> None: ...
    def edit(self, message_id: int, channel_id: int, text: str, edited_at: datetime | None) -> None: ...
    def delete(self, message_id: int, channel_id: int) -> None: ...
    def lost(self) -> None: ...
    def connected(self) -> None: ...
    def catch_up(self, history: History) -> None: ...
    def stop(self) -> None: ...


class Commands(Protocol):
    """What takes the messages that are commands."""

    def obey(self, message: Message) -> None: ...
    def missed(self, message: Message) -> None: ...


class Switchboard:
    """Without `commands` there are none, and their texts are messages like any other."""

    def __init__(self, source: Source, commands: Commands | None) -> None:
        self._source = source
        self._commands = commands

    def post(self, message: Message, edited_at: datetime | None) -> None:
        if self._is_command(message) and self._commands is not None:
            self._commands.obey(message)
        else:
            self._source.post(message, edited_at)

    def edit(self, message_id: int, channel_id: int, text: str, edited_at: datetime | None) -> None:
        if not is_command(text):
            self._source.edit(message_id, channel_id, text, edited_at)

    def delete(self, message_id: int, channel_id: int) -> None:
        self._source.delete(message_id, channel_id)

    def lost(self) -> None:
        self._source.lost()

    def connected(self) -> None:
        self._source.connected()

    def ready(self, client: DiscordClient) -> None:
        async def history(channel_id: int, after: int) -> AsyncIterator[tuple[Message, datetime | None]]:
            async for message, edited_at in client.history(channel_id, after):
                if self._is_command(message) and self._commands is not None:
                    self._commands.missed(message)
                else:
                    yield message, edited_at

        self._source.catch_up(history)

    def stop(self) -> None:
        self._source.stop()

    def _is_command(self, message: Message) -> bool:
        return message.kind in COMMANDING and is_command(message.text)
