"""`POST /admin/alerts/process`: a message from outside Discord, decided on like any other."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from adapters.admin_api.alert_view import read_as
from adapters.admin_api.answer import Answer
from adapters.admin_api.errors import RequestError
from adapters.admin_api.fields import body_fields
from adapters.admin_api.patience import Patience, PendingError, StoppingError
from domain.commands import Reply
from domain.desk.state import DeskState
from domain.grammar.plain import decimal_text
from domain.messages import Message, Source
from domain.value import Value
from ports.clock import Clock
from ports.control import Control

FIELDS = ("message", "channel_id", "user_id", "message_id", "dry_run")
# The grammar refuses far shorter texts; the body's limit is what holds here.
MESSAGE_LENGTH_MAX = 16 * 1024


@frozen(kw_only=True)
class Deciding(Value):
    """The endpoint and what it needs. `why_not_ready` is None when alerts can be decided on."""

    control: Control
    clock: Clock
    why_not_ready: Callable[[], str | None]
    patience: Patience

    async def process(self, request: Request) -> Response:
        """Decide on the message and answer as soon as its entry is acknowledged or refused."""
        fields = await body_fields(request, known=FIELDS)
        message = Message(
            text=fields.required_text("message", longest=MESSAGE_LENGTH_MAX),
            channel_id=fields.snowflake("channel_id"),
            user_id=fields.snowflake("user_id"),
            message_id=fields.message_id("message_id") or f"api-{uuid4().hex}",
            dry_run=fields.flag("dry_run"),
            posted_at=self.clock.now(),
            source=Source.API,
        )
        why = self.why_not_ready()
        if why is not None:
            raise RequestError(503, "not_ready", f"{why}; nothing was decided, send it again when /readyz is 200")
        try:
            reply = await self.patience.wait(self.control.process(message))
        except PendingError:
            raise RequestError(
                503,
                "pending",
                "the desk has the alert and has not answered yet; its decision stands, so do not send it again: "
                "look at /admin/trades/ID or the audit log",
                trade_id=_trade_id_of(message, self.control.state),
                message_id=message.message_id,
            ) from None
        except StoppingError:
            raise RequestError(
                503,
                "stopping",
                "the desk is stopping; what it decided before stands, and a restart takes it up: look at the audit log",
                trade_id=_trade_id_of(message, self.control.state),
                message_id=message.message_id,
            ) from None
        return Answer(reply_view(reply, read_as(message, self.control.state)))


def reply_view(reply: Reply, alert: dict[str, object] | None) -> dict[str, object]:
    """Return the desk's first reply with the keys that scripts rely on."""
    return {
        "status": None if reply.status is None else reply.status.value,
        "reason": reply.reason,
        "detail": reply.text,
        "trade_id": reply.trade_id,
        "alert": alert,
        "quantity": reply.facts.get("quantity"),
        "order_id": reply.facts.get("order_id"),
        "entry_price": _plain(reply.facts.get("entry_price")),
    }


def _plain(fact: str | int | Decimal | None) -> str | int | None:
    return decimal_text(fact) if isinstance(fact, Decimal) else fact


def _trade_id_of(message: Message, state: DeskState) -> str | None:
    """Return the trade that a message led to, as far as the state shows one."""
    waiting = ((received.trade_id, received.message) for received in state.waiting)
    candidates = ((candidate.trade_id, candidate.message) for candidate in state.candidates.values())
    trades = ((trade.trade_id, trade.message) for trade in (*state.trades.values(), *state.archive.values()))
    closings = ((closing.trade_id, closing.message) for closing in state.closings.values())
    for known in (waiting, candidates, trades, closings):
        for trade_id, its_message in known:
            if its_message is not None and its_message.message_id == message.message_id:
                return trade_id
    return None
