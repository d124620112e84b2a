"""What a scenario makes of orders, answers, reports and reads."""

from datetime import timedelta
from decimal import Decimal

import pytest

from adapters.simulated.scenario.scenario import (
    AnswerRule,
    CancelRule,
    Execution,
    FillRule,
    LostAnswer,
    Read,
    ReadRule,
    RejectRule,
    ReplaceRule,
    ReportRule,
    Rule,
    Scenario,
)
from adapters.simulated.scenario.script import Script
from domain.events import (
    CancelAccepted,
    CancelRefused,
    Operation,
    OrderAccepted,
    OrderNotSent,
    OrderRejected,
    OutcomeUnknown,
)
from domain.orders import OrderRole, Side, Signal
from ports.errors import PortUnauthorizedError, PortUnavailableError
from tests.unit.simulated.paper_bench import START, PaperBench, listed

NEVER = FillRule()


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize("pattern", ["*", "UBER", "UBER  260320P00078000", "UBER 78p 2026-03-20"])
def test_a_rule_names_a_contract_in_four_ways(pattern: str):
    assert Rule(contract=pattern).is_for(listed(), Side.BUY_TO_OPEN, OrderRole.ENTRY)


@pytest.mark.parametrize(
    "rule", [Rule(contract="AAPL"), Rule(side=Side.SELL_TO_CLOSE), Rule(role=OrderRole.EXIT), Rule(contract="UBE")]
)
def test_a_rule_for_something_else_does_not_act(rule: Rule):
    assert not rule.is_for(listed(), Side.BUY_TO_OPEN, OrderRole.ENTRY)


def test_a_rule_skips_then_acts_so_often_and_then_the_next_one_does():
    rules = (Rule(skip=1, times=2), Rule(contract="UBER"))
    script = Script(Scenario())
    picked = [script.pick(rules, listed()) for _ in range(5)]
    assert picked == [rules[1], rules[0], rules[0], rules[1], rules[1]]


def test_fills_come_when_and_as_large_as_scripted():
    executions = (
        Execution(after=seconds(5), quantity=1, price=Decimal("0.74")),
        Execution(after=seconds(20), quantity=2),
        Execution(after=seconds(21)),
    )
    bench = PaperBench(Scenario(fills=(FillRule(executions=executions),)))
    order_id = bench.placed(bench.order(quantity=5))
    filled = []
    for after in (4, 2, 14, 1):
        bench.after(after)
        filled.append(bench.report(order_id).filled_quantity)
    assert filled == [0, 1, 3, 5]
    report = bench.report(order_id)
    assert [fill.at - START for fill in report.fills] == [seconds(5), seconds(20), seconds(21)]
    assert [fill.price for fill in report.fills] == [Decimal("0.74"), Decimal("0.75"), Decimal("0.75")]


def test_a_scripted_price_is_never_worse_than_the_limit():
    bench = PaperBench(Scenario(fills=(FillRule(executions=(Execution(price=Decimal("0.99")),)),)))
    order_id = bench.working(bench.order())
    assert bench.report(order_id).fills[0].price == Decimal("0.75")


def test_a_scripted_fill_of_a_market_order_has_the_touch():
    bench = PaperBench(Scenario(fills=(FillRule(executions=(Execution(after=seconds(3)),)),)))
    bench.book("0.70", "0.72")
    order_id = bench.working(bench.order(price=None))
    bench.after(3)
    assert bench.report(order_id).fills[0].price == Decimal("0.72")


def test_an_order_without_executions_never_fills():
    bench = PaperBench(Scenario(fills=(NEVER,)))
    bench.book("0.10", "0.12")
    order_id = bench.working(bench.order())
    bench.after(3600)
    assert bench.report(order_id).filled_quantity == 0


def test_a_fill_rule_of_a_replacement_counts_from_its_taking_over():
    rules = (FillRule(times=1), FillRule(executions=(Execution(),)))
    bench = PaperBench(Scenario(fills=rules))
    order = bench.order()
    old = bench.working(order)
    answer = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(answer, OrderAccepted)
    bench.after(1)
    assert bench.status(old) is Signal.REPORTED_CANCELLED
    report = bench.report(answer.broker_order_id)
    assert (report.status, report.fills[0].price) == (Signal.REPORTED_FILLED, Decimal("0.76"))


