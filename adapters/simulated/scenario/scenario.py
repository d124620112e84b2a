"""A scripted market: what it quotes, fills, refuses and loses, as values. An empty scenario is the plain seeded market.

Every rule names whom it is for (contract, side, role) and how often it acts; the first rule that applies decides. The
file format is `scenario_file`; keeping count of what has been used up is `script`.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from domain.events import Operation
from domain.instruments import Contract
from domain.orders import OrderRole, Side
from domain.quotes import Quote
from domain.value import Value

ANY = "*"
WITHOUT_DELAY = timedelta(0)


class LostAnswer(StrEnum):
    """What became of a request whose answer the caller never sees, or of one that never left."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    NOT_SENT = "not_sent"


class Read(StrEnum):
    """A question that can be made to fail."""

    QUOTE = "quote"
    CONTRACT = "contract"
    BALANCES = "balances"
    POSITIONS = "positions"
    ORDERS = "orders"
    AUTHORIZATION = "authorization"


class AfterPartialFill(StrEnum):
    """What a replace of an order that has fills already does: the broker's documents leave it open."""

    REFUSE = "refuse"
    TOTAL = "total"  # the new order works the whole quantity once more
    REMAINING = "remaining"  # the new order works what is left


@frozen(kw_only=True)
class Rule(Value):
    """Whom a rule is for. `contract` is a broker symbol, a label such as `UBER 78p 2026-12-05`, an underlying, or `*`.

    The first `skip` occasions pass it by, then it acts `times` times, or always where that is None.
    """

    contract: str = ANY
    side: Side | None = None
    role: OrderRole | None = None
    skip: int = 0
    times: int | None = None

    def is_for(self, contract: Contract | None, side: Side | None, role: OrderRole | None) -> bool:
        return (
            (self.contract == ANY or (contract is not None and names(self.contract, contract)))
            and self.side in {None, side}
            and self.role in {None, role}
        )


@frozen(kw_only=True)
class QuoteStep(Value):
    """The book from `after` the contract's first use on. No bid and no ask is no quote at all; `age` makes it stale."""

    after: timedelta = WITHOUT_DELAY
    bid: Decimal | None = None
    ask: Decimal | None = None
    age: timedelta = WITHOUT_DELAY

    def quote(self, now: datetime) -> Quote | None:
        return None if self.bid is None and self.ask is None else Quote(self.bid, self.ask, now - self.age)


@frozen(kw_only=True)
class QuoteScript(Value):
    """A contract's quotes over time, in rising order of `after`. `settles_at` is what it is worth when it expires."""

    contract: str = ANY
    steps: tuple[QuoteStep, ...] = ()
    settles_at: Decimal | None = None


@frozen(kw_only=True)
class Execution(Value):
    """A scripted fill, `after` the order was accepted. Quantity None is all that is left, price None the limit.

    A price that is worse than the limit is brought to the limit.
    """

    after: timedelta = WITHOUT_DELAY
    quantity: int | None = None
    price: Decimal | None = None


@frozen(kw_only=True)
class FillRule(Rule):
    """Fills that replace those by the book. None at all is an order that never fills."""

    executions: tuple[Execution, ...] = ()


@frozen(kw_only=True)
class RejectRule(Rule):
    """A refusal: in the answer, or `after` a while, when the order has been accepted already."""

    reason: str = "rejected: the scenario says so"
    after: timedelta | None = None


@frozen(kw_only=True)
class CancelRule(Rule):
    """What a cancel request meets: a refusal, a fill that comes first, an end that takes longer than usual."""

    refuse: str | None = None
    fill: Execution | None = None
    takes: timedelta | None = None


@frozen(kw_only=True)
class ReplaceRule(CancelRule):
    """The same for a replace request. Any fill of the original aborts the replacement."""


@frozen(kw_only=True)
class AnswerRule(Rule):
    """An answer that gets lost.

    `arrives_after`: how late an accepted order reaches the broker, or an accepted replace or cancel takes effect.
    """

    operation: Operation = Operation.SUBMIT
    outcome: LostAnswer = LostAnswer.ACCEPTED
    arrives_after: timedelta = WITHOUT_DELAY


@frozen(kw_only=True)
class ReportRule(Rule):
    """How often an order's report comes (0 is lost, 2 a duplicate), and how much later than usual."""

    copies: int = 2
    delay: timedelta = WITHOUT_DELAY


@frozen(kw_only=True)
class ReadRule(Rule):
    """A read that fails. `forbidden` is for AUTHORIZATION: refused for good instead of out of reach."""

    read: Read = Read.BALANCES
    times: int | None = 1
    forbidden: bool = False


@frozen(kw_only=True)
class Scenario(Value):
    quotes: tuple[QuoteScript, ...] = ()
    fills: tuple[FillRule, ...] = ()
    rejects: tuple[RejectRule, ...] = ()
    cancels: tuple[CancelRule, ...] = ()
    replaces: tuple[ReplaceRule, ...] = ()
    answers: tuple[AnswerRule, ...] = ()
    reports: tuple[ReportRule, ...] = ()
    reads: tuple[ReadRule, ...] = ()
    replace_after_partial_fill: AfterPartialFill = field(default=AfterPartialFill.REFUSE)


def names(pattern: str, contract: Contract) -> bool:
    """Return whether `pattern` is the contract's symbol, its label, its underlying, or `*`."""
    return pattern in {ANY, contract.symbol, contract.label, contract.underlying}
