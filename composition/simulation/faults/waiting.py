"""Waiting in market time, in milliseconds, for faults that take a while."""

from datetime import timedelta

from ports.clock import Clock


async def wait(clock: Clock, milliseconds: int) -> None:
    """Let market time pass; nothing at all for zero."""
    if milliseconds > 0:
        await clock.sleep_until(clock.now() + timedelta(milliseconds=milliseconds))
