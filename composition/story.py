"""Log rows in a trader's words: one line for each thing that happened, nothing for what only the machine needs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from composition.printable import printable
from domain.alerts import Right
from domain.calendar import NEW_YORK
from domain.orders import OrderStatus
from domain.value import Value
from domain.wording import in_full, money
from ports.audit_log import Row

Body = Mapping[str, Any]


class Tone(StrEnum):
    """How a line is meant; the terminal gives each a colour."""

    PLAIN = "plain"
    FAINT = "faint"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"


@frozen
class Line(Value):
    """One line: when (aware UTC), what kind of thing in a word, what exactly. `trade_id` None: the desk's own.

    Its words are printable, whoever wrote the message that they come from.
    """

    at: datetime
    word: str = field(converter=printable)
    text: str = field(converter=printable)
    tone: Tone = Tone.PLAIN
    trade_id: str | None = None

    def __str__(self) -> str:
        return f"{self.at.astimezone(NEW_YORK):%H:%M:%S}  {self.word:<12} {self.text}"


Told = tuple[str, str, Tone]


def tell(row: Row) -> Line | None:
    """Return a row as a line, or None for a row that says nothing to a person. Times read in New York."""
    teller = TELLERS.get(row.kind)
    told = teller(row.body) if teller is not None else None
    return None if told is None else Line(row.at, *told, trade_id=row.trade_id)


def _price(value: str | None) -> str:
    return money(None if value is None else Decimal(value))


def _side(value: str | None) -> str:
    return in_full(None if value is None else Decimal(value))


def _contract(body: Body) -> str:
    if body.get("strike") is None:
        return str(body["symbol"])
    right = Right(body["right"])[0].lower()
    return f"{body['underlying']} {Decimal(body['strike']).normalize():f}{right} {body['expires_on']}"


def _order(body: Body) -> str:
    order = body["order"]
    verb = "buy" if order["side"] == "BUY_TO_OPEN" else "sell"
    what = f"{verb} {order['quantity']} {_contract(order['contract'])} @ {_price(order['limit_price'])}"
    return f"{what} {order['time_in_force']} ({order['client_order_id']})"


def _alert_received(body: Body) -> Told:
    message = body["message"]
    text = " ".join(message["text"].split())
    return "alert", f"{text[:200]}  (author {message['user_id']}, channel {message['channel_id']})", Tone.PLAIN


def _alert_read(body: Body) -> Told:
    alert = body["alert"]
    verb = {"BTO": "buy", "STC": "sell"}.get(alert["action"], alert["action"])
    price = f" @ {_price(alert['price'])}" if alert["price"] is not None else ", no price"
    named = {**alert, "underlying": alert["symbol"]}
    return "read", f"{verb} {_contract(named)}{price}", Tone.FAINT


def _checks(body: Body) -> Told:
    return "checks", f"all {len(body['checks'])} passed", Tone.FAINT


def _sized(body: Body) -> Told:
    return "size", f"{body['quantity']} contracts ({body['detail']})", Tone.PLAIN


def _ladder(body: Body) -> Told:
    bid, ask = body["bid"], body["ask"]
    market = "no quote" if bid is None and ask is None else f"{_side(bid)} x {_side(ask)}"
    to = f" to {_price(body['price'])}" if body["move"] in {"step", "convert", "close_out"} else ""
    return f"step {body['rung']}", f"{body['move']}{to}: {body['reason']} ({market})", Tone.PLAIN


def _filled(body: Body) -> Told:
    fill = body["fill"]
    role = {"E": "bought", "X": "exit sold", "C": "closed"}[body["role"]]
    price = _price(fill["price"])
    text = f"{role} {fill['quantity']} @ {price}, {body['cumulative']} so far (order {body['broker_order_id']})"
    return "filled", text, Tone.GOOD


def _ended(body: Body) -> Told | None:
    if body["status"] == "filled":
        return None
    reason = f": {body['reason']}" if body["reason"] else ""
    name = body["broker_order_id"] or body["client_order_id"]
    return body["status"], f"order {name} with {body['filled']} filled{reason}", Tone.FAINT


def _entry_finished(body: Body) -> Told | None:
    if body["reason"].startswith(OrderStatus.VALIDATED):
        return None  # a dry run: the broker's answer says it all
    if not body["filled"]:
        return "not filled", body["reason"], Tone.WARNING
    return "entry done", f"{body['filled']} @ {_price(body['average_price'])} on average ({body['reason']})", Tone.GOOD


def _close_finished(body: Body) -> Told:
    if not body["sold"]:
        return "not sold", body["reason"], Tone.WARNING
    return "sold", f"{body['sold']} @ {_price(body['average_price'])} on average", Tone.GOOD


def _closed(body: Body) -> Told | None:
    if not body["bought"]:
        return None  # the entry's end says it already
    profit = "" if body["profit"] is None else f", {Decimal(body['profit']):+.2f} dollars before fees"
    return "closed", f"{body['bought']} bought, none held ({body['reason']}){profit}", Tone.PLAIN


def _accepted(body: Body) -> Told:
    return "accepted", f"order {body['broker_order_id']} ({body['client_order_id']})", Tone.FAINT


def _reply(body: Body) -> Told | None:
    """The acknowledgements: what else a reply says is in the rows that it was made from."""
    word = "exit placed" if "exit_order_id" in body["facts"] else body["status"]
    if word not in {"placed", "exit placed"}:
        return None
    return word, body["text"].partition(": ")[2], Tone.PLAIN


def _denied(body: Body) -> Told:
    return "denied", _because(body["code"], body["detail"]), Tone.BAD


def _notice(body: Body) -> Told:
    tone = {"info": Tone.PLAIN, "warning": Tone.WARNING}.get(body["severity"], Tone.BAD)
    return body["severity"], body["text"], tone


def _taken_over(body: Body) -> Told:
    return "account", f"{body['symbol']}: {body['expected']} expected, {body['held']} held", Tone.WARNING


def _session(body: Body) -> Told:
    buying_power = Decimal(body["buying_power"])
    return "session", f"{body['day']}: buying power {buying_power:.2f} at the start", Tone.FAINT


def _allowlist(body: Body) -> Told:
    now = "on the list now" if body["allowed"] else "off the list now"  # it may have been there, or never
    return "allowlist", f"{body['name']} {body['number']} is {now}, by {body['by']}", Tone.WARNING


def _because(told: str, why: str) -> str:
    """Return what is told and, where there is one, the reason after a colon."""
    return f"{told}: {why}" if why else told


def _ready(body: Body) -> Told:
    return "ready", f"{body['open_trades']} open trades, {body['working_orders']} working orders", Tone.FAINT


TELLERS: Mapping[str, Callable[[Body], Told | None]] = {
    "AlertReceived": _alert_received,
    "AlertRead": _alert_read,
    "AlertIgnored": lambda body: ("ignored", _because(body["reason"], body["detail"]), Tone.FAINT),
    "Denied": _denied,
    "ChecksPassed": _checks,
    "EntrySized": _sized,
    "LadderMoved": _ladder,
    "SubmitOrder": lambda body: ("order", _order(body), Tone.PLAIN),
    "ValidateOrder": lambda body: ("dry run", _order(body), Tone.PLAIN),
    "ReplaceOrder": lambda body: ("replace", _order(body), Tone.PLAIN),
    "CancelOrder": lambda body: ("cancel", f"order {body['order']['broker_order_id']}", Tone.PLAIN),
    "OrderAccepted": _accepted,
    "OrderRejected": lambda body: ("rejected", f"{body['client_order_id']}: {body['reason']}", Tone.BAD),
    "OrderNotSent": lambda body: ("not sent", f"{body['client_order_id']}: {body['reason']}", Tone.BAD),
    "OrderValidated": lambda body: ("valid", f"{body['client_order_id']} {body['detail']}".strip(), Tone.GOOD),
    "OrderWithheld": lambda body: ("withheld", f"{body['client_order_id']}: {body['reason']}", Tone.BAD),
    "OutcomeUnknown": lambda body: ("unknown", f"{body['client_order_id']}: {body['detail']}", Tone.WARNING),
    "OrderFilled": _filled,
    "OrderEnded": _ended,
    "EntryFinished": _entry_finished,
    "ExitWithheld": lambda body: ("no exit", body["reason"], Tone.WARNING),
    "CloseFinished": _close_finished,
    "TradeClosed": _closed,
    "PositionTakenOver": _taken_over,
    "PositionReturned": _taken_over,
    "SessionStarted": _session,
    "TradingHalted": lambda body: ("halted", f"{body['cause']}: {body['reason']} (by {body['by']})", Tone.BAD),
    "TradingResumed": lambda body: ("resumed", _because(f"by {body['by']}", body["reason"]), Tone.GOOD),
    "AllowlistChanged": _allowlist,
    "RequestRefused": lambda body: ("refused", f"{body['code']}: {body['detail']}", Tone.BAD),
    "DeskReady": _ready,
    "Notify": _notice,
    "Reply": _reply,
}
