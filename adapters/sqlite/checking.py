"""Verifying a log's rows beside a desk at work: on a connection of its own, in small slices with rests between them."""

from contextlib import closing
from pathlib import Path
from threading import Event

from adapters.sqlite import connection, queries
from adapters.sqlite.chain import Head
from domain.policies import Mode
from ports.errors import AuditUnavailableError

# A slice takes less than a rest, so that the interpreter is free most of the time: a million rows in some minutes.
SLICE_ROWS = 50
REST_SECONDS = 0.005


def verify_gently(path: Path, mode: Mode, up_to: int, stop: Event) -> str | None:
    """Return what is wrong with the rows up to that one, or None where nothing is or `stop` was set meanwhile.

    A log that cannot be read is wrong too. Blocks: call it in a thread of its own.
    """
    try:
        with closing(connection.reader(path)) as conn, connection.failing_as_unavailable(str(path), "verifying"):
            for found in queries.verification(conn, mode, Head()):
                if found.problem is not None:
                    return found.problem
                if found.head.seq == up_to or (found.rows % SLICE_ROWS == 0 and stop.wait(REST_SECONDS)):
                    return None
    except AuditUnavailableError as error:
        return str(error)
    return f"row {up_to} is missing"
