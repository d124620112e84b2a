"""Prices and counts: always on the grid, never worse than meant, never more than allowed."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.exits import covered_quantity, exit_price
from domain.ladder import LadderPlan, chase_cap, decide_rung, opening_price
from domain.orders import Side
from domain.policies import Conversion, EntryPolicy, ExitPolicy, RiskPolicy, SizePolicy
from domain.quotes import Quote
from domain.sizing import size_entry
from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM, TickTable
from domain.verdicts import LadderMove
from tests.support.builders import START, make_contract, make_policies, seconds
from tests.unit.domain.test_risk import request

TABLES = st.sampled_from([PENNY_ALL, PENNY_PROGRAM, NICKEL])
PRICES = st.decimals(min_value="0.0001", max_value=5000, places=4)
SIDES = st.sampled_from(list(Side))


@st.composite
def grid_prices(draw) -> tuple[TickTable, Decimal]:
    table = draw(TABLES)
    return table, table.ceil(draw(PRICES))


@given(TABLES, PRICES)
def test_rounding_is_on_the_grid_idempotent_and_never_worse(table, price):
    up, down = table.ceil(price), table.floor(price)
    assert table.on_grid(up)
    assert up >= price
    assert table.ceil(up) == up == table.floor(up)
    if down is None:
        assert up == min(band.tick for band in table.bands)
    else:
        assert table.on_grid(down)
        assert down <= price
        assert table.ceil(down) == down
        assert up == down or table.up(down) == up


@given(grid_prices())
def test_up_and_down_undo_each_other(table_and_price):
    table, price = table_and_price
    assert table.on_grid(table.up(price))
    assert table.down(table.up(price)) == price
    below = table.down(price)
    assert below is None or table.up(below) == price


@given(TABLES, PRICES)
def test_the_neighbours_of_any_price_are_the_nearest(table, price):
    assert table.up(price) > price
    assert table.floor(table.up(price) - Decimal("0.0001")) in {None, table.floor(price)}
    below = table.down(price)
    assert below is None or below < price


@st.composite
def plans(draw) -> LadderPlan:
    table = draw(TABLES)
    contract = make_contract(ticks=table)
    side = draw(SIDES)
    alert = draw(st.none() | PRICES)
    mid = draw(st.none() | PRICES)
    policy = EntryPolicy(
        max_increments=draw(st.integers(0, 6)),
        conversion=draw(st.sampled_from(list(Conversion))),
        max_chase=Decimal(draw(st.integers(0, 100))),
    )
    start = opening_price(contract, side, alert, mid)
    assume(start is not None)
    cap = chase_cap(contract, alert, policy) if side.is_buy else None
    return LadderPlan(contract=contract, side=side, start=start, cap=cap, policy=policy, quote_age_max=seconds(2))


@st.composite
def quotes(draw) -> Quote | None:
    if draw(st.booleans()):
        return None
    bid = draw(PRICES)
    return Quote(bid, bid + draw(st.decimals(min_value=0, max_value=1, places=4)), START)


@given(plans(), st.lists(quotes(), min_size=6, max_size=6))
def test_a_ladder_moves_one_tick_toward_the_far_touch_and_never_past_its_limits(plan, seen):
    price = plan.start
    for quote in seen[: plan.policy.max_increments]:
        rung = decide_rung(plan, price, quote)
        if rung.move is LadderMove.CONVERT and rung.price is None:
            assert plan.policy.conversion is Conversion.MARKET
            return
        if rung.move in {LadderMove.HOLD, LadderMove.SKIP}:
            assert rung.price is None
            continue
        assert plan.contract.ticks.on_grid(rung.price)
        assert rung.price == plan.next_tick(price)
        if plan.side.is_buy:
            assert plan.allows(rung.price)
            assert rung.price <= plan.worst_price
            if quote is not None:
                assert rung.price <= plan.contract.ticks.ceil(quote.ask)
        elif quote is not None:
            touch = plan.contract.ticks.floor(quote.bid)
            assert touch is None or rung.price >= touch
        price = rung.price


@given(plans())
def test_a_ladder_starts_no_worse_than_was_meant(plan):
    assert plan.contract.ticks.on_grid(plan.start)
    assert plan.worst_price >= plan.start or not plan.side.is_buy
    assert plan.cap is None or plan.start <= plan.cap


@given(st.integers(0, 1000), st.integers(0, 10000), st.integers(0, 1))
def test_the_covered_share_is_the_floor_of_the_whole(filled, hundredths, least):
    policy = ExitPolicy(fraction=Decimal(hundredths) / 100, min=least)
    exact = floor(Fraction(filled) * Fraction(hundredths, 10000))
    covered = covered_quantity(filled, policy)
    assert covered in {exact, max(exact, min(least, filled))}
    assert covered <= filled


@given(
    TABLES,
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 900)), min_size=1, max_size=6),
    st.integers(1, 10000),
)
def test_the_exit_price_is_the_exact_target_rounded_up(table, fills, target):
    quantity = sum(count for count, _ in fills)
    cost = sum((count * Decimal(cents) / 100 for count, cents in fills), Decimal(0))
    price = exit_price(cost / quantity, ExitPolicy(target=Decimal(target)), table)
    exact = Fraction(cost) / quantity * (1 + Fraction(target, 100))
    assert Fraction(price) >= exact
    below = table.down(price)
    assert below is None or Fraction(below) < exact


@given(
    st.decimals(min_value="0.01", max_value=100, places=2),
    st.decimals(min_value=0, max_value=100_000, places=2),
    st.none() | st.integers(0, 100),
    st.booleans(),
    st.integers(0, 3),
)
def test_a_size_keeps_every_limit(worst, allocation, wish, honored, least):
    policies = make_policies(
        size=SizePolicy(honor_alert_quantity=honored, min_contracts=least), risk=RiskPolicy(max_contracts=7)
    )
    alert = request().alert.__class__(action=request().alert.action, symbol="UBER", instrument=None, quantity=wish)
    sizing = size_entry(alert, make_contract(), worst, allocation, policies)
    cost = sizing.quantity * worst * 100
    assert 0 <= sizing.quantity <= 7
    assert cost <= policies.risk.max_premium
    assert cost <= allocation or sizing.quantity <= least
    if honored and wish is not None:
        assert sizing.quantity <= wish
    assert sizing.by_allocation == floor(Fraction(allocation) / (Fraction(worst) * 100))
    assert ceil(cost) >= 0
