"""A stand-in for Tastytrade on loopback: the documented REST endpoints and both websockets, on books of its own.

It answers as the service's documentation says, with every key that the SDK's models require, and nothing beyond it.
Tests move the books, every request is recorded, and `faults` says what goes wrong on the way.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from urllib.parse import unquote

from aiohttp import web
from attrs import define, field, frozen

from tests.wire.ports import free_port
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.faults import FaultPlan, spoil
from tests.wire.tastytrade.ledger import Ledger, RefusedError
from tests.wire.tastytrade.streams import AccountStream, QuoteStreamServer

ACCOUNT = "5WT00042"
CLIENT_SECRET = "canary-client-secret-b7a1"
REFRESH_TOKEN = "canary-refresh-token-93fe"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@frozen
class Recorded:
    method: str
    path: str
    query: dict[str, list[str]]
    body: dict | None
    headers: dict[str, str]


@define
class TokenDesk:
    """Issues access tokens. `reply` overrides the next answers; `good` holds what is accepted."""

    lifetime: int | None = 900
    replies: list[tuple[int, object]] = field(factory=list)
    good: set[str] = field(factory=set)
    issued: int = 0

    def issue(self) -> dict:
        self.issued += 1
        token = f"canary-access-token-{self.issued}"
        self.good = {token}
        reply: dict = {"access_token": token, "token_type": "Bearer"}
        return reply if self.lifetime is None else reply | {"expires_in": self.lifetime}

    def forget_all(self) -> None:
        """Have every token that is out answered with 401."""
        self.good = set()


@define
class TastytradeStandIn:
    ledger: Ledger = field(factory=lambda: Ledger(ACCOUNT))
    faults: FaultPlan = field(factory=FaultPlan)
    tokens: TokenDesk = field(factory=TokenDesk)
    account_stream: AccountStream = field(factory=AccountStream)
    quotes: QuoteStreamServer = field(factory=QuoteStreamServer)
    chains: dict[str, list[dict]] = field(factory=dict)
    pages: dict[str, dict] = field(factory=dict)  # single instruments by symbol
    halted: set[str] = field(factory=set)
    requests: list[Recorded] = field(factory=list)
    replace_takes: float = 0.0
    page_size: int = 1000
    withheld: int = 0  # how many orders the history counts and does not give
    port: int = 0
    _pushes: "asyncio.Queue[dict]" = field(factory=asyncio.Queue)
    _runner: web.AppRunner | None = None
    _pusher: "asyncio.Task[None] | None" = None

    # ---- life ------------------------------------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def streamer_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/streamer"

    async def start(self) -> None:
        self.ledger.on_change = self._pushes.put_nowait
        app = web.Application(middlewares=[self._middleware])
        app.router.add_route("*", "/{tail:.*}", self._dispatch)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port or free_port())
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._pusher = asyncio.ensure_future(self._push_changes())

    async def stop(self) -> None:
        assert self._runner is not None
        assert self._pusher is not None
        self._pusher.cancel()
        with suppress(asyncio.CancelledError):
            await self._pusher
        await self._runner.cleanup()

    async def _push_changes(self) -> None:
        while True:
            order = await self._pushes.get()
            await self.account_stream.push("Order", order)

    # ---- what tests ask --------------------------------------------------------------------------------------------

    def sent(self, method: str, ending: str) -> list[Recorded]:
        """Return the requests of a method whose path ends so."""
        return [request for request in self.requests if request.method == method and request.path.endswith(ending)]

    # ---- requests --------------------------------------------------------------------------------------------------

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await handler(request)
        text = await request.text()
        body = json.loads(text) if text else None
        query = {key: request.query.getall(key) for key in request.query}
        self.requests.append(Recorded(request.method, request.path, query, body, dict(request.headers)))
        fault = self.faults.take(request.method, _name(request.path))
        if fault is None:
            return await self._answered(request, handler)
        if fault.hold is not None and not fault.does_it:
            await fault.hold.wait()
        response = await self._answered(request, handler) if fault.does_it or fault.answer == "as it is" else None
        if fault.hold is not None and fault.does_it:
            await fault.hold.wait()
        if fault.change is not None:
            assert isinstance(response, web.Response)
            response = web.json_response({"data": json.loads(response.text or "")["data"] | fault.change})
        return await spoil(request, fault, response)

    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != "/oauth/token":
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if bearer not in self.tokens.good:
                error = {"error": {"code": "token_invalid", "message": "This token is invalid or has expired"}}
                return web.json_response(error, status=401)
        try:
            return await handler(request)
        except RefusedError as refused:
            return web.json_response(refused.body, status=refused.status)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        parts = [part for part in request.path.split("/") if part]
        match (request.method, *parts):
            case ("GET", "streamer"):
                return await self.account_stream.serve(request)
            case ("GET", "dxlink"):
                return await self.quotes.serve(request)
            case ("POST", "oauth", "token"):
                return await self._token(request)
            case ("GET", "customers", "me", "accounts"):
                entry = {"account": listings.account_page(ACCOUNT), "authority-level": "owner"}
                return _data({"items": [entry]})
            case ("GET", "api-quote-tokens"):
                link = {"dxlink-url": f"ws://127.0.0.1:{self.port}/dxlink", "level": "api"}
                return _data({"token": "canary-quote-token", **link})
            case ("GET", "market-data", "by-type"):
                return self._market_data(request)
            case (method, "accounts", number, *rest) if number == ACCOUNT:
                return await self._account(request, method, rest)
            case ("GET", "option-chains" | "instruments", *_):
                return self._instrument(request)
        raise RefusedError(404, "not_found", f"no such resource: {request.path}")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        if self.tokens.replies:
            status, reply = self.tokens.replies.pop(0)
            return web.json_response(reply, status=status)
        asked = await request.json()
        if (asked["client_secret"], asked["refresh_token"]) != (CLIENT_SECRET, REFRESH_TOKEN):
            wrong = {"error": "invalid_grant", "error_description": "Invalid refresh token"}
            return web.json_response(wrong, status=400)
        return web.json_response(self.tokens.issue())

    async def _account(self, request: web.Request, method: str, rest: list[str]) -> web.StreamResponse:
        match (method, *rest):
            case ("GET", "balances", "USD"):
                page = listings.balances_page(ACCOUNT, self.ledger.buying_power, self.ledger.cash)
                return _data(page)
            case ("GET", "positions"):
                return _data({"items": self.ledger.positions_json()})
            case ("GET", "orders", "live"):
                return _data({"items": list(self.ledger.orders.values())})
            case ("GET", "orders"):
                return self._history(request)
            case ("POST", "orders", "dry-run"):
                return self._placed(self.ledger.check(await request.json()))
            case ("POST", "orders"):
                return self._placed(self.ledger.place(await request.json()))
            case ("PUT", "orders", order_id):
                return self._replaced(int(order_id), await request.json())
            case ("DELETE", "orders", order_id):
                return _data(self.ledger.cancel(int(order_id)))
        raise RefusedError(404, "not_found", f"no such resource: {request.path}")

    def _placed(self, order: dict) -> web.Response:
        fees = dict.fromkeys(("regulatory-fees", "clearing-fees", "proprietary-index-option-fees"), "0.10")
        fees |= {"commission": "1.00", "total-fees": "1.14"}
        fees |= {f"{key}-effect": "Debit" for key in list(fees)}
        body = {"order": order, "buying-power-effect": self.ledger.effect_json(order), "fee-calculation": fees}
        return _data(body | {"warnings": []}, status=201)

    def _replaced(self, order_id: int, body: dict) -> web.Response:
        answer = self.ledger.begin_replace(order_id, body)
        loop = asyncio.get_running_loop()
        loop.call_later(self.replace_takes, self.ledger.finish_replace, order_id, answer["id"])
        return _data(answer)

    def _history(self, request: web.Request) -> web.Response:
        page, size = int(request.query["page-offset"]), min(int(request.query["per-page"]), self.page_size)
        orders = sorted(self.ledger.orders.values(), key=lambda order: -order["id"])
        items = orders[page * size : (page + 1) * size][self.withheld :]
        paging = {
            "per-page": size,
            "page-offset": page,
            "item-offset": page * size,
            "total-items": len(orders),
            "total-pages": -(-len(orders) // size),
            "current-item-count": len(items),
            "previous-link": None,
            "next-link": None,
        }
        body = {"data": {"items": items}, "pagination": paging, "context": request.path}
        return web.json_response(body)

    def _market_data(self, request: web.Request) -> web.Response:
        kinds = {"equity-option": "Equity Option", "equity": "Equity", "future": "Future"}
        items = []
        for key, kind in kinds.items():
            for symbol in request.query.getall(key, []):
                book = self.quotes.books.get(self._streamer_name(symbol))
                if book is not None:
                    halted = symbol in self.halted
                    items.append(listings.market_data_item(symbol, kind, *book, halted=halted))
        return _data({"items": items})

    def _streamer_name(self, symbol: str) -> str:
        for chain in (chain for chains in self.chains.values() for chain in chains):
            for strike in (strike for each in chain["expirations"] for strike in each["strikes"]):
                if symbol in {strike["call"], strike["put"]}:
                    side = "call" if symbol == strike["call"] else "put"
                    name: str = strike[f"{side}-streamer-symbol"]
                    return name
        return str(self.pages.get(symbol, {}).get("streamer-symbol", symbol))

    def _instrument(self, request: web.Request) -> web.Response:
        raw = [part for part in request.rel_url.raw_path.split("/") if part]
        name = unquote(raw[-2] if raw[-1] == "nested" else raw[-1])
        if raw[0] == "option-chains" and name in self.chains:
            return _data({"items": self.chains[name]})
        if raw[-1] == "futures":
            products = set(request.query.getall("product-code[]"))
            found = [page for page in self.pages.values() if page.get("product-code") in products]
            return _data({"items": found})
        if raw[1] == "equity-options" and any(name.startswith(root) for root in self._roots()):
            return _data(self.pages.get(name) or listings.option_page(name))
        if name in self.pages:
            return _data(self.pages[name])
        raise RefusedError(404, "not_found", f"{name} was not found")

    def _roots(self) -> set[str]:
        return {chain["root-symbol"] for chains in self.chains.values() for chain in chains}

    async def set_book(self, symbol: str, bid: Decimal | None, ask: Decimal | None) -> None:
        """Make the quote of an instrument, by the broker's symbol; None empties a side."""
        await self.quotes.set_book(self._streamer_name(symbol), (bid, ask))


@asynccontextmanager
async def running_stand_in() -> AsyncIterator[TastytradeStandIn]:
    stand_in = TastytradeStandIn()
    await stand_in.start()
    try:
        yield stand_in
    finally:
        await stand_in.stop()


def _name(path: str) -> str:
    """The last part of a path that says what is asked: an order's number is "order"."""
    last = path.rstrip("/").rpartition("/")[2]
    return "order" if last.isdecimal() else last


def _data(data: object, status: int = 200) -> web.Response:
    return web.json_response({"data": data, "context": "/"}, status=status)
