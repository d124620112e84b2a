"""The SDK's session as this adapter uses it, and a record of what the wire showed of each request.

The SDK keeps neither status nor body of an answer, and raises alike for what never left and for what got no answer.
Hooks on its HTTP client keep that evidence for whoever asked.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpx2
from attrs import field, frozen
from tastytrade import Session

from adapters.tastytrade.classification import Evidence
from adapters.tastytrade.json_values import parse_json
from domain.value import Value

TIMEOUT = httpx2.Timeout(10, connect=4, write=4, pool=3)

_recording: ContextVar[Evidence | None] = ContextVar("recording", default=None)


@frozen(kw_only=True)
class Credentials(Value):
    """What signs in. `repr` shows none of it."""

    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    account: str = field(repr=False)


@frozen(kw_only=True)
class Endpoints(Value):
    """Where the service is. The addresses are for stand-ins on this machine; None is the SDK's own."""

    sandbox: bool = True
    api_url: str | None = None
    streamer_url: str | None = None

    @property
    def stream_override(self) -> str | None:
        """Return where the account stream is, None where the SDK knows: never the real one beside a stand-in."""
        if self.streamer_url is not None or self.api_url is None:
            return self.streamer_url
        return self.api_url.replace("http", "ws", 1)


def create_sdk_session(credentials: Credentials, endpoints: Endpoints) -> Session:
    """Return a session that has not signed in yet, with the adapter's own timeouts and hooks."""
    hooks = {"request": [_note_request], "response": [_note_response]}
    options: dict[str, Any] = {"timeout": TIMEOUT, "event_hooks": hooks, "verify": _certificates()}
    if endpoints.api_url is not None:
        options["trust_env"] = False  # a proxy has no business between this process and its stand-in
    session = _Session(credentials.client_secret, credentials.refresh_token, endpoints.sandbox, **options)
    if endpoints.api_url is not None:
        session._client.base_url = endpoints.api_url  # noqa: SLF001 - the SDK has no setting for it
    return session


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: every stream that connects makes a client of its own, and reading them holds up the loop."""
    return httpx2.create_ssl_context()


class _Session(Session):
    """The SDK hands request bodies on as `data=` text, which its HTTP client deprecates; `content=` is the same."""

    async def _post(self, url: str, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's signature
        return await super()._post(url, **_as_content(kwargs))

    async def _put(self, url: str, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's signature
        return await super()._put(url, **_as_content(kwargs))


def _as_content(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"content" if key == "data" else key: value for key, value in kwargs.items()}


async def recorded(call: Callable[[], Awaitable[object]], within: float) -> Evidence:
    """Return what the wire showed of `call`, which sends one request and may take `within` seconds.

    Its own result and errors say less than that, and are dropped; only being cancelled passes through.
    """
    evidence = Evidence()
    token = _recording.set(evidence)
    try:
        async with asyncio.timeout(within):
            await call()
    except Exception as error:  # noqa: BLE001 - whatever it is, what the wire showed decides
        evidence.error = error
    finally:
        _recording.reset(token)
    return evidence


async def _note_request(_request: httpx2.Request) -> None:
    evidence = _recording.get()
    if evidence is not None:
        evidence.started = True


async def _note_response(response: httpx2.Response) -> None:
    evidence = _recording.get()
    if evidence is None:
        return
    content = await response.aread()
    evidence.is_empty = not content
    try:
        evidence.body = parse_json(content)
    except ValueError:
        evidence.body = None
    # Last: an answer whose body broke off has proven nothing.
    evidence.status = response.status_code
