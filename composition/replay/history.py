"""The history to replay: all files read once, put in order of time on disk, and who said anything in them."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import Factory, define

from adapters.history.files import read_file
from adapters.history.posts import Post, Unreadable
from adapters.history.spool import Spool
from adapters.system.lines import read_line
from composition.replay.lines import BadLine
from domain.messages import MessageKind

TOLD_EVERY = 1_000


@define
class History:
    """`spool` holds the posts. `authors` are the people among those who posted, bots and webhooks are not."""

    spool: Spool
    authors: set[int] = Factory(set)
    channels: set[int] = Factory(set)

    def add(self, post: Post) -> None:
        message = post.message
        self.spool.add(post)
        self.channels.add(message.channel_id)
        if message.kind is not MessageKind.BOT:
            self.authors.add(message.user_id)


def read_history(
    files: tuple[Path, ...],
    folder: Path,
    *,
    webhooks: frozenset[int],
    on_bad: Callable[[BadLine], None],
    on_read: Callable[[int], None],
) -> History:
    """Read all files into `folder`; `on_bad` is told what could not be read, `on_read` the posts so far, now and then.

    Raises OSError for a file that cannot be opened.
    """
    history = History(Spool(folder))
    for path, name in zip(files, told_names(files), strict=True):
        for found in read_file(path, name, read_line, webhooks):
            if isinstance(found, Unreadable):
                on_bad(BadLine(file=found.file, line=found.line, why=found.why))
                continue
            history.add(found)
            if not history.spool.count % TOLD_EVERY:
                on_read(history.spool.count)
    return history


def told_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Return what each file is called in ids and in what is said of it: its name, with folders where names repeat.

    No two files have the same; a file that is given twice has it twice.
    """
    places = [path.parent.resolve() / path.name for path in files]
    lengths = dict.fromkeys(places, 1)
    while True:
        names = {place: Path(*place.parts[-length:]).as_posix() for place, length in lengths.items()}
        found = Counter(names.values())
        repeated = [place for place, name in names.items() if found[name] > 1]
        if not repeated:
            return tuple(names[place] for place in places)
        for place in repeated:
            lengths[place] += 1
