"""The sections with pictures: verdicts over time, size and premium, how ladders ended, what became of the contracts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from composition.replay.lines import Totals, Verdict
from composition.replay.report import charts
from composition.replay.report.figures import EXITS, Figures, TradeFigures
from composition.replay.report.frame import section
from composition.replay.report.overview import COLOURS
from composition.replay.report.periods import Periods
from composition.replay.report.words import (
    ACTED,
    LADDER,
    NAMES,
    VERDICTS,
    about_prices,
    counted,
    dollars,
    is_modelled,
    share,
)

SIZES_APART = 20
LADDER_COLOURS = dict(zip(LADDER, ("blue", "blue", "blue", "blue", "sky", "yellow", "red", "red", "grey"), strict=True))
END_COLOURS = {"sold by the exit": "blue", "closed by an alert": "sky", "expired": "red", "held at the end": "grey"}


def over_time(totals: Totals) -> Iterator[str]:
    """Yield the section of verdicts over time."""
    yield section("time", "Over time", f"Days are New York's. The numbers are in days.csv; {about_prices(totals)}.")
    if not totals.days:
        yield '<p class="faint">No messages.</p>'
        return
    periods = _periods(totals)
    unit = f"messages a {periods.length}"
    acted = [series for series in _by_verdict(totals, periods) if series.name != NAMES[Verdict.IGNORED]]
    axis = charts.Axis(periods.names(), periods.labels())
    yield charts.columns("Traded, denied or repeated", unit, axis, [each for each in acted if each.total])
    everything = [series for series in _by_verdict(totals, periods) if series.name == NAMES[Verdict.IGNORED]]
    rest = [sum(series.values[index] for series in acted) for index in range(periods.count)]
    everything.insert(0, charts.Series("traded, denied or repeated", "ink", rest))
    yield charts.columns("All messages", unit, axis, everything)


def sizes(totals: Totals, found: TradeFigures) -> Iterator[str]:
    """Yield the section of sizes and premium."""
    yield section(
        "size",
        "Size and premium at risk",
        "As decided when an entry was sized: all its contracts at the worst price that it may pay. "
        f"The numbers are in trades.csv; {about_prices(totals)}.",
    )
    figures = found.all
    if not figures.trades:
        yield '<p class="faint">No entries.</p>'
        return
    yield (
        f"<p>{counted(figures.trades, 'entry', 'entries')} of {counted(figures.decided, 'contract')}, "
        f"sized for at most {dollars(figures.premium)} together; "
        f"the median entry for at most {dollars(figures.usual_premium)}.</p>"
    )
    yield '<div class="pair">'
    yield _contracts(figures.sizes)
    yield _spread("Premium of an entry", "entries, by dollars of premium", figures.premiums)
    yield "</div>"
    periods = _periods(totals, *found.premium_by_day)
    amounts = [Decimal(0)] * periods.count
    for day, premium in found.premium_by_day.items():
        amounts[periods.index(day)] += premium
    series = [charts.Series("dollars", "blue", amounts)]
    unit = f"dollars a {periods.length}"
    yield charts.columns("Premium of new entries", unit, charts.Axis(periods.names(), periods.labels()), series)


def ladders(totals: Totals, figures: Figures) -> Iterator[str]:
    """Yield the section of how entries ended."""
    caption = f"Entries by the step of the ladder that ended them; {about_prices(totals)}."
    yield section("ladder", "How entries ended", caption)
    if not figures.trades:
        yield '<p class="faint">No entries.</p>'
        return
    filled = f"{share(figures.with_fill, figures.trades)} of {counted(figures.trades, 'entry', 'entries')} filled"
    wait = figures.usual_wait
    waited = "" if wait is None else f" Half of these had their last fill within {wait:,.1f} seconds."
    yield f"<p>{filled} at least in part.{waited}</p>"
    rows = [charts.Bar(name, figures.ladder[name], LADDER_COLOURS[name]) for name in LADDER]
    yield charts.bars("ended", "entries", rows, figures.trades)


def exits(totals: Totals, figures: Figures) -> Iterator[str]:
    """Yield the section of what became of the contracts that were bought."""
    modelled = is_modelled(totals)
    told = "; an exit that was reached is a modelled one" if modelled else ""
    yield section("exits", "What became of the contracts", f"Contracts that were bought; {about_prices(totals)}{told}.")
    if not figures.bought:
        yield '<p class="faint">Nothing was bought.</p>'
        return
    over = counted(figures.exits_placed, "contract")
    reached = f"{counted(figures.reached, 'trade')} reached it"
    yield f"<p>{counted(figures.with_exit, 'trade')} had a profit exit, over {over}; {reached}.</p>"
    rows = [charts.Bar(name, figures.ends[name], END_COLOURS[name]) for name, _ in EXITS]
    yield charts.bars("became of them", "contracts", rows, figures.bought)
    if not modelled:
        yield f"<p>{' '.join(_results(figures))} Left out: fees, and slippage beyond the recorded quotes.</p>"


def _results(figures: Figures) -> Iterator[str]:
    """What the contracts came to in dollars, each sum of other contracts."""
    sold = (
        "Nothing was sold."
        if figures.realized is None
        else f"What was sold, less what that had cost: {dollars(figures.realized)}."
    )
    yield sold
    if figures.expired_cost is not None:
        had_cost = f"What expired had cost {dollars(figures.expired_cost)}"
        yield f"{had_cost}: that is lost, but for what it was worth at the end, which is not known."
    if figures.held_cost is not None:
        yield f"What is held at the end had cost {dollars(figures.held_cost)}."


def _spread(title: str, unit: str, values: Sequence[Decimal]) -> str:
    limits = charts.edges(max(values))
    series = charts.Series("entries", "blue", charts.classes(values, limits))
    axis = charts.Axis(charts.spans(limits), [f"{limit:,}" for limit in limits], at_edges=True)
    return charts.columns(title, unit, axis, [series])


def _contracts(sizes: Mapping[int, int]) -> str:
    """A column a size, as long as these are few."""
    title, unit, most = "Contracts in an entry", "entries, by contracts", max(sizes)
    if most > SIZES_APART:
        return _spread(title, unit, [Decimal(size) for size in sorted(sizes) for _ in range(sizes[size])])
    every = range(1, most + 1)
    series = charts.Series("entries", "blue", [sizes.get(size, 0) for size in every])
    axis = charts.Axis([counted(size, "contract") for size in every], [str(size) for size in every])
    return charts.columns(title, unit, axis, [series])


def _periods(totals: Totals, *more: date) -> Periods:
    days = [*more, *(day for day, _ in totals.days)]
    return Periods(min(days), max(days))


def _by_verdict(totals: Totals, periods: Periods) -> list[charts.Series]:
    found = {verdict: [0] * periods.count for verdict in VERDICTS}
    for (day, verdict), number in totals.days.items():
        found[verdict][periods.index(day)] += number
    return [charts.Series(NAMES[verdict], COLOURS[verdict], found[verdict]) for verdict in (*ACTED, Verdict.IGNORED)]
