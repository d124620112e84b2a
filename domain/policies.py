"""What the user decides: every limit and habit of the desk, as values with the defaults of the documentation.

Percentages are numbers (10 is 10 %), durations are time spans, money is in dollars. The policies are recorded in the
log when the desk starts, so that a replay decides with the limits of its day.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen

from domain.alerts import InstrumentKind
from domain.calendar import CalendarName
from domain.grammar.profile import ChannelProfile
from domain.value import Value

Validator = Callable[[Any, "Attribute[Any]", Any], None]


def share(percentage: Decimal) -> Decimal:
    """Return a percentage as a factor: 10 gives 0.1."""
    return percentage / 100


def _within(low: Any, high: Any) -> Validator:  # noqa: ANN401 - the bounds have the field's own type
    def check(_instance: Any, attribute: "Attribute[Any]", value: Any) -> None:  # noqa: ANN401
        if not low <= value <= high:
            raise ValueError(f"{attribute.name} must be between {low} and {high}, got {value}")

    return check


def _seconds(low: float, high: float) -> Validator:
    def check(_instance: Any, attribute: "Attribute[Any]", value: timedelta) -> None:  # noqa: ANN401
        seconds = value.total_seconds()
        if not low <= seconds <= high:
            raise ValueError(f"{attribute.name} must be between {low} and {high} seconds, got {seconds:g}")

    return check


def _percent(default: str, high: str = "100", low: str = "0") -> Decimal:
    value: Decimal = field(default=Decimal(default), validator=_within(Decimal(low), Decimal(high)))
    return value


def _count(default: int, high: int, low: int = 0) -> int:
    value: int = field(default=default, validator=_within(low, high))
    return value


def _duration(default: float, high: float, low: float = 0) -> timedelta:
    value: timedelta = field(default=timedelta(seconds=default), validator=_seconds(low, high))
    return value


class OtherAuthor(StrEnum):
    """What another author's call of a contract already held or working is worth."""

    IGNORE = "ignore"
    ADD = "add"


class Conversion(StrEnum):
    MARKETABLE_LIMIT = "marketable_limit"
    MARKET = "market"


class OnExhausted(StrEnum):
    """What happens to the unfilled rest at the window's end."""

    CANCEL = "cancel"
    REST = "rest"


class Mode(StrEnum):
    PAPER = "paper"
    DRY_RUN = "dry_run"
    SANDBOX = "sandbox"
    LIVE = "live"


@frozen(kw_only=True)
class GatePolicy(Value):
    max_alert_age: timedelta = _duration(60, 3600, 1)
    dedupe_window: timedelta = _duration(10, 3600)
    other_author: OtherAuthor = OtherAuthor.IGNORE


@frozen(kw_only=True)
class SizePolicy(Value):
    """`allocation` is the percentage of session-start buying power for one entry.

    `labels` overrides it for a label, `channels` scales it for a channel id (50 halves it).
    """

    allocation: Decimal = _percent("10")
    min_contracts: int = _count(0, 10)
    honor_alert_quantity: bool = False
    labels: Mapping[str, Decimal] = field(factory=lambda: {"lotto": Decimal(5), "super_lotto": Decimal(5)})
    channels: Mapping[int, Decimal] = field(factory=dict)


@frozen(kw_only=True)
class RiskPolicy(Value):
    max_contracts: int = _count(10, 50, 1)
    max_premium: Decimal = field(default=Decimal(2500), validator=_within(Decimal(1), Decimal(1_000_000)))
    max_positions: int = _count(10, 100, 1)
    max_entries_day: int = _count(30, 500, 1)
    max_entries_minute: int = _count(6, 60, 1)
    max_entries_author: int = _count(10, 500, 1)
    max_premium_at_risk: Decimal = _percent("25")
    max_day_loss: Decimal = _percent("5", low="0.1")
    max_quote_age: timedelta = _duration(2, 60, 0.1)
    max_spread: Decimal = _percent("25")
    max_spread_ticks: int = _count(4, 100)
    max_deviation: Decimal = _percent("50")
    max_rejects: int = _count(3, 20, 1)
    max_unknowns: int = _count(2, 20, 1)
    unknown_window: timedelta = _duration(600, 86400, 1)


@frozen(kw_only=True)
class EntryPolicy(Value):
    """The price ladder: when it steps, how far it goes, how it ends."""

    initial_wait: timedelta = _duration(20, 3600)
    window: timedelta = _duration(90, 3600, 1)
    max_increments: int = _count(3, 20)
    conversion: Conversion = Conversion.MARKETABLE_LIMIT
    on_exhausted: OnExhausted = OnExhausted.CANCEL
    max_chase: Decimal = _percent("20", high="100")
    trade_without_quote: bool = True

    def __attrs_post_init__(self) -> None:
        if self.initial_wait >= self.window:
            raise ValueError(
                f"initial_wait ({self.initial_wait.total_seconds():g} s) must be shorter than window "
                f"({self.window.total_seconds():g} s): the steps lie between them"
            )


@frozen(kw_only=True)
class ExitPolicy(Value):
    """`fraction` of the filled contracts is offered at `target` percent profit; `min` 1 covers a single contract."""

    fraction: Decimal = _percent("50")
    target: Decimal = _percent("100", high="10000", low="1")
    min: int = _count(0, 1)


@frozen(kw_only=True)
class Policies(Value):
    """Everything the desk is told when it starts.

    `allowed_*` seed the allowlist, `profiles` say by channel id what a room writes by habit. `trim_fraction` is the
    percentage that "partial" means. `fee_per_contract` is what
    sizing reserves for commission, clearing and regulatory fees of a whole trade. `resting_read` is how often the
    broker is read while orders only rest.
    """

    mode: Mode = Mode.PAPER
    calendar: CalendarName = CalendarName.NYSE
    resting_read: timedelta = timedelta(seconds=60)
    allowed_users: frozenset[int] = frozenset()
    allowed_channels: frozenset[int] = frozenset()
    allowed_webhooks: frozenset[int] = frozenset()
    profiles: Mapping[int, ChannelProfile] = field(factory=dict)
    instruments: frozenset[InstrumentKind] = frozenset({InstrumentKind.OPTION})
    trim_fraction: Decimal = _percent("50", low="1")
    fee_per_contract: Decimal = field(default=Decimal("1.30"), validator=_within(Decimal(0), Decimal(100)))
    gate: GatePolicy = GatePolicy()
    size: SizePolicy = field(factory=SizePolicy)
    risk: RiskPolicy = RiskPolicy()
    entry: EntryPolicy = EntryPolicy()
    exit: ExitPolicy = ExitPolicy()
