"""Pictures as inline SVG. Widths are percentages and text is text, so a picture fits a phone and stays readable.

Colours are classes of the page's style. Every mark has a title that says its numbers.
"""

from collections.abc import Sequence
from decimal import Decimal
from html import escape
from itertools import pairwise

from attrs import frozen

from composition.replay.report.words import share
from domain.value import Value

HEIGHT = 180
FOOT = 22  # under the columns, for the axis
HEAD = 10
GRID_LINES = 4
CHARACTER = 7  # about a letter's width
NARROW = 250  # the width of a picture on a phone, in which labels must not touch
GRID_STEPS = (1, 2, 3, 5)
CLASS_STEPS = (1, 2, 5, 10, 20, 25, 50)
Amount = int | Decimal


@frozen
class Series(Value):
    """One colour of a picture: its name, its class of colour, an amount for each column."""

    name: str
    colour: str
    values: Sequence[Amount]

    @property
    def total(self) -> Amount:
        return sum(self.values)


@frozen
class Axis(Value):
    """The columns' names, said in full, and their labels under the axis.

    `at_edges`: the labels stand between the columns, one more than there are of these.
    """

    names: Sequence[str]
    labels: Sequence[str]
    at_edges: bool = False


@frozen
class Bar(Value):
    """One row of a table with bars: its name, its count, its class of colour."""

    name: str
    amount: int
    colour: str


