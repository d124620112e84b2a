"""The simulated option chain: any ticker, every ordinary strike and expiry, with real ticks and multipliers.

It lists by rule and holds no data. It knows no prices, and never answers with the nearest contract instead.
"""

import re
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import assert_never

from adapters.simulated.market.expiries import (
    close_of,
    is_listed,
    is_morning_settled,
    listed_near,
    open_of,
    session_before,
)
from adapters.simulated.market.expiries import third_friday as third_friday_of
from adapters.simulated.market.products import (
    EQUITY_TICKS,
    FUTURES,
    INDEX_EVENING_ROOTS,
    MONTH_LETTERS,
    OPTION_MULTIPLIER,
    FutureProduct,
    LastDay,
    future_root,
    option_ticks,
    underlying_of,
)
from adapters.simulated.scenario.scenario import Read
from adapters.simulated.scenario.script import Script
from domain.alerts import InstrumentKind
from domain.calendar import TradingCalendar, new_york_date
from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery, occ_symbol
from domain.ticks import TickBand, TickTable
from ports.clock import Clock
from ports.contracts import Contracts

TICKER = re.compile(r"[A-Z]{1,5}(?:/[A-Z])?")
ZERO = Decimal(0)
HIGHEST_STRIKE = Decimal(50_000)
# (strikes below this, are multiples of one of these)
STRIKE_STEPS: tuple[tuple[Decimal, tuple[Decimal, ...]], ...] = (
    (Decimal(200), (Decimal("0.5"),)),
    (Decimal(1000), (Decimal(1), Decimal("2.5"))),
    (HIGHEST_STRIKE, (Decimal(1),)),
)
MONTHS_LISTED = 8
YEARS_PER_LETTER = 10


class SimulatedContracts(Contracts):
    """Resolves against the calendar's own rules, as of the clock's day."""

    def __init__(self, clock: Clock, calendar: TradingCalendar, script: Script) -> None:
        self._clock = clock
        self._calendar = calendar
        self._script = script

    async def resolve(self, trade_id: str, query: ContractQuery) -> Contract | ContractNotFound:
        self._script.check_read(Read.CONTRACT)
        found = list_contract(query, self._clock.now(), self._calendar)
        return found if isinstance(found, Contract) else ContractNotFound(trade_id, found)


def list_contract(query: ContractQuery, now: datetime, calendar: TradingCalendar) -> Contract | str:
    """Return the contract that is exactly `query`, or in words why it is not listed and what is."""
    match query.kind:
        case InstrumentKind.OPTION:
            return _option(query, now, calendar)
        case InstrumentKind.EQUITY:
            return _equity(query, calendar)
        case InstrumentKind.FUTURE:
            return _future(query, now, calendar)
        case InstrumentKind.FUTURE_OPTION:
            return f"{query}: the simulated market lists no options on futures; it lists options on shares and indexes"
        case _:
            assert_never(query.kind)


def _option(query: ContractQuery, now: datetime, calendar: TradingCalendar) -> Contract | str:
    underlying, today = underlying_of(query.symbol), new_york_date(now)
    if not TICKER.fullmatch(underlying):
        return f"{query.symbol!r} is no ticker; it has 1 to 5 letters, such as UBER or BRK/B"
    if query.strike is None or query.right is None or query.expires_on is None:
        return f"{query}: an option is named by strike, call or put, and expiry"
    day = query.expires_on
    if not is_listed(underlying, day, today, calendar):
        near = " and ".join(str(listed) for listed in listed_near(underlying, day, today, calendar))
        return f"{underlying} has no expiry on {day:%A} {day}; listed near it: {near or 'none'}"
    if not _on_strike_grid(query.strike):
        return f"{underlying} {day} has no strike {query.strike}; listed near it: {_strikes_near(query.strike)}"
    morning = is_morning_settled(underlying, day, calendar) and query.symbol == underlying
    cut_off = close_of(session_before(day, calendar) if morning else day, calendar)
    if morning and now >= cut_off:  # its evening-settled neighbour is traded until the close
        morning, cut_off = False, close_of(day, calendar)
    root = underlying if morning else INDEX_EVENING_ROOTS.get(underlying, underlying)
    return Contract(
        symbol=occ_symbol(root.replace("/", ""), day, query.right, query.strike),
        underlying=underlying,
        kind=InstrumentKind.OPTION,
        multiplier=OPTION_MULTIPLIER,
        ticks=option_ticks(underlying),
        calendar=calendar,
        strike=query.strike,
        right=query.right,
        expires_on=day,
        cut_off=cut_off,
    )


