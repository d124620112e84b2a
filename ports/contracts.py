"""The option chain and the instrument data of everything else."""

from abc import abstractmethod
from typing import Protocol

from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery


class Contracts(Protocol):
    @abstractmethod
    async def resolve(self, trade_id: str, query: ContractQuery) -> Contract | ContractNotFound:
        """Return the one listed contract that is exactly `query`, with its ticks, multiplier, hours and cut-off.

        Index roots follow the chain (SPX is SPXW on a day that is PM-settled). Never the nearest: what is not listed is
        `ContractNotFound`, with what is listed instead. Raises PortUnavailableError.
        """
