"""What the desk does, as metrics: by rows made by hand, and by a whole paper desk's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from adapters.prometheus.metrics import PrometheusMetrics
from adapters.simulated.scenario.scenario import Execution, FillRule, Scenario
from composition.measuring import OPEN_ALERTS_MAX, MeasuredAuditLog, Measuring, record_state
from domain import commands, events
from domain.alerts import InstrumentKind
from domain.calendar import CalendarName, TradingCalendar
from domain.desk.state import DeskState, Halt, Phase
from domain.instruments import Contract
from domain.messages import Message, Source
from domain.orders import Fill, Order, OrderRole, Side, TimeInForce
from domain.policies import ExitPolicy, Mode
from domain.ticks import TickBand, TickTable
from domain.verdicts import AnswerStatus, DenialCode, HaltCause, LadderMove, Severity
from ports.audit_log import Entry, RowClass
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import received
from tests.fakes.memory_audit_log import MemoryAuditLog
from tests.unit.admin_api.admin_bench import BOOK, POLICIES, Bench, run_desk

START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
MESSAGE = Message(message_id="1", channel_id=20, user_id=10, posted_at=START, text="BTO …", source=Source.DISCORD)
CONTRACT = Contract(
    symbol="UBER  261218P00078000",
    underlying="UBER",
    kind=InstrumentKind.OPTION,
    multiplier=Decimal(100),
    ticks=TickTable((TickBand(Decimal("0.01")),)),
    calendar=TradingCalendar(CalendarName.ALWAYS_OPEN),
)
FILL = Fill("F1", 2, Decimal("0.75"), START)


class Rows:
    """Rows at given seconds, told to a `Measuring`."""

    def __init__(self) -> None:
        self.metrics = PrometheusMetrics(version="1", mode=Mode.PAPER)
        self._measuring = Measuring(self.metrics)
        self._seq = 0

    def add(self, seconds: float, body: object) -> "Rows":
        at = START + timedelta(seconds=seconds)
        told = body
        row_class = RowClass.COMMAND if isinstance(body, commands.Command) else RowClass.DECISION
        if isinstance(body, events.Input):
            told, row_class = events.Stamped(at, body), RowClass.INPUT
        self._seq += 1
        self._measuring(self._seq, Entry(at, row_class, told, None))
        return self

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.value(f"alert_trader_{name}", **labels)


def reply(status: AnswerStatus | None, reason: str | None = None, trade_id: str = "T1") -> commands.Reply:
    return commands.Reply(
        delivery_id="D1",
        trade_id=trade_id,
        message_id="1",
        channel_id=20,
        source=Source.DISCORD,
        text="…",
        status=status,
        reason=reason,
    )


def order(name: str, role: OrderRole) -> Order:
    side = Side.BUY_TO_OPEN if role is OrderRole.ENTRY else Side.SELL_TO_CLOSE
    return Order(
        client_order_id=name,
        trade_id="T1",
        role=role,
        contract=CONTRACT,
        side=side,
        quantity=1,
        limit_price=Decimal("1.50"),
        time_in_force=TimeInForce.GTC,
        sent_at=START,
    )


def filled(role: OrderRole = OrderRole.ENTRY) -> events.OrderFilled:
    return events.OrderFilled("T1", f"T1-{role.value}1", "77", role, FILL, 2)


# ---- alerts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "labels"),
    [
        (reply(AnswerStatus.PLACED), {"verdict": "placed", "code": "none"}),
        (reply(AnswerStatus.PLACED, "outcome_unknown"), {"verdict": "placed", "code": "outcome_unknown"}),
        (reply(AnswerStatus.DRY_RUN), {"verdict": "dry_run", "code": "none"}),
        (reply(AnswerStatus.DENIED, "rejected"), {"verdict": "denied", "code": "rejected"}),
        (events.Denied("T1", DenialCode.STALE, ""), {"verdict": "denied", "code": "stale"}),
        (events.Denied("T1", DenialCode.DUPLICATE, ""), {"verdict": "duplicate", "code": "duplicate"}),
        (events.AlertIgnored("T1", "no_order", ""), {"verdict": "ignored", "code": "no_order"}),
    ],
)
def test_an_alert_is_counted_by_its_first_verdict_with_the_time_it_took(verdict, labels) -> None:
    rows = Rows().add(1, events.AlertReceived("T1", MESSAGE)).add(1.5, verdict).add(2, reply(AnswerStatus.DENIED, "x"))
    assert rows.value("messages_received_total", source="discord") == 1
    assert rows.value("message_age_seconds_sum", source="discord") == 1
    assert rows.value("alerts_total", **labels) == 1
    assert rows.value("alerts_total", verdict="denied", code="x") == 0
    assert rows.value("decision_seconds_sum", verdict=labels["verdict"]) == 0.5


def test_news_and_an_operators_close_are_no_verdicts() -> None:
    rows = Rows().add(0, events.AlertReceived("T1", MESSAGE)).add(1, reply(None))
    rows.add(2, events.Denied("T9", DenialCode.NOTHING_LEFT, ""))
    assert b"alert_trader_alerts_total{" not in rows.metrics.expose()


def test_a_message_from_a_clock_ahead_of_ours_has_no_age() -> None:
    ahead = evolve(MESSAGE, posted_at=START + timedelta(seconds=3))
    rows = Rows().add(0, events.AlertReceived("T1", ahead))
    assert rows.value("message_age_seconds_sum", source="discord") == 0


def test_alerts_without_an_answer_are_forgotten_oldest_first() -> None:
    rows = Rows()
    for number in range(OPEN_ALERTS_MAX + 1):
        rows.add(0, events.AlertReceived(f"T{number}", MESSAGE))
    rows.add(1, reply(AnswerStatus.PLACED, trade_id="T0")).add(1, reply(AnswerStatus.PLACED, trade_id="T1"))
    assert rows.value("alerts_total", verdict="placed", code="none") == 1


# ---- orders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("move", list(LadderMove))
def test_rungs_are_counted_by_their_move(move: LadderMove) -> None:
    rows = Rows().add(0, events.LadderMoved("T1", 1, move, None, None, None, ""))
    assert rows.value("ladder_moves_total", move=move.value) == 1


@pytest.mark.parametrize(
    ("answer", "role", "outcome"),
    [
        (events.OrderAccepted("T1-E1", "77"), "entry", "accepted"),
        (events.OrderRejected("T1-X2", "margin"), "exit", "rejected"),
        (events.OrderNotSent("T1-C1", "no route"), "close", "not_sent"),
        (events.OrderWithheld("T1-X1", "wrong"), "exit", "withheld"),
        (events.OrderValidated("T1-E1"), "entry", "validated"),
        (events.OutcomeUnknown("T1-E12", events.Operation.SUBMIT, "timeout"), "entry", "unknown"),
        (events.OutcomeUnknown("T1-E12", events.Operation.REPLACE, "timeout"), "entry", "unknown"),
        (events.OrderAccepted("what is this", "77"), "other", "accepted"),
    ],
)
def test_order_attempts_are_counted_by_role_and_outcome(answer, role: str, outcome: str) -> None:
    rows = Rows().add(0, answer)
    assert rows.value("order_attempts_total", role=role, outcome=outcome) == 1
    assert rows.value("cancel_attempts_total", role=role, outcome=outcome) == 0


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (events.CancelAccepted("T1-E1"), "accepted"),
        (events.CancelRefused("T1-E1", "filled"), "refused"),
        (events.OutcomeUnknown("T1-E1", events.Operation.CANCEL, "timeout"), "unknown"),
        (events.OrderNotSent("T1-E1", "no route"), "not_sent"),
    ],
)
def test_cancels_are_counted_apart_from_orders(answer, outcome: str) -> None:
    cancel = commands.CancelOrder("T1", order("T1-E1", OrderRole.ENTRY))
    rows = Rows().add(0, cancel).add(1, answer)
    assert rows.value("cancel_attempts_total", role="entry", outcome=outcome) == 1
    rows.add(2, events.OrderNotSent("T1-E1", "no route"))
    assert rows.value("order_attempts_total", role="entry", outcome="not_sent") == 1


def test_an_exit_is_timed_from_the_fill_that_asked_for_it() -> None:
    rows = Rows().add(0, filled()).add(0, commands.SubmitOrder("T1", order("T1-X1", OrderRole.EXIT)))
    rows.add(1, filled()).add(1, commands.SubmitOrder("T1", order("T1-X2", OrderRole.EXIT)))
    rows.add(2, events.OrderAccepted("T1-X1", "78")).add(4, events.OrderAccepted("T1-X2", "79"))
    assert rows.value("fills_total", role="entry") == 2
    assert rows.value("fill_to_exit_seconds_count") == 2
    assert rows.value("fill_to_exit_seconds_sum") == 2 + 3


def test_an_exit_that_fails_at_first_is_timed_to_its_acceptance() -> None:
    rows = Rows().add(0, filled()).add(0, commands.SubmitOrder("T1", order("T1-X1", OrderRole.EXIT)))
    rows.add(1, events.OrderRejected("T1-X1", "busy"))
    rows.add(3, commands.SubmitOrder("T1", order("T1-X2", OrderRole.EXIT))).add(7, events.OrderAccepted("T1-X2", "79"))
    assert (rows.value("fill_to_exit_seconds_count"), rows.value("fill_to_exit_seconds_sum")) == (1, 7)


def test_an_exit_in_doubt_is_timed_when_it_turns_out_to_be_there() -> None:
    rows = Rows().add(0, filled()).add(0, commands.SubmitOrder("T1", order("T1-X1", OrderRole.EXIT)))
    rows.add(1, events.OutcomeUnknown("T1-X1", events.Operation.SUBMIT, "timeout"))
    rows.add(5, events.OrderAccepted("T1-X1", "78"))
    assert rows.value("fill_to_exit_seconds_sum") == 5


@pytest.mark.parametrize("end", [events.ExitWithheld("T1", "rounds down"), events.TradeClosed("T1", 2, None, "sold")])
def test_what_has_no_exit_due_is_not_timed(end) -> None:
    rows = Rows().add(0, filled()).add(0, end)
    rows.add(60, commands.SubmitOrder("T1", order("T1-X1", OrderRole.EXIT))).add(61, events.OrderAccepted("T1-X1", "8"))
    assert rows.value("fill_to_exit_seconds_count") == 0
    assert rows.value("exits_withheld_total") == isinstance(end, events.ExitWithheld)


def test_an_exit_that_is_restored_later_is_not_timed_from_an_old_fill() -> None:
    rows = Rows().add(0, filled()).add(0, commands.SubmitOrder("T1", order("T1-X1", OrderRole.EXIT)))
    rows.add(1, events.OrderAccepted("T1-X1", "78")).add(2, filled(OrderRole.EXIT))
    rows.add(900, commands.SubmitOrder("T1", order("T1-X2", OrderRole.EXIT)))
    rows.add(901, events.OrderAccepted("T1-X2", "79"))
    assert rows.value("fill_to_exit_seconds_count") == 1
    assert rows.value("fills_total", role="exit") == 1


# ---- operation -------------------------------------------------------------------------------------------------------


def test_halts_refusals_failed_reads_and_notices_are_counted() -> None:
    rows = Rows().add(0, events.TradingHalted(HaltCause.DAY_LOSS, "5 %", "risk"))
    rows.add(0, events.RequestRefused("alice", DenialCode.NO_SUCH_ORDER, ""))
    rows.add(0, events.ReadFailed(None, "")).add(0, events.ReadFailed("T1", ""))
    rows.add(0, events.DeskReady(0, 0))
    assert rows.value("halts_total", cause="day_loss") == 1
    assert rows.value("requests_refused_total", code="no_such_order") == 1
    assert rows.value("reads_failed_total", read="desk") == rows.value("reads_failed_total", read="trade") == 1


def test_a_notice_is_counted_once_however_often_it_is_tried() -> None:
    notice = commands.Notify("D7", Severity.PAGE, "look")
    rows = Rows().add(0, notice).add(1, events.NotDelivered("D7", "away")).add(2, notice).add(3, events.Delivered("D7"))
    assert rows.value("notifications_total", severity="page") == 1
    for outcome in ("failed", "delivered"):
        assert rows.value("deliveries_total", what="notice", outcome=outcome) == 1
    rows.add(4, events.DeliveryGivenUp("D8", "too late"))
    assert rows.value("deliveries_total", what="reply", outcome="given_up") == 1


def test_the_gauges_tell_the_state() -> None:
    metrics = PrometheusMetrics(version="1", mode=Mode.PAPER)
    record_state(metrics, DeskState(phase=Phase.ACTIVE, halts=(Halt(HaltCause.OPERATOR, "lunch", "alice"),)))
    assert metrics.value("alert_trader_halted") == metrics.value("alert_trader_ready") == 1
    record_state(metrics, DeskState())
    for name in ("halted", "ready", "open_trades", "working_orders", "unknown_orders", "premium_at_risk_dollars"):
        assert metrics.value(f"alert_trader_{name}") == 0


# ---- the log ---------------------------------------------------------------------------------------------------------


def ticking(step: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def measured(log: MemoryAuditLog) -> tuple[MeasuredAuditLog, PrometheusMetrics]:
    metrics = PrometheusMetrics(version="1", mode=Mode.PAPER)
    ticks = ticking(0.5)
    return MeasuredAuditLog(log, metrics, lambda: next(ticks)), metrics


def test_commits_to_the_log_are_counted_and_timed_and_all_else_is_passed_on() -> None:
    kept = MemoryAuditLog()
    log, metrics = measured(kept)
    assert [log.append(received(number)) for number in range(3)] == [1, 2, 3]
    log.commit()
    assert len(kept.durable) == 3
    assert metrics.value("alert_trader_audit_writes_total", operation="commit", outcome="done") == 1
    assert metrics.value("alert_trader_audit_write_seconds_count", operation="commit") == 1
    assert metrics.value("alert_trader_audit_write_seconds_sum", operation="commit") == 0.5
    assert metrics.value("alert_trader_audit_writes_total", operation="append", outcome="failed") == 0
    assert list(log.inputs()) == list(kept.inputs())
    assert log.rows(trade_id="T1", before=3, limit=1) == kept.rows(trade_id="T1", before=3, limit=1)
    assert len(log.rows()) == 3


def test_a_write_that_fails_is_counted_as_failed_and_fails() -> None:
    log, metrics = measured(MemoryAuditLog(room=1))
    log.append(received(1))
    with pytest.raises(AuditUnavailableError):
        log.append(received(2))
    assert metrics.value("alert_trader_audit_writes_total", operation="append", outcome="failed") == 1
    with pytest.raises(AuditUnavailableError):
        log.commit()
    assert metrics.value("alert_trader_audit_writes_total", operation="commit", outcome="failed") == 1
    assert metrics.value("alert_trader_audit_write_seconds_count", operation="commit") == 1


# ---- a whole desk ----------------------------------------------------------------------------------------------------


def test_a_trade_of_a_whole_desk_shows_in_the_metrics() -> None:
    fills = (FillRule(role=OrderRole.ENTRY, executions=(Execution(after=timedelta(seconds=22)),)), FillRule())

    async def story(desk: Bench) -> None:
        await desk.send()
        await desk.wait(25)
        record_state(desk.metrics, desk.runtime.state)
        assert desk.metrics.value("alert_trader_open_trades") == 1
        assert desk.metrics.value("alert_trader_working_orders") == 1
        assert desk.metrics.value("alert_trader_premium_at_risk_dollars") > 0
        await desk.wait(100)
        value = desk.metrics.value
        assert value("alert_trader_alerts_total", verdict="placed", code="none") == 1
        assert value("alert_trader_decision_seconds_count", verdict="placed") == 1
        assert value("alert_trader_ladder_moves_total", move="step") >= 1
        assert value("alert_trader_order_attempts_total", role="entry", outcome="accepted") >= 2
        assert value("alert_trader_order_attempts_total", role="exit", outcome="accepted") == 1
        assert value("alert_trader_fill_to_exit_seconds_count") == 1
        assert value("alert_trader_fill_to_exit_seconds_sum") < 5

    run_desk(story, Scenario(quotes=BOOK, fills=fills), evolve(POLICIES, exit=ExitPolicy()))
