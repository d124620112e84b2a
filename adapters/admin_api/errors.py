"""What the admin API answers when it cannot do what it was asked: always JSON, always the same keys."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.admin_api.answer import Answer
from domain.verdicts import DenialCode
from ports.errors import AuditUnavailableError

REASONS: Mapping[int, tuple[str, str]] = {
    404: ("not_found", "there is nothing at this address; docs/admin-api.md lists what there is"),
    405: ("method_not_allowed", "this address does not take this method; the header Allow lists those it takes"),
}
NOT_FOUND = frozenset({DenialCode.NO_SUCH_ORDER, DenialCode.NO_POSITION})
NOT_AS_ASKED = frozenset({DenialCode.PRICE_BELOW_TICK, DenialCode.INSUFFICIENT_BUYING_POWER})


class FieldError(Exception):
    """A field of the request is missing, unknown or not what it has to be."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class RequestError(Exception):
    """A request that ends with `status` for the reason given."""

    def __init__(self, status: int, reason: str, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.detail = detail
        self.more = more


def failure(
    status: int,
    reason: str,
    detail: str,
    *,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return the answer of a request that was not done: a stable `reason`, words in `detail`, `more` beside them."""
    return Answer({"reason": reason, "detail": detail, **(more or {})}, status, headers)


def refusal_status(code: DenialCode) -> int:
    """Return the HTTP status of the desk's refusal of an operator's request."""
    if code in NOT_FOUND:
        return 404
    return 422 if code in NOT_AS_ASKED else 409


async def on_field_error(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, FieldError)  # noqa: S101 - what it is registered for
    return failure(422, "invalid_field", error.detail, more={"field": error.field})


async def on_request_error(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, RequestError)  # noqa: S101 - what it is registered for
    return failure(error.status, error.reason, error.detail, more=error.more)


async def on_http_error(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    reason, detail = REASONS.get(error.status_code, ("refused", str(error.detail)))
    return failure(error.status_code, reason, detail, headers=error.headers)


async def on_audit_unavailable(_request: Request, error: Exception) -> Answer:
    assert isinstance(error, AuditUnavailableError)  # noqa: S101 - what it is registered for
    return failure(503, "audit_unavailable", "the audit log cannot be read now; the log on this machine says why")


async def on_bug(_request: Request, _error: Exception) -> Answer:
    """Say that something of ours failed, and nothing of what: the log has it."""
    return failure(500, "internal_error", "this failed inside; the log on this machine says how")
