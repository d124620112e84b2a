"""Keeps a connection up: connects again after every end, each time a little later, until it is closed."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from attrs import frozen

from adapters.tastytrade.redaction import Redactor
from domain.value import Value

logger = logging.getLogger(__name__)

# A connection that held this long was a good one: the next failure counts as the first.
SETTLED_SECONDS = 10
# Saying goodbye on a dead line can take for ever.
CLOSE_SECONDS = 3


@frozen(kw_only=True)
class Backoff(Value):
    """Seconds before the first and at most before any further attempt; half of each is chance."""

    first: float = 0.2
    longest: float = 30

    def seconds(self, failures: int) -> float:
        """Return the pause after so many failures in a row, from 1 on."""
        full: float = min(self.first * 2.0 ** min(failures - 1, 20), self.longest)
        return full * random.uniform(0.5, 1)  # noqa: S311 - spreads clients, keeps no secret


class Supervised:
    """`connect` holds one connection until it ends, by returning or raising. Nothing runs before `start`."""

    def __init__(self, name: str, connect: Callable[[], Awaitable[None]], redactor: Redactor, backoff: Backoff) -> None:
        self._name = name
        self._connect = connect
        self._redactor = redactor
        self._backoff = backoff
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def start(self) -> None:
        """Begin connecting, on the running loop. Does nothing where it has begun, or is closed."""
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._keep_up(), name=self._name)

    async def close(self) -> None:
        """End the connection for good."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            _, hanging = await asyncio.wait({self._task}, timeout=CLOSE_SECONDS)
            if hanging:
                logger.warning("%s: did not end within %d s and is left behind", self._name, CLOSE_SECONDS)

    async def _keep_up(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            began = loop.time()
            why = "it ended"
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - a stream may end in any way, and is begun again
                why = self._redactor.clean(_innermost(error))
            failures = 1 if loop.time() - began > SETTLED_SECONDS else failures + 1
            pause = self._backoff.seconds(failures)
            logger.warning("%s: disconnected (%s); connecting again in %.1f s", self._name, why, pause)
            await asyncio.sleep(pause)


def _innermost(error: BaseException) -> str:
    """The first real error in the groups that the streams' task groups wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
