# noqa: INP001 (run as a module, no package)
"""How long a desk takes to come back on a long log, with and without a snapshot, and what the log's length costs.

The logs are made by the real core on the tests' broker: benchmarks/desk_history.py. A recovery is measured in a process
of its own, from the file as a crash leaves it to the state, with the modules loaded. Its snapshot stands as far behind
as it can: EVERY_ROWS rows before the end, a fifth of a short log. The floor is plain sqlite3 reading all rows in the
same process. Run: `python -m benchmarks.recovery [--rows N ...]`; `--rows 1000000` takes minutes and 500 MB.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.checking import verify_gently
from adapters.sqlite.snapshots import SnapshotFile
from adapters.sqlite.state_codec import encode_state
from adapters.system.clock import SystemClock
from adapters.system.ids import CountedTradeIds
from benchmarks.desk_history import DeskHistory
from composition.recovering import EVERY_ROWS, Recovery
from composition.runtime import Runtime
from domain.policies import Mode
from ports.audit_log import Entry
from ports.snapshots import Snapshot

SIZES = (1_000, 10_000, 100_000)
ORDERS_AT_MOST = 10_000
ORDERS_A_TRADE, ROWS_A_TRADE = 3, 95  # without chatter
ROWS_A_COMMIT = 1000
ALERT_ROWS, COMMITS = 13, 200
T = TypeVar("T")


@frozen
class Start:
    """One recovery: seconds, of which the processor was at work for `busy`. `floor` was measured just before."""

    floor: float
    opened: float
    recovered: float
    busy: float
    replayed: int
    state: str

    @property
    def seconds(self) -> float:
        return self.opened + self.recovered


@frozen
class Saving:
    """A snapshot taken in one go and gently, and how late the loop's timers came meanwhile and without it."""

    bytes: int
    quick: float
    gentle: float
    late: float
    late_before: float


def timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = act()
    return time.perf_counter() - began, result


# ---- a log -----------------------------------------------------------------------------------------------------------


