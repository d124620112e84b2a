"""The transition table of an order, every state against every signal, and how reports are taken in."""

from itertools import product

import pytest

from domain.orders import (
    REPORTED,
    TERMINAL,
    TRANSITIONS,
    OrderStatus,
    Side,
    Signal,
    TransitionError,
)
from tests.support.builders import START, make_fill, make_order, make_report, seconds

OWN_ACTS = {Signal.CANCEL_SENT, Signal.REPLACE_SENT, Signal.ABSENT}
EVERYTHING = list(product(OrderStatus, Signal))
ZOMBIES = {OrderStatus.NOT_SENT, OrderStatus.ABSENT, OrderStatus.VALIDATED}


@pytest.mark.parametrize(("status", "signal"), EVERYTHING)
def test_only_our_own_acts_can_be_impossible(status, signal):
    order = make_order(status)
    if (status, signal) in TRANSITIONS:
        assert order.on(signal).status is TRANSITIONS[status, signal]
    else:
        assert signal in OWN_ACTS
        with pytest.raises(TransitionError, match=f"T1-E1 is {status} and cannot take {signal}"):
            order.on(signal)


@pytest.mark.parametrize(("status", "signal"), EVERYTHING)
def test_a_report_never_takes_back_what_is_known(status, signal):
    if signal not in REPORTED:
        return
    after = make_order(status).on(signal).status
    if status in ZOMBIES:
        assert after is REPORTED[signal]
    elif status in TERMINAL:
        assert after is (OrderStatus.FILLED if signal is Signal.REPORTED_FILLED else status)
    elif REPORTED[signal].is_terminal:
        assert after is REPORTED[signal]
    elif status in {OrderStatus.CANCELLING, OrderStatus.REPLACING, OrderStatus.WORKING}:
        assert after is status
    else:
        assert after is REPORTED[signal]


@pytest.mark.parametrize(
    ("status", "signal", "after"),
    [
        (OrderStatus.SENDING, Signal.ACCEPTED, OrderStatus.PENDING),
        (OrderStatus.SENDING, Signal.REJECTED, OrderStatus.REJECTED),
        (OrderStatus.SENDING, Signal.NOT_SENT, OrderStatus.NOT_SENT),
        (OrderStatus.SENDING, Signal.UNKNOWN, OrderStatus.UNKNOWN),
        (OrderStatus.SENDING, Signal.VALIDATED, OrderStatus.VALIDATED),
        (OrderStatus.UNKNOWN, Signal.ACCEPTED, OrderStatus.PENDING),
        (OrderStatus.UNKNOWN, Signal.REJECTED, OrderStatus.REJECTED),
        (OrderStatus.UNKNOWN, Signal.ABSENT, OrderStatus.ABSENT),
        (OrderStatus.WORKING, Signal.CANCEL_SENT, OrderStatus.CANCELLING),
        (OrderStatus.PENDING, Signal.CANCEL_SENT, OrderStatus.CANCELLING),
        (OrderStatus.CANCELLING, Signal.CANCEL_SENT, OrderStatus.CANCELLING),
        (OrderStatus.WORKING, Signal.REPLACE_SENT, OrderStatus.REPLACING),
        (OrderStatus.REPLACING, Signal.REPLACE_FAILED, OrderStatus.WORKING),
        (OrderStatus.FILLED, Signal.REJECTED, OrderStatus.FILLED),
        (OrderStatus.WORKING, Signal.ACCEPTED, OrderStatus.WORKING),
    ],
)
def test_the_ways_an_order_goes(status, signal, after):
    assert make_order(status).on(signal).status is after


def test_an_answer_after_the_end_changes_nothing():
    for status, signal in product(TERMINAL, (Signal.ACCEPTED, Signal.REJECTED, Signal.NOT_SENT, Signal.UNKNOWN)):
        assert make_order(status).on(signal).status is status


