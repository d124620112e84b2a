"""Operator notifications on the terminal and in the process's log."""

import logging
from collections.abc import Callable

from domain.commands import Notify
from domain.verdicts import Severity
from ports.notifier import Notifier

LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.PAGE: logging.CRITICAL}


class TerminalNotifier(Notifier):
    """Writes each notice as a line through `write`, whoever prints it."""

    def __init__(self, write: Callable[[Notify], None]) -> None:
        self._write = write

    async def notify(self, notice: Notify) -> None:
        self._write(notice)


class LogNotifier(Notifier):
    """Writes each notice to the log, a page as critical."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    async def notify(self, notice: Notify) -> None:
        self._logger.log(LEVELS[notice.severity], "%s", notice.text)


class Notifiers(Notifier):
    """Several notifiers as one: each is told, whatever becomes of the others; the first failure is raised after."""

    def __init__(self, *notifiers: Notifier) -> None:
        self._notifiers = notifiers

    async def notify(self, notice: Notify) -> None:
        failure: Exception | None = None
        for notifier in self._notifiers:
            try:
                await notifier.notify(notice)
            except Exception as error:  # noqa: BLE001 - the others must still be told
                failure = failure or error
        if failure is not None:
            raise failure
