"""Exits are the covered share of what is filled, for every way in which fills can come and be told."""

from hypothesis import given
from hypothesis import strategies as st

from domain import events
from domain.exits import covered_quantity
from domain.orders import OrderRole
from domain.policies import ExitPolicy
from tests.support.builders import dec, make_policies
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import ModelBroker

PARTS = st.lists(st.integers(1, 10), min_size=1, max_size=10).map(
    lambda parts: [part for number, part in enumerate(parts) if sum(parts[: number + 1]) <= 10] or [1]
)
POLICIES = st.sampled_from(
    [ExitPolicy(), ExitPolicy(min=1), ExitPolicy(fraction=dec("33")), ExitPolicy(fraction=dec("100"))]
)


def covered(desk: DeskDriver) -> int:
    return sum(b.leaves for b in desk.broker.live if b.order.role is OrderRole.EXIT)


@given(PARTS, POLICIES)
def test_after_every_composition_of_fills_the_exits_are_the_share_of_the_sum(parts, policy):
    desk = DeskDriver(make_policies(exit=policy))
    desk.say()
    for number, part in enumerate(parts, start=1):
        desk.fill("T1-E1", part)
        assert covered(desk) == covered_quantity(sum(parts[:number]), policy)
    desk.advance(200)
    assert covered(desk) == covered_quantity(sum(parts), policy)


@given(PARTS, POLICIES, st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_reports_lead_to_the_same_exits_and_state(parts, policy, chance):
    desk = DeskDriver(make_policies(exit=policy), broker=ModelBroker())
    desk.say()
    told = []
    for part in parts:
        desk.broker.fill(desk.booked("T1-E1"), part, desk.now)
        told += desk.broker.reports
        desk.broker.reports.clear()
    shuffled = [*told, *chance.choices(told, k=2)]
    chance.shuffle(shuffled)
    for report in shuffled:
        desk.feed(events.OrderReported(report))
        desk.settle()
        assert covered(desk) <= covered_quantity(sum(parts), policy)
    trade = desk.state.trades["T1"]
    assert trade.bought == sum(parts)
    assert covered(desk) == covered_quantity(sum(parts), policy)
    desk.advance(200)
    assert covered(desk) == covered_quantity(sum(parts), policy)


@given(PARTS, st.integers(1, 12), st.randoms(use_true_random=False))
def test_a_close_never_sells_more_than_is_held_and_leaves_the_share_covered(parts, wish, chance):
    desk = DeskDriver()
    desk.say()
    for part in parts:
        desk.fill("T1-E1", part)
    sold_by_exit = chance.randint(0, covered(desk))
    if sold_by_exit:
        desk.fill("T1-X1", min(sold_by_exit, desk.booked("T1-X1").leaves))
    desk.say(f"STC {wish} UBER 78p 12/04")
    for _ in range(20):
        live = [b for b in desk.broker.live if b.order.role is OrderRole.CLOSE]
        if not live:
            break
        desk.fill(live[0].order.client_order_id, chance.randint(1, live[0].leaves))
        desk.advance(chance.choice([1, 20, 90]))
    assert not desk.broker.faults
    assert not desk.state.closings
    position = sum(desk.broker.positions.values())
    assert 0 <= covered(desk) <= position
    trade = desk.state.trades.get("T1")
    if trade is not None:
        wanted = covered_quantity(trade.bought - trade.sold, ExitPolicy())
        assert covered(desk) == max(wanted - trade.exited, 0)
