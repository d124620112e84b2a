"""From the log's rows to metrics: what the desk did, how it ended, how long it took.

An observer of the runtime. It looks at rows and never at the desk's insides, decides nothing, and measures durations of
the market by the rows' own instants, so that a paper desk at ten times the speed tells the same story.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from domain.commands import CancelOrder, Notify, Reply, SubmitOrder
from domain.desk import DeskState
from domain.events import (
    AlertIgnored,
    AlertReceived,
    CancelAccepted,
    CancelRefused,
    Delivered,
    DeliveryGivenUp,
    Denied,
    ExitWithheld,
    LadderMoved,
    NotDelivered,
    Operation,
    OrderAccepted,
    OrderFilled,
    OrderNotSent,
    OrderRejected,
    OrderValidated,
    OrderWithheld,
    OutcomeUnknown,
    ReadFailed,
    RequestRefused,
    Stamped,
    TradeClosed,
    TradingHalted,
)
from domain.orders import Order, OrderRole, OrderStatus
from domain.verdicts import AnswerStatus, DenialCode
from ports.audit_log import AuditLog, Entry, Row
from ports.metrics import Metrics

# Alerts that never get an answer must not be remembered for ever.
OPEN_ALERTS_MAX = 10_000
REPEATS = frozenset({DenialCode.DUPLICATE, DenialCode.DUPLICATE_CONTRACT})
WRITES = "alert_trader_audit_writes_total"
OUTCOMES = {
    OrderAccepted: "accepted",
    OrderRejected: "rejected",
    OrderNotSent: "not_sent",
    OrderWithheld: "withheld",
    OrderValidated: "validated",
    OutcomeUnknown: "unknown",
    CancelAccepted: "accepted",
    CancelRefused: "refused",
}
OrderAnswer = (
    OrderAccepted
    | OrderRejected
    | OrderNotSent
    | OrderWithheld
    | OrderValidated
    | OutcomeUnknown
    | CancelAccepted
    | CancelRefused
)


class Measuring:
    """Call it with each appended row and its number, in order."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._alerts: dict[str, datetime] = {}
        self._cancelling: set[str] = set()
        self._notices: set[str] = set()
        self._exits = _Exits(metrics)

    def __call__(self, _seq: int, entry: Entry) -> None:
        """Record what one row says."""
        body = entry.body.event if isinstance(entry.body, Stamped) else entry.body
        match body:
            case AlertReceived(trade_id=trade_id, message=message):
                self._take_alert(trade_id, entry.at)
                source = message.source.value
                self._metrics.count("alert_trader_messages_received_total", source=source)
                age = max((entry.at - message.posted_at).total_seconds(), 0.0)
                self._metrics.observe("alert_trader_message_age_seconds", age, source=source)
            case AlertIgnored(trade_id=trade_id, reason=reason):
                self._judge(trade_id, entry.at, AnswerStatus.IGNORED, reason)
            case Denied(trade_id=trade_id, code=code):
                verdict = AnswerStatus.DUPLICATE if code in REPEATS else AnswerStatus.DENIED
                self._judge(trade_id, entry.at, verdict, code.value)
            case Reply(trade_id=trade_id, status=AnswerStatus() as verdict, reason=reason):
                self._judge(trade_id, entry.at, verdict, reason or "none")
            case _:
                self._watch_orders(entry, body)

    def _watch_orders(self, entry: Entry, body: object) -> None:
        match body:
            case LadderMoved(move=move):
                self._metrics.count("alert_trader_ladder_moves_total", move=move.value)
            case CancelOrder(order=order):
                self._cancelling.add(order.client_order_id)
            case SubmitOrder(order=order):
                self._exits.submitted(order)
            case OrderFilled(role=role):
                self._metrics.count("alert_trader_fills_total", role=role.name.lower())
                self._exits.filled(body, entry.at)
            case ExitWithheld(trade_id=trade_id):
                self._metrics.count("alert_trader_exits_withheld_total")
                self._exits.forget(trade_id)
            case TradeClosed(trade_id=trade_id):
                self._exits.forget(trade_id)
            case (
                OrderAccepted()
                | OrderRejected()
                | OrderNotSent()
                | OrderWithheld()
                | OrderValidated()
                | OutcomeUnknown()
                | CancelAccepted()
                | CancelRefused()
            ):
                self._take_answer(body, entry.at)
            case _:
                self._watch_operation(body)

    def _watch_operation(self, body: object) -> None:
        match body:
            case TradingHalted(cause=cause):
                self._metrics.count("alert_trader_halts_total", cause=cause.value)
            case RequestRefused(code=code):
                self._metrics.count("alert_trader_requests_refused_total", code=code.value)
            case Notify():
                self._take_notice(body)
            case Delivered(delivery_id=delivery_id):
                self._take_delivery(delivery_id, "delivered")
                self._notices.discard(delivery_id)
            case NotDelivered(delivery_id=delivery_id):
                self._take_delivery(delivery_id, "failed")
            case DeliveryGivenUp(delivery_id=delivery_id):
                self._take_delivery(delivery_id, "given_up")
                self._notices.discard(delivery_id)
            case ReadFailed(trade_id=trade_id):
                self._metrics.count("alert_trader_reads_failed_total", read="desk" if trade_id is None else "trade")
            case _:
                pass

    def _take_alert(self, trade_id: str, at: datetime) -> None:
        self._alerts[trade_id] = at
        if len(self._alerts) > OPEN_ALERTS_MAX:
            del self._alerts[next(iter(self._alerts))]

    def _judge(self, trade_id: str, at: datetime, verdict: AnswerStatus, code: str) -> None:
        """Count an alert's first verdict. A denial is followed by its reply, a close of an operator has no alert."""
        received = self._alerts.pop(trade_id, None)
        if received is not None:
            self._metrics.count("alert_trader_alerts_total", verdict=verdict.value, code=code)
            seconds = (at - received).total_seconds()
            self._metrics.observe("alert_trader_decision_seconds", seconds, verdict=verdict.value)

    def _take_notice(self, notice: Notify) -> None:
        """Count a notice once, however often it is tried."""
        if notice.delivery_id not in self._notices:
            self._notices.add(notice.delivery_id)
            self._metrics.count("alert_trader_notifications_total", severity=notice.severity.value)

    def _take_delivery(self, delivery_id: str, outcome: str) -> None:
        what = "notice" if delivery_id in self._notices else "reply"
        self._metrics.count("alert_trader_deliveries_total", what=what, outcome=outcome)

    def _take_answer(self, answer: OrderAnswer, at: datetime) -> None:
        name, outcome = answer.client_order_id, OUTCOMES[type(answer)]
        if self._is_about_cancel(answer):
            self._cancelling.discard(name)
            self._metrics.count("alert_trader_cancel_attempts_total", role=_role(name), outcome=outcome)
            return
        self._metrics.count("alert_trader_order_attempts_total", role=_role(name), outcome=outcome)
        if isinstance(answer, OrderAccepted):
            self._exits.accepted(name, at)
        elif not isinstance(answer, OutcomeUnknown):
            self._exits.given_up(name)

    def _is_about_cancel(self, answer: OrderAnswer) -> bool:
        if isinstance(answer, OutcomeUnknown):
            return answer.operation is Operation.CANCEL
        unsent = isinstance(answer, OrderNotSent) and answer.client_order_id in self._cancelling
        return unsent or isinstance(answer, CancelAccepted | CancelRefused)


