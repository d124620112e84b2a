"""Which fault meets which call: it counts the calls of the whole day, over all lives, and knows what is away when."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from attrs import define, field

from composition.simulation.days.plan import BROKERS_OWN, Call, Fault, Outage, Plan
from composition.simulation.truth.witness import Witness


@define
class Injector:
    """`active` until the faults of the day stop. `later` runs something after so many milliseconds, or at the stop."""

    plan: Plan
    witness: Witness
    now: Callable[[], datetime]
    later: Callable[[int, Callable[[], None]], None]
    active: bool = True
    away: set[Outage] = field(factory=set)
    met: Counter[Call] = field(factory=Counter)
    _due: dict[tuple[Call, int], Fault] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._due = {(fault.call, fault.nth): fault for fault in self.plan.faults if fault.fate not in BROKERS_OWN}

    def meet(self, call: Call) -> Fault | None:
        """Count a call and return the fault that befalls it, or None."""
        number = self.met[call]
        self.met[call] += 1
        fault = self._due.get((call, number)) if self.active else None
        if fault is not None:
            self.witness.strike(self.now(), f"{call}: {fault.fate}", f"no. {number}")
        return fault

    def is_away(self, what: Outage) -> bool:
        return what in self.away

    def begin(self, what: Outage, span: int) -> None:
        """Have something be away for a while."""
        self.witness.strike(self.now(), what, f"for {span / 1000:g} s")
        if what is not Outage.CLOCK:
            self.away.add(what)
            self.later(span, lambda: self.away.discard(what))

    def stop(self) -> None:
        self.active = False
        self.away.clear()
