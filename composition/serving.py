"""What every long run shares: the log opened, parts side by side until told to stop, the first failure told plainly."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.heads import HeadKeeper
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.signing import HeadsError
from composition.heads import hold_to_heads, keep_last_head
from domain.policies import Mode
from ports.errors import AuditUnavailableError

_LOG = logging.getLogger(__name__)


class StartError(Exception):
    """The desk cannot start. The message names the value and the mend."""


@contextmanager
def opened_log(
    path: Path, mode: Mode, heads: Path | None = None, *, account: str | None = None
) -> Iterator[SqliteAuditLog]:
    """Open the log for writing, hold it to its signed heads, and give it back at the end with its last head signed.

    `heads` is the file of the signed heads, by default beside the log; `account` is the number of the broker's account,
    where there is one. Raises StartError for a log that cannot be used.
    """
    try:
        audit = SqliteAuditLog.open(path, mode, account)
    except AuditUnavailableError as error:
        raise StartError(str(error)) from error
    try:
        _refuse_contradicted(path, heads)
        keeper = create_keeper(path, heads)
        yield audit
        last_row = audit.rows(limit=1)
    finally:
        audit.close()
    now = datetime.now(UTC)
    keep_last_head(keeper, audit, max(now, last_row[0].at) if last_row else now)


def create_keeper(path: Path, heads: Path | None) -> HeadKeeper:
    """Return what signs and keeps the heads of the log at `path`."""
    with AuditReader(path) as reader:
        return HeadKeeper(path, heads, reader.about().database_id)


def _refuse_contradicted(path: Path, heads: Path | None) -> None:
    try:
        found = hold_to_heads(path, heads)
    except AuditUnavailableError as error:
        raise StartError(str(error)) from error
    except HeadsError as error:
        _LOG.warning("the log is not held to its signed heads: %s", error)
        return
    if found.damaged:
        _LOG.warning("%s: lines %s hold no signed head", found.path, ", ".join(map(str, found.damaged)))
    if found.contradiction is None:
        return
    told = f"audit log {path.resolve()}: {found.contradiction.told}. Nothing was sent. "
    if not found.contradiction.can_be_accepted:
        raise StartError(
            f"{told}Put the right log back, or the heads file of this one; to begin a new log, move that file away and "
            "keep it. Each mode has a heads file of its own, see docs/audit.md"
        )
    raise StartError(
        f"{told}Put the newest file back. Only if those rows are lost for good: `alert-trader audit accept-loss --db "
        f"{path} --heads {found.path}`, or a new log, see docs/audit.md"
    )


def stop_signals() -> asyncio.Event:
    """Return the event that SIGTERM and SIGINT set from now on. Needs a running loop, on the main thread."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def heard(number: int, _frame: object) -> None:
        if loop.is_closed():  # it has ended: a signal means what it meant before
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)
            return
        loop.call_soon_threadsafe(stop.set)

    for number in before:
        signal.signal(number, heard)
    return stop


async def run_until(
    over: Coroutine[Any, Any, None],
    parts: Iterable[Coroutine[Any, Any, Any]],
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Run all parts until `over` returns, then cancel them. Raises the first thing that went wrong in any of them.

    `ending` is called when the end begins, by `over` or by a part that failed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(part) for part in parts]
            try:
                await over
            finally:
                ending()
            for task in running:
                task.cancel()
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
