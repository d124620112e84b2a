"""A post as a file tells of it, and a place in a file that tells nothing. Values only."""

from datetime import UTC, datetime

from attrs import frozen

from domain.messages import Message
from domain.value import Value

# Before Discord was there, and far ahead: an instant outside is a mistake in the file.
EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class Post(Value):
    """A message with the names that people see. `edited`: its author changed it later, these are the last words."""

    message: Message
    author: str
    channel: str
    edited: bool = False


@frozen
class Unreadable(Value):
    """What could not be read: the file, its line there (from 1), and why, with the mend."""

    file: str
    line: int
    why: str


class PostError(ValueError):
    """One post that cannot be read. The message names the value and the mend."""


def plausible(instant: datetime) -> datetime:
    """Return the instant in UTC. Raises PostError for one at which nobody can have posted."""
    at = instant.astimezone(UTC)
    if not EARLIEST <= at < LATEST:
        bounds = f"{EARLIEST.year} and {LATEST.year}"
        raise PostError(f"nobody posted at {at.isoformat()}: the time must be between {bounds}")
    return at
