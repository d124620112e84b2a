"""Days of faults by seed: no promise breaks, enough goes wrong, and the same seed writes the same log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from composition.simulation.day import run_day
from composition.simulation.days.drawing import draw_plan
from composition.simulation.days.keeping import read_plan, write_plan
from composition.simulation.days.plan import Plan
from composition.simulation.run import run_seeds
from composition.simulation.telling import told

CHUNK = 20
BAD_DAYS = sorted((Path(__file__).parent / "bad_days").glob("*.json"))
HEADS = """
from composition.simulation.day import run_day
from composition.simulation.days.drawing import draw_plan
print([run_day(draw_plan(seed)).head for seed in range(30, 37)])
"""


@pytest.mark.parametrize("first", range(1, 201, CHUNK))
def test_no_promise_breaks_on_a_bad_day(first):
    tally = run_seeds(range(first, first + CHUNK))
    assert not tally.failures, [(failure.seed, [str(one) for one in failure.violations]) for failure in tally.failures]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(300_000, 310_000, 500))
def test_no_promise_breaks_on_many_bad_days(first):
    tally = run_seeds(range(first, first + 500))
    assert not tally.failures, [(failure.seed, [str(one) for one in failure.violations]) for failure in tally.failures]


def test_enough_goes_wrong_on_a_day():
    tally = run_seeds(range(300, 325))
    assert tally.faults >= 8 * tally.seeds * 0.8
    assert tally.restarts >= tally.seeds / 5
    assert len(tally.struck) >= 40


@pytest.mark.parametrize("path", BAD_DAYS, ids=lambda path: path.stem)
def test_a_day_that_once_broke_a_promise_keeps_it(path):
    day = run_day(read_plan(path), keep_log=True)
    assert not day.violations, told(day)


def test_the_same_seed_writes_the_same_log():
    assert [run_day(draw_plan(seed)).head for seed in range(60, 66)] == [
        run_day(draw_plan(seed)).head for seed in range(60, 66)
    ]


def test_another_process_with_other_hashes_writes_the_same_log():
    heads = [
        subprocess.run(  # noqa: S603 - this interpreter, our own code
            [sys.executable, "-c", HEADS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert heads[0] == heads[1]


def test_a_day_on_a_real_file_is_the_same_as_in_memory():
    plan = next(plan for plan in map(draw_plan, range(1, 500)) if plan.crashes and not plan.on_disk)
    parts = {field: getattr(plan, field) for field in plan.__slots__ if field != "__weakref__"}
    assert run_day(Plan(**parts | {"on_disk": True})).head == run_day(plan).head


@pytest.mark.parametrize("seed", range(1, 200, 7))
def test_a_plan_is_read_back_as_it_was_written(tmp_path, seed):
    path = tmp_path / "day.json"
    path.write_text(write_plan(draw_plan(seed)), "utf-8")
    assert read_plan(path) == draw_plan(seed)


def test_what_is_no_plan_is_refused_by_name(tmp_path):
    path = tmp_path / "day.json"
    path.write_text('{"seed": "one"}', "utf-8")
    with pytest.raises(ValueError, match=r"day\.json holds no plan of a day"):
        read_plan(path)
