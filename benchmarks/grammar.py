# noqa: INP001 (run as a module, no package)
"""How fast messages are read, beside a floor: one compiled pattern over the core forms, in the same run.

The floor searches a message for a core form and takes its fields out as text. It resolves no date, checks nothing and
has no reasons; it is what reading cannot cost less than.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from benchmarks.figures import Figure, figure
from domain.calendar import TradingCalendar
from domain.grammar import read

FLOOR = re.compile(
    r"(?:(?P<label>alert|super lotto|lotto|swing|day trade) ?: *)?"
    r"\b(?P<action>bto|stc|buy|sell)\s+(?:(?P<quantity>\d{1,4}|\d/\d)\s+)?\$?(?P<symbol>[a-z]{1,5})\s+"
    r"\$?(?P<strike>\d+(?:\.\d+)?)(?P<right>[cp])\s+(?P<expiry>\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{1,2}dte)"
    r"(?:\s+@?\s*\$?(?P<price>\d*\.\d+|\d+))?",
    re.IGNORECASE,
)
TURNS = 30
POSTED_ON = date(2025, 11, 24)
CORE = [
    *(f"Alert: BTO {symbol} {strike}p 12/05 @ 0.75" for symbol, strike in (("UBER", 78), ("DELL", 120), ("ROKU", 95))),
    *(
        f"BTO {symbol} {strike}c 12/19 @ 1.2{strike % 9}"
        for symbol, strike in (("MSFT", 510), ("PLTR", 165), ("QQQ", 605))
    ),
    *(f"Super Lotto: BTO {symbol} {strike}c 1DTE @ 0.93" for symbol, strike in (("TSLA", 400), ("NVDA", 180))),
    *(f"BUY {symbol} 62.5p 12/12 0.94" for symbol in ("PYPL", "SHOP", "RBLX")),
    *(f"STC {quantity} AMD 220c 1/16/26 @ 2.50" for quantity in (1, 3, 10)),
    *(f"SELL {symbol} 245p 12/05 @ 2.10" for symbol in ("IWM", "AAPL")),
    *(f"bto {symbol} 78p 12/05" for symbol in ("uber", "wmt")),
]
CHATTER = [
    "good morning everyone, big day ahead",
    "nice one team, see you tomorrow 🚀🚀",
    "SPY looks heavy here, watching vwap",
    "anyone else having issues with the app today?",
    "holding my runners overnight, patience pays",
    "that was a great trade, congrats to all who took it",
    "FOMC at 2pm so expect some chop until then",
    "I like the setup on semis but volume is light",
    "lol this tape is something else",
    "taking the afternoon off, be careful out there",
    "TSLA rejecting the 200 day again, not touching it",
    "what a close, earnings after the bell tonight",
    "the market has been closing strong all week",
    "up 40% on the week, time to slow down",
    "can somebody share the link to the webinar",
    "wow, semis are ripping into the close",
    "remember to size down on Fridays and respect your stops",
    "gm",
]
ALL = [*CHATTER * 5, *CORE * 1][: len(CHATTER) * 5 + len(CHATTER) * 5 // 9]  # nine messages in ten are chatter


def floor(text: str) -> dict[str, str | None] | None:
    """Return the fields of a core form as text."""
    match = FLOOR.search(text)
    return None if match is None else match.groupdict()


def rounds_of(work: Callable[[str], object], texts: Sequence[str], rounds: int) -> list[float]:
    """Return the microseconds a message took, one figure a round."""
    figures = []
    for _ in range(rounds):
        before = time.perf_counter_ns()
        for text in texts:
            work(text)
        figures.append((time.perf_counter_ns() - before) / 1000 / len(texts))
    return figures


def measure() -> Iterator[Figure]:
    """Return a figure a corpus; both are timed in turns, so that they meet the same machine."""
    calendar = TradingCalendar()

    def grammar(text: str) -> object:
        return read(text, POSTED_ON, calendar)

    for name, texts, bar in (("core forms", CORE, 10.0), ("chatter", CHATTER, 1.0), ("nine to one", ALL, None)):
        rounds_of(grammar, texts, 5)
        floors: list[float] = []
        grammars: list[float] = []
        for _ in range(TURNS):
            floors += rounds_of(floor, texts, 10)
            grammars += rounds_of(grammar, texts, 10)
        yield figure(f"reading {name}", grammars, "us", floor=floors, floor_name="one compiled regex", bar=bar)
