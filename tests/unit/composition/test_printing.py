"""What a run shows, where nobody reads it: lines wait, are left out and counted, and never hold up or end the run."""

import io
import logging
import os
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Timer

import pytest

from composition.log_lines import log_to_stderr
from composition.printing import FLUSH_SECONDS, Printer
from composition.screen import Screen
from composition.settings import load
from domain.commands import Notify
from domain.policies import Mode
from domain.verdicts import Severity
from ports.audit_log import Entry, RowClass

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PIPE_HOLDS = 1 << 20  # more than any pipe takes that nobody reads
GUARD_SECONDS = 60  # the guard of a test that fails, not a wait


class Gate(io.StringIO):
    """A stream that takes nothing before it is opened, as a terminal after Ctrl-S."""

    def __init__(self):
        super().__init__()
        self.reached, self.opened = Event(), Event()

    def write(self, text):
        self.reached.set()
        assert self.opened.wait(GUARD_SECONDS)
        return super().write(text)


class Gone(io.StringIO):
    """A stream whose reader has gone."""

    tries = 0

    def write(self, _text):
        self.tries += 1
        raise BrokenPipeError(32, "Broken pipe")


@pytest.fixture
def pipe():
    """Return the reading and the writing end of a pipe, the latter as text."""
    reading, writing = os.pipe()
    with open(reading, "rb") as reader, open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123
        yield reader, stream


@pytest.fixture
def root_log(monkeypatch):
    """Let the log's root be set up, for this test alone."""
    root, level = logging.getLogger(), logging.getLogger().level
    monkeypatch.setattr(root, "handlers", [])
    yield root
    root.setLevel(level)
    for handler in root.handlers:
        handler.close()


def row(number):
    return number, Entry(AT, RowClass.COMMAND, Notify(f"N{number}", Severity.INFO, f"told {number}"), None)


def test_all_lines_come_out_in_order_on_both_streams():
    one, other = io.StringIO(), io.StringIO()
    with closing(Printer(notes=one)) as printer:
        for number in range(500):
            printer.put(one if number % 3 else other, str(number))
        printer.flush()
        assert one.getvalue().split() == [str(number) for number in range(500) if number % 3]
        assert other.getvalue().split() == [str(number) for number in range(500) if not number % 3]


def test_lines_that_find_no_room_are_left_out_and_their_number_is_said_in_their_place():
    stalled = Gate()
    with closing(Printer(notes=stalled, lines_max=4)) as printer:
        printer.put(stalled, "first")
        assert stalled.reached.wait(GUARD_SECONDS)
        for number in range(10):
            printer.put(stalled, str(number))
        stalled.opened.set()
        printer.flush()
        printer.put(stalled, "last")
        printer.flush()
    told = "... 6 lines are left out here: nobody read them in time"
    assert stalled.getvalue().splitlines() == ["first", "0", "1", "2", "3", told, "last"]


def test_after_the_end_nothing_is_taken_and_what_was_queued_is_still_written():
    stalled = Gate()
    printer = Printer(notes=stalled)
    printer.put(stalled, "first")
    assert stalled.reached.wait(GUARD_SECONDS)
    printer.put(stalled, "second")
    printer.close()
    printer.put(stalled, "late")
    stalled.opened.set()
    printer.flush()
    assert stalled.getvalue().split() == ["first", "second"]


def test_a_stream_whose_reader_is_gone_is_given_up_with_one_warning_and_the_other_goes_on(caplog):
    gone, other = Gone(), io.StringIO()
    with closing(Printer(notes=other)) as printer:
        for _ in range(3):
            printer.put(gone, "lost")
            printer.put(other, "read")
            printer.flush()
    assert gone.tries == 1
    assert other.getvalue().split() == ["read"] * 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "can no longer be written, the run goes on without it: [Errno 32] Broken pipe" in caplog.text


