"""Every order the simulated broker knows, which of them live, and what happens to any of them next."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

from adapters.simulated.exchange.book import Act, BookOrder

KEPT = timedelta(days=30)
FIRST_NUMBER = 1_000_001


class OrderRegister:
    """Ended orders are kept for 30 days of market time, in the order in which they ended."""

    def __init__(self, orders: Iterable[BookOrder] = (), next_number: int = FIRST_NUMBER) -> None:
        self.next_number = next_number
        self._by_id: dict[str, BookOrder] = {}
        self._by_client: dict[str, BookOrder] = {}
        self._live: dict[str, BookOrder] = {}
        self._ended: deque[BookOrder] = deque()
        self._queue: list[tuple[datetime, int, str]] = []
        for order in orders:
            self.add(order)

    def take_number(self) -> int:
        self.next_number += 1
        return self.next_number - 1

    def add(self, order: BookOrder) -> None:
        self._by_id[order.broker_order_id] = order
        if order.client_order_id is not None:
            self._by_client[order.client_order_id] = order
        if order.has_ended:
            self._ended.append(order)
        else:
            self._live[order.broker_order_id] = order
            self.schedule(order)

    def end(self, order: BookOrder, at: datetime) -> None:
        """Move an order that has ended out of the live ones, and forget those that ended long ago."""
        if self._live.pop(order.broker_order_id, None) is not None:
            self._ended.append(order)
        while self._ended and self._ended[0].changed_at < at - KEPT:
            old = self._ended.popleft()
            del self._by_id[old.broker_order_id]
            if old.client_order_id is not None and self._by_client.get(old.client_order_id) is old:
                del self._by_client[old.client_order_id]

    def find(self, broker_order_id: str | None, client_order_id: str | None = None) -> BookOrder | None:
        """Return the order of either id, the broker's first. Of orders that share a client order id, the last."""
        found = self._by_id.get(broker_order_id or "")
        return found if found is not None else self._by_client.get(client_order_id or "")

    def live(self) -> Iterator[BookOrder]:
        """Yield the live orders that have arrived, oldest first."""
        return (order for order in self._live.values() if order.has_arrived)

    def all(self) -> Iterator[BookOrder]:
        """Yield everything that is kept: the ended in the order in which they ended, then the live."""
        yield from self._ended
        yield from self._live.values()

    def since(self, instant: datetime) -> Iterator[BookOrder]:
        """Yield what is live, and what ended at `instant` or later."""
        yield from self.live()
        for order in reversed(self._ended):
            if order.changed_at < instant:
                return
            yield order

    def schedule(self, order: BookOrder) -> None:
        due = order.next_act
        if due is not None:
            heappush(self._queue, (due[0], order.number, order.broker_order_id))

    def next_at(self) -> datetime | None:
        """Return when something happens to any order next, or None."""
        first = self._first()
        return None if first is None else first[2]

    def take_due(self, until: datetime) -> tuple[BookOrder, Act, datetime] | None:
        """Return what happens first up to `until`, taken off the order's agenda, or None."""
        first = self._first()
        if first is None or first[2] > until:
            return None
        heappop(self._queue)
        order, act, _ = first
        del order.agenda[act]
        return first

    def _first(self) -> tuple[BookOrder, Act, datetime] | None:
        """Return what happens first, or None. Entries of the queue that an order's agenda has outdated go."""
        while self._queue:
            at, _, broker_order_id = self._queue[0]
            order = self._live.get(broker_order_id)
            due = None if order is None else order.next_act
            if order is not None and due is not None and due[0] == at:
                return order, due[1], at
            heappop(self._queue)
        return None
