"""What an operator asks: halt, resume, cancel, replace; and what the desk refuses to do."""

import pytest

from domain import events
from domain.commands import CancelOrder, Notify, RefreshAuthorization, ReplaceOrder
from domain.events import RequestRefused, TradingHalted, TradingResumed
from domain.orders import OrderRole, Signal
from domain.verdicts import DenialCode, HaltCause
from tests.support.builders import dec
from tests.support.desk_driver import DeskDriver
from tests.support.model_broker import Fate, ModelBroker


def entered(quantity: int = 4) -> DeskDriver:
    desk = DeskDriver()
    desk.say()
    if quantity:
        desk.fill("T1-E1", quantity)
    return desk


def refusal(desk: DeskDriver, event) -> RequestRefused:
    (refused,) = desk.feed(event)
    return refused


def test_a_halt_cancels_working_entries_keeps_exits_and_is_told_once():
    desk = entered()
    desk.feed(events.HaltRequested("admin", ""))
    desk.feed(events.HaltRequested("admin", "again"))
    desk.settle()
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-X1"]
    assert [(halted.by, halted.reason) for halted in desk.all(TradingHalted)] == [("admin", "no reason given")]
    assert desk.state.exposure().halts == ("operator: no reason given",)


def test_a_halt_for_what_the_doctor_found_is_its_own_and_a_page():
    desk = entered()
    desk.feed(events.HaltRequested("admin", "lunch"))
    desk.feed(events.HaltRequested("doctor", "disk: 0.1 GiB free", HaltCause.DOCTOR))
    assert desk.state.exposure().halts == ("operator: lunch", "doctor: disk: 0.1 GiB free")
    notices = [note for note in desk.all(Notify) if "Entries halted" in note.text]
    assert [note.severity for note in notices] == ["warning", "page"]
    # On paper there is no Discord to type the one at: the other ends it everywhere.
    assert all(note.text.endswith("Exits stay. `!tt resume` or POST /admin/resume ends it.") for note in notices)


def test_a_halt_withdraws_an_entry_of_unknown_outcome_as_soon_as_it_is_found():
    desk = DeskDriver()
    desk.fates = [Fate.ANSWER_LOST]
    desk.say()
    desk.feed(events.HaltRequested("admin", ""))
    desk.advance(5)
    assert not desk.broker.live


def test_two_unknown_outcomes_halt_and_withdraw_the_one_in_hand_too():
    desk = DeskDriver()
    desk.fates = [Fate.ANSWER_LOST]
    desk.say()
    desk.fates = [Fate.ANSWER_LOST]
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    assert desk.last(TradingHalted).cause == "unknown_outcomes"
    desk.advance(5)
    assert not desk.broker.live
    assert len(desk.answers("T2")) == 1


def test_old_unknowns_are_forgotten():
    desk = DeskDriver()
    for strike in (78, 80):
        desk.fates = [Fate.LOST]
        desk.say(f"BTO UBER {strike}p 12/04 @ 0.75")
        desk.advance(700)
    assert not desk.state.halts


def test_an_exit_without_an_answer_counts_as_an_unknown_outcome_too():
    desk = DeskDriver()
    desk.say()
    desk.fates = [Fate.ANSWER_LOST]
    desk.fill("T1-E1", 2)
    desk.fates = [Fate.ANSWER_LOST]
    desk.fill("T1-E1", 2)
    assert desk.last(TradingHalted).cause == "unknown_outcomes"
    desk.advance(5)
    assert sum(b.leaves for b in desk.broker.live) == 2
    assert all(b.order.role is OrderRole.EXIT for b in desk.broker.live)


def test_resume_ends_every_halt_and_starts_the_counts_anew():
    desk = entered()
    desk.feed(events.HaltRequested("admin", ""))
    desk.feed(events.AuthorizationLost("expired"))
    desk.feed(events.ResumeRequested("admin", "fine"))
    assert not desk.state.halts
    assert desk.last(TradingResumed).by == "admin"
    assert "Entries resumed by admin." in desk.last(Notify).text


