"""Commands in a room: who may give them, what the desk makes of them, and the answer in plain words.

Admins are known by their user id alone; everybody else is passed over in silence and noted in the log. A command is
done once and only while it is fresh: an old one may not be meant any more.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Protocol, assert_never

from adapters.discord import commands as asked
from adapters.discord import views
from adapters.discord.commands import name_of, parse
from adapters.discord.connection import DiscordConnection
from domain.desk.state import Phase
from domain.events import (
    AllowlistChangeRequested,
    AuthorizationRefreshRequested,
    CancelRequested,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    RequestRefused,
    ResumeRequested,
)
from domain.messages import Message, MessageKind
from domain.wording import in_full
from ports.authorization import Authorization
from ports.clock import Clock
from ports.control import Control, OperatorRequest
from ports.errors import PortUnavailableError

REMEMBERED = 1000
ANSWER_SECONDS = 10.0
RETRY_DELAYS = (2.0, 5.0, 15.0)
AGE_MAX = timedelta(seconds=60)
_LOG = logging.getLogger(__name__)


class Explain(Protocol):
    """Says what a text would lead to where a command was given, with the account's `amounts` only where they may be."""

    def __call__(self, text: str, command: Message, *, amounts: bool) -> str: ...


class DiscordCommands:
    """Obeys `admins` (user ids). `account` is the account's number, shown masked; `explain` tells what a text leads to.

    Amounts of money are told in direct messages and in `private_channels` only.
    """

    def __init__(
        self,
        connection: DiscordConnection,
        *,
        control: Control,
        authorization: Authorization,
        explain: Explain,
        admins: frozenset[int],
        clock: Clock,
        account: str | None = None,
        private_channels: frozenset[int] = frozenset(),
        answer_seconds: float = ANSWER_SECONDS,
        retry_delays: tuple[float, ...] = RETRY_DELAYS,
    ) -> None:
        self._connection = connection
        self._control = control
        self._authorization = authorization
        self._explain = explain
        self._admins = admins
        self._clock = clock
        self._account = account
        self._private_channels = private_channels
        self._answer_seconds = answer_seconds
        self._retry_delays = retry_delays
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._under_way: set[asyncio.Task[Any]] = set()

    # ---- heard from the connection ---------------------------------------------------------------------------------

    def obey(self, message: Message) -> None:
        """Do a command that came live, and answer it. Returns at once."""
        if not self._is_new(message):
            return
        age = (self._clock.now() - message.posted_at).total_seconds()
        if age > AGE_MAX.total_seconds():
            self._go_on(self._answer(message, f"Not done: this was sent {age:.0f} s ago. Send it again if it holds."))
            return
        _LOG.info("admin %d: %s", message.user_id, name_of(message.text))
        self._go_on(self._obey(message))

    def came_late(self, message: Message) -> None:
        """Say of a command that was given while the connection was down that it is not done: it may be repeated by now.

        What is done by hand or said again meanwhile, such as a close, must not be done twice.
        """
        if self._is_new(message):
            _LOG.warning("admin %d: %s was given while away and is not done", message.user_id, name_of(message.text))
            told = "Not done: this came while the connection was down. Send it again if it holds."
            self._go_on(self._answer(message, told))

    def missed(self, message: Message) -> None:
        """Say of a command that only the history shows that it was not done: a person decides if it still holds."""
        if not self._is_new(message):
            return
        _LOG.warning("admin %d: %s came while away and is not done", message.user_id, name_of(message.text))
        if self._clock.now() - message.posted_at <= AGE_MAX:
            told = "This came while the connection was down or before a restart. If nothing answered, send it again."
            self._go_on(self._answer(message, told))

    def _is_new(self, message: Message) -> bool:
        """Whether an admin gave it and it was not seen before: Discord may repeat a message after a reconnect."""
        if message.user_id not in self._admins or message.webhook_id is not None:
            _LOG.warning("user %d is no admin, %s is passed over", message.user_id, name_of(message.text))
            return False
        if message.message_id in self._seen:
            return False
        self._seen[message.message_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    # ---- doing -----------------------------------------------------------------------------------------------------

    async def _obey(self, message: Message) -> None:
        action = parse(message.text)
        try:
            text = await self._do(action, message)
        except Exception:  # noqa: BLE001 - one command must not end the hearing of others
            _LOG.exception("%s failed", name_of(message.text))
            text = "That failed inside; the log on the machine says how. Look with `!tt status` before you repeat it."
        await self._answer(message, text, as_block=isinstance(action, asked.Explain))

    async def _do(self, action: asked.Action, message: Message) -> str:  # noqa: C901, PLR0912 - one arm for each action
        state = self._control.state
        by = f"discord:{message.user_id}"
        match action:
            case asked.Help(problem=problem):
                return f"Not done: {problem}.\n{views.HELP}" if problem else views.HELP
            case asked.Status():
                return views.status_text(state, self._connection.describe(), self._authorization.describe())
            case asked.ShowAccount():
                return views.account_text(state, self._account, amounts=self._is_private(message))
            case asked.ShowPositions():
                return views.positions_text(state)
            case asked.ShowOrders():
                return views.orders_text(state)
            case asked.ShowOrder(order_id=order_id):
                order = state.order(order_id)
                return views.order_text(order) if order else f"This system has no order {order_id}."
            case asked.Cancel(order_id=order_id):
                return await self._ask(CancelRequested(by, order_id), f"Order {order_id} is being cancelled.")
            case asked.Replace(order_id=order_id, price=price):
                done = f"Order {order_id} is being replaced at {in_full(price)}."
                return await self._ask(ReplaceRequested(by, order_id, price), done)
            case asked.Close(symbol=symbol):
                done = f"Closing {symbol}. {views.CLOSE_HINT}"
                return await self._ask(CloseRequested(by, self._control.new_trade_id(), symbol), done)
            case asked.Halt(reason=reason):
                return await self._ask(HaltRequested(by, reason), None)
            case asked.Resume(reason=reason):
                return await self._ask(ResumeRequested(by, reason), None)
            case asked.Explain(text=text):
                return self._explain(text, message, amounts=self._is_private(message))
            case asked.AuthStatus():
                return f"Broker: {self._authorization.describe()}."
            case asked.AuthRefresh():
                done = "The broker's session is being renewed; see `!tt auth status`."
                return await self._ask(AuthorizationRefreshRequested(by), done)
            case asked.ShowAllowlist():
                return views.allowlist_text(state.allowlist)
            case asked.ChangeAllowlist(name=name, number=number, allowed=allowed):
                done = f"{name.capitalize()} {number} is {'on' if allowed else 'off'} the allowlist now."
                return await self._ask(AllowlistChangeRequested(by, name, number, allowed), done)
            case _:
                assert_never(action)

    def _is_private(self, message: Message) -> bool:
        return message.kind is MessageKind.DIRECT or message.channel_id in self._private_channels

    async def _ask(self, event: OperatorRequest, done: str | None) -> str:
        """Have it done, and return `done` (whether entries are halted, for None) or why it was not.

        A close may be done for some contracts and refused for others: both are told.
        """
        if self._control.state.phase is Phase.STOPPED:
            return "Not done: the desk has not started yet."
        # Never cancelled: the desk answers it when its turn comes, whoever still waits.
        request = asyncio.ensure_future(self._control.request(event))
        self._keep(request)
        await asyncio.wait({request}, timeout=self._answer_seconds)
        if not request.done():
            return "The desk has this and has not done it yet; it stands. Look with `!tt status` before you repeat it."
        if request.cancelled():
            return "Not done: the desk has ended."
        outputs, state = request.result(), self._control.state
        begun = views.begun_lines(state, event.trade_id, outputs) if isinstance(event, CloseRequested) else []
        refusals = [f"Not done ({no.code}): {no.detail}." for no in outputs if isinstance(no, RequestRefused)]
        return "\n".join(begun + refusals) or done or views.halts_text(state)

    # ---- answering -------------------------------------------------------------------------------------------------

    async def _answer(self, message: Message, text: str, *, as_block: bool = False) -> None:
        """Reply to a command, with a few more tries: an answer that never arrives is in the log."""
        nonce = f"C{message.message_id}"
        for delay in (*self._retry_delays, None):
            try:
                await self._connection.send(
                    message.channel_id, text, nonce=nonce, answers=int(message.message_id), as_block=as_block
                )
            except PortUnavailableError as error:
                if delay is None:
                    _LOG.error("the answer to %s could not be sent: %s", name_of(message.text), error)
                    return
                await asyncio.sleep(delay)
            else:
                return

    def _go_on(self, work: Coroutine[Any, Any, None]) -> None:
        self._keep(asyncio.ensure_future(work))

    def _keep(self, task: "asyncio.Task[Any]") -> None:
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
