"""A history's file, whichever form it has: an export of a channel, or lines of alerts."""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from attrs import evolve

from adapters.history.exports import read_export
from adapters.history.posts import Post, PostError, Unreadable, plausible
from domain.messages import Message, Source

HEAD = 4096
EXPORT = re.compile(r'\s*\{\s*"(?:guild|channel|dateRange|exportedAt|messages)"\s*:')
UNTIMED = datetime.max.replace(tzinfo=UTC)

# (the line, the instant of a line that names none, the id of a line that names none) -> the message; or ValueError
ReadLine = Callable[[str, datetime, str], Message]


def read_file(path: Path, name: str, read_line: ReadLine, webhooks: Collection[int]) -> Iterator[Post | Unreadable]:
    """Yield a file's posts as they stand in it, and what of it could not be read.

    `name` is what the file is called in what is said of it, and with the line's number the id of a line without one: it
    is no other file's. Raises OSError where there is no such file.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        head = file.read(HEAD)
        file.seek(0)
        if EXPORT.match(head):
            yield from read_export(file, name, webhooks)
        else:
            yield from _read_lines(file, name, read_line)


def _read_lines(file: TextIO, name: str, read_line: ReadLine) -> Iterator[Post | Unreadable]:
    for number, line in enumerate(file, start=1):
        text = line.strip()
        if not text:
            continue
        try:
            yield _post(read_line(text, UNTIMED, f"{name}:{number}"))
        except ValueError as error:
            yield Unreadable(name, number, str(error))


def _post(message: Message) -> Post:
    """A line stands for a room's post here: nobody waits at a terminal for its answer."""
    if message.posted_at == UNTIMED:
        raise PostError('a replay needs to know when: add "posted_at", such as "2026-12-01T15:30:00Z"')
    posted_at = plausible(message.posted_at)
    return Post(
        message=evolve(message, source=Source.DISCORD, posted_at=posted_at),
        author=str(message.user_id),
        channel=str(message.channel_id),
    )
