"""The simulated account, as the Account port sees it: answers that take a moment of market time."""

from datetime import datetime, timedelta

from adapters.simulated.broker import SimulatedBroker
from domain.account import Balances, Position
from domain.orders import OrderReport
from ports.account import Account
from ports.clock import Clock

READ_TAKES = timedelta(milliseconds=60)


class SimulatedAccount(Account):
    def __init__(self, broker: SimulatedBroker, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock

    async def balances(self) -> Balances:
        return self._broker.balances(await self._after_a_moment())

    async def positions(self) -> tuple[Position, ...]:
        return self._broker.positions(await self._after_a_moment())

    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        return self._broker.orders(since, await self._after_a_moment())

    async def _after_a_moment(self) -> datetime:
        await self._clock.sleep_until(self._clock.now() + READ_TAKES)
        return self._clock.now()