def columns(title: str, unit: str, axis: Axis, series: Sequence[Series]) -> str:
    """Return a picture of stacked columns, with both axes, and a legend where there are several colours."""
    names = axis.names
    totals = [sum(each.values[index] for each in series) for index in range(len(names))]
    top = _top(max(totals, default=0))
    ticks = range(0, top + 1, top // GRID_LINES)
    marks = [_grid(tick, top) for tick in ticks]
    marks += [_column(index, len(names), names[index], series, top) for index in range(len(names)) if totals[index]]
    marks += _axis_labels(axis)
    scale = "".join(
        f'<text x="100%" y="{_y(tick, top) + 4:.1f}" text-anchor="end">{_short(tick)}</text>' for tick in ticks
    )
    return (
        f'<figure class="columns"><figcaption>{escape(title)}</figcaption>{legend(series) if len(series) > 1 else ""}'
        f'<p class="unit">{escape(unit)}</p><div class="plot">'
        f'<svg class="scale" height="{HEIGHT + FOOT}" aria-hidden="true">{scale}</svg>'
        f'<svg class="marks" height="{HEIGHT + FOOT}" role="img" aria-label="{escape(title)}">{"".join(marks)}</svg>'
        "</div></figure>"
    )


def bars(kind: str, unit: str, rows: Sequence[Bar], whole: int) -> str:
    """Return a table with a bar for each row: of what `kind`, the bar, how many of `unit`, what share of `whole`."""
    most = max((row.amount for row in rows), default=0) or 1
    lines = []
    for row in rows:
        width = f'width="{Decimal(100) * row.amount / most:.2f}%" height="14"'
        bar = f'<svg class="bar" height="14" aria-hidden="true"><rect class="{row.colour}" {width}/></svg>'
        numbers = f'<td class="n">{row.amount:,}</td><td class="n">{share(row.amount, whole)}</td>'
        lines.append(f'<tr><th scope="row">{escape(row.name)}</th><td class="track">{bar}</td>{numbers}</tr>')
    heads = f'<th>{escape(kind)}</th><th></th><th class="n">{escape(unit)}</th><th class="n">share</th>'
    return f'<table class="bars"><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def stacked_bars(title: str, names: Sequence[str], series: Sequence[Series]) -> str:
    """Return a bar for each of `names`, all on one scale, with a part for each colour."""
    most = max(sum(each.values[index] for each in series) for index in range(len(names)))
    rows = []
    for index, name in enumerate(names):
        parts = [(each, each.values[index]) for each in series if each.values[index]]
        whole = sum(part for _, part in parts)
        svg = f'<svg class="bar" height="18" aria-hidden="true">{_parts(parts, most)}</svg>'
        head = f'<th scope="row"><bdi>{escape(name)}</bdi></th>'
        rows.append(f'<tr>{head}<td class="track">{svg}</td><td class="n">{whole:,}</td></tr>')
    table = f'<table class="bars full"><tbody>{"".join(rows)}</tbody></table>'
    return f"<figure><figcaption>{escape(title)}</figcaption>{legend(series)}{table}</figure>"


def share_bar(title: str, series: Sequence[Series]) -> str:
    """Return one bar from left to right with a part for each colour, and its legend with the counts."""
    whole = sum(each.total for each in series) or 1
    parts = _parts([(each, each.total) for each in series], whole)
    return (
        f'<figure><svg class="share" height="28" role="img" aria-label="{escape(title)}">{parts}</svg>'
        f"{legend(series, counted=True)}</figure>"
    )


def legend(series: Sequence[Series], *, counted: bool = False) -> str:
    """Return what each colour means, with its total where `counted`."""
    items = []
    for each in series:
        size = 'width="12" height="12"'
        swatch = f'<svg class="swatch" {size} aria-hidden="true"><rect class="{each.colour}" {size}/></svg>'
        total = f" <b>{each.total:,}</b>" if counted else ""
        items.append(f"<li>{swatch}{escape(each.name)}{total}</li>")
    return f'<ul class="legend">{"".join(items)}</ul>'


def edges(most: Decimal, parts: int = 10) -> list[int]:
    """Return the edges of at most `parts` equal classes from 0 up to beyond `most`, in round numbers."""
    step = _round_up(most / parts, CLASS_STEPS)
    return [step * index for index in range(int(most // step) + 2)]


def classes(values: Sequence[Decimal], limits: Sequence[int]) -> list[int]:
    """Return how many values are in each class: from one edge on, below the next."""
    found = [0] * (len(limits) - 1)
    for value in values:
        found[int(value // limits[1])] += 1
    return found


def spans(limits: Sequence[int]) -> list[str]:
    """Return each class's name: "250 to below 500", or "3" where it holds one whole number."""
    return [f"{low:,}" if high == low + 1 else f"{low:,} to below {high:,}" for low, high in pairwise(limits)]


def _parts(parts: Sequence[tuple[Series, Amount]], whole: Amount) -> str:
    """Rectangles side by side, `whole` being all of the width. As high as their picture."""
    marks, at = [], Decimal(0)
    for series, part in parts:
        width = Decimal(100) * part / whole
        title = f"<title>{escape(f'{series.name}: {part:,}')}</title>"
        marks.append(f'<rect class="{series.colour}" x="{at:.3f}%" width="{width:.3f}%" height="100%">{title}</rect>')
        at += width
    return "".join(marks)


def _column(index: int, number: int, name: str, series: Sequence[Series], top: Amount) -> str:
    width = Decimal(100) / number
    x, wide = width * index + width / 10, min(width * Decimal("0.8"), Decimal(12))
    x += (width * Decimal("0.8") - wide) / 2
    parts, under = [], Decimal(0)
    for each in series:
        if each.values[index]:
            high, low = _y(under + each.values[index], top), _y(under, top)
            across, down = f'x="{x:.3f}%" width="{wide:.3f}%"', f'y="{high:.1f}" height="{low - high:.1f}"'
            parts.append(f'<rect class="{each.colour}" {across} {down}/>')
            under += each.values[index]
    told = ", ".join(f"{each.values[index]:,.0f} {each.name}" for each in series if each.values[index])
    return f"<g><title>{escape(f'{name}: {told}')}</title>{''.join(parts)}</g>"


def _grid(tick: Amount, top: Amount) -> str:
    y = _y(tick, top)
    return f'<line class="{"grid" if tick else "base"}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'


def _axis_labels(axis: Axis) -> list[str]:
    """As many as fit a phone, evenly; the outermost stay inside the picture."""
    labels = axis.labels
    fitting = max(1, NARROW // (CHARACTER * (max(map(len, labels), default=0) + 2)))
    every = -(-len(labels) // fitting)
    found = []
    for index in range(0, len(labels), every):
        middle = _place(index, axis)
        near = Decimal(100 * CHARACTER * len(labels[index])) / NARROW / 2
        anchor = "start" if middle < near else "end" if middle > 100 - near else "middle"
        at = 0 if anchor == "start" else 100 if anchor == "end" else middle
        found.append(f'<text x="{at:.3f}%" y="{HEIGHT + 16}" text-anchor="{anchor}">{escape(labels[index])}</text>')
    return found


def _place(index: int, axis: Axis) -> Decimal:
    columns = len(axis.names)
    return Decimal(100) * (Decimal(index) / columns if axis.at_edges else Decimal(2 * index + 1) / (2 * columns))


def _y(amount: Amount, top: Amount) -> Decimal:
    return HEAD + (HEIGHT - HEAD) * (1 - Decimal(amount) / Decimal(top))


def _top(most: Amount) -> int:
    """The scale's end: not below `most`, and a whole round number between two grid lines."""
    return GRID_LINES * _round_up(Decimal(most) / GRID_LINES, GRID_STEPS)


def _round_up(amount: Decimal, steps: Sequence[int]) -> int:
    scale = 1
    while True:
        for step in steps:
            if step * scale >= amount:
                return step * scale
        scale *= 10


def _short(tick: Amount) -> str:
    """12,000 as 12k, so that the axis stays narrow."""
    thousand = Decimal(tick) / 1000
    return f"{thousand.normalize():f}k" if thousand >= 10 else f"{Decimal(tick).normalize():,f}"  # noqa: PLR2004
