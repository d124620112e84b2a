"""One day run and judged: a plan in, what it held and what was broken out."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from attrs import frozen

from adapters.simulated.virtual import VirtualTimeLoop, run_virtual
from composition.simulation.days.plan import Crash, Plan, Where
from composition.simulation.playing import Player
from composition.simulation.storing import FileStore, LogStore, MemoryStore
from composition.simulation.truth.books import Truth
from composition.simulation.truth.log import LogReader
from composition.simulation.truth.rest import check_rest
from composition.simulation.truth.times import check_times
from composition.simulation.truth.witness import Note, Violation, Witness
from composition.simulation.world import World
from domain.desk import DeskState, step
from domain.value import Value
from ports.audit_log import Row
from ports.errors import AuditUnavailableError

REPLAY_EVERY = 3  # a replay takes as long as half the day, and every restart of a day is one already
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a day's log is nobody's secret and is deleted with its folder


@frozen(kw_only=True)
class Day(Value):
    """What a plan came to. `head` is the last hash of the log: equal for equal plans. `hours` are of market time.

    `points` counts the crash points by what is done there, `firsts` has a crash before the first of each, `ends` counts
    those at which a process ended, `reached` those of the first life by place. `booked` are the client order ids in the
    broker's books, in order of arrival there.
    """

    plan: Plan
    violations: tuple[Violation, ...]
    struck: Counter[str]
    points: Counter[str]
    firsts: Mapping[str, Crash]
    ends: Counter[str]
    head: str
    rows: int
    lives: int
    reached: Counter[Where]
    hours: float
    booked: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    log: tuple[Row, ...] = ()


def run_day(plan: Plan, *, keep_log: bool = False) -> Day:
    """Return what a day came to. With `keep_log` its rows are in it, oldest first."""
    with ExitStack() as stack:
        store = _store(plan, stack)
        worlds: list[World] = []

        async def main(loop: VirtualTimeLoop) -> None:
            world = World(plan, loop, store)
            worlds.append(world)
            truths.append(Truth.watching(world.market.broker, world.witness, plan.habits.replace_after_partial_fill))
            await world.run(Player(world).play())

        truths: list[Truth] = []
        broken = _run(main)
        world, truth = worlds[0], truths[0]
        witness = world.witness
        if broken is not None:
            witness.violate("no bug", broken)
        else:
            _judge(world, truth)
        witness.struck.update(world.market.struck())
        head = store.log.head()
        return Day(
            plan=plan,
            violations=tuple(witness.violations),
            struck=witness.struck,
            points=witness.points,
            firsts=witness.firsts,
            ends=witness.ends,
            head=head.hash,
            rows=head.seq,
            lives=world.lives,
            reached=world.reached,
            hours=world.loop.time() / 3600,
            booked=tuple(order.client_order_id or "" for order in truth.orders()),
            notes=tuple(witness.notes),
            log=store.log.rows(limit=1_000_000)[::-1] if keep_log else (),
        )


def _store(plan: Plan, stack: ExitStack) -> LogStore:
    if not plan.on_disk:
        store: LogStore = MemoryStore()
    else:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
        store = FileStore(Path(folder))
    stack.callback(store.close)
    return store


def _run(main: Callable[[VirtualTimeLoop], object]) -> str | None:
    """Run a day and return what went wrong in the program, or None."""
    try:
        run_virtual(main)  # type: ignore[arg-type] # a coroutine function
    except Exception as error:  # noqa: BLE001 - whatever a bug raises is a finding
        return _words(error)
    return None


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" at {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
    return f"{type(error).__name__}: {error}{where}"


def _judge(world: World, truth: Truth) -> None:
    witness = world.witness
    LogReader(witness, policies=world.plan.habits.policies()).read()
    if not world.came_to_rest:
        witness.violate("comes to rest", _unrest(world.last_state))
    if world.plan.seed % REPLAY_EVERY == 0 and _replayed(world, witness) != world.last_state:
        witness.violate("replay gives the same", "the state replayed from the log is another one")
    check_rest(world.last_state, truth, witness)
    if world.plan.calm:
        check_times(world.last_state, truth, witness)


def _replayed(world: World, witness: Witness) -> DeskState:
    """Return the state that the log leads to. What was said on the way is compared, and the chain verified."""
    state = DeskState()
    said = []
    try:
        for stamped in world.store.log.inputs():
            state, outputs = step(state, stamped)
            said.append(outputs)
    except AuditUnavailableError as error:
        witness.violate("the log is whole", str(error))
    flat = [output for outputs in said for output in outputs]
    written = [row.body for row in witness.rows if row.row_class != "input"]
    if flat != written:
        witness.violate("replay gives the same", "what was said is not what a replay says")
    return state


def _unrest(state: DeskState) -> str:
    parts = {
        "phase": state.phase,
        "candidates": sorted(state.candidates),
        "closings": sorted(state.closings),
        "waiting": len(state.waiting),
        "outbox": sorted(state.outbox),
        "entries": [trade.trade_id for trade in state.trades.values() if not trade.is_quiet],
    }
    return ", ".join(f"{name}: {part}" for name, part in parts.items() if part)
