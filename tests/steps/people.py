"""The people around the desk: who posts, the room they post in, the operator's phone; and a broker that only checks."""

import asyncio
from collections.abc import AsyncIterator

from domain.commands import Notify, Reply
from domain.orders import Order
from domain.verdicts import Severity
from ports.alert_source import AlertSource, Incoming
from ports.errors import PortUnavailableError
from ports.notifier import Notifier
from ports.order_gateway import CancelResult, OrderGateway, SubmitResult

# Ana, Ben and Cleo may trade, Mallory may not; #alerts and #swing are allowed, #lounge is not.
AUTHORS = {"Ana": 11, "Ben": 12, "Cleo": 13, "Mallory": 99}
CHANNELS = {"#alerts": 21, "#swing": 22, "#lounge": 29}
WEBHOOKS = {"listed": 31, "other": 39}
OPERATOR = "Olga"


class Room(AlertSource):
    """A chat. Posts wait until somebody reads; replies are kept. `is_away` refuses replies until it is back."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.is_away = False
        self._posts: asyncio.Queue[Incoming] = asyncio.Queue()

    def post(self, incoming: Incoming) -> None:
        self._posts.put_nowait(incoming)

    async def messages(self) -> AsyncIterator[Incoming]:
        while True:
            yield await self._posts.get()

    async def reply(self, reply: Reply) -> None:
        if self.is_away:
            raise PortUnavailableError("the room cannot be reached")
        self.replies.append(reply)

    def heard(self) -> list[str]:
        return [reply.text for reply in self.replies]


class Pager(Notifier):
    """The operator's phone: everything that was sent to it, in order. `is_away` refuses it until it is back."""

    def __init__(self) -> None:
        self.notices: list[Notify] = []
        self.is_away = False

    async def notify(self, notice: Notify) -> None:
        if self.is_away:
            raise PortUnavailableError("the phone cannot be reached")
        self.notices.append(notice)

    def heard(self, *severities: Severity) -> list[str]:
        return [notice.text for notice in self.notices if notice.severity in severities]


class CheckingGateway(OrderGateway):
    """The order desk of a dry run: every order is checked by the broker and none is placed."""

    def __init__(self, broker: OrderGateway) -> None:
        self._broker = broker

    async def ensure_authorized(self) -> None:
        await self._broker.ensure_authorized()

    async def submit(self, order: Order) -> SubmitResult:
        return await self._broker.validate(order)

    async def validate(self, order: Order) -> SubmitResult:
        return await self._broker.validate(order)

    async def replace(self, order: Order, replaced: Order) -> SubmitResult:
        raise AssertionError(f"a dry run has nothing to replace: {order} for {replaced}")

    async def cancel(self, order: Order) -> CancelResult:
        raise AssertionError(f"a dry run has nothing to cancel: {order}")
