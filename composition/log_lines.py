"""The process's own log on stderr: no line of it, no traceback either, shows a secret that is set."""

import logging
import sys

from composition.printable import printable
from composition.printing import Printer
from composition.settings import Secret, Settings
from composition.settings.values import MASK

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
SECRET_MIN = 4  # what is shorter would mask half of every sentence


class MaskingFormatter(logging.Formatter):
    """Formats a record, masks `secrets` in the whole of it, text, arguments and traceback, and makes it printable."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(FORMAT)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return "\n".join(map(printable, line.split("\n")))


class PrinterHandler(logging.Handler):
    """Logs to stderr without ever waiting for whoever reads it; `flush` does, for two seconds at most."""

    def __init__(self) -> None:
        super().__init__()
        self._stream = sys.stderr
        self._printer = Printer(notes=self._stream)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._printer.put(self._stream, self.format(record))
        except Exception:  # noqa: BLE001 - as every handler: a line that cannot be formatted ends nothing
            self.handleError(record)

    def flush(self) -> None:
        self._printer.flush()

    def close(self) -> None:
        self._printer.close()
        super().close()


def log_to_stderr(settings: Settings, *, quietly: bool = False) -> logging.Handler:
    """Have everything from INFO on logged to stderr, without the secrets of `settings`. Replaces other handlers.

    `quietly` logs only what nothing else would tell. Flush the handler that is returned before anything else is said
    on stderr; the process's end does so by itself.
    """
    handler = PrinterHandler()
    handler.setFormatter(MaskingFormatter(secrets_of(settings)))
    logging.basicConfig(level=logging.CRITICAL if quietly else logging.INFO, handlers=[handler], force=True)
    return handler


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return the values of all secret settings that are set, the longest first."""
    values = (getattr(settings, name) for name in type(settings).__annotations__)
    found = {value.reveal() for value in values if isinstance(value, Secret)}
    return tuple(sorted((text for text in found if len(text) >= SECRET_MIN), key=len, reverse=True))
