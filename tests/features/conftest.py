"""Brings the steps to the scenarios: one desk a scenario, each step defined once, none of them asynchronous."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.steps import books, market, operations, reading, record, room
from tests.steps.desk import PaperDesk

MODULES = (books, market, operations, reading, record, room)
STEPS = "pytestbdd_stepdef_"

for _module in MODULES:
    for _name in [name for name in vars(_module) if name.startswith(STEPS)]:
        if _name in globals():
            raise RuntimeError(f"defined twice: {_name.removeprefix(STEPS)}")
        globals()[_name] = vars(_module)[_name]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PaperDesk]:
    """A paper desk that nobody has used yet, on a Thursday at ten."""
    desk = PaperDesk(tmp_path)
    yield desk
    try:
        desk.check_books()
    finally:
        desk.close()


def pytest_bdd_before_step_call(step_func: Callable[..., object]) -> None:
    # pytest-bdd never awaits a step: one that is a coroutine would pass whatever is wrong.
    if inspect.iscoroutinefunction(step_func):
        pytest.fail(f"{step_func.__name__} is asynchronous; let the desk drive the loop instead")
