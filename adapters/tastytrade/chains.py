"""Option chains as the broker lists them, read out of its nested form, and the ticks that go with them."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from attrs import frozen

from adapters.tastytrade.json_values import Json, day, decimal, mappings, text
from domain.alerts import Right
from domain.ticks import TickBand, TickTable
from domain.value import Value
from ports.errors import PortProtocolError

STANDARD = "Standard"
AM_SETTLED = "AM"
# The broker lists an index's roots in one chain, under the index.
INDEX_OF_ROOT: Mapping[str, str] = {
    "SPXW": "SPX",
    "NDXP": "NDX",
    "RUTW": "RUT",
    "VIXW": "VIX",
    "XSPW": "XSP",
    "DJXW": "DJX",
    "OEXW": "OEX",
    "XEOW": "XEO",
}
NEAR = 2


def underlying_of(symbol: str) -> str:
    """Return the underlying in the broker's spelling: BRK.B is BRK/B, SPXW is SPX."""
    spelled = symbol.replace(".", "/")
    return INDEX_OF_ROOT.get(spelled, spelled)


@frozen
class ListedOption(Value):
    """One strike's call or put: the OCC symbol, and what the quote stream calls it."""

    symbol: str
    streamer_symbol: str | None


@frozen
class Expiry(Value):
    """All strikes of one root on one day."""

    root: str
    expires_on: date
    is_evening_settled: bool
    multiplier: Decimal
    ticks: TickTable | None
    strikes: Mapping[tuple[Decimal, Right], ListedOption]

    def strikes_near(self, strike: Decimal, right: Right) -> tuple[Decimal, ...]:
        """Return the listed strikes next to `strike`, in rising order."""
        listed = sorted({price for price, side in self.strikes if side is right})
        below, above = [price for price in listed if price < strike], [price for price in listed if price > strike]
        return (*below[-NEAR:], *above[:NEAR])


@frozen
class Chain(Value):
    """Every standard expiry of an underlying; several where it has several roots."""

    underlying: str
    expiries: tuple[Expiry, ...]

    def on(self, expires_on: date) -> tuple[Expiry, ...]:
        return tuple(expiry for expiry in self.expiries if expiry.expires_on == expires_on)

    def days_near(self, wanted: date) -> tuple[date, ...]:
        """Return the listed expiry dates next to `wanted`, in rising order."""
        listed = sorted({expiry.expires_on for expiry in self.expiries})
        below, above = [each for each in listed if each < wanted], [each for each in listed if each > wanted]
        return (*below[-NEAR:], *above[:NEAR])


def parse_chain(underlying: str, items: Iterable[Json]) -> Chain:
    """Return the chain of the nested form's items. Adjusted contracts, which deliver something else, are left out."""
    expiries = [
        _expiry(underlying, item, listed)
        for item in items
        if (text(item.get("option-chain-type")) or STANDARD) == STANDARD
        for listed in mappings(item.get("expirations"))
    ]
    return Chain(underlying, tuple(expiry for expiry in expiries if expiry is not None))


def _expiry(underlying: str, chain: Json, listed: Json) -> Expiry | None:
    root, expires_on = text(chain.get("root-symbol")), day(listed.get("expiration-date"))
    multiplier = decimal(chain.get("shares-per-contract"))
    if root is None or expires_on is None or multiplier is None:
        return None
    strikes: dict[tuple[Decimal, Right], ListedOption] = {}
    for strike in mappings(listed.get("strikes")):
        price = decimal(strike.get("strike-price"))
        for right, key in ((Right.CALL, "call"), (Right.PUT, "put")):
            symbol = text(strike.get(key))
            if price is not None and symbol is not None:
                strikes[price, right] = ListedOption(symbol, text(strike.get(f"{key}-streamer-symbol")))
    return Expiry(
        root=root,
        expires_on=expires_on,
        is_evening_settled=listed.get("settlement-type") != AM_SETTLED,
        multiplier=multiplier,
        ticks=parse_ticks(chain.get("tick-sizes"), root, underlying),
        strikes=strikes,
    )


def parse_ticks(told: object, *symbols: str) -> TickTable | None:
    """Return the table of the broker's tick sizes: each with a threshold holds below it, the one without above all.

    Entries for something other than `symbols` are left out; None where nothing is left.
    Raises PortProtocolError for a senseless table.
    """
    below: dict[Decimal, Decimal] = {}
    last: Decimal | None = None
    for entry in mappings(told):
        tick, threshold = decimal(entry.get("value")), decimal(entry.get("threshold"))
        if tick is None or tick <= 0 or text(entry.get("symbol")) not in {None, *symbols}:
            continue
        if threshold is None:
            last = tick
        else:
            below[threshold] = tick
    if last is None and not below:
        return None
    rising = sorted(below.items())
    # Without an open end the highest threshold's tick goes on.
    bands = [TickBand(tick, threshold) for threshold, tick in rising] + [TickBand(last or rising[-1][1])]
    try:
        return TickTable(tuple(bands))
    except ValueError as error:
        raise PortProtocolError(f"the broker's tick sizes of {symbols[0]} make no table: {error}") from error
