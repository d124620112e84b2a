"""What all trades of a replay come to: sizes, premium, how ladders ended, what became of the contracts."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from statistics import median

from attrs import Factory, define

from composition.replay.lines import TradeLine
from composition.replay.report.words import rung
from domain.calendar import new_york_date

EXITS = (
    ("sold by the exit", "exits_filled"),
    ("closed by an alert", "closed_by_alert"),
    ("expired", "expired"),
    ("held at the end", "held_at_end"),
)
# What a trade came to in dollars, at recorded prices, and its heads in tables.
Results = tuple[tuple[str, str], ...]
RESULTS: Results = (
    ("realized before fees", "realized"),
    ("paid for what expired", "expired_cost"),
    ("paid for what is held", "held_cost"),
)


@define
class Figures:
    """Sums over some trades. Contracts are counted, premium is in dollars, `waits` are the seconds to the last fill.

    `with_exit` counts the trades that had an exit placed, `reached` those whose exit sold at least one contract.
    The `RESULTS` are sums over the trades that have one, None where none has.
    """

    trades: int = 0
    with_fill: int = 0
    decided: int = 0
    bought: int = 0
    premium: Decimal = Decimal(0)
    exits_placed: int = 0
    with_exit: int = 0
    reached: int = 0
    realized: Decimal | None = None
    expired_cost: Decimal | None = None
    held_cost: Decimal | None = None
    ladder: Counter[str] = Factory(Counter)
    sizes: Counter[int] = Factory(Counter)
    ends: Counter[str] = Factory(Counter)
    premiums: list[Decimal] = Factory(list)
    waits: list[Decimal] = Factory(list)

    def add(self, trade: TradeLine) -> None:
        self.trades += 1
        self.with_fill += trade.filled > 0
        self.decided += trade.quantity
        self.bought += trade.filled
        self.premium += trade.premium
        self.exits_placed += trade.exits_placed
        self.with_exit += trade.exits_placed > 0
        self.reached += trade.exits_filled > 0
        self.ladder[rung(trade)] += 1
        self.sizes[trade.quantity] += 1
        self.premiums.append(trade.premium)
        for _, field in RESULTS:
            result = getattr(trade, field)
            if result is not None:
                setattr(self, field, (getattr(self, field) or Decimal(0)) + result)
        if trade.seconds_to_fill is not None:
            self.waits.append(trade.seconds_to_fill)
        for name, field in EXITS:
            self.ends[name] += getattr(trade, field)

    @property
    def usual_premium(self) -> Decimal:
        """Return the median premium of an entry; 0 without one."""
        return median(self.premiums) if self.premiums else Decimal(0)

    @property
    def usual_wait(self) -> Decimal | None:
        """Return the median of the seconds to the last fill; None where nothing filled."""
        return median(self.waits) if self.waits else None

    def as_dict(self) -> dict[str, object]:
        """Return the sums ready for JSON."""
        return {
            "trades": self.trades,
            "with_fill": self.with_fill,
            "contracts_decided": self.decided,
            "contracts_bought": self.bought,
            "premium": f"{self.premium:f}",
            "contracts_exits_placed": self.exits_placed,
            "trades_with_exit": self.with_exit,
            "trades_exit_reached": self.reached,
            **{field: _plain(getattr(self, field)) for _, field in RESULTS},
            "ladder": dict(self.ladder),
            "sizes": {str(size): count for size, count in self.sizes.items()},
            "contracts_ended": dict(self.ends),
        }


@define
class TradeFigures:
    """The figures of all trades, of each author's and each channel's, and each day's premium of new entries."""

    all: Figures = Factory(Figures)
    by_author: dict[str, Figures] = Factory(dict)
    by_channel: dict[str, Figures] = Factory(dict)
    premium_by_day: dict[date, Decimal] = Factory(dict)


def figures_of(trades: Iterable[TradeLine]) -> TradeFigures:
    """Return what `trades` come to."""
    found = TradeFigures()
    for trade in trades:
        found.all.add(trade)
        found.by_author.setdefault(trade.author, Figures()).add(trade)
        found.by_channel.setdefault(trade.channel, Figures()).add(trade)
        day = new_york_date(trade.opened_at)
        found.premium_by_day[day] = found.premium_by_day.get(day, Decimal(0)) + trade.premium
    return found


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
