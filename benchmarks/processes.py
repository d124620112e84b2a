# noqa: INP001 (run as a module, no package)
"""A command in a process of its own: how long it took, its processor's time, and its most resident memory.

It is started by a small interpreter: the kernel counts what its parent had resident as its own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[1]
DOOR = (sys.executable, "-m", "composition.entry")
LAUNCHER = """
import json, os, sys, time
silent, (ear, mouth) = os.open(os.devnull, os.O_WRONLY), os.pipe()
wires = [(os.POSIX_SPAWN_DUP2, mouth, 1), (os.POSIX_SPAWN_DUP2, silent, 2)]
began = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=wires)
os.close(mouth)
spoke, heard = None, True
while heard:
    heard = os.read(ear, 65536)
    spoke = spoke or time.perf_counter() - began
_, status, used = os.wait4(pid, 0)
took = time.perf_counter() - began
busy = used.ru_utime + used.ru_stime
print(json.dumps([os.waitstatus_to_exitcode(status), took, spoke, busy, used.ru_maxrss / 1024]))
"""


@frozen
class Ended:
    """`seconds` from start to end, `spoke` to its first output, `busy` the processor's, `megabytes` at most."""

    seconds: float
    spoke: float
    busy: float
    megabytes: float


def run(command: tuple[str, ...], home: Path, expected: int = 0) -> Ended:
    """Run a command in `home`, without settings, and return what it used. Raises RuntimeError for another exit code."""
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    launcher = (sys.executable, "-I", "-S", "-c", LAUNCHER)
    done = subprocess.run(  # noqa: S603 - our own program
        (*launcher, *command),
        cwd=home,
        env={**known, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, seconds, spoke, busy, megabytes = json.loads(done.stdout)
    if code != expected:
        raise RuntimeError(f"{' '.join(command)} ended with {code}, not {expected}")
    return Ended(seconds, spoke, busy, megabytes)
