"""What an operator asks of the desk: halt, resume, cancel, replace, close, and who may trade.

Each request is an event of the desk's own, recorded under the name of this API. Nothing is decided here.
"""

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from adapters.admin_api.answer import Answer
from adapters.admin_api.errors import RequestError, refusal_status
from adapters.admin_api.fields import body_fields
from adapters.admin_api.patience import Patience, PendingError, StoppingError
from adapters.admin_api.views import View, allowlist_view, order_view, trading_state
from domain.allowlist import ListName
from domain.closing import request_of
from domain.desk.state import Output, Phase
from domain.events import (
    AllowlistChangeRequested,
    CancelRequested,
    CloseFinished,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    RequestRefused,
    ResumeRequested,
)
from domain.value import Value
from domain.verdicts import DenialCode, HaltCause
from ports.control import Control, OperatorRequest

ACTOR = "admin-api"
REASON_LENGTH_MAX = 200


@frozen(kw_only=True)
class Operating(Value):
    """The endpoints and what they need."""

    control: Control
    patience: Patience

    async def halt(self, request: Request) -> Response:
        fields = await body_fields(request, known=("reason",), optional=True)
        reason = fields.text("reason", longest=REASON_LENGTH_MAX) or ""
        await self._ask(HaltRequested(ACTOR, reason))
        halts = self.control.state.halts
        ours = next((halt.reason for halt in halts if halt.cause is HaltCause.OPERATOR), None)
        return Answer({"state": trading_state(self.control.state), "reason": ours})

    async def resume(self, request: Request) -> Response:
        fields = await body_fields(request, known=("reason",), optional=True)
        reason = fields.text("reason", longest=REASON_LENGTH_MAX) or ""
        await self._ask(ResumeRequested(ACTOR, reason))
        return Answer({"state": trading_state(self.control.state), "reason": reason or None})

    async def cancel(self, request: Request) -> Response:
        await body_fields(request, known=(), optional=True)
        order_id = request.path_params["order_id"]
        _refuse(await self._ask(CancelRequested(ACTOR, order_id)))
        return Answer(self._accepted(order_id))

    async def replace(self, request: Request) -> Response:
        fields = await body_fields(request, known=("price",))
        order_id = request.path_params["order_id"]
        _refuse(await self._ask(ReplaceRequested(ACTOR, order_id, fields.price("price"))))
        return Answer(self._accepted(order_id))

    async def close(self, request: Request) -> Response:
        """Close everything this system holds in a symbol: one close for each contract."""
        await body_fields(request, known=(), optional=True)
        trade_id = self.control.new_trade_id()
        outputs = await self._ask(CloseRequested(ACTOR, trade_id, request.path_params["symbol"]))
        ended = (output.trade_id for output in outputs if isinstance(output, CloseFinished))
        closes = (closing.trade_id for closing in self.control.state.closes_of(trade_id))
        begun = list(dict.fromkeys((*closes, *(name for name in ended if request_of(name) == trade_id))))
        if not begun:
            _refuse(outputs)
        refused = [{"reason": no.code.value, "detail": no.detail} for no in outputs if isinstance(no, RequestRefused)]
        return Answer({"status": "accepted", "closings": begun, "refused": refused})

    async def allowlist(self, request: Request) -> Response:
        """Return the lists, after the change that a POST or DELETE asks for."""
        if request.method in {"POST", "DELETE"}:
            fields = await body_fields(request, known=("type", "id"))
            name = ListName(fields.choice("type", [choice.value for choice in ListName]))
            number = fields.snowflake("id")
            _refuse(await self._ask(AllowlistChangeRequested(ACTOR, name, number, request.method == "POST")))
        return Answer(allowlist_view(self.control.state.allowlist))

    async def _ask(self, event: OperatorRequest) -> tuple[Output, ...]:
        if self.control.state.phase is Phase.STOPPED:
            raise RequestError(503, "not_ready", "the desk has not started yet; nothing was done")
        try:
            return await self.patience.wait(self.control.request(event))
        except PendingError:
            detail = "the desk has the request and has not done it yet; it stands: look at the audit log"
            raise RequestError(503, "pending", detail) from None
        except StoppingError:
            detail = "the desk is stopping; unless the audit log shows it, this was not done: look after the restart"
            raise RequestError(503, "stopping", detail) from None

    def _accepted(self, order_id: str) -> View:
        order = self.control.state.order(order_id)
        return {"status": "accepted", "order": None if order is None else order_view(order)}


def _refuse(outputs: tuple[Output, ...]) -> None:
    """Answer with the desk's own refusal, if there is one."""
    for output in outputs:
        if isinstance(output, RequestRefused):
            at_price = {DenialCode.PRICE_BELOW_TICK, DenialCode.INSUFFICIENT_BUYING_POWER}
            more = {"field": "price"} if output.code in at_price else {}
            raise RequestError(refusal_status(output.code), output.code.value, output.detail, **more)
