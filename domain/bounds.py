"""What the desk holds at most, and what a number from outside may be. docs/limits.md says what happens beyond it.

These are not settings: they lie far beyond a trading day, and keep a flood or a faulty sender from being one.
"""

from decimal import Decimal

# Messages that wait while the desk recovers; alerts whose questions are out; alerts that are acted on in a day.
MAX_WAITING = 1_000
MAX_CANDIDATES = 100
MAX_ALERTS_DAY = 5_000
# Replies and notices that are not delivered yet, and the characters of one.
MAX_OUTBOX = 2_000
MAX_TEXT = 1_800

# Per share; in one fill or in a broker's count of an order; dollars in an account.
MAX_PRICE = Decimal(1_000_000)
MAX_CONTRACTS = 100_000
MAX_MONEY = Decimal(10) ** 12


def is_price(value: Decimal) -> bool:
    """Return whether a price can be one: a number from 0 to MAX_PRICE."""
    return value.is_finite() and 0 <= value <= MAX_PRICE


def is_money(value: Decimal) -> bool:
    """Return whether an amount can be one: a number of at most MAX_MONEY either way."""
    return value.is_finite() and abs(value) <= MAX_MONEY


def is_count(value: int) -> bool:
    """Return whether a number of contracts can be one."""
    return 1 <= value <= MAX_CONTRACTS


def cut(text: str) -> str:
    """Return a text of at most MAX_TEXT characters; what is longer ends in an ellipsis."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