def test_the_news_of_a_signal_is_kept():
    order = make_order().on(Signal.ACCEPTED, broker_order_id="B1", reason="fine", sent_at=START + seconds(5))
    assert (order.broker_order_id, order.reason, order.sent_at) == ("B1", "fine", START + seconds(5))
    later = order.on(Signal.REPORTED_WORKING)
    assert (later.broker_order_id, later.reason, later.sent_at) == ("B1", "fine", START + seconds(5))


def test_reports_count_each_fill_once():
    order, new = make_order().reported(make_report(Signal.REPORTED_WORKING, make_fill(1)))
    assert [fill.fill_id for fill in new] == ["f1"]
    repeated = make_report(Signal.REPORTED_WORKING, make_fill(1), make_fill(2, 2), make_fill(2, 2), filled_quantity=3)
    order, new = order.reported(repeated)
    assert [fill.fill_id for fill in new] == ["f2"]
    assert (order.filled, order.leaves, order.accounted) == (3, 1, 4)


def test_a_report_that_was_overtaken_takes_no_fill_back():
    order, _ = make_order().reported(make_report(Signal.REPORTED_FILLED, make_fill(1, 4)))
    order, new = order.reported(make_report(Signal.REPORTED_WORKING))
    assert (order.status, order.filled, order.reported_filled, new) == (OrderStatus.FILLED, 4, 4, ())


def test_the_brokers_count_can_run_ahead_of_its_fills():
    order, _ = make_order().reported(make_report(Signal.REPORTED_CANCELLED, filled_quantity=2))
    assert not order.is_settled
    assert (order.leaves, order.accounted) == (0, 2)
    order, _ = order.reported(make_report(Signal.REPORTED_CANCELLED, make_fill(1, 2)))
    assert order.is_settled


def test_a_fill_that_changes_its_numbers_is_disputed_once_and_the_first_word_is_kept():
    order, _ = make_order().reported(make_report(Signal.REPORTED_WORKING, make_fill(1)))
    changed = make_report(Signal.REPORTED_WORKING, make_fill(1, 2), make_fill(2))
    order, new = order.reported(changed)
    assert new == (make_fill(2),)
    assert (order.fills, order.disputed) == ((make_fill(1), make_fill(2)), (make_fill(1, 2),))
    assert (order.filled, order.reported_filled) == (2, 2), "the broker's count without what is disputed of it"
    assert order.reported(changed) == (order, ())


def test_one_fill_told_twice_in_a_report_counts_once():
    order, new = make_order().reported(make_report(Signal.REPORTED_WORKING, make_fill(1), make_fill(1, 2)))
    assert (new, order.disputed) == ((make_fill(1),), (make_fill(1, 2),))


def test_a_price_in_other_words_is_the_same():
    order, _ = make_order().reported(make_report(Signal.REPORTED_WORKING, make_fill(1, price="0.8")))
    assert order.reported(make_report(Signal.REPORTED_WORKING, make_fill(1, price="0.80"))) == (order, ())


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "-1", "1E+9"])
def test_numbers_that_no_execution_has_are_not_counted_and_leave_the_order_open(price):
    report = make_report(Signal.REPORTED_FILLED, make_fill(1, 4, price))
    order, new = make_order().reported(report)
    assert (new, order.filled, order.is_settled) == ((), 0, False), "it is read again until they make sense"
    order, _ = order.reported(report)
    assert len(order.disputed) == 1
    order, new = order.reported(make_report(Signal.REPORTED_FILLED, make_fill(1, 4)))
    assert (new, order.is_settled) == ((make_fill(1, 4),), True)


def test_a_report_ends_the_count_of_absent_reads():
    order, _ = make_order(OrderStatus.UNKNOWN, absent_reads=2).reported(make_report())
    assert (order.status, order.absent_reads, order.broker_order_id) == (OrderStatus.WORKING, 0, "B1")


def test_what_is_live_and_what_closes():
    assert make_order(OrderStatus.UNKNOWN).leaves == 4
    assert make_order(OrderStatus.REJECTED).leaves == 0
    assert make_order(side=Side.SELL_TO_CLOSE).close_only
    assert not make_order().close_only
