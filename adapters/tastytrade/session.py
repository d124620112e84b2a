"""The one session with Tastytrade that everything here shares: its token, its reads, and single writes.

The SDK signs in, builds and sends requests; hooks on its HTTP client record what the wire showed of each, because the
SDK itself keeps neither status nor body. Renewing the token is a step of its own, on monotonic time, so that a write is
never preceded by a hidden request. A write is sent once; reads are repeated.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any

import httpx2
from attrs import define, field, frozen
from tastytrade import Session

from adapters.tastytrade.classification import (
    UNAUTHORIZED,
    Evidence,
    TastytradeAuthError,
    TransientError,
    check_read,
    check_token,
)
from adapters.tastytrade.json_values import Json, mapping, parse_json, text
from adapters.tastytrade.redaction import Redactor, masked_account, quieten_libraries
from adapters.tastytrade.retrying import Retries

logger = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(10, connect=4, write=4, pool=3)
# For all of a request, however slowly its answer drips in.
WRITE_SECONDS, READ_SECONDS = 15, 30
# A token is renewed when less than this is left of it, and still used, if that fails, until the second.
RENEW_SECONDS, LAST_SECONDS = 120, 20
LIFETIME_SECONDS = 900  # where the broker does not say: 15 minutes by its documentation

_recording: ContextVar[Evidence | None] = ContextVar("recording", default=None)


@frozen(kw_only=True)
class Credentials:
    """What signs in. `repr` shows none of it."""

    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    account: str = field(repr=False)


@frozen(kw_only=True)
class Endpoints:
    """Where the service is. The addresses are for stand-ins on this machine; None is the SDK's own."""

    sandbox: bool = True
    api_url: str | None = None
    streamer_url: str | None = None


@define
class _Token:
    """The access token in use, in monotonic seconds; and why there is none, where that is final."""

    ends_at: float = -math.inf
    renew_at: float = -math.inf
    refused: TastytradeAuthError | None = None


