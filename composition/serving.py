"""What every long run shares: the log opened, parts side by side until told to stop, the first failure told plainly."""

import asyncio
import signal
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.policies import Mode
from ports.errors import AuditUnavailableError


class StartError(Exception):
    """The desk cannot start. The message names the value and the mend."""


@contextmanager
def opened_log(path: Path, mode: Mode) -> Iterator[SqliteAuditLog]:
    """Open the log for writing, and give it back at the end. Raises StartError for one that cannot be used."""
    try:
        audit = SqliteAuditLog.open(path, mode)
    except AuditUnavailableError as error:
        raise StartError(str(error)) from error
    try:
        yield audit
    finally:
        audit.close()


def stop_signals() -> asyncio.Event:
    """Return the event that SIGTERM and SIGINT set from now on. Needs a running loop."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


async def run_until(over: Coroutine[Any, Any, None], parts: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Run all parts until `over` returns, then cancel them. Raises the first thing that went wrong in any of them."""
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(part) for part in parts]
            await over
            for task in running:
                task.cancel()
    except BaseExceptionGroup as errors:
        raise _first(errors) from errors


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
