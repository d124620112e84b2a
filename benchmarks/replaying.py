# noqa: INP001 (run as a module, no package)
"""A made-up history of five rooms replayed: messages a second and memory, beside reading the same files as JSON.

Each length runs in a process of its own, once: it is long enough. Seconds are the processor's, so that a busy machine
changes them less. The floor is Python's own `json.load` of the files, in a process of its own as well.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, figure
from benchmarks.history import write_exports
from benchmarks.processes import DOOR, run

LENGTHS = (10_000, 30_000, 100_000)
SECONDS_BAR, MEGABYTES_BAR = 20.0, 150.0
READ_JSON = "import json, sys\nfor name in sys.argv[1:]: json.load(open(name, encoding='utf-8'))"


def measure() -> Iterator[Figure]:
    """Return seconds for each length, and memory for each."""
    memory = []
    for messages in LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            files = [str(path) for path in write_exports(home, messages, 1)]
            replay = (*DOOR, "replay", *files, "--out", str(home / "out"))
            found = run(replay, home)
            floor = run((sys.executable, "-c", READ_JSON, *files), home)
        is_longest = messages == LENGTHS[-1]
        yield figure(
            f"replay of {messages:,} messages",
            [found.busy],
            "s",
            bar=SECONDS_BAR if is_longest else None,
            note=f"{messages / found.busy:,.0f} messages/s; the files as JSON: {floor.busy:.2f} s",
        )
        memory.append((messages, found.megabytes))
    for messages, megabytes in memory:
        name = f"memory of replaying {messages:,}, at most"
        yield figure(name, [megabytes], "MB", bar=MEGABYTES_BAR if messages == LENGTHS[-1] else None)
