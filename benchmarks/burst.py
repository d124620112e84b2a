# noqa: INP001 (run as a module, no package)
"""A thousand alerts at once: none lost, all decided and durable, and how long each waited for its decision.

They come from a hundred authors on two hundred contracts, with every limit as far as it goes; most are denied by one,
which is a decision too. The floor is the same number of bare durable commits, one after the other.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.bench_desk import CHANNEL, BenchDesk, at_work, bare_log, policies
from benchmarks.figures import Figure, figure, percentile
from domain.policies import Policies

ALERTS, AUTHORS, STRIKES = 1_000, 100, 200
ROUNDS = 3
BAR_MS = 1_000.0


def measure() -> Iterator[Figure]:
    """Return a figure for the 99th percentile of the waits, and one for how long they took together."""
    slowest: list[float] = []
    together: list[float] = []
    floors: list[float] = []
    told = ""
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            waits, ordered = asyncio.run(_burst(Path(folder)))
            with bare_log(Path(folder)) as commit:
                floors.append(sum(commit() for _ in range(ALERTS)) * 1000)
        slowest.append(percentile(sorted(waits), 99))
        together.append(max(waits))
        told = f"{len(waits):,} decided, {ordered} of them entered"
    yield figure(f"{ALERTS:,} alerts at once, 99 % decided within", slowest, "ms", bar=BAR_MS, note=told)
    floor_name = f"{ALERTS:,} bare durable commits"
    yield figure(f"{ALERTS:,} alerts at once, all decided", together, "ms", floor=floors, floor_name=floor_name)


async def _burst(home: Path) -> tuple[list[float], int]:
    """Return the milliseconds that each alert waited until its decision was durable, and how many were entered."""
    waits: list[float] = []
    ordered = 0

    async def story(desk: BenchDesk) -> None:
        nonlocal ordered
        expiry = datetime.now(UTC) + timedelta(days=2)
        posted = [
            desk.room.post(f"BTO UBER {20 + number % STRIKES}p {expiry:%m/%d} @ 0.75", user=10 + number % AUTHORS)
            for number in range(ALERTS)
        ]
        await desk.until(lambda: len(desk.log.decided) == ALERTS)
        waits.extend((desk.log.decided[name] - desk.room.received[name]) * 1000 for name in posted)
        ordered = len(desk.log.ordered)

    await at_work(home / "desk.sqlite", story, _many_authors())
    return waits, ordered


def _many_authors() -> Policies:
    chosen = policies(users=frozenset(range(10, 10 + AUTHORS)))
    assert CHANNEL in chosen.allowed_channels  # noqa: S101 - where all of them post
    return chosen
