"""Messages from Discord's channels, in each channel's order, with what was missed while away; and replies to them.

What comes live is only put on a queue. After every gap the history of the allowed channels is read back first, and
what comes live in them meanwhile waits a moment, so that an exit does not overtake its entry.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from adapters.discord.backlog import Backlog, Change, Changes, Recent, Seen
from adapters.discord.connection import DiscordConnection
from adapters.discord.pace import Pace
from adapters.discord.switchboard import History
from domain.commands import Reply
from domain.events import MessageDeleted, MessageEdited
from domain.messages import Message
from ports.alert_source import AlertSource, Incoming
from ports.clock import Clock
from ports.errors import PortProtocolError, PortUnavailableError

QUEUE_SIZE = 10_000
# https://discord.com/developers/docs/reference#snowflakes: milliseconds since 2015, above 22 other bits.
SNOWFLAKE_EPOCH_MS = 1_420_070_400_000
SNOWFLAKE_SHIFT = 22
_LOG = logging.getLogger(__name__)


class DiscordAlertSource(AlertSource):
    """`channels` are the allowed ones now; `last_seen` is the last message id of a channel in the log, or None.

    Where nothing of a channel was ever seen, `max_age` of its history is read back. The connection feeds it.
    """

    def __init__(
        self,
        connection: DiscordConnection,
        *,
        clock: Clock,
        channels: Callable[[], frozenset[int]],
        last_seen: Callable[[int], int | None],
        max_age: timedelta,
        queue_size: int = QUEUE_SIZE,
        pace: Pace | None = None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._channels = channels
        self._max_age = max_age
        self._pace = pace or Pace()
        self._queue: asyncio.Queue[Incoming] = asyncio.Queue(queue_size)
        self._backlog = Backlog(last_seen)
        self._recent = Recent()
        self._held: dict[int, list[Incoming]] | None = None
        self._release_timer: asyncio.TimerHandle | None = None
        self._history: History | None = None
        self._readings: set[asyncio.Task[None]] = set()
        self._dropped = 0
        self._changes = Changes()

    # ---- the port --------------------------------------------------------------------------------------------------

    async def messages(self) -> AsyncIterator[Incoming]:
        while True:
            incoming = await self._queue.get()
            self._pass_changes_on()
            self._recover_dropped()
            yield incoming

    async def reply(self, reply: Reply) -> None:
        if not reply.message_id.isdecimal():
            raise PortProtocolError(f"message {reply.message_id!r} is no Discord message id, it cannot be replied to")
        await self._connection.send(
            reply.channel_id, reply.text, nonce=reply.delivery_id, answers=int(reply.message_id)
        )

    # ---- heard from the connection ---------------------------------------------------------------------------------

    def post(self, message: Message, edited_at: datetime | None) -> None:
        """Take a live post."""
        message_id, channel_id = int(message.message_id), message.channel_id
        if self._recent.overtook(message_id) or self._pass_on(channel_id, message):
            self._recent.remember(message_id, Seen(text=message.text, edited_at=edited_at, is_live=True))
            self._backlog.came(channel_id, message_id)

    def edit(self, message_id: int, channel_id: int, text: str, edited_at: datetime | None) -> None:
        """Take an update of a message: its author's edits are passed on, Discord's own additions are not."""
        seen = Seen(text=text, edited_at=edited_at, is_live=True)
        if self._recent.is_edit(message_id, seen):
            self._pass_on(channel_id, MessageEdited(str(message_id), text))
            if message_id in self._recent:  # otherwise the history still has to tell the message itself
                self._recent.remember(message_id, seen)

    def delete(self, message_id: int, channel_id: int) -> None:
        self._pass_on(channel_id, MessageDeleted(str(message_id)))

    def lost(self) -> None:
        """Note that the connection is down: from here on every channel may lack messages."""
        self._backlog.lost()
        self._release()

    def connected(self) -> None:
        """Note that a new session begins: live posts of allowed channels wait until their history was read."""
        self._release()
        for channel_id in self._rooms():
            self._backlog.after(channel_id, self._oldest_fresh())  # before anything live can be in the log
        self._held = {}
        self._release_timer = asyncio.get_running_loop().call_later(self._pace.hold, self._release)

    def catch_up(self, history: History) -> None:
        """Read back what the allowed channels may lack, oldest first, through `history`."""
        self._history = history
        reading = asyncio.create_task(self._catch_up(history))
        self._readings.add(reading)
        reading.add_done_callback(self._ended)

    def stop(self) -> None:
        """End all reading back: its client is closed."""
        self._history = None
        for reading in self._readings:
            reading.cancel()
        self._release()

    def _ended(self, reading: "asyncio.Task[None]") -> None:
        self._readings.discard(reading)
        if not reading.cancelled() and reading.exception() is not None:
            _LOG.critical("reading back the history failed", exc_info=reading.exception())
        self._recover_dropped()

    # ---- the queue -------------------------------------------------------------------------------------------------

    def _pass_on(self, channel_id: int, incoming: Incoming) -> bool:
        """Queue what came live, or hold it while its channel is read back. False where the queue is full."""
        if self._held is not None and self._backlog.is_open(channel_id) and channel_id in self._rooms():
            self._held.setdefault(channel_id, []).append(incoming)
            return True
        return self._put(channel_id, incoming)

    def _put(self, channel_id: int, incoming: Incoming) -> bool:
        if not isinstance(incoming, Message):
            self._put_change(incoming)
            return True
        try:
            self._queue.put_nowait(incoming)
        except asyncio.QueueFull:
            self._drop(channel_id, int(incoming.message_id))
            return False
        return True

    def _put_change(self, change: Change) -> None:
        """Queue an edit or a deletion, behind those that wait for room: no history would tell it once more."""
        pushed_out = self._changes.keep(change)
        if pushed_out is not None:
            _LOG.critical("message %s was changed and nobody is told: too much waits", pushed_out.message_id)
        self._pass_changes_on()

    def _pass_changes_on(self) -> None:
        while self._changes and not self._queue.full():
            self._queue.put_nowait(self._changes.take())

    def _drop(self, channel_id: int, message_id: int) -> None:
        self._dropped += 1
        self._recent.forget(message_id)
        self._backlog.dropped(channel_id, message_id)
        if self._dropped == 1:
            _LOG.critical(
                "%d messages wait and nobody takes them: message %d is not queued, nor are those after it; they will "
                "be read back from the history",
                self._queue.qsize(),
                message_id,
            )

    def _recover_dropped(self) -> None:
        """Read back what was dropped, once there is room again and no other reading is under way."""
        if self._dropped and self._history and not self._readings and self._queue.qsize() <= self._queue.maxsize // 2:
            _LOG.critical("%d messages could not be queued; their channels' history is read back", self._dropped)
            self._dropped = 0
            self.catch_up(self._history)

    def _release(self) -> None:
        """Let what was held go on, whether its channel was read back or not."""
        if self._release_timer is not None:
            self._release_timer.cancel()
            self._release_timer = None
        for channel_id in tuple(self._held or ()):
            self._release_channel(channel_id)
        self._held = None

    def _release_channel(self, channel_id: int) -> None:
        for incoming in (self._held or {}).pop(channel_id, []):
            self._put(channel_id, incoming)

    # ---- reading back ----------------------------------------------------------------------------------------------

    async def _catch_up(self, history: History) -> None:
        epoch = self._backlog.epoch
        channels = self._backlog.begin(self._rooms())
        await asyncio.gather(*(self._catch_up_channel(channel_id, history, epoch) for channel_id in channels))
        if epoch == self._backlog.epoch:
            self._release()

    async def _catch_up_channel(self, channel_id: int, history: History, epoch: int) -> None:
        """Read one channel until that succeeds or is refused for good; after another loss the next reading does it."""
        for delay in self._pace.delays():
            is_over = await self._try_to_read_back(channel_id, history, epoch)
            if epoch != self._backlog.epoch:
                return
            self._release_channel(channel_id)
            if is_over:
                return
            await asyncio.sleep(delay)

    async def _try_to_read_back(self, channel_id: int, history: History, epoch: int) -> bool:
        """Return whether another try is pointless: it is done, or a person has to act."""
        try:
            await self._read_back(channel_id, history, epoch)
        except PortUnavailableError as error:
            _LOG.warning("channel %d could not be read back yet: %s", channel_id, error)
            return False
        except PortProtocolError as error:
            _LOG.error("channel %d cannot be read back, messages of it may be missing: %s", channel_id, error)
        return True

    async def _read_back(self, channel_id: int, history: History, epoch: int) -> None:
        after = self._backlog.after(channel_id, self._oldest_fresh())
        last, count = after, 0
        async for message, edited_at in history(channel_id, after):
            message_id = int(message.message_id)
            last = max(last, message_id)
            if message_id not in self._recent:
                self._recent.remember(message_id, Seen(text=message.text, edited_at=edited_at, is_live=False))
                await self._queue.put(message)
                count += 1
        self._backlog.closed(channel_id, last, epoch)
        if count:
            _LOG.info("channel %d: %d messages read back from the history", channel_id, count)

    def _rooms(self) -> frozenset[int]:
        """Return the allowed channels that can be Discord's: the desk's own for local lines have small numbers."""
        return frozenset(number for number in self._channels() if number >> SNOWFLAKE_SHIFT)

    def _oldest_fresh(self) -> int:
        """Return the lowest id that a message of now less `max_age` could have."""
        oldest = self._clock.now() - self._max_age
        return max(int(oldest.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS, 0) << SNOWFLAKE_SHIFT
