"""`alert-trader simulate`: many days with every fault, judged against the broker's true books."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from composition.commands.refusing import Refusal

if TYPE_CHECKING:
    from composition.simulation.days.plan import Plan
    from composition.simulation.run import Tally

TOLD_MAX = 3
LINE_EVERY = 10.0  # seconds, where the progress is not a terminal
SEED_MAX = 2**31
MUTANT_SEEDS = 2000


@click.command(short_help="Live through days of faults and check every promise.")
@click.option("--seeds", type=click.IntRange(1, SEED_MAX), default=200, show_default=True, metavar="N")
@click.option("--first-seed", type=click.IntRange(0, SEED_MAX), default=1, show_default=True, metavar="S")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="J", help="Processes; by default one a core.")
@click.option("--mutant", metavar="NAME", help="Plant a fault of another bot into the program first.")
@click.option("--mutants", is_flag=True, help="Show for every mutant which seed catches it.")
@click.option("--twice", is_flag=True, help="Run every seed twice and compare the logs' hashes.")
@click.option("--story", is_flag=True, help="Tell the first seed's day, whether it fails or not.")
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Write failing days, made small, here.")
@click.option("--day", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Run one kept day.")
@click.pass_context
def simulate(  # noqa: PLR0917 - click calls it by name
    context: click.Context,
    seeds: int,
    first_seed: int,
    jobs: int | None,
    mutant: str | None,
    keep: str | None,
    day: str | None,
    *,
    mutants: bool,
    twice: bool,
    story: bool,
) -> None:
    """Draw days of alerts, prices, fills, faults and crashes from seeds, and run the whole desk through them.

    Exits 0, or 1 with the seeds that broke a promise; each is told as a story and made as small as it gets.

    \b
    alert-trader simulate --seeds 2000
    alert-trader simulate --first-seed 4711 --seeds 1 --story
    alert-trader simulate --mutants
    """
    from composition.simulation.run import default_jobs

    workers = default_jobs() if jobs is None else jobs
    if day is not None:
        context.exit(_one_day(Path(day)))
    if mutants:
        context.exit(_every_mutant(first_seed, workers))
    if story:
        _tell_one(first_seed)
    chosen = range(first_seed, first_seed + seeds)
    context.exit(_many(chosen, workers, mutant, None if keep is None else Path(keep), twice=twice))


def _many(seeds: range, jobs: int, mutant: str | None, keep: Path | None, *, twice: bool) -> int:
    from composition.simulation.mutants.planted import find
    from composition.simulation.run import run_seeds

    try:
        find(mutant)
    except ValueError as error:
        raise Refusal(str(error)) from error
    progress = _Progress(len(seeds))
    tally = run_seeds(seeds, jobs=jobs, mutant=mutant, twice=twice, progress=progress.show)
    progress.end()
    for kind, count in tally.struck.most_common():
        click.echo(f"  {count:>8}  {kind}")
    for failure in tally.failures[:TOLD_MAX]:
        _tell_failure(failure.seed, mutant, keep)
    if tally.failures:
        click.echo(f"Failing seeds: {' '.join(str(failure.seed) for failure in tally.failures)}")
    click.echo(_summary(tally))
    return 1 if tally.failures else 0


def _summary(tally: "Tally") -> str:
    return (
        f"{tally.seeds} seeds, {tally.hours:.1f} simulated hours, {tally.faults} faults, {tally.restarts} restarts, "
        f"{tally.violations} violations"
    )


def _tell_failure(seed: int, mutant: str | None, keep: Path | None) -> None:
    """Print a failing seed's smallest day as a story, and keep it."""
    from composition.simulation.days.drawing import draw_plan
    from composition.simulation.days.keeping import write_plan
    from composition.simulation.days.shrinking import shrink
    from composition.simulation.mutants.planted import find
    from composition.simulation.mutants.planting import mutated

    planted = find(mutant)
    with mutated(planted):
        plan = draw_plan(seed)
        broken = _broken(plan)
        promise = planted.promise if planted is not None and planted.promise in broken else broken[0]
        click.echo(f"\nSeed {seed} breaks the promise `{promise}`. Making it small ...")
        small = shrink(plan, lambda candidate: promise in _broken(candidate))
        _tell(small)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"seed_{seed}.json"
        path.write_text(write_plan(small), "utf-8")
        click.echo(f"Kept as {path}; run it again with `alert-trader simulate --day {path}`.")


def _broken(plan: "Plan") -> list[str]:
    from composition.simulation.day import run_day

    return [violation.promise for violation in run_day(plan).violations]


def _tell(plan: "Plan") -> bool:
    from composition.simulation.day import run_day
    from composition.simulation.telling import told

    day = run_day(plan, keep_log=True)
    click.echo(told(day))
    return bool(day.violations)


def _tell_one(seed: int) -> None:
    from composition.simulation.days.drawing import draw_plan

    _tell(draw_plan(seed))


def _one_day(path: Path) -> int:
    from composition.simulation.days.keeping import read_plan

    try:
        plan = read_plan(path)
    except ValueError as error:
        raise Refusal(str(error)) from error
    return 1 if _tell(plan) else 0


def _every_mutant(first_seed: int, jobs: int) -> int:
    """Print which seed catches each mutant; 1 where one gets through."""
    from composition.simulation.hunting import hunt
    from composition.simulation.mutants.planted import MUTANTS

    free = 0
    click.echo(f"{'mutant':<26} {'breaks the promise':<26} caught within seeds")
    for mutant in MUTANTS:
        seeds = hunt(mutant, range(first_seed, first_seed + MUTANT_SEEDS), jobs)
        free += seeds is None
        click.echo(f"{mutant.name:<26} {mutant.promise:<26} {seeds or f'over {MUTANT_SEEDS}'}")
    click.echo(f"{len(MUTANTS)} mutants, {len(MUTANTS) - free} caught")
    return 1 if free else 0


class _Progress:
    """One line that grows on a terminal, a new one now and then elsewhere."""

    def __init__(self, seeds: int) -> None:
        self._seeds = seeds
        self._began = self._shown = time.monotonic()
        self._live = sys.stderr.isatty()

    def show(self, tally: "Tally") -> None:
        now = time.monotonic()
        if not self._live and now - self._shown < LINE_EVERY:
            return
        self._shown = now
        pace = tally.seeds / max(now - self._began, 0.001)
        failing = "".join(f" {failure.seed}" for failure in tally.failures[:TOLD_MAX])
        top = ", ".join(f"{count} {kind}" for kind, count in tally.struck.most_common(3))
        line = (
            f"{tally.seeds}/{self._seeds} seeds, {pace:.0f} a second, {tally.hours:.0f} simulated hours, "
            f"{tally.faults} faults ({top}), {len(tally.failures)} failing{failing and f' ({failing[1:]} …)'}"
        )
        click.echo(f"\r\x1b[K{line}" if self._live else line, err=True, nl=not self._live)

    def end(self) -> None:
        if self._live:
            click.echo(err=True)