def test_a_scripted_reject_comes_as_the_answer_and_so_often():
    bench = PaperBench(Scenario(rejects=(RejectRule(reason="preflight: no", times=1, role=OrderRole.ENTRY),)))
    answer = bench.broker.submit(bench.order(), bench.now)
    assert answer == OrderRejected("T1-1", "preflight: no")
    bench.placed(bench.order())


def test_a_scripted_reject_can_come_when_the_order_works_already():
    bench = PaperBench(Scenario(rejects=(RejectRule(reason="venue: no", after=seconds(3)),)))
    order_id = bench.working(bench.order())
    assert bench.status(order_id) is Signal.REPORTED_WORKING
    bench.after(3)
    report = bench.report(order_id)
    assert (report.status, report.reason) == (Signal.REPORTED_REJECTED, "venue: no")


def test_a_cancel_can_be_refused():
    bench = PaperBench(Scenario(fills=(NEVER,), cancels=(CancelRule(refuse="too late", times=1),)))
    order = bench.order()
    bench.working(order)
    assert bench.broker.cancel(order, bench.now) == CancelRefused("T1-1", "too late")
    assert bench.broker.cancel(order, bench.now) == CancelAccepted("T1-1")


@pytest.mark.parametrize(("quantity", "status"), [(None, Signal.REPORTED_FILLED), (1, Signal.REPORTED_CANCELLED)])
def test_a_fill_can_come_after_the_cancel_request(quantity: int | None, status: Signal):
    rule = CancelRule(fill=Execution(quantity=quantity))
    bench = PaperBench(Scenario(fills=(NEVER,), cancels=(rule,)))
    order = bench.order()
    order_id = bench.working(order)
    bench.broker.cancel(order, bench.now)
    bench.after(1)
    assert (bench.status(order_id), bench.report(order_id).filled_quantity) == (status, quantity or 4)


def test_a_cancel_can_take_its_time_and_its_late_fill_comes_before_the_end():
    rule = CancelRule(fill=Execution(after=seconds(40), quantity=1), takes=seconds(30))
    bench = PaperBench(Scenario(fills=(NEVER,), cancels=(rule,)))
    order = bench.order()
    order_id = bench.working(order)
    bench.broker.cancel(order, bench.now)
    bench.after(14)
    assert bench.report(order_id).filled_quantity == 0
    bench.after(15)
    assert (bench.status(order_id), bench.report(order_id).filled_quantity) == (Signal.REPORTED_WORKING, 1)
    bench.after(1)
    assert bench.status(order_id) is Signal.REPORTED_CANCELLED


def test_a_replace_can_be_refused_or_lose_the_race():
    rules = (ReplaceRule(refuse="not now", times=1), ReplaceRule(fill=Execution(quantity=1)))
    bench = PaperBench(Scenario(fills=(NEVER,), replaces=rules))
    order = bench.order()
    order_id = bench.working(order)
    assert bench.broker.replace(bench.order(price="0.76"), order, bench.now) == OrderRejected("T1-2", "not now")
    answer = bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    assert isinstance(answer, OrderAccepted)
    bench.after(1)
    assert bench.status(answer.broker_order_id) is Signal.REPORTED_CANCELLED
    assert (bench.status(order_id), bench.report(order_id).filled_quantity) == (Signal.REPORTED_WORKING, 1)


def test_an_order_that_lost_the_race_before_it_was_live_still_follows_the_book():
    bench = PaperBench(Scenario(replaces=(ReplaceRule(fill=Execution(quantity=1), takes=seconds(0)),)))
    bench.book("0.80", "0.82")
    order = bench.order()
    order_id = bench.placed(order)
    bench.broker.replace(bench.order(price="0.76"), order, bench.now)
    bench.after(2)
    assert (bench.status(order_id), bench.report(order_id).filled_quantity) == (Signal.REPORTED_WORKING, 1)
    bench.book("0.70", "0.72")
    bench.after(30)
    assert bench.status(order_id) is Signal.REPORTED_FILLED


def lost(operation: Operation, outcome: LostAnswer, arrives_after: float = 0) -> Scenario:
    rule = AnswerRule(operation=operation, outcome=outcome, arrives_after=seconds(arrives_after), times=1)
    return Scenario(fills=(NEVER,), answers=(rule,))


