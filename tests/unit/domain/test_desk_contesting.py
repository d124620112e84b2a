"""Where the broker contradicts itself: the desk keeps its count, halts, pages once, and covers what is really there."""

import pytest
from attrs import evolve

from domain import events
from domain.commands import CancelOrder
from domain.events import OrderFilled, PositionTakenOver, TradingHalted
from domain.orders import OrderRole, OrderStatus, Signal
from domain.verdicts import HaltCause
from tests.support.builders import dec, make_report
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Booked, Fate


def placed(*fates: Fate) -> DeskDriver:
    desk = DeskDriver()
    desk.fates = list(fates)
    desk.say()
    return desk


def bought(quantity: int = 4) -> DeskDriver:
    desk = placed()
    desk.fill("T1-E1", quantity)
    return desk


def read(desk: DeskDriver) -> None:
    desk.feed(desk.broker.read(desk.now))
    desk.settle()


def read_until_believed(desk: DeskDriver) -> None:
    for _ in range(3):
        read(desk)
        desk.advance(15)


def working(desk: DeskDriver, role: OrderRole) -> list[Booked]:
    return [booked for booked in desk.broker.live if booked.order.role is role]


# ---- other numbers for a known fill ----------------------------------------------------------------------------------


def test_a_known_fill_with_another_price_halts_pages_once_and_stays_as_it_was():
    desk = bought(4)
    booked = desk.booked("T1-E1")
    booked.fills = (evolve(booked.fills[0], price=dec("0.95")),)
    read(desk)
    read(desk)
    assert [halt.cause for halt in desk.all(TradingHalted)] == [HaltCause.BROKER_CONTRACT]
    (page,) = desk.pages()
    assert "fill B1.1 of order B1 is 4 @ 0.95 to the broker: it was 4 @ 0.75, which is kept" in page
    assert desk.state.trades["T1"].entry.average_price == dec("0.75")


def test_what_else_such_a_report_says_is_taken_in():
    desk = bought(2)
    booked = desk.booked("T1-E1")
    booked.fills = (evolve(booked.fills[0], price=dec("0.95")),)
    desk.fill("T1-E1", 2)
    assert desk.state.trades["T1"].bought == 4
    assert sum(order.order.quantity for order in working(desk, OrderRole.EXIT)) == 2


def test_a_second_contradiction_pages_though_entries_are_halted_already():
    desk = bought(2)
    desk.fill("T1-E1", 2)
    booked = desk.booked("T1-E1")
    for price in ("0.95", "0.96"):
        booked.fills = tuple(evolve(fill, price=dec(price)) for fill in booked.fills[:1]) + booked.fills[1:]
        read(desk)
    assert len(desk.all(TradingHalted)) == 1
    assert len(desk.pages()) == 2
    assert desk.pages()[-1].endswith("Entries are halted already.")


def test_numbers_that_cannot_be_page_and_are_not_counted():
    desk = placed()
    desk.fill("T1-E1", 4, "NaN")
    assert not desk.all(OrderFilled)
    assert "fill B1.1 of order B1 is 4 @ NaN to the broker: its numbers cannot be" in desk.pages()[0]
    assert desk.state.trades["T1"].in_doubt


def test_a_halt_withdraws_what_the_same_report_would_have_placed_next():
    desk = bought(2)
    booked = desk.booked("T1-E1")
    desk.broker.slow = True
    desk.advance(20)  # a step: a partly filled order is cancelled and its leaves are placed again
    assert booked.cancel_asked
    booked.fills = (evolve(booked.fills[0], price=dec("0.95")),)
    desk.broker.settle(booked)
    desk.settle()
    assert desk.all(TradingHalted)
    assert not [other for other in desk.broker.books if other.order.role is OrderRole.ENTRY and other is not booked]


def test_what_is_over_is_disputed_too():
    desk = bought(1)
    desk.end("T1-E1")
    desk.say("STC UBER 78p 12/04")
    desk.fill("T2-C1", 1)
    for name in ("T1-E1", "T2-C1"):
        booked = desk.booked(name)
        booked.fills = (evolve(booked.fills[0], price=dec("0.33")),)
    read(desk)
    assert len([page for page in desk.pages() if "which is kept" in page]) == 2
    assert not desk.state.trades


# ---- one order there twice -------------------------------------------------------------------------------------------


def test_an_entry_that_arrived_twice_halts_which_cancels_both():
    desk = placed(Fate.TWICE)
    assert [booked.is_live for booked in desk.broker.books] == [False, False]
    assert desk.all(TradingHalted)[0].cause is HaltCause.BROKER_CONTRACT
    assert "order B1 (UBER 78p 2026-12-04) is at the broker a second time as order B2" in desk.pages()[0]
    read(desk)
    assert len(desk.pages()) == 1


