"""Finds the one listed contract that an alert means, in the broker's own instrument data. Never the nearest."""

import logging
import re
from collections import OrderedDict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from attrs import evolve

from adapters.tastytrade.chains import Chain, Expiry, ListedOption, parse_chain, parse_ticks, underlying_of
from adapters.tastytrade.classification import NotFoundError
from adapters.tastytrade.json_values import Json, day, decimal, instant, mapping, mappings, text
from adapters.tastytrade.session import TastytradeSession
from adapters.tastytrade.symbols import StreamerSymbols
from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar, new_york_date
from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery
from domain.ticks import NICKEL, TickTable, tick_table
from ports.clock import Clock
from ports.contracts import Contracts
from ports.errors import PortProtocolError, PortUnavailableError

logger = logging.getLogger(__name__)

CHAINS_KEPT = 40
BACK_DAYS = 10
# An option is traded until its expiry day or, over a weekend and a holiday, some days before.
LAST_DAYS = timedelta(days=5)
CENT = tick_table(("0.01", None))
_FUTURE = re.compile(r"/?(?P<product>[A-Z0-9]{1,4}?)[FGHJKMNQUVXZ]\d{1,2}")


class TastytradeContracts(Contracts):
    """Chains are kept for the day. Contracts get `calendar`'s hours."""

    def __init__(
        self, session: TastytradeSession, clock: Clock, symbols: StreamerSymbols, calendar: TradingCalendar
    ) -> None:
        self._session = session
        self._clock = clock
        self._symbols = symbols
        self._calendar = calendar
        self._chains: OrderedDict[tuple[str, date], Chain] = OrderedDict()

    async def resolve(self, trade_id: str, query: ContractQuery) -> Contract | ContractNotFound:
        match query.kind:
            case InstrumentKind.OPTION:
                found = await self._option(query)
            case InstrumentKind.EQUITY:
                found = await self._equity(query)
            case InstrumentKind.FUTURE:
                found = await self._future(query)
            case InstrumentKind.FUTURE_OPTION:
                found = f"{query.symbol}: options on futures are not supported; options, shares and futures are"
            case _:
                assert_never(query.kind)
        return found if isinstance(found, Contract) else ContractNotFound(trade_id, found)

    # ---- options ---------------------------------------------------------------------------------------------------

    async def _option(self, query: ContractQuery) -> Contract | str:
        if query.strike is None or query.right is None or query.expires_on is None:
            return f"{query}: an option is named by strike, call or put, and expiry"
        chain = await self._chain(underlying_of(query.symbol))
        if chain is None:
            return f"{query.symbol} has no listed options"
        listed = chain.on(query.expires_on)
        if not listed:
            near = ", ".join(str(each) for each in chain.days_near(query.expires_on))
            return f"{query.symbol} has no expiry on {query.expires_on}; listed near it: {near or 'none'}"
        wanted = (query.strike, query.right)
        fitting = [expiry for expiry in self._by_preference(listed, query) if wanted in expiry.strikes]
        if not fitting:
            near = ", ".join(f"{each.normalize():f}" for each in listed[0].strikes_near(*wanted))
            side = query.right.value.lower()
            return f"{query.symbol} {query.expires_on} lists no {side} {query.strike}; near it: {near or 'none'}"
        return await self._option_contract(chain.underlying, fitting[0], query.strike, query.right)

    def _by_preference(self, listed: tuple[Expiry, ...], query: ContractQuery) -> list[Expiry]:
        """The root that was named first, unless it is traded no more that day; an index's others follow."""
        now = self._clock.now()

        def rank(expiry: Expiry) -> tuple[bool, bool, bool]:
            over = now >= self._usual_cut_off(expiry)
            return over, expiry.root != query.symbol.replace(".", ""), not expiry.is_evening_settled

        named_root = query.symbol != underlying_of(query.symbol) and "." not in query.symbol and "/" not in query.symbol
        candidates = [expiry for expiry in listed if not named_root or expiry.root == query.symbol]
        return sorted(candidates, key=rank)

    async def _option_contract(self, underlying: str, expiry: Expiry, strike: Decimal, right: Right) -> Contract:
        option: ListedOption = expiry.strikes[strike, right]
        self._symbols.learn(option.symbol, option.streamer_symbol)
        detail = await self._option_detail(option.symbol)
        if expiry.ticks is None:
            logger.warning("the chain of %s names no tick sizes; the coarsest class is taken", underlying)
        return Contract(
            symbol=option.symbol,
            underlying=underlying,
            kind=InstrumentKind.OPTION,
            multiplier=expiry.multiplier,
            ticks=expiry.ticks or NICKEL,
            calendar=self._calendar,
            strike=strike,
            right=right,
            expires_on=expiry.expires_on,
            cut_off=self._cut_off(expiry, instant(detail.get("stops-trading-at"))),
            closing_only=detail.get("is-closing-only") is True or detail.get("active") is False,
        )

    async def _option_detail(self, symbol: str) -> Json:
        """The instrument's own page. The chain lists it, so without the page the calendar's cut-off holds."""
        path = f"/instruments/equity-options/{symbol.replace('/', '%2F')}"
        quickly = evolve(self._session.retries, attempts=2, within=3)
        try:
            envelope = await self._session.read("instrument", path, retries=quickly, listed=False)
        except PortUnavailableError as error:
            logger.warning("%s: its last trading time was not read, the calendar's is taken: %s", symbol, error)
            return {}
        return mapping(envelope["data"])

    def _cut_off(self, expiry: Expiry, told: datetime | None) -> datetime:
        """The broker's last trading time where it belongs to this expiry at all, otherwise the calendar's."""
        if told is not None and timedelta(0) <= expiry.expires_on - new_york_date(told) <= LAST_DAYS:
            return told
        return self._usual_cut_off(expiry)

    def _usual_cut_off(self, expiry: Expiry) -> datetime:
        """The close of the expiry day, or of the session before it where the settlement is in the morning."""
        first = expiry.expires_on if expiry.is_evening_settled else expiry.expires_on - timedelta(days=1)
        for back in range(BACK_DAYS):
            session = self._calendar.session(first - timedelta(days=back))
            if session is not None:
                return session.closes_at
        raise PortProtocolError(f"the broker lists an expiry on {expiry.expires_on}, with no session near it")

    async def _chain(self, underlying: str) -> Chain | None:
        today = new_york_date(self._clock.now())
        known = self._chains.get((underlying, today))
        if known is not None:
            self._chains.move_to_end((underlying, today))
            return known
        try:
            envelope = await self._session.read("chain", f"/option-chains/{underlying.replace('/', '%2F')}/nested")
        except NotFoundError:
            return None
        chain = parse_chain(underlying, mappings(envelope["data"]["items"]))
        if not chain.expiries:
            return None
        self._chains[underlying, today] = chain
        while len(self._chains) > CHAINS_KEPT:
            self._chains.popitem(last=False)
        return chain

    # ---- shares and futures ----------------------------------------------------------------------------------------

    async def _equity(self, query: ContractQuery) -> Contract | str:
        symbol = query.symbol.replace(".", "/")
        try:
            path = f"/instruments/equities/{symbol.replace('/', '%2F')}"
            envelope = await self._session.read("instrument", path, listed=False)
        except NotFoundError:
            return f"{symbol} is no listed share"
        told = mapping(envelope["data"])
        if told.get("is-index") is True:
            return f"{symbol} is an index and has no shares; its options are listed"
        if told.get("active") is False:
            return f"{symbol} is not traded any more"
        self._symbols.learn(symbol, text(told.get("streamer-symbol")))
        return Contract(
            symbol=text(told.get("symbol")) or symbol,
            underlying=symbol,
            kind=InstrumentKind.EQUITY,
            multiplier=Decimal(1),
            ticks=parse_ticks(told.get("tick-sizes"), symbol) or CENT,
            calendar=self._calendar,
            closing_only=told.get("is-closing-only") is True,
        )

    async def _future(self, query: ContractQuery) -> Contract | str:
        symbol = query.symbol if query.symbol.startswith("/") else f"/{query.symbol}"
        named = _FUTURE.fullmatch(symbol)
        if named is None:
            return f"{symbol} names no month; a future is written like /ESZ6"
        params = {"product-code[]": named["product"]}
        try:
            envelope = await self._session.read("instrument", "/instruments/futures", params)
        except NotFoundError:
            return f"{symbol} is no listed future"
        listed = {text(item.get("symbol")): item for item in mappings(envelope["data"]["items"])}
        told = listed.get(symbol)
        if told is None:
            months = ", ".join(sorted(name for name in listed if name is not None))
            return f"{symbol} is no listed future; listed are {months or 'none of this product'}"
        return self._future_contract(symbol, told)

    def _future_contract(self, symbol: str, told: Json) -> Contract:
        multiplier = decimal(told.get("notional-multiplier"))
        if multiplier is None:
            raise PortProtocolError(f"the broker says nothing readable of the notional multiplier of {symbol}")
        self._symbols.learn(symbol, text(told.get("streamer-symbol")))
        return Contract(
            symbol=symbol,
            underlying=symbol,
            kind=InstrumentKind.FUTURE,
            multiplier=multiplier,
            ticks=_future_ticks(symbol, told),
            calendar=self._calendar,
            expires_on=day(told.get("expiration-date")),
            cut_off=instant(told.get("stops-trading-at")),
            closing_only=told.get("is-closing-only") is True or told.get("is-tradeable") is False,
        )


def _future_ticks(symbol: str, told: Json) -> TickTable:
    ticks = parse_ticks(told.get("tick-sizes"), symbol) or parse_ticks([{"value": told.get("tick-size")}], symbol)
    if ticks is None:
        raise PortProtocolError(f"the broker says nothing readable of the tick size of {symbol}")
    return ticks
