"""Everything the desk can ask of the world, as a closed union. Commands are appended to the log, then dispatched.

`WORLD` names those that change something outside: what they rest on is durable before they go out. The others are
questions, and wait for nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeGuard, get_args

from attrs import field, frozen

from domain.instruments import Contract, ContractQuery
from domain.messages import Source
from domain.orders import Order
from domain.value import Value
from domain.verdicts import AnswerStatus, Severity


@frozen
class ResolveContract(Value):
    trade_id: str
    query: ContractQuery


@frozen
class ReadQuote(Value):
    trade_id: str
    contract: Contract


@frozen
class ReadAccount(Value):
    trade_id: str | None


@frozen
class ReadBroker(Value):
    """Read orders since `since`, positions: the answer is one BrokerRead."""

    since: datetime


@frozen
class SubmitOrder(Value):
    trade_id: str
    order: Order


@frozen
class ValidateOrder(Value):
    """Have the broker check the order without placing it."""

    trade_id: str
    order: Order


@frozen
class ReplaceOrder(Value):
    """Replace the working `replaced` by `order`, which differs from it in price only."""

    trade_id: str
    order: Order
    replaced: Order


@frozen
class CancelOrder(Value):
    trade_id: str
    order: Order


@frozen
class StartTimer(Value):
    """Fire `TimerFired(timer_id)` at `due_at`. A timer of the same id is replaced."""

    timer_id: str
    due_at: datetime


@frozen(kw_only=True)
class Reply(Value):
    """Tell the author's channel what was done, or why nothing was.

    The first reply to a message has a `status` and answers whoever waits for it; later ones are news, status None.
    `facts` repeats the numbers of `text` for machines: order ids, quantity, entry price, exit price, reason code.
    `delivery_id` names it in the outbox: at most 25 characters, the same at every try.
    """

    delivery_id: str
    trade_id: str
    message_id: str
    channel_id: int
    source: Source
    text: str
    status: AnswerStatus | None = None
    reason: str | None = None
    facts: Mapping[str, str | int | Decimal | None] = field(factory=dict)


@frozen
class Notify(Value):
    """Tell the operator. `delivery_id` names it in the outbox: at most 25 characters, the same at every try."""

    delivery_id: str
    severity: Severity
    text: str
    trade_id: str | None = None


@frozen
class RefreshAuthorization(Value):
    by: str


Command = (
    ResolveContract
    | ReadQuote
    | ReadAccount
    | ReadBroker
    | SubmitOrder
    | ValidateOrder
    | ReplaceOrder
    | CancelOrder
    | StartTimer
    | Reply
    | Notify
    | RefreshAuthorization
)
COMMANDS = frozenset(get_args(Command))
WORLD = frozenset({SubmitOrder, ValidateOrder, ReplaceOrder, CancelOrder, Reply, Notify, RefreshAuthorization})


def is_command(said: object) -> TypeGuard[Command]:
    """Return whether what a step says is a command, and no decision: by its type, for it is asked for every row."""
    return type(said) in COMMANDS