class TastytradeSession:
    """Create it on the loop that it is used on; `close` it there."""

    def __init__(
        self,
        credentials: Credentials,
        endpoints: Endpoints,
        retries: Retries | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        quieten_libraries()
        self.account = credentials.account
        self.shown_account = masked_account(credentials.account)
        self.redactor = Redactor(credentials.client_secret, credentials.refresh_token, credentials.account)
        self.endpoints = endpoints
        self.sdk = _sdk_session(credentials, endpoints)
        self._retries = retries or Retries()
        self._elapsed = elapsed
        self._token = _Token()
        self._renewing = asyncio.Lock()
        self._writes: set[asyncio.Task[Evidence]] = set()

    @property
    def streamer_url(self) -> str | None:
        """Return where the account stream is; None where the SDK knows. Never the real one beside a stand-in."""
        if self.endpoints.streamer_url is not None or self.endpoints.api_url is None:
            return self.endpoints.streamer_url
        return self.endpoints.api_url.replace("http", "ws", 1)

    # ---- the token -------------------------------------------------------------------------------------------------

    @property
    def token_seconds(self) -> float:
        """Return how long the access token is good for; not above zero where there is none."""
        return self._token.ends_at - self._elapsed()

    @property
    def refusal(self) -> TastytradeAuthError | None:
        """Return why the credentials were refused for good, until `renew` succeeds."""
        return self._token.refused

    async def authorize(self) -> None:
        """Make sure that the access token is good for the next request.

        Raises TastytradeAuthError, without asking again, once the credentials were refused for good;
        PortUnavailableError when no token could be had.
        """
        if self._token.refused is not None:
            raise TastytradeAuthError(str(self._token.refused))
        if self._elapsed() < self._token.renew_at:
            return
        async with self._renewing:
            if self._elapsed() < self._token.renew_at:
                return
            try:
                await self._retries.run("token", self._renew_once)
            except TransientError as error:
                if self.token_seconds <= LAST_SECONDS:
                    raise
                logger.warning(
                    "the access token lasts %.0f s more and could not be renewed: %s", self.token_seconds, error
                )

    async def renew(self) -> None:
        """Get a new access token, whatever there is of the old one. Raises as `authorize` does."""
        async with self._renewing:
            await self._retries.run("token", self._renew_once)

    def distrust_token(self) -> None:
        """Have the next `authorize` renew the token: the broker answered 401 to it."""
        self._token = _Token()

    async def _renew_once(self) -> None:
        asked_at = self._elapsed()
        evidence = await _recorded(lambda: self.sdk.refresh(force=True), WRITE_SECONDS)
        try:
            check_token(evidence, self.redactor.clean)
        except TastytradeAuthError as error:
            self._token.refused = error
            logger.error("the credentials were refused: %s", error)  # noqa: TRY400 - a traceback could show a request
            raise
        lifetime = text(mapping(evidence.body).get("expires_in"))
        seconds = float(lifetime) if lifetime is not None and lifetime.isdecimal() else LIFETIME_SECONDS
        ends_at = asked_at + seconds
        self._token = _Token(ends_at, ends_at - min(RENEW_SECONDS, seconds / 2))
        self.redactor.add_token(self.sdk.session_token)
        # The SDK would renew by wall clock, hidden in front of any request; this adapter's clock decides alone.
        self.sdk.session_expiration = math.inf
        logger.info("the access token is good for %.0f s", seconds)

    # ---- reads -----------------------------------------------------------------------------------------------------

    async def read(
        self, read: str, path: str, params: Mapping[str, Any] | None = None, retries: Retries | None = None
    ) -> Json:
        """Return the whole envelope of a GET's answer; it has `data`. Repeated on failure.

        `read` names it in the log and in the metrics. Raises NotFoundError for a 404, otherwise PortUnavailableError or
        TastytradeAuthError.
        """

        async def once() -> Json:
            return await self._read_once(read, path, params)

        return await (retries or self._retries).run(read, once)

    async def _read_once(self, read: str, path: str, params: Mapping[str, Any] | None) -> Json:
        await self.authorize()
        used = self.sdk.session_token
        evidence = await self._get(path, params)
        if evidence.status == UNAUTHORIZED:
            logger.warning("%s: the broker answered 401; the token is renewed once", read)
            if self.sdk.session_token == used:  # nobody has renewed it meanwhile
                self.distrust_token()
            await self.authorize()
            evidence = await self._get(path, params)
        check_read(evidence, read, self.redactor.clean)
        return mapping(evidence.body)

    async def _get(self, path: str, params: Mapping[str, Any] | None) -> Evidence:
        # The SDK's own reads parse into models that lose a whole list for one odd entry.
        return await _recorded(lambda: self.sdk._client.get(path, params=params), READ_SECONDS)  # noqa: SLF001

    # ---- writes ----------------------------------------------------------------------------------------------------

    async def write(self, call: Callable[[], Awaitable[object]]) -> Evidence:
        """Run one call of the SDK that sends one request, and return what the wire showed of it.

        It runs to its end even where the caller is cancelled: the log then says what came of it.
        """
        task = asyncio.ensure_future(_recorded(call, WRITE_SECONDS))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        try:
            evidence = await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._tell_abandoned)
            raise
        if evidence.status == UNAUTHORIZED:
            self.distrust_token()
        return evidence

    def _tell_abandoned(self, task: "asyncio.Task[Evidence]") -> None:
        if task.cancelled():
            logger.warning("a write was cut off; the broker's books say what came of it")
        else:
            evidence = task.result()
            told = evidence.status if evidence.status is not None else type(evidence.error).__name__
            logger.warning("a write whose caller had gone was answered %s; the broker's books say the rest", told)

    async def close(self) -> None:
        """Wait for writes under way, each bounded in time, and end the connections."""
        if self._writes:
            await asyncio.wait(self._writes)
        await self.sdk._client.aclose()  # noqa: SLF001 - the SDK closes it only as a context manager


def _sdk_session(credentials: Credentials, endpoints: Endpoints) -> Session:
    hooks = {"request": [_note_request], "response": [_note_response]}
    options: dict[str, Any] = {"timeout": TIMEOUT, "event_hooks": hooks}
    if endpoints.api_url is not None:
        options["trust_env"] = False  # a proxy has no business between this process and its stand-in
    session = Session(credentials.client_secret, credentials.refresh_token, endpoints.sandbox, **options)
    if endpoints.api_url is not None:
        session._client.base_url = endpoints.api_url  # noqa: SLF001 - the SDK has no setting for it
    return session


async def _recorded(call: Callable[[], Awaitable[object]], within: float) -> Evidence:
    """What the wire showed of `call`, which sends one request. Its own result and errors say less, and are dropped."""
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
    try:
        evidence.body = parse_json(content)
    except ValueError:
        evidence.body = None
    evidence.status = response.status_code
