"""From what an alert says to the listed contract: exact, with the broker's ticks, multiplier, hours and flags."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import frozen

from adapters.tastytrade.contracts import TastytradeContracts
from adapters.tastytrade.symbols import StreamerSymbols
from domain.alerts import InstrumentKind, Right
from domain.calendar import NEW_YORK, TradingCalendar
from domain.events import ContractNotFound
from domain.instruments import Contract, ContractQuery
from domain.ticks import NICKEL, PENNY_PROGRAM, tick_table
from ports.clock import Clock
from ports.errors import PortProtocolError, PortUnavailableError
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.bench import EXPIRY, QUERY, Beside, run
from tests.wire.tastytrade.faults import Answer, Fault

SYMBOL = f"UBER  {EXPIRY:%y%m%d}P00078000"


def option(symbol: str, strike: str = "78", day: date = EXPIRY, right: Right = Right.PUT) -> ContractQuery:
    return ContractQuery(symbol, InstrumentKind.OPTION, Decimal(strike), right, day)


def close_of(day: date) -> datetime:
    session = TradingCalendar().session(day)
    assert session is not None
    return session.closes_at


@frozen
class FixedClock(Clock):
    at: datetime

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, due_at: datetime) -> None:
        raise AssertionError(f"nothing waits here, not until {due_at}")


class TestOptions:
    def test_everything_comes_from_the_broker(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages[SYMBOL] = listings.option_page(SYMBOL, **{"stops-trading-at": _at(EXPIRY, 20)})
            contract = await there.contract()
            assert contract == Contract(
                symbol=SYMBOL,
                underlying="UBER",
                kind=InstrumentKind.OPTION,
                multiplier=Decimal(100),
                ticks=PENNY_PROGRAM,
                calendar=TradingCalendar(),
                strike=Decimal(78),
                right=Right.PUT,
                expires_on=EXPIRY,
                cut_off=datetime(EXPIRY.year, EXPIRY.month, EXPIRY.day, 20, tzinfo=UTC),
            )

        run(story)

    def test_the_chain_is_read_once_a_day(self) -> None:
        async def story(there: Beside) -> None:
            for strike in ("77", "78", "79", "80"):
                await there.broker.contracts.resolve("T1", option("UBER", strike))
            assert len(there.stand_in.sent("GET", "/nested")) == 1

        run(story)

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            (option("UBER", "78.5"), "lists no put 78.5; near it: 77, 78, 79"),
            (option("UBER", "78", EXPIRY + timedelta(days=1)), f"listed near it: {EXPIRY}"),
            (option("NONE"), "NONE has no listed options"),
            (ContractQuery("UBER", InstrumentKind.OPTION), "an option is named by strike, call or put, and expiry"),
        ],
    )
    def test_what_is_not_listed_is_said_with_what_is(self, query: ContractQuery, words: str) -> None:
        async def story(there: Beside) -> None:
            found = await there.broker.contracts.resolve("T9", query)
            assert isinstance(found, ContractNotFound)
            assert found.trade_id == "T9"
            assert words in found.detail

        run(story)

    def test_a_chain_that_cannot_be_read_is_no_missing_contract(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("GET", "nested", *[Fault(answer=Answer.HTML, status=502)] * 5)
            with pytest.raises(PortUnavailableError):
                await there.broker.contracts.resolve("T1", QUERY)
            await there.contract()

        run(story)

    def test_adjusted_contracts_are_left_out(self) -> None:
        async def story(there: Beside) -> None:
            adjusted = listings.expiration("UBER1", EXPIRY, ("81.0",))
            there.stand_in.chains["UBER"].append(listings.chain("UBER", "UBER1", adjusted, kind="Non-standard"))
            found = await there.broker.contracts.resolve("T1", option("UBER", "81"))
            assert isinstance(found, ContractNotFound)

        run(story)

    def test_without_the_instruments_page_the_calendar_says_when_it_ends(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("GET", SYMBOL, *[Fault(answer=Answer.STATUS, status=404)] * 5)
            assert (await there.contract()).cut_off == close_of(EXPIRY)

        run(story)

    def test_a_last_trading_time_of_another_day_is_not_believed(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages[SYMBOL] = listings.option_page(SYMBOL, **{"stops-trading-at": "2020-01-17T21:00:00Z"})
            assert (await there.contract()).cut_off == close_of(EXPIRY)

        run(story)

    @pytest.mark.parametrize("flags", [{"is-closing-only": True}, {"active": False}])
    def test_what_may_only_be_closed_says_so(self, flags: dict[str, bool]) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages[SYMBOL] = listings.option_page(SYMBOL, **flags)
            assert (await there.contract()).closing_only

        run(story)

    def test_a_share_class_is_spelled_the_brokers_way(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.chains["BRK/B"] = [
                listings.chain("BRK/B", "BRKB", listings.expiration("BRKB", EXPIRY, ("500.0",)))
            ]
            contract = await there.contract(option("BRK.B", "500"))
            assert contract.symbol == f"BRKB  {EXPIRY:%y%m%d}P00500000"
            assert contract.underlying == "BRK/B"

        run(story)

    def test_without_tick_sizes_the_coarsest_class_is_taken(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.chains["UBER"][0]["tick-sizes"] = []
            assert (await there.contract()).ticks == NICKEL

        run(story)

    def test_tick_sizes_without_sense_are_the_brokers_fault(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.chains["UBER"][0]["tick-sizes"] = [{"value": "0.03", "threshold": "1.0"}, {"value": "0.05"}]
            with pytest.raises(PortProtocolError, match="tick sizes of UBER"):
                await there.contract()

        run(story)


class TestIndexes:
    """SPX lists its own root for the morning settlement of a third Friday, and SPXW for the evening of every day."""

    def test_an_evening_settled_day_is_the_weekly_root(self) -> None:
        async def story(there: Beside) -> None:
            _list_spx(there, EXPIRY, "SPXW")
            contract = await there.contract(option("SPX", "6000"))
            assert contract.symbol == f"SPXW  {EXPIRY:%y%m%d}P06000000"
            assert (contract.underlying, contract.ticks) == ("SPX", tick_table(("0.05", "3"), ("0.1", None)))

        run(story)

    def test_on_a_day_with_both_roots_the_named_one_is_meant(self) -> None:
        async def story(there: Beside) -> None:
            _list_spx(there, EXPIRY, "SPX", "SPXW")
            there.stand_in.faults.plan("GET", f"SPX   {EXPIRY:%y%m%d}P06000000", *[_NO_PAGE] * 2)
            monthly = await there.contract(option("SPX", "6000"))
            weekly = await there.contract(option("SPXW", "6000"))
            assert (monthly.symbol[:4].strip(), weekly.symbol[:4]) == ("SPX", "SPXW")
            assert monthly.cut_off == close_of(EXPIRY - timedelta(days=1))  # the session before the morning settlement

        run(story)

    def test_on_the_day_itself_the_monthly_root_is_traded_no_more(self) -> None:
        async def story(there: Beside) -> None:
            _list_spx(there, EXPIRY, "SPX", "SPXW")
            session = TradingCalendar().session(EXPIRY)
            assert session is not None
            that_day = FixedClock(session.opens_at)
            contracts = TastytradeContracts(there.broker.session, that_day, StreamerSymbols(), TradingCalendar())
            found = await contracts.resolve("T1", option("SPX", "6000"))
            assert isinstance(found, Contract)
            assert found.symbol.startswith("SPXW ")

        run(story)

    def test_a_weekly_root_is_not_taken_for_the_monthly_one(self) -> None:
        async def story(there: Beside) -> None:
            _list_spx(there, EXPIRY, "SPX")
            found = await there.broker.contracts.resolve("T1", option("SPXW", "6000"))
            assert isinstance(found, ContractNotFound)

        run(story)


class TestOtherInstruments:
    def test_a_share(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages["UBER"] = listings.equity_page("UBER")
            found = await there.contract(ContractQuery("UBER", InstrumentKind.EQUITY))
            assert (found.symbol, found.multiplier, found.cut_off) == ("UBER", 1, None)
            assert found.ticks == tick_table(("0.0001", "1"), ("0.01", None))

        run(story)

    @pytest.mark.parametrize(
        ("page", "words"),
        [
            (None, "UBER is no listed share"),
            ({"is-index": True}, "is an index and has no shares"),
            ({"active": False}, "is not traded any more"),
        ],
    )
    def test_no_share(self, page: dict[str, bool] | None, words: str) -> None:
        async def story(there: Beside) -> None:
            if page is not None:
                there.stand_in.pages["UBER"] = listings.equity_page("UBER", **page)
            found = await there.broker.contracts.resolve("T1", ContractQuery("UBER", InstrumentKind.EQUITY))
            assert isinstance(found, ContractNotFound)
            assert words in found.detail

        run(story)

    @pytest.mark.parametrize("symbol", ["/ESZ6", "ESZ6"])
    def test_a_future(self, symbol: str) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages["/ESZ6"] = listings.future_page("/ESZ6")
            found = await there.contract(ContractQuery(symbol, InstrumentKind.FUTURE))
            assert (found.symbol, found.multiplier) == ("/ESZ6", 50)
            assert found.ticks == tick_table(("0.25", None))
            assert found.cut_off == datetime(2026, 12, 18, 14, 30, tzinfo=UTC)
            await there.stand_in.set_book("/ESZ6", Decimal(6800), Decimal("6800.25"))
            quote = await there.broker.market_data.quote(found)
            assert quote is not None
            assert quote.ask == Decimal("6800.25")

        run(story)

    @pytest.mark.parametrize(
        ("symbol", "words"), [("/ESH7", "listed are /ESZ6"), ("/NQZ6", "none of this product"), ("/ES", "no month")]
    )
    def test_no_future(self, symbol: str, words: str) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages["/ESZ6"] = listings.future_page("/ESZ6")
            found = await there.broker.contracts.resolve("T1", ContractQuery(symbol, InstrumentKind.FUTURE))
            assert isinstance(found, ContractNotFound)
            assert words in found.detail

        run(story)

    def test_a_future_is_bought_and_sold_without_open_and_close(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.pages["/ESZ6"] = listings.future_page("/ESZ6")
            contract = await there.contract(ContractQuery("/ESZ6", InstrumentKind.FUTURE))
            order = await there.order(quantity=1, price=Decimal("0.25"), contract=contract)
            await there.broker.gateway.submit(order)
            body = there.stand_in.sent("POST", "/orders")[0].body
            assert body is not None
            assert body["legs"] == [{"instrument-type": "Future", "symbol": "/ESZ6", "action": "Buy", "quantity": 1}]

        run(story)

    def test_options_on_futures_are_refused(self) -> None:
        async def story(there: Beside) -> None:
            found = await there.broker.contracts.resolve("T1", ContractQuery("/ESZ6", InstrumentKind.FUTURE_OPTION))
            assert isinstance(found, ContractNotFound)
            assert "not supported" in found.detail

        run(story)


_NO_PAGE = Fault(answer=Answer.STATUS, status=404)


def _at(day: date, hour: int) -> str:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).isoformat()


def _list_spx(there: Beside, day: date, *roots: str) -> None:
    settlements = {"SPX": "AM", "SPXW": "PM"}
    there.stand_in.chains["SPX"] = [
        listings.chain(
            "SPX", root, listings.expiration(root, day, ("6000.0",), settlements[root]), ticks=listings.INDEX
        )
        for root in roots
    ]
    assert datetime.now(NEW_YORK).date() < day
