"""The one place that decides what an answer of the broker, or its absence, proves.

The SDK turns every failure into one exception without a status, so the judgement rests on what the wire showed. An
order POST is not idempotent: what is not proven to be accepted, refused or never sent is unknown.
"""

from collections.abc import Callable
from enum import StrEnum

import httpx2
from attrs import define, frozen

from adapters.tastytrade.json_values import Json, mapping, mappings, text
from domain.value import Value
from ports.errors import PortUnauthorizedError, PortUnavailableError

OK, OVER = 200, 300
UNAUTHORIZED, NOT_FOUND, TIMED_OUT, TOO_MANY = 401, 404, 408, 429
SERVER_ERROR = 500
# Statuses of a refusal, where the body is the broker's own error; a proxy in between would not write one.
REFUSALS = frozenset({400, 403, NOT_FOUND, 422})
# Raised before a connection stands, so before the first byte of the request is written.
BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
REJECTED = "Rejected"

Cleaner = Callable[[object], str]


class TastytradeAuthError(PortUnauthorizedError):
    """Tastytrade refuses the credentials for good: the secret or the refresh token is wrong, revoked or expired."""


class TransientError(PortUnavailableError):
    """One attempt failed in a way that the next may not."""


class NotFoundError(PortUnavailableError):
    """The broker answered that there is no such thing."""


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@define
class Evidence:
    """What the wire showed of one request. `started`: it was handed to the transport. `body` None: no readable JSON."""

    started: bool = False
    status: int | None = None
    body: object = None
    is_empty: bool = False
    error: BaseException | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and OK <= self.status < OVER

    @property
    def data(self) -> Json:
        """What the broker's envelope holds, empty where there is none."""
        return mapping(mapping(self.body).get("data"))


@frozen
class Judgement(Value):
    verdict: Verdict
    reason: str = ""
    broker_order_id: str = ""


def judge_order(evidence: Evidence, clean: Cleaner) -> Judgement:
    """Return what the answer to an order's POST or PUT proves. Accepted means a 2xx that names the order's id."""
    if not evidence.is_success:
        return _judge_failure(evidence, clean)
    order = mapping(evidence.data.get("order")) or evidence.data
    if order.get("status") == REJECTED:
        return Judgement(Verdict.REFUSED, clean(text(order.get("reject-reason")) or "rejected without a reason"))
    broker_order_id = text(order.get("id"))
    if broker_order_id is None or broker_order_id == "0":
        return Judgement(Verdict.UNKNOWN, f"the broker answered {evidence.status} without a readable order id")
    return Judgement(Verdict.ACCEPTED, broker_order_id=broker_order_id)


def judge_cancel(evidence: Evidence, clean: Cleaner) -> Judgement:
    """Return what the answer to a cancel proves. Accepted is not yet the end of the order."""
    if not evidence.is_success:
        return _judge_failure(evidence, clean)
    # The order's own reports say what became of it: a success without a body is one.
    if isinstance(evidence.body, dict) or evidence.is_empty:
        return Judgement(Verdict.ACCEPTED)
    return Judgement(Verdict.UNKNOWN, f"the broker answered {evidence.status} with a body that cannot be read")


def judge_dry_run(evidence: Evidence, clean: Cleaner) -> Judgement:
    """Return what the answer to a dry run proves. It has no order id, and nothing of it is ever placed."""
    if not evidence.is_success:
        return _judge_failure(evidence, clean)
    refused = "; ".join(filter(None, map(_words, mappings(evidence.data.get("errors")))))
    if refused:
        return Judgement(Verdict.REFUSED, clean(refused))
    if not mapping(evidence.data.get("order")):
        return Judgement(Verdict.UNKNOWN, f"the broker answered {evidence.status} without a readable order")
    return Judgement(Verdict.ACCEPTED)


