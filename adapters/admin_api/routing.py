"""The admin API's addresses as one application of starlette: who answers what, and what every answer carries."""

import logging
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.admin_api import errors
from adapters.admin_api.deciding import Deciding
from adapters.admin_api.guarding import KeyGuard
from adapters.admin_api.keys import AdminKey, Guesses
from adapters.admin_api.looking import Health, Looking
from adapters.admin_api.operating import Operating
from adapters.admin_api.patience import Patience
from domain.desk.state import Phase
from ports.audit_log import AuditLog
from ports.clock import Clock
from ports.control import Control
from ports.errors import AuditUnavailableError

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_LOG = logging.getLogger(__name__)


def routed(
    *,
    control: Control,
    audit: AuditLog,
    clock: Clock,
    key: AdminKey,
    readiness: Callable[[], str | None],
    exposition: Callable[[], bytes],
    patience: Patience,
    guesses: Guesses,
) -> ASGIApp:
    """Return the application, as `create_admin_app` was asked for it."""

    def why_not_ready() -> str | None:
        return _why_not_active(control) or readiness()

    deciding = Deciding(control=control, clock=clock, why_not_ready=why_not_ready, patience=patience)
    operating = Operating(control=control, patience=patience)
    admin = Router(_admin_routes(deciding, operating, Looking(control=control, audit=audit)), redirect_slashes=False)
    health = Health(why_not_ready=why_not_ready, exposition=exposition)
    app = Starlette(
        routes=[
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
            Route("/metrics", health.metrics),
            Mount("/admin", KeyGuard(admin, key, guesses)),
        ],
        exception_handlers={
            HTTPException: errors.on_http_error,
            errors.FieldError: errors.on_field_error,
            errors.RequestError: errors.on_request_error,
            AuditUnavailableError: errors.on_audit_unavailable,
            Exception: errors.on_bug,
        },
    )
    app.router.redirect_slashes = False
    return _Outermost(app)


def _admin_routes(deciding: Deciding, operating: Operating, looking: Looking) -> list[Route]:
    async def halt(request: Request) -> Response:
        # One address is one route: of two, only the first's methods would be in the header Allow.
        return await (operating.halt(request) if request.method == "POST" else looking.halts(request))

    post = ["POST"]
    return [
        Route("/alerts/process", deciding.process, methods=post),
        Route("/audit/recent", looking.audit_recent),
        Route("/trades", looking.trades),
        Route("/trades/{trade_id}", looking.trade),
        Route("/positions", looking.positions),
        # A future's symbol begins with a slash.
        Route("/positions/{symbol:path}/close", operating.close, methods=post),
        Route("/orders", looking.orders),
        Route("/orders/{order_id}/cancel", operating.cancel, methods=post),
        Route("/orders/{order_id}/replace", operating.replace, methods=post),
        Route("/halt", halt, methods=["GET", "POST"]),
        Route("/resume", operating.resume, methods=post),
        Route("/allowlist", operating.allowlist, methods=["GET", "POST", "DELETE"]),
    ]


def _why_not_active(control: Control) -> str | None:
    state = control.state
    if state.is_ready:
        return None
    if state.phase is Phase.STOPPED:
        return "the desk has not started yet"
    return "the desk is recovering: it compares its books with the broker's"


class _Outermost:
    """Puts the security headers on every answer, and what broke into the log instead of into the server's hands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, send_hardened)
        except Exception:  # noqa: BLE001 - one request must not end the server, and so the desk
            # The answer, a 500 without internals, is on its way already.
            _LOG.exception("admin API: %s %s failed", scope.get("method"), scope.get("path"))
