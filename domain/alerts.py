"""What a message says, once read: an alert with its fields as written, or the reason why it is none.

Values only. Reading text is `domain.grammar`, acting on an alert is `domain.desk`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from domain.value import Value


class Action(StrEnum):
    """What the author did. Only BTO and STC are ever traded; the others are recognised so that they can be denied."""

    BUY_TO_OPEN = "BTO"
    SELL_TO_CLOSE = "STC"
    SELL_TO_OPEN = "STO"
    BUY_TO_CLOSE = "BTC"
    SPREAD_OPEN = "SPREAD_OPEN"
    SPREAD_CLOSE = "SPREAD_CLOSE"


class InstrumentKind(StrEnum):
    OPTION = "option"
    EQUITY = "equity"
    FUTURE = "future"
    FUTURE_OPTION = "future_option"


class Right(StrEnum):
    CALL = "CALL"
    PUT = "PUT"


class PriceType(StrEnum):
    LIMIT = "limit"
    MARKET = "market"
    RANGE = "range"


class RelativeExpiry(StrEnum):
    """An expiry given by a word. WEEKLY and THIS_FRIDAY are the week's last session."""

    WEEKLY = "weekly"
    THIS_FRIDAY = "this_friday"
    FRIDAY = "friday"
    THURSDAY = "thursday"
    WEDNESDAY = "wednesday"
    TUESDAY = "tuesday"
    MONDAY = "monday"
    TOMORROW = "tomorrow"


@frozen
class MonthDay(Value):
    """An expiry written without its year."""

    month: int
    day: int


@frozen
class DaysToExpiry(Value):
    """An expiry counted in trading sessions: 0 is the posting day itself."""

    sessions: int


ExpiryAsWritten = date | MonthDay | DaysToExpiry | RelativeExpiry


@frozen
class Level(Value):
    """A stop or a target: a number (or the words that stood for one) and what it is measured in."""

    value: str
    basis: str  # premium | price | underlying | percent | text
    trail: str | None = None


@frozen
class Leg(Value):
    """One leg of a recognised spread. Never traded alone."""

    action: Action
    strike: Decimal | None
    right: Right | None
    expiry: ExpiryAsWritten | None = None
    ratio: int = 1


@frozen(kw_only=True)
class Alert(Value):
    """One order as its author wrote it.

    Prices are per share (a premium of 0.75 costs 75 dollars a contract), `quantity` is in contracts or shares.
    `expiry` is what was written, `expires_on` the date it means, seen from the New York day of the posting.
    `fraction` is as written: "1/2", "50%", "all", "partial", "most". `habits` names the rules of the channel's
    profile that this reading needed, as `profile: rule`; without them it would have been refused.
    """

    action: Action
    symbol: str
    instrument: InstrumentKind | None
    strike: Decimal | None = None
    right: Right | None = None
    expiry: ExpiryAsWritten | None = None
    expires_on: date | None = None
    quantity: int | None = None
    fraction: str | None = None
    price: Decimal | None = None
    price_type: PriceType | None = None
    price_low: Decimal | None = None
    price_high: Decimal | None = None
    label: str | None = None
    stop: Level | None = None
    targets: tuple[Level, ...] = ()
    tags: tuple[str, ...] = ()
    legs: tuple[Leg, ...] = ()
    price_effect: str | None = None  # debit | credit, of several legs
    needs_position: bool = False
    habits: tuple[str, ...] = ()

    @property
    def is_entry(self) -> bool:
        return self.action in {Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.SPREAD_OPEN}


class Refusal(StrEnum):
    """Why a message is not an alert. The value is a stable code, explained in docs/grammar.md."""

    NO_ORDER = "no_order"
    UNKNOWN_WORDS = "unknown_words"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    QUESTION = "question"
    NEGATED = "negated"
    PLAN = "plan"
    RECAP = "recap"
    QUOTED = "quoted"
    STOP_MOVE = "stop_move"
    ANALYSIS = "analysis"
    ADVERTISEMENT = "advertisement"
    INSTRUCTION = "instruction"
    NO_VERB = "no_verb"
    NO_EXPIRY = "no_expiry"
    NO_SIDE = "no_side"
    NO_STRIKE = "no_strike"
    NO_SYMBOL = "no_symbol"
    CONDITIONAL = "conditional"
    SEVERAL_ORDERS = "several_orders"
    ADD = "add"
    VAGUE_EXPIRY = "vague_expiry"
    BAD_EXPIRY = "bad_expiry"
    STALE_EXPIRY = "stale_expiry"
    BAD_PRICE = "bad_price"
    BAD_VALUE = "bad_value"
    UNCLEAR_PRICE = "unclear_price"
    UNCLEAR_INSTRUMENT = "unclear_instrument"
    UNCLEAR_EXIT = "unclear_exit"
    MALFORMED = "malformed"


@frozen
class NotAnAlert(Value):
    """The reading ended here. `detail` names the words that decided it, for `explain` and the audit."""

    reason: Refusal
    detail: str = ""
