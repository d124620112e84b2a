"""Everything that has to be right before `run`: settings, the log's file, Discord, Tastytrade. It only looks.

`run` looks the services over in the same way once it is connected. What only other settings can mend keeps it from
starting; what can be mended while it runs is told, because open trades need their exits.
"""

import asyncio
import os
import shutil
import stat
from importlib.metadata import version
from pathlib import Path

from adapters.sqlite.connection import lock
from adapters.sqlite.reader import AuditReader
from adapters.system.clock import SystemClock
from adapters.tastytrade.create import Waits, create_tastytrade
from adapters.tastytrade.examination import TastytradeExamination
from adapters.tastytrade.retrying import Retries
from composition.discord_room import create_discord_examination
from composition.live import check_startable
from composition.serving import StartError
from composition.settings import Settings
from composition.tastytrade_link import credentials_of, endpoints_of
from domain.policies import Mode
from ports.clock import Clock
from ports.errors import AuditUnavailableError
from ports.examination import Finding, Outcome

GIB = 1 << 30
DISK_MIN = GIB
TASTYTRADE = ("tastytrade_client_secret", "tastytrade_refresh_token", "tastytrade_account")
NOT_OWNERS = stat.S_IRWXG | stat.S_IRWXO
QUICKLY = Waits(retries=Retries(attempts=2, within=10))


async def examine(settings: Settings, clock: Clock | None = None) -> tuple[Finding, ...]:
    """Return what was found, settings first. Changes nothing anywhere. Raises SettingsError for an unclear mode."""
    mode = settings.run_mode()
    here = (*look_at_settings(settings), *look_at_file(settings.db_path(mode), mode))
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
        credentials_of(settings), endpoints_of(settings), clock, version=version("alert-trader"), waits=QUICKLY
    )
    try:
        return await TastytradeExamination(tastytrade.session, tastytrade.account).examine()
    finally:
        await tastytrade.close()


# ---- what is on this machine ---------------------------------------------------------------------------------------


def look_at_settings(settings: Settings) -> tuple[Finding, ...]:
    """Return whether `run` could start with these settings, and whether anybody could trade and be told."""
    found = [_startable(settings)]
    policies = settings.desk
    if not policies.allowed_channels or not (policies.allowed_users or policies.allowed_webhooks):
        empty = "ALLOWED_USERS" if policies.allowed_channels else "ALLOWED_CHANNELS"
        mend = f"set {empty} to the Discord ids, or allow them with !allowlist add"
        found.append(_no("allowlist", f"{empty} is empty: nobody can trade", mend))
    else:
        found.append(
            _ok("allowlist", f"{len(policies.allowed_users)} users, {len(policies.allowed_channels)} channels")
        )
    if settings.operator_channel is None and settings.operator_user is None:
        mend = "set OPERATOR_CHANNEL or OPERATOR_USER to a Discord id"
        found.append(_no("operator", "nobody in Discord hears warnings and pages", mend))
    return tuple(found)


def _startable(settings: Settings) -> Finding:
    try:
        mode = check_startable(settings)
    except StartError as error:
        return _no("settings", str(error), "see docs/settings.md", stops=True)
    return _ok("settings", f"complete; `run` would be in mode {mode}")


def look_at_file(path: Path, mode: Mode, *, room: int = DISK_MIN) -> tuple[Finding, ...]:
    """Return whether the log can be written to and is sound, whether it is free, and whether the disk has `room`."""
    path = path.resolve()
    return (_log(path, mode), _lock(path), _disk(path, room))


def _log(path: Path, mode: Mode) -> Finding:
    check = "audit log"
    place = path if path.exists() else _existing_parent(path)
    if not os.access(place, os.W_OK) or not os.access(path.parent if path.exists() else place, os.W_OK):
        return _no(check, f"{place} cannot be written", "give this user the right, or set ALERT_TRADER_DB", stops=True)
    if not path.exists():
        return _ok(check, f"{path} will be created")
    try:
        with AuditReader(path) as reader:
            about, verified = reader.about(), reader.verify()
    except AuditUnavailableError as error:
        return _no(check, str(error), "see docs/audit.md", stops=True)
    if about.mode is not mode:
        mend = "give each mode a file of its own: ALERT_TRADER_DB=data/MODE.sqlite"
        return _no(check, f"{path} is of mode {about.mode}, `run` would be in mode {mode}", mend, stops=True)
    if verified.problem is not None:
        return _no(check, f"{path} is damaged: {verified.problem}", "see docs/audit.md", stops=True)
    if path.stat().st_mode & NOT_OWNERS:
        return _no(check, f"{path} can be read by others", f"chmod 600 {path}")
    return _ok(check, f"{path}: {verified.rows} rows, the chain holds")


def _lock(path: Path) -> Finding:
    check = "lock"
    if not Path(f"{path}.lock").exists():
        return _ok(check, "nobody holds it")
    try:
        lock(path).close()
    except AuditUnavailableError as error:
        return _no(check, str(error), "nothing, if that is the desk at work; otherwise stop it first", stops=True)
    return _ok(check, "nobody holds it")


def _disk(path: Path, room: int) -> Finding:
    free = shutil.disk_usage(_existing_parent(path)).free
    told = f"{free / GIB:.1f} GiB free"
    if free < room:
        mend = f"make room, {room / GIB:.0f} GiB at least: nothing is sent when the log cannot be written"
        return _no("disk", told, mend)
    return _ok("disk", told)


def _existing_parent(path: Path) -> Path:
    return next(parent for parent in path.parents if parent.exists())


def _ok(check: str, told: str) -> Finding:
    return Finding(check=check, outcome=Outcome.OK, told=told)


def _no(check: str, told: str, mend: str, *, stops: bool = False) -> Finding:
    return Finding(check=check, outcome=Outcome.NO, told=told, mend=mend, stops=stops)
