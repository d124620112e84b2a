"""A trade's line: what its own value says, and what only the rows on its way have told."""

from datetime import datetime
from decimal import Decimal

from attrs import Factory, define

from composition.replay.lines import LadderOutcome, TradeLine
from domain.events import LadderMoved, OrderEnded, OrderFilled
from domain.execution import Execution
from domain.orders import Order, OrderRole, OrderStatus
from domain.trade import CENT, Trade
from domain.verdicts import LadderMove

MILLISECOND = Decimal("0.001")
CENT_OF_A_CENT = Decimal("0.0001")


@define(kw_only=True)
class Progress:
    """What is noted of a trade from its rows. `standing` are the contracts that each of its exits covers."""

    number: int
    author: str
    channel: str
    steps: int = 0
    converted: bool = False
    last_entry_fill: datetime | None = None
    standing: dict[str, int] = Factory(dict)
    covered: int = 0

    def moved(self, move: LadderMoved) -> None:
        self.steps += move.move is LadderMove.STEP
        self.converted = self.converted or move.move is LadderMove.CONVERT

    def filled(self, told: OrderFilled) -> None:
        if told.role is OrderRole.ENTRY:
            self.last_entry_fill = told.fill.at

    def exit_sent(self, order: Order) -> None:
        self.standing[order.client_order_id] = order.quantity
        self.covered = max(self.covered, sum(self.standing.values()))

    def exit_ended(self, told: OrderEnded) -> None:
        if told.client_order_id in self.standing:
            self.standing[told.client_order_id] = told.filled


def trade_line(trade: Trade, progress: Progress, *, recorded: bool) -> TradeLine:
    """Return the line of a trade as it stands. `recorded`: its prices are the market's, so its dollars may be told."""
    entry, contract = trade.entry, trade.contract
    last = progress.last_entry_fill
    average = entry.average_price
    return TradeLine(
        trade_id=trade.trade_id,
        number=progress.number,
        opened_at=entry.started_at,
        channel=progress.channel,
        author=progress.author,
        contract=contract.label,
        occ_symbol=contract.symbol,
        alert_price=trade.alert.price,
        quantity=entry.quantity,
        premium=contract.value(entry.plan.worst_price, entry.quantity),
        outcome=_outcome(entry, converted=progress.converted),
        steps=progress.steps,
        converted=progress.converted,
        filled=entry.filled,
        average_price=None if average is None else average.quantize(CENT_OF_A_CENT),
        seconds_to_fill=None if last is None else _seconds(entry.started_at, last),
        exits_placed=progress.covered,
        exit_price=trade.exits[-1].limit_price if trade.exits else None,
        exits_filled=trade.exited,
        closed_by_alert=trade.sold,
        held_at_end=trade.held,
        expired=trade.lost,
        close_price=(trade.proceeds / trade.sold).quantize(CENT_OF_A_CENT) if trade.sold else None,
        realized=trade.realized if recorded else None,
        expired_cost=trade.premium_lost.quantize(CENT) if recorded and trade.lost else None,
        held_cost=trade.premium_held.quantize(CENT) if recorded and trade.held > 0 else None,
    )


def _outcome(entry: Execution, *, converted: bool) -> LadderOutcome:
    if not entry.is_finished:
        return LadderOutcome.WORKING
    if entry.filled >= entry.quantity:
        return LadderOutcome.CONVERTED if converted else LadderOutcome.FILLED
    if entry.filled:
        return LadderOutcome.PARTLY_FILLED
    rejected = any(order.status is OrderStatus.REJECTED for order in entry.orders)
    return LadderOutcome.REJECTED if rejected else LadderOutcome.CANCELLED


def _seconds(since: datetime, until: datetime) -> Decimal:
    span = until - since
    return (span.days * 86400 + span.seconds + Decimal(span.microseconds) / 1_000_000).quantize(MILLISECOND)
