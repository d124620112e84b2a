"""The door of the admin API: no request passes without the key."""

import logging

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.admin_api.errors import failure
from adapters.admin_api.keys import KEY_HEADER, AdminKey, Guesses

_LOG = logging.getLogger(__name__)


class KeyGuard:
    """Lets a request through to `app` only with the key. Every refusal looks the same, whatever was wrong with it."""

    def __init__(self, app: ASGIApp, key: AdminKey, guesses: Guesses) -> None:
        self._app = app
        self._key = key
        self._guesses = guesses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        peer = client[0] if client else "unknown"
        wait = self._guesses.wait(peer)
        if wait:
            detail = f"too many different wrong keys came from this address; try again in {wait} s"
            refusal = failure(429, "too_many_wrong_keys", detail, headers={"Retry-After": str(wait)})
            await refusal(scope, receive, send)
            return
        presented = Headers(scope=scope).get(KEY_HEADER)
        if presented is not None and self._key.matches(presented):
            await self._app(scope, receive, send)
            return
        if presented is not None:
            self._guesses.note(peer, presented)
            _LOG.warning("admin API: a wrong %s came from %s", KEY_HEADER, peer)
        await failure(401, "unauthorized", f"send the admin key in the header {KEY_HEADER}")(scope, receive, send)
