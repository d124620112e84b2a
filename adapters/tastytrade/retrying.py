"""How reads and other calls that are safe to repeat are repeated. Nothing that can change the account comes here."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
from attrs import frozen

from adapters.tastytrade.classification import TransientError
from domain.value import Value
from ports.metrics import Metrics

logger = logging.getLogger(__name__)
T = TypeVar("T")


@frozen(kw_only=True)
class Retries(Value):
    """Exponential backoff with jitter: `attempts` at most, and none begun after `within` seconds."""

    attempts: int = 5
    within: float = 20
    first_wait: float = 0.2
    longest_wait: float = 3
    jitter: float = 0.5
    metrics: Metrics | None = None

    async def run(self, read: str, once: Callable[[], Awaitable[T]]) -> T:
        """Return what `once` returns, repeated while it raises TransientError; the last one is raised.

        `read` names it in the log and in the metrics.
        """
        async for attempt in stamina.retry_context(
            on=TransientError,
            attempts=self.attempts,
            timeout=self.within,
            wait_initial=self.first_wait,
            wait_max=self.longest_wait,
            wait_jitter=self.jitter,
        ):
            with attempt:
                return await self._attempt(read, attempt.num, once)
        raise AssertionError("a retry either returns or raises")

    async def _attempt(self, read: str, number: int, once: Callable[[], Awaitable[T]]) -> T:
        outcome = "failed"
        try:
            result = await once()
            outcome = "done"
        except TransientError as error:
            logger.warning("%s: attempt %d of %d failed: %s", read, number, self.attempts, error)
            raise
        finally:
            if self.metrics is not None:
                self.metrics.count("alert_trader_read_attempts_total", read=read, outcome=outcome)
        logger.debug("%s: attempt %d of %d succeeded", read, number, self.attempts)
        return result
