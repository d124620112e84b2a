"""`alert-trader simulate`: many days with every fault, judged against the broker's true books."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

from composition.commands.refusing import Refusal, refuse_without_assertions
from domain.value import Value

if TYPE_CHECKING:
    from composition.simulation.days.plan import Plan
    from composition.simulation.run import Failure, Tally

TOLD_MAX = 3
SEED_MAX = 2**31
MUTANT_SEEDS = 2000


@click.command(short_help="Live through days of faults and check every promise.")
@click.option("--seeds", type=click.IntRange(1, SEED_MAX), default=200, show_default=True, metavar="N")
@click.option("--first-seed", type=click.IntRange(0, SEED_MAX), default=1, show_default=True, metavar="S")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="J", help="Processes; by default one a core.")
@click.option("--mutant", metavar="NAME", help="Plant a fault of another bot into the program first.")
@click.option("--mutants", is_flag=True, help="Show for every mutant which seed catches it.")
@click.option("--twice", is_flag=True, help="Run every day twice and compare the logs' hashes.")
@click.option("--crash-points", is_flag=True, help="End the process before and after each single act of every day.")
@click.option("--story", is_flag=True, help="Tell the first seed's day, whether it fails or not.")
@click.option("--keep", type=click.Path(file_okay=False), metavar="DIR", help="Write failing days, made small, here.")
@click.option("--report", type=click.Path(dir_okay=False), metavar="FILE", help="Write what was run as a page.")
@click.option("--day", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Run one kept day.")
@click.pass_context
def simulate(  # noqa: PLR0917 - click calls it by name
    context: click.Context,
    seeds: int,
    first_seed: int,
    jobs: int | None,
    mutant: str | None,
    keep: str | None,
    report: str | None,
    day: str | None,
    *,
    mutants: bool,
    twice: bool,
    crash_points: bool,
    story: bool,
) -> None:
    """Draw days of alerts, prices, fills, faults and crashes from seeds, and run the whole desk through them.

    Exits 0, or 1 with the seeds that broke a promise; each is told as a story and made as small as it gets.

    \b
    alert-trader simulate --seeds 2000
    alert-trader simulate --first-seed 4711 --seeds 1 --story
    alert-trader simulate --seeds 20 --crash-points
    alert-trader simulate --mutants
    """
    refuse_without_assertions()
    from composition.simulation.run import default_jobs

    workers = default_jobs() if jobs is None else jobs
    if day is not None:
        context.exit(_one_day(Path(day)))
    if mutants:
        context.exit(_every_mutant(first_seed, workers))
    if story:
        _tell_one(first_seed)
    chosen = range(first_seed, first_seed + seeds)
    run = _Run(chosen, workers, mutant, twice, crash_points)
    context.exit(_many(run, None if keep is None else Path(keep), None if report is None else Path(report)))


@frozen
class _Run(Value):
    seeds: range
    jobs: int
    mutant: str | None
    twice: bool
    crash_points: bool


def _many(run: _Run, keep: Path | None, report: Path | None) -> int:
    from composition.simulation.mutants.planted import find
    from composition.simulation.progress import Progress
    from composition.simulation.report import Setting, program, write_report
    from composition.simulation.run import run_seeds

    try:
        find(run.mutant)
    except ValueError as error:
        raise Refusal(str(error)) from error
    progress = Progress(len(run.seeds))
    setting = Setting(
        command=" ".join(["alert-trader", *sys.argv[1:]]),
        title="days, one for each crash point" if run.crash_points else "days of faults",
        planned=len(run.seeds),
        jobs=run.jobs,
        began=datetime.now(UTC),
        program=program(),
    )

    def grown(tally: "Tally") -> None:
        progress.show(tally)
        if report is not None:  # an interrupted run has its page too
            write_report(report, setting, tally, progress.took())

    tally = run_seeds(
        run.seeds,
        jobs=run.jobs,
        mutant=run.mutant,
        twice=run.twice,
        crash_points=run.crash_points,
        progress=grown,
    )
    progress.end()
    for kind, count in tally.struck.most_common():
        click.echo(f"  {count:>8}  {kind}")
    for failure in tally.failures[:TOLD_MAX]:
        _tell_failure(failure, run.mutant, keep)
    if tally.failures:
        click.echo(f"Failing seeds: {' '.join(str(failure.seed) for failure in tally.failures)}")
    click.echo(_summary(tally))
    return 1 if tally.failures else 0


def _summary(tally: "Tally") -> str:
    return (
        f"{tally.seeds} seeds, {tally.hours:.1f} simulated hours, {tally.faults} faults, {tally.restarts} restarts, "
        f"{tally.violations} violations"
    )


def _tell_failure(failure: "Failure", mutant: str | None, keep: Path | None) -> None:
    """Print a failing day's smallest form as a story, and keep it."""
    from composition.simulation.days.keeping import write_plan
    from composition.simulation.days.shrinking import shrink
    from composition.simulation.mutants.planted import find
    from composition.simulation.mutants.planting import mutated

    planted = find(mutant)
    with mutated(planted):
        plan = failure.plan
        broken = [violation.promise for violation in failure.violations]
        promise = planted.promise if planted is not None and planted.promise in broken else broken[0]
        click.echo(f"\nSeed {plan.seed} breaks the promise `{promise}`. Making it small ...")
        small = shrink(plan, lambda candidate: promise in _broken(candidate))
        _tell(small)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"seed_{failure.seed}.json"
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
