"""Messages in, replies out."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Protocol

from domain.commands import Reply
from domain.events import MessageDeleted, MessageEdited
from domain.messages import Message

Incoming = Message | MessageEdited | MessageDeleted


class AlertSource(Protocol):
    """A room, a file of lines, an API: whatever people post alerts in."""

    @abstractmethod
    def messages(self) -> AsyncIterator[Incoming]:
        """Yield posts, edits and deletions as they come, each at least once. Ends when the source is exhausted.

        After a gap the missed posts are yielded too, with the time they were posted at.
        """

    @abstractmethod
    async def reply(self, reply: Reply) -> None:
        """Answer the message, mentioning nobody. Raises PortUnavailableError when it could not; it is called again.

        The reply's delivery id is the same at every try: where the room can drop a repetition, it does.
        """
