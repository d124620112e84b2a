"""Quotes: the live stream's where it is fresh, otherwise read from the broker at the moment of the question."""

import asyncio
import logging
from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from adapters.tastytrade.classification import NotFoundError
from adapters.tastytrade.json_values import decimal, mappings, text
from adapters.tastytrade.quote_stream import QuoteStream
from adapters.tastytrade.session import TastytradeSession
from adapters.tastytrade.symbols import StreamerSymbols
from domain.alerts import InstrumentKind
from domain.instruments import Contract
from domain.quotes import Quote
from ports.clock import Clock
from ports.errors import PortUnavailableError
from ports.market_data import MarketData

logger = logging.getLogger(__name__)

PARAMETERS = {
    InstrumentKind.OPTION: "equity-option",
    InstrumentKind.EQUITY: "equity",
    InstrumentKind.FUTURE: "future",
    InstrumentKind.FUTURE_OPTION: "future-option",
}
# A streamed quote that is older than this may be good still, or not: the read tells.
FRESH = timedelta(seconds=1.5)
READ_SECONDS = 5


class TastytradeMarketData(MarketData):
    def __init__(self, session: TastytradeSession, clock: Clock, symbols: StreamerSymbols, stream: QuoteStream) -> None:
        self._session = session
        self._clock = clock
        self._symbols = symbols
        self._stream = stream
        self._retries = evolve(session.retries, within=min(session.retries.within, READ_SECONDS - 1))

    async def quote(self, contract: Contract) -> Quote | None:
        """Return the best bid and ask. While trading is halted both sides are empty, whatever is quoted."""
        name = self._symbols.of(contract)
        streamed = None if name is None else await self._stream.quote(name)
        if streamed is not None and self._clock.now() - streamed.at <= FRESH:
            return _or_none(streamed)
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._read(contract)
        except (PortUnavailableError, TimeoutError) as error:
            if streamed is None:
                if isinstance(error, NotFoundError) or self._has_no_market:
                    logger.warning("%s: no quote, as there is no market data here: %s", contract.symbol, error)
                    return None
                raise PortUnavailableError(f"no quote of {contract.symbol} could be had: {error}") from error
            logger.warning("%s: the last streamed quote is old and none could be read: %s", contract.symbol, error)
            return _or_none(streamed)

    @property
    def _has_no_market(self) -> bool:
        """Whether this is the certification environment without market data, as its documentation says it is."""
        return self._session.endpoints.sandbox and not self._stream.was_up

    async def _read(self, contract: Contract) -> Quote | None:
        asked_at = self._clock.now()
        params = {PARAMETERS[contract.kind]: [contract.symbol]}
        envelope = await self._session.read("quote", "/market-data/by-type", params, retries=self._retries)
        for item in mappings(envelope["data"]["items"]):
            if text(item.get("symbol")) != contract.symbol:
                continue
            if item.get("is-trading-halted") is True or item.get("trading-halted") is True:
                return Quote(None, None, asked_at)
            return _or_none(Quote(decimal(item.get("bid")), decimal(item.get("ask")), asked_at))
        return None


def _or_none(quote: Quote) -> Quote | None:
    """A quote with both sides empty is none."""
    return None if _is_empty(quote.bid) and _is_empty(quote.ask) else quote


def _is_empty(side: Decimal | None) -> bool:
    return side is None or side == 0
