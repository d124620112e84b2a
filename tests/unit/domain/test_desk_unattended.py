"""What would leave contracts without an exit and nobody told: each ends by itself, and a person is paged."""

from datetime import timedelta

import pytest
from attrs import evolve

from domain import events
from domain.allowlist import ListName
from domain.events import TimerFired
from domain.orders import Fill, OrderRole, OrderStatus, Signal
from domain.policies import Conversion, EntryPolicy
from domain.verdicts import HaltCause
from tests.support.builders import AUTHOR, ROOM, dec, make_policies
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Fate

STC = "STC UBER 78p 12/04"
FAR = "BTO UBER 78p 03/19/2027 @ 0.75"


def bought(quantity: int = 10, **policies) -> DeskDriver:
    desk = DeskDriver(make_policies(**policies))
    desk.say()
    desk.fill("T1-E1", quantity)
    return desk


# ---- fills that the broker counts and never lists --------------------------------------------------------------------


def test_an_entry_whose_fills_are_never_listed_is_covered_as_filled_at_its_limit():
    desk = DeskDriver()
    desk.say()
    desk.booked("T1-E1").lists_fills = False
    desk.fill("T1-E1", 10, "0.70")
    desk.advance(60)
    assert not desk.pages(), "a fill may be listed late"
    desk.advance(200)
    assert [page for page in desk.pages() if "counts 10 filled of order B1 (UBER 78p 2026-12-04) and lists 0" in page]
    assert desk.state.trades["T1"].entry.average_price == dec("0.75")
    assert desk.offered == 5
    desk.booked("T1-E1").lists_fills = True
    desk.advance(700)
    assert desk.state.trades["T1"].bought == 10, "what is listed after all has no room any more"
    assert len(desk.pages()) == 2


@pytest.mark.parametrize("name", ["T1-X1", "T2-C1"])
def test_a_sale_whose_fills_are_never_listed_is_counted_and_the_rest_can_be_closed(name):
    desk = bought()
    if name == "T2-C1":
        desk.say("STC 4 UBER 78p 12/04")
    quantity = desk.booked(name).order.quantity
    desk.booked(name).lists_fills = False
    desk.fill(name, quantity)
    desk.advance(260)
    assert len(desk.pages()) == 1
    assert desk.state.trades["T1"].held == 10 - quantity
    desk.say(STC)
    desk.advance(60)
    assert desk.offered == 10 - quantity
    assert not desk.broker.faults


def test_executions_that_the_broker_merges_are_counted_once():
    desk = bought(5)
    booked = desk.booked("T1-E1")
    booked.fills = (Fill("merged", 10, dec("0.75"), desk.now),)
    booked.status = Signal.REPORTED_FILLED
    desk.broker.positions[booked.order.contract.symbol] = 10
    desk.advance(400)
    assert desk.state.trades["T1"].bought == 10
    assert desk.state.trades["T1"].entry.is_finished
    assert desk.offered == 5


def test_what_a_market_order_is_counted_at_is_the_worst_that_it_was_sized_for():
    desk = DeskDriver(make_policies(entry=EntryPolicy(conversion=Conversion.MARKET)), bid="0.74", ask="0.76")
    desk.say()
    desk.advance(21)
    name = desk.state.trades["T1"].entry.orders[-1].client_order_id
    assert desk.booked(name).order.limit_price is None
    desk.booked(name).lists_fills = False
    desk.fill(name, 10, "0.76")
    desk.advance(260)
    trade = desk.state.trades["T1"]
    assert trade.entry.average_price == trade.entry.plan.worst_price


def test_what_a_close_at_the_market_is_counted_at_is_the_lowest_price():
    desk = bought(4, entry=EntryPolicy(conversion=Conversion.MARKET))
    desk.end("T1-E1")
    desk.bid, desk.ask = "0.74", "0.76"
    desk.say(STC)
    desk.advance(21)
    name = next(booked for booked in desk.broker.live if booked.order.limit_price is None).order.client_order_id
    desk.booked(name).lists_fills = False
    desk.fill(name, 4, "0.74")
    desk.advance(260)
    assert desk.state.archive["T1"].proceeds == dec("0.04")