@pytest.mark.parametrize(("outcome", "orders"), [(LostAnswer.ACCEPTED, 1), (LostAnswer.NOT_ACCEPTED, 0)])
def test_a_lost_answer_to_a_submit_proves_nothing(outcome: LostAnswer, orders: int):
    bench = PaperBench(lost(Operation.SUBMIT, outcome))
    answer = bench.broker.submit(bench.order(), bench.now)
    assert isinstance(answer, OutcomeUnknown)
    assert (answer.client_order_id, answer.operation) == ("T1-1", Operation.SUBMIT)
    assert len(bench.broker.orders(START, bench.now)) == orders


def test_a_request_that_never_left_is_not_sent():
    bench = PaperBench(lost(Operation.SUBMIT, LostAnswer.NOT_SENT))
    assert isinstance(bench.broker.submit(bench.order(), bench.now), OrderNotSent)
    assert bench.broker.orders(START, bench.now) == ()


def test_an_order_can_arrive_long_after_its_answer_was_lost():
    bench = PaperBench(lost(Operation.SUBMIT, LostAnswer.ACCEPTED, arrives_after=300))
    order = bench.order()
    bench.broker.submit(order, bench.now)
    bench.after(299)
    assert bench.broker.orders(START, bench.now) == ()
    assert isinstance(bench.broker.cancel(order, bench.now), CancelRefused)
    bench.after(2)
    (report,) = bench.broker.orders(START, bench.now)
    assert (report.client_order_id, report.status) == ("T1-1", Signal.REPORTED_WORKING)


@pytest.mark.parametrize(("outcome", "live"), [(LostAnswer.ACCEPTED, "T1-2"), (LostAnswer.NOT_ACCEPTED, "T1-1")])
def test_a_lost_answer_to_a_replace_proves_nothing(outcome: LostAnswer, live: str):
    bench = PaperBench(lost(Operation.REPLACE, outcome))
    order = bench.order()
    bench.working(order)
    assert isinstance(bench.broker.replace(bench.order(price="0.76"), order, bench.now), OutcomeUnknown)
    bench.after(1)
    assert [order.client_order_id for order in bench.broker.register.live()] == [live]


@pytest.mark.parametrize(("outcome", "live"), [(LostAnswer.ACCEPTED, 0), (LostAnswer.NOT_ACCEPTED, 1)])
def test_a_lost_answer_to_a_cancel_proves_nothing(outcome: LostAnswer, live: int):
    bench = PaperBench(lost(Operation.CANCEL, outcome))
    order = bench.order()
    bench.working(order)
    assert isinstance(bench.broker.cancel(order, bench.now), OutcomeUnknown)
    bench.after(1)
    assert len(list(bench.broker.register.live())) == live


@pytest.mark.parametrize("copies", [0, 1, 3])
def test_reports_come_as_often_as_scripted(copies: int):
    bench = PaperBench(Scenario(fills=(NEVER,), reports=(ReportRule(copies=copies),)))
    bench.working(bench.order())
    working = [report for report in bench.reports if report.status is Signal.REPORTED_WORKING]
    assert len(working) == copies


def test_a_late_report_is_overtaken():
    rules = (ReportRule(copies=1, delay=seconds(10), times=1),)
    bench = PaperBench(Scenario(fills=(NEVER,), reports=rules))
    bench.placed(bench.order())
    bench.after(20)
    assert [report.status for report in bench.reports] == [Signal.REPORTED_WORKING, Signal.REPORTED_PENDING]


def test_reads_fail_so_often_and_then_work():
    rules = tuple(ReadRule(read=read, times=2) for read in (Read.BALANCES, Read.POSITIONS, Read.ORDERS))
    bench = PaperBench(Scenario(reads=rules))
    asks = (bench.broker.balances, bench.broker.positions, lambda now: bench.broker.orders(START, now))
    for ask in asks:
        for _ in range(2):
            with pytest.raises(PortUnavailableError, match="the scenario has the read"):
                ask(bench.now)
        ask(bench.now)


def test_an_authorization_can_be_refused_for_good():
    script = Script(Scenario(reads=(ReadRule(read=Read.AUTHORIZATION, forbidden=True, times=None),)))
    for _ in range(3):
        with pytest.raises(PortUnauthorizedError):
            script.check_read(Read.AUTHORIZATION)
