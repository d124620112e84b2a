"""How things stand, in words for a chat."""

from attrs import evolve

from adapters.discord import views
from domain.desk.state import DeskState, Halt, Phase
from domain.events import CloseFinished, CloseRequested
from domain.policies import Policies
from domain.risk import Baseline
from domain.verdicts import HaltCause
from tests.support.builders import MONEY, START, dec
from tests.support.desk_driver import DeskDriver


def test_the_status_says_mode_phase_halts_work_and_connections():
    state = DeskState(
        policies=Policies(), phase=Phase.RECOVERING, halts=(Halt(HaltCause.REJECTS, "3 in a row", "desk"),)
    )
    text = views.status_text(state, "connected to Discord as 5", "valid until noon")
    assert text == (
        "Mode paper, recovering: the books are being compared with the broker's. "
        "Entries are halted. rejects: 3 in a row (by desk).\n"
        "Open trades: 0. Working orders: 0.\n"
        "Alerts being decided: 0. Closes under way: 0.\n"
        "Replies and notices not delivered yet: 0.\n"
        "Discord: connected to Discord as 5. Broker: valid until noon."
    )


def test_the_account_shows_its_money_only_where_it_may():
    state = evolve(DeskState(), balances=MONEY)
    assert views.account_text(state, "5WT00001", amounts=True) == (
        "Account ****001 (paper): buying power $50,000.00, net liquidation $100,000.00."
    )
    assert "$" not in views.account_text(state, "5WT00001", amounts=False)
    assert "not been read yet" in views.account_text(DeskState(), None, amounts=True)
    baseline = Baseline(START.date(), dec("40000"), dec("90000"))
    assert "sized by $40,000.00" in views.account_text(evolve(state, baseline=baseline), None, amounts=True)


def test_a_working_order_and_a_position_take_a_line_each():
    desk = DeskDriver()
    desk.post()
    desk.settle()
    assert views.positions_text(desk.state) == "This system holds nothing."
    entry = "B1 (T1-E1): buy 10 UBER 78p 2026-12-04 @ 0.75 DAY, working, 0 of 10 filled"
    assert views.orders_text(desk.state) == entry
    desk.fill("T1-E1", 10, "0.75")
    desk.settle()
    exit_line = "B2 (T1-X1): sell 5 UBER 78p 2026-12-04 @ 1.50 GTC, working, 0 of 5 filled"
    assert views.orders_text(desk.state) == exit_line
    assert views.positions_text(desk.state) == "10 UBER 78p 2026-12-04 @ 0.75 on average, exits working for 5 (T1)"
    assert "Open trades: 1. Working orders: 1." in views.status_text(desk.state, "", "")


def test_an_order_is_found_by_either_id_also_when_it_is_over():
    desk = DeskDriver()
    desk.post()
    desk.settle()
    desk.fill("T1-E1", 10, "0.75")
    desk.settle()
    by_broker, by_client = (desk.state.order(name) for name in ("B1", "T1-E1"))
    assert by_broker == by_client
    assert by_broker is not None
    assert views.order_text(by_broker).endswith("filled, 10 of 10 filled")
    assert desk.state.order("B99") is None


def test_the_orders_of_a_close_are_shown_too():
    desk = DeskDriver()
    desk.post()
    desk.settle()
    desk.fill("T1-E1", 10, "0.75")
    desk.settle()
    desk.feed(CloseRequested("me", "TC", "UBER"))
    desk.settle()
    assert "sell 10 UBER 78p 2026-12-04" in views.orders_text(desk.state)
    assert desk.state.order("TC-C1") is not None
    desk.fill("TC-C1", 10, "0.75")
    assert not desk.state.closings
    over = desk.state.order("TC-C1")
    assert over is not None
    assert views.order_text(over).endswith("filled, 10 of 10 filled")


def test_a_close_of_several_contracts_names_each_that_began():
    desk = DeskDriver()
    for strike in (78, 80):
        trade_id = desk.say(f"BTO UBER {strike}p 12/04 @ 0.75")
        desk.fill(f"{trade_id}-E1", 10, "0.75")
    desk.feed(CloseRequested("me", "TA", desk.state.trades["T1"].contract.symbol))
    outputs = desk.feed(CloseRequested("me", "TC", "UBER"))
    assert views.begun_lines(desk.state, "TC", outputs) == ["Closing UBER 80p 2026-12-04 (TC-2).", views.CLOSE_HINT]
    outputs = desk.feed(CloseRequested("me", "TD", "UBER"))
    assert views.begun_lines(desk.state, "TD", outputs) == []
    over = (CloseFinished("TD", 0, None, "nothing left"), CloseFinished("TE", 0, None, "nothing left"))
    assert views.begun_lines(desk.state, "TD", over)[:-1] == ["Close TD is over: nothing left."]


def test_many_rows_end_with_the_number_of_the_others():
    rows = [f"row {number}" for number in range(20)]
    text = views._rows(rows)
    assert text.splitlines()[-2:] == ["row 11", "and 8 more"]
    assert views._rows(rows[:12]).splitlines()[-1] == "row 11"
