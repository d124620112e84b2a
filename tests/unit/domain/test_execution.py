"""One ladder at work: orders moved toward a wanted price, one live order at a time."""

from attrs import evolve

from domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from domain.execution import Execution, advance, answer, hold_back, report, withdraw
from domain.orders import OrderRole, OrderStatus, Signal
from tests.support.builders import START, dec, make_fill, make_order, make_plan, make_report, seconds

E1, E2, E3 = "T1-E1", "T1-E2", "T1-E3"


def fresh(quantity: int = 4) -> Execution:
    return Execution(
        trade_id="T1",
        role=OrderRole.ENTRY,
        plan=make_plan(),
        quantity=quantity,
        started_at=START,
        target=dec("0.75"),
    )


def sent() -> Execution:
    run, _ = advance(fresh(), START)
    return run


def working() -> Execution:
    return told(answer(sent(), E1, Signal.ACCEPTED, broker_order_id="B1"), E1, Signal.REPORTED_WORKING)


def told(run: Execution, name: str, status: Signal, *fills, **changes) -> Execution:
    told_of = make_report(status, *fills, client_order_id=name, broker_order_id=f"B{name[-1]}", **changes)
    return report(run, name, told_of)[0]


def want(run: Execution, price: str) -> Execution:
    return evolve(run, target=dec(price))


def act(run: Execution):
    return advance(run, START + seconds(1))


def test_the_first_act_is_an_order_for_the_whole():
    run, commands = advance(fresh(), START)
    (submit,) = commands
    assert isinstance(submit, SubmitOrder)
    assert (submit.order.client_order_id, submit.order.quantity, submit.order.limit_price) == (E1, 4, dec("0.75"))
    assert run.in_flight
    assert not run.is_finished
    assert act(run) == (run, ())


def test_an_order_at_the_wanted_price_is_left_alone():
    assert act(working()) == (working(), ())


def test_a_new_price_replaces_the_order_for_the_same_quantity():
    run, (command,) = act(want(working(), "0.76"))
    assert isinstance(command, ReplaceOrder)
    assert (command.replaced.client_order_id, command.order.quantity, command.order.limit_price) == (E1, 4, dec("0.76"))
    assert run.order(E1).status is OrderStatus.REPLACING
    assert run.working == 4
    assert run.live_order == run.order(E2)
    assert act(run) == (run, ())


def test_a_pending_order_is_not_replaced_before_it_works():
    run = want(answer(sent(), E1, Signal.ACCEPTED, broker_order_id="B1"), "0.76")
    assert act(run) == (run, ())


def test_the_replacement_carries_on_when_the_original_ends():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E1, Signal.REPORTED_CANCELLED)
    assert act(run) == (run, ())
    run = told(run, E2, Signal.REPORTED_WORKING)
    assert not run.in_flight
    assert act(run) == (run, ())


def test_a_failed_replacement_restores_the_original_at_its_price():
    run, _ = act(want(working(), "0.76"))
    for failed in (
        answer(run, E2, Signal.REJECTED, reason="no"),
        answer(run, E2, Signal.NOT_SENT),
        told(run, E2, Signal.REPORTED_CANCELLED),
    ):
        assert failed.order(E1).status is OrderStatus.WORKING
        assert failed.target == dec("0.75")
        assert act(failed) == (failed, ())


def test_a_replacement_aborted_by_a_fill_goes_the_way_of_a_partly_filled_order():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E1, Signal.REPORTED_WORKING, make_fill(1))
    run = answer(run, E2, Signal.REJECTED)
    assert run.target == dec("0.76")
    run, (cancel,) = act(run)
    assert isinstance(cancel, CancelOrder)
    assert cancel.order.client_order_id == E1


def test_an_unknown_replacement_that_proves_absent_restores_the_original():
    run, _ = act(want(working(), "0.76"))
    run = answer(run, E2, Signal.UNKNOWN)
    assert act(run) == (run, ())
    run = answer(run, E2, Signal.ABSENT)
    assert run.live_order == run.order(E1)


def test_a_partly_filled_order_is_cancelled_read_to_its_end_and_followed_by_the_leaves():
    run = told(want(working(), "0.76"), E1, Signal.REPORTED_WORKING, make_fill(1))
    run, (cancel,) = act(run)
    assert isinstance(cancel, CancelOrder)
    run = told(run, E1, Signal.REPORTED_CANCELLED, filled_quantity=2)
    assert act(run) == (run, ()), "its second fill is not read yet"
    run = told(run, E1, Signal.REPORTED_CANCELLED, make_fill(1), make_fill(2))
    run, (submit,) = act(run)
    assert isinstance(submit, SubmitOrder)
    assert (submit.order.client_order_id, submit.order.quantity, submit.order.limit_price) == (E2, 2, dec("0.76"))
    assert submit.order.replaces is None


def test_a_fill_that_is_only_counted_yet_keeps_an_order_from_being_replaced():
    run = told(want(working(), "0.76"), E1, Signal.REPORTED_WORKING, filled_quantity=1)
    _, (command,) = act(run)
    assert isinstance(command, CancelOrder)


def test_a_fill_during_the_cancel_counts():
    run = told(want(working(), "0.76"), E1, Signal.REPORTED_WORKING, make_fill(1))
    run, _ = act(run)
    run = told(run, E1, Signal.REPORTED_FILLED, make_fill(1), make_fill(2, 3))
    assert run.is_finished
    assert act(run) == (run, ())
    assert (run.filled, run.leaves, run.average_price) == (4, 0, dec("0.75"))


