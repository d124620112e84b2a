"""Chance by seed: numbers that depend on nothing but a seed and a key, so that any can be asked for at any time.

There is no generator with a state here: what is drawn for one order never depends on how much was drawn for another.
"""

import math
from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=65536)
def draw(seed: int, *key: str | int) -> float:
    """Return a number in [0, 1), evenly spread over the keys."""
    text = "|".join(map(str, (seed, *key)))
    return (int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 11) / 2**53


def between(low: float, high: float, seed: int, *key: str | int) -> float:
    """Return a number in [low, high), evenly spread over the keys."""
    return low + (high - low) * draw(seed, *key)


def wave(seconds: float, period: int, seed: int, *key: str | int) -> float:
    """Return smooth noise in [-1, 1] at an instant: a new value every `period` seconds, with soft curves between.

    The cost does not depend on how far ahead the instant is.
    """
    periods = seconds / period
    before = math.floor(periods)
    low, high = _ends(seed, period, before, *key)
    share = (1 - math.cos(math.pi * (periods - before))) / 2
    return 2 * (low + (high - low) * share) - 1


@lru_cache(maxsize=16384)
def _ends(seed: int, period: int, before: int, *key: str | int) -> tuple[float, float]:
    return draw(seed, *key, period, before), draw(seed, *key, period, before + 1)
