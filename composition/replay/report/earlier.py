"""What another replay left in its directory: its totals, its messages, its trades."""

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from composition.replay.lines import Totals, TradeLine
from composition.replay.report.cells import MESSAGES, TRADES, UnreadableTableError
from composition.replay.report.saving import totals_from_text
from domain.value import Value

MESSAGES_FILE = "messages.csv"
TRADES_FILE = "trades.csv"
DAYS_FILE = "days.csv"
CHANGES_FILE = "changes.csv"
SUMMARY_FILE = "summary.json"
PAGE_FILE = "report.html"
STORIES = "stories"


class NotComparableError(Exception):
    """Two replays cannot be compared. The message says why, and the mend."""


@frozen
class EarlierReplay(Value):
    """A replay's directory, with its totals read."""

    directory: Path
    totals: Totals

    @classmethod
    def open(cls, directory: Path) -> "EarlierReplay":
        """Return the replay in `directory`. Raises NotComparableError where there is none that this version wrote."""
        path = directory / SUMMARY_FILE
        missing = [name for name in (SUMMARY_FILE, MESSAGES_FILE, TRADES_FILE) if not (directory / name).is_file()]
        if missing:
            raise NotComparableError(
                f"{directory} holds no replay, it has no {missing[0]}: name what an earlier replay had as --out"
            )
        try:
            return cls(directory, totals_from_text(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise NotComparableError(f"{path} cannot be read ({error}): replay it again") from error

    def messages(self) -> Iterator[list[str]]:
        """Yield its messages' cells in order. Raises NotComparableError for a file that this version did not write."""
        try:
            yield from MESSAGES.rows(self.directory / MESSAGES_FILE)
        except UnreadableTableError as error:
            raise NotComparableError(str(error)) from error

    def trades(self) -> Iterator[TradeLine]:
        """Yield its trades in order of their messages. Raises NotComparableError as `messages` does."""
        try:
            yield from TRADES.lines(self.directory / TRADES_FILE)
        except UnreadableTableError as error:
            raise NotComparableError(str(error)) from error
