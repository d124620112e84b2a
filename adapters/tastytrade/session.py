"""The one session with Tastytrade that everything here shares: its token, its reads, and single writes.

Renewing the token is a step of its own, on monotonic time, so that no write is preceded by a hidden request. A write is
sent once and runs to its end; reads are repeated.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import define, evolve

from adapters.tastytrade.classification import (
    UNAUTHORIZED,
    Evidence,
    TastytradeAuthError,
    TransientError,
    check_read,
    check_token,
)
from adapters.tastytrade.json_values import Json, decimal, mapping
from adapters.tastytrade.redaction import Redactor, masked_account, quieten_libraries
from adapters.tastytrade.retrying import Retries
from adapters.tastytrade.sdk_session import Credentials, Endpoints, create_sdk_session, recorded

logger = logging.getLogger(__name__)

# For all of a request, however slowly its answer drips in.
WRITE_SECONDS, READ_SECONDS, TOKEN_SECONDS = 15, 30, 10
# What a close of the session waits for writes under way.
CLOSE_SECONDS = 5
# A token is renewed when less than this is left of it, and still used, if that fails, until the second.
RENEW_SECONDS, LAST_SECONDS = 120, 20
# After a renewal that failed, as long as the token is good: who comes meanwhile goes on with it at once.
PAUSE_SECONDS = 10
LIFETIME_SECONDS = 900  # where the broker does not say: 15 minutes by its documentation


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
        self.retries = retries or Retries()
        self.sdk = create_sdk_session(credentials, endpoints)
        self._elapsed = elapsed
        self._token = _Token()
        self._renewing = asyncio.Lock()
        self._writes: set[asyncio.Task[Evidence]] = set()

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

        While it is good, a renewal that fails is not repeated for PAUSE_SECONDS. Raises TastytradeAuthError, without
        asking again, once the credentials were refused for good; PortUnavailableError when no token could be had.
        """
        if self._elapsed() < self._token.renew_at:
            return
        async with self._renewing:
            if self._token.refused is not None:
                raise TastytradeAuthError(str(self._token.refused))
            if self._elapsed() < self._token.renew_at:  # renewed, or tried in vain, while this waited
                return
            try:
                await self._renew()
            except TransientError as error:
                left = self.token_seconds
                if left <= LAST_SECONDS:
                    raise
                self._token.renew_at = self._elapsed() + min(PAUSE_SECONDS, left - LAST_SECONDS)
                logger.warning("the access token is good for %.0f s and could not be renewed: %s", left, error)

    async def renew(self) -> None:
        """Get a new access token, whatever there is of the old one. Raises as `authorize` does."""
        async with self._renewing:
            await self._renew()

    def distrust_token(self) -> None:
        """Have the next `authorize` renew the token: the broker did not take it."""
        self._token = _Token(refused=self._token.refused)

    async def _renew(self) -> None:
        # An alert waits for this: fewer seconds than other reads.
        await evolve(self.retries, within=min(self.retries.within, TOKEN_SECONDS)).run("token", self._renew_once)

    async def _renew_once(self) -> None:
        asked_at = self._elapsed()
        evidence = await recorded(lambda: self.sdk.refresh(force=True), TOKEN_SECONDS)
        try:
            check_token(evidence, self.redactor.clean)
        except TastytradeAuthError as error:
            self._token = _Token(refused=error)
            logger.error("%s", error)  # noqa: TRY400 - a traceback could show a request
            raise
        told = decimal(mapping(evidence.body).get("expires_in"))
        seconds = float(told) if told is not None and told > 0 else LIFETIME_SECONDS
        ends_at = asked_at + seconds
        self._token = _Token(ends_at, ends_at - min(RENEW_SECONDS, seconds / 2))
        self.redactor.add_token(self.sdk.session_token)
        # The SDK would renew by wall clock, hidden in front of any request; this adapter's clock decides alone.
        self.sdk.session_expiration = math.inf
        logger.info("the access token is good for %.0f s", seconds)

    # ---- reads -----------------------------------------------------------------------------------------------------

    async def read(
        self,
        read: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        retries: Retries | None = None,
        listed: bool = True,
    ) -> Json:
        """Return the whole envelope of a GET's answer, repeated on failure.

        `read` names it in the log and in the metrics. A good answer's `data` has a list of `items` where `listed`.
        Raises NotFoundError for a 404, otherwise PortUnavailableError or TastytradeAuthError.
        """

        async def once() -> Json:
            evidence = await self._get(read, path, params)
            check_read(evidence, read, self.redactor.clean, listed=listed)
            return mapping(evidence.body)

        return await (retries or self.retries).run(read, once)

    async def _get(self, read: str, path: str, params: Mapping[str, Any] | None) -> Evidence:
        """One GET, and a second one with a new token where the first one's was not taken."""
        await self.authorize()
        used = self.sdk.session_token
        evidence = await self._get_once(path, params)
        if evidence.status != UNAUTHORIZED:
            return evidence
        logger.warning("%s: the broker answered 401; the token is renewed once", read)
        if self.sdk.session_token == used:  # nobody has renewed it meanwhile
            self.distrust_token()
        await self.authorize()
        return await self._get_once(path, params)

    async def _get_once(self, path: str, params: Mapping[str, Any] | None) -> Evidence:
        # The SDK's own reads parse into models that lose a whole list for one odd entry.
        return await recorded(lambda: self.sdk._client.get(path, params=params), READ_SECONDS)  # noqa: SLF001

    # ---- writes ----------------------------------------------------------------------------------------------------

    async def write(self, call: Callable[[], Awaitable[object]]) -> Evidence:
        """Run one call of the SDK that sends one request, and return what the wire showed of it.

        It runs to its end even where the caller is cancelled: the log then says what came of it.
        """
        task = asyncio.ensure_future(recorded(call, WRITE_SECONDS))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        try:
            evidence = await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_tell_abandoned)
            raise
        if evidence.status == UNAUTHORIZED:
            self.distrust_token()
        return evidence

    async def close(self) -> None:
        """Wait a little for writes under way, and end the connections."""
        if self._writes:
            await asyncio.wait(self._writes, timeout=CLOSE_SECONDS)
        await self.sdk._client.aclose()  # noqa: SLF001 - the SDK closes it only as a context manager


def _tell_abandoned(task: "asyncio.Task[Evidence]") -> None:
    if task.cancelled():
        logger.warning("a write was cut off; the broker's books say what came of it")
        return
    evidence = task.result()
    told = evidence.status if evidence.status is not None else type(evidence.error).__name__
    logger.warning("a write whose caller had gone was answered %s; the broker's books say the rest", told)
