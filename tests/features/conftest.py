"""Brings the steps to the scenarios: one desk a scenario, each step defined once, none of them asynchronous."""

import inspect
from collections.abc import Iterator
from itertools import chain

import pytest

from tests.steps import books, market, operations, reading, record, room
from tests.steps.desk import PaperDesk

STEPS = "pytestbdd_stepdef_"

for _name, _step in chain.from_iterable(
    vars(module).items() for module in (books, market, operations, reading, record, room)
):
    if _name.startswith(STEPS):
        if _name in globals():
            raise RuntimeError(f"defined twice: {_name.removeprefix(STEPS)}")
        globals()[_name] = _step


@pytest.fixture
def desk(tmp_path) -> Iterator[PaperDesk]:
    """A paper desk that nobody has used yet, on a Thursday at ten."""
    desk = PaperDesk(tmp_path)
    yield desk
    desk.close()


def pytest_bdd_before_step_call(step_func) -> None:
    # pytest-bdd never awaits a step: one that is a coroutine would pass whatever is wrong.
    if inspect.iscoroutinefunction(step_func):
        pytest.fail(f"{step_func.__name__} is asynchronous; let the desk drive the loop instead")