class _Exits:
    """From an entry's fill to the acceptance of the exit that it asked for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._filled: dict[str, datetime] = {}
        self._due: dict[str, tuple[str, datetime]] = {}

    def filled(self, fill: OrderFilled, at: datetime) -> None:
        if fill.role is OrderRole.ENTRY:
            self._filled[fill.trade_id] = at

    def submitted(self, order: Order) -> None:
        filled = self._filled.get(order.trade_id)
        if order.role is OrderRole.EXIT and filled is not None:
            self._due[order.client_order_id] = (order.trade_id, filled)

    def accepted(self, client_order_id: str, at: datetime) -> None:
        due = self._due.pop(client_order_id, None)
        if due is None:
            return
        trade_id, filled = due
        self._metrics.observe("alert_trader_fill_to_exit_seconds", (at - filled).total_seconds())
        if self._filled.get(trade_id) == filled:
            del self._filled[trade_id]

    def given_up(self, client_order_id: str) -> None:
        """Forget one exit; the fill still waits for the next one."""
        self._due.pop(client_order_id, None)

    def forget(self, trade_id: str) -> None:
        self._filled.pop(trade_id, None)
        self._due = {name: due for name, due in self._due.items() if due[0] != trade_id}


class MeasuredAuditLog(AuditLog):
    """Another log, with its commits counted and timed, and the appends that failed counted.

    An append waits for nothing: its rows are written with the commit, and there are many more of them.
    """

    def __init__(self, log: AuditLog, metrics: Metrics, elapsed: Callable[[], float] = time.perf_counter) -> None:
        self._log = log
        self._metrics = metrics
        self._elapsed = elapsed

    def append(self, entry: Entry) -> int:
        try:
            return self._log.append(entry)
        except Exception:
            self._metrics.count(WRITES, operation="append", outcome="failed")
            raise

    def commit(self) -> None:
        started = self._elapsed()
        outcome = "failed"
        try:
            self._log.commit()
            outcome = "done"
        finally:
            self._metrics.count(WRITES, operation="commit", outcome=outcome)
            self._metrics.observe("alert_trader_audit_write_seconds", self._elapsed() - started, operation="commit")

    def discard(self) -> None:
        self._log.discard()

    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        return self._log.inputs(after)

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        return self._log.rows(trade_id=trade_id, before=before, limit=limit)


def record_state(metrics: Metrics, state: DeskState) -> None:
    """Set the gauges to what the desk knows now. Call it before the metrics are shown."""
    runs = [closing.run for closing in state.closings.values() if closing.run is not None]
    orders = [order for trade in state.trades.values() for order in trade.orders]
    orders += [order for run in runs for order in run.orders]
    metrics.gauge("alert_trader_open_trades", len(state.trades))
    metrics.gauge("alert_trader_working_orders", sum(order.status.is_live for order in orders))
    metrics.gauge("alert_trader_unknown_orders", sum(order.status is OrderStatus.UNKNOWN for order in orders))
    metrics.gauge("alert_trader_premium_at_risk_dollars", float(state.exposure().premium_at_risk))
    metrics.gauge("alert_trader_halted", float(bool(state.halts)))
    metrics.gauge("alert_trader_ready", float(state.is_ready))


def _role(client_order_id: str) -> str:
    """Return what an order is for: the letter after the last dash of its client order id says it."""
    _, _, tail = client_order_id.rpartition("-")
    return next((role.name.lower() for role in OrderRole if tail.startswith(role.value)), "other")
