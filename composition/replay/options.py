"""What the command line adds to the settings for one replay."""

from decimal import Decimal
from pathlib import Path

from attrs import frozen

from domain.value import Value

STARTING_CASH = Decimal(50_000)


@frozen(kw_only=True)
class ReplayOptions(Value):
    """`log` is where the replay's log is written. `cash` is what the account begins with, in dollars.

    `authors` and `channels`, where given, are who and where may trade, instead of the settings' lists. A bot's or a
    webhook's id may be among the authors.
    """

    files: tuple[Path, ...]
    log: Path
    seed: int = 1
    quotes: Path | None = None
    cash: Decimal = STARTING_CASH
    authors: frozenset[int] = frozenset()
    channels: frozenset[int] = frozenset()