def _judge_failure(evidence: Evidence, clean: Cleaner) -> Judgement:
    if evidence.status is None:
        happened = clean(f"{type(evidence.error).__name__}: {evidence.error}")
        if not evidence.started or isinstance(evidence.error, BEFORE_SENDING):
            return Judgement(Verdict.NOT_SENT, f"no request left ({happened})")
        return Judgement(Verdict.UNKNOWN, f"no whole answer came ({happened})")
    words = error_words(evidence.body)
    if evidence.status in REFUSALS and words is not None:
        return Judgement(Verdict.REFUSED, clean(words))
    return Judgement(Verdict.UNKNOWN, failure_words(evidence, clean))


def error_words(body: object) -> str | None:
    """Return the words of the broker's error envelope, its inner errors included, or None where it is none."""
    error = mapping(body).get("error")
    if not isinstance(error, dict):
        return None
    outer = _words(error)
    inner = "; ".join(filter(None, map(_words, mappings(error.get("errors")))))
    if not outer:
        return inner or None
    return f"{outer} ({inner})" if inner else outer


def _words(error: Json) -> str:
    parts = (
        text(error.get("code")) or text(error.get("domain")),
        text(error.get("message")) or text(error.get("reason")),
    )
    return ": ".join(part for part in parts if part)


def failure_words(evidence: Evidence, clean: Cleaner) -> str:
    """Return in words what came instead of a good answer."""
    if evidence.status is None:
        return clean(f"{type(evidence.error).__name__}: {evidence.error}")
    words = error_words(evidence.body)
    return f"the broker answered {evidence.status}" + (f": {clean(words)}" if words else "")


# ---- reads ---------------------------------------------------------------------------------------------------------


def check_read(evidence: Evidence, what: str, clean: Cleaner, *, listed: bool) -> None:
    """Raise what a read's answer amounts to, unless it is a good one: with `data`, and a list in it where `listed`.

    TransientError where another attempt may help, NotFoundError for a 404, otherwise PortUnavailableError.
    """
    if evidence.data and (not listed or isinstance(evidence.data.get("items"), list)) and evidence.is_success:
        return
    if evidence.is_success:
        raise TransientError(f"{what}: the broker answered {evidence.status} with a body that cannot be read")
    words = f"{what}: {failure_words(evidence, clean)}"
    status = evidence.status
    if status is None or status in {TIMED_OUT, TOO_MANY} or status >= SERVER_ERROR:
        raise TransientError(words)
    raise NotFoundError(words) if status == NOT_FOUND else PortUnavailableError(words)


# ---- the token -----------------------------------------------------------------------------------------------------

# The certification environment says this of healthy tokens now and then.
PASSING_REFUSALS = ("not a tastytrade customer",)


def check_token(evidence: Evidence, clean: Cleaner) -> None:
    """Raise what the answer to a token request amounts to, unless it is a token.

    A refusal in the broker's or OAuth's own words is final (TastytradeAuthError); anything else is TransientError.
    """
    if evidence.is_success and text(mapping(evidence.body).get("access_token")):
        return
    if evidence.is_success:
        raise TransientError(f"the token request was answered {evidence.status} without a token")
    words = error_words(evidence.body) or _oauth_words(evidence.body)
    refused = evidence.status in {400, UNAUTHORIZED, 403}
    if refused and words is not None and not any(passing in words.lower() for passing in PASSING_REFUSALS):
        raise TastytradeAuthError(
            f"Tastytrade refuses the credentials ({clean(words)}): check TASTYTRADE_CLIENT_SECRET and "
            "TASTYTRADE_REFRESH_TOKEN, make a new grant if it was revoked, and restart"
        )
    told = "" if words is None or error_words(evidence.body) else f": {clean(words)}"
    raise TransientError(f"the token request failed ({failure_words(evidence, clean)}{told})")


def _oauth_words(body: object) -> str | None:
    """The two flat forms: RFC 6749's `error`, and `error_code`; each with an `error_description`."""
    flat = mapping(body)
    code = text(flat.get("error")) or text(flat.get("error_code"))
    if code is None:
        return None
    described = text(flat.get("error_description"))
    return f"{code}: {described}" if described else code
