"""What a contract is worth at an instant: a pure function of seed, contract, instant and anchor.

Noise at several time scales stands for a random walk, so that any instant costs the same, however far ahead. An option
loses its time value with the square root of the time left and is worth its gain over the first price when it expires.
Floating point ends here: what leaves is on the tick grid.
"""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from attrs import frozen

from adapters.simulated.market.chance import between, draw, wave
from adapters.simulated.market.products import FUTURES, future_root
from domain.alerts import InstrumentKind
from domain.instruments import Contract
from domain.value import Value

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
# (period in seconds, amplitude of the logarithm) for options; everything else moves a fraction of that
SCALES = ((120, 0.004), (1_800, 0.1), (14_400, 0.5), (172_800, 0.7))
CALMER = {InstrumentKind.OPTION: 1.0, InstrumentKind.EQUITY: 0.06, InstrumentKind.FUTURE: 0.03}
CHOP_PERIOD, CHOP_TICKS = 9, 0.6
CALM, SETTLED = 120, 1_200  # seconds for which an anchored price stays near its anchor, and until it moves freely
RUNAWAY_SHARE, RUNAWAY_TICKS, RUNAWAY_PERIOD = 0.12, 8, 60
WIDTH_PERIOD = 300
SMALL_TICKS = 10  # below so many ticks one tick more is a tenth of the price
REFERENCE_LIFE = timedelta(days=30)
NOTHING = Decimal(0)
CENT_OF_A_CENT = Decimal("0.0001")


@frozen
class Anchor(Value):
    """The price at which a contract was first named. The first of a market is `calm`: it never runs away."""

    price: Decimal
    at: datetime
    calm: bool


def book_at(seed: int, contract: Contract, at: datetime, anchor: Anchor | None) -> tuple[Decimal, Decimal]:
    """Return (bid, ask) on the contract's grid: one tick or more apart, and the bid at least one tick."""
    ticks = contract.ticks
    worth = reference(seed, contract, at, anchor)
    tick = ticks.tick_at(worth)
    width = 1 + int(2 * draw(seed, contract.symbol, "width", int(_seconds(at) // WIDTH_PERIOD)))
    half = tick * width / 2
    bid = ticks.floor(worth - half) or ticks.bands[0].tick
    ask = ticks.ceil(worth + half)
    return bid, ask if ask > bid else ticks.up(bid)


def reference(seed: int, contract: Contract, at: datetime, anchor: Anchor | None) -> Decimal:
    """Return the unrounded price between bid and ask, above zero."""
    second = at.replace(microsecond=0)
    base = float(anchor.price) if anchor is not None else _typical(seed, contract)
    worth = base * _shape(seed, contract, second, anchor)
    tick = float(contract.ticks.tick_at(Decimal(f"{worth:.6f}")))
    wobble = CHOP_TICKS * wave(_seconds(second), CHOP_PERIOD, seed, contract.symbol, "chop")
    if anchor is not None:
        wobble += 0.5 if anchor.price >= SMALL_TICKS * contract.ticks.bands[0].tick else -0.5
        wobble += _runaway(seed, contract, (second - anchor.at).total_seconds(), calm=anchor.calm)
    return max(Decimal(f"{worth + wobble * tick:.6f}"), CENT_OF_A_CENT)


def intrinsic(seed: int, contract: Contract, anchor: Anchor | None) -> Decimal:
    """Return what an option settles at in cash: its gain over its first price at its cut-off, or zero.

    Everything else settles at its last price.
    """
    if contract.cut_off is None:
        raise ValueError(f"{contract.symbol} never expires, so it has no settlement")
    if contract.kind is not InstrumentKind.OPTION:
        return reference(seed, contract, contract.cut_off, anchor).quantize(CENT_OF_A_CENT)
    base = float(anchor.price) if anchor is not None else _typical(seed, contract)
    gain = _growth(seed, contract, contract.cut_off, anchor) - 1
    return Decimal(f"{max(base * gain, 0):.2f}")


def _shape(seed: int, contract: Contract, at: datetime, anchor: Anchor | None) -> float:
    """The price in units of the base: the gain over it, plus what is left of the time value."""
    growth = _growth(seed, contract, at, anchor)
    if contract.kind is not InstrumentKind.OPTION or contract.cut_off is None:
        return growth
    since = anchor.at if anchor is not None else contract.cut_off - REFERENCE_LIFE
    life = max((contract.cut_off - since).total_seconds(), 1.0)
    left = max((contract.cut_off - at).total_seconds(), 0.0)
    return max(growth - 1, 0.0) + min(growth, 1.0) * math.sqrt(left / life)


def _growth(seed: int, contract: Contract, at: datetime, anchor: Anchor | None) -> float:
    scale = CALMER.get(contract.kind, 1.0)
    if anchor is None:
        return math.exp(scale * _walk(seed, contract.symbol, _seconds(at)))
    freedom = min(max(((at - anchor.at).total_seconds() - CALM) / (SETTLED - CALM), 0.0), 1.0)
    if freedom == 0:
        return 1.0
    moved = _walk(seed, contract.symbol, _seconds(at)) - _start_of_walk(seed, contract.symbol, anchor.at)
    return math.exp(scale * freedom * moved)


@lru_cache(maxsize=1024)
def _start_of_walk(seed: int, symbol: str, at: datetime) -> float:
    return _walk(seed, symbol, _seconds(at))


def _walk(seed: int, symbol: str, seconds: float) -> float:
    return sum(amplitude * wave(seconds, period, seed, symbol) for period, amplitude in SCALES)


def _runaway(seed: int, contract: Contract, elapsed: float, *, calm: bool) -> float:
    """Some prices leave before a careful buyer gets them: so many ticks up, within a minute."""
    if calm or draw(seed, contract.symbol, "runaway") >= RUNAWAY_SHARE:
        return 0.0
    return RUNAWAY_TICKS * min(max(elapsed / RUNAWAY_PERIOD, 0.0), 1.0)


def _typical(seed: int, contract: Contract) -> float:
    """A price for what nobody has named a price of: an option near the money a month before its end."""
    if contract.strike is not None:
        volatility = between(0.15, 0.7, seed, contract.underlying, "volatility")
        moneyness = between(0.1, 0.9, seed, contract.symbol, "moneyness")
        years = REFERENCE_LIFE / timedelta(days=365)
        return max(0.4 * volatility * math.sqrt(years) * float(contract.strike) * moneyness, 0.05)
    product = FUTURES.get(future_root(contract.symbol))
    if product is not None:
        return float(product.typical)
    return math.exp(between(math.log(8), math.log(400), seed, contract.symbol, "typical"))


def _seconds(at: datetime) -> float:
    return (at - EPOCH).total_seconds()