def test_whatever_an_entry_and_its_twin_fill_is_covered():
    desk = DeskDriver()
    desk.broker.slow = True
    desk.fates = [Fate.TWICE]
    desk.say()
    first, twin = desk.broker.books
    for booked in (twin, first):
        desk.broker.fill(booked, booked.order.quantity, desk.now)
    desk.settle()
    trade = desk.state.trades["T1"]
    assert trade.bought == 2 * first.order.quantity
    assert sum(booked.order.quantity for booked in desk.broker.books if booked.order.role is OrderRole.EXIT) == (
        first.order.quantity
    )


def test_an_exit_that_arrived_twice_is_offered_once():
    desk = placed()
    desk.fates = [Fate.TWICE]
    desk.fill("T1-E1", 4)
    exits = [booked for booked in desk.broker.books if booked.order.role is OrderRole.EXIT]
    assert len(exits) == 2
    assert sum(booked.leaves for booked in exits) == 2
    assert "is at the broker a second time" in desk.pages()[0]


def test_a_close_that_arrived_twice_sells_no_more_than_is_held():
    desk = bought(4)
    desk.fates = [Fate.ARRIVES, Fate.ARRIVES, Fate.TWICE]  # the entry's cancel, the exit's, the close
    desk.say("STC UBER 78p 12/04")
    closes = [booked for booked in desk.broker.books if booked.order.role is OrderRole.CLOSE]
    assert len(closes) == 2
    assert sum(booked.leaves for booked in closes) == 4
    assert not desk.broker.faults


def test_what_replaces_an_order_under_its_id_is_no_twin():
    desk = placed()
    told = desk.booked("T1-E1").report()
    desk.feed(events.OrderReported(evolve(told, broker_order_id="B9", replaces=told.broker_order_id)))
    assert not desk.all(TradingHalted)
    assert desk.state.trades["T1"].entry.orders[-1].broker_order_id == "B9"


def test_an_exit_that_a_person_replaced_at_the_broker_is_known_also_when_the_old_ones_end_comes_first():
    desk = bought(4)
    old = desk.booked("T1-X1")
    new = evolve(old, broker_order_id="B9", order=evolve(old.order, limit_price=dec("2.00")), replaces=old)
    desk.broker.books.append(new)
    desk.broker.zombies = True
    desk.end("T1-X1")
    told = evolve(new.report(), replaces=old.broker_order_id)
    for _ in range(2):
        desk.feed(events.OrderReported(told))
        desk.settle()
    assert [order.status.is_live for order in desk.state.trades["T1"].exits] == [False, True]
    assert sum(booked.leaves for booked in working(desk, OrderRole.EXIT)) == 2
    desk.say("STC UBER 78p 12/04")
    assert sum(booked.leaves for booked in working(desk, OrderRole.CLOSE)) == 4
    assert not working(desk, OrderRole.EXIT)


# ---- a live order with a remark --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [OrderRole.ENTRY, OrderRole.EXIT])
def test_a_status_that_nobody_knows_pages_once_and_the_order_counts_as_live(role):
    desk = bought(4)
    name = {OrderRole.ENTRY: "T1-E1", OrderRole.EXIT: "T1-X1"}[role]
    told = evolve(desk.booked(name).report(), status=Signal.REPORTED_PENDING, reason="the status 'Asleep' is not known")
    for _ in range(2):
        desk.feed(events.OrderReported(told))
    (page,) = desk.pages()
    assert "(UBER 78p 2026-12-04) counts as live, and the broker says of it: the status 'Asleep' is not known" in page
    assert [halt.cause for halt in desk.all(TradingHalted)] == [HaltCause.BROKER_CONTRACT]
    order = desk.state.trades["T1"].order(name)
    assert order is not None
    assert order.status.is_live


# ---- fills taken back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(OrderRole))
def test_a_fill_that_the_broker_takes_back_pages_once_whoever_had_it(role):
    desk = bought(4)
    name = {OrderRole.ENTRY: "T1-E1", OrderRole.EXIT: "T1-X1", OrderRole.CLOSE: "T2-C1"}[role]
    if role is OrderRole.CLOSE:
        desk.say("STC 2 UBER 78p 12/04")
    if role is not OrderRole.ENTRY:
        desk.fill(name, 1)
    booked = desk.booked(name)
    fill = booked.fills[-1]
    desk.broker.take_back(booked)
    read(desk)
    assert not desk.all(TradingHalted), "one reading may be old"
    read_until_believed(desk)
    found = [page for page in desk.pages() if "taken back" in page]
    assert len(found) == 1
    assert f"the broker has taken back fill {fill.fill_id} of order {booked.broker_order_id}" in found[0]
    assert HaltCause.BROKER_CONTRACT in {halt.cause for halt in desk.state.halts}


