"""What a day holds, as a value: alerts, market, people, every fault and every crash, each an item of its own.

A plan is all that a run depends on: the same plan gives the same log. Any item can be left out, which is how a failing
day is made small. Times are milliseconds of market time from the day's start.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from composition.simulation.days.habits import AUTHOR, ROOM, Habits
from domain.messages import MessageKind, Source
from domain.orders import OrderRole
from domain.value import Value

# A Friday: half an hour after the opening bell in New York, and five minutes before the closing bell.
MIDDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NEAR_CLOSE = datetime(2026, 11, 20, 20, 55, tzinfo=UTC)


class Kind(StrEnum):
    """What sort of day it is: a few minutes of one session, or an evening, the closed hours after it, and a morning."""

    ORDINARY = "ordinary"
    CALM = "calm"
    CLOSING_BELL = "closing bell"
    HALF_DAY = "closing bell of a half day"
    HOLIDAY = "closed all day"
    OVERNIGHT = "over a night"
    WEEKEND = "over a weekend"
    OVER_HOLIDAY = "over a holiday, to a half day"
    CLOCKS_BACK = "over a weekend in which the clocks go back"
    CLOCKS_FORWARD = "over a weekend in which the clocks go forward"


class Call(StrEnum):
    """What a fault can befall: a call of a port by its purpose, or a report of the broker."""

    ENTRY = "entry"
    EXIT = "exit"
    CLOSE = "close"
    REPLACE = "replace"
    CANCEL = "cancel"
    AUTHORIZE = "authorize"
    CONTRACT = "contract"
    QUOTE = "quote"
    BALANCES = "balances"
    POSITIONS = "positions"
    ORDERS = "orders"
    REPLY = "reply"
    NOTICE = "notice"
    REPORT = "report"
    MESSAGE = "message"


class Fate(StrEnum):
    """What becomes of it. `span` of the fault is how long, `quantity` how much."""

    # orders on their way
    ANSWER_LOST = "answer lost"  # it arrives, the desk hears nothing
    REQUEST_LOST = "request lost"
    ARRIVES_LATE = "arrives late"  # the desk hears nothing, and it arrives after `span`
    GARBLED = "answer garbled"  # it arrives, the answer makes no sense
    REFUSED = "refused"
    NOT_SENT = "not sent"
    ANSWER_SLOW = "answer slow"
    REFUSED_LATER = "refused later"  # accepted, and thrown out by the exchange after `span`
    RACED = "raced by a fill"
    TWICE = "arrives twice"  # the line repeats the request after `span`, and the broker takes both
    # reads, replies, authorization
    UNAVAILABLE = "unavailable"
    SLOW = "slow"  # the answer is of the moment of asking and comes after `span`
    FORBIDDEN = "forbidden"
    HANGS = "hangs"
    STALE = "stale"
    CROSSED = "crossed"
    ONE_SIDED = "one-sided"
    NOTHING = "nothing"
    # the broker's reports and the room's messages
    DROPPED = "dropped"
    DOUBLED = "doubled"
    DELAYED = "delayed"
    CONTRADICTED = "contradicted"  # repeated with another price for the same fill
    FILL_LATE = "fill shown late"  # hidden in reports and reads for `span`, also of an order that has ended
    COUNT_AHEAD = "count ahead of fills"


BROKERS_OWN = frozenset({Fate.RACED, Fate.REFUSED_LATER})  # done by the simulated broker, not by the line to it


@frozen(kw_only=True)
class Fault(Value):
    """The `nth` call of its kind (from 0, over the whole day) meets this fate."""

    call: Call
    fate: Fate
    nth: int
    span: int = 0
    quantity: int = 0


class Outage(StrEnum):
    """What can be away for a while."""

    BROKER = "broker away"
    READS = "reads fail"
    STREAM = "order stream silent"
    NOTIFIER = "notifier down"
    ROOM = "room away"
    AUTHORIZATION = "authorization refused"
    CLOCK = "clock jumps"  # ahead by `span`, once
    STALL = "process stands still"  # the world goes on, and everything waits at the process's door


@frozen(kw_only=True)
class Window(Value):
    what: Outage
    at: int
    span: int


class Where(StrEnum):
    APPEND = "append"
    COMMIT = "commit"
    CALL = "call"
    ORDER = "order"  # a call that sends an order, a replacement or a cancel


class Edge(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class End(StrEnum):
    """How a life of the process ends at a crash point."""

    KILLED = "killed"
    DISK_FULL = "disk full"  # a row finds no room
    DISK_FAILS = "disk fails"  # a commit raises; whether it was durable depends on the edge
    BUG = "adapter raises"


@frozen(kw_only=True)
class Crash(Value):
    """The process's `life`-th run (from 1) ends at its `nth` (from 1) append, commit or port call, for `down` long."""

    life: int
    where: Where
    edge: Edge
    nth: int
    end: End = End.KILLED
    down: int = 1000


