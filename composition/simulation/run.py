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
from composition.simulation.mutants.planted import find
from composition.simulation.mutants.planting import mutated
from composition.simulation.truth.witness import Violation

CHUNK = 20


@frozen
class Failure:
    seed: int
    violations: tuple[Violation, ...]


@define
class Tally:
    """What the seeds so far came to. `hours` are of market time, `cpu` seconds of all processes.

    `kinds` counts the days by kind, `struck` the faults, `ends` the crash points at which a process ended.
    """

    seeds: int = 0
    hours: float = 0.0
    rows: int = 0
    restarts: int = 0
    cpu: float = 0.0
    kinds: Counter[str] = field(factory=Counter)
    struck: Counter[str] = field(factory=Counter)
    ends: Counter[str] = field(factory=Counter)
    failures: list[Failure] = field(factory=list)

    def take(self, day: Day) -> None:
        """Count one day."""
        self.seeds += 1
        self.hours += day.hours
        self.rows += day.rows
        self.restarts += day.lives - 1
        self.kinds[day.plan.kind] += 1
        self.struck.update(day.struck)
        self.ends.update(day.ends)
        if day.violations:
            self.failures.append(Failure(day.plan.seed, day.violations))

    def add(self, other: "Tally") -> None:
        """Count another tally in."""
        self.seeds += other.seeds
        self.hours += other.hours
        self.rows += other.rows
        self.restarts += other.restarts
        self.cpu += other.cpu
        self.kinds.update(other.kinds)
        self.struck.update(other.struck)
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
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Return the tally of `seeds`, run on `jobs` processes; `progress` sees it grow. Failures are in order of seed.

    `mutant` names one to plant. `twice` runs every day again and holds its log to the first one's hash.
    """
    total = Tally()
    work = [_Work(seeds[at : at + CHUNK], mutant, twice) for at in range(0, len(seeds), CHUNK)]
    for part in _parts(work, jobs):
        total.add(part)
        progress(total)
    total.failures.sort(key=lambda failure: failure.seed)
    return total


def default_jobs() -> int:
    """Return how many processes this machine has cores for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@frozen
class _Work:
    seeds: range
    mutant: str | None
    twice: bool


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
            for seed in work.seeds:
                tally.take(_day(seed, twice=work.twice))
    finally:
        gc.enable()
        gc.collect()
    tally.cpu = time.process_time() - began
    return tally


def _day(seed: int, *, twice: bool) -> Day:
    day = run_day(draw_plan(seed))
    if twice and run_day(draw_plan(seed)).head != day.head:
        broken = Violation("same seed, same log", f"two runs of seed {seed} wrote different logs")
        return evolve(day, violations=(*day.violations, broken))
    return day
