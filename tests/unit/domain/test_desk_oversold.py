"""More sold than a trade held, by an order that arrived twice: booked where it belongs, whoever has that in hand."""

import pytest
from attrs import evolve

from domain import events
from domain.orders import OrderRole, Signal
from domain.policies import ExitPolicy
from tests.support.builders import dec, make_policies
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Booked, Fate

STC = "STC UBER 78p 12/04"


def working(desk: DeskDriver, role: OrderRole) -> list[Booked]:
    return [booked for booked in desk.broker.live if booked.order.role is role]


def sell(desk: DeskDriver, role: OrderRole) -> None:
    for booked in working(desk, role):
        desk.broker.fill(booked, booked.leaves, desk.now, dec("1.50"))
    desk.settle()


def two_trades_and_a_twin() -> DeskDriver:
    """Two trades in one contract, covered whole. The first one's exit is lost; the second's arrives twice and fills."""
    desk = DeskDriver(make_policies(exit=ExitPolicy(fraction=dec("100"))))
    desk.say()
    desk.advance(11)  # the same words sooner are a repeat
    desk.say()
    for name, fates in (("T1-E1", [Fate.LOST]), ("T2-E1", [Fate.TWICE, Fate.LOST, Fate.LOST])):
        desk.fates = fates
        desk.fill(name, 10)
    return desk


def test_what_an_exit_and_its_twin_sell_of_another_trade_is_offered_no_more():
    desk = two_trades_and_a_twin()
    sell(desk, OrderRole.EXIT)
    first, second = desk.state.trades["T1"], desk.state.archive["T2"]
    assert (first.held, first.sold, first.proceeds) == (0, 10, dec("15.00"))
    assert (second.held, second.sold, second.of_others, second.of_others_proceeds) == (0, 0, 10, dec("15.00"))
    assert first.profit == second.profit == dec("750.00")
    assert "10 UBER 78p 2026-12-04 of trade T1 were sold by orders of T2." in desk.pages()[-1]
    desk.advance(180)
    assert "T1" in desk.state.archive, "its exit is proven absent, and nothing is left to cover"
    assert not desk.broker.live
    assert not desk.broker.faults


def test_what_is_sold_beyond_all_trades_pages():
    desk = two_trades_and_a_twin()
    desk.broker.by_hand = True
    twin = working(desk, OrderRole.EXIT)[-1]
    twin.order = evolve(twin.order, quantity=11)
    sell(desk, OrderRole.EXIT)
    assert any("1 more were sold than the desk held" in page for page in desk.pages())
    assert "11 filled of 10 ordered (order B4, UBER 78p 2026-12-04)" in desk.pages()[-1]


def test_what_a_close_and_its_twin_sell_of_a_later_trade_is_offered_no_more():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    desk.end("T1-E1")
    desk.advance(11)
    desk.fates = [Fate.LOST]  # the exit's cancel, so that the close has to wait
    desk.say("STC UBER 78p 12/04")
    desk.say()
    desk.fill("T3-E1", 10)
    desk.fates = [Fate.TWICE, Fate.LOST]
    desk.end("T1-X1")
    assert len(working(desk, OrderRole.CLOSE)) == 2
    sell(desk, OrderRole.CLOSE)
    assert "4 UBER 78p 2026-12-04 of trade T3 were sold by orders of T2." in desk.pages()[-1]
    assert desk.state.trades["T3"].held == 6
    assert sum(booked.leaves for booked in working(desk, OrderRole.EXIT)) == 3
    assert not desk.broker.faults


def trades_in_a_close(*sizes: int) -> DeskDriver:
    """Trades of these sizes, two thirds of each covered, the last one's exit twice; a close waits for their cancels."""
    desk = DeskDriver(make_policies(exit=ExitPolicy(fraction=dec("67"))))
    for number, size in enumerate(sizes, start=1):
        desk.advance(11)  # the same words sooner are a repeat
        desk.say()
        desk.fates = [Fate.TWICE, Fate.LOST, Fate.LOST] if number == len(sizes) else []
        desk.fill(f"T{number}-E1", size)
        desk.end(f"T{number}-E1")
    desk.fates = [Fate.LOST] * 9
    desk.say(STC)
    sell(desk, OrderRole.EXIT)
    desk.fates = []
    return desk


