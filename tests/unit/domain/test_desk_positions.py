"""Positions that leave the account and come back: believed only as far, and as long, as readings agree."""

from attrs import evolve

from domain.events import PositionReturned, PositionTakenOver, TradeClosed
from domain.orders import OrderRole, OrderStatus, Signal
from domain.policies import ExitPolicy
from tests.support.builders import dec, make_policies, seconds
from tests.support.desk_driver import DeskDriver


def bought(quantity: int = 10, **policies) -> DeskDriver:
    desk = DeskDriver(make_policies(**policies))
    desk.say()
    desk.fill("T1-E1", quantity)
    desk.advance(120)
    desk.clear()
    return desk


def symbol(desk: DeskDriver) -> str:
    return desk.booked("T1-E1").order.contract.symbol


def show(desk: DeskDriver, quantity: int, after: float = 60) -> None:
    """Read the broker once, `after` seconds later, as if the account held `quantity`."""
    desk.now += seconds(after)
    position = desk.broker.positions
    real = position.get(symbol(desk), 0)
    position[symbol(desk)] = quantity
    desk.feed(desk.broker.read(desk.now))
    position[symbol(desk)] = real
    desk.settle()


def offered(desk: DeskDriver) -> int:
    return sum(booked.leaves for booked in desk.broker.live if booked.order.role is OrderRole.EXIT)


def test_only_what_two_readings_agree_on_is_taken_over():
    desk = bought(10)
    desk.broker.trade_by_hand(symbol(desk), -1)
    show(desk, 9)
    show(desk, 0)
    taken = desk.last(PositionTakenOver)
    assert (taken.expected, taken.held) == (10, 9)
    show(desk, 9)
    show(desk, 9)
    assert len(desk.all(PositionTakenOver)) == 1
    assert desk.state.trades["T1"].held == 9


def test_what_a_second_reading_shows_more_of_waits_for_a_third():
    desk = bought(10)
    desk.broker.trade_by_hand(symbol(desk), -5)
    show(desk, 9)
    show(desk, 5)
    assert desk.state.trades["T1"].held == 9
    show(desk, 5)
    assert desk.state.trades["T1"].held == 5


def test_readings_that_follow_each_other_at_once_are_one():
    desk = bought(10)
    show(desk, 0)
    show(desk, 0, after=5)
    show(desk, 10, after=5)
    assert not desk.all(PositionTakenOver)
    assert not desk.state.reconciliation.differences


def test_what_was_taken_over_too_early_comes_back_and_is_covered():
    desk = bought(10)
    show(desk, 6)
    show(desk, 6)
    assert desk.state.trades["T1"].held == 6
    assert offered(desk) == 3
    show(desk, 10)
    assert desk.state.trades["T1"].held == 6, "one reading is not believed"
    show(desk, 9)
    assert desk.state.trades["T1"].held == 9, "what both readings show"
    assert offered(desk) == 4
    show(desk, 10)
    show(desk, 10)
    returned = desk.last(PositionReturned)
    assert (returned.expected, returned.held) == (9, 10)
    assert offered(desk) == 5
    assert any("are in the account again" in page for page in desk.pages())
    assert desk.state.halts


def test_a_trade_that_was_over_because_of_it_is_open_again():
    desk = bought(4)
    show(desk, 0)
    show(desk, 0)
    assert desk.last(TradeClosed).reason == "taken over"
    assert not desk.broker.live
    desk.advance(200)
    assert "T1" in desk.state.trades
    assert desk.state.trades["T1"].lost == 0
    assert offered(desk) == 2
    assert any(name.startswith("expiry:T1") for name in desk.state.timers)


def test_an_open_trade_takes_back_before_one_that_is_over():
    desk = bought(4, exit=ExitPolicy(fraction=dec("100")))
    second = desk.say()
    desk.fill(f"{second}-E1", 4)
    desk.now += seconds(60)
    show(desk, 2)
    show(desk, 2)
    assert [desk.state.archive["T1"].lost, desk.state.trades[second].lost] == [4, 2]
    show(desk, 7)
    show(desk, 7)
    assert desk.state.trades[second].lost == 0
    assert desk.state.trades["T1"].lost == 1
    assert offered(desk) == 7


def test_what_is_missing_is_never_taken_from_an_entry_that_has_bought_nothing_yet():
    desk = DeskDriver()
    desk.say()
    desk.advance(11)
    second = desk.say()
    desk.fill(f"{second}-E1", 4)
    show(desk, 0, after=31)
    show(desk, 0, after=16)
    (taken,) = desk.all(PositionTakenOver)
    assert (taken.trade_id, taken.expected, taken.held) == (second, 4, 0)
    assert desk.state.archive["T1"].lost == 0, "the halt has withdrawn it"


def test_what_comes_after_a_long_weekend_was_bought_by_a_person():
    desk = bought(10)
    desk.broker.trade_by_hand(symbol(desk), -4)
    desk.advance(200)
    assert desk.state.trades["T1"].held == 6
    desk.now += seconds(86400 * 5)
    desk.broker.trade_by_hand(symbol(desk), 4)
    desk.advance(300)
    assert desk.state.trades["T1"].held == 6
    assert not desk.all(PositionReturned)


def test_no_more_comes_back_than_was_lost():
    desk = bought(10)
    desk.broker.trade_by_hand(symbol(desk), -2)
    desk.advance(200)
    desk.broker.trade_by_hand(symbol(desk), 9)
    desk.advance(200)
    assert desk.state.trades["T1"].held == 10


def test_contracts_that_our_own_late_told_exit_sold_were_never_gone():
    desk = bought(4, exit=ExitPolicy(fraction=dec("100")))
    booked = desk.booked("T1-X1")
    desk.broker.fill(booked, 4, desk.now)
    told = desk.broker.reports.pop()
    real, booked.fills, booked.status = booked.fills, (), Signal.REPORTED_WORKING
    desk.feed(evolve(desk.broker.read(desk.now), orders=()))
    desk.advance(100)
    assert desk.state.archive["T1"].lost == 4
    booked.fills, booked.status = real, Signal.REPORTED_FILLED
    desk.broker.reports.append(told)
    desk.settle()
    trade = desk.state.archive["T1"]
    assert (trade.lost, trade.held, trade.exited) == (0, 0, 4)
    assert desk.last(PositionReturned).held == 0
    assert desk.last(TradeClosed).profit == 4 * 75


def test_a_close_that_sold_what_was_taken_for_gone_books_it():
    desk = bought(4)
    show(desk, 2)
    show(desk, 2)
    assert desk.state.trades["T1"].held == 2
    closing = desk.say("STC UBER 78p 12/04")
    order = desk.booked(f"{closing}-C1")
    assert order.order.quantity == 2
    desk.broker.fill(order, 3, desk.now)  # more than was asked for: the account had them all along
    desk.settle()
    trade = desk.state.trades["T1"] if "T1" in desk.state.trades else desk.state.archive["T1"]
    assert (trade.sold, trade.lost) == (3, 1)


def test_nothing_is_compared_while_an_order_is_being_sent():
    desk = bought(10)
    trade_id = desk.post()
    while trade_id not in desk.state.trades:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    assert desk.state.trades[trade_id].entry.orders[0].status is OrderStatus.SENDING
    sending = desk.pending.copy()
    desk.pending.clear()
    show(desk, 4, after=20)
    show(desk, 4, after=20)
    assert not desk.all(PositionTakenOver)
    desk.pending.extend(sending)
    desk.settle()
    show(desk, 4, after=20)
    show(desk, 4, after=20)
    assert desk.last(PositionTakenOver).held == 4
