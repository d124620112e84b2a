"""The page's table of trades: a row each, and each leads to its story."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from composition.replay.lines import Totals, TradeLine
from composition.replay.report.figures import RESULTS, Results
from composition.replay.report.frame import number, section, table, words
from composition.replay.report.places import from_report
from composition.replay.report.words import about_prices, counted, day_and_time, dollars, is_modelled, price, rung

HEADS = (
    ("message", True),
    ("decided (New York)", False),
    ("channel", False),
    ("analyst", False),
    ("contract", False),
    ("alert price", True),
    ("size", True),
    ("sized for at most", True),
    ("entry ended", False),
    ("bought", True),
    ("average paid", True),
    ("seconds to fill", True),
    ("exit contracts", True),
    ("exit price", True),
    ("sold by exit", True),
    ("closed by alert", True),
    ("expired", True),
    ("held", True),
)


def trades_table(totals: Totals, trades: Iterable[TradeLine]) -> Iterator[str]:
    """Yield the section of trades, in order of their messages."""
    told = "Each row leads to its story. Prices are in dollars a share. The same rows are in trades.csv"
    caption = f"{told}; {about_prices(totals)}."
    yield section("trades", counted(totals.trades, "trade"), caption)
    results = () if is_modelled(totals) else RESULTS
    hint = "Show only rows with these words"
    yield f'<input id="filter" type="search" placeholder="{hint}" aria-label="{hint}">\n'
    heads = [*HEADS, *((head, True) for head, _ in results)]
    yield from table(heads, (_row(trade, results) for trade in trades), ' id="trade-rows"')


def _row(trade: TradeLine, results: Results) -> str:
    place = from_report(trade.number, trade.opened_at)
    cells = [
        f'<td class="n" data-v="{trade.number}"><a href="{place}">{trade.number:,}</a></td>',
        f'<td class="t">{day_and_time(trade.opened_at)}</td>',
        *(f"<td>{words(text)}</td>" for text in (trade.channel, trade.author, trade.contract)),
        number(price(trade.alert_price), trade.alert_price or 0),
        number(f"{trade.quantity:,}", trade.quantity),
        number(dollars(trade.premium), trade.premium),
        f"<td>{rung(trade)}</td>",
        number(f"{trade.filled:,}", trade.filled),
        number(price(trade.average_price), trade.average_price or 0),
        number(_seconds(trade), trade.seconds_to_fill or 0),
        number(f"{trade.exits_placed:,}", trade.exits_placed),
        number(price(trade.exit_price), trade.exit_price or 0),
        number(f"{trade.exits_filled:,}", trade.exits_filled),
        number(f"{trade.closed_by_alert:,}", trade.closed_by_alert),
        number(f"{trade.expired:,}", trade.expired),
        number(f"{trade.held_at_end:,}", trade.held_at_end),
    ]
    amounts: list[Decimal | None] = [getattr(trade, field) for _, field in results]
    cells += [number(dollars(amount), amount or 0) for amount in amounts]
    return f"<tr>{''.join(cells)}</tr>\n"


def _seconds(trade: TradeLine) -> str:
    return "-" if trade.seconds_to_fill is None else f"{trade.seconds_to_fill:,.1f}"
