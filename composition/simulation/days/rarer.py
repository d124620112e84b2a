# ruff: noqa: PLR2004 - the numbers are chances, each beside what it is the chance of
"""What seldom happens, drawn beside a day's usual faults and from a source of its own: most days have none of it."""

from random import Random

from attrs import evolve

from composition.simulation.days.plan import Amendment, Call, Correction, Fate, Fault, Outage, Plan, Window

SECOND = 1_000
TWICE = (Call.ENTRY, Call.ENTRY, Call.EXIT, Call.CLOSE, Call.REPLACE)


def with_rarer(plan: Plan, chance: Random, *, busy_until: int) -> Plan:
    """Return the plan with stalls, corrected fills and repeated requests, each on some days, until `busy_until`."""
    stalls, corrections, twice = chance.random() < 0.1, chance.random() < 0.3, chance.random() < 0.3
    if plan.calm:
        return plan
    if stalls:
        plan = evolve(plan, windows=(*plan.windows, *_stalls(chance, busy_until)))
    if corrections:
        plan = evolve(plan, corrections=_corrections(chance, busy_until))
    if twice:
        plan = evolve(plan, faults=_twice(chance, plan.faults))
    return plan


def _stalls(chance: Random, until: int) -> tuple[Window, ...]:
    return tuple(
        Window(
            at=chance.randrange(1_600, until), what=Outage.STALL, span=chance.choice((2, 5, 12, 20, 21, 30)) * SECOND
        )
        for _ in range(chance.choice((1, 1, 2, 3)))
    )


def _corrections(chance: Random, until: int) -> tuple[Correction, ...]:
    return tuple(
        Correction(
            at=chance.randrange(20 * SECOND, until), what=chance.choice(tuple(Amendment)), index=chance.randrange(6)
        )
        for _ in range(chance.choice((1, 1, 2)))
    )


def _twice(chance: Random, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Requests that the line repeats; where another fault is planned for the call, it makes room."""
    found = {(fault.call, fault.nth): fault for fault in faults}
    for _ in range(chance.choice((1, 1, 2))):
        call, nth = chance.choice(TWICE), chance.choice((0, 0, 1, 2))
        found[call, nth] = Fault(call=call, fate=Fate.TWICE, nth=nth, span=chance.choice((0, 5, 300, 4_000)))
    return tuple(found.values())
