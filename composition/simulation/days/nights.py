# ruff: noqa: PLR2004 - the numbers are chances, each beside what it is the chance of
"""Days with a closed market in them: half days, holidays, nights and weekends, and those in which the clocks change.

An evening's last minutes are drawn as any day's. What is added here: the morning after, what fills then, and what
becomes of the process in between.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from attrs import evolve, frozen

from composition.simulation.days.plan import Filling, Kind, Listing, Move, Outage, Piece, Plan, Post, Stop, Window
from domain.calendar import NEW_YORK, CalendarName, TradingCalendar, new_york_date
from domain.orders import OrderRole
from domain.value import Value

SECOND, MINUTE = 1_000, 60_000
NAMES = ("UBER 78p 12/04", "UBER 80p 12/04", "AAPL 150c 12/04", "DELL 260c 12/11", "SOFI 9c 12/18")
SPRING_NAMES = ("UBER 78p 04/16", "UBER 80p 04/16", "AAPL 150c 04/16", "DELL 260c 03/19", "SOFI 9c 03/19")
HOLDS_A_NIGHT = frozenset(
    {Kind.OVERNIGHT, Kind.WEEKEND, Kind.OVER_HOLIDAY, Kind.CLOCKS_BACK, Kind.CLOCKS_FORWARD, Kind.HALF_DAY}
)
A_NIGHT = 24 * 60 * MINUTE


@frozen
class Evening(Value):
    """When such a day starts, in New York, and which contracts it has: ordinary ones, and some that expire."""

    kind: Kind
    year: int
    month: int
    day: int
    hour: int
    minute: int
    last_day: tuple[str, str]
    names: tuple[str, ...] = NAMES

    @property
    def starts_at(self) -> datetime:
        return datetime(self.year, self.month, self.day, self.hour, self.minute, tzinfo=NEW_YORK)


# Each with its weight among them.
EVENINGS: tuple[tuple[int, Evening], ...] = (
    (25, Evening(Kind.HALF_DAY, 2026, 11, 27, 12, 55, ("SPY 500c 11/27", "QQQ 600p 11/30"))),
    (10, Evening(Kind.HOLIDAY, 2026, 11, 26, 11, 0, ("SPY 500c 11/27", "QQQ 600p 11/27"))),
    (35, Evening(Kind.OVERNIGHT, 2026, 11, 19, 15, 55, ("SPY 500c 11/19", "QQQ 600p 11/20"))),
    (14, Evening(Kind.WEEKEND, 2026, 11, 20, 15, 55, ("SPY 500c 11/20", "QQQ 600p 11/23"))),
    (8, Evening(Kind.OVER_HOLIDAY, 2026, 11, 25, 15, 55, ("SPY 500c 11/25", "QQQ 600p 11/27"))),
    (4, Evening(Kind.CLOCKS_BACK, 2026, 10, 30, 15, 55, ("SPY 500c 10/30", "QQQ 600p 11/02"))),
    (4, Evening(Kind.CLOCKS_FORWARD, 2027, 3, 12, 15, 55, ("SPY 500c 03/12", "QQQ 600p 03/15"), SPRING_NAMES)),
)


def draw_evening(chance: Random) -> Evening | None:
    """Return how such a day begins; None for most days, which have none of it."""
    if chance.random() >= 0.02:
        return None
    weights = [weight for weight, _ in EVENINGS]
    return chance.choices([evening for _, evening in EVENINGS], weights)[0]


def with_morning(
    plan: Plan, chance: Random, post: Callable[[int], Post], walk: Callable[[Decimal, int], Decimal]
) -> Plan:
    """Return an evening's plan with the closed hours and the morning after it; unchanged where no night follows.

    `post` draws a post at an instant, `walk` moves a price by so many ticks.
    """
    if plan.kind not in HOLDS_A_NIGHT or (plan.kind is Kind.HALF_DAY and chance.random() < 0.6):
        return plan
    night = _Night(plan, chance)
    return evolve(
        plan,
        ends=night.opens + chance.choice((10, 12, 15)) * MINUTE,
        posts=(*plan.posts, *(post(night.opens + at) for at in night.instants())),
        moves=(*plan.moves, *(move for number in range(len(plan.listings)) for move in night.walked(number, walk))),
        fillings=(*night.fillings(), *plan.fillings),
        stops=night.stops(),
        windows=(*plan.windows, *night.windows()),
    )


class _Night:
    """`closes` and `opens` are the evening's end and the next session's begin, in milliseconds of the plan."""

    def __init__(self, plan: Plan, chance: Random) -> None:
        calendar = TradingCalendar(CalendarName.NYSE)
        today = new_york_date(plan.starts_at)
        this, following = calendar.session(today), calendar.session(calendar.sessions_after(today, 1))
        if this is None or following is None:
            raise ValueError(f"{plan.starts_at} is in no session; an evening starts in one")
        self.plan = plan
        self.chance = chance
        self.closes = (this.closes_at - plan.starts_at) // timedelta(milliseconds=1)
        self.opens = (following.opens_at - plan.starts_at) // timedelta(milliseconds=1)

    def instants(self) -> tuple[int, ...]:
        """When something is posted, from the opening bell on; some of it before."""
        chance = self.chance
        at = chance.choice((-180_000, -4_000, 2_000, 15_000))
        found = []
        for _ in range(chance.choice((1, 2, 3))):
            found.append(at)
            at += chance.choice((5_000, 30_000, 90_000, 180_000))
        return tuple(found)

    def walked(self, number: int, walk: Callable[[Decimal, int], Decimal]) -> tuple[Move, ...]:
        """The book opens with a gap and walks on."""
        chance, listing = self.chance, self.plan.listings[number]
        bid, ask = _moved(listing, walk, chance.choice((-9, -3, 0, 2, 8)))
        moves = []
        for at in range(self.opens, self.opens + 9 * MINUTE, 45 * SECOND):
            moves.append(Move(at=at, contract=number, bid=bid, ask=ask))
            ticks = chance.choice((-1, 0, 0, 1))
            bid, ask = walk(bid, ticks), walk(ask, ticks)
            ask = ask if ask > bid else walk(bid, 1)
        return tuple(moves)

    def fillings(self) -> tuple[Filling, ...]:
        """Exits that rested through it fill in the morning: whole, in pieces or in part."""
        chance = self.chance
        found = []
        for number in range(3):
            if chance.random() < 0.5:
                at = self.opens + chance.randrange(2 * SECOND, 8 * MINUTE)
                pieces = chance.choice(((Piece(after=at),), (Piece(after=at, quantity=1), Piece(after=at + 40_000))))
                found.append(Filling(role=OrderRole.EXIT, nth=number, pieces=pieces))
        return tuple(found)

    def stops(self) -> tuple[Stop, ...]:
        """The process is off for the night, or is started again in the middle of it, or works through."""
        chance = self.chance
        works_through = chance.random() < (0.15 if self.opens < A_NIGHT else 0.05)
        if works_through:
            return ()
        off = self.closes + chance.choice((-20, 5, 40, 400)) * SECOND
        on = self.opens + chance.choice((-600, -60, -1, 20, 240)) * SECOND
        killed = chance.random() < 0.3
        if chance.random() < 0.6:
            return (Stop(at=off, down=on - off, killed=killed),)
        middle = chance.randrange(off + 60 * MINUTE, on - 60 * MINUTE)
        up = chance.choice((3, 12)) * MINUTE
        return (
            Stop(at=off, down=middle - off, killed=killed),
            Stop(at=middle + up, down=on - middle - up, killed=chance.random() < 0.3),
        )

    def windows(self) -> tuple[Window, ...]:
        """The broker's maintenance in the night, the room's, or a line that is down as the market opens."""
        chance = self.chance
        if chance.random() < 0.5:
            return ()
        what = chance.choice((Outage.BROKER, Outage.READS, Outage.STREAM, Outage.ROOM, Outage.AUTHORIZATION))
        span = chance.choice((2, 20, 60)) * MINUTE
        last = self.opens + chance.choice((-5, 1, 3)) * MINUTE
        return (Window(at=max(last - span, self.closes), what=what, span=span),)


def _moved(listing: Listing, walk: Callable[[Decimal, int], Decimal], ticks: int) -> tuple[Decimal, Decimal]:
    bid, ask = walk(listing.bid, ticks), walk(listing.ask, ticks)
    return bid, ask if ask > bid else walk(bid, 1)
