"""The order being read: slots that the steps fill, one token after another."""

from collections.abc import Callable
from decimal import Decimal

from attrs import define

from domain.alerts import ExpiryAsWritten, Level, NotAnAlert, Refusal
from domain.grammar.vocabulary.kinds import Token
from domain.grammar.vocabulary.verbs import Verb

Outcome = int | NotAnAlert  # where reading goes on, or the refusal that ends it
Step = Callable[["Order", list[Token], int], Outcome]


FRACTIONS = frozenset({"1/2", "1/3", "2/3", "1/4", "3/4"})  # any other ratio is a date


@define(eq=False)
class Order:
    """What has been read so far.

    `closed`: a remark has begun, so that loose data can no longer belong to the order.
    """

    verb: Verb | None = None
    verb_text: str = ""
    symbol: str | None = None
    cashtag: bool = False
    symbol_first: bool = False  # before the verb: "NFLX all out 520c"
    future: bool = False
    strike: Decimal | None = None
    right: str | None = None
    verb_field: bool = False  # a card named its verb after other fields
    loose: str | None = None  # a number where the strike stands, without a side
    expiry: ExpiryAsWritten | None = None
    expiry_text: str = ""
    second_expiry: ExpiryAsWritten | None = None
    second_expiry_text: str = ""
    quantity: int | None = None
    shares: bool = False
    fraction: str | None = None
    doubtful_ratio: str | None = None
    price: Decimal | None = None
    whole: bool = False  # the price is written without decimals
    price_low: Decimal | None = None
    market: bool = False
    head_labels: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    stop: Level | None = None
    targets: tuple[Level, ...] = ()
    tags: tuple[str, ...] = ()
    habits: tuple[str, ...] = ()
    closed: bool = False
    remarks: int = 0
    strikes: tuple[tuple[str, str | None], ...] = ()  # several, with their sides
    joined: bool = False  # the strikes are joined by "+"
    structure: str | None = None
    effect: str | None = None  # debit | credit
    closes_long: bool = False
    old_entry: bool = False
    keeps: bool = False  # a part of the position stays
    about_rest: bool = False  # a stop or what stays was told: a fraction after it is not what is sold
    gains: bool = False  # what was won or lost is told
    certain: bool = False

    @property
    def opens(self) -> bool:
        return self.verb is not None and self.verb.opens

    @property
    def priced(self) -> bool:
        return self.price is not None or self.market

    @property
    def complete(self) -> bool:
        """Say whether enough was read for a remark to follow."""
        if self.symbol is None:
            return False
        named = self.strike is not None or bool(self.strikes) or self.priced
        return named or self.certain or (self.verb is not None and self.verb.certain)


def refuse(reason: Refusal, token: Token | str) -> NotAnAlert:
    """Return the refusal, naming the words that decided it."""
    return NotAnAlert(reason, token if isinstance(token, str) else token.text)


def is_whole(number: str) -> bool:
    return number.isdigit()


def positive(number: str) -> bool:
    return Decimal(number) > 0


def plain_strike(number: str) -> str:
    """Return a strike without trailing zeros: $365.00 is the strike 365."""
    return number.rstrip("0").rstrip(".") if "." in number else number
