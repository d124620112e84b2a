"""The order gateway as a bad line: requests and answers get lost, come late or garbled, or are refused."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from attrs import define

from composition.simulation.days.plan import Call, Fate, Fault, Outage, Where
from composition.simulation.faults.crashing import Life
from composition.simulation.faults.injecting import Injector
from composition.simulation.faults.waiting import wait
from composition.simulation.truth.witness import Posted, Witness
from domain.commands import CancelOrder, ReplaceOrder, SubmitOrder, ValidateOrder
from domain.events import CancelRefused, Operation, OrderNotSent, OrderRejected, OutcomeUnknown
from domain.orders import Order, OrderRole
from ports.clock import Clock
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError
from ports.order_gateway import CancelResult, OrderGateway, SubmitResult

A = TypeVar("A", SubmitResult, CancelResult)
Send = Callable[[], Awaitable[A]]
CALLS = {OrderRole.ENTRY: Call.ENTRY, OrderRole.EXIT: Call.EXIT, OrderRole.CLOSE: Call.CLOSE}
COMMANDS = {Operation.SUBMIT: SubmitOrder, Operation.REPLACE: ReplaceOrder, Operation.CANCEL: CancelOrder}
CLOSE_ONLY = "close_only_violation"


@define
class FaultyOrderGateway(OrderGateway):
    """`spawn` runs a request that the process no longer waits for: it outlives the process, as bytes on a line do."""

    inner: OrderGateway
    life: Life
    injector: Injector
    clock: Clock
    spawn: Callable[[int, Callable[[], Awaitable[object]]], None]

    async def ensure_authorized(self) -> None:
        act = self.life.before(Where.CALL, Call.AUTHORIZE)
        fault = self.injector.meet(Call.AUTHORIZE)
        await self.inner.ensure_authorized()
        self.life.after(act)
        if self.injector.is_away(Outage.AUTHORIZATION) or (fault and fault.fate is Fate.FORBIDDEN):
            raise PortUnauthorizedError("the simulated credentials are refused")
        if self.injector.is_away(Outage.BROKER) or fault is not None:
            raise PortUnavailableError("the simulated broker cannot be reached")

    async def submit(self, order: Order) -> SubmitResult:
        result: SubmitResult | CancelResult = await self._write(
            CALLS[order.role], Operation.SUBMIT, order, lambda: self.inner.submit(order)
        )
        return result  # type: ignore[return-value] # a submit is answered as a submit

    async def replace(self, order: Order, replaced: Order) -> SubmitResult:
        result: SubmitResult | CancelResult = await self._write(
            Call.REPLACE, Operation.REPLACE, order, lambda: self.inner.replace(order, replaced)
        )
        return result  # type: ignore[return-value] # as above

    async def cancel(self, order: Order) -> CancelResult:
        result: SubmitResult | CancelResult = await self._write(
            Call.CANCEL, Operation.CANCEL, order, lambda: self.inner.cancel(order)
        )
        return result  # type: ignore[return-value] # a cancel is answered as a cancel

    async def validate(self, order: Order) -> SubmitResult:
        act = self.life.before(Where.CALL, "validate")
        if not self._witness.is_safe(ValidateOrder, order.client_order_id):
            self._witness.violate("write before act", f"{order.client_order_id} was validated before its row was safe")
        answer = await self.inner.validate(order)
        self.life.after(act)
        return answer

    @property
    def _witness(self) -> Witness:
        return self.life.witness

    async def _write(
        self, call: Call, operation: Operation, order: Order, send: Callable[[], Awaitable[SubmitResult | CancelResult]]
    ) -> SubmitResult | CancelResult:
        act, sent = self.life.before(Where.CALL, call), self.life.before(Where.ORDER, call)
        fault = self.injector.meet(call)
        name = order.client_order_id
        if self.injector.is_away(Outage.BROKER) or (fault is not None and fault.fate is Fate.NOT_SENT):
            return OrderNotSent(name, "the simulated line was never up")
        self._leaves(operation, order)
        answer = await self._fare(fault, operation, order, send)
        self.life.after(act)
        self.life.after(sent)
        return answer

    def _leaves(self, operation: Operation, order: Order) -> None:
        """Note a request that leaves the process: from here on the broker may have it."""
        witness, name = self._witness, order.client_order_id
        if not witness.is_safe(COMMANDS[operation], name):
            witness.violate("write before act", f"{operation} of {name} left before its row was safe", order.trade_id)
        witness.posts.append(Posted(self.clock.now(), self.life.number, operation, order, len(witness.rows)))

    async def _fare(
        self,
        fault: Fault | None,
        operation: Operation,
        order: Order,
        send: Callable[[], Awaitable[SubmitResult | CancelResult]],
    ) -> SubmitResult | CancelResult:
        name = order.client_order_id
        fate = None if fault is None else fault.fate
        span = 0 if fault is None else fault.span
        match fate:
            case Fate.REFUSED:
                await wait(self.clock, 60)
                words = "refused: the simulated broker says no"
                return CancelRefused(name, words) if operation is Operation.CANCEL else OrderRejected(name, words)
            case Fate.REQUEST_LOST:
                await wait(self.clock, span)
                return OutcomeUnknown(name, operation, "no answer in time")
            case Fate.ARRIVES_LATE:
                self._witness.late_symbols.add(order.contract.symbol)
                self.spawn(span, send)
                await wait(self.clock, min(span, 10_000))
                return OutcomeUnknown(name, operation, "no answer in time")
            case Fate.ANSWER_LOST:
                await self._taken(operation, order, send)
                await wait(self.clock, span)
                return OutcomeUnknown(name, operation, "the line broke before the answer")
            case Fate.GARBLED:
                await self._taken(operation, order, send)
                raise PortProtocolError("the answer is no JSON")
            case Fate.TWICE:
                self._witness.doubled.add(name)
                self._witness.late_symbols.add(order.contract.symbol)
                answer = await self._taken(operation, order, send)
                self.spawn(span, send)
                return answer
            case Fate.ANSWER_SLOW:
                answer = await self._taken(operation, order, send)
                await wait(self.clock, span)
                return answer
            case _:
                return await self._taken(operation, order, send)

    async def _taken(
        self, operation: Operation, order: Order, send: Callable[[], Awaitable[SubmitResult | CancelResult]]
    ) -> SubmitResult | CancelResult:
        """Put the request to the broker. A new sale of more than is held and free is the desk's own fault.

        A replacement may be: what it replaces has filled, and the news of it is on its way.
        """
        answer = await send()
        symbol = order.contract.symbol
        witness = self._witness
        excused = witness.late_symbols | witness.touched_symbols | witness.amended_symbols
        refused = isinstance(answer, OrderRejected) and CLOSE_ONLY in answer.reason
        if refused and operation is Operation.SUBMIT and symbol not in excused:
            self._witness.violate("never oversell", f"{order.client_order_id}: {answer}", order.trade_id)
        return answer