def test_the_authorization_that_is_back_ends_its_own_halt_and_retries_exits_at_once():
    desk = entered(0)
    desk.fates = [Fate.NOT_SENT]
    desk.fill("T1-E1", 4)
    desk.feed(events.HaltRequested("admin", ""))
    desk.feed(events.AuthorizationLost("expired"))
    desk.feed(events.AuthorizationRestored("admin"))
    desk.settle()
    assert [halt.cause for halt in desk.state.halts] == ["operator"]
    assert "T1-X2" in [b.order.client_order_id for b in desk.broker.live]


def test_a_refresh_is_passed_on():
    desk = DeskDriver()
    assert desk.feed(events.AuthorizationRefreshRequested("admin")) == (RefreshAuthorization("admin"),)


@pytest.mark.parametrize("order_id", ["B1", "T1-E1"])
def test_an_entry_is_cancelled_by_either_id(order_id):
    desk = entered(0)
    desk.feed(events.CancelRequested("admin", order_id))
    desk.settle()
    assert not desk.broker.live
    assert desk.replies("T1")[-1].text.endswith("(cancelled by admin).")


def test_an_entry_is_cancelled_by_the_id_of_an_order_that_was_replaced_meanwhile():
    desk = entered(0)
    desk.advance(21)
    desk.feed(events.CancelRequested("admin", "B1"))
    desk.settle()
    assert not desk.broker.live


def test_an_entry_whose_order_is_on_its_way_is_cancelled_as_soon_as_it_can_be():
    desk = DeskDriver(broker=ModelBroker(slow=True))
    desk.say()
    desk.broker.settle(desk.booked("T1-E1"))
    desk.settle()
    desk.advance(21)
    desk.feed(events.CancelRequested("admin", "B2"))
    assert not desk.all(CancelOrder)
    desk.broker.settle(desk.booked("T1-E2"))
    desk.settle()
    assert desk.last(CancelOrder).order.client_order_id == "T1-E2"


def test_an_exit_cancelled_by_an_operator_is_cancelled_and_stays_so():
    desk = entered()
    desk.feed(events.CancelRequested("admin", "T1-X1"))
    desk.advance(300)
    assert desk.booked("T1-X1").status is Signal.REPORTED_CANCELLED
    assert [b.order.client_order_id for b in desk.broker.live if b.order.role is OrderRole.EXIT] == []
    assert "it stays uncovered" in desk.last(Notify).text
    assert not desk.pages()


def test_a_cancelled_exit_covers_again_when_it_gets_another_price():
    desk = entered()
    desk.feed(events.CancelRequested("admin", "T1-X1"))
    desk.settle()
    desk.feed(events.ReplaceRequested("admin", "T1-X1", dec("1.10")))
    desk.settle()
    working = [b for b in desk.broker.live if b.order.role is OrderRole.EXIT]
    assert [str(b.order.limit_price) for b in working] == ["1.10"]


def test_the_remainder_of_a_close_is_cancelled():
    desk = entered()
    desk.say("STC UBER 78p 12/04")
    desk.fill("T2-C1", 1)
    desk.feed(events.CancelRequested("admin", "T2-C1"))
    desk.settle()
    assert not desk.state.closings
    assert desk.state.trades["T1"].held == 3


@pytest.mark.parametrize(
    ("order_id", "code"),
    [("B9", DenialCode.NO_SUCH_ORDER), ("T1-X1", DenialCode.NOT_WORKING)],
)
def test_what_cannot_be_cancelled_or_replaced_is_refused(order_id, code):
    desk = entered()
    desk.fill("T1-X1", 2)
    assert refusal(desk, events.CancelRequested("admin", order_id)).code is code
    assert refusal(desk, events.ReplaceRequested("admin", order_id, dec("0.75"))).code is code


def test_an_order_of_a_closed_trade_is_not_working():
    desk = entered(0)
    desk.advance(100)
    assert refusal(desk, events.CancelRequested("admin", "B1")).code is DenialCode.NOT_WORKING


