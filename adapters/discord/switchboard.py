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
    def came_late(self, message: Message) -> None: ...
    def missed(self, message: Message) -> None: ...


class Switchboard:
    """Without `commands` there are none, and their texts are messages like any other.

    A session that is resumed tells first what was posted while the connection was down, and then that it is resumed: a
    command that comes before that was given to nobody who heard, and may have been repeated otherwise meanwhile.
    """

    def __init__(self, source: Source, commands: Commands | None) -> None:
        self._source = source
        self._commands = commands
        self._away = True

    def post(self, message: Message, edited_at: datetime | None) -> None:
        if not self._is_command(message) or self._commands is None:
            self._source.post(message, edited_at)
        elif self._away:
            self._commands.came_late(message)
        else:
            self._commands.obey(message)

    def edit(self, message_id: int, channel_id: int, text: str, edited_at: datetime | None) -> None:
        if not is_command(text):
            self._source.edit(message_id, channel_id, text, edited_at)

    def delete(self, message_id: int, channel_id: int) -> None:
        self._source.delete(message_id, channel_id)

    def lost(self) -> None:
        self._away = True
        self._source.lost()

    def connected(self) -> None:
        """A new session begins: it tells only what is posted from now on."""
        self._away = False
        self._source.connected()

    def ready(self, client: DiscordClient) -> None:
        self._away = False

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
