"""Quotes: the live stream's where it is fresh, a read where it is not, and never an old price that looks new."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from adapters.tastytrade import market_data
from adapters.tastytrade.quote_stream import FIELDS, Patience, quote_events
from domain.instruments import Contract
from domain.quotes import QuoteFault
from ports.errors import PortUnavailableError
from tests.wire.tastytrade.bench import EXPIRY, GUARD_SECONDS, QUICK, Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault

BID, ASK = Decimal("0.74"), Decimal("0.76")
IMPATIENT = evolve(QUICK, patience=Patience(first_quote=0.05))
NAME = f".UBER{EXPIRY:%y%m%d}P78"


@pytest.fixture
def never_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have streamed quotes count as fresh on the slowest machine."""
    monkeypatch.setattr(market_data, "FRESH", timedelta(hours=1))


@pytest.fixture
def always_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every streamed quote count as old, so that the read is asked."""
    monkeypatch.setattr(market_data, "FRESH", timedelta(seconds=-1))


@pytest.mark.usefixtures("never_stale")
def test_a_fresh_streamed_quote_needs_no_read() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert (quote.bid, quote.ask) == (BID, ASK)
        assert quote.fault(there.clock.now(), timedelta(seconds=GUARD_SECONDS)) is None
        assert not there.stand_in.sent("GET", "/by-type")

    run(story)


def test_a_change_of_the_book_is_the_next_quote() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        await there.stand_in.set_book(contract.symbol, BID, ASK + BID)
        await _streamed(there, lambda last: last.ask == ASK + BID)
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert quote.ask == ASK + BID

    run(story)


@pytest.mark.parametrize(("bid", "ask"), [(None, ASK), (BID, None), (Decimal(0), ASK)])
def test_a_one_sided_quote_passes_as_it_is(bid: Decimal | None, ask: Decimal | None) -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, bid, ask)
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert (quote.bid, quote.ask) == (bid, ask)
        assert quote.fault(there.clock.now(), timedelta(seconds=GUARD_SECONDS)) is QuoteFault.ONE_SIDED

    run(story)


def test_a_side_that_empties_takes_the_old_price_away() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        await there.stand_in.set_book(contract.symbol, None, None)
        await _streamed(there, lambda last: last.bid is None)
        assert await there.broker.market_data.quote(contract) is None

    run(story)


@pytest.mark.usefixtures("always_stale")
def test_an_old_streamed_quote_is_read_anew_and_stamped_with_the_question() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        asked_at = there.clock.now()
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert (quote.bid, quote.ask) == (BID, ASK)
        assert asked_at <= quote.at <= there.clock.now()
        (read,) = there.stand_in.sent("GET", "/by-type")
        assert read.query == {"equity-option": [contract.symbol]}

    run(story)


@pytest.mark.usefixtures("always_stale")
def test_where_the_read_fails_the_old_quote_is_returned_with_its_age() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        last = there.broker.quotes.last(NAME)
        there.stand_in.faults.plan("GET", "by-type", *[Fault(answer=Answer.HTML, status=502)] * 5)
        assert await there.broker.market_data.quote(contract) == last

    run(story)


@pytest.mark.usefixtures("always_stale")
def test_while_trading_is_halted_no_side_is_quoted() -> None:
    async def story(there: Beside) -> None:
        contract = await there.contract()
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        there.stand_in.halted.add(contract.symbol)
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert quote.fault(there.clock.now(), timedelta(seconds=GUARD_SECONDS)) is QuoteFault.ONE_SIDED

    run(story)


def test_without_the_stream_quotes_are_read() -> None:
    async def story(there: Beside) -> None:
        there.stand_in.faults.plan("GET", "api-quote-tokens", *[Fault(answer=Answer.STATUS, status=404)] * 1000)
        contract = await there.contract()
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        for _ in range(2):
            quote = await there.broker.market_data.quote(contract)
            assert quote is not None
            assert (quote.bid, quote.ask) == (BID, ASK)
        assert len(there.stand_in.sent("GET", "/by-type")) == 2

    run(story)


def test_neither_stream_nor_read_is_no_answer() -> None:
    async def story(there: Beside) -> None:
        there.stand_in.faults.plan("GET", "api-quote-tokens", *[Fault(answer=Answer.STATUS, status=404)] * 1000)
        there.stand_in.faults.plan("GET", "by-type", *[Fault(answer=Answer.HTML, status=502)] * 5)
        with pytest.raises(PortUnavailableError, match="no quote of UBER"):
            await there.broker.market_data.quote(await there.contract())

    run(story, sandbox=False)


@pytest.mark.parametrize("status", [404, 502])
def test_the_certification_environment_may_have_no_market_data(status: int) -> None:
    async def story(there: Beside) -> None:
        there.stand_in.faults.plan("GET", "api-quote-tokens", *[Fault(answer=Answer.STATUS, status=404)] * 1000)
        there.stand_in.faults.plan("GET", "by-type", *[Fault(answer=Answer.HTML, status=status)] * 5)
        assert await there.broker.market_data.quote(await there.contract()) is None

    run(story)


def test_a_stream_that_has_been_up_is_a_market() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        there.stand_in.faults.plan("GET", "by-type", *[Fault(answer=Answer.HTML, status=502)] * 5)
        with pytest.raises(PortUnavailableError, match="no quote of UBER"):
            await there.broker.market_data.quote(contract)

    run(story, waits=IMPATIENT)


@pytest.mark.usefixtures("never_stale")
def test_the_first_question_waits_for_the_line() -> None:
    async def story(there: Beside) -> None:
        contract = await there.contract()
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        quote = await there.broker.market_data.quote(contract)
        assert quote is not None
        assert not there.stand_in.sent("GET", "/by-type")

    run(story)


def test_an_instrument_that_is_not_quoted_has_no_quote() -> None:
    async def story(there: Beside) -> None:
        assert await there.broker.market_data.quote(await there.contract()) is None

    run(story, waits=IMPATIENT)


def test_a_dropped_stream_connects_again_and_subscribes_what_was_wanted() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        await there.stand_in.quotes.drop()
        await until(lambda: there.stand_in.quotes.connections == 2 and there.broker.quotes.is_connected)
        await there.stand_in.set_book(contract.symbol, BID, BID)
        await _streamed(there, lambda last: last.ask == BID)

    run(story)


@pytest.mark.usefixtures("always_stale")
def test_a_stream_that_has_gone_silent_is_connected_anew_when_a_quote_is_asked_for() -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        while there.stand_in.quotes.connections == 1:
            await there.broker.market_data.quote(contract)

    run(story, waits=evolve(QUICK, patience=Patience(first_quote=10, silence=0.05)))


@pytest.mark.parametrize("data", [["Quote", None], [7], ["Quote", [1, 2]], [{"eventSymbol": 7}], [None], [[]]])
def test_odd_data_is_skipped_and_the_line_stays(data: list[object]) -> None:
    async def story(there: Beside) -> None:
        contract = await _streaming(there)
        await there.stand_in.set_book(contract.symbol, BID, ASK)
        await there.broker.market_data.quote(contract)
        await there.stand_in.quotes.push(data)
        await there.stand_in.set_book(contract.symbol, BID, BID)
        await _streamed(there, lambda last: last.ask == BID)
        assert there.stand_in.quotes.connections == 1

    run(story)


def test_both_forms_of_the_streams_data_are_read() -> None:
    row = ["NaN" if name == "askPrice" else 1 if name == "bidPrice" else "X" for name in FIELDS]
    compact = list(quote_events(["Quote", [*row, *row]]))
    assert [event["bidPrice"] for event in compact] == [1, 1]
    full = [{"eventType": "Quote", "eventSymbol": "X", "bidPrice": 1}, {"eventType": "Trade", "eventSymbol": "X"}]
    assert list(quote_events(full)) == full[:1]
    assert list(quote_events(["Quote", row[:-1]])) == []
    assert list(quote_events(["Trade", [1], "Quote", row])) == compact[:1]


async def _streaming(there: Beside) -> Contract:
    """The contract, with the stream up and nothing subscribed."""
    contract = await there.contract()
    there.broker.quotes.start()
    await until(lambda: there.broker.quotes.is_connected)
    return contract


async def _streamed(there: Beside, is_wanted: Callable[..., bool]) -> None:
    await until(lambda: (last := there.broker.quotes.last(NAME)) is not None and is_wanted(last))
