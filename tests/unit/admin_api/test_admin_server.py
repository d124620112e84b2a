"""The real server on a real socket of the loopback: it serves, and it ends in order."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.keys import KEY_HEADER
from adapters.admin_api.server import AdminServer, AdminServerError
from adapters.system.clock import SystemClock
from domain.commands import Reply
from domain.messages import Message
from tests.fakes.control import ToldControl, never
from tests.fakes.memory_audit_log import MemoryAuditLog

KEY = "correct-horse-battery-staple"
GUARD_SECONDS = 30  # of a test that fails, not a wait


def app_of(control: ToldControl, answer_seconds: float = 10.0):
    return create_admin_app(
        control=control,
        audit=MemoryAuditLog(),
        clock=SystemClock(),
        key=KEY,
        readiness=lambda: None,
        exposition=lambda: b"up 1\n",
        answer_seconds=answer_seconds,
    )


def run_server(
    story: Callable[[httpx2.AsyncClient, AdminServer, "asyncio.Task[None]"], Awaitable[None]],
    control: ToldControl | None = None,
    answer_seconds: float = 10.0,
) -> None:
    async def main() -> None:
        server = AdminServer.bind(app_of(control or ToldControl(), answer_seconds), port=0)
        host, port = server.address
        serving = asyncio.create_task(server.serve())
        async with (
            asyncio.timeout(GUARD_SECONDS),
            httpx2.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as http,
        ):
            await story(http, server, serving)
        server.stop()
        await asyncio.gather(serving, return_exceptions=True)
        with pytest.raises(OSError, match="file descriptor"):
            _ = server.address

    asyncio.run(main())


def test_it_serves_and_stops_when_told() -> None:
    async def story(http: httpx2.AsyncClient, server: AdminServer, serving: "asyncio.Task[None]") -> None:
        assert (await http.get("/healthz")).json() == {"status": "ok"}
        assert (await http.get("/admin/orders")).status_code == 401
        answer = await http.get("/admin/orders", headers={KEY_HEADER: KEY})
        assert answer.json() == {"orders": []}
        assert "server" not in answer.headers
        server.stop()
        await serving
        with pytest.raises(httpx2.TransportError):
            await http.get("/healthz")

    run_server(story)


def test_it_stops_when_cancelled_and_gives_its_address_back() -> None:
    async def story(http: httpx2.AsyncClient, server: AdminServer, serving: "asyncio.Task[None]") -> None:
        _, port = server.address
        assert (await http.get("/healthz")).status_code == 200
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        again = AdminServer.bind(app_of(ToldControl()), port=port)
        assert again.address == ("127.0.0.1", port)
        again.close()

    run_server(story)


def test_a_request_under_way_ends_before_the_server_does() -> None:
    answers: list[int] = []
    arrived = asyncio.Event()

    async def answering(message: Message) -> Reply:
        arrived.set()
        return await never(message)

    async def story(http: httpx2.AsyncClient, server: AdminServer, serving: "asyncio.Task[None]") -> None:
        body = {"message": "BTO UBER 78p 12/18 @ 0.75", "channel_id": 20, "user_id": 10}
        asking = asyncio.create_task(http.post("/admin/alerts/process", json=body, headers={KEY_HEADER: KEY}))
        await arrived.wait()
        server.stop()
        answers.append((await asking).status_code)
        await serving

    run_server(story, ToldControl(answering=answering), answer_seconds=0.05)
    assert answers == [503]


def test_it_leaves_the_signals_of_the_process_alone() -> None:
    async def story(http: httpx2.AsyncClient, server: AdminServer, serving: "asyncio.Task[None]") -> None:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        await http.get("/healthz")
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

    run_server(story)


def test_forwarded_addresses_are_not_believed() -> None:
    async def story(http: httpx2.AsyncClient, server: AdminServer, serving: "asyncio.Task[None]") -> None:
        for number in range(6):
            headers = {KEY_HEADER: f"guess {number}", "X-Forwarded-For": f"10.0.0.{number}"}
            last = await http.get("/admin/orders", headers=headers)
        assert last.status_code == 429

    run_server(story)


def test_a_taken_port_names_the_address_and_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AdminServerError, match=rf"127\.0\.0\.1:{port}.*ADMIN_API_PORT to a free port"):
            AdminServer.bind(app_of(ToldControl()), port=port)


@pytest.mark.parametrize(
    ("host", "port", "setting"),
    [("203.0.113.7", 0, "ADMIN_API_HOST"), ("127.0.0.1", 70_000, "ADMIN_API_PORT"), ("", 0, "ADMIN_API_HOST")],
)
def test_an_address_that_cannot_be_had_names_the_setting(host: str, port: int, setting: str) -> None:
    with pytest.raises(AdminServerError, match=setting):
        AdminServer.bind(app_of(ToldControl()), host, port)


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])  # noqa: S104
def test_an_address_that_others_can_reach_is_warned_about(
    host: str, *, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    AdminServer.bind(app_of(ToldControl()), host, 0).close()
    assert ("TLS" in caplog.text) is warned
