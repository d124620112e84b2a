"""Which channels may lack messages, and since which one: the bookkeeping of reading history back. It asks nobody.

What no history tells, edits and deletions, is kept here while there is no room for it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime

from attrs import field, frozen

from domain.events import MessageDeleted, MessageEdited
from domain.value import Value

REMEMBERED = 5000
Change = MessageEdited | MessageDeleted


@frozen(kw_only=True)
class Seen(Value):
    """What a message said when it was last seen, and whether it came live or was only found in the history."""

    text: str
    edited_at: datetime | None
    is_live: bool


@frozen
class Recent(Value):
    """The messages of this process, the newest few thousand: what is an edit, and what was handed on already."""

    _messages: OrderedDict[int, Seen] = field(factory=OrderedDict)

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._messages

    def remember(self, message_id: int, seen: Seen) -> None:
        self._messages[message_id] = seen
        if len(self._messages) > REMEMBERED:
            self._messages.popitem(last=False)

    def forget(self, message_id: int) -> None:
        self._messages.pop(message_id, None)

    def overtook(self, message_id: int) -> bool:
        """Return whether the history told a message before its own event came."""
        known = self._messages.get(message_id)
        return known is not None and not known.is_live

    def is_edit(self, message_id: int, seen: Seen) -> bool:
        """Return whether an update is the author's: previews, pins and flags come as updates too."""
        if seen.edited_at is None:
            return False
        known = self._messages.get(message_id)
        return known is None or (known.edited_at != seen.edited_at and known.text != seen.text)


@frozen
class Changes(Value):
    """What became of messages while nobody could be told: the last of each, in order, of a few thousand at most."""

    _last: OrderedDict[str, Change] = field(factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._last)

    def keep(self, change: Change) -> Change | None:
        """Keep a change until it is taken. Return the oldest where it has to go for that."""
        self._last.pop(change.message_id, None)
        self._last[change.message_id] = change
        return self._last.popitem(last=False)[1] if len(self._last) > REMEMBERED else None

    def take(self) -> Change:
        return self._last.popitem(last=False)[1]


class Backlog:
    """Per channel: the last message up to which nothing is missing, and whether that is in question.

    `lost` puts every channel in question, `dropped` one; `begin` says which are read back, `closed` settles one.
    """

    def __init__(self, last_seen: Callable[[int], int | None]) -> None:
        self._last_seen = last_seen
        self._settled: dict[int, int] = {}
        self._open: set[int] | None = None  # None: every channel
        self._dropped: set[int] = set()
        self.epoch = 0

    def lost(self) -> None:
        self.epoch += 1
        self._open = None

    def dropped(self, channel_id: int, message_id: int) -> None:
        """Put a channel in question again from a message on that was heard and could not be handed on."""
        self._settled[channel_id] = min(self._settled.get(channel_id, message_id), message_id - 1)
        self._dropped.add(channel_id)

    def begin(self, channels: Iterable[int]) -> list[int]:
        """Return the channels to be read back, of those given, in order of their ids."""
        wanted = frozenset(channels)
        self._open = set(wanted) if self._open is None else (self._open | self._dropped) & wanted
        self._dropped.clear()
        return sorted(self._open)

    def is_open(self, channel_id: int) -> bool:
        """Return whether messages of the channel may be missing."""
        return self._open is None or channel_id in self._open or channel_id in self._dropped

    def after(self, channel_id: int, otherwise: int) -> int:
        """Return the id after which to read: this process's last settled one, else the log's last, else `otherwise`.

        The log is asked once: it soon knows live messages too, and those settle nothing while others may be missing.
        """
        if channel_id not in self._settled:
            known = self._last_seen(channel_id)
            self._settled[channel_id] = otherwise if known is None else known
        return self._settled[channel_id]

    def came(self, channel_id: int, message_id: int) -> None:
        """Note a live message: it settles what is before it, unless that is in question."""
        if not self.is_open(channel_id):
            self._settle(channel_id, message_id)

    def closed(self, channel_id: int, message_id: int, epoch: int) -> None:
        """Note that nothing is missing up to a message; the channel stays open if the connection was lost since."""
        self._settle(channel_id, message_id)
        if epoch == self.epoch and self._open is not None:
            self._open.discard(channel_id)

    def _settle(self, channel_id: int, message_id: int) -> None:
        self._settled[channel_id] = max(self._settled.get(channel_id, 0), message_id)
