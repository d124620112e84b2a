"""A whole paper desk that lives in Discord: alerts in a room, news below them, commands beside them."""

import asyncio
import calendar
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from adapters.discord.operating import DiscordCommands
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.create import create_simulated
from adapters.simulated.scenario.scenario import Execution, FillRule, QuoteScript, QuoteStep, Scenario
from adapters.system.clock import SystemClock
from adapters.system.ids import CountedTradeIds
from composition.dispatch import Dispatcher
from composition.runtime import Runtime
from domain.calendar import CalendarName, TradingCalendar
from domain.messages import Source
from domain.orders import OrderRole
from domain.policies import Policies
from tests.fakes.memory_audit_log import MemoryAuditLog
from tests.wire.discord.bench import ADMIN, ANALYST, OTHER_ROOM, ROOM, Bench, bench, explain, run, until


def _monthly_expiry() -> date:
    """Return the first third Friday that is at least two weeks off: every chain lists it."""
    day = datetime.now(UTC).date() + timedelta(days=14)
    while day.weekday() != calendar.FRIDAY or not 15 <= day.day <= 21:
        day += timedelta(days=1)
    return day


EXPIRY = _monthly_expiry()
ALERT = f"BTO UBER 78p {EXPIRY:%m/%d/%Y} @ 0.75"
RESTING = Scenario(
    quotes=(QuoteScript(steps=(QuoteStep(bid=Decimal("0.74"), ask=Decimal("0.80")),)),), fills=(FillRule(),)
)
FILLED = evolve(RESTING, fills=(FillRule(role=OrderRole.ENTRY, executions=(Execution(),)), FillRule()))
POLICIES = Policies(
    calendar=CalendarName.ALWAYS_OPEN, allowed_users=frozenset({ANALYST}), allowed_channels=frozenset({ROOM})
)


@contextlib.asynccontextmanager
async def trading(scenario: Scenario = RESTING) -> AsyncIterator[Bench]:
    """Yield the bench with a real desk and a simulated broker behind it; without a scenario entries rest unfilled."""
    async with bench(started=False) as desk:
        clock = SystemClock()
        simulated = create_simulated(
            clock, seed=1, calendar=TradingCalendar(CalendarName.ALWAYS_OPEN), scenario=scenario
        )
        dispatcher = Dispatcher(
            clock=clock,
            gateway=simulated.gateway,
            account=simulated.account,
            market_data=simulated.market_data,
            contracts=simulated.contracts,
            notifier=desk.notifier,
            authorization=SimulatedAuthorization(),
            rooms={Source.DISCORD: desk.source},
        )
        runtime = Runtime(audit=MemoryAuditLog(), clock=clock, trade_ids=CountedTradeIds(), dispatcher=dispatcher)
        commands = DiscordCommands(
            desk.connection,
            control=runtime,
            authorization=SimulatedAuthorization(),
            explain=explain,
            admins=frozenset({ADMIN}),
            clock=clock,
        )
        working: list[asyncio.Task[Any]] = [
            asyncio.ensure_future(task)
            for task in (
                simulated.run(),
                runtime.run(POLICIES, "test"),
                runtime.follow(simulated.order_events),
                runtime.feed(desk.source),
                desk.connection.serve(desk.source, commands),
            )
        ]
        try:
            await until(lambda: desk.connection.is_connected and runtime.state.is_ready)
            yield desk
        finally:
            for task in working:
                task.cancel()
            ended = await asyncio.gather(*working, return_exceptions=True)
            simulated.close()
        assert [end for end in ended if isinstance(end, Exception)] == []


def test_an_alert_is_answered_below_it_and_the_second_delivery_trades_nothing():
    async def scenario() -> None:
        async with trading() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, ALERT)
            assert (await desk.answered(ROOM)).startswith("[paper] Placed: buy ")
            assert desk.stand_in.sent_to(ROOM)[0]["message_reference"]["message_id"] == message_id
            await desk.stand_in.repeat(ROOM, message_id)
            assert "Duplicate" in await desk.answered(ROOM, 2)

    run(scenario)


def test_an_alert_that_was_missed_in_a_gap_is_traded_while_it_is_fresh():
    async def scenario() -> None:
        async with trading() as desk:
            desk.stand_in.losing = True
            await desk.stand_in.post(ROOM, ANALYST, ALERT)
            desk.stand_in.losing = False
            await desk.stand_in.invalidate()
            assert (await desk.answered(ROOM)).startswith("[paper] Placed: buy ")

    run(scenario)


def test_a_stranger_a_reply_and_another_room_trade_nothing_and_strangers_hear_nothing():
    async def scenario() -> None:
        async with trading() as desk:
            first = await desk.stand_in.post(ROOM, ADMIN, ALERT)
            await desk.stand_in.post(OTHER_ROOM, ANALYST, ALERT)
            await desk.stand_in.reply(ROOM, ANALYST, ALERT, to=first)
            assert "Denied (reply)" in await desk.answered(ROOM)
            assert desk.stand_in.sent_to(OTHER_ROOM) == []
            assert len(desk.stand_in.sent_to(ROOM)) == 1

    run(scenario)


def test_an_admin_looks_at_the_order_and_halts():
    async def scenario() -> None:
        async with trading() as desk:
            await desk.stand_in.post(ROOM, ANALYST, ALERT)
            await desk.answered(ROOM)
            await desk.stand_in.post(OTHER_ROOM, ADMIN, "!tt orders")
            assert f"UBER 78p {EXPIRY} @ 0.75 DAY" in await desk.answered(OTHER_ROOM)
            await desk.stand_in.post(OTHER_ROOM, ADMIN, "!tt halt enough for today")
            assert "Entries are halted. operator: enough for today" in await desk.answered(OTHER_ROOM, 2)
            assert "cancelled" in (await desk.answered(ROOM, 2)).lower()

    run(scenario)


def test_a_close_of_several_contracts_tells_what_began_and_what_did_not():
    async def scenario() -> None:
        async with trading(FILLED) as desk:
            for text in (ALERT, ALERT.replace("78p", "80p")):
                await desk.stand_in.post(ROOM, ANALYST, text)
            await until(lambda: sum("Filled" in shown["content"] for shown in desk.stand_in.shown_in(ROOM)) == 2)
            await desk.stand_in.post(OTHER_ROOM, ADMIN, f"!tt close UBER  {EXPIRY:%y%m%d}P00078000")
            first = await desk.answered(OTHER_ROOM)
            assert first.startswith(f"Closing UBER 78p {EXPIRY} (T3).")
            assert "`!tt positions` shows what is left of it" in first, "true also without an operator's channel"
            await desk.stand_in.post(OTHER_ROOM, ADMIN, "!tt close UBER")
            second = await desk.answered(OTHER_ROOM, 2)
            assert f"Closing UBER 80p {EXPIRY} (T4-2)." in second
            assert f"Not done (close_in_progress): UBER 78p {EXPIRY} is being closed already." in second

    run(scenario)
