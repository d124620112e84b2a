"""What has to be right on this machine before `run`: settings, the log's file and its lock, the disk. It only looks."""

import os
import shutil
import stat
from contextlib import closing
from pathlib import Path

from adapters.sqlite.connection import failing_as_unavailable, lock
from adapters.sqlite.connection import reader as reader_of
from adapters.sqlite.reader import AuditReader
from composition.serving import StartError
from composition.settings import Settings
from domain.policies import Mode
from ports.errors import AuditUnavailableError
from ports.examination import Finding, Outcome

REQUIRED = (
    "DISCORD_BOT_TOKEN",
    "TASTYTRADE_CLIENT_SECRET",
    "TASTYTRADE_REFRESH_TOKEN",
    "TASTYTRADE_ACCOUNT",
    "ADMIN_API_KEY",
)
# Where it is told how one comes by a required setting.
PAGES = {
    "DISCORD_BOT_TOKEN": "docs/discord-setup.md",
    "TASTYTRADE_": "docs/tastytrade-setup.md",
    "ADMIN_API_KEY": "docs/admin-api.md",
}
GIB = 1 << 30
DISK_MIN = GIB
NOT_OWNERS = stat.S_IRWXG | stat.S_IRWXO


def look_at_machine(settings: Settings, *, verifying: bool = True) -> tuple[Finding, ...]:
    """Return what was found, settings first. Raises SettingsError for an unclear mode.

    Without `verifying` the chain of the log is not followed: a desk that starts on it does that itself.
    """
    mode = settings.run_mode()
    account = settings.tastytrade_account
    file = look_at_file(settings.db_path(mode), mode, account=account, verifying=verifying)
    return (*look_at_settings(settings), *file)


def check_startable(settings: Settings) -> Mode:
    """Return the mode that `run` has with these settings. Raises StartError or SettingsError for what is amiss."""
    mode = settings.run_mode()
    missing = [name for name in REQUIRED if getattr(settings, name.lower()) is None]
    if missing:
        raise StartError(f"not set: {', '.join(missing)}. `run` needs them; `alert-trader paper` needs none")
    return mode


def look_at_settings(settings: Settings) -> tuple[Finding, ...]:
    """Return whether `run` could start with these settings, and whether anybody could trade and be told."""
    try:
        mode = check_startable(settings)
    except StartError as error:
        pages = [page for name, page in PAGES.items() if name in str(error)]
        refused = _no("settings", str(error), f"see {', '.join(pages)}", stops=True)
        return (refused, _allowlist(settings), *_admins(settings))
    complete = _ok("settings", f"complete; `run` would be in mode {mode}")
    return (complete, _allowlist(settings), *_admins(settings), *_operator(settings, mode))


def _allowlist(settings: Settings) -> Finding:
    check, policies = "allowlist", settings.desk
    if policies.allowed_channels and (policies.allowed_users or policies.allowed_webhooks):
        return _ok(check, f"{len(policies.allowed_users)} users, {len(policies.allowed_channels)} channels")
    users = () if policies.allowed_users or policies.allowed_webhooks else ("ALLOWED_USERS",)
    empty = (*users, *(() if policies.allowed_channels else ("ALLOWED_CHANNELS",)))
    named, are = " and ".join(empty), "is" if len(empty) == 1 else "are"
    mend = f"set {named} to the Discord ids, or allow them with !allowlist add"
    return _note(check, f"{named} {are} empty: nobody can trade who was not allowed by command", mend)


def _admins(settings: Settings) -> tuple[Finding, ...]:
    if settings.admin_users or settings.discord_bot_token is None:
        return ()
    told = "ADMIN_USERS is empty: nobody can give commands in Discord, !tt halt among them; the admin API can halt"
    return (_note("admins", told, "set ADMIN_USERS to the Discord ids of those who may give commands"),)


def _operator(settings: Settings, mode: Mode) -> tuple[Finding, ...]:
    """A place that is named is looked at in Discord; here only whether there is one. Real money needs one."""
    if settings.operator_channel is not None or settings.operator_user is not None:
        return ()
    told, mend = "nobody in Discord hears warnings and pages", "set OPERATOR_CHANNEL or OPERATOR_USER to a Discord id"
    return (_no("operator", told, mend) if mode is Mode.LIVE else _note("operator", told, mend),)


def look_at_file(
    path: Path, mode: Mode, *, account: str | None = None, room: int = DISK_MIN, verifying: bool = True
) -> tuple[Finding, ...]:
    """Return whether the log can be written to and is sound, whether it is free, and whether the disk has `room`."""
    path = path.resolve()
    return (_log(path, mode, account, verifying=verifying), _lock(path), _disk(path, room))


def _log(path: Path, mode: Mode, account: str | None, *, verifying: bool) -> Finding:
    check = "audit log"
    place = path if path.exists() else _existing_parent(path)
    if not os.access(place, os.W_OK) or not os.access(path.parent if path.exists() else place, os.W_OK):
        return _no(check, f"{place} cannot be written", "give this user the right, or set ALERT_TRADER_DB", stops=True)
    if not path.exists():
        return _ok(check, f"{path} will be created")
    try:
        if _holds_nothing(path):
            return _if_private(path, f"{path} is empty: the log will be created in it")
        with AuditReader(path) as reader:
            about, verified = reader.about(), reader.verify() if verifying else None
            is_ours = account is None or reader.is_of(account)
    except AuditUnavailableError as error:
        return _no(check, str(error), "see docs/audit.md", stops=True)
    if about.mode is not mode:
        mend = "give each mode a file of its own: ALERT_TRADER_DB=data/MODE.sqlite"
        return _no(check, f"{path} is of mode {about.mode}, `run` would be in mode {mode}", mend, stops=True)
    if not is_ours:
        mend = "set TASTYTRADE_ACCOUNT back to the old account, or ALERT_TRADER_DB to another file for the new one"
        return _no(check, f"{path} is the log of another account than TASTYTRADE_ACCOUNT names", mend, stops=True)
    if verified is not None and verified.problem is not None:
        return _no(check, f"{path} is damaged: {verified.problem}", "see docs/audit.md", stops=True)
    sound = "" if verified is None else ", the chain holds"
    return _if_private(path, f"{path}: {about.head.seq} rows{sound}")


def _holds_nothing(path: Path) -> bool:
    """Whether it is a file without a table, as a first start leaves that ended too early: opening the log takes it."""
    with closing(reader_of(path)) as db, failing_as_unavailable(str(path), "reading what it is"):
        return db.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def _if_private(path: Path, told: str) -> Finding:
    if path.stat().st_mode & NOT_OWNERS:
        return _no("audit log", f"{path} can be read by others", f"chmod 600 {path}")
    return _ok("audit log", told)


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


def _note(check: str, told: str, mend: str) -> Finding:
    return Finding(check=check, outcome=Outcome.NOTE, told=told, mend=mend)


def _no(check: str, told: str, mend: str, *, stops: bool = False) -> Finding:
    return Finding(check=check, outcome=Outcome.NO, told=told, mend=mend, stops=stops)
