"""An order that the last check withheld: entries halt, a person is paged, what it was part of ends, no retries."""

from domain import events
from domain.commands import ReplaceOrder, SubmitOrder, ValidateOrder
from domain.events import OrderWithheld, TradingHalted
from domain.orders import OrderRole, OrderStatus
from domain.verdicts import AnswerStatus, HaltCause
from tests.support.builders import make_message
from tests.support.desk_driver import DeskDriver

WHY = "9 contracts filled and 9 working are more than the 4 that were decided"


def withhold(desk: DeskDriver, kind: type = SubmitOrder) -> str:
    """Let the desk work until an order is to go out, withhold that one, and return its id."""
    while True:
        desk.collect()
        if desk.inbox:
            desk.feed(desk.inbox.pop(0))
            continue
        command = desk.pending.pop(0)
        if isinstance(command, kind):
            desk.feed(OrderWithheld(command.order.client_order_id, WHY))
            desk.settle()
            return command.order.client_order_id
        desk.perform(command)


def fill(desk: DeskDriver, quantity: int = 4) -> None:
    """Fill an entry; the desk has not heard of it yet."""
    desk.broker.fill(desk.booked("T1-E1"), quantity, desk.now)


def sold(desk: DeskDriver) -> list[str]:
    return [name for name in names(desk) if "-E" not in name]


def names(desk: DeskDriver) -> list[str]:
    return [booked.order.client_order_id for booked in desk.broker.books]


def test_a_withheld_entry_halts_pages_and_is_answered():
    desk = DeskDriver()
    desk.post()
    withhold(desk)
    assert [halted.cause for halted in desk.all(TradingHalted)] == [HaltCause.ORDER_CHECK]
    (page,) = desk.pages()
    assert f"order T1-E1 (UBER 78p 2026-12-04) was withheld: {WHY}" in page
    answer = desk.answer("T1")
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "withheld")
    desk.advance(600)
    assert not names(desk)
    assert not desk.state.trades


def test_a_withheld_step_cancels_the_entry_that_it_should_have_moved():
    desk = DeskDriver(bid="0.70", ask="0.90")
    desk.say()
    desk.now = max(desk.state.timers["rung:T1:1"], desk.now)
    desk.feed(events.TimerFired("rung:T1:1"))
    withhold(desk, ReplaceOrder)
    assert not desk.broker.live
    assert len(desk.pages()) == 1
    desk.advance(600)
    assert names(desk) == ["T1-E1"]


def test_a_withheld_exit_leaves_its_contracts_to_a_person_and_says_so():
    desk = DeskDriver()
    desk.say()
    fill(desk)
    assert withhold(desk) == "T1-X1"
    assert "2 contracts are uncovered, their exit was withheld" in desk.pages()[-1]
    pages = len(desk.pages())
    desk.advance(3600)
    assert not sold(desk)
    assert len(desk.pages()) == pages


def test_a_person_can_have_a_withheld_exit_placed_after_all():
    desk = DeskDriver()
    desk.say()
    fill(desk)
    withhold(desk)
    desk.feed(events.ReplaceRequested("admin", "T1-X1", desk.booked("T1-E1").order.limit_price * 2))
    desk.settle()
    assert sold(desk) == ["T1-X2"]


def test_other_trades_are_covered_while_one_is_not():
    desk = DeskDriver()
    desk.say()
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    fill(desk)
    withhold(desk)
    desk.fill("T2-E1", 4)
    assert sold(desk) == ["T2-X1"]


def test_a_withheld_close_restores_the_exits_and_is_answered():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    desk.post("STC UBER 78p 12/04")
    assert withhold(desk) == "T2-C1"
    answer = desk.answer("T2")
    assert (answer.status, answer.reason) == (AnswerStatus.DENIED, "withheld")
    assert [booked.order.role for booked in desk.broker.live] == [OrderRole.EXIT]
    assert any("Close of UBER 78p 2026-12-04: 0 of 4 sold" in page for page in desk.pages())
    desk.advance(3600)
    assert sold(desk) == ["T1-X1", "T1-X2"]


def test_a_withheld_step_of_a_close_cancels_what_works_of_it():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    desk.bid, desk.ask = "0.60", "0.90"
    desk.say("STC UBER 78p 12/04")
    desk.now = max(desk.state.timers["rung:T2:1"], desk.now)
    desk.feed(events.TimerFired("rung:T2:1"))
    withhold(desk, ReplaceOrder)
    pages = len(desk.pages())
    desk.advance(3600)
    assert [booked.order.role for booked in desk.broker.live] == [OrderRole.EXIT]
    assert len(desk.pages()) == pages


def test_a_second_one_pages_though_entries_are_halted_already():
    desk = DeskDriver()
    desk.say()
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    desk.feed(OrderWithheld("T1-E9", WHY))
    desk.feed(OrderWithheld("T2-E9", WHY))
    assert [halted.cause for halted in desk.all(TradingHalted)] == [HaltCause.ORDER_CHECK]
    assert desk.pages()[-1] == f"[paper] T2-E9 was withheld: {WHY}. Entries are halted already."


def test_an_order_that_the_desk_does_not_know_halts_and_pages_all_the_same():
    desk = DeskDriver()
    desk.feed(OrderWithheld("T7-E1", WHY))
    assert desk.state.exposure().halts == (f"order_check: T7-E1 was withheld: {WHY}",)
    assert len(desk.pages()) == 1


def test_an_exit_that_may_be_at_the_broker_all_the_same_is_read_for_and_not_given_up():
    desk = DeskDriver()
    desk.say()
    fill(desk)
    desk.collect()
    while desk.inbox:
        desk.feed(desk.inbox.pop(0))
    (submit,) = [command for command in desk.pending if isinstance(command, SubmitOrder)]
    desk.broker.submit(submit.order)  # the first request arrives; a second one under the same id is withheld
    desk.pending.remove(submit)
    desk.feed(events.OutcomeUnknown("T1-X1", events.Operation.SUBMIT, WHY))
    desk.feed(OrderWithheld("T1-X1", WHY))
    trade = desk.state.trades["T1"]
    assert (trade.exits[0].status, trade.uncovered) == (OrderStatus.UNKNOWN, "")
    desk.advance(30)
    assert desk.state.trades["T1"].exits[0].status is OrderStatus.WORKING


def test_a_withheld_dry_run_is_answered_and_not_checked_again():
    desk = DeskDriver()
    desk.feed(events.AlertReceived("T9", make_message(message_id="m9", dry_run=True)))
    withhold(desk, ValidateOrder)
    assert desk.answer("T9").reason == "withheld"
    desk.advance(600)
    assert not desk.state.trades
