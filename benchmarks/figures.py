# noqa: INP001 (run as a module, no package)
"""What every benchmark gives back: figures beside their floor of the same run, printed as one table or kept as JSON.

A floor is the least that the work could cost on this machine at that moment. Ratios of medians outlive a busy or a slow
machine, the figures themselves do not.
"""

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import asdict, field, frozen

LOW, HIGH = 5, 95
HEAD = f"{'what':<46}{'median':>10}{'5 %':>10}{'95 %':>10}  {'unit':<9}{'n':>6}  {'floor':<28}{'':>9}{'ratio':>9}  bar"


@frozen(kw_only=True)
class Figure:
    """One measured thing. `bar` is the most that its ratio to the floor, or without a floor its median, may be."""

    name: str
    unit: str
    n: int
    median: float
    low: float
    high: float
    floor_name: str = ""
    floor: float | None = None
    bar: float | None = None
    note: str = ""
    ratio: float | None = field(init=False)

    @ratio.default
    def _of_floor(self) -> float | None:
        return None if not self.floor else self.median / self.floor

    @property
    def is_met(self) -> bool | None:
        """Whether the bar is met, None without a bar."""
        if self.bar is None:
            return None
        return (self.median if self.ratio is None else self.ratio) <= self.bar


def figure(
    name: str,
    samples: Iterable[float],
    unit: str,
    *,
    floor: Sequence[float] | float | None = None,
    floor_name: str = "",
    bar: float | None = None,
    note: str = "",
) -> Figure:
    """Return the figure of some samples; `floor` is the floor's samples, or its value."""
    took = sorted(samples)
    return Figure(
        name=name,
        unit=unit,
        n=len(took),
        median=statistics.median(took),
        low=percentile(took, LOW),
        high=percentile(took, HIGH),
        floor_name=floor_name,
        floor=floor if floor is None or isinstance(floor, float | int) else statistics.median(floor),
        bar=bar,
        note=note,
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value of ordered samples that `percent` of them do not exceed."""
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def table(figures: Iterable[Figure]) -> str:
    """Return the figures for people, a line each."""
    return "\n".join((HEAD, *(_line(one) for one in figures)))


def _line(one: Figure) -> str:
    floor = "" if one.floor is None else _number(one.floor)
    ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
    met = (
        ""
        if one.is_met is None
        else f"<= {one.bar:g}{'' if one.ratio is None else ' x'} {'met' if one.is_met else 'MISSED'}"
    )
    numbers = f"{_number(one.median):>10}{_number(one.low):>10}{_number(one.high):>10}"
    note = f"  {one.note}" if one.note else ""
    return f"{one.name:<46}{numbers}  {one.unit:<9}{one.n:>6}  {one.floor_name:<28}{floor:>9}{ratio:>9}  {met}{note}"


def markdown(figures: Iterable[Figure]) -> str:
    """Return the figures as a table of a page."""
    rows = [
        "| what | median | 5 % | 95 % | floor | ratio | at most | |",
        "| --- | --: | --: | --: | --- | --: | --- | --- |",
    ]
    for one in figures:
        spread = (_number(one.low), _number(one.high)) if one.n > 1 else ("", "")
        floor = "" if one.floor is None else f"{one.floor_name}, {_number(one.floor)} {one.unit}"
        ratio = "" if one.ratio is None else f"{_number(one.ratio)} ×"
        unit = one.unit if one.ratio is None else "×"
        bar = "" if one.bar is None else f"{one.bar:g} {unit}{'' if one.is_met else ', **missed**'}"
        cells = (one.name, f"{_number(one.median)} {one.unit}", *spread, floor, ratio, bar, one.note)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _number(value: float) -> str:
    if value >= 1000:  # noqa: PLR2004 - as it reads best
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"  # noqa: PLR2004 - see above


def machine() -> dict[str, str | int]:
    """Return what the figures were measured on."""
    cpu = next((line.partition(": ")[2] for line in _cpuinfo() if line.startswith("model name")), platform.processor())
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()}",
        "cpu": cpu,
        "cores": os.cpu_count() or 1,
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def as_json(figures: Iterable[Figure]) -> str:
    """Return the figures and the machine as JSON."""
    told = [{**asdict(one), "met": one.is_met} for one in figures]
    return json.dumps({"machine": machine(), "figures": told}, indent=1) + "\n"
