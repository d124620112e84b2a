"""What the simulated market knows of real products: tick classes, index roots and futures. Tables only."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM, TickTable, tick_table
from domain.value import Value

OPTION_MULTIPLIER = Decimal(100)
EQUITY_TICKS = tick_table(("0.01", None))

# The index's monthly root is settled on the morning of its day, the root beside it on the evening of every other.
INDEX_EVENING_ROOTS: Mapping[str, str] = MappingProxyType(
    {"SPX": "SPXW", "NDX": "NDXP", "RUT": "RUTW", "VIX": "VIXW", "XSP": "XSP"}
)
_UNDERLYING_OF_ROOT = {evening: index for index, evening in INDEX_EVENING_ROOTS.items()}
MORNING_SETTLED = frozenset({"SPX", "NDX", "RUT", "VIX"})
WEDNESDAY_EXPIRIES = frozenset({"VIX"})
DAILY_EXPIRIES = frozenset({"SPY", "QQQ", "IWM", "SPX", "NDX", "RUT", "XSP"})
_PENNY_ALL = frozenset({"SPY", "QQQ", "IWM", "XSP"})
_NICKEL = frozenset({"SPX", "NDX", "RUT", "VIX"})


def underlying_of(symbol: str) -> str:
    """Return the underlying that a symbol or an option root stands for, in the broker's spelling.

    SPXW gives SPX, BRK.B gives BRK/B.
    """
    return _UNDERLYING_OF_ROOT.get(symbol, symbol).replace(".", "/")


def option_ticks(underlying: str) -> TickTable:
    """Return the ticks of the options on `underlying`.

    What is in no list is taken to be in the Penny Program: alert rooms trade its classes, the list changes twice a
    year, and a grid that is too fine refuses no price that an alert can name.
    """
    if underlying in _PENNY_ALL:
        return PENNY_ALL
    return NICKEL if underlying in _NICKEL else PENNY_PROGRAM


class LastDay(StrEnum):
    """When a future's contract stops trading, near enough for a simulation."""

    THIRD_FRIDAY = "third_friday"  # of the contract month, at the open: index futures
    MONTH_BEFORE = "month_before"  # the last session but three of the month before: energy
    CONTRACT_MONTH = "contract_month"  # the last session but three of the contract month: metals and bonds


@frozen
class FutureProduct(Value):
    """`months` are the letters of the listed months, `typical` a price to start a simulated walk from."""

    multiplier: Decimal
    tick: Decimal
    months: str
    last_day: LastDay
    typical: Decimal


MONTH_LETTERS = "FGHJKMNQUVXZ"
QUARTERS = "HMUZ"


def _product(multiplier: str, tick: str, months: str, last_day: LastDay, typical: str) -> FutureProduct:
    return FutureProduct(Decimal(multiplier), Decimal(tick), months, last_day, Decimal(typical))


FUTURES: Mapping[str, FutureProduct] = MappingProxyType(
    {
        "/ES": _product("50", "0.25", QUARTERS, LastDay.THIRD_FRIDAY, "6800"),
        "/MES": _product("5", "0.25", QUARTERS, LastDay.THIRD_FRIDAY, "6800"),
        "/NQ": _product("20", "0.25", QUARTERS, LastDay.THIRD_FRIDAY, "25000"),
        "/MNQ": _product("2", "0.25", QUARTERS, LastDay.THIRD_FRIDAY, "25000"),
        "/RTY": _product("50", "0.1", QUARTERS, LastDay.THIRD_FRIDAY, "2500"),
        "/M2K": _product("5", "0.1", QUARTERS, LastDay.THIRD_FRIDAY, "2500"),
        "/YM": _product("5", "1", QUARTERS, LastDay.THIRD_FRIDAY, "47000"),
        "/MYM": _product("0.5", "1", QUARTERS, LastDay.THIRD_FRIDAY, "47000"),
        "/CL": _product("1000", "0.01", MONTH_LETTERS, LastDay.MONTH_BEFORE, "62"),
        "/MCL": _product("100", "0.01", MONTH_LETTERS, LastDay.MONTH_BEFORE, "62"),
        "/NG": _product("10000", "0.001", MONTH_LETTERS, LastDay.MONTH_BEFORE, "4"),
        "/GC": _product("100", "0.1", "GJMQVZ", LastDay.CONTRACT_MONTH, "4000"),
        "/MGC": _product("10", "0.1", "GJMQVZ", LastDay.CONTRACT_MONTH, "4000"),
        "/SI": _product("5000", "0.005", "HKNUZ", LastDay.CONTRACT_MONTH, "48"),
        "/ZN": _product("1000", "0.015625", QUARTERS, LastDay.CONTRACT_MONTH, "112"),
        "/ZB": _product("1000", "0.03125", QUARTERS, LastDay.CONTRACT_MONTH, "117"),
    }
)


def future_root(symbol: str) -> str:
    """Return the product's root of a future's symbol: /ESZ6 gives /ES; what is no such symbol is returned as it is."""
    return symbol[:-2] if symbol[:-2] in FUTURES else symbol
