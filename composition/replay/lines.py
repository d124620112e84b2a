"""What a replay says of each message and each trade, and of all of them: the words between the engine and the report.

It holds values only. The engine makes them, the report writes them; neither is known here.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from attrs import Factory, frozen

from domain.value import Value

TEXT_SHOWN = 120
BAD_LINES_NAMED = 10


class Verdict(StrEnum):
    """What became of a message. UNREAD: the replay ended before it was decided."""

    ENTERED = "entered"
    CLOSED = "closed"
    DENIED = "denied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    DRY_RUN = "dry_run"
    UNREAD = "unread"


class LadderOutcome(StrEnum):
    """How an entry's ladder ended. CONVERTED: it went to the far touch and filled there."""

    FILLED = "filled"
    PARTLY_FILLED = "partly filled"
    CANCELLED = "cancelled"
    CONVERTED = "converted and filled"
    REJECTED = "rejected"
    WORKING = "still working at the end"


class Prices(StrEnum):
    """Where the quotes came from: the seeded model, or a file of recorded ones."""

    MODELLED = "modelled"
    RECORDED = "recorded"


class Allowlist(StrEnum):
    """A list of who or where may be traded, by its setting."""

    USERS = "ALLOWED_USERS"
    CHANNELS = "ALLOWED_CHANNELS"


@frozen(kw_only=True)
class MessageLine(Value):
    """One message of the history and what became of it.

    `number` counts from 1 in order of time. `reason` is the code of a denial or of why it was ignored. `text` is the
    first 120 characters, on one line. `edited`: an export has only the last words of it.
    """

    number: int
    at: datetime
    message_id: str
    channel_id: int
    channel: str
    author_id: int
    author: str
    verdict: Verdict
    reason: str | None
    detail: str
    text: str
    trade_id: str | None
    edited: bool = False


@frozen(kw_only=True)
class TradeLine(Value):
    """One trade of the replay, from its alert to what is left of it.

    `number` is its message's. `quantity` and `premium` are what was decided: so many dollars if all of it fills at the
    worst price. `steps` are the one-tick steps taken. `seconds_to_fill` runs from the entry's decision to its last
    fill. The exits and what follows are contracts; `exit_price` is the limit. `close_price` is what the closes got on
    average. The rest are dollars at the average price paid, before fees: `realized` is what was sold less what that had
    cost, `expired_cost` and `held_cost` are what the expired contracts and those that are held had cost. Each is None
    where there are no such contracts, and always where prices are modelled.
    """

    trade_id: str
    number: int
    opened_at: datetime
    channel: str
    author: str
    contract: str
    occ_symbol: str
    alert_price: Decimal | None
    quantity: int
    premium: Decimal
    outcome: LadderOutcome
    steps: int
    converted: bool
    filled: int
    average_price: Decimal | None
    seconds_to_fill: Decimal | None
    exits_placed: int
    exit_price: Decimal | None
    exits_filled: int
    closed_by_alert: int
    held_at_end: int
    expired: int
    close_price: Decimal | None = None
    realized: Decimal | None = None
    expired_cost: Decimal | None = None
    held_cost: Decimal | None = None


@frozen(kw_only=True)
class BadLine(Value):
    """A line of the input that could not be read: its file, its number there (from 1), and why.

    `unit` is what the number counts: a file that is no text has rows.
    """

    file: str
    line: int
    why: str
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.line}: {self.why}"


@frozen(kw_only=True)
class Totals(Value):
    """The counts of a whole replay. `reasons` are counted by verdict and reason, `days` by New York's date and verdict.

    `by_author` and `by_channel` count each one's messages by verdict. `settings` are those in force by name, as they
    are written, without secrets. `unreadable` counts all bad lines, `bad_lines`
    names the first few. `filled_in` are the allowlists that were empty, so that all whom the files name were allowed.
    `partial`: it was stopped before the files' end. `halts` counts the halts of entries: in a
    replay each ends on the next morning, as if a person had looked. `log_head` is the last hash of the replay's log.
    """

    messages: int
    first_at: datetime | None
    last_at: datetime | None
    verdicts: dict[Verdict, int]
    reasons: dict[tuple[Verdict, str], int]
    days: dict[tuple[date, Verdict], int]
    by_author: dict[tuple[str, Verdict], int]
    by_channel: dict[tuple[str, Verdict], int]
    prices: Prices
    seed: int
    settings_fingerprint: str
    partial: bool
    unreadable: int
    bad_lines: tuple[BadLine, ...]
    trades: int = 0
    filled_in: tuple[Allowlist, ...] = ()
    edited: int = 0
    halts: int = 0
    files: tuple[str, ...] = Factory(tuple)
    settings: dict[str, str] = Factory(dict)
    log_head: str = ""


class LineSink(Protocol):
    """Takes the lines as the replay makes them: each message in order of number, each trade when it is over.

    Trades that are still open at the end come last, in order of number; then the totals, once.
    """

    def message(self, line: MessageLine) -> None: ...

    def trade(self, line: TradeLine) -> None: ...

    def finish(self, totals: Totals) -> None: ...
