"""Lines for stdout and stderr, written on a thread of their own: whoever does not read them never holds up the desk."""

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import groupby
from threading import Condition, Thread
from typing import TextIO

LINES_MAX = 10_000
# Seconds that the end of a run waits for whoever reads.
FLUSH_SECONDS = 2.0
_LOG = logging.getLogger(__name__)


class Printer:
    """Queues lines and writes them in order. `notes` is the stream on which it says how many lines were left out.

    At most `lines_max` lines wait. What comes then is left out until half of them are written. A stream that cannot be
    written, because its reader is gone, is given up for good. None stands for a stream that the process does not have.
    """

    def __init__(self, notes: TextIO | None, lines_max: int = LINES_MAX) -> None:
        self._notes = notes
        self._max = lines_max
        self._changed = Condition()
        self._lines: list[tuple[TextIO | None, str]] = []
        self._left_out = 0
        self._is_writing = False
        self._is_over = False
        self._given_up: set[TextIO] = set()
        Thread(target=self._work, name="printer", daemon=True).start()

    def put(self, stream: TextIO | None, line: str) -> None:
        """Queue a line, which ends without a line end. Never waits for a reader."""
        with self._changed:
            if self._is_over:
                return
            if len(self._lines) >= (self._max // 2 if self._left_out else self._max):
                self._left_out += 1
                return
            self._say_left_out()
            self._lines.append((stream, line))
            self._changed.notify_all()

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all that was put is written, but for `seconds` at most."""
        with self._changed:
            self._say_left_out()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._lines and not self._is_writing, seconds)

    def close(self) -> None:
        """Take no more lines: the thread ends when what is queued is written. Does not wait for that."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _say_left_out(self) -> None:
        if self._left_out:
            self._lines.append((self._notes, f"... {self._left_out} lines are left out here: nobody read them in time"))
            self._left_out = 0

    def _work(self) -> None:
        while lines := self._next():
            for stream, group in groupby(lines, key=lambda line: line[0]):
                if stream is not None and stream not in self._given_up:
                    self._write(stream, (line for _, line in group))
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()

    def _next(self) -> list[tuple[TextIO | None, str]]:
        """Wait for lines and take all of them; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._is_over)
            lines, self._lines = self._lines, []
            self._is_writing = bool(lines)
            return lines

    def _write(self, stream: TextIO, lines: Iterable[str]) -> None:
        try:
            write(stream, "".join(f"{line}\n" for line in lines))
        except (OSError, ValueError) as error:
            self._given_up.add(stream)
            _LOG.warning("%s can no longer be written, the run goes on without it: %s", _name(stream), error)


def write(stream: TextIO, text: str) -> None:
    """Write all of `text`. Raises OSError or ValueError where nobody can take it any more.

    It goes around the stream's buffer: a write that hangs there would keep the interpreter from ending.
    """
    number = None
    with suppress(OSError, ValueError):
        number = stream.fileno()
    if number is None:  # no file of the system's
        stream.write(text)
        stream.flush()
        return
    data = text.encode(stream.encoding, "backslashreplace")
    while data:
        data = data[os.write(number, data) :]


def _name(stream: TextIO) -> str:
    return str(getattr(stream, "name", stream)).strip("<>")
