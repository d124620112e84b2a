"""Whether the desk may start and go on: what follows from the doctor's findings. It looks at nothing itself.

A finding that is a no keeps the desk from starting; where something is open it works for that alone, entries halted.
A service that is away is asked again, and nothing that rests on it starts before it was looked over.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence

from attrs import define, field

from composition.serving import StartError
from domain.desk import DeskState
from domain.events import HaltRequested
from domain.verdicts import HaltCause
from ports.control import Control
from ports.examination import Examination, Finding, Outcome

# The longest pause before a service is asked again: while it is away, and while it leaves something open.
AWAY_MAX, UNKNOWN_MAX = 30.0, 900.0
# Open trades wait no longer than this for the room's examination: their exits need the broker only.
OPEN_TRADES_WAIT = 3.0
DOCTOR = "doctor"
_LOG = logging.getLogger(__name__)


@define(eq=False)
class _Service:
    """One service as it was found last. `asked`: once at least; `reached`: it has answered."""

    examination: Examination
    findings: tuple[Finding, ...] = ()
    asked: asyncio.Event = field(factory=asyncio.Event)
    reached: asyncio.Event = field(factory=asyncio.Event)


class Admission:
    """Run `examine` beside the desk, and start its parts when `to_trade` and then `to_hear` return.

    `here` is what was found on this machine.
    """

    def __init__(self, control: Control, here: Sequence[Finding], *, broker: Examination, room: Examination) -> None:
        self._control = control
        self._here = tuple(here)
        self._broker, self._room = _Service(broker), _Service(room)
        self._is_trading = False
        self._told: set[str] = set()
        self._halted_for: set[str] = set()

    async def examine(self) -> None:
        """Look both services over until nothing of them is unknown. Raises StartError where a no must end the desk."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_asking(self._broker))
            group.create_task(self._keep_asking(self._room))

    async def to_trade(self) -> tuple[HaltRequested, ...]:
        """Return, once orders may be looked after, the halt to begin with: empty where all is well."""
        if is_anything_open(self._control.state):
            await _within(OPEN_TRADES_WAIT, self._room.asked)
        else:
            await self._room.reached.wait()
        await self._broker.reached.wait()
        self._is_trading = True
        return self._halt()

    async def to_hear(self) -> None:
        """Return once the room was looked over and alerts may be heard."""
        await self._room.reached.wait()

    async def heed(self, found: Finding) -> None:
        """Take in what showed later. Raises StartError for a no, unless open trades need the desk: then it halts."""
        self._here += (found,)
        await self._judge()

    async def _keep_asking(self, service: _Service) -> None:
        for delay in _growing(AWAY_MAX):
            await self._ask(service)
            if service.reached.is_set():
                break
            await asyncio.sleep(delay)
        for delay in _growing(UNKNOWN_MAX):
            if all(finding.outcome is not Outcome.UNKNOWN for finding in service.findings):
                return
            await asyncio.sleep(delay)
            await self._ask(service)

    async def _ask(self, service: _Service) -> None:
        service.findings = await service.examination.examine()
        service.asked.set()
        await self._judge()  # before anything starts on it
        if service.findings[0].outcome is not Outcome.UNKNOWN:
            service.reached.set()

    async def _judge(self) -> None:
        """Refuse or halt for what is new. The first refusal waits for both services, so that it names everything."""
        self._tell()
        new = self._new()
        if not new or not (self._broker.asked.is_set() and self._room.asked.is_set()):
            return
        refuse_for(new, self._control.state)
        if self._is_trading:
            for halt in self._halt():
                await self._control.request(halt)

    def _halt(self) -> tuple[HaltRequested, ...]:
        new = self._new()
        if not new:
            return ()
        self._halted_for.update(finding.check for finding in new)
        for finding in new:
            _LOG.error("entries are halted, to be mended: %s", finding)
        reason = "; ".join(f"{finding.check}: {finding.told}" for finding in new)
        return (HaltRequested(DOCTOR, reason, HaltCause.DOCTOR),)

    def _new(self) -> list[Finding]:
        """Return what entries were not halted for yet: a person may have resumed in spite of the rest."""
        return [finding for finding in wrong_of(self._all()) if finding.check not in self._halted_for]

    def _all(self) -> tuple[Finding, ...]:
        return (*self._here, *self._broker.findings, *self._room.findings)

    def _tell(self) -> None:
        words = {Outcome.UNKNOWN: "could not be checked: %s", Outcome.NOTE: "to be known: %s"}
        for finding in self._all():
            if finding.outcome in words and str(finding) not in self._told:
                self._told.add(str(finding))
                _LOG.warning(words[finding.outcome], finding)


def refuse_for(found: Sequence[Finding], state: DeskState | None) -> None:
    """Do nothing, or raise StartError naming every no: where one stops everything, or nothing is open.

    Without a state only what stops everything is refused.
    """
    wrong = wrong_of(found)
    needless = state is not None and not is_anything_open(state)
    if wrong and (needless or any(finding.stops for finding in wrong)):
        raise StartError(listed(wrong))


def wrong_of(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings that a person must mend."""
    return [finding for finding in found if finding.outcome is Outcome.NO]


def is_anything_open(state: DeskState) -> bool:
    """Return whether there are trades, orders in doubt or closes that need the desk."""
    return bool(state.trades or state.closings)


def listed(wrong: Sequence[Finding]) -> str:
    """Return the findings as one message, a line each where there are several."""
    if len(wrong) == 1:
        return f"{wrong[0]}"
    return f"{len(wrong)} things must be mended first:" + "".join(f"\n  {finding}" for finding in wrong)


async def _within(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _growing(longest: float) -> Iterator[float]:
    delay = 1.0
    while True:
        yield min(delay, longest)
        delay *= 2
