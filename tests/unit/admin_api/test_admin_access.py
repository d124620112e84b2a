"""Who gets in, what every answer carries, and what those see who do not get in."""

import logging
from pathlib import Path

import pytest

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.keys import GUESSES_MAX, KEY_HEADER, PEERS_MAX, AdminKey, Guesses
from adapters.admin_api.routing import SECURITY_HEADERS
from domain.desk.state import DeskState
from tests.fakes.control import ToldControl
from tests.fakes.memory_audit_log import MemoryAuditLog
from tests.unit.admin_api.admin_bench import KEY, Bench, Caller, client_of, run_desk, run_told

DOCUMENTED = Path(__file__).parents[3] / "docs" / "admin-api.md"
ADDRESSES = [
    ("POST", "/admin/alerts/process"),
    ("GET", "/admin/audit/recent"),
    ("GET", "/admin/trades"),
    ("GET", "/admin/trades/T1"),
    ("GET", "/admin/positions"),
    ("POST", "/admin/positions/UBER/close"),
    ("GET", "/admin/orders"),
    ("POST", "/admin/orders/1/cancel"),
    ("POST", "/admin/orders/1/replace"),
    ("GET", "/admin/halt"),
    ("POST", "/admin/halt"),
    ("POST", "/admin/resume"),
    ("GET", "/admin/allowlist"),
    ("POST", "/admin/allowlist"),
    ("DELETE", "/admin/allowlist"),
    ("GET", "/admin/nothing"),
]


@pytest.mark.parametrize(
    ("key", "words"), [(None, "not set"), ("", "not set"), ("x" * 15, "15 characters"), ("ключ" * 4, "header")]
)
def test_without_a_strong_key_there_is_no_api(key: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=f"ADMIN_API_KEY.*{words}.*openssl"):
        create_admin_app(
            control=ToldControl(),
            audit=MemoryAuditLog(),
            clock=None,
            key=key,
            readiness=lambda: None,
            exposition=bytes,
        )


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_every_address_needs_the_key_and_refuses_in_the_same_words(method: str, path: str) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        missing = await caller.http.request(method, path)
        wrong = await caller.http.request(method, path, headers={KEY_HEADER: "x" * 40})
        empty = await caller.http.request(method, path, headers={KEY_HEADER: ""})
        assert {answer.status_code for answer in (missing, wrong, empty)} == {401}
        assert missing.content == wrong.content == empty.content
        assert missing.json()["reason"] == "unauthorized"
        assert control.requested == []

    run_told(story, control, key=None)


