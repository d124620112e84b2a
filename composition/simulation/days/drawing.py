# ruff: noqa: PLR2004 - the numbers are chances, each beside what it is the chance of
"""A seed's day: how many alerts, by whom, into which market. The same seed draws the same plan."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import TypeVar

from adapters.simulated.scenario.scenario import AfterPartialFill
from composition.simulation.days.faulting import FaultDrawing
from composition.simulation.days.habits import (
    AUTHOR,
    OTHER_AUTHOR,
    OTHER_ROOM,
    ROOM,
    STRANGE_ROOM,
    STRANGER,
    WEBHOOK,
    Habits,
)
from composition.simulation.days.nights import NAMES, Evening, draw_evening, with_morning
from composition.simulation.days.plan import (
    MIDDAY,
    NEAR_CLOSE,
    ByHand,
    Delete,
    Edit,
    Filling,
    Hand,
    Kind,
    Listing,
    Move,
    Operate,
    Piece,
    Plan,
    Post,
    Request,
)
from composition.simulation.days.rarer import with_rarer
from domain.calendar import CalendarName
from domain.messages import MessageKind, Source
from domain.orders import OrderRole
from domain.policies import Conversion, OnExhausted, OtherAuthor
from domain.ticks import PENNY_PROGRAM

T = TypeVar("T")
SECOND = 1000
LAST_DAY = ("SPY 500c 11/20", "QQQ 600p 11/20")
PRICES = ("0.75", "1.20", "1.20", "2.97", "2.97", "5.20", "5.20", "11.00", "24.00", "0.05", "0.30")
CHATTER = ("good morning all", "AAPL looks strong today", "took profits, nice run", "BTO?")
ODD = ("STO UBER 78p 12/04 @ 0.75", "BTO UBER 78p", "BTO UBER 78.37p 12/04 @ 0.75", "BTO UBER 78p 12/04 @ 9.00")
KINDS = (MessageKind.REPLY, MessageKind.FORWARD, MessageKind.EDIT, MessageKind.BOT, MessageKind.OWN, MessageKind.DIRECT)


def draw_plan(seed: int) -> Plan:
    """Return the day of a seed."""
    chance = Random(f"alert-trader day {seed}")  # noqa: S311 - a simulation, no secret
    rare = Random(f"alert-trader rarer things of day {seed}")  # noqa: S311 - as above
    drawing = _Drawing(seed, chance, draw_evening(rare))
    plan = drawing.plan()
    if drawing.evening is not None:
        plan = with_morning(plan, rare, lambda at: drawing.post(at, drawing.text(plan.listings)), _step)
    return with_rarer(plan, rare, busy_until=drawing.ends)


class _Drawing:
    """`evening` is how a day with a closed market in it begins; the last minutes of its session are drawn here."""

    def __init__(self, seed: int, chance: Random, evening: Evening | None) -> None:
        self.seed = seed
        self.chance = chance
        self.evening = evening
        self.calm = evening is None and chance.random() < 0.15
        self.near_close = evening is not None or (not self.calm and chance.random() < 0.08)
        self.ends = chance.choice((150, 210, 270)) * SECOND
        self.number = 0

    def plan(self) -> Plan:
        chance = self.chance
        listings = self._listings()
        posts = self._posts(listings)
        hands = () if self.calm else self._hands()
        bad = FaultDrawing(chance, self.ends, self.calm)
        return Plan(
            seed=self.seed,
            kind=self._kind(),
            starts_at=self._starts_at(),
            ends=max(self.ends, 330 * SECOND) if self.near_close else self.ends,
            calm=self.calm,
            on_disk=chance.random() < 0.03,
            habits=self._habits(),
            listings=listings,
            posts=posts,
            edits=self._some(0.15, 1, lambda at: Edit(at=at, number=self._any_post(), text=self._other_text(listings))),
            deletes=self._some(0.2, 2, lambda at: Delete(at=at, number=self._any_post())),
            requests=self._requests(),
            hands=hands,
            moves=self._moves(listings),
            fillings=self._fillings(),
            faults=bad.faults(by_hand=bool(hands)),
            windows=() if self.calm else bad.windows(),
            crashes=() if self.calm else bad.crashes(),
        )

    def _kind(self) -> Kind:
        if self.evening is not None:
            return self.evening.kind
        if self.calm:
            return Kind.CALM
        return Kind.CLOSING_BELL if self.near_close else Kind.ORDINARY

    def _starts_at(self) -> datetime:
        if self.evening is not None:
            return self.evening.starts_at.astimezone(UTC)
        return NEAR_CLOSE if self.near_close else MIDDAY

    # ---- the world ---------------------------------------------------------------------------------------------------

    def _habits(self) -> Habits:
        chance = self.chance
        return Habits(
            cash=chance.choice((50_000, 50_000, 50_000, 50_000, 20_000, 20_000, 4_000)),
            calendar=CalendarName.NYSE if self.near_close else CalendarName.ALWAYS_OPEN,
            other_author=chance.choice((OtherAuthor.IGNORE, OtherAuthor.IGNORE, OtherAuthor.ADD)),
            conversion=chance.choice((Conversion.MARKETABLE_LIMIT,) * 3 + (Conversion.MARKET,)),
            on_exhausted=chance.choice((OnExhausted.CANCEL,) * 5 + (OnExhausted.REST,)),
            trade_without_quote=chance.random() < 0.8,
            max_chase=chance.choice((20, 20, 20, 2)),
            exit_fraction=chance.choice((50, 50, 50, 50, 33, 100)),
            exit_min=chance.choice((0, 0, 1)),
            replace_after_partial_fill=chance.choice(
                (AfterPartialFill.REFUSE, AfterPartialFill.REFUSE, AfterPartialFill.REMAINING, AfterPartialFill.TOTAL)
            ),
            position_lag=0 if self.calm else chance.choice((0, 0, 0, 500, 3_000, 12_000)),
        )

    def _listings(self) -> tuple[Listing, ...]:
        ordinary = NAMES if self.evening is None else self.evening.names
        last_day = LAST_DAY if self.evening is None else self.evening.last_day
        names = last_day if self.near_close and self.chance.random() < 0.6 else ordinary
        chosen = self.chance.sample(names, min(len(names), self.chance.choice((1, 2, 3, 4))))
        return tuple(self._listing(name) for name in chosen)

    def _listing(self, name: str) -> Listing:
        mid = Decimal(self.chance.choice(PRICES))
        return Listing(name=name, bid=_step(mid, -self.chance.choice((1, 1, 2, 3))), ask=_step(mid, 1))

    def _moves(self, listings: tuple[Listing, ...]) -> tuple[Move, ...]:
        """A walk of a few ticks a quarter of a minute; now and then a book that nobody should trade on."""
        chance, moves = self.chance, []
        pace = chance.choice((10, 20, 45))
        drift = chance.choice((-1, 0, 0, 1, 2))
        for number, listing in enumerate(listings):
            bid, ask = listing.bid, listing.ask
            for at in range(pace * SECOND, self.ends, pace * SECOND):
                ticks = drift + chance.choice((-1, 0, 0, 1))
                bid, ask = _step(bid, ticks), _step(ask, ticks)
                if ask <= bid:
                    ask = _step(bid, 1)
                spoilt = not self.calm and chance.random() < 0.06
                moves.append(self._spoilt(at, number, bid, ask) if spoilt else self._move(at, number, bid, ask))
        return tuple(moves)

    def _move(self, at: int, number: int, bid: Decimal, ask: Decimal) -> Move:
        return Move(at=at + self.chance.randrange(900), contract=number, bid=bid, ask=ask)

    def _spoilt(self, at: int, number: int, bid: Decimal, ask: Decimal) -> Move:
        kind = self.chance.choice(("stale", "crossed", "no bid", "none"))
        if kind == "stale":
            return Move(at=at, contract=number, bid=bid, ask=ask, age=20_000)
        if kind == "crossed":
            return Move(at=at, contract=number, bid=ask, ask=bid)
        return Move(at=at, contract=number, bid=None, ask=ask if kind == "no bid" else None)

    def _fillings(self) -> tuple[Filling, ...]:
        """How the day's orders fill: by the book, or as drawn here."""
        chance = self.chance
        fillings = [
            Filling(role=OrderRole.ENTRY, nth=number, pieces=self._pieces())
            for number in range(6)
            if chance.random() < 0.75
        ]
        fillings += [
            Filling(role=OrderRole.EXIT, nth=number, pieces=self._pieces())
            for number in range(3)
            if chance.random() < 0.2
        ]
        if chance.random() < 0.8:
            fillings.append(Filling(role=OrderRole.ENTRY, pieces=self._pieces()))
        fillings.append(Filling(role=OrderRole.EXIT))
        if chance.random() < 0.5:
            fillings.append(Filling(role=OrderRole.CLOSE, pieces=self._pieces()))
        return tuple(fillings)

    def _pieces(self) -> tuple[Piece, ...]:
        chance = self.chance
        kind = chance.choice(("all", "all", "pieces", "pieces", "pieces", "part", "never"))
        if kind == "never":
            return ()
        first = chance.choice((100, 100, 700, 700, 3_000, 9_000, 15_000, 19_900, 20_150, 22_900, 30_000, 66_700))
        if kind == "all":
            return (Piece(after=first),)
        pieces = [Piece(after=first, quantity=chance.choice((1, 1, 2, 3)))]
        for _ in range(chance.choice((1, 2, 3))):
            pieces.append(Piece(after=pieces[-1].after + chance.choice((30, 200, 4_000, 15_000)), quantity=1))
        return tuple(pieces) if kind == "part" else (*pieces, Piece(after=pieces[-1].after + 3_000))

    # ---- people ------------------------------------------------------------------------------------------------------

    def _posts(self, listings: tuple[Listing, ...]) -> tuple[Post, ...]:
        chance = self.chance
        count = chance.choice((2, 3, 4, 5, 6))
        posts: list[Post] = []
        at = 1_500
        for _ in range(count):
            posts.append(self.post(at, self.text(listings)))
            at += chance.choice((300, 3_000, 9_000, 15_000, 25_000, 40_000))
            if at > self.ends - 20 * SECOND:
                break
            if chance.random() < 0.06:  # the same call again in a message of its own
                posts.append(self.post(at, posts[-1].text))
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            closing = f"STC {chance.choice(('', '', '1/2 ', '2 ', 'partial '))}{chance.choice(listings).name}"
            posts.append(self.post(chance.randrange(20 * SECOND, self.ends), closing, user_id=AUTHOR))
        return tuple(posts)

    def text(self, listings: tuple[Listing, ...]) -> str:
        chance, listing = self.chance, self.chance.choice(listings)
        luck = chance.random()
        if luck < 0.05:
            return chance.choice(CHATTER)
        if luck < 0.09:
            return chance.choice(ODD)
        if luck < 0.2:
            return f"BTO {listing.name}"
        label = chance.choice(("", "", "Alert: ", "Super Lotto: "))
        price = _step(listing.bid, chance.choice((0, 1, 1, 2, 3)))
        return f"{label}BTO {listing.name} @ {price}"

    def _other_text(self, listings: tuple[Listing, ...]) -> str:
        return self.chance.choice((self.text(listings), "never mind"))

    def post(self, at: int, text: str, user_id: int | None = None) -> Post:
        chance = self.chance
        self.number += 1
        odd = chance.random()
        channel_id, kind, webhook_id, age = chance.choice((ROOM, ROOM, OTHER_ROOM)), MessageKind.POST, None, 200
        user_id = chance.choice((AUTHOR, AUTHOR, OTHER_AUTHOR)) if user_id is None else user_id
        if odd < 0.04:
            user_id = STRANGER
        elif odd < 0.06:
            channel_id = STRANGE_ROOM
        elif odd < 0.09:
            kind = chance.choice(KINDS)
        elif odd < 0.11:
            kind, webhook_id, user_id = MessageKind.BOT, chance.choice((WEBHOOK, WEBHOOK + 1)), STRANGER
        elif odd < 0.15:
            age = chance.choice((59_000, 61_000, 600_000, 3 * 86_400_000, -4_000, -20_000))
        return Post(
            at=at,
            number=self.number,
            text=text,
            user_id=user_id,
            channel_id=channel_id,
            kind=kind,
            webhook_id=webhook_id,
            source=chance.choice((Source.DISCORD, Source.DISCORD, Source.API)),
            age=age,
            dry_run=chance.random() < 0.04,
        )

    def _any_post(self) -> int:
        return self.chance.randrange(self.number) + 1

    def _some(self, likely: float, most: int, draw: Callable[[int], T]) -> tuple[T, ...]:
        if self.chance.random() >= likely:
            return ()
        return tuple(draw(self._some_time()) for _ in range(self.chance.randint(1, most)))

    def _some_time(self) -> int:
        return self.chance.randrange(2 * SECOND, self.ends)

    def _requests(self) -> tuple[Operate, ...]:
        kinds = (*Request, Request.REMOVE, Request.REMOVE)
        return self._some(
            0.35,
            3,
            lambda at: Operate(
                at=at,
                what=self.chance.choice(kinds),
                index=self.chance.randrange(4),
                ticks=self.chance.choice((-2, -1, 1, 2)),
            ),
        )

    def _hands(self) -> tuple[Hand, ...]:
        return self._some(
            0.12,
            2,
            lambda at: Hand(
                at=at,
                what=self.chance.choice((ByHand.SELL, ByHand.CANCEL)),
                index=self.chance.randrange(4),
                quantity=self.chance.choice((1, 2, 9)),
            ),
        )


def _step(price: Decimal, ticks: int) -> Decimal:
    for _ in range(abs(ticks)):
        price = PENNY_PROGRAM.up(price) if ticks > 0 else PENNY_PROGRAM.down(price) or price
    return price
