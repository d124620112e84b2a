"""Order entry at Tastytrade: one request for each call, and a judgement of what its answer proves."""

import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal

from tastytrade import Account as SdkAccount

from adapters.tastytrade.classification import (
    Evidence,
    Judgement,
    TransientError,
    Verdict,
    judge_cancel,
    judge_dry_run,
    judge_order,
)
from adapters.tastytrade.json_values import Json, decimal, mapping, mappings, text
from adapters.tastytrade.payloads import sdk_order
from adapters.tastytrade.session import TastytradeSession
from domain.events import (
    CancelAccepted,
    CancelRefused,
    Operation,
    OrderAccepted,
    OrderNotSent,
    OrderRejected,
    OrderValidated,
    OutcomeUnknown,
)
from domain.orders import Order
from ports.errors import PortUnauthorizedError, PortUnavailableError
from ports.order_gateway import CancelResult, OrderGateway, SubmitResult

logger = logging.getLogger(__name__)
DEBIT = "Debit"


class TastytradeOrderGateway(OrderGateway):
    """`source` is what orders say they come from: the product and its version. `writing` is told before each write."""

    def __init__(self, session: TastytradeSession, source: str, writing: Callable[[], None]) -> None:
        self._session = session
        self._source = source
        self._writing = writing
        # The SDK's methods need no more of an account than its number.
        self._account = SdkAccount.model_construct(account_number=session.account)

    async def ensure_authorized(self) -> None:
        await self._session.authorize()

    async def submit(self, order: Order) -> SubmitResult:
        payload = sdk_order(order, self._source)
        return await self._send(
            order, Operation.SUBMIT, lambda: self._account.place_order(self._session.sdk, payload, dry_run=False)
        )

    async def replace(self, order: Order, replaced: Order) -> SubmitResult:
        number = _number(replaced)
        if number is None:
            return OrderNotSent(order.client_order_id, _nameless(replaced), retryable=False)
        payload = sdk_order(order, self._source)
        return await self._send(
            order, Operation.REPLACE, lambda: self._account.replace_order(self._session.sdk, number, payload)
        )

    async def cancel(self, order: Order) -> CancelResult:
        number, name = _number(order), order.client_order_id
        if number is None:
            return OrderNotSent(name, _nameless(order), retryable=False)
        written = await self._write(order, lambda: self._account.delete_order(self._session.sdk, number))
        if isinstance(written, OrderNotSent):
            return written
        judged = judge_cancel(written, self._session.redactor.clean)
        self._tell(name, Operation.CANCEL, judged)
        match judged.verdict:
            case Verdict.ACCEPTED:
                return CancelAccepted(name)
            case Verdict.REFUSED:
                return CancelRefused(name, judged.reason)
            case Verdict.NOT_SENT:
                return OrderNotSent(name, judged.reason)
            case Verdict.UNKNOWN:
                return OutcomeUnknown(name, Operation.CANCEL, judged.reason)

    async def validate(self, order: Order) -> SubmitResult:
        """Dry runs place nothing, so they are repeated on failure; one without an answer is `OrderNotSent`."""
        payload, name = sdk_order(order, self._source), order.client_order_id

        async def once() -> SubmitResult:
            await self._session.authorize()
            evidence = await self._session.write(
                lambda: self._account.place_order(self._session.sdk, payload, dry_run=True)
            )
            judged = judge_dry_run(evidence, self._session.redactor.clean)
            if judged.verdict is Verdict.REFUSED:
                return OrderRejected(name, judged.reason)
            if judged.verdict is not Verdict.ACCEPTED:
                raise TransientError(judged.reason)
            return OrderValidated(name, self._session.redactor.clean(_told(evidence.data)), _fees(evidence.data))

        try:
            return await self._session.retries.run("dry_run", once)
        except PortUnauthorizedError as error:
            return OrderNotSent(name, f"not authorized: {error}", retryable=False)
        except PortUnavailableError as error:
            return OrderNotSent(name, f"the dry run got no answer: {error}")

    async def _send(self, order: Order, operation: Operation, call: Callable[[], Awaitable[object]]) -> SubmitResult:
        name = order.client_order_id
        written = await self._write(order, call)
        if isinstance(written, OrderNotSent):
            return written
        judged = judge_order(written, self._session.redactor.clean)
        self._tell(name, operation, judged)
        match judged.verdict:
            case Verdict.ACCEPTED:
                return OrderAccepted(name, judged.broker_order_id)
            case Verdict.REFUSED:
                return OrderRejected(name, judged.reason)
            case Verdict.NOT_SENT:
                return OrderNotSent(name, judged.reason)
            case Verdict.UNKNOWN:
                return OutcomeUnknown(name, operation, judged.reason)

    async def _write(self, order: Order, call: Callable[[], Awaitable[object]]) -> Evidence | OrderNotSent:
        """One request, or why none was made."""
        try:
            await self._session.authorize()  # nothing to do where `ensure_authorized` has just been called
        except PortUnauthorizedError as error:
            return OrderNotSent(order.client_order_id, f"not authorized: {error}", retryable=False)
        except PortUnavailableError as error:
            return OrderNotSent(order.client_order_id, f"no access token: {error}")
        self._writing()
        return await self._session.write(call)

    def _tell(self, name: str, operation: Operation, judged: Judgement) -> None:
        level = logging.WARNING if judged.verdict is Verdict.UNKNOWN else logging.INFO
        logger.log(level, "%s %s: %s %s", operation.value, name, judged.verdict.value, judged.reason)


class TastytradeDryRunGateway(TastytradeOrderGateway):
    """Has every order checked and places none: dry-run requests are all that it sends."""

    async def submit(self, order: Order) -> SubmitResult:
        return await self.validate(order)

    async def replace(self, order: Order, replaced: Order) -> SubmitResult:  # noqa: ARG002 - there is none to replace
        return await self.validate(order)

    async def cancel(self, order: Order) -> CancelResult:
        return CancelRefused(order.client_order_id, "nothing is placed in a dry run, so there is nothing to cancel")


def _number(order: Order) -> int | None:
    told = order.broker_order_id
    return int(told) if told is not None and told.isdecimal() else None


def _nameless(order: Order) -> str:
    return f"the broker's id of {order.client_order_id} is {order.broker_order_id!r}: it cannot be named to the broker"


def _fees(data: Json) -> Decimal | None:
    """Dollars for the whole order: what it costs is positive."""
    fees = mapping(data.get("fee-calculation"))
    total = decimal(fees.get("total-fees"))
    if total is None:
        return None
    return -abs(total) if fees.get("total-fees-effect") == "Credit" else abs(total)


def _told(data: Json) -> str:
    """What the dry run says of buying power, and its warnings."""
    effect = mapping(data.get("buying-power-effect"))
    parts = []
    change, after = _signed(effect, "change-in-buying-power"), _signed(effect, "new-buying-power")
    if change is not None and after is not None:
        parts.append(f"buying power changes by {change:f} to {after:f}")
    warnings = mappings(data.get("warnings"))
    parts += [f"warning {text(each.get('code')) or ''}: {text(each.get('message')) or ''}" for each in warnings]
    return "; ".join(parts)


def _signed(values: Json, key: str) -> Decimal | None:
    value = decimal(values.get(key))
    if value is None:
        return None
    return -abs(value) if values.get(f"{key}-effect") == DEBIT else value