@pytest.mark.parametrize(
    ("method", "path"), [*ADDRESSES[:-1], ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")]
)
def test_every_address_is_documented(method: str, path: str) -> None:
    told = path.replace("/T1", "/ID").replace("/1/", "/ID/").replace("/UBER/", "/SYMBOL/")
    lines = [line for line in DOCUMENTED.read_text().splitlines() if told in line]
    assert any(f"`{method}" in line for line in lines), f"{method} {told} is not in docs/admin-api.md"


def test_the_key_must_be_whole_and_right() -> None:
    key = AdminKey(KEY)
    assert key.matches(KEY)
    assert not any(key.matches(guess) for guess in (KEY[:-1], KEY + "x", KEY.upper(), ""))
    assert KEY not in repr(vars(key))


def test_different_wrong_keys_are_limited_for_a_minute_and_the_right_one_never_is() -> None:
    passed = [0.0]

    async def story(caller: Caller, app: object) -> None:
        for number in range(GUESSES_MAX):
            assert (await caller.get("/admin/orders", **{KEY_HEADER: f"guess {number}"}))[0] == 401
        for guess in ("guess 0", "guess 5"):
            refused = await caller.http.get("/admin/orders", headers={KEY_HEADER: guess})
            assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_wrong_keys")
            assert refused.headers["Retry-After"] == "60"
            assert (await caller.get("/admin/orders", **{KEY_HEADER: KEY}))[0] == 200
        assert (await caller.get("/admin/orders"))[0] == 401, "a missing key is no guess"
        assert (await caller.get("/healthz"))[0] == 200
        passed[0] = 59.5
        again = await caller.http.get("/admin/orders", headers={KEY_HEADER: "guess 6"})
        assert (again.status_code, again.headers["Retry-After"]) == (429, "1")
        passed[0] = 60.0
        assert (await caller.get("/admin/orders", **{KEY_HEADER: "guess 7"}))[0] == 401

    run_told(story, key=None, elapsed=lambda: passed[0])


def test_a_stranger_behind_the_same_proxy_never_keeps_an_operator_out() -> None:
    passed = [0.0]

    async def story(caller: Caller, app: object) -> None:
        for number in range(10 * GUESSES_MAX):
            passed[0] += 1.0
            await caller.get("/admin/orders", **{KEY_HEADER: f"guess {number}"})
            assert (await caller.get("/admin/orders", **{KEY_HEADER: KEY}))[0] == 200

    run_told(story, key=None, elapsed=lambda: passed[0])


@pytest.mark.parametrize(("wrong", "lines"), [("guess {}", GUESSES_MAX), ("yesterday's key", 1)])
def test_wrong_keys_write_a_few_lines_a_minute_at_most(
    wrong: str, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    passed = [0.0]

    async def story(caller: Caller, app: object) -> None:
        for number in range(300):
            passed[0] = number / 5
            await caller.get("/admin/orders", **{KEY_HEADER: wrong.format(number)})

    with caplog.at_level(logging.WARNING):
        run_told(story, key=None, elapsed=lambda: passed[0])
    assert len([record for record in caplog.records if record.name.startswith("adapters.admin_api")]) == lines


def test_the_same_wrong_key_and_a_missing_one_are_no_guesses() -> None:
    async def story(caller: Caller, app: object) -> None:
        for _ in range(3 * GUESSES_MAX):
            assert (await caller.get("/admin/orders"))[0] == 401
            assert (await caller.get("/admin/orders", **{KEY_HEADER: "yesterday's key"}))[0] == 401
        async with client_of(app) as http:
            assert (await http.get("/admin/orders")).status_code == 200

    run_told(story, key=None)


def test_guesses_are_counted_for_each_peer_and_for_so_many_peers_at_most() -> None:
    guesses = Guesses(lambda: 0.0)
    for number in range(GUESSES_MAX):
        guesses.note("first", str(number))
    assert (guesses.wait("first"), guesses.wait("second")) == (60, 0)
    for number in range(PEERS_MAX):
        guesses.note(f"peer {number}", "x")
    assert guesses.wait("first") == 0


def test_a_wrong_key_is_logged_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    async def story(caller: Caller, _app: object) -> None:
        await caller.get("/admin/orders", **{KEY_HEADER: "a secret of another place"})

    with caplog.at_level(logging.WARNING):
        run_told(story, key=None)
    assert "127.0.0.1" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/admin/nothing", 404, "not_found"),
        ("GET", "/admin/trades/", 404, "not_found"),
        ("GET", "/healthz/", 404, "not_found"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/admin/halt", 405, "method_not_allowed"),
        ("PUT", "/admin/allowlist", 405, "method_not_allowed"),
        ("GET", "/admin/alerts/process", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_refused_in_json(method: str, path: str, status: int, reason: str) -> None:
    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.request(method, path)
        assert (response.status_code, response.json()["reason"]) == (status, reason)
        assert ("allow" in response.headers) is (status == 405)

    run_told(story)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/admin/halt", {"GET", "HEAD", "POST"}),
        ("/admin/resume", {"POST"}),
        ("/admin/allowlist", {"GET", "HEAD", "POST", "DELETE"}),
    ],
)
def test_a_method_that_is_not_taken_is_told_all_that_are(path: str, methods: set[str]) -> None:
    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.request("PATCH", path)
        assert (response.status_code, set(response.headers["allow"].split(", "))) == (405, methods)

    run_told(story)


def test_every_answer_forbids_keeping_and_embedding_it() -> None:
    async def story(caller: Caller, app: object) -> None:
        async with client_of(app, None) as stranger:
            answers = [
                await caller.http.get("/healthz"),
                await caller.http.get("/metrics"),
                await caller.http.get("/admin/orders"),
                await caller.http.post("/admin/halt", content=b"{"),
                await caller.http.get("/nothing"),
                await stranger.get("/admin/orders"),
            ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 404, 401]
        for answer in answers:
            assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS

    run_told(story)


def test_what_breaks_inside_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    class BrokenControl(ToldControl):
        @property
        def state(self) -> DeskState:
            raise ZeroDivisionError("the secret of the broken control")

    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.get("/admin/orders")
        assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
        assert "secret" not in response.text
        assert response.headers["Cache-Control"] == "no-store"

    run_told(story, BrokenControl())
    assert "the secret of the broken control" in caplog.text
    assert "GET /admin/orders failed" in caplog.text


def test_a_head_request_has_no_body() -> None:
    async def story(desk: Bench) -> None:
        response = await desk.http.head("/healthz")
        assert (response.status_code, response.content) == (200, b"")

    run_desk(story)
