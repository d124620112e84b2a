# noqa: INP001 (run as a module, no package)
"""From a message received to its order's intent durable, beside one bare durable commit on the same disk, in turns.

The broker is simulated and answers at once, so this is the desk's own work: intake, grammar, three questions and their
answers, checks, sizing, every row, and the commit. Each entry is cancelled before the next alert, so nothing is open.
Then the same rows are written once more, to another log: what the record alone costs, without loop and core.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.sqlite.audit_log import SqliteAuditLog
from benchmarks.bench_desk import BenchDesk, at_work, bare_log, fill
from benchmarks.figures import Figure, figure
from domain.events import CancelRequested
from domain.orders import OrderStatus
from domain.policies import Mode
from ports.audit_log import Entry

ROUNDS, WARM_UP = 40, 10
LENGTHS = (0, 100_000)
BAR, LENGTH_BAR = 2.0, 1.25
REST_SECONDS = 0.06  # the lazy commit of what came after is over then, and each alert is alone


def measure() -> Iterator[Figure]:
    """Return a figure a length of the log, and what the length costs."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        medians = []
        for rows in LENGTHS:
            home = Path(folder) / str(rows)
            home.mkdir()
            if rows:
                fill(home / "desk.sqlite", rows)
            own, floor, record = asyncio.run(_rounds(home))
            one = figure(
                f"message to durable intent, {rows:,} rows before",
                own,
                "ms",
                floor=floor,
                floor_name="one bare durable commit",
                bar=BAR,
            )
            medians.append((own, one))
            yield one
            yield figure(
                f"of it the rows alone, {rows:,} rows before",
                record,
                "ms",
                floor=floor,
                floor_name="one bare durable commit",
            )
        (_, short), (own, long) = medians
        floor_change = (long.floor or 1) / (short.floor or 1)
        yield figure(
            "the same, long log beside an empty one",
            own,
            "ms",
            floor=short.median * floor_change,
            floor_name="empty log, same disk speed",
            bar=LENGTH_BAR,
        )


async def _rounds(home: Path) -> tuple[list[float], list[float], list[float]]:
    own: list[float] = []
    floor: list[float] = []
    record: list[float] = []

    async def story(desk: BenchDesk) -> None:
        with bare_log(home) as commit, closing(SqliteAuditLog.open(home / "record.sqlite", Mode.PAPER)) as log:
            for number in range(WARM_UP + ROUNDS):
                took, entries = await _one(desk, number)
                bare = commit()
                await asyncio.sleep(REST_SECONDS)
                again = _written(log, entries)
                if number >= WARM_UP:
                    own.append(took * 1000)
                    floor.append(bare * 1000)
                    record.append(again * 1000)

    await at_work(home / "desk.sqlite", story)
    return own, floor, record


def _written(log: SqliteAuditLog, entries: Sequence[Entry]) -> float:
    began = time.perf_counter()
    for entry in entries:
        log.append(entry)
    log.commit()
    return time.perf_counter() - began


async def _one(desk: BenchDesk, number: int) -> tuple[float, tuple[Entry, ...]]:
    expiry = datetime.now(UTC) + timedelta(days=1 + number % 5)
    name = desk.room.post(f"BTO UBER {50 + number}p {expiry:%m/%d} @ 0.75")
    await desk.until(lambda: name in desk.log.decided)
    took = desk.log.ordered[name] - desk.room.received[name]
    entries = desk.log.ordered_by
    trade_id = next(trade_id for trade_id, heard in desk.log.messages.items() if heard == name)
    await desk.until(lambda: _working(desk, trade_id) is not None)
    await desk.runtime.request(CancelRequested("bench", _working(desk, trade_id) or ""))
    await desk.until(lambda: not desk.runtime.state.trades)
    await asyncio.sleep(REST_SECONDS)
    return took, entries


def _working(desk: BenchDesk, trade_id: str) -> str | None:
    live = desk.runtime.state.trades[trade_id].entry.live_order
    return live.client_order_id if live is not None and live.status is OrderStatus.WORKING else None
