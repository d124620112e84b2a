"""What trades, or says that it could, refuses to start in a Python without assertions and says the mend."""

import os
import subprocess
import sys

import pytest

TRADING = (
    ("run",),
    ("doctor",),  # it would say that all is ready
    ("paper", "--exit-when-idle"),
    ("simulate", "--seeds", "1"),
    ("replay", "README.md"),
)


def start(*arguments, optimize=False, **environment):
    switches = ["-O"] if optimize else []
    return subprocess.run(  # noqa: S603 - this interpreter, our own code
        [sys.executable, *switches, "-m", "composition.entry", *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", TRADING, ids=lambda command: command[0])
def test_a_command_that_trades_refuses_and_names_the_mend(command):
    ended = start(*command, optimize=True)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: Python runs without assertions (-O or PYTHONOPTIMIZE)")
    assert "Start it without -O and with PYTHONOPTIMIZE unset" in ended.stderr


def test_the_environment_counts_as_the_switch_does():
    assert start("simulate", "--seeds", "1", PYTHONOPTIMIZE="1").returncode == 2


def test_with_assertions_it_starts():
    assert start("simulate", "--seeds", "1", "--jobs", "1", PYTHONOPTIMIZE="").returncode == 0


def test_what_only_reads_still_does():
    assert start("parse", "BTO UBER 78p 12/05 @ 0.75", optimize=True).returncode == 0
