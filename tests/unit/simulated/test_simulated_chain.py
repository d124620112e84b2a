"""What the simulated chain lists, and what it says of what it does not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.simulated.market.chain import SimulatedContracts, list_contract
from adapters.simulated.market.expiries import is_listed, third_friday
from adapters.simulated.market.products import FUTURES
from adapters.simulated.scenario.scenario import Read, ReadRule, Scenario
from adapters.simulated.scenario.script import Script
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from domain.alerts import InstrumentKind, Right
from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery
from domain.ticks import NICKEL, PENNY_ALL, PENNY_PROGRAM
from ports.errors import PortUnavailableError
from tests.unit.simulated.paper_bench import ALWAYS_OPEN, NYSE, START, UBER_PUT, listed


def option(symbol: str, strike: str, day: str, right: Right = Right.CALL) -> ContractQuery:
    return ContractQuery(symbol, InstrumentKind.OPTION, Decimal(strike), right, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("query", "symbol", "ticks"),
    [
        (option("UBER", "78", "2026-03-20", Right.PUT), "UBER  260320P00078000", PENNY_PROGRAM),
        (option("SPY", "681", "2026-03-11"), "SPY   260311C00681000", PENNY_ALL),
        (option("BRK.B", "500", "2026-03-20"), "BRKB  260320C00500000", PENNY_PROGRAM),
        (option("SPX", "6970", "2026-03-12"), "SPXW  260312C06970000", NICKEL),
        (option("SPXW", "6970", "2026-03-12"), "SPXW  260312C06970000", NICKEL),
        (option("SPX", "6970", "2026-04-17"), "SPX   260417C06970000", NICKEL),
        (option("SPXW", "6970", "2026-04-17"), "SPXW  260417C06970000", NICKEL),
        (option("NDX", "25000", "2026-03-13"), "NDXP  260313C25000000", NICKEL),
        (option("VIX", "20", "2026-03-18"), "VIX   260318C00020000", NICKEL),
        (option("F", "12.5", "2026-03-13"), "F     260313C00012500", PENNY_PROGRAM),
        (option("AAPL", "187.5", "2026-03-13"), "AAPL  260313C00187500", PENNY_PROGRAM),
        (option("META", "622.5", "2026-03-13"), "META  260313C00622500", PENNY_PROGRAM),
    ],
)
def test_ordinary_options_are_listed(query: ContractQuery, symbol: str, ticks: object):
    contract = listed(query)
    assert (contract.symbol, contract.ticks, contract.multiplier) == (symbol, ticks, 100)
    assert (contract.strike, contract.right, contract.expires_on) == (query.strike, query.right, query.expires_on)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (option("UBER", "500.37", "2026-03-20"), "500 and 501"),
        (option("UBER", "78.2", "2026-03-20"), "78 and 78.5"),
        (option("UBER", "0", "2026-03-20"), "0.5 to 49999"),
        (option("UBER", "-5", "2026-03-20"), "0.5 to 49999"),
        (option("UBER", "60000", "2026-03-20"), "0.5 to 49999"),
        (option("UBER", "78", "2026-03-10"), "2026-03-11"),
        (option("UBER", "78", "2027-06-01"), "2027-06-18"),
        (option("UBER", "78", "2031-01-17"), "none"),
        (option("TOOLONG", "78", "2026-03-20"), "no ticker"),
        (option("U2", "78", "2026-03-20"), "no ticker"),
        (ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78)), "strike, call or put, and expiry"),
        (ContractQuery("SPX", InstrumentKind.EQUITY), "is an index"),
        (ContractQuery("Uber Inc", InstrumentKind.EQUITY), "no ticker"),
        (ContractQuery("/ES", InstrumentKind.FUTURE), "/ESH6, /ESM6"),
        (ContractQuery("/ESF6", InstrumentKind.FUTURE), "/ESH6, /ESM6"),
        (ContractQuery("/XXZ6", InstrumentKind.FUTURE), "listed are /ES"),
        (ContractQuery("/ES", InstrumentKind.FUTURE_OPTION), "no options on futures"),
    ],
)
def test_what_is_not_listed_says_what_is(query: ContractQuery, words: str):
    answer = list_contract(query, START, ALWAYS_OPEN)
    assert isinstance(answer, str)
    assert words in answer


@pytest.mark.parametrize(
    ("symbol", "day", "expected"),
    [
        ("SPY", "2026-03-12", True),  # a Thursday
        ("UBER", "2026-03-12", False),
        ("UBER", "2026-03-13", True),  # the week's Friday
        ("UBER", "2026-04-02", True),  # Good Friday is the 3rd: the week ends on Thursday
        ("UBER", "2026-04-03", False),
        ("SPY", "2026-03-14", False),  # a Saturday
        ("VIX", "2026-03-13", False),
        ("VIX", "2026-03-18", True),
        ("UBER", "2026-10-16", True),  # a third Friday, far out
        ("UBER", "2026-10-23", False),
        ("UBER", "2029-01-19", True),
        ("UBER", "2029-04-20", False),  # more than three years
    ],
)
def test_the_exchange_calendar_lists_sessions_fridays_and_third_fridays(symbol: str, day: str, *, expected: bool):
    assert is_listed(symbol, date.fromisoformat(day), date(2026, 3, 11), NYSE) is expected


def test_every_day_of_a_year_expires_in_the_market_that_never_closes():
    today = START.date()
    assert all(is_listed("UBER", today + timedelta(days=ahead), today, ALWAYS_OPEN) for ahead in range(396))


def test_a_third_friday_that_is_a_holiday_moves_to_the_session_before():
    assert third_friday(2019, 4, NYSE) == date(2019, 4, 18)


@pytest.mark.parametrize(
    ("query", "cut_off"),
    [
        (option("UBER", "78", "2026-03-20"), datetime(2026, 3, 20, 20, 0, tzinfo=UTC)),
        (option("UBER", "78", "2026-03-11"), datetime(2026, 3, 11, 20, 0, tzinfo=UTC)),
        (option("SPX", "6970", "2026-03-20"), datetime(2026, 3, 19, 20, 0, tzinfo=UTC)),  # settled in the morning
    ],
)
def test_an_option_is_traded_until_the_close(query: ContractQuery, cut_off: datetime):
    if query.expires_on == START.date():
        query = ContractQuery("SPY", query.kind, query.strike, query.right, query.expires_on)
    assert listed(query, calendar=NYSE).cut_off == cut_off


def test_a_half_day_cuts_off_at_one():
    query = option("SPY", "681", "2026-11-27")
    now = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert listed(query, now, NYSE).cut_off == datetime(2026, 11, 27, 18, 0, tzinfo=UTC)


def test_on_its_last_morning_the_index_is_the_evening_settled_root():
    friday = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
    contract = listed(option("SPX", "6970", "2026-03-20"), friday, NYSE)
    assert contract.symbol.startswith("SPXW")
    assert contract.cut_off == datetime(2026, 3, 20, 20, 0, tzinfo=UTC)


def test_shares_have_no_end():
    contract = listed(ContractQuery("UBER", InstrumentKind.EQUITY))
    assert (contract.symbol, contract.multiplier, contract.cut_off) == ("UBER", 1, None)


@pytest.mark.parametrize("root", FUTURES)
def test_every_future_has_months_ahead_of_now(root: str):
    words = list_contract(ContractQuery(root, InstrumentKind.FUTURE), START, NYSE)
    assert isinstance(words, str)
    months = [word.strip(",") for word in words.partition("listed are ")[2].split()]
    assert len(months) == len(set(months)) == 8
    for month in months:
        contract = listed(ContractQuery(month, InstrumentKind.FUTURE), START, NYSE)
        assert contract.cut_off is not None
        assert contract.cut_off > START
        assert contract.multiplier == FUTURES[root].multiplier


def test_the_slash_of_a_future_may_be_left_out():
    assert listed(ContractQuery("ESM6", InstrumentKind.FUTURE)).symbol == "/ESM6"


def test_the_port_answers_with_the_trade_and_fails_by_scenario():
    script = Script(Scenario(reads=(ReadRule(read=Read.CONTRACT),)))

    async def main(loop: VirtualTimeLoop) -> None:
        contracts = SimulatedContracts(VirtualClock(START, loop), ALWAYS_OPEN, script)
        with pytest.raises(PortUnavailableError, match="contract"):
            await contracts.resolve("T1", UBER_PUT)
        assert isinstance(await contracts.resolve("T1", UBER_PUT), Contract)
        missing = await contracts.resolve("T9", option("UBER", "500.37", "2026-03-20"))
        assert isinstance(missing, ContractNotFound)
        assert missing.trade_id == "T9"

    run_virtual(main)
