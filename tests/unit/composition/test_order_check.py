"""The last check of an order: each thing it looks at, right and wrong; what is contested passes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from composition.order_check import (
    GONE_BEFORE,
    HALTED_MEANWHILE,
    NO_DRY_RUN,
    NOT_AS_WRITTEN,
    NOT_ASKED,
    NOT_DECIDED,
    NOT_READY,
    OrderCheck,
)
from domain import events
from domain.alerts import Action, Alert, InstrumentKind, Right
from domain.commands import ReplaceOrder, SubmitOrder, ValidateOrder
from domain.events import Operation, OrderNotSent, OrderWithheld, OutcomeUnknown, Stamped
from domain.orders import Order, OrderRole, OrderStatus, Side, Signal, TimeInForce
from domain.policies import Conversion, EntryPolicy, ExitPolicy
from domain.verdicts import DenialCode, HaltCause
from ports.audit_log import Entry, RowClass
from tests.support.builders import (
    EXPIRY,
    START,
    dec,
    make_contract,
    make_fill,
    make_message,
    make_order,
    make_policies,
    make_report,
)
from tests.support.desk_driver import DeskDriver

CONTRACT = make_contract()
BUY = Alert(action=Action.BUY_TO_OPEN, symbol="UBER", instrument=InstrumentKind.OPTION, price=dec("0.75"))
STC = Alert(action=Action.SELL_TO_CLOSE, symbol="UBER", instrument=None)


class Rows:
    """The rows of a log, shown to a check as they are written."""

    def __init__(self, *, ready: bool = True, **policies):
        self.check = OrderCheck()
        self.see(events.DeskStarted(make_policies(**policies), "test"))
        if ready:
            self.read()

    def see(self, *bodies):
        for body in bodies:
            stamped = Stamped(START, body) if isinstance(body, events.Input) else body
            self.check(1, Entry(START, RowClass.INPUT, stamped, None))
        return self

    def read(self, *reports, complete=True):
        return self.see(events.BrokerRead(START, reports, (), complete=complete))

    def report(self, *arguments, **parts):
        return self.see(events.OrderReported(make_report(*arguments, **parts)))

    def decide(self, trade_id="T1", *, size=4, worst="0.78", dry_run=False, alert=BUY, contract=CONTRACT):
        return self.see(
            events.AlertReceived(trade_id, make_message(dry_run=dry_run)),
            events.AlertRead(trade_id, alert, "default"),
            events.ContractResolved(trade_id, contract),
            events.EntrySized(trade_id, size, Decimal(1000), dec("0.75"), dec(worst), ""),
        )

    def bought(self, quantity=4, trade_id="T1", **decision):
        """An entry that has filled."""
        self.decide(trade_id, **decision)
        name = f"{trade_id}-E1"
        self.passes(SubmitOrder(trade_id, make_order(client_order_id=name, trade_id=trade_id)))
        parts = {"client_order_id": name, "broker_order_id": f"B{trade_id}"}
        status = Signal.REPORTED_FILLED if quantity == 4 else Signal.REPORTED_CANCELLED
        return self.report(status, make_fill(int(trade_id[1:]), quantity), **parts)

    def answer(self, command):
        operation = Operation.REPLACE if isinstance(command, ReplaceOrder) else Operation.SUBMIT
        return self.check.answer_instead(command, operation)

    def passes(self, command):
        self.see(command)
        assert self.answer(command) == ()
        return self

    def withholds(self, command, reason):
        self.see(command)
        (told,) = self.answer(command)
        assert isinstance(told, OrderWithheld)
        assert (told.client_order_id, reason in told.reason) == (command.order.client_order_id, True), told.reason
        return self.see(told)


def entry(number=1, **changes) -> SubmitOrder:
    return SubmitOrder("T1", make_order(client_order_id=f"T1-E{number}", **changes))


def sale(name="T1-X1", quantity=2, price="1.50", **changes) -> SubmitOrder:
    trade_id, _, letter = name.rpartition("-")
    parts = {
        "client_order_id": name,
        "trade_id": trade_id,
        "role": OrderRole(letter[0]),
        "side": Side.SELL_TO_CLOSE,
        "quantity": quantity,
        "limit_price": None if price is None else dec(price),
        "time_in_force": TimeInForce.GTC,
    }
    return SubmitOrder(trade_id, make_order(**parts | changes))


def step(number, replaced: Order, price="0.76", **changes) -> ReplaceOrder:
    name = f"{replaced.trade_id}-{replaced.role.value}{number}"
    parts = {"client_order_id": name, "limit_price": dec(price), "replaces": replaced.client_order_id}
    return ReplaceOrder(replaced.trade_id, evolve(replaced, **parts | changes), replaced)


# ---- at the socket ---------------------------------------------------------------------------------------------------


def test_an_order_goes_out_as_it_was_written_and_once():
    rows = Rows().decide()
    rows.passes(entry())
    unknown, withheld = rows.answer(entry())
    assert unknown == OutcomeUnknown("T1-E1", Operation.SUBMIT, GONE_BEFORE)
    assert withheld == OrderWithheld("T1-E1", GONE_BEFORE)


def test_a_second_row_under_an_id_does_not_let_it_out_again():
    rows = Rows().decide()
    rows.passes(entry())
    rows.see(entry(limit_price=dec("0.76")))
    assert rows.answer(entry(limit_price=dec("0.76")))[1] == OrderWithheld("T1-E1", GONE_BEFORE)


@pytest.mark.parametrize("other", [entry(quantity=5), entry(2), ValidateOrder("T1", entry().order)])
def test_what_is_not_in_the_log_does_not_go_out(other):
    rows = Rows().decide().see(entry())
    assert rows.answer(other) == (OrderWithheld(other.order.client_order_id, NOT_AS_WRITTEN),)


def test_a_halt_overtakes_an_entry_on_its_way_without_a_fault():
    rows = Rows().decide().see(entry(), events.TradingHalted(HaltCause.OPERATOR, "lunch", "admin"))
    assert rows.answer(entry()) == (OrderNotSent("T1-E1", HALTED_MEANWHILE),)


def test_a_halt_does_not_overtake_a_sale():
    rows = Rows().bought().see(sale(), events.TradingHalted(HaltCause.OPERATOR, "lunch", "admin"))
    assert rows.answer(sale()) == ()


# ---- when ------------------------------------------------------------------------------------------------------------


def test_nothing_goes_out_before_the_broker_was_read_whole():
    rows = Rows(ready=False).read(complete=False).decide().withholds(entry(), NOT_READY)
    rows.read().passes(entry(2))


def test_a_new_start_reads_again():
    rows = Rows().decide().see(events.DeskStarted(make_policies(), "test"))
    rows.withholds(entry(), NOT_READY)


@pytest.mark.parametrize(
    ("ends", "cause"),
    [
        (events.ResumeRequested("admin", ""), HaltCause.OPERATOR),
        (events.AuthorizationRestored("admin"), HaltCause.AUTHORIZATION),
    ],
)
def test_no_entry_goes_out_between_a_halt_and_its_end(ends, cause):
    rows = Rows().decide().see(events.TradingHalted(cause, "", "desk"))
    rows.withholds(entry(), f"entries are halted ({cause})")
    rows.see(ends).passes(entry(2))


def test_the_authorization_ends_no_other_halt():
    rows = Rows().decide().see(events.TradingHalted(HaltCause.REJECTS, "", "desk"), events.AuthorizationRestored("x"))
    rows.withholds(entry(), "entries are halted (rejects)")


# ---- entries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [events.AlertRead, events.ContractResolved, events.EntrySized])
def test_an_entry_rests_on_a_whole_decision(missing):
    class Without(Rows):
        def see(self, *bodies):
            return super().see(*(body for body in bodies if not isinstance(body, missing)))

    Without().decide().withholds(entry(), NOT_DECIDED)


def test_what_was_denied_is_not_decided():
    rows = Rows().see(events.AlertRead("T1", BUY, "default"), events.ContractResolved("T1", CONTRACT))
    rows.see(events.Denied("T1", DenialCode.STALE, ""), events.EntrySized("T1", 4, dec("9"), dec("1"), dec("1"), ""))
    rows.withholds(entry(), NOT_DECIDED)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"side": Side.SELL_TO_CLOSE}, "may only buy to open"),
        ({"contract": make_contract("80")}, "was decided"),
        ({"quantity": 0}, "0 is no quantity"),
        ({"quantity": 5}, "more than the 4 that were decided"),
        ({"limit_price": dec("0.79")}, "above 0.78, the highest that was decided"),
        ({"limit_price": dec("0.755")}, "no price on the tick grid"),
        ({"limit_price": dec("0")}, "no price on the tick grid"),
        ({"limit_price": dec("-0.75")}, "no price on the tick grid"),
        ({"limit_price": None}, "a market order is not what the policy allows"),
    ],
)
def test_an_entry_is_what_was_decided(wrong, reason):
    Rows().decide().withholds(entry(**wrong), reason).passes(entry(2))


def test_a_market_order_passes_where_the_policy_converts_to_one():
    Rows(entry=EntryPolicy(conversion=Conversion.MARKET)).decide().passes(entry(limit_price=None))


def test_the_chase_limit_holds_whatever_was_sized():
    rows = Rows(entry=EntryPolicy(max_chase=Decimal(20))).decide(worst="2.00")
    rows.withholds(entry(limit_price=dec("0.91")), "above 0.9").passes(entry(2, limit_price=dec("0.90")))


def test_an_alert_without_a_price_has_the_sized_price_as_its_limit():
    Rows().decide(worst="2.00", alert=evolve(BUY, price=None)).passes(entry(limit_price=dec("2.00")))


def test_a_replacement_and_what_it_replaces_exclude_each_other():
    rows = Rows().decide().passes(entry())
    rows.passes(step(2, entry().order))
    rows.report(Signal.REPORTED_CANCELLED)
    rows.passes(step(3, step(2, entry().order).order, "0.77"))


def test_a_replacement_without_an_answer_has_no_more_than_what_it_replaces_has_left():
    rows = Rows().bought(4).see(events.AlertReceived("T2", make_message()), events.AlertRead("T2", STC, "default"))
    first = sale("T2-C1", 4)
    rows.passes(first).passes(step(2, first.order))
    rows.see(OutcomeUnknown("T2-C2", Operation.REPLACE, "lost"))
    rows.report(Signal.REPORTED_FILLED, make_fill(9, 4), client_order_id="T2-C1", broker_order_id="B9")
    assert rows.check._books.offered(CONTRACT.symbol) == 0
    rows.report(Signal.REPORTED_WORKING, client_order_id="T2-C2", broker_order_id="B10", replaces="B9")
    assert rows.check._books.offered(CONTRACT.symbol) == 4


def test_a_second_order_beside_one_that_works_is_too_much():
    Rows().decide().passes(entry()).withholds(entry(2, quantity=1), "0 contracts filled and 5 working")


@pytest.mark.parametrize("quantity", [1, 3])
def test_after_a_part_has_filled_only_the_rest_goes_out(quantity):
    rows = Rows().decide().passes(entry()).report(Signal.REPORTED_CANCELLED, make_fill(1, 2))
    if quantity == 1:
        rows.passes(entry(2, quantity=quantity))
    else:
        rows.withholds(entry(2, quantity=quantity), "2 contracts filled and 3 working")


def test_contracts_that_the_broker_counts_are_filled_though_their_fills_are_not_told():
    rows = Rows().decide().passes(entry()).report(Signal.REPORTED_CANCELLED, filled_quantity=3)
    rows.withholds(entry(2, quantity=2), "3 contracts filled and 2 working")


@pytest.mark.parametrize(
    "end",
    [
        events.OrderRejected("T1-E1", "no"),
        OrderNotSent("T1-E1", "away"),
        OrderWithheld("T1-E1", "wrong"),
        events.OrderEnded("T1", "T1-E1", None, OrderRole.ENTRY, OrderStatus.ABSENT, 0, ""),
    ],
)
def test_an_order_that_has_ended_makes_room_for_the_next(end):
    Rows().decide().passes(entry()).see(end).passes(entry(2))


@pytest.mark.parametrize(
    "news",
    [
        (OutcomeUnknown("T1-E1", Operation.SUBMIT, "?"), OrderNotSent("T1-E1", "its cancel never left")),
        (events.OrderAccepted("T1-E1", "B1"), OrderNotSent("T1-E1", "its cancel never left")),
        (events.OrderEnded("T1", "T1-E1", None, OrderRole.ENTRY, OrderStatus.CANCELLED, 0, "says the desk"),),
    ],
)
def test_an_order_that_may_work_on_makes_none(news):
    Rows().decide().passes(entry()).see(*news).withholds(entry(2), "8 working")


def test_an_order_that_was_not_there_and_turns_up_works_again():
    rows = Rows().decide().passes(entry()).see(OrderNotSent("T1-E1", "away")).report()
    rows.withholds(entry(2), "8 working")


def test_a_report_without_our_id_is_known_by_the_brokers():
    rows = Rows().decide().passes(entry()).see(events.OrderAccepted("T1-E1", "B1"))
    rows.report(Signal.REPORTED_CANCELLED, client_order_id=None).passes(entry(2))


def test_news_of_orders_that_are_not_ours_changes_nothing():
    rows = Rows().report(client_order_id=None).read(make_report(client_order_id="by hand"))
    rows.see(events.OrderAccepted("X", "B9"), events.OrderRejected("X", ""), OrderNotSent("X", ""))
    rows.see(
        OutcomeUnknown("X", Operation.SUBMIT, ""),
        events.OrderEnded("T1", "X", None, OrderRole.ENTRY, OrderStatus.ABSENT, 0, ""),
    )
    rows.decide().passes(entry())


# ---- dry runs --------------------------------------------------------------------------------------------------------


def test_a_dry_run_is_checked_again_as_often_as_it_must_be():
    rows = Rows().decide(dry_run=True)
    rows.passes(ValidateOrder("T1", entry().order)).passes(ValidateOrder("T1", entry(2).order))


def test_a_dry_run_is_never_placed():
    Rows().decide(dry_run=True).withholds(entry(), NO_DRY_RUN)


def test_what_is_no_dry_run_is_not_only_checked():
    Rows().decide().withholds(ValidateOrder("T1", entry().order), NO_DRY_RUN)
    Rows().bought().withholds(ValidateOrder("T1", sale().order), NO_DRY_RUN)


# ---- exits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"side": Side.BUY_TO_OPEN}, "may only sell to close"),
        ({"contract": make_contract("80")}, "was decided"),
        ({"quantity": 0}, "0 is no quantity"),
        ({"quantity": 3}, "exits would cover 3 contracts and may cover 2"),
        ({"price": "1.505"}, "no price on the tick grid"),
        ({"price": None}, "an exit has a limit"),
    ],
)
def test_an_exit_is_what_its_trade_allows(wrong, reason):
    Rows().bought().withholds(sale(**wrong), reason).passes(sale("T1-X2"))


def test_an_exit_rests_on_an_entry():
    Rows().withholds(sale(), NOT_DECIDED)


def test_a_single_contract_is_covered_where_the_policy_says_so():
    Rows(exit=ExitPolicy(min=1)).bought(1).passes(sale(quantity=1))
    Rows(exit=ExitPolicy(min=0)).bought(1).withholds(sale(quantity=1), "may cover 0")
    Rows(exit=ExitPolicy(fraction=Decimal(0), min=1)).bought(1).withholds(sale(quantity=1), "may cover 0")


def test_an_exit_waits_for_the_end_of_the_one_that_it_follows():
    rows = Rows().bought().passes(sale())
    rows.withholds(sale("T1-X2"), "exits would cover 4 contracts")
    rows.report(Signal.REPORTED_CANCELLED, client_order_id="T1-X1", broker_order_id="B2").passes(sale("T1-X3"))


def test_all_sales_in_a_contract_are_of_what_is_held_in_it():
    rows = Rows().bought().bought(4, "T2")
    rows.see(events.AlertRead("T3", STC, "default"))
    rows.passes(sale("T1-X1")).passes(sale("T3-C1", 6, "0.70"))
    rows.withholds(sale("T2-X1"), "10 contracts would be offered and 8 are held")


# ---- closes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        events.AlertRead("T2", STC, "default"),
        events.AlertRead(
            "T2",
            evolve(STC, instrument=InstrumentKind.OPTION, strike=dec("78"), right=Right.PUT, expires_on=EXPIRY),
            "default",
        ),
        events.CloseRequested("admin", "T2", "uber"),
        events.CloseRequested("admin", "T2", CONTRACT.symbol),
    ],
)
def test_a_close_is_of_the_contract_that_somebody_named(asked):
    Rows().bought().see(asked).passes(sale("T2-C1", 4, "0.70"))


@pytest.mark.parametrize(
    "asked",
    [
        events.AlertRead("T9", STC, "default"),
        events.AlertRead("T2", BUY, "default"),
        events.AlertRead("T2", evolve(STC, symbol="AAPL"), "default"),
        events.AlertRead("T2", evolve(STC, strike=dec("80")), "default"),
        events.CloseRequested("admin", "T2", "AAPL"),
    ],
)
def test_a_close_that_nobody_asked_for_is_withheld(asked):
    Rows().bought().see(asked).withholds(sale("T2-C1", 4, "0.70"), NOT_ASKED)


def test_nothing_is_closed_where_nothing_was_bought():
    Rows().see(events.AlertRead("T2", STC, "default")).withholds(sale("T2-C1", 4, "0.70"), NOT_ASKED)


def test_a_close_by_the_name_that_the_alert_had_for_the_contract():
    contract = make_contract(underlying="SPX")
    rows = Rows().decide(alert=evolve(BUY, symbol="SPXW"), contract=contract)
    rows.passes(entry(contract=contract)).report(Signal.REPORTED_FILLED, make_fill(1, 4))
    rows.see(events.AlertRead("T2", evolve(STC, symbol="SPXW"), "default"))
    rows.passes(sale("T2-C1", 4, "0.70", contract=contract))


def test_an_operators_closes_of_several_contracts_are_all_asked_for():
    rows = (
        Rows().bought().see(events.CloseRequested("admin", "T2", "UBER"), events.Denied("T2", DenialCode.NO_PRICE, ""))
    )
    rows.passes(sale("T2-2-C1", 4, "0.70"))


def test_a_close_never_sells_more_than_its_first_order_was_for():
    rows = Rows().bought().see(events.AlertRead("T2", STC, "default")).passes(sale("T2-C1", 2, "0.70"))
    rows.report(Signal.REPORTED_CANCELLED, make_fill(9), client_order_id="T2-C1", broker_order_id="B2")
    rows.withholds(sale("T2-C2", 2, "0.70"), "1 contracts filled and 2 working are more than the 2")
    rows.passes(sale("T2-C3", 1, "0.70"))


@pytest.mark.parametrize(("fraction", "passes"), [(None, False), ("all", True)])
def test_a_close_never_sells_more_than_the_alert_named(fraction, passes):
    rows = Rows().bought().see(events.AlertRead("T2", evolve(STC, quantity=2, fraction=fraction), "default"))
    command = sale("T2-C1", 3, "0.70")
    if passes:
        rows.passes(command)
    else:
        rows.withholds(command, "3 working are more than the 2")


def test_a_close_may_sell_at_the_market_and_steps_like_an_entry():
    rows = Rows().bought().see(events.AlertRead("T2", STC, "default")).passes(sale("T2-C1", 4, "0.70"))
    rows.passes(step(2, sale("T2-C1", 4, "0.70").order, "0.69", limit_price=None))


def test_a_finished_close_is_not_begun_again():
    rows = Rows().bought().see(events.AlertRead("T2", STC, "default"), events.CloseFinished("T2", 0, None, "sold"))
    rows.withholds(sale("T2-C1", 4, "0.70"), NOT_ASKED)


# ---- what is contested passes ----------------------------------------------------------------------------------------


def test_a_fill_counts_as_it_was_told_first():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(100))).bought(4)
    changed = {"client_order_id": "T1-E1", "broker_order_id": "BT1", "filled_quantity": 1}
    rows.report(Signal.REPORTED_FILLED, make_fill(1, 1), **changed)
    rows.passes(sale(quantity=4))


def test_a_fill_that_is_told_late_counts_beside_one_that_was_corrected():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(100))).bought(3)
    parts = {"client_order_id": "T1-E1", "broker_order_id": "BT1"}
    rows.report(Signal.REPORTED_CANCELLED, make_fill(1, 2), make_fill(2, 1), **parts).passes(sale(quantity=4))


def test_a_fill_told_under_another_id_counts_once():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(50))).bought(4).passes(sale(quantity=2))
    parts = {"client_order_id": "T1-X1", "broker_order_id": "B2"}
    rows.report(Signal.REPORTED_FILLED, make_fill(8, 2), **parts).report(
        Signal.REPORTED_FILLED, make_fill(9, 2), **parts
    )
    rows.see(events.CloseRequested("operator", "T2", "UBER")).passes(sale("T2-C1", 2))


def test_two_orders_under_one_id_have_sold_what_both_have():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(50))).bought(4).passes(sale(quantity=2))
    for number in (8, 9):
        parts = {"client_order_id": "T1-X1", "broker_order_id": f"B{number}"}
        rows.report(Signal.REPORTED_FILLED, make_fill(number, 2), **parts)
    rows.see(events.CloseRequested("operator", "T2", "UBER"))
    rows.withholds(sale("T2-C1", 1), "1 contracts would be offered and 0 are held")


def test_what_an_exit_and_its_twin_sold_of_another_trade_does_not_count_against_the_next_one():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(100))).bought(4).bought(2, "T2")
    rows.passes(sale("T2-X1", quantity=2))
    for number in (8, 9):
        parts = {"client_order_id": "T2-X1", "broker_order_id": f"B{number}"}
        rows.report(Signal.REPORTED_FILLED, make_fill(number, 2), **parts)
    more = {"client_order_id": "T2-E1", "broker_order_id": "BT2"}
    rows.report(Signal.REPORTED_FILLED, make_fill(2, 2), make_fill(3, 2), **more).passes(sale("T2-X2", quantity=2))
    rows.withholds(sale("T2-X3", quantity=1), "exits would cover 5 contracts and may cover 4")


def test_numbers_that_no_execution_can_have_are_not_counted():
    rows = Rows().decide().passes(entry()).report(Signal.REPORTED_CANCELLED, make_fill(1, 0, "-1"), filled_quantity=0)
    rows.passes(entry(2))


def test_a_sale_that_the_broker_counts_and_does_not_tell_leaves_room_for_the_rest():
    rows = Rows(exit=ExitPolicy(fraction=Decimal(100))).bought().passes(sale(quantity=2))
    rows.report(client_order_id="T1-X1", broker_order_id="B2", filled_quantity=2).passes(sale("T1-X2", 2))


def test_the_end_of_either_of_two_orders_under_one_id_is_the_end_of_both():
    rows = Rows().bought().passes(sale())
    rows.report(client_order_id="T1-X1", broker_order_id="B2")
    rows.report(Signal.REPORTED_CANCELLED, client_order_id="T1-X1", broker_order_id="B3").passes(sale("T1-X2"))


def test_contracts_that_left_without_an_order_of_ours_still_count_as_held():
    rows = Rows().bought().see(events.PositionTakenOver("T1", CONTRACT.symbol, 4, 1))
    rows.passes(sale(quantity=1))


# ---- the start -------------------------------------------------------------------------------------------------------


def after_a_start(desk: DeskDriver) -> Rows:
    """A process that begins with what a desk has left."""
    rows = Rows(ready=False)
    rows.check.take_over(desk.state)
    return rows.see(events.DeskStarted(desk.policies, "test")).read()


def test_orders_of_before_the_start_count_and_never_go_out_again():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 1)
    rows = after_a_start(desk)
    assert rows.answer(entry())[1] == OrderWithheld("T1-E1", GONE_BEFORE)
    rows.withholds(entry(2, quantity=desk.state.trades["T1"].entry.quantity), "1 contracts filled")
    rows.withholds(sale("T1-X9", 1), "exits would cover 1 contracts and may cover 0")


def test_a_report_of_an_order_of_before_the_start_is_known_by_the_brokers_id():
    desk = DeskDriver()
    desk.say()
    order = desk.state.trades["T1"].entry.orders[0]
    rows = after_a_start(desk)
    rows.report(Signal.REPORTED_CANCELLED, client_order_id=None, broker_order_id=order.broker_order_id)
    rows.passes(entry(2, quantity=order.quantity))


def test_closes_and_halts_of_before_the_start_are_known():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", desk.state.trades["T1"].entry.quantity)
    desk.say("STC UBER 78p 12/04")
    desk.feed(events.HaltRequested("admin", "lunch"))
    (order,) = desk.state.closings["T2"].ladder.orders
    rows = after_a_start(desk)
    rows.withholds(sale("T2-C9", order.quantity, "0.70"), "are more than")
    rows.report(Signal.REPORTED_CANCELLED, client_order_id="T2-C1", broker_order_id=order.broker_order_id)
    rows.passes(sale("T2-C10", order.quantity, "0.70"))
    rows.decide("T5").withholds(SubmitOrder("T5", make_order(client_order_id="T5-E1", trade_id="T5")), "halted")


def test_an_operators_close_of_before_the_start_is_known():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", desk.state.trades["T1"].entry.quantity)
    desk.feed(events.CloseRequested("admin", "T2", "UBER"))  # it waits for the exit's cancel
    after_a_start(desk).report(
        Signal.REPORTED_CANCELLED, client_order_id="T1-X1", broker_order_id=desk.booked("T1-X1").broker_order_id
    ).passes(sale("T2-C1", 1, "0.70"))


def test_what_was_being_decided_goes_on_with_what_was_known():
    desk = DeskDriver()
    desk.post()
    while not any(candidate.contract for candidate in desk.state.candidates.values()):
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    rows = after_a_start(desk)
    rows.see(events.EntrySized("T1", 4, dec("1000"), dec("0.75"), dec("0.78"), "")).passes(entry())


def test_a_dry_run_of_before_the_start_stays_one():
    desk = DeskDriver()
    desk.post(dry_run=True)
    rows = after_a_start(desk).decide()
    rows.withholds(entry(), NO_DRY_RUN)


def test_a_dry_run_that_was_on_its_way_never_worked():
    desk = DeskDriver()
    desk.post(dry_run=True)
    while not desk.state.trades:
        desk.feed(desk.inbox.pop(0)) if desk.inbox else desk.perform(desk.pending.pop(0))
    quantity = desk.state.trades["T1"].entry.quantity
    after_a_start(desk).passes(ValidateOrder("T1", entry(2, quantity=quantity).order))


# ---- forgetting ------------------------------------------------------------------------------------------------------


def test_what_is_of_contracts_that_stopped_trading_long_ago_is_forgotten():
    rows = Rows().bought().see(events.AlertRead("T2", STC, "default")).passes(sale("T2-C1", 4, "0.70"))
    rows.see(events.SessionStarted(datetime(2026, 12, 20, tzinfo=UTC).date(), Decimal(1), Decimal(1)))
    rows.report(Signal.REPORTED_CANCELLED, client_order_id="T2-C1", broker_order_id="B2").passes(sale())
    rows.see(events.SessionStarted(datetime(2027, 1, 20, tzinfo=UTC).date(), Decimal(1), Decimal(1)))
    rows.withholds(sale("T1-X2"), NOT_DECIDED)
