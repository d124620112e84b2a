"""The process's own log on stderr: no line of it, no traceback either, shows a secret that is set."""

import logging

from composition.printable import printable
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


def log_to_stderr(settings: Settings, *, quietly: bool = False) -> None:
    """Have everything from INFO on logged to stderr, without the secrets of `settings`. Replaces other handlers.

    `quietly` logs only what nothing else would tell.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter(secrets_of(settings)))
    logging.basicConfig(level=logging.CRITICAL if quietly else logging.INFO, handlers=[handler], force=True)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return the values of all secret settings that are set, the longest first."""
    values = (getattr(settings, name) for name in type(settings).__annotations__)
    found = {value.reveal() for value in values if isinstance(value, Secret)}
    return tuple(sorted((text for text in found if len(text) >= SECRET_MIN), key=len, reverse=True))
