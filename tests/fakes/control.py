"""A desk that answers what a test tells it to, for what a real one does only in a rare moment."""

import asyncio
from collections.abc import Awaitable, Callable

from domain.commands import Reply
from domain.desk.state import DeskState, Output, Phase
from domain.messages import Message
from ports.control import Control, OperatorRequest

Answering = Callable[[Message], Awaitable[Reply]]


async def never(_message: Message) -> Reply:
    """Wait for an answer that does not come."""
    return await asyncio.get_running_loop().create_future()


class ToldControl(Control):
    """`answering` is what `process` does; `outputs` is what every request leads to, None when it is never done."""

    def __init__(
        self,
        *,
        state: DeskState | None = None,
        answering: Answering = never,
        outputs: tuple[Output, ...] | None = (),
    ) -> None:
        self.told_state = DeskState(phase=Phase.ACTIVE) if state is None else state
        self.processed: list[Message] = []
        self.requested: list[OperatorRequest] = []
        self._answering = answering
        self._outputs = outputs

    @property
    def state(self) -> DeskState:
        return self.told_state

    def new_trade_id(self) -> str:
        return f"T{len(self.requested) + 1}"

    async def process(self, message: Message) -> Reply:
        self.processed.append(message)
        return await self._answering(message)

    async def request(self, event: OperatorRequest) -> tuple[Output, ...]:
        self.requested.append(event)
        if self._outputs is None:
            await asyncio.get_running_loop().create_future()
        return self._outputs or ()
