"""A day with a crash at each of its crash points in turn, and at each point of the recovery from it."""

from collections import Counter
from collections.abc import Container, Iterator
from itertools import product

from attrs import evolve

from composition.simulation.day import run_day
from composition.simulation.days.plan import Crash, Edge, Plan, Where

RECOVERY = 12  # rows, commits and calls of the second life: its recovery is over by then


def crash_points(plan: Plan) -> Counter[Where]:
    """Return how many rows, commits and calls the first life of a day without crashes has."""
    return run_day(evolve(plan, crashes=())).reached


def one_crash(plan: Plan, *, every: int = 1) -> Iterator[Plan]:
    """Yield the day with one crash, before and after `every` so many-th point of the whole day: no day is calm then."""
    points = [(where, number) for where, count in crash_points(plan).items() for number in range(1, count + 1)]
    for (where, number), edge in product(points[::every], Edge):
        yield evolve(plan, calm=False, crashes=(Crash(life=1, where=where, edge=edge, nth=number),))


def first_of_each_kind(plan: Plan, known: Container[str]) -> Iterator[tuple[str, Plan]]:
    """Yield each kind of act of the day that is not `known`, and the day with a crash before, then after, the first."""
    for kind, crash in run_day(evolve(plan, crashes=())).firsts.items():
        if kind not in known:
            for edge in Edge:
                yield kind, evolve(plan, calm=False, crashes=(evolve(crash, edge=edge),))


def two_crashes(plan: Plan, *, every: int = 1) -> Iterator[Plan]:
    """Yield the day with a crash, and then one at each point of the recovery from it."""
    for once in one_crash(plan, every=every):
        for where, number, edge in product(Where, range(1, RECOVERY + 1), Edge):
            yield evolve(once, crashes=(*once.crashes, Crash(life=2, where=where, edge=edge, nth=number)))