def test_more_filled_and_working_than_the_size_is_cancelled_down_and_placed_again():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E1, Signal.REPORTED_CANCELLED, make_fill(1))
    run = told(run, E2, Signal.REPORTED_WORKING)
    run, (cancel,) = act(run)
    assert isinstance(cancel, CancelOrder)
    run = told(run, E2, Signal.REPORTED_CANCELLED)
    _, (submit,) = act(run)
    assert (submit.order.client_order_id, submit.order.quantity) == (E3, 3)


def test_what_is_withdrawn_is_cancelled_and_not_placed_again():
    run, (cancel,) = act(withdraw(working(), "the window ended"))
    assert isinstance(cancel, CancelOrder)
    assert not run.is_finished
    run = told(run, E1, Signal.REPORTED_CANCELLED, make_fill(1))
    assert run.is_finished
    assert act(run) == (run, ())
    assert withdraw(run, "later").withdrawn == "the window ended"


def test_what_ends_by_itself_is_not_sent_again():
    for status in (Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED):
        run = told(working(), E1, status, reason="why")
        assert run.is_finished
        assert run.withdrawn.endswith(": why")
        assert act(run) == (run, ())


def test_an_end_without_a_reason_is_named_by_its_status():
    assert told(working(), E1, Signal.REPORTED_EXPIRED).withdrawn == "expired"


def test_a_rejection_during_our_cancel_is_not_sent_again():
    run = told(want(working(), "0.76"), E1, Signal.REPORTED_WORKING, make_fill(1))
    run, _ = act(run)
    run = told(run, E1, Signal.REPORTED_REJECTED)
    assert run.is_finished


def test_a_replacement_that_ends_by_itself_ends_the_ladder():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E1, Signal.REPORTED_CANCELLED)
    run = told(run, E2, Signal.REPORTED_REJECTED, reason="venue")
    assert run.is_finished
    assert run.withdrawn == "rejected: venue"


def test_a_replacement_that_never_left_is_not_placed_when_its_original_is_over():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E1, Signal.REPORTED_EXPIRED)
    run = answer(run, E2, Signal.NOT_SENT)
    assert run.is_finished


def test_a_filled_replacement_leaves_the_original_to_its_report():
    run, _ = act(want(working(), "0.76"))
    run = told(run, E2, Signal.REPORTED_FILLED, make_fill(1, 4))
    assert run.in_flight
    run = told(run, E1, Signal.REPORTED_CANCELLED)
    assert run.is_finished


def test_an_order_that_never_left_is_held_back_and_placed_again():
    run = hold_back(answer(sent(), E1, Signal.NOT_SENT), START + seconds(2))
    assert act(run) == (run, ())
    run, (submit,) = advance(run, START + seconds(2))
    assert (submit.order.client_order_id, submit.order.quantity) == (E2, 4)
    assert run.not_before is None


def test_holding_back_never_undoes_a_withdrawal():
    run = answer(withdraw(sent(), "deleted"), E1, Signal.NOT_SENT)
    run = hold_back(run, START)
    assert run.is_finished
    assert act(run) == (run, ())


def test_an_order_that_turns_up_beside_a_younger_one_is_cancelled():
    run = hold_back(answer(sent(), E1, Signal.NOT_SENT), START)
    run, _ = act(run)
    run = told(run, E1, Signal.REPORTED_WORKING)
    run, (cancel,) = act(run)
    assert isinstance(cancel, CancelOrder)
    assert cancel.order.client_order_id == E1
    assert act(run) == (run, ())


def test_an_abandoned_order_that_turns_up_is_cancelled():
    run = answer(answer(sent(), E1, Signal.UNKNOWN), E1, Signal.ABSENT)
    assert run.is_finished
    run = told(run, E1, Signal.REPORTED_WORKING)
    assert not run.is_finished
    _, (cancel,) = act(run)
    assert isinstance(cancel, CancelOrder)


def test_a_fill_after_the_end_counts():
    run, _ = act(withdraw(working(), "over"))
    run = told(run, E1, Signal.REPORTED_CANCELLED)
    run = told(run, E1, Signal.REPORTED_CANCELLED, make_fill(1, 2))
    assert (run.filled, run.is_finished) == (2, True)


def test_nothing_filled_has_no_average():
    assert fresh().average_price is None
    assert fresh().working == 0
    assert fresh().order(E1) if fresh().orders else True


def test_the_average_is_over_all_orders():
    run = evolve(
        fresh(),
        orders=(
            make_order(OrderStatus.CANCELLED, fills=(make_fill(1, 1, "0.70"),)),
            make_order(OrderStatus.FILLED, client_order_id=E2, fills=(make_fill(2, 3, "0.80"),)),
        ),
    )
    assert run.average_price == dec("0.775")


def test_a_blocked_ladder_places_and_replaces_nothing():
    assert advance(fresh(), START, blocked=True) == (fresh(), ())
    stepping = want(working(), "0.76")
    assert advance(stepping, START + seconds(1), blocked=True) == (stepping, ())


def test_a_blocked_ladder_cancels_what_must_go():
    unwanted = withdraw(working(), "the operator asked")
    _, (command,) = advance(unwanted, START + seconds(1), blocked=True)
    assert isinstance(command, CancelOrder)
