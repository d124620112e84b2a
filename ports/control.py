"""The desk as its operators drive it: from the admin API, from commands in a room, from the command line."""

from abc import abstractmethod
from typing import Protocol

from domain.commands import Reply
from domain.desk.state import DeskState, Output
from domain.events import (
    AllowlistChangeRequested,
    AuthorizationRefreshRequested,
    CancelRequested,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    ResumeRequested,
)
from domain.messages import Message

OperatorRequest = (
    HaltRequested
    | ResumeRequested
    | CancelRequested
    | ReplaceRequested
    | CloseRequested
    | AuthorizationRefreshRequested
    | AllowlistChangeRequested
)


class Control(Protocol):
    """A driving port: adapters call it, the runtime implements it. Whoever waits when the desk ends is cancelled."""

    @property
    @abstractmethod
    def state(self) -> DeskState:
        """Return the desk's state now: a frozen value, safe to read at leisure."""

    @abstractmethod
    def new_trade_id(self) -> str:
        """Return a trade id for a `CloseRequested`."""

    @abstractmethod
    async def process(self, message: Message) -> Reply:
        """Decide on a message and return the first reply: as soon as its entry is acknowledged or refused.

        Nothing is lost when the caller goes away: the decision and its trade stand.
        """

    @abstractmethod
    async def request(self, event: OperatorRequest) -> tuple[Output, ...]:
        """Have an operator's request done and return what followed from it, durably recorded.

        A `RequestRefused` among the outputs says why it could not be.
        """
