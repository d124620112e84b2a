"""Every crash point of a day: the process ends before and after each row, commit and call, and nothing is lost."""

import pytest
from attrs import evolve

from composition.simulation.day import run_day
from composition.simulation.days.drawing import draw_plan
from composition.simulation.exhausting import crash_points, one_crash, two_crashes
from composition.simulation.telling import told


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_single_crash_of_many_days_is_survived(seed):
    assert _failing(one_crash(evolve(draw_plan(seed), crashes=()))) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_every_crash_in_the_recovery_from_another_is_survived(seed):
    assert _failing(two_crashes(evolve(draw_plan(seed), crashes=()), every=11)) is None
