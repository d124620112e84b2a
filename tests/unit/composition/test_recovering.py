"""A desk comes back from its snapshot as from the whole log; what the start left is done beside the work."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from threading import Event

import pytest

from adapters.simulated.virtual import VirtualClock, run_virtual
from adapters.system.ids import CountedTradeIds
from composition.order_check import OrderCheck
from composition.recovering import LOOK_SECONDS, Recovery
from composition.runtime import Runtime
from domain.commands import Notify
from domain.events import HaltRequested
from domain.policies import Mode, Policies
from domain.verdicts import HaltCause, Severity
from ports.errors import AuditUnavailableError
from ports.snapshots import Snapshot, Snapshots
from tests.fakes.memory_audit_log import MemoryAuditLog

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EVERY = 4


class KeptSnapshots(Snapshots):
    """Keeps the last snapshot, and says whether each was saved gently."""

    def __init__(self, kept: Snapshot | None = None) -> None:
        self.kept = kept
        self.gentle: list[bool] = []

    def load(self):
        return self.kept

    def save(self, snapshot, *, gently=False):
        self.kept = snapshot
        self.gentle.append(gently)


class Silent:
    """Nobody answers."""

    def __init__(self) -> None:
        self.check = OrderCheck()

    async def perform(self, _command):
        return ()


def sound(_up_to: int, _stop: Event) -> str | None:
    return None


def desk(log, loop):
    return Runtime(audit=log, clock=VirtualClock(START, loop), trade_ids=CountedTradeIds(), dispatcher=Silent())


@asynccontextmanager
async def at_work(runtime, recovery):
    recovery.recover()
    async with asyncio.TaskGroup() as group:
        parts = [group.create_task(part) for part in (runtime.run(Policies(), "test"), recovery.work())]
        yield
        for part in parts:
            part.cancel()


def lived(log, snapshots, *, verify=sound, requests=3):
    """Run a desk from what is there, ask it `requests` things, end it in order; return its last state."""

    async def main(loop):
        runtime = desk(log, loop)
        recovery = Recovery(runtime, snapshots, verify, every=EVERY)
        async with at_work(runtime, recovery):
            for number in range(requests):
                await runtime.request(HaltRequested("operator", f"look {number}"))
            await asyncio.sleep(3 * LOOK_SECONDS)
        await recovery.finish()
        return runtime.state

    return run_virtual(main)


def replayed(log, snapshots=None):
    async def main(loop):
        runtime = desk(log, loop)
        if snapshots is None:
            runtime.recover()
        else:
            Recovery(runtime, snapshots, sound).recover()
        return runtime.state

    return run_virtual(main)


def rows(log):
    return log.rows(limit=1)[0].seq


def test_the_snapshot_and_the_rows_after_it_are_the_whole_log():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    for _ in range(3):
        lived(log, snapshots)
        assert replayed(log, snapshots) == replayed(log)


def test_only_the_rows_after_the_snapshot_are_replayed():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    lived(log, snapshots)

    async def main(loop):
        kept = snapshots.kept
        return desk(log, loop).recover(), desk(log, loop).recover(kept), len(list(log.inputs(kept.seq)))

    everything, rest, inputs_after = run_virtual(main)
    assert rest == inputs_after < everything


def test_a_snapshot_is_kept_while_the_desk_works_and_when_it_has_ended():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    lived(log, snapshots)
    assert snapshots.gentle[0] is True
    assert rows(log) - snapshots.kept.seq < EVERY


def test_little_news_is_no_reason_for_another_one():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    lived(log, snapshots)
    kept, count = snapshots.kept, len(snapshots.gentle)

    async def main(loop):
        recovery = Recovery(desk(log, loop), snapshots, sound, every=EVERY)
        recovery.recover()
        await recovery.finish()

    run_virtual(main)
    assert (snapshots.kept, len(snapshots.gentle)) == (kept, count)


def test_a_snapshot_stands_on_durable_rows_only():
    log = MemoryAuditLog(Mode.PAPER)

    async def main(loop):
        runtime = desk(log, loop)
        running = asyncio.create_task(runtime.run(Policies(), "test"))
        await asyncio.sleep(0)
        taken = runtime.snapshot()
        assert taken == Snapshot(len(log.durable), runtime.state)
        assert taken.seq == runtime.last_row > 0
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run_virtual(main)


def test_the_rows_before_the_snapshot_are_verified_beside_the_work():
    log, snapshots, asked = MemoryAuditLog(Mode.PAPER), KeptSnapshots(), []

    def verify(up_to, _stop):
        asked.append(up_to)

    lived(log, snapshots, verify=verify)
    assert asked == []  # the replay has followed the whole chain
    kept = snapshots.kept.seq
    state = lived(log, snapshots, verify=verify)
    assert asked == [kept]
    assert [halt.cause for halt in state.halts] == [HaltCause.OPERATOR]


def test_damage_among_them_halts_entries_and_pages():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    lived(log, snapshots, requests=0)
    assert snapshots.kept is not None
    state = lived(log, snapshots, verify=lambda _up_to, _stop: "row 7 has been changed", requests=0)
    (halt,) = state.halts
    assert halt.cause is HaltCause.AUDIT_DAMAGED
    assert "row 7 has been changed" in halt.reason
    pages = [entry.body for entry in log.durable if isinstance(entry.body, Notify)]
    assert [page.severity for page in pages if "row 7" in page.text] == [Severity.PAGE]
    assert replayed(log).halts == state.halts


def test_a_check_under_way_ends_with_the_desk():
    log, snapshots = MemoryAuditLog(Mode.PAPER), KeptSnapshots()
    lived(log, snapshots)
    stops = []

    async def main(loop):
        runtime = desk(log, loop)
        began = asyncio.Event()

        def verify(_up_to, stop):
            stops.append(stop)
            loop.call_soon_threadsafe(began.set)
            stop.wait()

        recovery = Recovery(runtime, snapshots, verify, every=EVERY)
        async with at_work(runtime, recovery):
            await began.wait()

    run_virtual(main)
    assert [stop.is_set() for stop in stops] == [True]


def test_a_log_that_cannot_be_replayed_is_told():
    class Damaged(MemoryAuditLog):
        def inputs(self, after=0):
            raise AuditUnavailableError(f"row {after + 5} has been changed")

    async def main(loop):
        Recovery(desk(Damaged(Mode.PAPER), loop), KeptSnapshots(), sound).recover()

    with pytest.raises(AuditUnavailableError, match="row 5"):
        run_virtual(main)
