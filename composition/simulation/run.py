"""Many seeds on all cores: counts what they held, and keeps the plans of those that broke a promise."""

import gc
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

from attrs import define, evolve, field, frozen

from composition.simulation.day import Day, run_day
from composition.simulation.days.drawing import draw_plan
from composition.simulation.days.plan import Plan
from composition.simulation.exhausting import one_crash
from composition.simulation.mutants.planted import find
from composition.simulation.mutants.planting import mutated
from composition.simulation.truth.witness import Violation
from domain.value import Value

CHUNK = 20


@frozen
class Failure(Value):
    """A day that broke a promise."""

    plan: Plan
    violations: tuple[Violation, ...]

    @property
    def seed(self) -> int:
        return self.plan.seed


@define
class Tally:
    """What the seeds so far came to, each with one day or more. `hours` are of market time, `cpu` seconds of all
    processes.

    `kinds` counts the days by kind, `struck` the faults, `points` the crash points that were reached, `ends` those at
    which a process ended.
    """

    seeds: int = 0
    days: int = 0
    hours: float = 0.0
    rows: int = 0
    restarts: int = 0
    cpu: float = 0.0
    kinds: Counter[str] = field(factory=Counter)
    struck: Counter[str] = field(factory=Counter)
    points: Counter[str] = field(factory=Counter)
    ends: Counter[str] = field(factory=Counter)
    failures: list[Failure] = field(factory=list)

    def take(self, day: Day) -> None:
        """Count one day."""
        self.days += 1
        self.hours += day.hours
        self.rows += day.rows
        self.restarts += day.lives - 1
        self.kinds[day.plan.kind] += 1
        self.struck.update(day.struck)
        self.points.update(day.points)
        self.ends.update(day.ends)
        if day.violations:
            self.failures.append(Failure(day.plan, day.violations))

    def add(self, other: "Tally") -> None:
        """Count another tally in."""
        self.seeds += other.seeds
        self.days += other.days
        self.hours += other.hours
        self.rows += other.rows
        self.restarts += other.restarts
        self.cpu += other.cpu
        self.kinds.update(other.kinds)
        self.struck.update(other.struck)
        self.points.update(other.points)
        self.ends.update(other.ends)
        self.failures += other.failures

    @property
    def faults(self) -> int:
        return self.struck.total()

    @property
    def violations(self) -> int:
        return sum(len(failure.violations) for failure in self.failures)


def run_seeds(
    seeds: range,
    *,
    jobs: int = 1,
    mutant: str | None = None,
    twice: bool = False,
    crash_points: bool = False,
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Return the tally of `seeds`, run on `jobs` processes; `progress` sees it grow. Failures are in order of seed.

    `mutant` names one to plant. `twice` runs every day again and holds its log to the first one's hash. `crash_points`
    runs each seed's day once for every crash point that it has, before and after, instead of with its own crashes.
    """
    total = Tally()
    size = 1 if crash_points else CHUNK
    work = [_Work(seeds[at : at + size], mutant, twice, crash_points) for at in range(0, len(seeds), size)]
    for part in _parts(work, jobs):
        total.add(part)
        progress(total)
    total.failures.sort(key=lambda failure: failure.seed)
    return total


def default_jobs() -> int:
    """Return how many processes this machine has cores for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@frozen
class _Work(Value):
    seeds: range
    mutant: str | None
    twice: bool
    crash_points: bool

    def plans(self) -> Iterator[Plan]:
        for seed in self.seeds:
            plan = draw_plan(seed)
            if self.crash_points:
                yield from one_crash(evolve(plan, crashes=()))
            else:
                yield plan


def _parts(work: list[_Work], jobs: int) -> Iterator[Tally]:
    if jobs == 1:
        yield from map(_chunk, work)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(_chunk, work)


def _chunk(work: _Work) -> Tally:
    began, tally = time.process_time(), Tally()
    gc.disable()  # a day makes few cycles and the collector would look through all of them again and again
    try:
        with mutated(find(work.mutant)):
            for number, plan in enumerate(work.plans(), start=1):
                tally.take(_day(plan, twice=work.twice))
                if not number % CHUNK:
                    gc.collect()
    finally:
        gc.enable()
        gc.collect()
    tally.seeds, tally.cpu = len(work.seeds), time.process_time() - began
    return tally


def _day(plan: Plan, *, twice: bool) -> Day:
    day = run_day(plan)
    if twice and run_day(plan).head != day.head:
        broken = Violation("same seed, same log", f"two runs of seed {plan.seed} wrote different logs")
        return evolve(day, violations=(*day.violations, broken))
    return day
