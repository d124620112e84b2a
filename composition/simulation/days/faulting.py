# ruff: noqa: PLR2004 - the numbers are chances, each beside what it is the chance of
"""The faults of a seed's day: which families it has, which calls they hit, what is away when, where it crashes.

Faults come in families, and each day has only some of them (a swarm): what never happens without everything else would
otherwise never happen alone.
"""

from collections.abc import Sequence
from random import Random

from attrs import define

from composition.simulation.days.plan import Call, Crash, Edge, End, Fate, Fault, Outage, Where, Window

SECOND = 1000
ORDERS = (Call.ENTRY, Call.EXIT, Call.CLOSE, Call.REPLACE, Call.CANCEL)
UNCLEAR = (Fate.ANSWER_LOST, Fate.REQUEST_LOST, Fate.ARRIVES_LATE, Fate.GARBLED)
READS = (Call.CONTRACT, Call.QUOTE, Call.BALANCES, Call.POSITIONS, Call.ORDERS)
# family -> (calls, fates, how many calls a day there are to hit)
FAMILIES: dict[str, tuple[Sequence[Call], Sequence[Fate], int]] = {
    "unclear": (ORDERS, UNCLEAR, 5),
    "unclear exits": ((Call.EXIT,), UNCLEAR, 3),
    "refusals": ((Call.ENTRY, Call.EXIT, Call.CLOSE, Call.REPLACE, Call.CANCEL), (Fate.REFUSED,), 4),
    "refused later": ((Call.ENTRY, Call.EXIT, Call.CLOSE), (Fate.REFUSED_LATER,), 3),
    "unsent": (ORDERS, (Fate.NOT_SENT,), 4),
    "slow answers": (ORDERS, (Fate.ANSWER_SLOW,), 4),
    "races": ((Call.CANCEL, Call.REPLACE), (Fate.RACED,), 4),
    "lagging positions": ((Call.POSITIONS,), (Fate.STALE,), 12),
    "reads": (READS, (Fate.UNAVAILABLE, Fate.SLOW), 25),
    "quotes": ((Call.QUOTE,), (Fate.STALE, Fate.CROSSED, Fate.ONE_SIDED, Fate.NOTHING), 24),
    "nonsense": ((Call.BALANCES, Call.CONTRACT), (Fate.NOTHING,), 30),
    "reports": ((Call.REPORT,), (Fate.DROPPED, Fate.DOUBLED, Fate.DELAYED, Fate.COUNT_AHEAD), 30),
    "echoes": ((Call.REPORT,), (Fate.DOUBLED, Fate.DELAYED), 30),
    "late fills": ((Call.REPORT,), (Fate.FILL_LATE,), 40),
    "lost reports": ((Call.REPORT,), (Fate.DROPPED,), 20),
    "contradictions": ((Call.REPORT,), (Fate.CONTRADICTED,), 120),
    "talk": ((Call.REPLY, Call.NOTICE), (Fate.UNAVAILABLE, Fate.HANGS), 12),
    "room": ((Call.MESSAGE,), (Fate.DOUBLED, Fate.DELAYED), 6),
    "authorization": ((Call.AUTHORIZE,), (Fate.UNAVAILABLE, Fate.UNAVAILABLE, Fate.UNAVAILABLE, Fate.FORBIDDEN), 25),
}
HEAVY = {"unclear": 5, "unclear exits": 2, "slow answers": 2, "races": 2, "refused later": 2, "reports": 2}
AWAY = tuple(what for what in Outage if what is not Outage.STALL)
HARMLESS = ("echoes", "room", "talk", "races")
SPANS = {
    Fate.ARRIVES_LATE: (500, 20_000, 100_000, 280_000),
    Fate.ANSWER_LOST: (0, 2_000, 10_000),
    Fate.REQUEST_LOST: (0, 2_000, 10_000),
    Fate.ANSWER_SLOW: (500, 5_000, 30_000),
    Fate.SLOW: (300, 3_000, 40_000, 90_000),
    Fate.UNAVAILABLE: (0, 0, 3_000),
    Fate.HANGS: (5_000, 60_000),
    Fate.DELAYED: (50, 400, 4_000, 30_000),
    Fate.DOUBLED: (0, 100, 5_000, 60_000),
    Fate.CONTRADICTED: (100, 3_000),
    Fate.FILL_LATE: (300, 3_000, 20_000, 70_000),
    Fate.COUNT_AHEAD: (200, 8_000, 60_000),
    Fate.RACED: (100, 1_500),
    Fate.REFUSED_LATER: (50, 1_000, 30_000),
}


@define
class FaultDrawing:
    """Draws from `chance` for a day of which the faults stop at `ends`, in milliseconds."""

    chance: Random
    ends: int
    calm: bool

    def faults(self, *, by_hand: bool) -> tuple[Fault, ...]:
        chance = self.chance
        names = [name for name in (HARMLESS if self.calm else FAMILIES) if chance.random() < 0.45]
        if not names:
            return ()
        weights = [HEAVY.get(name, 1) for name in names]
        found: dict[tuple[Call, int], Fault] = {}
        for _ in range(chance.randint(20, 75)):
            calls, fates, most = FAMILIES[chance.choices(names, weights)[0]]
            call, fate = chance.choice(calls), chance.choice(fates)
            fault = Fault(
                call=call,
                fate=fate,
                nth=chance.randrange(most),
                span=self._span(fate),
                quantity=chance.choice((0, 1, 1, 2)) if fate is Fate.RACED else 0,
            )
            found.setdefault((call, fault.nth), fault)
        lies = [fault for fault in found.values() if fault.call is Call.POSITIONS and fault.fate is Fate.STALE]
        # Two wrong readings in a row are believed, and so is one after a sale by hand.
        return tuple(fault for fault in found.values() if fault not in lies[0 if by_hand else 1 :])

    def _span(self, fate: Fate) -> int:
        spans = SPANS.get(fate, (0,))
        return self.chance.choice(spans[:2] if self.calm else spans)

    def windows(self) -> tuple[Window, ...]:
        chance = self.chance
        if chance.random() >= 0.4:
            return ()
        return tuple(
            Window(
                at=chance.randrange(2 * SECOND, self.ends),
                what=chance.choice(AWAY),
                span=chance.choice((2, 10, 30, 70)) * SECOND,
            )
            for _ in range(chance.randint(1, 3))
        )

    def crashes(self) -> tuple[Crash, ...]:
        chance = self.chance
        if chance.random() < 0.55:
            return ()
        reach = {Where.APPEND: 160, Where.COMMIT: 60, Where.CALL: 50, Where.ORDER: 10}
        found = []
        for life in range(1, chance.choice((1, 1, 1, 2, 3)) + 1):
            where = chance.choice(tuple(Where))
            most = reach[where] if life == 1 else max(reach[where] // 6, 2)
            found.append(
                Crash(
                    life=life,
                    where=where,
                    edge=chance.choice(tuple(Edge)),
                    nth=chance.randint(1, most),
                    end=self._end(where),
                    down=chance.choice((100, 2_000, 15_000, 70_000)),
                )
            )
        return tuple(found)

    def _end(self, where: Where) -> End:
        if self.chance.random() < 0.7:
            return End.KILLED
        return {Where.APPEND: End.DISK_FULL, Where.COMMIT: End.DISK_FAILS, Where.CALL: End.BUG, Where.ORDER: End.BUG}[
            where
        ]
