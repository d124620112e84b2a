"""The desk's whole state as one value.

The state is frozen and never copied as a whole: a turn (`domain.desk.turn`) replaces the parts it touches. Closed
trades move to the archive and finished closes to `finished`, where late news still finds them, for `ARCHIVE_DAYS`.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from domain.account import Balances
from domain.alerts import Alert
from domain.allowlist import Allowlist
from domain.calendar import TradingCalendar
from domain.closing import Closing, request_of
from domain.commands import Command, Notify, Reply
from domain.events import AlertReceived, Decision
from domain.gate import RecentAlert
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Order
from domain.policies import Policies
from domain.risk import Baseline, EntryMark, Exposure
from domain.trade import Trade
from domain.value import Value
from domain.verdicts import HaltCause

ARCHIVE_DAYS = timedelta(days=30)

Output = Decision | Command


class InvariantViolationError(Exception):
    """The desk found itself in a state that it must never be in: a bug of ours. Stop, restart, reconcile."""


class Phase(StrEnum):
    STOPPED = "stopped"
    RECOVERING = "recovering"
    ACTIVE = "active"


@frozen
class Halt(Value):
    cause: HaltCause
    reason: str
    by: str


@frozen(kw_only=True)
class Candidate(Value):
    """An alert that passed the gate and waits for the answers it will be judged on."""

    trade_id: str
    message: Message
    alert: Alert
    contract: Contract | None = None
    account_known: bool = False


@frozen
class Difference(Value):
    """Contracts that complete readings show too few of (negative: that are there again), all of them since `since`."""

    quantity: int
    since: datetime


@frozen(kw_only=True)
class Reconciliation(Value):
    """The state of asking the broker for its whole truth. `attempt` counts asks while anything is in doubt,
    `differences` are those of positions, by symbol, that are not believed yet, `missing_fills` since when a counted
    fill, by id, is not shown, `read_at` when the last complete reading was asked for, `shorts` the contracts that the
    account is short by symbol, as they were told, `unlisted` since when the broker counts more of an order, by its
    client order id and what is counted here, than it lists.
    """

    asked_at: datetime | None = None
    attempt: int = 0
    differences: Mapping[str, Difference] = field(factory=dict)
    missing_fills: Mapping[str, datetime] = field(factory=dict)
    shorts: Mapping[str, int] = field(factory=dict)
    unlisted: Mapping[str, datetime] = field(factory=dict)
    read_at: datetime | None = None


@frozen
class Delivery(Value):
    """A reply or notice that is not yet confirmed as delivered."""

    what: Reply | Notify
    since: datetime
    attempts: int = 1


@frozen(kw_only=True, slots=False)  # a turn copies its fields as one dictionary
class DeskState(Value):
    """Everything the desk knows. `at` is the instant of the last event, `seen` the alerts' message ids by day,
    `last_posts` the last message id of each Discord channel: what a gap is read back from. Until `watched_until` the
    broker is read for what is over.
    """

    at: datetime | None = None
    phase: Phase = Phase.STOPPED
    policies: Policies = Policies()
    allowlist: Allowlist = Allowlist()
    balances: Balances | None = None
    baseline: Baseline | None = None
    halts: tuple[Halt, ...] = ()
    candidates: Mapping[str, Candidate] = field(factory=dict)
    trades: Mapping[str, Trade] = field(factory=dict)
    closings: Mapping[str, Closing] = field(factory=dict)
    archive: Mapping[str, Trade] = field(factory=dict)
    finished: Mapping[str, Closing] = field(factory=dict)
    seen: Mapping[date, frozenset[str]] = field(factory=dict)
    last_posts: Mapping[int, int] = field(factory=dict)
    recent: tuple[RecentAlert, ...] = ()
    entries: tuple[EntryMark, ...] = ()
    rejects_in_row: int = 0
    unknowns: tuple[datetime, ...] = ()
    waiting: tuple[AlertReceived, ...] = ()
    timers: Mapping[str, datetime] = field(factory=dict)
    outbox: Mapping[str, Delivery] = field(factory=dict)
    deliveries: int = 0
    reconciliation: Reconciliation = Reconciliation()
    watched_until: datetime | None = None

    @property
    def calendar(self) -> TradingCalendar:
        return TradingCalendar(self.policies.calendar)

    @property
    def is_ready(self) -> bool:
        return self.phase is Phase.ACTIVE

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being decided, entered or closed and no order's outcome is open. Exits may rest."""
        undecided = self.candidates or self.closings or self.waiting
        return self.is_ready and not undecided and all(trade.is_quiet for trade in self.trades.values())

    def allows(self, message: Message) -> bool:
        """Return whether the author and the channel of a message may trade now."""
        return self.allowlist.allows(
            user_id=message.user_id, channel_id=message.channel_id, webhook_id=message.webhook_id
        )

    def knows_message(self, message_id: str) -> bool:
        return any(message_id in ids for ids in self.seen.values())

    def order(self, order_id: str) -> Order | None:
        """Return the order of ours with this client order id or broker order id, also of what is over, or None."""
        trades = (*self.trades.values(), *self.archive.values())
        owners: tuple[Trade | Closing, ...] = (*trades, *self.closings.values(), *self.finished.values())
        found = (owner.order(order_id) for owner in owners)
        return next((order for order in found if order is not None), None)

    def closes_of(self, request_id: str) -> list[Closing]:
        """Return the closes that began with an operator's request, one for each contract, also those that are over."""
        known = (*self.closings.values(), *self.finished.values())
        return [closing for closing in known if request_of(closing.trade_id) == request_id]

    def exposure(self) -> Exposure:
        """Return what is on now, with everything in flight at its worst."""
        trades = self.trades.values()
        in_doubt: tuple[Trade | Closing, ...] = (*trades, *self.closings.values())
        return Exposure(
            positions=len(self.trades),
            premium_at_risk=sum((trade.premium_held + trade.premium_reserved for trade in trades), Decimal(0)),
            reserved=sum((trade.premium_reserved for trade in trades), Decimal(0)),
            entries=self.entries,
            halts=tuple(f"{halt.cause}: {halt.reason}" for halt in self.halts),
            unresolved=frozenset(known.contract.symbol for known in in_doubt if known.has_unknown),
        )
