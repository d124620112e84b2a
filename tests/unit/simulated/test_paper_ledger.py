"""Money and holdings: exact cash for options and shares, margin and gains for futures, never a short position."""

from decimal import Decimal

import pytest

from adapters.simulated.exchange.ledger import FeeSchedule, Ledger
from domain.account import Position
from domain.alerts import InstrumentKind
from domain.instruments import ContractQuery
from domain.orders import Side
from tests.unit.simulated.paper_bench import listed

OPTION = listed()
SHARE = listed(ContractQuery("UBER", InstrumentKind.EQUITY))
FUTURE = listed(ContractQuery("/MESM6", InstrumentKind.FUTURE))
BUY, SELL = Side.BUY_TO_OPEN, Side.SELL_TO_CLOSE


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(cash=Decimal(10_000), starting_cash=Decimal(10_000))


def test_an_option_costs_a_hundred_times_its_price_and_its_fees(ledger: Ledger):
    ledger.fill(OPTION, BUY, 2, Decimal("1.50"))
    assert ledger.cash == 10_000 - 300 - Decimal("2.26")
    ledger.fill(OPTION, SELL, 1, Decimal("2.00"))
    assert ledger.cash == 10_000 - 300 - Decimal("2.26") + 200 - Decimal("0.14")
    assert ledger.fees == Decimal("2.40")


def test_the_average_price_follows_buys_and_stays_with_sales(ledger: Ledger):
    ledger.fill(OPTION, BUY, 1, Decimal("1.00"))
    ledger.fill(OPTION, BUY, 2, Decimal("1.50"))
    assert ledger.positions() == (Position(OPTION.symbol, 3, Decimal("1.333333")),)
    ledger.fill(OPTION, SELL, 2, Decimal("9.00"))
    assert ledger.positions() == (Position(OPTION.symbol, 1, Decimal("1.333333")),)
    ledger.fill(OPTION, SELL, 1, Decimal("9.00"))
    assert ledger.positions() == ()


def test_shares_cost_their_price_and_no_fees(ledger: Ledger):
    ledger.fill(SHARE, BUY, 10, Decimal("80.25"))
    assert (ledger.cash, ledger.fees) == (Decimal("9197.50"), 0)


def test_a_future_holds_margin_and_pays_its_gain_when_it_is_sold(ledger: Ledger):
    ledger.fill(FUTURE, BUY, 2, Decimal(6800))
    assert ledger.cash == 10_000 - 5
    assert ledger.margin == Decimal("0.08") * 2 * 6800 * 5
    assert ledger.holdings[FUTURE.symbol].worth(Decimal(6810)) == 100
    ledger.fill(FUTURE, SELL, 2, Decimal(6790))
    assert ledger.cash == 10_000 - 5 - 100 - 5
    assert ledger.margin == 0


@pytest.mark.parametrize(
    ("contract", "price", "outlay"),
    [(OPTION, "1.50", "302.26"), (SHARE, "80.25", "160.50"), (FUTURE, "6800", "5445.00")],
)
def test_an_order_reserves_what_it_takes(ledger: Ledger, contract: object, price: str, outlay: str):
    assert ledger.outlay(contract, Decimal(price), 2) == Decimal(outlay)


def test_more_than_is_held_cannot_be_sold(ledger: Ledger):
    ledger.fill(OPTION, BUY, 1, Decimal(1))
    with pytest.raises(ValueError, match=r"cannot sell 2 UBER .*: 1 are held"):
        ledger.fill(OPTION, SELL, 2, Decimal(1))
    with pytest.raises(ValueError, match="0 are held"):
        ledger.fill(SHARE, SELL, 1, Decimal(1))


def test_a_settlement_pays_out_and_closes(ledger: Ledger):
    ledger.fill(OPTION, BUY, 2, Decimal(1))
    before = ledger.cash
    ledger.settle(OPTION.symbol, Decimal("3.25"))
    assert ledger.cash - before == ledger.settled == 650
    assert ledger.holdings == {}


def test_a_schedule_of_fees_can_be_given():
    schedule = FeeSchedule(option_open=Decimal(2), share=Decimal("0.01"))
    assert schedule.of(OPTION, BUY, 3) == 6
    assert schedule.of(SHARE, SELL, 100) == 1
    assert schedule.of(FUTURE, SELL, 2) == 5
