# noqa: INP001 (run as a module, no package)
"""Start-up and resident memory of the commands, beside a bare interpreter of the same run, in turns.

`parse` reads one alert, and its time is the whole of it. `paper` starts on the log of an earlier run; its time is that
until it has opened its desk and says so. `run` without any setting loads all that a start needs and refuses with exit
code 2, which is as far as it gets without an account.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, figure
from benchmarks.processes import DOOR, Ended, run

ROUNDS = 15
ALERT = "BTO SPY 500c 0DTE @ 1.20"
BARS = {"parse": 6.0, "paper": 15.0}
TIMED = {"parse": "parse, start to end", "paper": "paper, start to its first words", "run": "run, start to its refusal"}
BARE = (sys.executable, "-c", "pass")


def measure() -> Iterator[Figure]:
    """Return seconds and megabytes of each command."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "alerts.txt").touch()
        paper = ("paper", "--alerts", "alerts.txt", "--exit-when-idle")
        commands = {"parse": (*DOOR, "parse", ALERT), "paper": (*DOOR, *paper), "run": (*DOOR, "run")}
        took: dict[str, list[Ended]] = {name: [] for name in ("bare", *commands)}
        for number in range(ROUNDS + 1):
            for name, command in (("bare", BARE), *commands.items()):
                found = run(command, home, 2 if name == "run" else 0)
                if number:  # the first round warms the disk's cache
                    took[name].append(found)
        bare = took.pop("bare")
        for name, found in took.items():
            seconds = [(one.spoke if name == "paper" else one.seconds) * 1000 for one in found]
            floor = [one.seconds * 1000 for one in bare]
            yield figure(TIMED[name], seconds, "ms", floor=floor, floor_name="bare Python", bar=BARS.get(name))
        for name, found in took.items():
            memory, floor = [one.megabytes for one in found], [one.megabytes for one in bare]
            yield figure(f"memory of {name}, at most", memory, "MB", floor=floor, floor_name="bare Python")
