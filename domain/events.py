"""Everything that can happen to the desk, as a closed union, and every decision it records.

An *input* comes from outside, is stamped with its instant and appended to the log before it is stepped. A *decision* is
what the core concluded from an input; it is appended with the commands and never fed back.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from domain.account import Balances, Position
from domain.alerts import Alert
from domain.allowlist import ListName
from domain.instruments import Contract
from domain.messages import Message
from domain.orders import Fill, OrderReport, OrderRole, OrderStatus
from domain.policies import Policies
from domain.quotes import Quote
from domain.value import Value
from domain.verdicts import DenialCode, HaltCause, LadderMove


class Operation(StrEnum):
    """What an order command asked for, where its outcome is unknown."""

    SUBMIT = "submit"
    REPLACE = "replace"
    CANCEL = "cancel"


# ---- inputs: life of the process -----------------------------------------------------------------------------------


@frozen
class DeskStarted(Value):
    """The first input of every run: the policies that hold from here on. Everything in flight before it is in doubt."""

    policies: Policies
    version: str


@frozen
class TimerFired(Value):
    timer_id: str


# ---- inputs: messages ----------------------------------------------------------------------------------------------


@frozen
class AlertReceived(Value):
    """A message came in. `trade_id` names everything that follows from it, whether it trades or not."""

    trade_id: str
    message: Message


@frozen
class MessageEdited(Value):
    """The author changed a message. `text` is the new text."""

    message_id: str
    text: str


@frozen
class MessageDeleted(Value):
    message_id: str


# ---- inputs: answers to the desk's questions -----------------------------------------------------------------------


@frozen
class ContractResolved(Value):
    trade_id: str
    contract: Contract


@frozen
class ContractNotFound(Value):
    """The chain was read whole and does not list it. `detail` says what it lists instead."""

    trade_id: str
    detail: str


@frozen
class QuoteRead(Value):
    """The market's answer; `quote` None means that this instrument has no quote now."""

    trade_id: str
    quote: Quote | None


@frozen
class AccountRead(Value):
    """The account's money. `trade_id` is None when the desk asked for itself."""

    trade_id: str | None
    balances: Balances


@frozen
class ReadFailed(Value):
    """A question could not be asked, after all retries. Nothing is known, least of all "nothing there"."""

    trade_id: str | None
    detail: str


@frozen
class BrokerRead(Value):
    """The broker's whole truth, read after `asked_at`. `complete` is False when any part could not be read."""

    asked_at: datetime
    orders: tuple[OrderReport, ...]
    positions: tuple[Position, ...]
    complete: bool
    detail: str = ""


# ---- inputs: answers to order commands, and the broker's own reports -----------------------------------------------


@frozen
class OrderAccepted(Value):
    client_order_id: str
    broker_order_id: str


@frozen
class OrderRejected(Value):
    """The broker refused the order, provably."""

    client_order_id: str
    reason: str


@frozen
class OrderNotSent(Value):
    """The order provably never left. `retryable` is False where trying again cannot help."""

    client_order_id: str
    reason: str
    retryable: bool = True


@frozen
class OrderWithheld(Value):
    """The last check before the socket was against the order: it was not sent, and a person has to look at it."""

    client_order_id: str
    reason: str


@frozen
class OrderValidated(Value):
    """A dry run: the broker would take this order. `fees` are dollars for all of it, None where it did not say."""

    client_order_id: str
    detail: str = ""
    fees: Decimal | None = None


@frozen
class OutcomeUnknown(Value):
    """Sent, and no proof either way. Only reads resolve it."""

    client_order_id: str
    operation: Operation
    detail: str


@frozen
class CancelAccepted(Value):
    client_order_id: str


@frozen
class CancelRefused(Value):
    """The broker would not cancel, most often because the order has just ended: its report decides."""

    client_order_id: str
    reason: str


@frozen
class OrderReported(Value):
    report: OrderReport


@frozen
class AuthorizationLost(Value):
    """The credentials are refused for good: nothing can be traded until a person renews them."""

    detail: str


@frozen
class AuthorizationRestored(Value):
    by: str


# ---- inputs: what became of replies and notices --------------------------------------------------------------------


@frozen
class Delivered(Value):
    delivery_id: str


@frozen
class NotDelivered(Value):
    """A reply or notice could not be handed over. It stays in the outbox and is tried again."""

    delivery_id: str
    detail: str


# ---- inputs: the operator ------------------------------------------------------------------------------------------


@frozen
class HaltRequested(Value):
    by: str
    reason: str
    cause: HaltCause = HaltCause.OPERATOR


@frozen
class ResumeRequested(Value):
    by: str
    reason: str


@frozen
class CancelRequested(Value):
    """`order_id` is the broker's or the client order id."""

    by: str
    order_id: str


@frozen
class ReplaceRequested(Value):
    by: str
    order_id: str
    price: Decimal


@frozen
class CloseRequested(Value):
    """Close everything this system holds in a symbol. `trade_id` names the closing."""

    by: str
    trade_id: str
    symbol: str


@frozen
class AuthorizationRefreshRequested(Value):
    """Renew the broker's session with the credentials this process has; new ones need a restart."""

    by: str


