# noqa: INP001 (run as a module, no package)
"""A desk's weeks as rows of a log: the real core on the tests' broker, in virtual time.

Each trade is an alert among chatter, filled at once, with its exit resting, sold by the analyst's close minutes later.
The broker is read meanwhile, and everything said is delivered. Nothing is repeated: every row is of its own making.
"""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from composition.entries import entry_of
from domain.desk import Output
from domain.events import Input, Stamped
from domain.messages import Source
from domain.orders import Order
from domain.policies import RiskPolicy
from ports.audit_log import Entry
from tests.support.builders import make_policies
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Booked, ModelBroker

CHATTER = "good morning all, watching UBER and SPY here, nothing yet"
CHATTER_SECONDS, RESTING_SECONDS = 2, 150
FIRST_POST = 10**18
FRIDAY = 4


class CountingBroker(ModelBroker):
    """Its order ids are unique though it forgets what is over."""

    booked = 0

    def _book(self, order: Order, original: Booked | None = None) -> Booked:
        made = super()._book(order, original)
        self.booked += 1
        made.broker_order_id = f"B{self.booked}"
        return made


class DeskHistory(DeskDriver):
    """`turns` yields what each event led to, entry by entry. `chatter` is how many posts go before each alert."""

    def __init__(self, chatter: int) -> None:
        self.chatter = chatter
        self._turns: deque[tuple[Entry, ...]] = deque()
        self._posts = FIRST_POST
        limits = RiskPolicy(max_entries_day=500, max_entries_author=500, max_day_loss=Decimal(100))
        super().__init__(make_policies(risk=limits), broker=CountingBroker())

    def feed(self, event: Input) -> tuple[Output, ...]:
        outputs = super().feed(event)
        stamped = self.log.pop()
        self.outputs.clear()
        bodies = (Stamped(stamped.at, event), *outputs)
        self._turns.append(tuple(entry_of(stamped.at, body) for body in bodies))
        return outputs

    def turns(self) -> Iterator[tuple[Entry, ...]]:
        """Yield turns for ever. The state is ahead of them until `is_taken_up`."""
        number = 0
        while True:
            while self._turns:
                yield self._turns.popleft()
            self._trade(number)
            number += 1

    @property
    def is_taken_up(self) -> bool:
        return not self._turns

    def _trade(self, number: int) -> None:
        for _ in range(self.chatter):
            self._say(CHATTER)
            self.advance(CHATTER_SECONDS)
        contract = f"UBER {20 + number % 160}p {_expiry(self.now.date()):%m/%d}"
        self._say(f"BTO {contract} @ 0.75")
        self._fill_all()
        self.advance(RESTING_SECONDS)
        self._say(f"STC {contract}")
        self._fill_all()
        self.advance(RESTING_SECONDS)
        self.broker.books.clear()

    def _say(self, text: str) -> None:
        self._posts += 1
        self.post(text, message_id=str(self._posts), source=Source.DISCORD)
        self.settle()

    def _fill_all(self) -> None:
        for booked in self.broker.live:
            if booked.order.role is not booked.order.role.EXIT:
                self.broker.fill(booked, booked.leaves, self.now)
        self.settle()


def _expiry(today: date) -> date:
    after = today + timedelta(days=7)
    return after + timedelta(days=(FRIDAY - after.weekday()) % 7)
