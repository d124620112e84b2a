"""Commands out, events back: each command becomes one call of a port, and its result the event that the core waits for.

Nothing is decided here. An order is written once; what is not proven comes back as unknown.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import assert_never

from attrs import field, frozen

from composition.order_check import OrderCheck
from composition.sent_orders import NewOrder
from domain import commands, events
from domain.messages import Source
from domain.value import Value
from ports.account import Account
from ports.alert_source import AlertSource
from ports.authorization import Authorization
from ports.clock import Clock
from ports.contracts import Contracts
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError
from ports.market_data import MarketData
from ports.notifier import Notifier
from ports.order_gateway import OrderGateway

CouldNotAsk = (PortUnavailableError, PortUnauthorizedError, PortProtocolError)
Events = tuple[events.Input, ...]
OrderCommand = NewOrder | commands.CancelOrder


@frozen
class Dispatcher(Value):
    """The ports a command can go to. `rooms` are the sources that replies go back to; the API's waits by itself.

    `check` has the last word on every new order. It has to see the log's rows: the runtime shows them to it.
    """

    clock: Clock
    gateway: OrderGateway
    account: Account
    market_data: MarketData
    contracts: Contracts
    notifier: Notifier
    authorization: Authorization
    rooms: Mapping[Source, AlertSource]
    check: OrderCheck = field(factory=OrderCheck, kw_only=True)

    async def perform(self, command: commands.Command) -> Events:  # noqa: C901 - one arm for each command
        """Carry out one command and return what came of it. Raises only for a bug of ours or of an adapter."""
        match command:
            case commands.ResolveContract():
                return await self._resolve(command)
            case commands.ReadQuote():
                return await self._quote(command)
            case commands.ReadAccount(trade_id=trade_id):
                return await self._balances(trade_id)
            case commands.ReadBroker():
                return await self._broker(command)
            case commands.SubmitOrder(order=order):
                return await self._write(command, events.Operation.SUBMIT, lambda: self.gateway.submit(order))
            case commands.ReplaceOrder(order=order, replaced=replaced):
                send = partial(self.gateway.replace, order, replaced)
                return await self._write(command, events.Operation.REPLACE, send)
            case commands.CancelOrder(order=order):
                return await self._write(command, events.Operation.CANCEL, lambda: self.gateway.cancel(order))
            case commands.ValidateOrder(order=order):
                return await self._write(command, events.Operation.SUBMIT, lambda: self.gateway.validate(order))
            case commands.Reply() | commands.Notify():
                return await self._deliver(command)
            case commands.RefreshAuthorization(by=by):
                return await self._refresh(by)
            case commands.StartTimer():
                raise TypeError(f"{command} belongs to the runtime, which keeps the timers")
            case _:
                assert_never(command)

    async def _resolve(self, command: commands.ResolveContract) -> Events:
        try:
            found = await self.contracts.resolve(command.trade_id, command.query)
        except CouldNotAsk as error:
            return _unread(command.trade_id, "the option chain could not be read", error)
        if isinstance(found, events.ContractNotFound):
            return (found,)
        return (events.ContractResolved(command.trade_id, found),)

    async def _quote(self, command: commands.ReadQuote) -> Events:
        try:
            return (events.QuoteRead(command.trade_id, await self.market_data.quote(command.contract)),)
        except CouldNotAsk as error:
            return _unread(command.trade_id, "the quote could not be read", error)

    async def _balances(self, trade_id: str | None) -> Events:
        try:
            return (events.AccountRead(trade_id, await self.account.balances()),)
        except CouldNotAsk as error:
            return _unread(trade_id, "the account could not be read", error)

    async def _broker(self, command: commands.ReadBroker) -> Events:
        asked_at = self.clock.now()
        try:
            positions = await self.account.positions()
            # Orders last: a fill between the two reads is then in the orders, and explains the positions.
            orders = await self.account.orders(command.since)
        except CouldNotAsk as error:
            unread = events.BrokerRead(asked_at, (), (), complete=False, detail=str(error))
            return (*_authorization(error), unread)
        return (events.BrokerRead(asked_at, orders, positions, complete=True),)

    async def _deliver(self, what: commands.Reply | commands.Notify) -> Events:
        try:
            if isinstance(what, commands.Notify):
                await self.notifier.notify(what)
            elif what.source in self.rooms:
                await self.rooms[what.source].reply(what)
        except CouldNotAsk as error:
            return (events.NotDelivered(what.delivery_id, str(error)),)
        return (events.Delivered(what.delivery_id),)

    async def _refresh(self, by: str) -> Events:
        try:
            await self.authorization.refresh()
        except PortUnauthorizedError as error:
            return (events.AuthorizationLost(str(error)),)
        except (PortUnavailableError, PortProtocolError) as error:
            return (events.ReadFailed(None, f"the authorization could not be refreshed: {error}"),)
        return (events.AuthorizationRestored(by),)

    async def _write(
        self, command: OrderCommand, operation: events.Operation, send: Callable[[], Awaitable[events.Input]]
    ) -> Events:
        """Send one order command, once it is authorized; a new order only if the last check has nothing against it."""
        name = command.order.client_order_id
        try:
            await self.gateway.ensure_authorized()
        except PortUnauthorizedError as error:
            refused = events.OrderNotSent(name, f"not authorized: {error}", retryable=False)
            return (events.AuthorizationLost(str(error)), refused)
        except (PortUnavailableError, PortProtocolError) as error:
            return (events.OrderNotSent(name, f"the authorization could not be checked: {error}"),)
        if not isinstance(command, commands.CancelOrder):
            instead = self.check.answer_instead(command, operation)
            if instead:
                return instead
        try:
            return (await send(),)
        except CouldNotAsk as error:
            return (events.OutcomeUnknown(name, operation, str(error)),)


def _unread(trade_id: str | None, what: str, error: Exception) -> Events:
    return (*_authorization(error), events.ReadFailed(trade_id, f"{what}: {error}"))


def _authorization(error: Exception) -> Events:
    """A grant that is revoked shows at whatever is asked first: it halts entries, whoever asked."""
    return (events.AuthorizationLost(str(error)),) if isinstance(error, PortUnauthorizedError) else ()
