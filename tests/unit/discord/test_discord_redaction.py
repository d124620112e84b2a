"""A secret that gets into a log record comes out masked."""

import logging
import sys

from adapters.discord.redaction import MASK, Redaction


def _record(message: str, *args: object, error: bool = False) -> logging.LogRecord:
    trace = sys.exc_info() if error else None
    return logging.LogRecord("discord.http", logging.ERROR, __file__, 1, message, args, trace)


def _shown(record: logging.LogRecord, secret: str) -> str:
    assert Redaction(secret).filter(record)
    return logging.Formatter().format(record)


def test_a_secret_in_the_text_or_its_arguments_is_masked():
    assert _shown(_record("Bot tok-en"), "tok-en") == f"Bot {MASK}"
    assert _shown(_record("Bot %s of %d", "tok-en", 5), "tok-en") == f"Bot {MASK} of 5"


def test_a_secret_in_a_traceback_is_masked():
    try:
        int("Bot tok-en")
    except ValueError:
        shown = _shown(_record("it failed", error=True), "tok-en")
    assert f"'Bot {MASK}'" in shown
    assert "tok-en" not in shown


def test_other_records_stay_as_they_are():
    record = _record("%s is fine", "this")
    assert _shown(record, "tok-en") == "this is fine"
    assert record.args == ("this",)
    assert _shown(_record("no secret at all"), "") == "no secret at all"


def test_loggers_are_filtered_only_between_install_and_remove():
    logger = logging.getLogger("discord.http")
    redaction = Redaction("tok-en")
    redaction.install()
    assert redaction in logger.filters
    redaction.remove()
    assert redaction not in logger.filters
