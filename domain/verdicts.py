"""The desk's closed vocabularies: why it denied, why it halted, and what it answers to a message."""

from enum import StrEnum


class DenialCode(StrEnum):
    """Why our own check said no. The value is stable and explained in docs/errors.md."""

    # gate
    NOT_ALLOWED = "not_allowed"
    REPLY = "reply"
    FORWARD = "forward"
    EDIT = "edit"
    SYSTEM_MESSAGE = "system_message"
    DIRECT_MESSAGE = "direct_message"
    BOT = "bot"
    OWN_MESSAGE = "own_message"
    DUPLICATE = "duplicate"
    DUPLICATE_CONTRACT = "duplicate_contract"
    ALREADY_HELD = "already_held"
    STALE = "stale"
    FROM_THE_FUTURE = "from_the_future"
    TOO_MANY_WAITING = "too_many_waiting"
    TOO_MANY_ALERTS_DAY = "too_many_alerts_day"
    # alert and contract
    UNSUPPORTED_ACTION = "unsupported_action"
    INSTRUMENT_DISABLED = "instrument_disabled"
    NO_SUCH_CONTRACT = "no_such_contract"
    CLOSING_ONLY = "closing_only"
    PAST_CUT_OFF = "past_cut_off"
    MARKET_CLOSED = "market_closed"
    # risk
    HALTED = "halted"
    NO_PRICE = "no_price"
    QUOTE_ONE_SIDED = "quote_one_sided"
    QUOTE_CROSSED = "quote_crossed"
    QUOTE_STALE = "quote_stale"
    SPREAD_TOO_WIDE = "spread_too_wide"
    PRICE_OFF_MARKET = "price_off_market"
    PRICE_BELOW_TICK = "price_below_tick"
    TOO_MANY_POSITIONS = "too_many_positions"
    TOO_MANY_ENTRIES_DAY = "too_many_entries_day"
    TOO_MANY_ENTRIES_MINUTE = "too_many_entries_minute"
    TOO_MANY_ENTRIES_AUTHOR = "too_many_entries_author"
    PREMIUM_AT_RISK = "premium_at_risk"
    DAY_LOSS = "day_loss"
    UNRESOLVED_ORDER = "unresolved_order"
    NO_BALANCE = "no_balance"
    READ_FAILED = "read_failed"
    # size
    ALLOCATION_TOO_SMALL = "allocation_too_small"
    INSUFFICIENT_BUYING_POWER = "insufficient_buying_power"
    # exits
    SOLD_BEFORE_BOUGHT = "sold_before_bought"
    NO_POSITION = "no_position"
    AMBIGUOUS_POSITION = "ambiguous_position"
    NOTHING_LEFT = "nothing_left"
    UNCLEAR_FRACTION = "unclear_fraction"
    CLOSE_IN_PROGRESS = "close_in_progress"
    # broker
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    WITHHELD = "withheld"
    UNAUTHORIZED = "unauthorized"
    ABANDONED = "abandoned"
    # operator
    NO_SUCH_ORDER = "no_such_order"
    NOT_WORKING = "not_working"


class HaltCause(StrEnum):
    """Why entries stopped. AUTHORIZATION ends by itself when the authorization is back, the others need a person."""

    OPERATOR = "operator"
    DOCTOR = "doctor"
    AUDIT_DAMAGED = "audit_damaged"
    CLOCK = "clock"
    DAY_LOSS = "day_loss"
    REJECTS = "rejects"
    UNKNOWN_OUTCOMES = "unknown_outcomes"
    AUTHORIZATION = "authorization"
    POSITION_MISMATCH = "position_mismatch"
    BROKER_CONTRACT = "broker_contract"
    ORDER_CHECK = "order_check"


class AnswerStatus(StrEnum):
    """The first answer to a message; what comes after it is news."""

    PLACED = "placed"
    DENIED = "denied"
    IGNORED = "ignored"
    DRY_RUN = "dry_run"
    DUPLICATE = "duplicate"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    PAGE = "page"


class LadderMove(StrEnum):
    """What a rung of the ladder did."""

    STEP = "step"
    CONVERT = "convert"
    HOLD = "hold"  # already marketable
    SKIP = "skip"  # a step would pass the chase limit, or the quote is not fit to act on
    CLOSE_OUT = "close_out"  # a seller's last move at the window's end