# ---- what people do --------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Post(Value):
    """A message. `age` is how long before its arrival it was posted; negative is from the future."""

    at: int
    number: int
    text: str
    user_id: int = AUTHOR
    channel_id: int = ROOM
    kind: MessageKind = MessageKind.POST
    source: Source = Source.DISCORD
    age: int = 200
    webhook_id: int | None = None
    dry_run: bool = False


@frozen(kw_only=True)
class Edit(Value):
    at: int
    number: int
    text: str


@frozen(kw_only=True)
class Delete(Value):
    at: int
    number: int


class Request(StrEnum):
    HALT = "halt"
    RESUME = "resume"
    CANCEL = "cancel"
    REPLACE = "replace"
    CLOSE = "close"
    ALLOW = "allow"
    REMOVE = "remove"
    REFRESH = "refresh"


@frozen(kw_only=True)
class Operate(Value):
    """A request of the operator. `index` picks the order, user or symbol, `ticks` moves a price."""

    at: int
    what: Request
    index: int = 0
    ticks: int = 0


class ByHand(StrEnum):
    SELL = "sell"
    CANCEL = "cancel"


@frozen(kw_only=True)
class Hand(Value):
    """What the account's owner does beside the desk."""

    at: int
    what: ByHand
    index: int = 0
    quantity: int = 1


class Amendment(StrEnum):
    """What the broker does to a fill that it has told of."""

    BUST = "fill taken back"
    PRICE = "fill's price corrected"
    QUANTITY = "fill's quantity corrected"
    RENAME = "fill told under another id"


@frozen(kw_only=True)
class Correction(Value):
    """The broker corrects a fill: `index` picks it among those of ended orders."""

    at: int
    what: Amendment
    index: int = 0


@frozen(kw_only=True)
class Stop(Value):
    """The process ends at an instant, by order or as killed, and starts again after `down`."""

    at: int
    down: int
    killed: bool = True


@frozen(kw_only=True)
class Listing(Value):
    """A contract of the day as alerts name it, with its first book."""

    name: str
    bid: Decimal
    ask: Decimal


@frozen(kw_only=True)
class Move(Value):
    """A contract's book from here on; a side that is None is empty, `age` makes it stale."""

    at: int
    contract: int
    bid: Decimal | None
    ask: Decimal | None
    age: int = 0


@frozen(kw_only=True)
class Piece(Value):
    after: int
    quantity: int | None = None
    price: Decimal | None = None


@frozen(kw_only=True)
class Filling(Value):
    """How orders of a role fill: the `nth` of them, or all others where that is None. Without pieces: never."""

    role: OrderRole
    nth: int | None = None
    pieces: tuple[Piece, ...] = ()


@frozen(kw_only=True)
class Plan(Value):
    """One day. Faults, crashes and people stop at `ends`; then everything must come to rest.

    `calm`: nothing delays the desk, so that it is held to its times. `on_disk`: the log is a file.
    """

    seed: int
    kind: Kind = Kind.ORDINARY
    starts_at: datetime = MIDDAY
    ends: int = 240_000
    calm: bool = False
    on_disk: bool = False
    habits: Habits = Habits()
    listings: tuple[Listing, ...] = ()
    posts: tuple[Post, ...] = ()
    edits: tuple[Edit, ...] = ()
    deletes: tuple[Delete, ...] = ()
    requests: tuple[Operate, ...] = ()
    hands: tuple[Hand, ...] = ()
    moves: tuple[Move, ...] = ()
    fillings: tuple[Filling, ...] = ()
    faults: tuple[Fault, ...] = field(default=())
    windows: tuple[Window, ...] = ()
    crashes: tuple[Crash, ...] = ()
    corrections: tuple[Correction, ...] = ()
    stops: tuple[Stop, ...] = ()


Act = Post | Edit | Delete | Operate | Hand | Move | Window | Correction | Stop


def acts(plan: Plan) -> list[Act]:
    """Return everything that happens at an instant of its own, in the order of time."""
    every: tuple[Act, ...] = (
        *plan.moves,
        *plan.windows,
        *plan.posts,
        *plan.edits,
        *plan.deletes,
        *plan.requests,
        *plan.hands,
        *plan.corrections,
        *plan.stops,
    )
    return sorted(every, key=lambda act: act.at)
