"""What can go wrong on the way, on demand: each fault meets one request, in the order in which they were planned."""

import asyncio
from enum import StrEnum

from aiohttp import web
from attrs import define, field, frozen

HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class Answer(StrEnum):
    """What comes back, whatever was done."""

    AS_IT_IS = "as it is"
    DROP = "the connection is cut without an answer"
    HTML = "a proxy's page"
    EMPTY = "200 without a body"
    TRUNCATED = "half of the body"
    GARBAGE = "200 with a body that is no JSON"
    NO_DATA = "200 with an empty envelope"
    STATUS = "the status with the service's error envelope"
    PLAIN_STATUS = "the status without the service's error envelope"


@frozen(kw_only=True)
class Fault:
    """`does_it`: the request is carried out before the answer goes wrong. `hold` is awaited before anything else."""

    answer: Answer = Answer.AS_IT_IS
    does_it: bool = False
    status: int = 500
    code: str = "server_error"
    message: str = "An internal error occurred"
    hold: asyncio.Event | None = None
    change: dict | None = None  # laid over the answer's data


@define
class FaultPlan:
    """Faults by method and the last part of a path that matters: ("POST", "orders"), ("GET", "positions")."""

    _planned: dict[tuple[str, str], list[Fault]] = field(factory=dict)

    def plan(self, method: str, name: str, *faults: Fault) -> None:
        self._planned.setdefault((method, name), []).extend(faults)

    def take(self, method: str, name: str) -> Fault | None:
        waiting = self._planned.get((method, name))
        return waiting.pop(0) if waiting else None


async def spoil(request: web.Request, fault: Fault, response: web.StreamResponse | None) -> web.StreamResponse:
    """Return, or cut short, what `fault` makes of a good response."""
    match fault.answer:
        case Answer.AS_IT_IS:
            assert response is not None
            return response
        case Answer.DROP:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        case Answer.HTML:
            return web.Response(status=fault.status, text=HTML, content_type="text/html")
        case Answer.EMPTY:
            return web.Response(status=200)
        case Answer.GARBAGE:
            return web.Response(status=200, text='{"data": {"order": {"id"', content_type="application/json")
        case Answer.NO_DATA:
            return web.json_response({"data": {}})
        case Answer.STATUS:
            error = {"error": {"code": fault.code, "message": fault.message}}
            return web.json_response(error, status=fault.status)
        case Answer.PLAIN_STATUS:
            return web.json_response({"message": fault.message}, status=fault.status)
        case Answer.TRUNCATED:
            return await _truncated(request, response)


async def _truncated(request: web.Request, response: web.StreamResponse | None) -> web.StreamResponse:
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b'{"data": {}}'
    half = web.StreamResponse(status=200 if response is None else response.status)
    half.content_type = "application/json"
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return half
