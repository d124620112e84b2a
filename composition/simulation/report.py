"""A run of many days as a page: what was run, how long it took, what went wrong in it, and which promises broke."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from composition.simulation.days.plan import Edge
from composition.simulation.run import Tally
from composition.version import VERSION
from domain.value import Value

ROOT = Path(__file__).resolve().parents[2]
FAILURES_MAX = 200


@frozen(kw_only=True)
class Setting(Value):
    """What was run. `planned` is how many days were asked for, `title` says of what kind."""

    command: str
    title: str
    planned: int
    jobs: int
    began: datetime
    program: str


def program() -> str:
    """Return the version that runs, with the commit where it runs from a checkout."""
    known = f"version {VERSION}"
    commit = _git("rev-parse", "--short=12", "HEAD")
    if commit is None:
        return known
    # Untracked files are nobody's program.
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "*.py")
    return f"{known}, commit {commit}{' with changes that are not committed' if changed else ''}"


def write_report(path: Path, setting: Setting, tally: Tally, took: timedelta) -> None:
    """Write the page of a run, as far as it has come."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text("\n".join(_page(setting, tally, took)) + "\n", "utf-8")
    beside.replace(path)


def _git(*arguments: str) -> str | None:
    try:
        told = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603, S607 - fixed words
    except (OSError, subprocess.CalledProcessError):
        return None
    return told.stdout.strip()


def _page(setting: Setting, tally: Tally, took: timedelta) -> Iterator[str]:
    yield f"# {tally.days:,} {setting.title}"
    yield ""
    if tally.seeds < setting.planned:
        yield f"**Not the whole run: {tally.seeds:,} of {setting.planned:,} seeds were run when this was written.**"
        yield ""
    yield from _facts(setting, tally, took)
    yield from _counts("Kinds of days", "Kind", tally.kinds, tally.days)
    yield from _counts("Faults", "Fault", tally.struck, tally.days)
    yield from _crash_points(tally)
    yield from _broken(tally)


def _facts(setting: Setting, tally: Tally, took: timedelta) -> Iterator[str]:
    seconds = max(took.total_seconds(), 0.001)
    per_day = max(tally.days, 1)
    yield "| | |"
    yield "|---|---|"
    yield f"| Command | `{setting.command}` |"
    yield f"| Program | {setting.program} |"
    yield f"| Began | {setting.began:%Y-%m-%d %H:%M} UTC |"
    yield f"| Took | {clock_words(took)} on {setting.jobs} processes, {tally.days / seconds:.1f} days a second |"
    yield f"| Seeds | {tally.seeds:,}, {tally.days:,} days |"
    yield f"| Simulated | {tally.hours:,.0f} market hours, {tally.rows:,} rows of the log |"
    yield f"| Faults | {tally.faults:,}, {tally.faults / per_day:.1f} a day |"
    yield f"| Restarts | {tally.restarts:,} |"
    yield f"| Broken promises | {tally.violations:,} on {len(tally.failures):,} days |"


def clock_words(took: timedelta) -> str:
    """Return a time span as hours, minutes and seconds, without what is nothing."""
    minutes, seconds = divmod(round(took.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count} {word}" for count, word in ((hours, "h"), (minutes, "min"), (seconds, "s")) if count]
    return " ".join(parts) or "0 s"


def _counts(title: str, name: str, counts: Counter[str], days: int) -> Iterator[str]:
    if not counts:
        return
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| {name} | Count | A day |"
    yield "|---|---:|---:|"
    for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"| {kind} | {count:,} | {count / max(days, 1):.4f} |"


def _crash_points(tally: Tally) -> Iterator[str]:
    """Where processes ended: before and after each row of the log by its kind, each commit, each call, each order."""
    if not tally.ends:
        return
    sides = {
        point: (tally.ends[f"{Edge.BEFORE} {point}"], tally.ends[f"{Edge.AFTER} {point}"]) for point in tally.points
    }
    both = sum(1 for side in sides.values() if all(side))
    yield ""
    yield "## Crash points"
    yield ""
    yield f"{len(sides)} kinds of acts were reached; the process ended before and after {both} of them."
    yield ""
    yield "| Act | Reached | Ended before it | Ended after it |"
    yield "|---|---:|---:|---:|"
    for point, (before, after) in sorted(sides.items()):
        yield f"| {point} | {tally.points[point]:,} | {before:,} | {after:,} |"
    yield from _counts("Other ends", "The process ended", _elsewhere(tally), tally.days)


def _elsewhere(tally: Tally) -> Counter[str]:
    sides = {f"{edge} {point}" for edge in Edge for point in tally.points}
    return Counter({end: count for end, count in tally.ends.items() if end not in sides})


def _broken(tally: Tally) -> Iterator[str]:
    if not tally.failures:
        return
    yield ""
    yield "## Broken promises"
    yield ""
    yield "| Seed | What |"
    yield "|---:|---|"
    for failure in tally.failures[:FAILURES_MAX]:
        for violation in failure.violations:
            yield f"| {failure.seed} | {str(violation).replace('|', '/')} |"
    if len(tally.failures) > FAILURES_MAX:
        yield f"| | and {len(tally.failures) - FAILURES_MAX:,} days more |"
