"""Operator notifications on the terminal and in the process's log."""

import logging
from collections import OrderedDict
from collections.abc import Callable

from domain.commands import Notify
from domain.verdicts import Severity
from ports.notifier import Notifier

REMEMBERED = 1000
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
    """Several notifiers as one: each is told, whatever becomes of the others; the first failure is raised after.

    At another try only those are told again that were not reached.
    """

    def __init__(self, *notifiers: Notifier) -> None:
        self._notifiers = notifiers
        self._reached: OrderedDict[tuple[str, int], None] = OrderedDict()

    async def notify(self, notice: Notify) -> None:
        failure: Exception | None = None
        for number, notifier in enumerate(self._notifiers):
            if (notice.delivery_id, number) in self._reached:
                continue
            try:
                await notifier.notify(notice)
                self._remember((notice.delivery_id, number))
            except Exception as error:  # noqa: BLE001 - the others must still be told
                failure = failure or error
        if failure is not None:
            raise failure

    def _remember(self, reached: tuple[str, int]) -> None:
        self._reached[reached] = None
        if len(self._reached) > REMEMBERED:
            self._reached.popitem(last=False)
