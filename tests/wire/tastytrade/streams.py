"""The stand-in's two websockets: the account stream and the DXLink quote stream, as they are documented."""

import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from aiohttp import WSMsgType, web
from attrs import define, field

QUOTES = 7  # the channel that the SDK opens for them
Book = tuple[Decimal | None, Decimal | None]


@define
class AccountStream:
    """`heartbeats` False: heartbeats get no answer, as on a line that is open at one end only.

    So many connections as `refusals` says are refused for their token.
    """

    sockets: list[web.WebSocketResponse] = field(factory=list)
    received: list[dict] = field(factory=list)
    heartbeats: bool = True
    refusals: int = 0
    connections: int = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            asked = json.loads(message.data)
            self.received.append(asked)
            if asked["action"] == "heartbeat" and not self.heartbeats:
                continue
            if asked["action"] == "connect" and self.refusals:
                self.refusals -= 1
                refusal = {"status": "error", "action": "connect", "message": "auth token is invalid"}
                await socket.send_json(refusal | {"request-id": asked["request-id"]})
                continue
            answer = {"status": "ok", "action": asked["action"], "web-socket-session-id": "3b4d"}
            answer |= {"request-id": asked["request-id"]}
            if asked["action"] == "connect":
                answer["value"] = asked["value"]
                self.sockets.append(socket)
            await socket.send_json(answer)
        if socket in self.sockets:
            self.sockets.remove(socket)
        return socket

    async def push(self, kind: str, data: object) -> None:
        frame = {"type": kind, "data": data, "timestamp": int(datetime.now(UTC).timestamp() * 1000)}
        await self.push_text(json.dumps(frame))

    async def push_text(self, text: str) -> None:
        for socket in list(self.sockets):
            with suppress(ConnectionResetError):  # whoever listened has been killed
                await socket.send_str(text)

    async def drop(self) -> None:
        for socket in list(self.sockets):
            await socket.close(code=1011)
        self.sockets.clear()


@define
class QuoteStreamServer:
    """Books by streamer symbol. A subscription is answered with the book there is, each change with an event."""

    books: dict[str, Book] = field(factory=dict)
    subscribed: dict[web.WebSocketResponse, set[str]] = field(factory=dict)
    fields: dict[web.WebSocketResponse, list[str]] = field(factory=dict)
    is_mute: bool = False
    connections: int = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, json.loads(message.data))
        self.subscribed.pop(socket, None)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict) -> None:
        channel = asked["channel"]
        match asked["type"]:
            case "SETUP":
                version = "1.0-2.0"
                answer = {"type": "SETUP", "channel": 0, "keepaliveTimeout": 60, "acceptKeepaliveTimeout": 60}
                await socket.send_json(answer | {"version": version})
                await socket.send_json({"type": "AUTH_STATE", "channel": 0, "state": "UNAUTHORIZED"})
            case "AUTH":
                await socket.send_json({"type": "AUTH_STATE", "channel": 0, "state": "AUTHORIZED", "userId": "u"})
            case "CHANNEL_REQUEST":
                opened = {"type": "CHANNEL_OPENED", "channel": channel, "service": "FEED"}
                await socket.send_json(opened | {"parameters": {"contract": "AUTO"}})
            case "FEED_SETUP":
                self.fields[socket] = asked["acceptEventFields"]["Quote"]
                config = {"type": "FEED_CONFIG", "channel": channel, "dataFormat": "COMPACT", "aggregationPeriod": 0.1}
                await socket.send_json(config | {"eventFields": asked["acceptEventFields"]})
            case "FEED_SUBSCRIPTION":
                symbols = {entry["symbol"] for entry in asked.get("add", [])}
                self.subscribed.setdefault(socket, set()).update(symbols)
                for symbol in sorted(symbols & self.books.keys()):
                    await self._send(socket, symbol, channel)
            case _:
                await socket.send_json({"type": "KEEPALIVE", "channel": 0})

    async def set_book(self, symbol: str, book: Book) -> None:
        self.books[symbol] = book
        for socket, symbols in list(self.subscribed.items()):
            if symbol in symbols:
                with suppress(ConnectionResetError):  # as above
                    await self._send(socket, symbol, QUOTES)

    async def push(self, data: list[object]) -> None:
        """Send data of whatever form to every subscriber."""
        for socket in list(self.subscribed):
            await socket.send_json({"type": "FEED_DATA", "channel": QUOTES, "data": data})

    async def drop(self) -> None:
        for socket in list(self.subscribed):
            await socket.close(code=1011)

    async def _send(self, socket: web.WebSocketResponse, symbol: str, channel: int) -> None:
        if self.is_mute:
            return
        bid, ask = self.books[symbol]
        known = {
            "eventSymbol": symbol,
            "bidPrice": _number(bid),
            "askPrice": _number(ask),
            "bidSize": 10,
            "askSize": 10,
        }
        codes = {"bidExchangeCode": "C", "askExchangeCode": "C"}
        row = [(known | codes).get(name, 0) for name in self.fields[socket]]
        await socket.send_json({"type": "FEED_DATA", "channel": channel, "data": ["Quote", row]})


def _number(price: Decimal | None) -> float | str:
    return "NaN" if price is None else float(price) if math.isfinite(price) else "NaN"
