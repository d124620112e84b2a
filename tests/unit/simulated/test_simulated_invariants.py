"""What holds for every sequence of calls on the simulated broker, whatever the seed."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.simulated.exchange.ledger import FeeSchedule
from adapters.simulated.exchange.snapshot import snapshot
from adapters.simulated.scenario.scenario import AfterPartialFill, CancelRule, Execution, FillRule, Scenario
from domain.orders import Order, OrderReport, Side, Signal, TimeInForce
from tests.unit.simulated.paper_bench import PaperBench

ENDED = {Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED}
CASH = Decimal(3000)
FEES = FeeSchedule()


@frozen
class Step:
    """One call: what, on which of the orders so far, how many, how many ticks from 0.75, after how long."""

    what: str
    which: int
    quantity: int
    ticks: int
    wait: float


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["buy", "buy", "sell", "replace", "replace", "cancel", "wait", "fill", "market", "spike"]),
        which=st.integers(0, 7),
        quantity=st.integers(1, 6),
        ticks=st.integers(-6, 12),
        wait=st.sampled_from([0.0, 0.05, 0.2, 0.7, 3.0, 40.0, 4000.0, 90_000.0]),
    ),
    min_size=6,
    max_size=25,
)
SCENARIOS = st.sampled_from(
    [
        Scenario(),
        Scenario(replace_after_partial_fill=AfterPartialFill.REMAINING),
        Scenario(replace_after_partial_fill=AfterPartialFill.TOTAL),
        Scenario(cancels=(CancelRule(fill=Execution(quantity=1)),)),
        Scenario(fills=(FillRule(executions=(Execution(after=timedelta(seconds=1), quantity=1), Execution())),)),
    ]
)


def play(
    steps: list[Step], seed: int, scenario: Scenario, *, after_each: Callable[[PaperBench], None] = lambda _bench: None
) -> PaperBench:
    bench = PaperBench(scenario, seed=seed, cash=str(CASH))
    bench.market.anchor(bench.contract, Decimal("0.75"), bench.now)
    orders: list[Order] = []
    for step in steps:
        take(bench, orders, step)
        after_each(bench)
    return bench


def take(bench: PaperBench, orders: list[Order], step: Step) -> None:
    price = str(Decimal("0.75") + step.ticks * Decimal("0.01"))
    chosen = orders[step.which % len(orders)] if orders else None
    if step.what == "buy":
        orders.append(bench.order(quantity=step.quantity, price=price))
        bench.broker.submit(orders[-1], bench.now)
    elif step.what == "sell":
        orders.append(bench.order(Side.SELL_TO_CLOSE, step.quantity, price, time_in_force=TimeInForce.GTC))
        bench.broker.submit(orders[-1], bench.now)
    elif step.what == "market":
        orders.append(bench.order(Side.SELL_TO_CLOSE, step.quantity, None))
        bench.broker.submit(orders[-1], bench.now)
    elif step.what == "spike":
        bench.book(price, str(Decimal(price) + Decimal("0.02")))
    elif chosen is not None and step.what == "replace":
        orders.append(bench.order(chosen.side, chosen.quantity, price, time_in_force=chosen.time_in_force))
        bench.broker.replace(orders[-1], chosen, bench.now)
    elif chosen is not None and step.what == "cancel":
        bench.broker.cancel(chosen, bench.now)
    elif chosen is not None and step.what == "fill":
        known = bench.broker.register.find(None, chosen.client_order_id)
        if known is not None and not known.has_ended:
            bench.broker.fill(known.broker_order_id, step.quantity, None, bench.now)
    bench.after(step.wait)


@given(steps=STEPS, seed=st.integers(0, 1000), scenario=SCENARIOS)
@settings(deadline=None)
def test_after_every_call_the_books_are_right_and_what_has_ended_stays(
    steps: list[Step], seed: int, scenario: Scenario
):
    ended: dict[str, OrderReport] = {}

    def check(bench: PaperBench) -> None:
        check_money(bench)
        check_orders(bench)
        for report in reports(bench):
            assert ended.get(report.broker_order_id, report) == report
            if report.status in ENDED:
                ended[report.broker_order_id] = report

    play(steps, seed, scenario, after_each=check)


def check_money(bench: PaperBench) -> None:
    """Money and contracts are neither made nor lost, and nothing is short or overspent."""
    ledger = bench.broker.ledger
    cash, fees, held = CASH, Decimal(0), 0
    for report in reports(bench):
        assert report.side is not None
        sign = 1 if report.side.is_buy else -1
        for fill in report.fills:
            cash -= sign * bench.contract.value(fill.price, fill.quantity)
            fees += FEES.of(bench.contract, report.side, fill.quantity)
            held += sign * fill.quantity
    assert held >= 0
    assert ledger.fees == fees
    assert ledger.cash == cash - fees + ledger.settled
    assert bench.contract.cut_off is not None
    assert ledger.held(bench.contract.symbol) == (held if bench.now < bench.contract.cut_off else 0)
    assert bench.broker.balances(bench.now).buying_power >= 0


def check_orders(bench: PaperBench) -> None:
    """No order fills more than it is for or worse than its limit, and every id is given out once."""
    ids: Counter[str] = Counter()
    for report in reports(bench):
        ids[report.broker_order_id] += 1
        assert report.filled_quantity == sum(fill.quantity for fill in report.fills) <= report.quantity
        assert (report.status is Signal.REPORTED_FILLED) == (report.filled_quantity == report.quantity)
        assert report.side is not None
        for fill in report.fills:
            ids[fill.fill_id] += 1
            if report.limit_price is not None:
                assert fill.price <= report.limit_price if report.side.is_buy else fill.price >= report.limit_price
    assert [name for name, times in ids.items() if times > 1] == []


@given(steps=STEPS, seed=st.integers(0, 1000), scenario=SCENARIOS)
@settings(deadline=None, max_examples=40)
def test_reports_end_where_the_order_does(steps: list[Step], seed: int, scenario: Scenario):
    bench = play(steps, seed, scenario)
    bench.after(5)
    last = {report.broker_order_id: report for report in bench.reports}
    assert last == {report.broker_order_id: report for report in reports(bench)}


@given(steps=STEPS, seed=st.integers(0, 1000), scenario=SCENARIOS)
@settings(deadline=None, max_examples=40)
def test_the_same_calls_give_the_same_account(steps: list[Step], seed: int, scenario: Scenario):
    assert snapshot(play(steps, seed, scenario).broker) == snapshot(play(steps, seed, scenario).broker)


@given(seed=st.integers(0, 1000), total=st.sampled_from([30.0, 700.0, 86_400.0]))
@settings(deadline=None, max_examples=25)
def test_how_often_time_is_looked_at_changes_nothing(seed: int, total: float):
    rarely = PaperBench(Scenario(), seed=seed)
    closely = PaperBench(Scenario(), seed=seed)
    for bench in (rarely, closely):
        bench.market.anchor(bench.contract, Decimal("0.75"), bench.now)
        bench.held(3)
        bench.placed(bench.order(quantity=4))
        bench.placed(bench.order(Side.SELL_TO_CLOSE, 3, "0.95", time_in_force=TimeInForce.GTC))
    for _ in range(200):
        closely.after(total / 200)
    rarely.broker.advance(closely.now)
    assert snapshot(rarely.broker) == snapshot(closely.broker)


@pytest.mark.parametrize("seed", [1, 2])
def test_two_seeds_tell_two_stories(seed: int):
    def story(number: int) -> list[OrderReport]:
        bench = PaperBench(Scenario(), seed=number)
        bench.market.anchor(bench.contract, Decimal("0.75"), bench.now)
        bench.placed(bench.order(quantity=6))
        bench.after(120)
        return reports(bench)

    assert story(seed) == story(seed)
    assert story(seed) != story(seed + 10)


def reports(bench: PaperBench) -> list[OrderReport]:
    return [order.report() for order in bench.broker.register.all()]
