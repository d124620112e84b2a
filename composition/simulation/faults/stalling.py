"""A process that stands still while the world goes on: a long pause of the machine, a blocked loop, a full swap.

Whatever reaches it meanwhile waits at its door: answers, reports, messages, timers. Then all come in at once, in order.
What it had sent before is on its way all the same.
"""

import asyncio

from attrs import define, field, frozen

from composition.dispatch import Dispatcher, Events
from domain.commands import Command


@define
class Door:
    """What everything passes on its way into the process."""

    _open: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self._open.set()

    def shut(self) -> None:
        """Have everything wait from now on."""
        self._open.clear()

    def open(self) -> None:
        """Let in what waits, in the order in which it came."""
        self._open.set()

    async def passed(self) -> None:
        """Return when the process takes in again what reaches it."""
        await self._open.wait()


@frozen
class WaitingDispatcher(Dispatcher):
    """The answers of every port, taken in through the door."""

    door: Door

    async def perform(self, command: Command) -> Events:
        """Carry out one command and return what came of it, once the process takes it in."""
        results = await super().perform(command)
        await self.door.passed()
        return results
