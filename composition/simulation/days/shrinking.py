"""Makes a failing day small: leaves out whatever it fails without, and sets the rest to what is usual."""

from collections.abc import Callable
from typing import Any

import attrs
from attrs import evolve

from composition.simulation.days.habits import Habits
from composition.simulation.days.plan import Plan

PARTS = (
    "crashes",
    "stops",
    "corrections",
    "windows",
    "hands",
    "requests",
    "edits",
    "deletes",
    "faults",
    "moves",
    "fillings",
    "posts",
)
RUNS_MAX = 800


class _SpentError(Exception):
    """Enough was tried."""


def shrink(plan: Plan, fails: Callable[[Plan], bool], *, runs: int = RUNS_MAX) -> Plan:
    """Return the smallest plan found that still `fails`, having tried at most `runs` others."""
    trial = _Trial(plan, fails, runs)
    try:
        before = None
        while before != trial.best:
            before = trial.best
            for part in PARTS:
                trial.thin(part)
            trial.calm_habits()
    except _SpentError:
        pass
    return trial.best


class _Trial:
    def __init__(self, plan: Plan, fails: Callable[[Plan], bool], runs: int) -> None:
        self.best = plan
        self._fails = fails
        self._left = runs

    def try_out(self, candidate: Plan) -> bool:
        """Take a candidate over if it fails too."""
        if candidate == self.best:
            return False
        if not self._left:
            raise _SpentError
        self._left -= 1
        if not self._fails(candidate):
            return False
        self.best = candidate
        return True

    def thin(self, part: str) -> None:
        """Leave items of a part out: all, then halves, then smaller groups down to single ones."""
        size = len(getattr(self.best, part))
        while size:
            at = 0
            while at < len(getattr(self.best, part)):
                items: tuple[Any, ...] = getattr(self.best, part)
                fewer: dict[str, Any] = {part: items[:at] + items[at + size :]}
                if not self.try_out(evolve(self.best, **fewer)):
                    at += size
            size //= 2

    def calm_habits(self) -> None:
        """Have every habit be as usual that the failure does not need."""
        for field in attrs.fields(Habits):
            usual: dict[str, Any] = {field.name: field.default}
            self.try_out(evolve(self.best, habits=evolve(self.best.habits, **usual)))
        self.try_out(evolve(self.best, on_disk=False))
