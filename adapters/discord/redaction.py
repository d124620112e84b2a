"""Keeps a secret out of what is logged about Discord, at any level, and out of what is said about its errors."""

import logging

MASK = "****"
LOGGERS = ("discord", "aiohttp", "adapters")


class Redaction(logging.Filter):
    """A filter that replaces one secret in a record's text, arguments and traceback."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def clean(self, text: str) -> str:
        """Return the text without the secret."""
        return text.replace(self._secret, MASK) if self._secret else text

    def filter(self, record: logging.LogRecord) -> bool:
        if not self._secret:
            return True
        message = record.getMessage()
        if self._secret in message:
            record.msg, record.args = self.clean(message), None
        if record.exc_info and record.exc_info[0] is not None:
            trace = logging.Formatter().formatException(record.exc_info)
            if self._secret in trace:
                record.exc_text, record.exc_info = self.clean(trace), None
        return True

    def install(self) -> None:
        """Filter what discord.py and the adapters log: each logger, because a filter sees no child's records."""
        for logger in _loggers():
            logger.addFilter(self)

    def remove(self) -> None:
        for logger in _loggers():
            logger.removeFilter(self)


def _loggers() -> list[logging.Logger]:
    known = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in LOGGERS]
    return [logging.getLogger(name) for name in known]
