"""The admin API as an ASGI application. It drives the desk through its ports and decides nothing.

What answers is `routing`, which needs the web's library. That is loaded with the server (`load`) or the first request:
a desk is at work before it is.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters.admin_api.keys import AdminKey, Guesses
from adapters.admin_api.patience import Patience
from ports.audit_log import AuditLog
from ports.clock import Clock
from ports.control import Control

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ANSWER_SECONDS = 10.0


class AdminApp:
    """The application, made when it is first needed. `create_admin_app` makes one."""

    def __init__(self, make: "Callable[[], ASGIApp]") -> None:
        self._make = make
        self._made: ASGIApp | None = None

    def load(self) -> "ASGIApp":
        """Return what answers the requests; the first call takes a tenth of a second, in which it is imported."""
        if self._made is None:
            self._made = self._make()
        return self._made

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        await self.load()(scope, receive, send)


def create_admin_app(
    *,
    control: Control,
    audit: AuditLog,
    clock: Clock,
    key: str | None,
    readiness: Callable[[], str | None],
    exposition: Callable[[], bytes],
    answer_seconds: float = ANSWER_SECONDS,
    elapsed: Callable[[], float] = time.monotonic,
) -> AdminApp:
    """Return the application.

    `readiness` says why the connections are not up, or None; `exposition` returns the metrics as Prometheus text.
    `answer_seconds` is how long a request waits for the desk. Raises ValueError for a key that is missing or weak.
    """
    guard_key = AdminKey(key)

    def make() -> "ASGIApp":
        from adapters.admin_api.routing import routed

        return routed(
            control=control,
            audit=audit,
            clock=clock,
            key=guard_key,
            readiness=readiness,
            exposition=exposition,
            patience=Patience(answer_seconds),
            guesses=Guesses(elapsed),
        )

    return AdminApp(make)
