"""An asyncio loop whose time is virtual: instead of waiting for a timer it jumps to it.

A week of market time runs in the time its callbacks need, in the same order every time. The loop waits for real only
for work it handed to threads; when nothing is ready, scheduled or handed out, it says so instead of hanging.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime
from typing import Any, TypeVar, TypeVarTuple

from adapters.simulated.clock import ScaledClock

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
OWN_DESCRIPTORS = 1  # the loop's own wake-up pipe
# Seconds within which a timer counts as due: below a microsecond, and above the spacing of floats decades ahead, where
# a finer one would leave a timer that is due exactly now waiting for ever.
RESOLUTION = 1e-7


class VirtualDeadlockError(RuntimeError):
    """Every task waits for something that nothing will ever bring about."""


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type, unused-ignore]
    """Answers a wait for a timer by moving virtual time instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.handed_out = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        alone = not self.handed_out and len(self.get_map()) <= OWN_DESCRIPTORS
        ready = [] if alone else super().select(0)
        if ready or timeout == 0:
            return ready
        if self.handed_out:
            return super().select(None)
        if timeout is None:
            if not alone:
                return super().select(None)
            raise VirtualDeadlockError(
                "nothing is ready and no timer is set, so virtual time cannot pass: a task awaits what nobody will "
                "set; print asyncio.all_tasks() to find it"
            )
        self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """`time()` starts at zero and moves only when the loop has nothing left to do at the present instant."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = RESOLUTION

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Hand work to a thread, as every loop does. Virtual time stands still until it is done."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._jumping.handed_out += 1
        future.add_done_callback(self._taken_back)
        return future

    async def shutdown_default_executor(self, *args: float | None) -> None:
        """Wait for the threads for real: they end on no timer."""
        self._jumping.handed_out += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._jumping.handed_out -= 1

    def _taken_back(self, _future: "asyncio.Future[Any]") -> None:
        self._jumping.handed_out -= 1


class VirtualClock(ScaledClock):
    """The market clock of a virtual loop: `start` plus the loop's time."""

    def __init__(self, start: datetime, loop: VirtualTimeLoop) -> None:
        super().__init__(1, start, loop.time)


def run_virtual(main: Callable[[VirtualTimeLoop], Coroutine[Any, Any, T]]) -> T:
    """Return the result of `main(loop)`, run to its end on a virtual loop of its own.

    Tasks that are still there at the end are cancelled and their own errors raised to the loop's exception handler, as
    `asyncio.run` does. Raises VirtualDeadlockError when the program can never end.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualTimeLoop)  # noqa: S101 - what the factory has just made
        return runner.run(main(loop))
