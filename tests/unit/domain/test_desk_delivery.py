"""The outbox: replies and notices are tried again and never hold up a trade."""

from domain import events
from domain.commands import Notify, Reply
from domain.events import DeliveryGivenUp
from tests.support.builders import seconds
from tests.support.desk_driver import DeskDriver


def test_what_is_delivered_leaves_the_outbox():
    desk = DeskDriver()
    desk.say()
    assert not desk.state.outbox


def test_what_is_not_delivered_is_tried_again_under_the_same_id_and_given_up_after_an_hour():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.say("hello there")
    first = desk.last(Reply)
    desk.advance(100)
    tries = [reply for reply in desk.all(Reply) if reply == first]
    assert len(tries) == 5
    assert not desk.all(DeliveryGivenUp)
    desk.advance(4000)
    assert desk.last(DeliveryGivenUp).delivery_id == first.delivery_id
    assert not desk.state.outbox


def test_a_notice_is_kept_up_for_a_day():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.feed(events.HaltRequested("admin", ""))
    desk.advance(7200)
    assert desk.state.outbox
    desk.advance(86400)
    assert not desk.state.outbox


def test_a_restart_hands_over_again_what_may_not_have_arrived():
    desk = DeskDriver()
    desk.feed(events.HaltRequested("admin", ""))
    desk.crash()
    assert len({notice.delivery_id for notice in desk.all(Notify)}) == 1
    assert len(desk.all(Notify)) == 2
    desk.settle()
    assert not desk.state.outbox


def test_a_restart_leaves_what_waits_for_its_next_try():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.feed(events.HaltRequested("admin", ""))
    desk.settle()
    desk.crash()
    assert len(desk.all(Notify)) == 1
    desk.deliver_replies = True
    desk.advance(seconds(3))
    assert not desk.state.outbox


def test_a_timer_of_something_delivered_meanwhile_says_nothing():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.feed(events.HaltRequested("admin", ""))
    desk.settle()
    (delivery_id,) = desk.state.outbox
    desk.feed(events.Delivered(delivery_id))
    desk.advance(10)
    assert len(desk.all(Notify)) == 1
