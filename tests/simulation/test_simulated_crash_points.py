"""Every crash point of a day: the process ends before and after each row, commit and call, and nothing is lost."""

from collections import Counter
from pathlib import Path

import pytest
from attrs import evolve

from adapters.sqlite.codec import KINDS
from composition.simulation.day import run_day
from composition.simulation.days.drawing import draw_plan
from composition.simulation.days.keeping import read_plan
from composition.simulation.days.plan import Call, Edge
from composition.simulation.exhausting import crash_points, first_of_each_kind, one_crash, two_crashes
from composition.simulation.mutants.planted import find
from composition.simulation.mutants.planting import mutated
from composition.simulation.telling import told

RARE_DAYS = sorted((Path(__file__).parent / "rare_days").glob("*.json"))
CAUGHT = Path(__file__).parent / "caught"


def _failing(plans):
    for plan in plans:
        day = run_day(plan)
        if day.violations:
            return told(run_day(plan, keep_log=True))
    return None


def test_crashes_all_over_a_day_are_survived():
    plan = evolve(draw_plan(2), crashes=())
    assert crash_points(plan).total() > 50
    assert _failing(one_crash(plan, every=23)) is None


def test_the_process_may_end_before_and_after_every_kind_of_act():
    ends: Counter[str] = Counter()
    kinds: set[str] = set()
    for plan in (*map(read_plan, RARE_DAYS), *map(draw_plan, range(1, 61))):
        found = list(first_of_each_kind(evolve(plan, stops=()), kinds))
        for kind, crashing in found:
            day = run_day(crashing)
            assert not day.violations, told(run_day(crashing, keep_log=True))
            ends += day.ends
            kinds.add(kind)
    rows = {f"append {kind}" for kind in KINDS} - {"append OrderWithheld"}  # no day of sound code has it, see below
    calls = {f"call {call}" for call in Call} - {
        "call report",
        "call message",
    }  # these two are the broker's and the room's
    assert kinds >= rows | calls | {"commit"}
    assert {f"{edge} {kind}" for kind in kinds for edge in Edge} <= ends.keys()


@pytest.mark.parametrize("edge", Edge)
def test_the_process_may_end_before_and_after_an_order_is_withheld(edge):
    plan = read_plan(CAUGHT / "exit-for-requested.json")
    with mutated(find("exit-for-requested"), checked=True):
        crash = run_day(plan).firsts["append OrderWithheld"]
        day = run_day(evolve(plan, calm=False, crashes=(evolve(crash, edge=edge),)))
    assert day.ends[f"{edge} append OrderWithheld"] == 1
    assert "never oversell" not in {violation.promise for violation in day.violations}
    assert all(violation.promise in {"nothing withheld", "what is held is covered"} for violation in day.violations)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_single_crash_of_many_days_is_survived(seed):
    assert _failing(one_crash(evolve(draw_plan(seed), crashes=()))) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_every_crash_in_the_recovery_from_another_is_survived(seed):
    assert _failing(two_crashes(evolve(draw_plan(seed), crashes=()), every=11)) is None
