"""Real quotes for the simulated broker: what another MarketData reads becomes the book that paper orders meet."""

from collections.abc import Iterable

from attrs import frozen

from adapters.simulated.market.market import SimulatedMarket
from domain.instruments import Contract
from domain.value import Value
from ports.errors import PortUnavailableError
from ports.market_data import MarketData


@frozen
class FollowedQuotes(Value):
    """Takes over one quote a contract when it is told to. A quote that cannot be read is none: nothing fills on it."""

    source: MarketData
    market: SimulatedMarket

    async def refresh(self, contracts: Iterable[Contract]) -> None:
        """Read the contracts' quotes, one after the other, and have the market show them."""
        for contract in contracts:
            try:
                quote = await self.source.quote(contract)
            except PortUnavailableError:
                quote = None
            self.market.set_quote(contract.symbol, quote)