@pytest.mark.parametrize("sizes", [(3, 3), (3, 3, 6)])
def test_a_close_that_ends_by_it_leaves_nothing_in_hand(sizes):
    desk = trades_in_a_close(*sizes)
    assert not desk.state.trades
    assert not desk.state.closings
    assert {trade.held for trade in desk.state.archive.values()} == {0}
    assert sum("were sold by orders of" in page for page in desk.pages()) == len(sizes) - 1
    desk.feed(events.ResumeRequested("operator", "both are over"))
    desk.advance(700)
    later = desk.say()
    desk.fill(f"{later}-E1", 3)
    assert len(working(desk, OrderRole.EXIT)) == 1
    desk.say(STC)
    sell(desk, OrderRole.CLOSE)
    assert later in desk.state.archive
    assert not desk.broker.faults


def test_a_finished_close_that_sells_again_makes_the_one_at_work_smaller_at_once():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 10)
    desk.say("STC 5 UBER 78p 12/04")
    desk.fill("T2-C1", 5)
    desk.advance(11)
    desk.say(STC)
    desk.broker.zombies = True
    desk.broker.by_hand = True
    late = evolve(desk.booked("T2-C1"), broker_order_id="B9", status=Signal.REPORTED_WORKING, fills=())
    desk.broker.books.append(late)
    assert [booked.leaves for booked in working(desk, OrderRole.CLOSE)] == [5, 5]
    desk.broker.fill(late, 5, desk.now)
    desk.settle()
    assert not desk.broker.live
    assert "T1" in desk.state.archive


def test_an_entry_that_fills_on_after_it_is_covered_by_what_is_its_own():
    desk = DeskDriver(make_policies(exit=ExitPolicy(fraction=dec("100"))))
    desk.say()
    desk.advance(11)
    desk.say()
    desk.fates = [Fate.LOST]
    desk.fill("T1-E1", 10)
    desk.fates = [Fate.TWICE, Fate.LOST, Fate.LOST, Fate.LOST]
    desk.fill("T2-E1", 4)
    sell(desk, OrderRole.EXIT)
    desk.fates = []
    desk.fill("T2-E1", 6)
    assert desk.state.trades["T1"].held == 6
    assert desk.state.trades["T2"].held == 6
    assert [booked.order.quantity for booked in working(desk, OrderRole.EXIT)] == [6]
    assert not desk.state.trades["T2"].exit_surplus


def test_what_was_short_before_is_booked_on_nobody_who_came_later():
    desk = DeskDriver(make_policies(exit=ExitPolicy(fraction=dec("100"))))
    desk.broker.by_hand = True
    desk.say()
    desk.broker.positions[desk.booked("T1-E1").order.contract.symbol] = 10  # a person's
    desk.fates = [Fate.TWICE, *[Fate.LOST] * 200]
    desk.fill("T1-E1", 10)
    one, twin = working(desk, OrderRole.EXIT)
    desk.broker.fill(one, 10, desk.now)
    desk.broker.fill(twin, 5, desk.now)
    desk.settle()
    desk.feed(events.ResumeRequested("operator", "looked"))
    desk.settle()
    desk.advance(11)
    desk.fates = []
    later = desk.say()
    desk.fill(f"{later}-E1", 10)
    desk.broker.fill(twin, 1, desk.now)
    desk.settle()
    assert desk.state.trades[later].held == 9


# ---- one execution told under another id -----------------------------------------------------------------------------


def told_anew(desk: DeskDriver, name: str) -> None:
    booked = desk.booked(name)
    booked.fills = (evolve(booked.fills[0], fill_id="F9"),)
    desk.feed(events.OrderReported(booked.report()))
    desk.settle()


@pytest.mark.parametrize("sold", ["T2-C1", "T2-X1"])
def test_a_sale_told_anew_under_another_id_takes_nothing_from_another_trade(sold):
    desk = DeskDriver(make_policies(exit=ExitPolicy(fraction=dec("100"))))
    desk.say()
    if sold == "T2-C1":
        desk.fill("T1-E1", 10)
        desk.say(STC)
        desk.fill("T2-C1", 10)
        desk.advance(700)
        other = desk.say()
        desk.fill(f"{other}-E1", 10)
    else:
        other = "T1"
        desk.advance(11)
        desk.say()
        desk.fill("T1-E1", 10)
        desk.fill("T2-E1", 10)
        desk.fill("T2-X1", 10)
    told_anew(desk, sold)
    (page,) = desk.pages()
    assert "fill F9 of order" in page
    assert "the broker counts only 10, so that it may be one that is counted already" in page
    desk.advance(3600)
    assert desk.state.trades[other].held == 10
    assert [booked.leaves for booked in working(desk, OrderRole.EXIT)] == [10]
    assert any("taken back" in page for page in desk.pages())


def test_an_entry_told_anew_is_covered_once():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 10)
    told_anew(desk, "T1-E1")
    desk.advance(600)
    assert desk.state.trades["T1"].held == 10
    assert sum(booked.leaves for booked in working(desk, OrderRole.EXIT)) == 5
