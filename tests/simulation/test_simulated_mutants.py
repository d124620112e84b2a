"""The simulator bites: every fault of another bot, planted into our own code, breaks the promise that it should."""

from pathlib import Path

import pytest

from composition.simulation.day import run_day
from composition.simulation.days.drawing import draw_plan
from composition.simulation.days.keeping import read_plan
from composition.simulation.days.shrinking import shrink
from composition.simulation.hunting import hunt
from composition.simulation.mutants.planted import MUTANTS, find
from composition.simulation.mutants.planting import mutated

CAUGHT = Path(__file__).parent / "caught"
NAMES = [mutant.name for mutant in MUTANTS]
SEEDS_MAX = 2000
# What the last check stops before the broker, and the order of the kept day that it withholds.
WITHHELD = {
    "full-size-after-cancel": "T1-E3",
    "partial-fills-unseen": "T1-E2",
    "blind-resend": "T1-X1",
    "alert-queued-again": "T1R-E1",
    "dry-run-not-passed-on": "T1-E1",
    "exit-for-requested": "T1-X1",
    "unknown-exit-sent-again": "T1-X2",
    "fills-counted-again": "T1-X2",
    "resend-after-restart": "T2-E2",
    "trades-before-recovery": "T3-E2",
    "halt-keeps-working": "T2-E3",
    "chase-without-limit": "T1-E2",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_day_catches_the_mutant_and_is_sound_without_it(name):
    mutant = find(name)
    assert mutant is not None
    plan = read_plan(CAUGHT / f"{name}.json")
    with mutated(mutant):
        assert mutant.promise in {violation.promise for violation in run_day(plan).violations}
    assert not run_day(plan).violations


@pytest.mark.parametrize("name", NAMES)
def test_the_last_check_withholds_what_it_can_know_of_and_nothing_else(name):
    mutant = find(name)
    assert mutant is not None
    with mutated(mutant, checked=True):
        day = run_day(read_plan(CAUGHT / f"{name}.json"), keep_log=True)
    withheld = [row.body["client_order_id"] for row in day.log if row.kind == "OrderWithheld"]
    assert withheld[:1] == ([WITHHELD[name]] if name in WITHHELD else [])
    assert not set(withheld) & set(day.booked)
    pages = [row.body["text"] for row in day.log if row.kind == "Notify" and row.body["severity"] == "page"]
    assert all(any(f"{order} (" in page and "was withheld: " in page for page in pages) for order in withheld)
    assert bool(withheld) == any(row.kind == "TradingHalted" and row.body["cause"] == "order_check" for row in day.log)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_mutant_is_caught_within_the_seeds_that_a_merge_runs(name):
    mutant = find(name)
    assert mutant is not None
    assert hunt(mutant, range(1, SEEDS_MAX + 1)) is not None


def test_every_kept_day_is_of_a_mutant():
    assert {path.stem for path in CAUGHT.glob("*.json")} == set(NAMES)


def test_an_unknown_mutant_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"no mutant 'blind'; there are .*blind-resend"):
        find("blind")


def test_a_failing_day_shrinks_to_what_it_needs():
    mutant = find("blind-resend")
    assert mutant is not None

    def fails(plan):
        return "sent once" in {violation.promise for violation in run_day(plan).violations}

    with mutated(mutant):
        small = shrink(next(plan for plan in map(draw_plan, range(1, SEEDS_MAX)) if fails(plan)), fails)
    assert len(small.posts) == 1
    assert len(small.faults) == 1
    assert not any((small.crashes, small.windows, small.moves, small.requests, small.hands))
