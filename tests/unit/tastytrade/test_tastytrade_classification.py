"""What each kind of evidence proves, as a table: the statuses and errors that the wire tests cannot all provoke."""

from collections.abc import Callable

import httpx2
import pytest

from adapters.tastytrade.classification import (
    Evidence,
    Judgement,
    NotFoundError,
    TastytradeAuthError,
    TransientError,
    Verdict,
    check_read,
    check_token,
    error_words,
    judge_cancel,
    judge_dry_run,
    judge_order,
)
from ports.errors import PortUnavailableError

REFUSAL = {"error": {"code": "cant_buy", "message": "No"}}
ACCEPTED = {"data": {"order": {"id": 7, "status": "Received"}}}
JUDGES = [judge_order, judge_cancel, judge_dry_run]


def judged(judge: Callable[..., Judgement], **evidence: object) -> Verdict:
    return judge(Evidence(started=True, **evidence), str).verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_structured_refusal_is_refused(judge: Callable[..., Judgement], status: int) -> None:
    assert judged(judge, status=status, body=REFUSAL) is Verdict.REFUSED


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(
    "status", [100, 301, 307, 401, 402, 405, 406, 408, 409, 410, 413, 425, 429, 500, 502, 503, 504, 520]
)
def test_any_other_status_proves_nothing_whatever_its_words(judge: Callable[..., Judgement], status: int) -> None:
    assert judged(judge, status=status, body=REFUSAL) is Verdict.UNKNOWN


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(
    "body", [None, {}, [], "no", {"error": "no"}, {"error": {}}, {"error": {"errors": []}}, {"message": "no"}]
)
def test_a_refusal_without_the_services_words_proves_nothing(judge: Callable[..., Judgement], body: object) -> None:
    assert judged(judge, status=400, body=body) is Verdict.UNKNOWN


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (httpx2.ConnectError("refused"), Verdict.NOT_SENT),
        (httpx2.ConnectTimeout("slow"), Verdict.NOT_SENT),
        (httpx2.PoolTimeout("busy"), Verdict.NOT_SENT),
        (httpx2.UnsupportedProtocol("ftp"), Verdict.NOT_SENT),
        (httpx2.WriteError("reset"), Verdict.UNKNOWN),
        (httpx2.WriteTimeout("slow"), Verdict.UNKNOWN),
        (httpx2.ReadError("reset"), Verdict.UNKNOWN),
        (httpx2.ReadTimeout("slow"), Verdict.UNKNOWN),
        (httpx2.RemoteProtocolError("odd"), Verdict.UNKNOWN),
        (httpx2.LocalProtocolError("odd"), Verdict.UNKNOWN),
        (httpx2.CloseError("odd"), Verdict.UNKNOWN),
        (httpx2.ProxyError("odd"), Verdict.UNKNOWN),
        (TimeoutError(), Verdict.UNKNOWN),
        (RuntimeError("odd"), Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_without_an_answer_only_a_connection_that_never_stood_proves_anything(
    judge: Callable[..., Judgement], error: Exception | None, verdict: Verdict
) -> None:
    assert judged(judge, error=error) is verdict


@pytest.mark.parametrize("judge", JUDGES)
def test_what_was_never_handed_to_the_transport_was_not_sent(judge: Callable[..., Judgement]) -> None:
    assert judge(Evidence(error=ValueError("no")), str).verdict is Verdict.NOT_SENT


@pytest.mark.parametrize(
    ("body", "verdict", "number"),
    [
        (ACCEPTED, Verdict.ACCEPTED, "7"),
        ({"data": {"id": "8", "status": "Contingent"}}, Verdict.ACCEPTED, "8"),
        ({"data": {"order": {"id": 0}}}, Verdict.UNKNOWN, ""),
        ({"data": {"order": {"id": None}}}, Verdict.UNKNOWN, ""),
        ({"data": {"order": []}}, Verdict.UNKNOWN, ""),
        ({"data": None}, Verdict.UNKNOWN, ""),
        ({}, Verdict.UNKNOWN, ""),
        (None, Verdict.UNKNOWN, ""),
        ({"data": {"order": {"id": 7, "status": "Rejected"}}}, Verdict.REFUSED, ""),
        (REFUSAL, Verdict.UNKNOWN, ""),
    ],
)
def test_an_order_is_accepted_by_its_id(body: object, verdict: Verdict, number: str) -> None:
    judgement = judge_order(Evidence(started=True, status=201, body=body), str)
    assert (judgement.verdict, judgement.broker_order_id) == (verdict, number)


@pytest.mark.parametrize(
    ("body", "is_empty", "verdict"),
    [
        ({"data": {"id": 7}}, False, Verdict.ACCEPTED),
        ({}, False, Verdict.ACCEPTED),
        (None, True, Verdict.ACCEPTED),
        (None, False, Verdict.UNKNOWN),
        ([], False, Verdict.UNKNOWN),
    ],
)
def test_a_cancel_is_accepted_by_any_readable_success(body: object, is_empty: bool, verdict: Verdict) -> None:  # noqa: FBT001
    assert judged(judge_cancel, status=200, body=body, is_empty=is_empty) is verdict


def test_a_dry_run_needs_an_order_and_no_errors() -> None:
    assert judged(judge_dry_run, status=201, body={"data": {"order": {"status": "Received"}}}) is Verdict.ACCEPTED
    refused = {"data": {"order": {"status": "Received"}, "errors": [{"code": "a", "message": "b"}]}}
    assert judged(judge_dry_run, status=201, body=refused) is Verdict.REFUSED
    assert judged(judge_dry_run, status=201, body={"data": {}}) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": "a", "message": "b"}, "a: b"),
        ({"code": "a"}, "a"),
        ({"message": "b"}, "b"),
        ({"code": "a", "message": "b", "errors": [{"code": "c", "message": "d"}]}, "a: b (c: d)"),
        ({"code": "a", "errors": [{"domain": "price", "reason": "is missing"}, {}]}, "a (price: is missing)"),
        ({"errors": [{"code": "c", "message": "d"}]}, "c: d"),
        ({"code": 7}, "7"),
        ({}, None),
        ("a", None),
    ],
)
def test_the_words_of_an_error_are_outer_and_inner(error: object, words: str | None) -> None:
    assert error_words({"error": error}) == words


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"data": {"items": []}}, None),
        (200, {"data": {"a": 1}}, TransientError),
        (200, {"data": {}}, TransientError),
        (200, None, TransientError),
        (None, None, TransientError),
        (408, REFUSAL, TransientError),
        (429, None, TransientError),
        (500, {"data": {"items": []}}, TransientError),
        (503, None, TransientError),
        (404, REFUSAL, NotFoundError),
        (401, REFUSAL, PortUnavailableError),
        (403, None, PortUnavailableError),
        (301, None, PortUnavailableError),
    ],
)
def test_reads(status: int | None, body: object, error: type[Exception] | None) -> None:
    evidence = Evidence(started=True, status=status, body=body, error=httpx2.ReadError("reset"))
    if error is None:
        check_read(evidence, "read", str, listed=True)
        return
    with pytest.raises(error) as raised:
        check_read(evidence, "read", str, listed=True)
    assert type(raised.value) is error


def test_a_single_thing_needs_no_list() -> None:
    check_read(Evidence(status=200, body={"data": {"symbol": "UBER"}}), "read", str, listed=False)


def test_a_token_is_a_token() -> None:
    check_token(Evidence(status=200, body={"access_token": "t"}), str)
    with pytest.raises(TastytradeAuthError, match="invalid_grant: gone"):
        check_token(Evidence(status=400, body={"error": "invalid_grant", "error_description": "gone"}), str)
    with pytest.raises(TransientError):
        check_token(Evidence(status=404, body={"error": {"code": "not_found", "message": "no"}}), str)
