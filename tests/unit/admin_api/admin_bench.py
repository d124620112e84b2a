"""The admin API in front of a whole paper desk in virtual time, and in front of a desk that does as it is told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx2
from attrs import evolve, frozen

from adapters.admin_api.app import create_admin_app
from adapters.admin_api.keys import KEY_HEADER
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.scenario.scenario import FillRule, QuoteScript, QuoteStep, Scenario
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from adapters.system.ids import CountedTradeIds
from composition.dispatch import Dispatcher
from composition.measuring import Measuring
from composition.runtime import Runtime
from domain.calendar import CalendarName, TradingCalendar
from domain.commands import Notify
from domain.policies import ExitPolicy, Mode, Policies
from ports.control import Control
from ports.notifier import Notifier
from tests.fakes.control import ToldControl
from tests.fakes.memory_audit_log import MemoryAuditLog

START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
KEY = "correct-horse-battery-staple"
USER, CHANNEL = 10, 20
ALERT = "BTO UBER 78p 12/18 @ 0.75"
BOOK = (QuoteScript(steps=(QuoteStep(bid=Decimal("0.74"), ask=Decimal("0.80")),)),)
RESTING = Scenario(quotes=BOOK, fills=(FillRule(),))
POLICIES = Policies(
    calendar=CalendarName.ALWAYS_OPEN,
    allowed_users=frozenset({USER}),
    allowed_channels=frozenset({CHANNEL}),
)


class QuietNotifier(Notifier):
    async def notify(self, notice: Notify) -> None:
        pass


@frozen(kw_only=True)
class Caller:
    """Someone with an HTTP client. Every call returns the status and the JSON body."""

    http: httpx2.AsyncClient

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        return _told(await self.http.get(path, headers=headers or None))

    async def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return _told(await self.http.post(path, json=body) if body is not None else await self.http.post(path))

    async def delete(self, path: str, body: Any) -> tuple[int, Any]:
        return _told(await self.http.request("DELETE", path, json=body))

    async def send(self, text: str = ALERT, **more: Any) -> tuple[int, Any]:
        """Have an alert decided on."""
        body = {"message": text, "channel_id": CHANNEL, "user_id": USER, **more}
        return await self.post("/admin/alerts/process", body)


@frozen(kw_only=True)
class Bench(Caller):
    """The caller, the desk and its broker."""

    runtime: Runtime
    simulated: Simulated
    clock: VirtualClock
    metrics: PrometheusMetrics
    audit: MemoryAuditLog
    working: "list[asyncio.Task[None]]"

    async def end(self) -> None:
        """End the desk; the server still answers."""
        for task in self.working:
            task.cancel()
        await asyncio.gather(*self.working, return_exceptions=True)

    async def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)


def _told(response: httpx2.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


@asynccontextmanager
async def client_of(app: Any, key: str | None = KEY):
    transport = httpx2.ASGITransport(app)
    headers = {} if key is None else {KEY_HEADER: key}
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as http:
        yield http


def run_desk(
    story: Callable[[Bench], Awaitable[None]], scenario: Scenario = RESTING, policies: Policies = POLICIES
) -> None:
    """Run a story against a desk that is ready, on a loop whose time is virtual."""

    async def main(loop: VirtualTimeLoop) -> None:
        clock = VirtualClock(START, loop)
        calendar = TradingCalendar(CalendarName.ALWAYS_OPEN)
        simulated = create_simulated(clock, seed=1, calendar=calendar, scenario=scenario)
        dispatcher = Dispatcher(
            clock=clock,
            gateway=simulated.gateway,
            account=simulated.account,
            market_data=simulated.market_data,
            contracts=simulated.contracts,
            notifier=QuietNotifier(),
            authorization=SimulatedAuthorization(),
            rooms={},
        )
        metrics, audit = PrometheusMetrics(version="1.2.3", mode=Mode.PAPER), MemoryAuditLog()
        runtime = Runtime(
            audit=audit,
            clock=clock,
            trade_ids=CountedTradeIds(),
            dispatcher=dispatcher,
            observers=(Measuring(metrics),),
        )
        app = create_admin_app(
            control=runtime, audit=audit, clock=clock, key=KEY, readiness=lambda: None, exposition=metrics.expose
        )
        working = [
            asyncio.ensure_future(task)
            for task in (simulated.run(), runtime.run(policies, "1.2.3"), runtime.follow(simulated.order_events))
        ]
        try:
            await asyncio.sleep(1)
            async with client_of(app) as http:
                bench = Bench(
                    http=http,
                    runtime=runtime,
                    simulated=simulated,
                    clock=clock,
                    metrics=metrics,
                    audit=audit,
                    working=working,
                )
                await story(bench)
        finally:
            for task in working:
                task.cancel()
            ended = await asyncio.gather(*working, return_exceptions=True)
            simulated.close()
        broken = [end for end in ended if isinstance(end, Exception)]
        if broken:
            raise ExceptionGroup("the desk broke", broken)

    run_virtual(main)


def run_told(
    story: Callable[[Caller, Any], Awaitable[None]],
    control: Control | None = None,
    *,
    audit: Any = None,
    exposition: Callable[[], bytes] = bytes,
    readiness: Callable[[], str | None] = lambda: None,
    key: str | None = KEY,
    elapsed: Callable[[], float] = lambda: 0.0,
) -> None:
    """Run a story against a desk that does as it is told; the story gets the application too."""

    async def main(loop: VirtualTimeLoop) -> None:
        app = create_admin_app(
            control=control or ToldControl(),
            audit=audit or MemoryAuditLog(),
            clock=VirtualClock(START, loop),
            key=KEY,
            readiness=readiness,
            exposition=exposition,
            elapsed=elapsed,
        )
        async with client_of(app, key) as http:
            await story(Caller(http=http), app)

    run_virtual(main)


def covering_one(policies: Policies = POLICIES) -> Policies:
    return evolve(policies, exit=ExitPolicy(min=1))