def test_text_that_an_encoding_does_not_know_is_escaped(pipe):
    reader, stream = pipe
    with closing(Printer(notes=None)) as printer:
        printer.put(stream, "… \ud800")
        printer.flush()
    assert reader.readline() == "… \\ud800\n".encode()


def test_a_process_without_stdout_prints_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with Screen(Mode.PAPER, as_json=False) as screen:
        screen.row(*row(1))
        screen.say("hello")


def test_a_screen_that_nobody_reads_takes_rows_all_the_same_and_shows_them_when_somebody_does(monkeypatch):
    stalled = Gate()
    monkeypatch.setattr(sys, "stdout", stalled)
    with Screen(Mode.PAPER, as_json=False) as screen:
        for number in range(100):  # would hang here
            screen.row(*row(number))
        stalled.opened.set()
    assert [line.split()[-1] for line in stalled.getvalue().splitlines()] == [str(number) for number in range(100)]


def test_lines_of_json_stay_rows_only_where_some_are_left_out(monkeypatch, capsys):
    stalled = Gate()
    monkeypatch.setattr(sys, "stdout", stalled)
    with Screen(Mode.PAPER, as_json=True) as screen:
        screen._printer._max = 2
        screen.row(*row(1))
        assert stalled.reached.wait(GUARD_SECONDS)
        for number in range(2, 6):
            screen.row(*row(number))
        stalled.opened.set()
    assert [line[:8] for line in stalled.getvalue().splitlines()] == ['{"seq":1', '{"seq":2', '{"seq":3']
    assert "... 2 lines are left out here" in capsys.readouterr().err


def test_a_log_that_nobody_reads_takes_lines_all_the_same(monkeypatch, root_log, tmp_path):
    stalled = Gate()
    monkeypatch.setattr(sys, "stderr", stalled)
    handler = log_to_stderr(load({}, tmp_path))
    for number in range(100):  # would hang here
        logging.getLogger("desk").info("line %d", number)
    stalled.opened.set()
    handler.flush()
    assert [line.split()[-1] for line in stalled.getvalue().splitlines()] == [str(number) for number in range(100)]


# ---- processes -----------------------------------------------------------------------------------------------------

STALLED = f"""
import sys
from composition.log_lines import log_to_stderr
from composition.screen import Screen
from composition.settings import load
from domain.policies import Mode
import logging

log_to_stderr(load({{}}))
with Screen(Mode.PAPER, as_json=False) as screen:
    for _ in range({PIPE_HOLDS} // 1000):
        screen.say("x" * 1000)
        logging.getLogger("desk").info("y" * 1000)
sys.exit(7)
"""


def process(tmp_path, *arguments, **more):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, cwd=tmp_path, env=environ, **more)  # noqa: S603


def test_a_process_whose_output_nobody_reads_ends_with_its_own_exit_code(tmp_path):
    running = process(tmp_path, "-c", STALLED, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert running.wait(GUARD_SECONDS + 2 * FLUSH_SECONDS) == 7
    finally:
        running.kill()
        running.communicate()


def test_a_paper_desk_whose_reader_is_gone_trades_on_and_ends_in_order(tmp_path):
    arguments = ("-m", "composition.cli", "paper", "--alerts", "-", "--speed", "100")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = process(tmp_path, *arguments, **pipes)
    guard = Timer(GUARD_SECONDS, running.kill)
    guard.start()
    try:
        assert b"Paper desk" in running.stdout.readline()
        running.stdout.close()
        running.stdin.write(b"hello\ngood morning\n{bad\n")
        running.stdin.flush()
        told = [running.stderr.readline(), running.stderr.readline()]
        running.send_signal(signal.SIGINT)
        assert running.wait(GUARD_SECONDS) == 1  # a line could not be read
        told += running.stderr.readlines()
    finally:
        guard.cancel()
        running.kill()
        running.stdin.close()
        running.stderr.close()
    text = b"".join(told).decode()
    assert text.count("can no longer be written, the run goes on without it") == 1
    assert "Error: line 3" in text
    assert "Traceback" not in text
