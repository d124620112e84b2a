"""The simulated account, as the Account port sees it: answers that take a moment of market time."""

from datetime import datetime, timedelta

from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.market.following import FollowedQuotes
from domain.account import Balances, Position
from domain.orders import OrderReport
from ports.account import Account
from ports.clock import Clock

READ_TAKES = timedelta(milliseconds=60)


class SimulatedAccount(Account):
    """`following` brings in the real quotes that holdings are valued at, where there are any."""

    def __init__(self, broker: SimulatedBroker, clock: Clock, following: FollowedQuotes | None = None) -> None:
        self._broker = broker
        self._clock = clock
        self._following = following

    async def balances(self) -> Balances:
        if self._following is not None:
            await self._following.refresh(self._broker.held_contracts())
        return self._broker.balances(await self._after_a_moment())

    async def positions(self) -> tuple[Position, ...]:
        return self._broker.positions(await self._after_a_moment())

    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        return self._broker.orders(since, await self._after_a_moment())

    async def _after_a_moment(self) -> datetime:
        await self._clock.sleep_until(self._clock.now() + READ_TAKES)
        return self._clock.now()
