# noqa: INP001 (run as a module, no package)
"""How long a desk takes to come back on a long log, with and without a snapshot, and what the log's length costs.

The logs are made by the real core on the tests' broker: benchmarks/desk_history.py. A recovery is measured in a process
of its own, from the file as a crash leaves it to the state, with the modules loaded. Its snapshot stands as far behind
as it can: EVERY_ROWS rows before the end, a fifth of a short log. The floor is plain sqlite3 reading all rows in the
same process.
"""

import asyncio
import contextlib
import multiprocessing
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
from benchmarks.figures import Figure, figure
from composition.dispatch import Dispatcher
from composition.recovering import EVERY_ROWS, Recovery
from composition.runtime import Runtime
from domain.policies import Mode
from ports.audit_log import Entry
from ports.snapshots import Snapshot

SIZES = (1_000, 10_000, 100_000)
LONGEST = 1_000_000
SECONDS_BAR, COMMIT_BAR = 10.0, 2.0
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
        dispatcher=Dispatcher(*[None] * 7, rooms={}),  # type: ignore[arg-type] # nothing is dispatched
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


# ---- the figures -----------------------------------------------------------------------------------------------------


def measure(sizes: Sequence[int] = SIZES) -> Iterator[Figure]:
    """Return the figures of each length of log."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        for rows in sizes:
            yield from _of_log(rows, Path(home))


def _of_log(rows: int, home: Path) -> Iterator[Figure]:
    path = home / f"log{rows}.sqlite"
    count, orders = apart(write, path, rows)
    by_snapshot = apart(start, path, with_snapshot=True)
    whole = apart(start, path, with_snapshot=False)
    if by_snapshot.state != whole.state:
        raise RuntimeError("the snapshot and its tail are not what a full replay is")
    saved, checked = apart(saving, path), apart(verifying, path)
    about = f"{count:,} rows"
    floor = min(by_snapshot.floor, whole.floor)
    told = f"{orders:,} orders, {path.stat().st_size / 1e6:,.0f} MB; {by_snapshot.replayed:,} inputs replayed"
    yield figure(
        f"recovery by snapshot, {about}",
        [by_snapshot.seconds],
        "s",
        floor=floor,
        floor_name="plain read of all rows",
        bar=None,
        note=told + (f"; bar {SECONDS_BAR:g} s {'met' if by_snapshot.seconds <= SECONDS_BAR else 'MISSED'}"),
    )
    yield figure(
        f"recovery by full replay, {about}",
        [whole.seconds],
        "s",
        floor=floor,
        floor_name="plain read of all rows",
        note=f"{whole.replayed:,} inputs replayed",
    )
    told = f"{saved.bytes / 1e6:.1f} MB; timers late by {saved.late * 1e3:.1f} ms meanwhile (99 %)"
    yield figure(f"snapshot saved beside the work, {about}", [saved.gentle], "s", note=told)
    yield figure(f"older rows verified, {about}", [checked], "s", floor=floor, floor_name="plain read of all rows")
    median, bare = apart(alerts, path)
    yield figure(
        f"{ALERT_ROWS} rows durable after {about}",
        [median * 1e3],
        "ms",
        floor=bare * 1e3,
        floor_name="one bare durable commit",
        bar=COMMIT_BAR,
    )