def test_that_holds_for_what_is_over_too():
    desk = bought(1)
    desk.end("T1-E1")
    desk.say("STC UBER 78p 12/04")
    desk.fill("T2-C1", 1)
    assert not desk.state.trades
    desk.broker.take_back(desk.booked("T2-C1"))
    read_until_believed(desk)
    assert any("taken back" in page for page in desk.pages())


def test_what_the_account_misses_then_is_taken_over_and_offered_no_more():
    desk = bought(4)
    desk.broker.take_back(desk.booked("T1-E1"))
    desk.advance(31)  # a fill so young explains a difference
    read_until_believed(desk)
    assert desk.last(PositionTakenOver).held == 0
    assert not working(desk, OrderRole.EXIT)


def test_a_fill_that_shows_again_was_never_gone():
    desk = bought(4)
    booked = desk.booked("T1-E1")
    fills, booked.fills = booked.fills, ()
    read(desk)
    booked.fills = fills
    read_until_believed(desk)
    assert not desk.all(TradingHalted)
    assert not desk.state.reconciliation.missing_fills


def test_a_report_whose_count_is_ahead_of_its_list_takes_nothing_back():
    desk = bought(4)
    ahead = evolve(desk.booked("T1-E1").report(fills_known=0), status=Signal.REPORTED_FILLED)
    for _ in range(3):
        desk.feed(evolve(desk.broker.read(desk.now), orders=(ahead,)))
        desk.advance(15)
    assert not [page for page in desk.pages() if "taken back" in page]
    assert desk.state.trades["T1"].entry.orders[0].status is OrderStatus.FILLED


def announced_and_corrected(desk: DeskDriver, left: int) -> Booked:
    """An order fills whole, the count of that arrives, its fill is corrected to `left` before it was ever listed."""
    booked = desk.booked("T1-E1")
    desk.broker.fill(booked, booked.order.quantity, desk.now)
    desk.broker.reports.clear()
    desk.feed(events.OrderReported(booked.report(fills_known=0)))
    booked.fills = tuple(evolve(fill, quantity=left) for fill in booked.fills)
    desk.broker.positions = dict.fromkeys(desk.broker.positions, left)
    return booked


def test_fills_that_were_announced_and_never_shown_are_not_waited_for_for_ever():
    desk = placed()
    announced_and_corrected(desk, left=4)
    for _ in range(8):
        read(desk)
        assert not desk.all(TradingHalted), "an announced fill may be shown late"
        desk.advance(15)
    read_until_believed(desk)
    pages = [page for page in desk.pages() if "announced" in page]
    assert len(pages) == 1
    assert "announced 6 more filled of order B1 (UBER 78p 2026-12-04) and shows 4 in all" in pages[0]
    assert desk.state.trades["T1"].entry.is_finished
    assert sum(booked.order.quantity for booked in working(desk, OrderRole.EXIT)) == 2
    assert not desk.state.reconciliation.missing_fills


def test_an_announced_fill_that_is_shown_late_is_counted():
    desk = placed()
    booked = announced_and_corrected(desk, left=4)
    read(desk)
    booked.fills = tuple(evolve(fill, fill_id="F9", quantity=6) for fill in booked.fills) + booked.fills
    desk.broker.positions = dict.fromkeys(desk.broker.positions, 10)
    read_until_believed(desk)
    assert not desk.all(TradingHalted)
    assert desk.state.trades["T1"].bought == 10


def test_a_restart_between_two_readings_forgets_no_missing_fill():
    desk = bought(4)
    desk.broker.take_back(desk.booked("T1-E1"))
    read(desk)
    assert not desk.all(TradingHalted)
    desk.advance(15)
    desk.crash()
    desk.settle()
    assert len([page for page in desk.pages() if "taken back" in page]) == 1


def test_an_order_that_was_refused_and_is_there_all_the_same_is_cancelled():
    desk = placed(Fate.REFUSED)
    order = desk.state.trades.get("T1") or desk.state.archive["T1"]
    refused = order.entry.orders[0]
    assert (refused.status, refused.broker_order_id) == (OrderStatus.REJECTED, None)
    parts = {"client_order_id": "T1-E1", "broker_order_id": "B9", "symbol": refused.contract.symbol}
    desk.feed(events.OrderReported(make_report(Signal.REPORTED_REJECTED, **parts)))
    assert not desk.all(TradingHalted)
    desk = placed(Fate.REFUSED)
    desk.feed(events.OrderReported(make_report(Signal.REPORTED_WORKING, **parts)))
    assert desk.last(CancelOrder).order.broker_order_id == "B9"
    assert "is at the broker a second time as order B9" in desk.pages()[0]
