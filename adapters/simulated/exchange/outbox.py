"""Order reports on their way to whoever listens: each comes a little after what it tells of.

Reports are news, not state: one that is still on its way when the process ends is lost, as with a real stream.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from adapters.simulated.exchange.book import BookOrder
from adapters.simulated.exchange.matching import latency
from adapters.simulated.scenario.script import Script
from domain.orders import OrderReport

Listener = Callable[[OrderReport], None]
REPORT_MS = (20, 90)
AT_ONCE = timedelta(0)


class Outbox:
    def __init__(self, seed: int, script: Script) -> None:
        self._seed = seed
        self._script = script
        self._waiting: list[tuple[datetime, int, OrderReport]] = []
        self._posted = 0
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have every report from now on given to `listener`, and return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def post(self, order: BookOrder, at: datetime) -> None:
        """Send what the broker says of the order now, after a short while and never before an earlier report of it."""
        rule = self._script.pick(self._script.scenario.reports, order.contract, order.side, order.role)
        due = at + latency(self._seed, *REPORT_MS, order.number, "report", order.status, order.filled)
        if order.reported_until is not None:
            due = max(due, order.reported_until)
        order.reported_until = due
        report = order.report()
        for _ in range(1 if rule is None else rule.copies):
            self._posted += 1
            heappush(self._waiting, (due + (AT_ONCE if rule is None else rule.delay), self._posted, report))

    def next_at(self) -> datetime | None:
        return self._waiting[0][0] if self._waiting and self._listeners else None

    def deliver(self, until: datetime) -> None:
        """Give out what is due, in order. Without a listener it is lost."""
        while self._waiting and self._waiting[0][0] <= until:
            report = heappop(self._waiting)[2]
            for listener in tuple(self._listeners):
                listener(report)
