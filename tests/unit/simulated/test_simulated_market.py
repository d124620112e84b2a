"""What the simulated market quotes: by seed, near an alert's price, by scenario, by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulated.market.market import SimulatedMarket, SimulatedMarketData
from adapters.simulated.market.prices import Anchor, book_at
from adapters.simulated.scenario.scenario import QuoteScript, QuoteStep, Read, ReadRule, Scenario
from adapters.simulated.scenario.script import Script
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from domain.alerts import InstrumentKind, Right
from domain.instruments import Contract, ContractQuery
from domain.quotes import Quote, QuoteFault
from ports.errors import PortUnavailableError
from tests.unit.simulated.paper_bench import NYSE, START, UBER_PUT, listed

FRESH = timedelta(seconds=2)
CONTRACTS = (
    listed(),
    listed(ContractQuery("SPY", InstrumentKind.OPTION, Decimal(681), Right.CALL, date(2026, 3, 11))),
    listed(ContractQuery("SPX", InstrumentKind.OPTION, Decimal(6970), Right.PUT, date(2026, 4, 17))),
    listed(ContractQuery("F", InstrumentKind.OPTION, Decimal("0.5"), Right.PUT, date(2027, 3, 19))),
    listed(ContractQuery("UBER", InstrumentKind.EQUITY)),
    listed(ContractQuery("/ESM6", InstrumentKind.FUTURE)),
    listed(ContractQuery("/ZNM6", InstrumentKind.FUTURE)),
)


def market(scenario: Scenario | None = None, seed: int = 1, *, is_modelled: bool = True) -> SimulatedMarket:
    return SimulatedMarket(seed, Script(scenario or Scenario()), is_modelled=is_modelled)


@given(
    seed=st.integers(0, 10_000),
    contract=st.sampled_from(CONTRACTS),
    seconds=st.integers(0, 8 * 3600),
    price=st.none() | st.integers(1, 5000),
)
def test_every_book_is_two_sided_on_the_grid_and_narrow(seed: int, contract: Contract, seconds: int, price: int | None):
    anchor = None if price is None else Anchor(Decimal(price) / 100, START, calm=True)
    bid, ask = book_at(seed, contract, START + timedelta(seconds=seconds), anchor)
    assert contract.ticks.on_grid(bid)
    assert contract.ticks.on_grid(ask)
    assert 0 < bid < ask
    mid, tick = (bid + ask) / 2, contract.ticks.up(bid) - bid
    assert ask - bid <= max(mid / 4, 4 * tick)


def test_a_price_depends_on_seed_contract_and_instant_alone():
    instants = [START + timedelta(minutes=minutes) for minutes in (0, 1, 7, 300, 2)]
    forwards, backwards = market(), market()
    there = [forwards.quote(listed(), at) for at in instants]
    back = [backwards.quote(listed(), at) for at in reversed(instants)]
    assert there == list(reversed(back))
    assert there != [market(seed=2).quote(listed(), at) for at in instants]


@pytest.mark.parametrize("price", ["0.05", "0.12", "0.75", "2.98", "9.35", "31.40"])
@pytest.mark.parametrize("seed", range(12))
def test_the_first_alert_can_be_filled_within_three_ticks(price: str, seed: int):
    named = Decimal(price)
    contract = listed()
    tested = market(seed=seed)
    assert tested.anchor(UBER_PUT, named, START)
    for seconds in (0, 20, 43, 66):
        quote = tested.quote(contract, START + timedelta(seconds=seconds))
        assert quote is not None
        assert quote.fault(START + timedelta(seconds=seconds), FRESH) is None
        tick = contract.ticks.up(named) - named
        start = contract.ticks.floor(min(named, quote.mid)) or tick
        assert quote.two_sided[1] - start <= 4 * tick
        assert abs(named - quote.mid) <= quote.mid / 2


def test_only_the_first_hint_moves_the_price():
    tested = market()
    assert tested.anchor(UBER_PUT, Decimal("0.75"), START)
    assert not tested.anchor(listed(), Decimal("7.50"), START)
    assert not tested.anchor(listed(), Decimal(0), START)
    quote = tested.quote(listed(), START)
    assert quote is not None
    assert abs(quote.mid - Decimal("0.75")) < Decimal("0.05")


@pytest.mark.parametrize(
    "query",
    [
        ContractQuery("SPXW", InstrumentKind.OPTION, Decimal(6970), Right.CALL, date(2026, 3, 12)),
        ContractQuery("SPX", InstrumentKind.OPTION, Decimal("6970.0"), Right.CALL, date(2026, 3, 12)),
        ContractQuery("BRK.B", InstrumentKind.OPTION, Decimal(500), Right.PUT, date(2026, 3, 20)),
        ContractQuery("ESM6", InstrumentKind.FUTURE),
        ContractQuery("UBER", InstrumentKind.EQUITY),
    ],
)
def test_a_hint_for_what_was_asked_reaches_what_it_resolves_to(query: ContractQuery):
    tested = market()
    tested.anchor(query, Decimal(12), START)
    quote = tested.quote(listed(query), START)
    assert quote is not None
    assert abs(quote.mid - 12) < Decimal("0.6")


def test_some_prices_run_away_from_a_careful_buyer_but_never_the_first():
    fled = 0
    for seed in range(100):
        tested = market(seed=seed)
        tested.anchor(ContractQuery("SPY", InstrumentKind.EQUITY), Decimal(600), START)
        tested.anchor(UBER_PUT, Decimal("0.75"), START)
        quote = tested.quote(listed(), START + timedelta(seconds=70))
        assert quote is not None
        fled += quote.two_sided[1] > Decimal("0.80")
    assert 4 <= fled <= 25


def test_an_expired_contract_has_no_quote():
    contract = listed()
    assert contract.cut_off is not None
    assert market().quote(contract, contract.cut_off - timedelta(seconds=1)) is not None
    assert market().quote(contract, contract.cut_off) is None


def test_a_closed_market_shows_its_last_quote_grown_old():
    contract = listed(calendar=NYSE)
    saturday = datetime(2026, 3, 14, 15, 0, tzinfo=UTC)
    quote = market().quote(contract, saturday)
    assert quote is not None
    assert quote.fault(saturday, FRESH) is QuoteFault.STALE
    assert quote == market().quote(contract, saturday + timedelta(hours=20))
    assert quote.at < datetime(2026, 3, 13, 20, 0, tzinfo=UTC) <= quote.at + timedelta(seconds=1)


def test_a_scripted_contract_quotes_step_by_step_from_its_first_use():
    steps = (
        QuoteStep(bid=Decimal("0.74"), ask=Decimal("0.76")),
        QuoteStep(after=timedelta(seconds=30)),
        QuoteStep(after=timedelta(seconds=40), ask=Decimal("0.80")),
        QuoteStep(after=timedelta(seconds=50), bid=Decimal("0.90"), ask=Decimal("0.80")),
        QuoteStep(after=timedelta(seconds=60), bid=Decimal("0.74"), ask=Decimal("0.76"), age=timedelta(seconds=30)),
    )
    tested = market(Scenario(quotes=(QuoteScript(contract="UBER", steps=steps),)))

    def at(seconds: int) -> Quote | None:
        return tested.quote(listed(), START + timedelta(seconds=seconds))

    def fault(seconds: int) -> QuoteFault | None:
        quote = at(seconds)
        assert quote is not None
        return quote.fault(START + timedelta(seconds=seconds), FRESH)

    assert at(0) == Quote(Decimal("0.74"), Decimal("0.76"), START)
    assert at(30) is None
    assert fault(40) is QuoteFault.ONE_SIDED
    assert fault(50) is QuoteFault.CROSSED
    assert fault(60) is QuoteFault.STALE


def test_before_its_first_scripted_step_a_contract_quotes_by_seed():
    late = QuoteScript(steps=(QuoteStep(after=timedelta(seconds=10), bid=Decimal(1), ask=Decimal(2)),))
    tested = market(Scenario(quotes=(late,)))
    assert tested.quote(listed(), START) == market().quote(listed(), START)
    scripted = tested.quote(listed(), START + timedelta(seconds=10))
    assert scripted is not None
    assert (scripted.bid, scripted.ask) == (1, 2)


def test_a_quote_set_by_hand_holds_until_it_is_taken_back():
    tested = market()
    usual = tested.quote(listed(), START)
    tested.set_quote(listed().symbol, QuoteStep(bid=Decimal(3), ask=Decimal(4)))
    later = START + timedelta(hours=1)
    assert tested.quote(listed(), later) == Quote(Decimal(3), Decimal(4), later)
    frozen = Quote(Decimal(3), Decimal(4), START)
    tested.set_quote(listed().symbol, frozen)
    assert tested.quote(listed(), later) is frozen
    tested.clear_quote(listed().symbol)
    assert tested.quote(listed(), START) == usual


def test_a_market_without_a_model_has_only_the_quotes_it_is_given():
    tested = market(is_modelled=False)
    assert tested.quote(listed(), START) is None
    assert tested.settlement(listed()) == 0
    tested.set_quote(listed().symbol, Quote(Decimal("0.40"), Decimal("0.50"), START))
    assert tested.settlement(listed()) == Decimal("0.40")


@pytest.mark.parametrize("seed", range(30))
def test_an_option_ends_near_what_it_is_settled_at(seed: int):
    tested, contract = market(seed=seed), listed()
    tested.anchor(contract, Decimal("0.75"), START)
    assert contract.cut_off is not None
    last = tested.mark(contract, contract.cut_off - timedelta(seconds=1))
    assert last is not None
    assert tested.settlement(contract) >= 0
    assert abs(last - tested.settlement(contract)) <= Decimal("0.10")


def test_a_scenario_names_what_an_expiry_is_worth():
    tested = market(Scenario(quotes=(QuoteScript(contract="UBER", settles_at=Decimal("2.50")),)))
    assert tested.settlement(listed()) == Decimal("2.50")


def test_a_future_settles_at_its_price_and_shares_never_do():
    future = listed(ContractQuery("/ESM6", InstrumentKind.FUTURE))
    assert 5000 < market().settlement(future) < 9000
    with pytest.raises(ValueError, match="never expires"):
        market().settlement(listed(ContractQuery("UBER", InstrumentKind.EQUITY)))


@pytest.mark.parametrize(
    ("bid", "ask", "mark"), [("0.70", "0.80", "0.75"), ("0.70", None, "0.70"), (None, "0.80", "0.80")]
)
def test_a_holding_is_marked_at_the_mid_or_the_side_there_is(bid: str | None, ask: str | None, mark: str):
    tested = market()
    tested.set_quote(listed().symbol, QuoteStep(bid=Decimal(bid) if bid else None, ask=Decimal(ask) if ask else None))
    assert tested.mark(listed(), START) == Decimal(mark)


def test_without_a_quote_there_is_no_mark():
    tested = market()
    tested.set_quote(listed().symbol, None)
    assert tested.mark(listed(), START) is None


def test_the_port_quotes_now_and_fails_by_scenario():
    tested = market(Scenario(reads=(ReadRule(read=Read.QUOTE, contract="UBER"),)))

    async def main(loop: VirtualTimeLoop) -> None:
        data = SimulatedMarketData(tested, VirtualClock(START, loop))
        with pytest.raises(PortUnavailableError, match="quote"):
            await data.quote(listed())
        quote = await data.quote(listed())
        assert quote is not None
        assert quote.at == START

    run_virtual(main)