def test_a_price_of_nothing_is_none():
    desk = DeskDriver()
    desk.say()
    booked = desk.booked("T1-E1")
    desk.broker.fill(booked, 10, desk.now)
    booked.fills = tuple(evolve(fill, price=dec("0.00")) for fill in booked.fills)
    desk.broker.reports.clear()
    desk.feed(events.OrderReported(booked.report()))
    assert "its numbers cannot be" in desk.pages()[0]
    assert not desk.offered
    desk.advance(260)
    assert [booked.order.limit_price for booked in desk.broker.live] == [dec("1.50")]


# ---- an accepted order that the broker shows no more -----------------------------------------------------------------


def test_an_order_that_vanishes_pages_once_also_under_a_halt_and_can_be_written_off():
    desk = bought(4)
    remark = evolve(desk.booked("T1-X1").report(), reason="the status 'Asleep' is not known")
    desk.feed(events.OrderReported(remark))
    desk.broker.books.remove(desk.booked("T1-X1"))
    desk.advance(900)
    assert ["missing from the broker's books; it counts as live" in page for page in desk.pages()] == [False, True]
    desk.feed(events.ResumeRequested("operator", "looked"))
    desk.settle()
    desk.advance(600)
    assert not desk.state.halts
    desk.say(STC)
    desk.advance(300)
    assert desk.state.trades["T1"].exits[0].status is OrderStatus.ABSENT
    assert desk.offered == 4


def test_one_that_vanishes_while_it_is_being_cancelled_counts_as_cancelled():
    desk = bought(4)
    desk.fates = [Fate.LOST] * 20
    desk.feed(events.CancelRequested("operator", "T1-X1"))
    desk.settle()
    desk.broker.books.remove(desk.booked("T1-X1"))
    desk.advance(600)
    assert any("it counts as gone" in page for page in desk.pages())
    assert desk.state.trades["T1"].exits[0].status is OrderStatus.ABSENT


def test_a_close_that_has_to_wait_says_what_it_waits_for_once():
    desk = bought(4)
    desk.end("T1-E1")
    desk.fates = [Fate.LOST] * 200
    desk.say(STC)
    desk.advance(100)
    assert not desk.pages()
    desk.advance(300)
    waiting = [page for page in desk.pages() if "nothing is sold until then" in page]
    assert waiting == [
        "[paper] Close of UBER 78p 2026-12-04 waits for the end of order B2 (cancelling): nothing is sold until then."
    ]


def test_a_close_whose_way_was_cleared_while_the_desk_was_away_says_nothing():
    desk = bought(4)
    desk.end("T1-E1")
    desk.fates = [Fate.LOST] * 9
    desk.say(STC)
    desk.fates = []
    desk.broker.end(desk.booked("T1-X1"), Signal.REPORTED_CANCELLED)
    desk.now += timedelta(minutes=3)
    desk.crash()
    desk.settle()
    assert not [page for page in desk.pages() if "nothing is sold until then" in page]
    assert desk.offered == 4


def test_a_close_whose_own_order_vanishes_is_given_up_and_the_exits_come_back():
    desk = bought(4)
    desk.say(STC)
    desk.broker.books.remove(desk.booked("T2-C1"))
    desk.advance(900)
    assert not desk.state.closings
    assert len([booked for booked in desk.broker.books if booked.order.role is OrderRole.CLOSE]) <= 3
    assert any("Close of UBER 78p 2026-12-04: 0 of 4 sold" in page for page in desk.pages())
    assert desk.offered == 2


def test_one_that_vanishes_again_pages_again():
    desk = bought(4)
    desk.end("T1-E1")
    booked = desk.booked("T1-X1")
    for pages in (1, 2):
        desk.broker.books.remove(booked)
        desk.advance(900)
        assert len(desk.pages()) == pages
        desk.broker.books.append(booked)
        desk.advance(300)