def write(path: Path, rows: int) -> tuple[int, int]:
    """Write a log of at least `rows` rows with a snapshot before its end, and return its rows and orders."""
    trades = min(rows // 100, ORDERS_AT_MOST // ORDERS_A_TRADE)
    history = DeskHistory(chatter=max(rows // trades - ROWS_A_TRADE, 0) // 2)
    behind = rows - min(EVERY_ROWS, rows // 5)
    kept = False
    with contextlib.closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        for number, turn in enumerate(history.turns()):
            for entry in turn:
                log.append(entry)
            if number % ROWS_A_COMMIT == 0:
                log.commit()
            if log.head().seq >= behind and not kept and history.is_taken_up:
                log.commit()
                snapshot_of(path, log).save(Snapshot(log.head().seq, history.state))
                kept = True
            if log.head().seq >= rows and history.is_taken_up:
                break
        return log.head().seq, history.broker.booked


def snapshot_of(path: Path, log: SqliteAuditLog) -> SnapshotFile:
    return SnapshotFile(path.with_name(f"{path.name}.snapshot"), log)


# ---- what is measured, each in a process of its own ------------------------------------------------------------------


def start(path: Path, *, with_snapshot: bool) -> Start:
    floor, _ = timed(lambda: plain_read(path))
    began = time.process_time()
    opened, log = timed(lambda: SqliteAuditLog.open(path, Mode.PAPER))
    runtime = Runtime(
        audit=log,
        clock=SystemClock(),
        trade_ids=CountedTradeIds(),
        dispatcher=None,  # type: ignore[arg-type] # nothing is dispatched
    )
    recovery = Recovery.of(runtime, log, path, Mode.PAPER)
    recovered, replayed = timed(recovery.recover if with_snapshot else runtime.recover)
    busy = time.process_time() - began
    log.close()
    state = sha256("\n".join(encode_state(runtime.state)).encode()).hexdigest()
    return Start(floor, opened, recovered, busy, replayed, state)


def plain_read(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return sum(1 for _ in conn.execute("SELECT * FROM audit ORDER BY seq"))


def saving(path: Path) -> Saving:
    with contextlib.closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
        file = snapshot_of(path, log)
        snapshot = file.load()
        if snapshot is None:
            raise RuntimeError(f"{path} has no snapshot")
        quick, _ = timed(lambda: file.save(snapshot))
        gentle, late, before = asyncio.run(beside(lambda: file.save(snapshot, gently=True)))
        return Saving(path.with_name(f"{path.name}.snapshot").stat().st_size, quick, gentle, late, before)


async def beside(act: Callable[[], None]) -> tuple[float, float, float]:
    """Return how long `act` takes in a thread, and how late the loop's timers come (99 %) with it and without."""
    before = await lateness(asyncio.sleep(1))
    began = time.perf_counter()
    late = await lateness(asyncio.to_thread(act))
    return time.perf_counter() - began, late, before


async def lateness(work) -> float:  # type: ignore[no-untyped-def] # noqa: ANN001 - anything to await
    task, late = asyncio.ensure_future(work), []
    while not task.done():
        due = time.perf_counter() + 0.002
        await asyncio.sleep(0.002)
        late.append(time.perf_counter() - due)
    return sorted(late)[len(late) * 99 // 100]


def verifying(path: Path) -> float:
    """Return how long the check beside the work takes without its rests: what it costs."""

    class Never:
        def wait(self, _seconds: float) -> bool:
            return False

    rows = plain_read(path)
    seconds, problem = timed(lambda: verify_gently(path, Mode.PAPER, rows, Never()))  # type: ignore[arg-type] # see above
    if problem is not None:
        raise RuntimeError(problem)
    return seconds


def alerts(path: Path) -> tuple[float, float]:
    """Return the median seconds that one alert's rows take to be appended and durable, and one bare durable commit."""
    with contextlib.closing(sqlite3.connect(path.with_name("floor.sqlite"), isolation_level=None)) as bare:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE rows (body TEXT)"):
            bare.execute(statement)
        with contextlib.closing(SqliteAuditLog.open(path, Mode.PAPER)) as log:
            pairs = [
                (
                    timed(lambda rows=rows: durable(log, rows))[0],  # type: ignore[misc]
                    timed(lambda: bare.execute("INSERT INTO rows VALUES (?)", ("x" * 500,)))[0],
                )
                for rows in batches()
            ]
    path.with_name("floor.sqlite").unlink()
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def durable(log: SqliteAuditLog, rows: list[Entry]) -> None:
    for entry in rows:
        log.append(entry)
    log.commit()


def batches() -> Iterator[list[Entry]]:
    waiting: list[Entry] = []
    made = 0
    for turn in DeskHistory(chatter=0).turns():
        waiting += turn
        if len(waiting) >= ALERT_ROWS:
            yield waiting[:ALERT_ROWS]
            waiting = []
            made += 1
            if made == COMMITS:
                return


def apart(act: Callable[..., T], *arguments: object, **named: object) -> T:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(act, *arguments, **named).result()


# ---- the report ------------------------------------------------------------------------------------------------------


def report(rows: int, home: Path) -> None:
    path = home / f"log{rows}.sqlite"
    count, orders = apart(write, path, rows)
    by_snapshot = apart(start, path, with_snapshot=True)
    whole = apart(start, path, with_snapshot=False)
    if by_snapshot.state != whole.state:
        raise RuntimeError("the snapshot and its tail are not what a full replay is")
    saved, checked = apart(saving, path), apart(verifying, path)
    say(f"\n{count:,} rows, {orders:,} orders, {path.stat().st_size / 1e6:,.0f} MB")
    say(f"  {'plain read of all rows (floor)':<44}{min(by_snapshot.floor, whole.floor):8.2f} s")
    for name, found in (("start with the snapshot", by_snapshot), ("start on the whole log", whole)):
        told = f"{found.busy:.2f} s at work, opened in {found.opened:.2f} s, {found.replayed:,} inputs replayed"
        say(f"  {name:<44}{found.seconds:8.2f} s {found.seconds / found.floor:7.1f} x floor   {told}")
    say(f"  {'snapshot saved in one go':<44}{saved.quick:8.2f} s           {saved.bytes / 1e6:.1f} MB")
    told = f"timers late by {saved.late * 1e3:.1f} ms meanwhile, {saved.late_before * 1e3:.1f} ms without (99 %)"
    say(f"  {'snapshot saved gently, beside the loop':<44}{saved.gentle:8.2f} s           {told}")
    say(f"  {'older rows verified (without the rests)':<44}{checked:8.2f} s {checked / whole.floor:7.1f} x floor")
    median, bare = apart(alerts, path)
    told = f"one bare durable commit: {bare * 1e3:.3f} ms"
    name = f"{ALERT_ROWS} rows appended and durable, median"
    say(f"  {name:<44}{median * 1e3:8.3f} ms{median / bare:6.2f} x floor   {told}")


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES, metavar="N")
    sizes = parser.parse_args().rows
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        for rows in sizes:
            report(rows, Path(home))
    return 0


if __name__ == "__main__":
    sys.exit(main())
