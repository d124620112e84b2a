"""The account stream: the broker's reports of orders as they come, and all of them again after every reconnect.

A stream can be up and say nothing. So while it is down, and for a while after every write, the orders are read too.

It uses the SDK's AlertStreamer with one method replaced: messages are handed on as they are, so that one odd message
neither ends the stream nor piles up in a queue that nobody reads. The SDK's ping, subscription and token handling stay.
What else can end a connection (a frame that is too long, an error message) costs a reconnect and a read of the orders.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from attrs import frozen
from tastytrade import Account as SdkAccount
from tastytrade import AlertStreamer
from tastytrade.streamer import SubscriptionType
from tastytrade.utils import TastytradeError

from adapters.tastytrade.classification import TastytradeAuthError
from adapters.tastytrade.json_values import mapping
from adapters.tastytrade.reports import report_of
from adapters.tastytrade.session import TastytradeSession
from adapters.tastytrade.supervision import Backoff, Supervised
from domain.orders import OrderReport
from domain.value import Value
from ports.errors import PortProtocolError, PortUnavailableError
from ports.order_events import OrderEvents

logger = logging.getLogger(__name__)

ORDER = "Order"
QUEUE_SIZE = 10_000
REMEMBERED = 5_000
CONNECT_SECONDS = 15


@frozen(kw_only=True)
class Pulse(Value):
    """Seconds between heartbeats, and how long one's answer may take. The broker asks for 2 s to 60 s between them.

    `look` is the pause between readings while the stream is down and for `watch` seconds after a write: longer than an
    entry's ladder, so that a fill is covered in time on a stream that says nothing.
    """

    every: float = 15
    patience: float = 10
    look: float = 4
    watch: float = 120


class TastytradeOrderEvents(OrderEvents):
    """Connects when `reports` is first called. `read_orders` is what a reconnect is followed by."""

    def __init__(
        self,
        session: TastytradeSession,
        read_orders: Callable[[], Awaitable[tuple[OrderReport, ...]]],
        pulse: Pulse | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._session = session
        # The SDK needs no more of an account than its number.
        self._account = SdkAccount.model_construct(account_number=session.account)
        self._read_orders = read_orders
        self._pulse = pulse or Pulse()
        self._line = Supervised("account stream", self._connect, session.redactor, backoff or Backoff())
        self._readers: set[asyncio.Queue[OrderReport | None]] = set()
        self._last: OrderedDict[str, OrderReport] = OrderedDict()
        self._connected = False
        self._looking: asyncio.Task[None] | None = None
        self._watched_until = 0.0

    @property
    def is_connected(self) -> bool:
        """Return whether the stream is subscribed, its last heartbeat was answered and the orders were read since."""
        return self._connected

    def reports(self) -> AsyncIterator[OrderReport]:
        """Every iterator gets every report from the moment it was asked for."""
        queue: asyncio.Queue[OrderReport | None] = asyncio.Queue(QUEUE_SIZE)
        self._readers.add(queue)
        self._line.start()
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())
        return self._drain(queue)

    def expect_news(self) -> None:
        """Note that an order is being written: what becomes of it is read besides, for a while."""
        self._watched_until = asyncio.get_running_loop().time() + self._pulse.watch

    async def close(self) -> None:
        """End the connection, and every iterator once it has given out what it has."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._line.close()
        for queue in self._readers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def _drain(self, queue: "asyncio.Queue[OrderReport | None]") -> AsyncIterator[OrderReport]:
        try:
            while (report := await queue.get()) is not None:
                yield report
        finally:
            self._readers.discard(queue)

    async def _connect(self) -> None:
        await self._session.authorize()
        streamer = _RawAlertStreamer(self._session.sdk, self._take_in)
        streamer.base_url = self._session.endpoints.stream_override or streamer.base_url
        try:
            async with streamer:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await streamer.subscribe_accounts([self._account])
                logger.info("account stream: subscribed")
                while True:
                    if not self._connected:
                        self._connected = await self._read()
                    await asyncio.sleep(self._pulse.every)
                    await self._session.authorize()
                    async with asyncio.timeout(self._pulse.patience):
                        await streamer.beat()
        except* TastytradeError:
            self._session.distrust_token()  # the one thing that the broker's errors here are about
            raise
        finally:
            self._connected = False

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._pulse.look)
            if not self._connected or asyncio.get_running_loop().time() < self._watched_until:
                await self._read()

    async def _read(self) -> bool:
        """Report what changed while nobody told. Where that cannot be read, the next time tries again."""
        try:
            for report in await self._read_orders():
                self._publish(report)
        except (PortUnavailableError, PortProtocolError, TastytradeAuthError) as error:
            logger.warning("account stream: the orders could not be read besides: %s", error)
            return False
        return True

    def _take_in(self, kind: str, data: object) -> None:
        if kind != ORDER:
            return
        report = report_of(mapping(data), self._session.redactor)
        if report is not None:
            self._publish(report)

    def _publish(self, report: OrderReport) -> None:
        """Give the report to every reader, unless it says what the order's last one said."""
        if self._last.get(report.broker_order_id) == report:
            return
        self._last[report.broker_order_id] = report
        self._last.move_to_end(report.broker_order_id)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        for queue in self._readers:
            if queue.full():
                logger.warning("account stream: a reader is %d reports behind; the oldest is dropped", QUEUE_SIZE)
                queue.get_nowait()
            queue.put_nowait(report)


class _RawAlertStreamer(AlertStreamer):
    """The SDK's streamer, without its models and queues."""

    def __init__(self, session: Any, take_in: Callable[[str, object], None]) -> None:  # noqa: ANN401 - the SDK's Session
        super().__init__(session)
        self._take_in = take_in

    async def beat(self) -> None:
        """Send the heartbeat that the broker asks for and wait for its answer. Raises TimeoutError without one."""
        await self._subscribe(SubscriptionType.HEARTBEAT)

    async def _map_message(self, type_str: str, data: dict[str, Any]) -> None:
        self._take_in(type_str, data)
