"""Live quotes through the SDK's DXLink client: the last bid and ask of what was asked for.

One method of the SDK is replaced: it drops quotes with an empty side, which would leave the last good price standing.
The connection is begun again when it ends, when its token is about to, and when it has gone silent.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from tastytrade import DXLinkStreamer
from tastytrade.dxfeed import Quote as SdkQuote

from adapters.tastytrade.json_values import decimal
from adapters.tastytrade.session import TastytradeSession
from adapters.tastytrade.supervision import Backoff, Supervised
from domain.quotes import Quote
from domain.value import Value
from ports.clock import Clock

logger = logging.getLogger(__name__)

QUOTE = "Quote"
# In the order that the SDK asks for; rows come in it.
FIELDS = tuple(SdkQuote.model_json_schema()["properties"])
SYMBOL, BID, ASK = "eventSymbol", "bidPrice", "askPrice"
SYMBOLS_MAX = 500
CONNECT_SECONDS = 15
# The stream's token is good for a day.
RENEW_SECONDS = 20 * 3600


@frozen(kw_only=True)
class Patience(Value):
    """Seconds to wait for a symbol's first quote, and until a line without any quote counts as dead."""

    first_quote: float = 1
    silence: float = 30


class QuoteStream:
    """Connects at the first question, or at `start`. A question subscribes its symbol for good."""

    def __init__(
        self,
        session: TastytradeSession,
        clock: Clock,
        patience: Patience | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._session = session
        self._clock = clock
        self._patience = patience or Patience()
        self._line = Supervised("quote stream", self._connect, session.redactor, backoff or Backoff())
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._quotes: dict[str, Quote] = {}
        self._arrivals: dict[str, asyncio.Event] = {}
        self._turn = asyncio.Event()
        self._connected = False
        self._is_down = False
        self._was_up = False
        self._silent = False
        self._heard_at = 0.0

    @property
    def is_connected(self) -> bool:
        return self._connected

    @property
    def was_up(self) -> bool:
        """Return whether there has been a connection at all."""
        return self._was_up

    def start(self) -> None:
        self._line.start()

    async def close(self) -> None:
        await self._line.close()

    def last(self, symbol: str) -> Quote | None:
        """Return what came last for the symbol, without asking for anything."""
        return self._quotes.get(symbol)

    async def quote(self, symbol: str) -> Quote | None:
        """Return the symbol's last quote, however old, or None where none has come.

        Waits a moment for the first quote of a new symbol, unless the line is known to be down.
        """
        self.start()
        self._watch_silence()
        is_new = symbol not in self._wanted
        self._want(symbol)
        if symbol not in self._quotes and is_new and not self._is_down:
            arrival = self._arrivals.setdefault(symbol, asyncio.Event())
            try:
                async with asyncio.timeout(self._patience.first_quote):
                    await arrival.wait()
            except TimeoutError:
                logger.info("quote stream: no quote of %s came in %.1f s", symbol, self._patience.first_quote)
        return self._quotes.get(symbol)

    def _want(self, symbol: str) -> None:
        if symbol not in self._wanted:
            self._turn.set()
        self._wanted[symbol] = None
        self._wanted.move_to_end(symbol)
        while len(self._wanted) > SYMBOLS_MAX:  # it stays subscribed until the next connection
            dropped, _ = self._wanted.popitem(last=False)
            self._quotes.pop(dropped, None)
            self._arrivals.pop(dropped, None)

    def _watch_silence(self) -> None:
        quiet = asyncio.get_running_loop().time() - self._heard_at
        if self._connected and self._wanted and quiet > self._patience.silence:
            logger.warning("quote stream: no quote of anything for %.0f s; connecting again", quiet)
            self._silent = True
            self._turn.set()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        streamer = _RawQuoteStreamer(self._session.sdk, self._take_in)
        self._silent = False
        try:
            await self._session.authorize()
            async with asyncio.timeout(CONNECT_SECONDS) as deadline, streamer:
                deadline.reschedule(loop.time() + RENEW_SECONDS)
                self._heard_at = loop.time()
                self._connected, self._was_up, self._is_down = True, True, False
                logger.info("quote stream: connected")
                await self._subscribe(streamer)
        finally:
            self._connected, self._is_down = False, True
            for arrival in self._arrivals.values():
                arrival.set()  # nothing comes any more
            self._arrivals.clear()
            streamer.close_queues()

    async def _subscribe(self, streamer: "_RawQuoteStreamer") -> None:
        """Subscribe what is wanted, and what comes to be wanted, until the line has gone silent."""
        subscribed: set[str] = set()
        while not self._silent:
            self._turn.clear()
            new = [symbol for symbol in self._wanted if symbol not in subscribed]
            if new:
                await streamer.subscribe(SdkQuote, new)
                subscribed.update(new)
            await self._turn.wait()

    def _take_in(self, event: dict[str, Any]) -> None:
        symbol = event.get(SYMBOL)
        if not isinstance(symbol, str):
            return
        self._heard_at = asyncio.get_running_loop().time()
        # A side that is empty is written as NaN.
        self._quotes[symbol] = Quote(decimal(event.get(BID)), decimal(event.get(ASK)), self._clock.now())
        arrival = self._arrivals.pop(symbol, None)
        if arrival is not None:
            arrival.set()


def quote_events(message: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the quotes of one message, in either of the two forms that the stream may choose."""
    if message and isinstance(message[0], dict):
        yield from (event for event in message if event.get("eventType", QUOTE) == QUOTE)
        return
    for kind, values in zip(message[::2], message[1::2], strict=False):
        if kind != QUOTE or len(values) % len(FIELDS):
            logger.warning("quote stream: %d values of kind %r were skipped", len(values), kind)
            continue
        for start in range(0, len(values), len(FIELDS)):
            yield dict(zip(FIELDS, values[start : start + len(FIELDS)], strict=True))


class _RawQuoteStreamer(DXLinkStreamer):
    """The SDK's streamer, without its models and queues."""

    def __init__(self, session: Any, take_in: Callable[[dict[str, Any]], None]) -> None:  # noqa: ANN401 - the SDK's Session
        super().__init__(session)
        self._take_in = take_in

    def _map_message(self, message: list[Any], channel: int) -> None:  # noqa: ARG002 - only quotes are subscribed
        try:
            for event in quote_events(message):
                self._take_in(event)
        except Exception:
            logger.exception("quote stream: a message was skipped")

    def close_queues(self) -> None:
        """Close the queues that the SDK opens for every kind of event."""
        for sending in self._send.values():
            sending.close()
        for receiving in self._recv.values():
            receiving.close()
