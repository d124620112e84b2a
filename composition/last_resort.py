"""The end of a process that will not end: what hangs is left as it is. For the log that is a crash like any other."""

import asyncio
import logging
import os
import select
import signal
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Self

# SIGTERM ends everything within ten seconds; the last words may take two of them where nobody reads.
STUCK_SECONDS = 7.5
LOOK_SECONDS = 0.2
STUCK = 1  # the exit code
ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
_LOG = logging.getLogger(__name__)


class LastResort:
    """Watches from a thread of its own, so that neither a busy loop nor a library's thread can hold up the end.

    A signal to end is heard at once, also in the middle of a call that takes long. `leave` ends the process; what still
    works then is named in the process's log. For the main thread.
    """

    def __init__(self, seconds: float = STUCK_SECONDS, leave: Callable[[int], object] = os._exit) -> None:
        self._seconds, self._leave = seconds, leave
        self._loop: asyncio.AbstractEventLoop | None = None
        self._since: float | None = None
        self._over = Event()
        self._thread = Thread(target=self._watch, name="last resort", daemon=True)

    def __enter__(self) -> Self:
        self._ear, self._mouth = os.pipe()
        os.set_blocking(self._mouth, False)
        self._heard_before = signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._heard_before)
        self._over.set()
        self._thread.join()
        os.close(self._ear)
        os.close(self._mouth)

    def look_at(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the tasks of this loop named where they are what hangs."""
        self._loop = loop

    def arm(self) -> None:
        """Give the process its time from now; the first call counts, or the first signal."""
        if self._since is None:
            self._since = time.monotonic()

    def _watch(self) -> None:
        while not self._over.is_set():
            if select.select([self._ear], [], [], LOOK_SECONDS)[0] and not ENDING.isdisjoint(os.read(self._ear, 1024)):
                self.arm()
            if self._since is not None and time.monotonic() - self._since >= self._seconds:
                tasks = set[asyncio.Task[object]]() if self._loop is None else asyncio.all_tasks(self._loop)
                names = ", ".join(sorted(str(task.get_coro()) for task in tasks)) or "a thread"
                _LOG.critical("not ended in order after %g s, left as it is; still at work: %s", self._seconds, names)
                logging.shutdown()
                self._leave(STUCK)
                return
