"""The door of the admin API: no request passes without the key, and none with it is turned away."""

import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.admin_api.errors import failure
from adapters.admin_api.keys import KEY_HEADER, AdminKey, Guesses

_LOG = logging.getLogger(__name__)


class KeyGuard:
    """Lets a request through to `app` only with the key, and always with it, whoever shares the caller's address.

    Every refusal looks the same, whatever was wrong with it. Limited is what wrong keys are told and what they log.
    """

    def __init__(self, app: ASGIApp, key: AdminKey, guesses: Guesses) -> None:
        self._app = app
        self._key = key
        self._guesses = guesses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        presented = Headers(scope=scope).get(KEY_HEADER)
        if presented is not None and self._key.matches(presented):
            await self._app(scope, receive, send)
            return
        wait = 0 if presented is None else self._guess(scope, presented)
        if wait:
            detail = f"too many different wrong keys came from this address; try again in {wait} s"
            refusal = failure(429, "too_many_wrong_keys", detail, headers={"Retry-After": str(wait)})
        else:
            refusal = failure(401, "unauthorized", f"send the admin key in the header {KEY_HEADER}")
        await refusal(scope, receive, send)

    def _guess(self, scope: Scope, presented: str) -> int:
        """Note a wrong key. Return for how many seconds its peer is to leave off, 0 where it may go on."""
        client = scope.get("client")
        peer = client[0] if client else "unknown"
        wait = self._guesses.wait(peer)
        if not wait and self._guesses.note(peer, presented):
            more = ", as one of many; further ones are not logged now" if self._guesses.wait(peer) else ""
            _LOG.warning("admin API: a wrong %s came from %s%s", KEY_HEADER, peer, more)
        return wait
