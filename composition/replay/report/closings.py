"""Which alert closed which trade: a close has a story of its own, and the trade's story leads there.

A close sells contracts, not trades. As the desk does, the oldest trade in the contract gives first, and none gives more
than its line says it gave.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import frozen

from composition.replay.lines import MessageLine, TradeLine
from composition.replay.report.places import RowsOf
from domain.value import Value
from ports.audit_log import Row


@frozen
class Closing(Value):
    """What an alert sold: its message, the contract's OCC symbol, how many, at which price on average."""

    message: MessageLine
    symbol: str
    sold: int
    average_price: Decimal | None


@frozen
class Part(Value):
    """What of a closing was one trade's."""

    closing: Closing
    contracts: int


def closings_of(messages: Iterable[MessageLine], rows_of: RowsOf) -> Iterator[Closing]:
    """Yield what each of the closing `messages` sold; nothing for one that sold nothing."""
    for message in messages:
        if message.trade_id is not None:
            closing = _closing(message, rows_of(message.trade_id))
            if closing is not None:
                yield closing


def parts_of(trades: Sequence[TradeLine], closings: Iterable[Closing]) -> dict[int, list[Part]]:
    """Return each trade's parts of `closings` by the trade's number. Both are given in order of time."""
    left = {trade.number: trade.closed_by_alert for trade in trades}
    by_symbol: dict[str, list[TradeLine]] = {}
    for trade in trades:
        by_symbol.setdefault(trade.occ_symbol, []).append(trade)
    found: dict[int, list[Part]] = {}
    for closing in closings:
        unexplained = closing.sold
        for trade in by_symbol.get(closing.symbol, ()):
            contracts = min(unexplained, left[trade.number])
            if contracts and trade.number < closing.message.number:
                left[trade.number] -= contracts
                unexplained -= contracts
                found.setdefault(trade.number, []).append(Part(closing, contracts))
    return found


def _closing(message: MessageLine, rows: Iterable[Row]) -> Closing | None:
    symbol = None
    for row in rows:
        if row.kind == "SubmitOrder":
            symbol = str(row.body["order"]["contract"]["symbol"])
        elif row.kind == "CloseFinished" and row.body["sold"] and symbol is not None:
            average = row.body["average_price"]
            return Closing(message, symbol, row.body["sold"], None if average is None else Decimal(average))
    return None