def _on_strike_grid(strike: Decimal) -> bool:
    steps = next((steps for below, steps in STRIKE_STEPS if strike < below), ())
    return strike > ZERO and any(strike % step == ZERO for step in steps)


def _strikes_near(strike: Decimal) -> str:
    steps = next((steps for below, steps in STRIKE_STEPS if strike < below), None)
    if steps is None or strike <= ZERO:
        return f"0.5 to {HIGHEST_STRIKE - 1}"
    lower = max((strike / step).to_integral_value(ROUND_FLOOR) * step for step in steps)
    upper = min((strike / step).to_integral_value(ROUND_CEILING) * step for step in steps)
    return " and ".join(f"{near.normalize():f}" for near in (lower, upper) if near > ZERO)


def _equity(query: ContractQuery, calendar: TradingCalendar) -> Contract | str:
    symbol = underlying_of(query.symbol)
    if symbol in INDEX_EVENING_ROOTS:
        return f"{symbol} is an index and has no shares; its options are listed"
    if not TICKER.fullmatch(symbol):
        return f"{query.symbol!r} is no ticker; it has 1 to 5 letters, such as UBER or BRK/B"
    return Contract(
        symbol=symbol,
        underlying=symbol,
        kind=InstrumentKind.EQUITY,
        multiplier=Decimal(1),
        ticks=EQUITY_TICKS,
        calendar=calendar,
    )


def _future(query: ContractQuery, now: datetime, calendar: TradingCalendar) -> Contract | str:
    symbol = query.symbol if query.symbol.startswith("/") else f"/{query.symbol}"
    root = future_root(symbol)
    product = FUTURES.get(root)
    if product is None:
        return f"{symbol} is no listed future; listed are {', '.join(FUTURES)}"
    listed = _listed_months(root, product, now, calendar)
    if symbol not in listed:
        return f"{symbol} names no listed month; listed are {', '.join(listed)}"
    last_day, cut_off = listed[symbol]
    return Contract(
        symbol=symbol,
        underlying=symbol,
        kind=InstrumentKind.FUTURE,
        multiplier=product.multiplier,
        ticks=TickTable((TickBand(product.tick),)),
        calendar=calendar,
        expires_on=last_day,
        cut_off=cut_off,
    )


def _listed_months(
    root: str, product: FutureProduct, now: datetime, calendar: TradingCalendar
) -> dict[str, tuple[date, datetime]]:
    """Symbols of the next months with their last day and cut-off, nearest first."""
    listed: dict[str, tuple[date, datetime]] = {}
    start = new_york_date(now)
    year, month = start.year, start.month
    while len(listed) < MONTHS_LISTED:
        letter = MONTH_LETTERS[month - 1]
        if letter in product.months:
            ending = _last_day(product, year, month, calendar)
            if ending[1] > now:
                listed[f"{root}{letter}{year % YEARS_PER_LETTER}"] = ending
        year, month = (year + 1, 1) if month == len(MONTH_LETTERS) else (year, month + 1)
    return listed


def _last_day(product: FutureProduct, year: int, month: int, calendar: TradingCalendar) -> tuple[date, datetime]:
    if product.last_day is LastDay.THIRD_FRIDAY:
        friday = third_friday_of(year, month, calendar)
        return friday, open_of(friday)
    if product.last_day is LastDay.MONTH_BEFORE:
        day = date(year, month, 1)
    else:
        day = date(year + 1, 1, 1) if month == len(MONTH_LETTERS) else date(year, month + 1, 1)
    for _ in range(3):
        day = session_before(day, calendar)
    return day, close_of(day, calendar)
