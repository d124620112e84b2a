"""A client's tasks end, also where the SDK loses a cancellation on its way."""

import asyncio
from contextlib import suppress

from adapters.discord.connection import _end


def test_a_task_that_loses_a_cancellation_is_cancelled_again():
    async def scenario() -> asyncio.Task[None]:
        begun = asyncio.Event()

        async def loses_one() -> None:
            with suppress(asyncio.CancelledError):
                begun.set()
                await asyncio.Event().wait()
            await asyncio.Event().wait()

        task = asyncio.create_task(loses_one())
        await begun.wait()
        async with asyncio.timeout(10):  # the guard of a test that fails, not a wait
            await _end(task)
        return task

    assert asyncio.run(scenario()).cancelled()
