"""Posts put in order of time, however they came: sorted in pieces on disk, a bounded number of them in memory.

At one instant they keep the order of the files, and within a file the order in which they stand there.
"""

import marshal
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from adapters.history.posts import Post
from domain.messages import Message, MessageKind

PIECE = 5_000
PIECES_AT_ONCE = 100
TOGETHER, SIZE_BYTES = 50, 4  # records that are read at once: one by one takes ten times as long
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Record = list[Any]


class Spool:
    """Add everything, then read it in order, once. `folder` is a directory of its own.

    At most `piece` posts are in memory, and `at_once` files open.
    """

    def __init__(self, folder: Path, *, piece: int = PIECE, at_once: int = PIECES_AT_ONCE) -> None:
        self._folder = folder
        self._piece = piece
        self._at_once = at_once
        self._waiting: list[Record] = []
        self._pieces: list[Path] = []
        self._written = 0
        self.count = 0

    def add(self, post: Post) -> None:
        self.count += 1
        self._waiting.append(_record(post, self.count))
        if len(self._waiting) >= self._piece:
            self._put_down()

    def ordered(self) -> Iterator[Post]:
        """Yield what was added in order of time."""
        self._put_down()
        for record in self._merged(self._pieces):
            yield _post(record)

    def _put_down(self) -> None:
        self._waiting.sort()
        self._pieces.append(self._written_down(self._waiting))
        self._waiting = []
        if len(self._pieces) >= self._at_once:
            self._pieces = [self._written_down(self._merged(self._pieces))]

    def _written_down(self, records: Iterable[Record]) -> Path:
        self._written += 1
        path = self._folder / f"piece{self._written}"
        left = iter(records)
        with path.open("wb") as file:
            while some := list(islice(left, TOGETHER)):
                written = marshal.dumps(some)
                file.write(len(written).to_bytes(SIZE_BYTES, "big"))
                file.write(written)
        return path

    def _merged(self, pieces: Iterable[Path]) -> Iterator[Record]:
        """The records of all pieces in order; each piece is deleted when all are read."""
        with ExitStack() as opened:
            files = []
            for path in pieces:
                opened.callback(path.unlink, missing_ok=True)
                files.append(opened.enter_context(path.open("rb")))
            yield from merge(*map(_records, files))


def _records(file: BinaryIO) -> Iterator[Record]:
    while size := file.read(SIZE_BYTES):
        yield from marshal.loads(file.read(int.from_bytes(size, "big")))  # noqa: S302 - this process has written it


def _record(post: Post, number: int) -> Record:
    """The instant and the number come first: no two records are equal in both."""
    message = post.message
    return [
        (message.posted_at - EPOCH) // MICROSECOND,
        number,
        message.message_id,
        message.channel_id,
        message.user_id,
        message.text,
        message.kind.value,
        message.webhook_id,
        message.dry_run,
        post.author,
        post.channel,
        post.edited,
    ]


def _post(record: Record) -> Post:
    micros, _, message_id, channel_id, user_id, text, kind, webhook_id, dry_run, author, channel, edited = record
    message = Message(
        message_id=message_id,
        channel_id=channel_id,
        user_id=user_id,
        posted_at=EPOCH + timedelta(microseconds=micros),
        text=text,
        kind=MessageKind(kind),
        webhook_id=webhook_id,
        dry_run=dry_run,
    )
    return Post(message=message, author=author, channel=channel, edited=edited)
