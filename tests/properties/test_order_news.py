"""News of an order in any order, any number of times, leads to the same order."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.orders import REPORTED, OrderStatus, Signal
from tests.support.builders import make_fill, make_order, make_report

ENDS = st.sampled_from([Signal.REPORTED_FILLED, Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED])


@st.composite
def histories(draw):
    """A truthful history of one order: reports as the broker would give them, the last one ends it."""
    parts = draw(st.lists(st.integers(1, 3), min_size=0, max_size=4))
    fills = tuple(make_fill(number, count) for number, count in enumerate(parts, start=1))
    total = sum(parts)
    quantity = total + draw(st.integers(0, 3)) or 1
    end = Signal.REPORTED_FILLED if total == quantity else draw(ENDS.filter(lambda e: e is not Signal.REPORTED_FILLED))
    story = [make_report(Signal.REPORTED_WORKING, *fills[:known], quantity=quantity) for known in range(len(fills))]
    return quantity, (*story, make_report(end, *fills, quantity=quantity))


def take_in(order, reports):
    for report in reports:
        order, _ = order.reported(report)
    return order


def essence(order):
    fills = frozenset(fill.fill_id for fill in order.fills)
    return order.status, fills, order.reported_filled, order.broker_order_id, order.is_settled


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_reports_do_not_matter(history, chance):
    quantity, reports = history
    start = make_order(quantity=quantity)
    shuffled = [*reports, *chance.choices(reports, k=3)]
    chance.shuffle(shuffled)
    assert essence(take_in(start, shuffled)) == essence(take_in(start, reports))


def test_every_permutation_of_a_partial_fill_and_a_cancel_ends_alike():
    reports = (
        make_report(Signal.REPORTED_PENDING),
        make_report(Signal.REPORTED_WORKING),
        make_report(Signal.REPORTED_WORKING, make_fill(1)),
        make_report(Signal.REPORTED_WORKING, make_fill(1), make_fill(2)),
        make_report(Signal.REPORTED_CANCELLED, make_fill(1), make_fill(2)),
    )
    ends = {essence(take_in(make_order(), order)) for order in permutations(reports)}
    assert len(ends) == 1


@given(
    st.sampled_from(list(OrderStatus)),
    st.lists(st.sampled_from(sorted(REPORTED)), max_size=8),
    st.lists(st.integers(0, 5), max_size=8),
)
def test_no_news_of_the_broker_is_ever_too_much(status, signals, counts):
    """Whatever the broker says, however wrong: fills never shrink, leaves never are negative, nothing raises."""
    order = make_order(status)
    for number, signal in enumerate(signals):
        count = counts[number % len(counts)] if counts else 0
        fills = (make_fill(number, count),) if count else ()
        after, new = order.reported(make_report(signal, *fills, filled_quantity=count))
        assert after.filled == order.filled + sum(fill.quantity for fill in new)
        assert after.leaves >= 0
        assert after.accounted >= after.filled
        assert not (after.is_settled and after.filled < after.reported_filled)
        order = after
