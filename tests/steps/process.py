"""The desk's process in virtual time: put together, started, stopped and started again, and how time passes.

Runtime, dispatcher, core, simulated broker and audit log are the real ones. Every method returns when market time has
passed, so that no step has to wait for anything.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.scenario.scenario import FillRule, QuoteScript, QuoteStep, Scenario
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.system.ids import TimedTradeIds
from composition.dispatch import Dispatcher
from composition.runtime import Runtime
from composition.settings import load
from domain.calendar import NEW_YORK, TradingCalendar
from domain.messages import Source
from domain.policies import Mode, Policies
from tests.steps.people import AUTHORS, CHANNELS, CheckingGateway, Pager, Room

THURSDAY_MORNING = datetime(2025, 12, 4, 10, 0, tzinfo=NEW_YORK).astimezone(UTC)
MOMENT = 1.0  # seconds in which the desk and the broker do what they do at once
BLINK = 0.005
# Nothing has a quote or a fill but what a step says.
QUIET_MARKET = Scenario(quotes=(QuoteScript(steps=(QuoteStep(),)),), fills=(FillRule(),))
DEFAULTS = {
    "ALLOWED_USERS": ",".join(str(AUTHORS[name]) for name in ("Ana", "Ben", "Cleo")),
    "ALLOWED_CHANNELS": ",".join(str(CHANNELS[name]) for name in ("#alerts", "#swing")),
}


class Process:
    """Set it up, then use it: the desk starts at the first thing that needs it to run.

    The broker and its market live on while the desk is down. `may_end`: the scenario expects the desk to break.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = dict(DEFAULTS)
        self.mode = Mode.PAPER
        self.cash = Decimal(50_000)
        self.starts_at = THURSDAY_MORNING
        self.on_disk = False
        self.scenario = QUIET_MARKET
        self.room = Room()
        self.pager = Pager()
        self.may_end = False
        self.broken: BaseException | None = None
        self._loop = VirtualTimeLoop()
        self._audit: SqliteAuditLog | None = None
        self._simulated: Simulated | None = None
        self._runtime: Runtime | None = None
        self._clock: VirtualClock | None = None
        self._world: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # ---- life ------------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> VirtualClock:
        if self._clock is None:
            self._clock = VirtualClock(self.starts_at, self._loop)
        return self._clock

    # What begins only once has to be set before it begins.

    @property
    def clock_runs(self) -> bool:
        return self._clock is not None

    @property
    def broker_runs(self) -> bool:
        return self._simulated is not None

    @property
    def is_running(self) -> bool:
        return self._runtime is not None

    def set(self, name: str, value: str) -> None:
        """Set a setting by its name in the environment."""
        assert not self.is_running, f"the desk has read its settings: set {name} first"
        self.settings[name] = value

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def simulated(self) -> Simulated:
        if self._simulated is None:
            self._simulated = create_simulated(
                self.clock, seed=1, calendar=TradingCalendar(), scenario=self.scenario, starting_cash=self.cash
            )
            self._world = self._loop.create_task(self._simulated.run())
        return self._simulated

    @property
    def runtime(self) -> Runtime:
        """Return the running desk; it starts, recovers and opens for alerts now where it does not run yet."""
        if self._runtime is None:
            self.start()
        assert self._runtime is not None
        return self._runtime

    @property
    def audit(self) -> SqliteAuditLog:
        if self._audit is None:
            opened = SqliteAuditLog.open(self.log_path, self.mode) if self.on_disk else None
            self._audit = opened or SqliteAuditLog.in_memory(self.mode)
        return self._audit

    @property
    def log_path(self) -> Path:
        """Where the command line looks for it, seen from the desk's directory."""
        return self.directory / load({}, self.directory).db_path(self.mode)

    def policies(self) -> Policies:
        return load(self.settings, self.directory).policies(self.mode, market_hours=True)

    def start(self) -> None:
        simulated = self.simulated
        checks_only = self.mode is Mode.DRY_RUN
        self._runtime = Runtime(
            audit=self.audit,
            clock=self.clock,
            trade_ids=TimedTradeIds(self.clock.now),
            dispatcher=Dispatcher(
                clock=self.clock,
                gateway=CheckingGateway(simulated.gateway) if checks_only else simulated.gateway,
                account=simulated.account,
                market_data=simulated.market_data,
                contracts=simulated.contracts,
                notifier=self.pager,
                authorization=SimulatedAuthorization(),
                rooms={Source.DISCORD: self.room},
            ),
        )
        self._runtime.recover()
        parts: list[Coroutine[Any, Any, None]] = [
            self._runtime.run(self.policies(), "features"),
            self._runtime.follow(simulated.order_events),
            self._runtime.feed(self.room),
        ]
        self._tasks = [self._loop.create_task(part) for part in parts]
        self.pass_time(MOMENT)

    def stop(self) -> None:
        """End the process; the broker and its market go on, the room keeps what is posted meanwhile."""
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._tasks, self._runtime = [], None
        if self.on_disk and self._audit is not None:
            self._audit.close()
            self._audit = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End everything, at the end of a scenario. A part that broke on the way is an error here at the latest."""
        self.check_alive()
        if self._tasks:
            self.stop()
        if self._world is not None:
            self._world.cancel()
            self._loop.run_until_complete(asyncio.gather(self._world, return_exceptions=True))
        if self._audit is not None:
            self._audit.close()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def check_alive(self) -> None:
        """Raise what broke a part of the desk, if anything did; keep it in `broken` where the scenario expects it."""
        for task in (*self._tasks, *([] if self._world is None else [self._world])):
            if not task.done() or task.cancelled() or task.exception() is None:
                continue
            cause = task.exception()
            while isinstance(cause, BaseExceptionGroup):
                cause = cause.exceptions[0]
            self.broken = cause
            if not self.may_end:
                raise AssertionError(f"the desk broke: {cause!r}") from cause

    # ---- time ------------------------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        self.pass_until(self.now + timedelta(seconds=seconds))

    def pass_until(self, instant: datetime) -> None:
        self._loop.run_until_complete(self.clock.sleep_until(instant))
        self.check_alive()

    def pass_until_true(self, is_so: Callable[[], bool], *, within: float = 10) -> None:
        """Let time pass in blinks until it is so."""
        until = self.now + timedelta(seconds=within)
        while not is_so():
            assert self.now < until, f"it did not come true within {within} s"
            self.pass_time(BLINK)
