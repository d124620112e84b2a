"""The sections by analyst and by channel: what each one posted, what of it was traded, what became of that."""

from collections.abc import Iterator, Mapping

from composition.replay.lines import Totals, Verdict
from composition.replay.report import charts
from composition.replay.report.figures import RESULTS, Figures, Results, TradeFigures
from composition.replay.report.frame import number, section, table, words
from composition.replay.report.overview import COLOURS
from composition.replay.report.words import ACTED, NAMES, about_prices, count, counted, dollars, is_modelled, share

SHOWN = 50
PICTURED = 12
SHOWN_VERDICTS = (Verdict.ENTERED, Verdict.CLOSED, Verdict.DENIED, Verdict.DUPLICATE, Verdict.IGNORED)
Counts = Mapping[tuple[str, Verdict], int]


def people(totals: Totals, found: TradeFigures) -> Iterator[str]:
    """Yield the sections by analyst and by channel."""
    yield from _grouped("analyst", totals.by_author, found.by_author, totals)
    yield from _grouped("channel", totals.by_channel, found.by_channel, totals)


def _grouped(kind: str, counts: Counts, trades: Mapping[str, Figures], totals: Totals) -> Iterator[str]:
    yield section(f"{kind}s", f"By {kind}", f"Those with the most entries come first; {about_prices(totals)}.")
    names = {name for name, _ in counts}
    order = sorted(
        (name for name in names if _acted(counts, name)),
        key=lambda name: (-counts.get((name, Verdict.ENTERED), 0), -_acted(counts, name), name),
    )
    acting = order[:PICTURED]
    if acting:
        series = [
            charts.Series(NAMES[verdict], COLOURS[verdict], [counts.get((name, verdict), 0) for name in acting])
            for verdict in ACTED
        ]
        seen = [each for each in series if each.total]
        yield charts.stacked_bars(f"Traded, denied or repeated, by {kind}", acting, seen)
    results = () if is_modelled(totals) else RESULTS
    heads = [(kind, False), ("messages", True), *((NAMES[verdict], True) for verdict in SHOWN_VERDICTS)]
    heads += [(head, True) for head in ("filled", "contracts bought", "sized for at most", "exits reached")]
    heads += [(head, True) for head, _ in results]
    rows = (_row(name, counts, trades.get(name, Figures()), results) for name in order[:SHOWN])
    yield from table(heads, rows)
    if len(order) > SHOWN:
        yield f'<p class="faint">{counted(len(order) - SHOWN, f"more {kind}")} in messages.csv.</p>'
    silent = len(names) - len(order)
    if silent:
        yield f'<p class="faint">{counted(silent, f"more {kind}")} had no alert.</p>'


def _acted(counts: Counts, name: str) -> int:
    return sum(counts.get((name, verdict), 0) for verdict in ACTED)


def _row(name: str, counts: Counts, figures: Figures, results: Results) -> str:
    messages = sum(counts.get((name, verdict), 0) for verdict in Verdict)
    cells = [number(count(messages))]
    cells += [number(count(counts.get((name, verdict), 0))) for verdict in SHOWN_VERDICTS]
    filled = f"{count(figures.with_fill)} ({share(figures.with_fill, figures.trades)})" if figures.trades else "-"
    cells += [number(filled), number(count(figures.bought)), number(dollars(figures.premium))]
    cells.append(number(f"{count(figures.reached)} of {count(figures.with_exit)}"))
    cells += [number(dollars(getattr(figures, field))) for _, field in results]
    return f'<tr><th scope="row">{words(name)}</th>{"".join(cells)}</tr>\n'