def test_an_entrys_limit_is_replaced_and_it_stops_stepping():
    desk = entered(0)
    desk.feed(events.ReplaceRequested("admin", "B1", dec("0.77")))
    desk.advance(80)
    assert [str(b.order.limit_price) for b in desk.broker.books] == ["0.75", "0.77"]
    desk.advance(20)
    assert not desk.broker.live, "the window still ends it"


def test_an_entry_that_was_replaced_meanwhile_is_replaced_by_its_old_id():
    desk = entered(0)
    desk.advance(21)
    desk.feed(events.ReplaceRequested("admin", "B1", dec("0.78")))
    desk.settle()
    assert desk.last(ReplaceOrder).replaced.client_order_id == "T1-E2"


@pytest.mark.parametrize(
    ("price", "words"),
    [("0.755", "the nearest prices are 0.75 and 0.76"), ("0.004", "the nearest prices are 0.01 and 0.01")],
)
def test_a_price_off_the_grid_is_refused_with_the_nearest(price, words):
    desk = entered(0)
    refused = refusal(desk, events.ReplaceRequested("admin", "B1", dec(price)))
    assert refused.code is DenialCode.PRICE_BELOW_TICK
    assert words in refused.detail


def test_an_entry_never_pays_more_than_it_was_sized_for():
    desk = entered(0)
    refused = refusal(desk, events.ReplaceRequested("admin", "B1", dec("0.79")))
    assert refused.code is DenialCode.INSUFFICIENT_BUYING_POWER
    assert "above 0.78" in refused.detail
    desk = DeskDriver()
    desk.say("BTO UBER 78p 12/04")
    assert "above 0.78" in refusal(desk, events.ReplaceRequested("admin", "B1", dec("0.79"))).detail


def test_an_exits_limit_is_replaced_by_cancel_and_place_and_holds_for_later_exits():
    desk = entered()
    desk.feed(events.ReplaceRequested("admin", "T1-X1", dec("1.10")))
    desk.settle()
    desk.fill("T1-E1", 4)
    working = [b for b in desk.broker.live if b.order.role is OrderRole.EXIT]
    assert [(b.order.quantity, str(b.order.limit_price)) for b in working] == [(2, "1.10"), (2, "1.10")]
    assert not desk.pages()


def test_an_order_beside_a_running_close_is_cancelled_by_its_own_id():
    desk = entered()
    desk.say("STC UBER 78p 12/04")
    desk.say("BTO UBER 80p 12/04 @ 0.75")
    desk.feed(events.CancelRequested("admin", "T3-E1"))
    desk.settle()
    assert [b.order.client_order_id for b in desk.broker.live] == ["T2-C1"]


def selling() -> DeskDriver:
    """Return a desk whose close has an order at work."""
    desk = entered()
    desk.say("STC UBER 78p 12/04")
    return desk


@pytest.mark.parametrize("order_id", ["T2-C1", "B3"])
def test_a_closes_order_is_ours_and_not_to_be_replaced(order_id):
    desk = selling()
    refused = refusal(desk, events.ReplaceRequested("admin", order_id, dec("0.80")))
    assert refused.code is DenialCode.CLOSE_IN_PROGRESS
    assert "a close's, which steps by itself: cancel it or wait" in refused.detail
    assert [b.order.client_order_id for b in desk.broker.live] == ["T2-C1"]


@pytest.mark.parametrize("order_id", ["T2-C1", "B3"])
def test_the_order_of_a_close_that_is_over_is_ours_and_not_working(order_id):
    desk = selling()
    desk.fill("T2-C1", 4)
    assert not desk.state.closings
    order = desk.state.order(order_id)
    assert order is not None
    assert order.filled == 4
    for event in (events.CancelRequested("admin", order_id), events.ReplaceRequested("admin", order_id, dec("0.80"))):
        refused = refusal(desk, event)
        assert (refused.code, refused.detail) == (DenialCode.NOT_WORKING, "order B3 is filled")


def test_every_order_of_ours_is_found_by_either_id_and_no_other():
    desk = selling()
    for client, broker in (("T1-E1", "B1"), ("T1-X1", "B2"), ("T2-C1", "B3")):
        order = desk.state.order(client)
        assert order is not None
        assert desk.state.order(broker) is order
    assert desk.state.order("B4") is None
