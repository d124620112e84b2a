"""What the quote stream calls an instrument: the chain says it; without the chain it is worked out."""

import re
from decimal import Decimal

from domain.alerts import InstrumentKind
from domain.instruments import Contract

_OCC = re.compile(r"(?P<root>\S{1,6}) *(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d{8})")
THOUSANDTHS = 1000
KEPT = 20_000


class StreamerSymbols:
    """Learns the names from the instrument data as contracts are looked up."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, symbol: str, name: str | None) -> None:
        if name:
            self._names[symbol] = name
            if len(self._names) > KEPT:
                del self._names[next(iter(self._names))]

    def of(self, contract: Contract) -> str | None:
        """Return the stream's name of the contract, or None where it cannot be known."""
        known = self._names.get(contract.symbol)
        if known is not None:
            return known
        if contract.kind is InstrumentKind.EQUITY:
            return contract.symbol
        return option_name(contract.symbol) if contract.kind is InstrumentKind.OPTION else None


def option_name(occ: str) -> str | None:
    """Return the stream's name of an option by its OCC symbol: `SPY   261120C00690500` is `.SPY261120C690.5`."""
    parts = _OCC.fullmatch(occ)
    if parts is None:
        return None
    strike = (Decimal(parts["strike"]) / THOUSANDTHS).normalize()
    return f".{parts['root']}{parts['day']}{parts['right']}{strike:f}"
