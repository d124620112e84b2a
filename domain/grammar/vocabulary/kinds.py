"""The kinds of token the grammar knows, and the token itself. What each kind does is decided in `steps`."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    # What an order is made of.
    VERB = "verb"
    SYMBOL = "symbol"
    FUTURE = "future"
    CONTRACT = "strike+right"
    RIGHT = "right"
    NUMBER = "number"
    MONEY = "money"
    RANGE = "range"
    DATE = "date"
    RATIO = "ratio"  # 12/05 or 1/2: its place decides
    EXPIRY = "relative expiry"
    VAGUE_EXPIRY = "vague expiry"
    MONTH = "month"
    ORDINAL = "ordinal"
    QUANTITY = "quantity"
    QUANTITY_FIELD = "quantity field"
    UNIT = "unit"
    SHARES = "shares"
    FRACTION = "fraction"
    PERCENT = "percent"
    AT = "at"
    MARKET = "market"
    BREAK_EVEN = "break even"
    FIELD = "field"
    LABEL = "label"
    TAG = "tag"
    STOP = "stop"
    TARGET = "target"
    TRAIL = "trail"
    SPREAD = "spread"
    EFFECT = "debit or credit"
    # What may stand around an order.
    CONNECTIVE = "connective"
    NEUTRAL = "remark"
    HEADER = "header"
    FROM = "from"
    GAIN = "gain"
    RESULT = "result"
    QUOTE = "quote"
    REMAINS = "remains"
    LATER = "later"
    UP = "up"
    UNDERLYING = "underlying"
    # What makes a message something else. Each has its refusal in `refusals`.
    NEGATION = "negation"
    QUESTION = "question"
    CONDITION = "condition"
    PLAN = "plan"
    RECAP = "recap"
    STOP_MOVE = "stop move"
    ADD = "add"
    ANALYSIS = "analysis"
    ADVERTISEMENT = "advertisement"
    INSTRUCTION = "instruction"
    # Form.
    COLON = "colon"
    COMMA = "comma"
    SLASH = "slash"
    DASH = "dash"
    PLUS = "plus"
    ARROW = "arrow"
    OPENING = "opening bracket"
    CLOSING = "closing bracket"
    BREAK = "break"
    QUOTED = "quoted"
    WORD = "unknown word"
    MARK = "unreadable"
    TOO_MANY = "too many words"
    END = "end"


class Token(NamedTuple):
    """A piece of the message. `value` is its plain form: digits without `$`, `78P`, `2025-12-05`, a verb's name."""

    kind: Kind
    text: str
    value: str
