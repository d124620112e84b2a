"""Waiting for the desk, but not for ever, and never taking back what it was asked."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class PendingError(Exception):
    """No answer yet. What was asked goes on."""


class StoppingError(Exception):
    """The desk ended before it answered."""


class Patience:
    """Waits `seconds` for an answer. What takes longer is left to finish by itself, not cancelled."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._unfinished: set[asyncio.Task[Any]] = set()

    async def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns. Raises PendingError when it takes too long, StoppingError when it is given up."""
        task = asyncio.ensure_future(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        await asyncio.wait({task}, timeout=self._seconds)
        if not task.done():
            raise PendingError
        if task.cancelled():
            raise StoppingError
        return task.result()
