"""Everything that has to be right before `run`: this machine, Discord, Tastytrade. It only looks.

`run` looks in the same way before it starts anything (`composition.admission`).
"""

import asyncio

from adapters.system.clock import SystemClock
from adapters.tastytrade.create import Waits, create_tastytrade
from adapters.tastytrade.examination import TastytradeExamination
from adapters.tastytrade.retrying import Retries
from composition.discord_room import create_discord_examination
from composition.machine import look_at_machine
from composition.settings import Settings
from composition.tastytrade_link import credentials_of, endpoints_of
from composition.version import VERSION
from ports.clock import Clock
from ports.examination import Finding

TASTYTRADE = ("tastytrade_client_secret", "tastytrade_refresh_token", "tastytrade_account")
QUICKLY = Waits(retries=Retries(attempts=2, within=10))


async def examine(settings: Settings, clock: Clock | None = None) -> tuple[Finding, ...]:
    """Return what was found, settings first. Changes nothing anywhere. Raises SettingsError for an unclear mode."""
    here = look_at_machine(settings)
    clock = clock or SystemClock()
    there = await asyncio.gather(_discord(settings, clock), _tastytrade(settings, clock))
    return (*here, *(finding for findings in there for finding in findings))


async def _discord(settings: Settings, clock: Clock) -> tuple[Finding, ...]:
    if settings.discord_bot_token is None:
        return ()
    return await create_discord_examination(settings, clock, lambda: settings.desk.allowed_channels).examine()


async def _tastytrade(settings: Settings, clock: Clock) -> tuple[Finding, ...]:
    if any(getattr(settings, name) is None for name in TASTYTRADE):
        return ()
    tastytrade = create_tastytrade(
        credentials_of(settings), endpoints_of(settings), clock, version=VERSION, waits=QUICKLY
    )
    try:
        return await TastytradeExamination(tastytrade.session, tastytrade.account).examine()
    finally:
        await tastytrade.close()