def test_an_entry_filled_too_far_pages_for_its_own_fills_alone():
    desk = bought(10)
    booked = desk.booked("T1-E1")
    booked.order = evolve(booked.order, quantity=11)
    desk.broker.fill(booked, 1, desk.now)
    desk.settle()
    pages = len(desk.pages())
    assert pages
    for _ in range(3):
        desk.fill("T1-X1", 1)
    assert len(desk.pages()) == pages


# ---- the account -----------------------------------------------------------------------------------------------------


def test_every_loss_and_every_larger_shortage_pages_whatever_halt_stands():
    desk = bought(4)
    desk.say("BTO UBER 79p 12/04 @ 0.75")
    desk.fill("T2-E1", 4)
    one, other = desk.broker.positions
    desk.broker.trade_by_hand(one, -1)
    desk.advance(300)
    for quantity, pages in ((-6, 2), (-6, 2), (-8, 3), (0, 4)):
        desk.broker.positions[other] = quantity
        desk.advance(300)
        assert len(desk.pages()) == pages, quantity
    assert "the account is short 6" in desk.pages()[1]
    assert "the account is short 8" in desk.pages()[2]
    assert "4 of 4 UBER 79p 2026-12-04 are gone" in desk.pages()[3]
    assert [halt.cause for halt in desk.state.halts] == [HaltCause.POSITION_MISMATCH]


# ---- what is long ago ------------------------------------------------------------------------------------------------


def test_contracts_of_an_old_trade_come_back_as_those_of_a_young_one():
    desk = DeskDriver()
    desk.say(FAR)
    desk.fill("T1-E1", 10)
    desk.later(31)
    (symbol,) = desk.broker.positions
    desk.broker.trade_by_hand(symbol, -10)
    desk.advance(300)
    assert "T1" in desk.state.archive
    desk.crash()
    desk.settle()
    desk.broker.trade_by_hand(symbol, 10)
    desk.advance(1200)
    assert desk.offered == 5


# ---- the rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "number"), [(ListName.USER, AUTHOR), (ListName.CHANNEL, ROOM)])
def test_who_is_taken_off_the_list_buys_nothing_more(name, number):
    desk = bought(1)
    desk.feed(events.AllowlistChangeRequested("operator", name, number, allowed=False))
    desk.settle()
    assert not [booked for booked in desk.broker.live if booked.order.role is OrderRole.ENTRY]
    sent = len(desk.broker.books)
    desk.advance(200)
    assert len(desk.broker.books) == sent
    assert "taken off the allowlist" in desk.state.trades["T1"].entry.withdrawn
    assert desk.state.trades["T1"].held == 1


def test_a_timer_that_was_set_anew_is_not_lost_to_the_older_one():
    desk = bought(4)
    desk.fill("T1-E1", 4)
    desk.end("T1-X1", Signal.REPORTED_REJECTED, "the venue")
    desk.now = desk.state.timers["exit:T1"]
    desk.broker.end(desk.booked("T1-X2"), Signal.REPORTED_REJECTED, "the venue")
    desk.collect()
    desk.feed(desk.inbox.pop(0))
    desk.feed(TimerFired("exit:T1"))  # it was in the queue already
    desk.advance(60)
    assert desk.offered == 4


def test_the_late_fills_of_a_close_explain_what_its_trade_lost():
    desk = bought(4)
    desk.end("T1-E1")
    desk.say(STC)
    booked = desk.booked("T2-C1")
    desk.broker.trade_by_hand(booked.order.contract.symbol, -4)
    desk.end("T2-C1")
    desk.advance(200)
    assert desk.state.archive["T1"].lost == 4
    desk.feed(events.ResumeRequested("operator", "looked"))
    later = desk.say()
    desk.fill(f"{later}-E1", 4)
    booked.fills = (Fill("late", 4, dec("0.80"), desk.now),)
    desk.feed(events.OrderReported(booked.report()))
    desk.settle()
    assert (desk.state.archive["T1"].lost, desk.state.archive["T1"].sold) == (0, 4)
    assert desk.state.trades[later].held == 4
    assert desk.offered == 2
