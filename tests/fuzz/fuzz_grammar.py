"""Throw made-up messages at the grammar: pieces of alerts in any order, damaged alerts, and any characters at all.

`python -m tests.fuzz.fuzz_grammar --inputs 1000000 --seed 1` prints how many were read, every exception, and the worst
time with the text that took it. The same seed makes the same inputs. Exit code 1 after an exception.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

from domain.alerts import Alert, NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read

_PIECES = (
    "BTO STC BUY SELL SOLD BOUGHT STO BTC trim closing out all of half 1/2 50% the rest Alert: Lotto: SPY $TSLA",
    "/ESZ5 NQ BRK.B 680c 78p $285 calls put 12/05 1/16/26 2025-12-19 19DEC25 Dec 19th 0DTE weekly friday",
    "tomorrow monthly @ at .75 1.20 $3 2 x5 qty 3 1.10-1.20 m market SL 0.80 TP 2 PT: 3.9TS10% -> +85% ( ) [SMALL]",
    ", . ! ? - + / : ~~ ❌ ✅ 🚀 not never if when will yesterday from to and or 680/685 spread straddle debit Price:",
    "Strike: Qty: @here <@&123> :fire: https://x.io # * _ ` | ' 0 00 9999999999 1/2/3 1..2 .1.01 5oo ½ ² 𝗕𝗧𝗢 ВТО",
    'ＳＰＹ \u200b \u202e > "',
)
PIECES = ("\n", *(piece for row in _PIECES for piece in row.split()))
SAMPLES = (
    "Alert: BTO UBER 78p 12/05 @ 0.75",
    "STC 1/2 DELL 260c 1DTE @ 1.93, leaving 1 runner",
    "BTO AMZN 235c 12/12 @ 2.45, will add at 1.80, out at 1.40",
    "Action: BTO\nSymbol: SPY\nStrike: 680\nType: Call\nExpiry: 12/05/2025\nPrice: 1.20",
    "SELL SPY 660/655/700/705 IC 12/05 @ 1.10 credit",
)
HOSTILE = (
    "1",
    "a",
    "1/",
    "$",
    " ",
    "\n",
    "a1",
    ".",
    "1.",
    "@",
    "-",
    "x",
    "<",
    ":a",
    "1,000",
    "c1",
    "1-",
    "🚀",
    "\u200b",
    "(",
    "12/",
)
TEXT_MAX = 4000
UNICODE_MAX = 0x110000
CALENDAR = TradingCalendar()
FIRST_DAY = date(2025, 1, 1)
SURROGATES = range(0xD800, 0xE000)
PROFILE = ChannelProfile(
    name="fuzz", no_verb_is_entry=True, zero_dte_symbols=("SPY",), quoted_is_alert=True, entry_verbs=("in",)
)


def messages(count: int, seed: int) -> Iterator[str]:
    """Yield `count` texts, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    makers = (_pieces, _pieces, _damaged, _damaged, _anything, _hostile)
    for number in range(count):
        yield makers[number % len(makers)](chance)


def _pieces(chance: random.Random) -> str:
    return chance.choice((" ", " ", " ", "")).join(chance.choices(PIECES, k=chance.randint(1, 14)))


def _damaged(chance: random.Random) -> str:
    """Return a sample with a few characters dropped, doubled, swapped or replaced."""
    text = list(chance.choice(SAMPLES))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        text[at : at + 1] = chance.choice(([], [text[at]] * 2, [chance.choice(chance.choice(PIECES) or " ")]))
        if not text:
            break
    return "".join(text)


def _anything(chance: random.Random) -> str:
    points = (chance.randrange(UNICODE_MAX) for _ in range(chance.randint(0, 30)))
    return "".join(chr(point) for point in points if point not in SURROGATES)


def _hostile(chance: random.Random) -> str:
    """Return what makes a careless pattern slow: one piece again and again, now and then to the full length."""
    piece = chance.choice(HOSTILE) + chance.choice(("", "", chance.choice(HOSTILE)))
    length = TEXT_MAX if chance.random() < 0.01 else chance.randint(1, 60)
    return ("BTO SPY " * chance.randint(0, 1) + piece * length)[:length]


def main() -> int:
    """Run the inputs, print what happened, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    alerts = exceptions = worst = 0
    worst_text = ""
    began = time.perf_counter()
    for number, text in enumerate(messages(options.inputs, options.seed)):
        try:
            outcome, taken = _read(number, text)
            alerts += isinstance(outcome, Alert)
        except Exception as error:  # noqa: BLE001 (any exception is what is looked for)
            exceptions += 1
            print(f"{type(error).__name__}: {error}: {text!r}")  # noqa: T201
            continue
        if taken > worst:  # again, so that what the machine did meanwhile is not counted
            taken = min(taken, *(_read(number, text)[1] for _ in range(3)))
        if taken > worst:
            worst, worst_text = taken, text
    print(f"inputs {options.inputs}, seed {options.seed}, {time.perf_counter() - began:.1f} s")  # noqa: T201
    print(f"alerts {alerts}, exceptions {exceptions}")  # noqa: T201
    print(f"worst {worst / 1e6:.2f} ms: {len(worst_text)} characters, {worst_text[:60]!r}")  # noqa: T201
    return 1 if exceptions else 0


def _read(number: int, text: str) -> tuple[Alert | NotAnAlert, int]:
    """Return the reading and the processor time it took, in nanoseconds."""
    day = FIRST_DAY + timedelta(days=number % 730)
    profile = PROFILE if number % 2 else DEFAULT_PROFILE
    before = time.thread_time_ns()
    outcome = read(text, day, CALENDAR, profile)
    taken = time.thread_time_ns() - before
    assert isinstance(outcome, Alert | NotAnAlert)
    return outcome, taken


if __name__ == "__main__":
    sys.exit(main())