@frozen
class AllowlistChangeRequested(Value):
    by: str
    name: ListName
    number: int
    allowed: bool


Input = (
    DeskStarted
    | TimerFired
    | AlertReceived
    | MessageEdited
    | MessageDeleted
    | ContractResolved
    | ContractNotFound
    | QuoteRead
    | AccountRead
    | ReadFailed
    | BrokerRead
    | OrderAccepted
    | OrderRejected
    | OrderNotSent
    | OrderWithheld
    | OrderValidated
    | OutcomeUnknown
    | CancelAccepted
    | CancelRefused
    | OrderReported
    | AuthorizationLost
    | AuthorizationRestored
    | Delivered
    | NotDelivered
    | HaltRequested
    | ResumeRequested
    | CancelRequested
    | ReplaceRequested
    | CloseRequested
    | AuthorizationRefreshRequested
    | AllowlistChangeRequested
)


@frozen
class Stamped(Value):
    """An input with its instant (aware UTC). Instants never go back within a log."""

    at: datetime
    event: Input


# ---- decisions -----------------------------------------------------------------------------------------------------


@frozen
class AlertIgnored(Value):
    """An allowed author said something that is no alert. `reason` is the grammar's code."""

    trade_id: str
    reason: str
    detail: str


@frozen
class AlertRead(Value):
    """The message is an alert. `profile` names the channel profile that it was read with."""

    trade_id: str
    alert: Alert
    profile: str


@frozen
class Denied(Value):
    trade_id: str
    code: DenialCode
    detail: str


@frozen
class ChecksPassed(Value):
    """Every named check and what it saw, in the order they were made."""

    trade_id: str
    checks: Mapping[str, str]


@frozen
class EntrySized(Value):
    """The arithmetic of the quantity: dollars, and prices per share."""

    trade_id: str
    quantity: int
    allocation: Decimal
    limit_price: Decimal
    worst_price: Decimal
    detail: str


@frozen
class LadderMoved(Value):
    """A rung of the ladder was decided. `price` is the new limit; None where the move has none."""

    trade_id: str
    rung: int
    move: LadderMove
    price: Decimal | None
    bid: Decimal | None
    ask: Decimal | None
    reason: str


@frozen
class OrderFilled(Value):
    """One new execution of an order of ours. `cumulative` counts the role's contracts filled in this trade so far."""

    trade_id: str
    client_order_id: str
    broker_order_id: str | None
    role: OrderRole
    fill: Fill
    cumulative: int


@frozen
class OrderEnded(Value):
    """An order became terminal with `filled` of its contracts done."""

    trade_id: str
    client_order_id: str
    broker_order_id: str | None
    role: OrderRole
    status: OrderStatus
    filled: int
    reason: str


@frozen
class EntryFinished(Value):
    """The entry can fill no further. `average_price` is None when nothing filled."""

    trade_id: str
    filled: int
    average_price: Decimal | None
    reason: str


@frozen
class ExitWithheld(Value):
    """Contracts that the policy would cover are not covered, and this is why."""

    trade_id: str
    reason: str


@frozen
class CloseFinished(Value):
    trade_id: str
    sold: int
    average_price: Decimal | None
    reason: str


@frozen
class TradeClosed(Value):
    """Nothing of the trade is held or working any more. `profit` is dollars before fees; None where it is not known."""

    trade_id: str
    bought: int
    profit: Decimal | None
    reason: str


@frozen
class PositionTakenOver(Value):
    """The account holds less than the fills say, for good: expiry, assignment or a person's own sale."""

    trade_id: str
    symbol: str
    expected: int
    held: int


@frozen
class PositionReturned(Value):
    """Contracts that were taken over as gone are in the account again, or this system's own order had sold them."""

    trade_id: str
    symbol: str
    expected: int
    held: int


@frozen
class SessionStarted(Value):
    """A trading day's baseline for sizing and for the day's loss."""

    day: date
    buying_power: Decimal
    net_liquidation: Decimal


@frozen
class TradingHalted(Value):
    cause: HaltCause
    reason: str
    by: str


@frozen
class TradingResumed(Value):
    by: str
    reason: str


@frozen
class AllowlistChanged(Value):
    by: str
    name: ListName
    number: int
    allowed: bool


@frozen
class DeliveryGivenUp(Value):
    """A reply or notice was not delivered in time for it to matter. Its text is in the log."""

    delivery_id: str
    detail: str


@frozen
class RequestRefused(Value):
    """An operator's request could not be done."""

    by: str
    code: DenialCode
    detail: str


@frozen
class DeskReady(Value):
    """Recovery is done: the desk and the broker agree, and alerts are taken from here on."""

    open_trades: int
    working_orders: int


Decision = (
    AlertIgnored
    | AlertRead
    | Denied
    | ChecksPassed
    | EntrySized
    | LadderMoved
    | OrderFilled
    | OrderEnded
    | EntryFinished
    | ExitWithheld
    | CloseFinished
    | TradeClosed
    | PositionTakenOver
    | PositionReturned
    | SessionStarted
    | TradingHalted
    | TradingResumed
    | AllowlistChanged
    | DeliveryGivenUp
    | RequestRefused
    | DeskReady
)
