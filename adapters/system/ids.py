"""Trade ids: short, in order of time, and never given twice."""

import secrets
from collections.abc import Callable
from datetime import datetime

from ports.ids import TradeIds

# Crockford's base 32: no I, L, O, U, so that an id can be read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TIME_DIGITS = 9
CHANCE_DIGITS = 4


class TimedTradeIds(TradeIds):
    """T, nine digits of milliseconds, four of chance: 14 characters that sort by time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def next(self) -> str:
        milliseconds = int(self._now().timestamp() * 1000)
        chance = secrets.randbelow(len(ALPHABET) ** CHANCE_DIGITS)
        return f"T{_digits(milliseconds, TIME_DIGITS)}{_digits(chance, CHANCE_DIGITS)}"


class CountedTradeIds(TradeIds):
    """T1, T2, T3 …: for one run on a log of its own, where the same seed shall give the same names."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return f"T{self._count}"


def _digits(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
