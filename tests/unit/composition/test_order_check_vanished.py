"""What the broker shows no more, with the last check in the path: contracts are offered again, and never twice."""

import pytest
from attrs import evolve

from domain import events
from domain.orders import OrderRole
from tests.support.checked_driver import CheckedDriver
from tests.support.model_broker import Booked

STC = "STC UBER 78p 12/04"


def without_its_exit(quantity: int) -> tuple[CheckedDriver, Booked]:
    desk = CheckedDriver()
    desk.say()
    desk.fill("T1-E1", quantity)
    if quantity < desk.booked("T1-E1").order.quantity:
        desk.end("T1-E1")
    booked = desk.booked("T1-X1")
    desk.broker.books.remove(booked)
    desk.advance(900)
    assert any("counts as live" in page for page in desk.pages())
    return desk, booked


def test_a_close_takes_its_place():
    desk, _ = without_its_exit(4)
    desk.say(STC)
    desk.advance(200)
    assert not desk.withheld
    assert desk.offered == 4


def test_what_is_left_after_a_sale_by_hand_is_covered():
    desk, booked = without_its_exit(10)
    desk.broker.trade_by_hand(booked.order.contract.symbol, -4)
    desk.advance(900)
    assert not desk.withheld
    assert desk.offered == 3


@pytest.mark.parametrize("restart", [False, True])
def test_one_that_is_shown_again_works_again_and_nothing_is_offered_twice(restart):
    desk, booked = without_its_exit(4)
    desk.say(STC)
    desk.advance(100)
    close = next(other for other in desk.broker.live if other.order.role is OrderRole.CLOSE)
    desk.feed(events.CancelRequested("operator", close.broker_order_id))
    desk.settle()
    assert desk.offered == 2, "the exit is restored"
    desk.broker.books.append(booked)
    desk.broker.zombies = True
    if restart:
        desk.crash()
    desk.advance(300)
    assert desk.offered == 2
    assert not desk.withheld
    assert not desk.broker.faults


@pytest.mark.parametrize(("filled", "rest"), [(1, 3), (1, 4), (0, 4)])
def test_an_exit_that_a_person_replaced_leaves_everything_covered(filled, rest):
    desk = CheckedDriver()
    desk.say()
    desk.fill("T1-E1", 8)
    old = desk.booked("T1-X1")
    if filled:
        desk.fill("T1-X1", filled)
    new = evolve(old, broker_order_id="B90", order=evolve(old.order, quantity=rest), fills=(), replaces=old)
    desk.broker.zombies = True
    desk.end("T1-X1")
    desk.broker.books.append(new)
    desk.feed(events.OrderReported(evolve(new.report(), replaces=old.broker_order_id)))
    desk.settle()
    desk.advance(300)
    assert desk.offered == 4 - filled
    assert not desk.state.trades["T1"].uncovered
    assert not desk.withheld
