"""Alerts as lines: typed at a terminal, piped in, or read from a file. A line is text, or a JSON object.

JSON: `{"text", "user_id"?, "channel_id"?, "message_id"?, "posted_at"?}`. Without ids a line is the local user's own.
"""

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError
from datetime import UTC, datetime
from typing import Any, TextIO

from domain.commands import Reply
from domain.messages import Message, Source
from ports.alert_source import AlertSource, Incoming
from ports.clock import Clock

LOCAL_USER = 1
LOCAL_CHANNEL = 1
READ_AHEAD = 100
KEYS = frozenset({"text", "user_id", "channel_id", "message_id", "posted_at", "dry_run"})


class LineError(ValueError):
    """A line that is no alert line. The message names the value and the mend."""


class LineAlertSource(AlertSource):
    """Reads lines until the end of the stream. A bad line is reported and passed over; the next one is read.

    A line posted in the future waits for its instant, so that a file can be a script of a day.
    """

    def __init__(
        self,
        stream: TextIO,
        clock: Clock,
        *,
        on_error: Callable[[str], None],
        on_reply: Callable[[Reply], None],
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._on_error = on_error
        self._on_reply = on_reply

    async def messages(self) -> AsyncIterator[Incoming]:
        lines: asyncio.Queue[str] = asyncio.Queue(READ_AHEAD)
        reader = threading.Thread(target=self._read, args=(lines, asyncio.get_running_loop()), daemon=True)
        reader.start()
        number = 0
        while line := await lines.get():
            number += 1
            if not line.strip():
                continue
            try:
                message = read_line(line.strip(), self._clock.now())
            except LineError as error:
                self._on_error(f"line {number}: {error}; the line was not traded")
                continue
            await self._clock.sleep_until(message.posted_at)
            yield message

    def _read(self, lines: "asyncio.Queue[str]", loop: asyncio.AbstractEventLoop) -> None:
        """Read on a thread, because a terminal or a pipe waits for its writer and the desk must not.

        The thread is a daemon: a desk that ends does not wait for another line. The empty line is the end.
        """
        line = "start"
        while line:
            try:
                line = self._stream.readline()
            except (OSError, ValueError):
                return  # the stream was closed under us: the desk has ended
            put = lines.put(line)
            try:
                asyncio.run_coroutine_threadsafe(put, loop).result()
            except (RuntimeError, CancelledError):
                put.close()
                return  # the loop was

    async def reply(self, reply: Reply) -> None:
        self._on_reply(reply)


def read_line(line: str, now: datetime, unnamed: str | None = None) -> Message:
    """Return the message that a line stands for, posted `now` where it does not say. Raises LineError.

    `unnamed` is the id of a line that has none; without it such a line gets one by chance.
    """
    if not line.startswith("{"):
        return _message({"text": line}, now, unnamed)
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise LineError(f"not valid JSON ({error.msg} at column {error.colno}): {line[:80]!r}") from error
    except RecursionError as error:
        raise LineError(f"JSON nested too deeply: {line[:80]!r}") from error
    if not isinstance(fields, dict):
        raise LineError(f"a JSON line is an object with a text, got {line[:80]!r}")
    unknown = sorted(set(fields) - KEYS)
    if unknown:
        raise LineError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(KEYS))}")
    return _message(fields, now, unnamed)


def _message(fields: dict[str, Any], now: datetime, unnamed: str | None) -> Message:
    text = fields.get("text")
    if not isinstance(text, str):
        raise LineError(f'"text" is the alert as a string, got {text!r}')
    dry_run = fields.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise LineError(f'"dry_run" is true or false, got {dry_run!r}')
    return Message(
        message_id=_name(fields, unnamed),
        channel_id=_number(fields, "channel_id", LOCAL_CHANNEL),
        user_id=_number(fields, "user_id", LOCAL_USER),
        posted_at=_instant(fields, now),
        text=text,
        source=Source.LOCAL,
        dry_run=dry_run,
    )


def _name(fields: dict[str, Any], unnamed: str | None) -> str:
    given = fields.get("message_id")
    if given is None:
        return unnamed or f"local-{uuid.uuid4().hex[:12]}"
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given).strip():
        raise LineError(f'"message_id" is a number or a text, got {given!r}')
    return str(given)


def _number(fields: dict[str, Any], key: str, default: int) -> int:
    given = fields.get(key)
    if given is None:
        return default
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    if isinstance(given, str) and given.isascii() and given.isdigit():
        return int(given)
    raise LineError(f'"{key}" is a whole number such as 123456789012345678, got {given!r}')


def _instant(fields: dict[str, Any], now: datetime) -> datetime:
    given = fields.get("posted_at")
    if given is None:
        return now
    try:
        instant = datetime.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise LineError(f'"posted_at" is an ISO instant such as 2026-12-01T15:30:00Z, got {given!r}') from error
    if instant.tzinfo is None:
        raise LineError(f'"posted_at" needs a time zone, such as {given}Z')
    return instant.astimezone(UTC)
