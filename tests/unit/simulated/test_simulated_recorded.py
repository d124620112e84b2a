"""Recorded quotes: the last row at or before an instant, bad rows by their line, and no more in memory than needed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.simulated.market.chain import list_contract
from adapters.simulated.market.recorded import QuotesError, RecordedMarket, read_quotes
from adapters.simulated.scenario.scenario import Scenario
from adapters.simulated.scenario.script import Script
from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar
from domain.instruments import ContractQuery
from domain.quotes import Quote

START = datetime(2026, 11, 2, 15, tzinfo=UTC)
SYMBOL = "UBER261218P00078000"
HEADER = "time,symbol,bid,ask"


def at(second):
    return START + timedelta(seconds=second)


def row(second, bid="0.70", ask="0.80", symbol=SYMBOL):
    return f"{at(second).isoformat()},{symbol},{bid},{ask}"


def read(*rows, header=HEADER):
    bad = []
    found = list(read_quotes([header, *rows], lambda line, why: bad.append((line, why))))
    return found, bad


def contract():
    day = datetime(2026, 12, 18, tzinfo=UTC).date()
    query = ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78), Right.PUT, day)
    return list_contract(query, START, TradingCalendar())


def market(*rows):
    lines = read_quotes([HEADER, *rows], lambda line, why: pytest.fail(f"{line}: {why}"))
    return RecordedMarket(1, Script(Scenario()), lines)


def test_a_row_is_an_instant_a_symbol_and_a_quote():
    found, bad = read(row(1))
    assert found == [(at(1), SYMBOL, Quote(Decimal("0.70"), Decimal("0.80"), at(1)))]
    assert not bad


def test_columns_may_stand_in_any_order_beside_others():
    line = f"7,0.80,{SYMBOL},0.70,{START.isoformat()}"
    found, bad = read(line, header="size, Ask,symbol,BID,time")
    assert found == [(START, SYMBOL, Quote(Decimal("0.70"), Decimal("0.80"), START))]
    assert not bad


@pytest.mark.parametrize("symbol", ["UBER  261218P00078000", "O:UBER261218P00078000", "uber261218p00078000"])
def test_a_symbol_may_be_written_as_vendors_write_it(symbol):
    assert [name for _, name, _ in read(row(1, symbol=symbol))[0]] == [SYMBOL]


def test_an_empty_side_is_none():
    ((_, _, quote),), _ = read(row(1, bid=""))
    assert (quote.bid, quote.ask) == (None, Decimal("0.80"))


@pytest.mark.parametrize("header", ["", "time,symbol,price", "2026-11-02T15:00:00Z,UBER,1,2", "x" * 200_000])
def test_a_file_without_the_columns_is_refused(header):
    with pytest.raises(QuotesError, match="begins with the line time,symbol,bid,ask"):
        read(header=header)


@pytest.mark.parametrize(
    ("bad_row", "why"),
    [
        (f"noon,{SYMBOL},1,2", "time is an ISO instant"),
        (f"2026-11-02T15:00:00,{SYMBOL},1,2", "time needs a time zone"),
        (row(2, symbol="UBER"), "symbol is an OCC symbol"),
        (row(2, bid="cheap"), "bid is a number of dollars or empty, got 'cheap'"),
        (row(2, bid="-1"), "bid is zero or more dollars, got '-1'"),
        (row(2, bid="nan"), "bid is zero or more dollars, got 'nan'"),
        (row(0), "sort the file by time"),
        (at(2).isoformat(), "a row has 4 columns or more, got 1"),
        ("x" * 200_000, "field larger than field limit"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_used(bad_row, why):
    found, bad = read(row(1), bad_row, "", row(3))
    assert [when for when, _, _ in found] == [at(1), at(3)]
    ((line, told),) = bad
    assert line == 3
    assert why in told


def test_the_market_quotes_the_last_row_at_or_before_an_instant():
    quoted = market(row(10, "0.70"), row(20, "0.75"), row(20, "0.76"), row(30, "0.77", symbol="OTHER261218P00078000"))
    bids = [quoted.quote(contract(), at(second)) for second in (0, 9, 10, 19.5, 20, 40)]
    assert [found and found.bid for found in bids] == [
        None,
        None,
        Decimal("0.70"),
        Decimal("0.70"),
        Decimal("0.76"),
        Decimal("0.76"),
    ]
    assert bids[-1].at == at(20)


def test_an_instant_just_before_the_last_one_still_has_its_quote():
    quoted = market(row(10, "0.70"), row(20, "0.75"))
    assert quoted.quote(contract(), at(20)).bid == Decimal("0.75")
    assert quoted.quote(contract(), at(19.999)).bid == Decimal("0.70")


def test_an_ended_contract_has_no_quote_and_settles_at_its_last_bid():
    ended = contract()
    last = (ended.cut_off - START).total_seconds() - 60
    quoted = market(row(10), row(last, "1.90"), row(last + 3600, "9.00"))
    assert quoted.quote(ended, ended.cut_off) is None
    assert quoted.settlement(ended) == Decimal("1.90")
    assert market().settlement(ended) == 0


def test_rows_are_read_as_far_as_the_clock_and_what_expired_is_forgotten():
    given = []

    def rows():
        for number in range(1000):
            expires = START.date() + timedelta(days=number // 4)
            given.append(number)
            yield row(number * 6 * 3600, symbol=f"X{expires:%y%m%d}P00078000")

    quoted = RecordedMarket(1, Script(Scenario()), read_quotes(_with_header(rows()), lambda *_: None))
    most = 0
    for day in range(200):
        quoted.quote(contract(), at(day * 86400))
        assert len(given) <= 4 * day + 2
        most = max(most, len(quoted._last))
    assert most <= 2


def _with_header(rows):
    yield HEADER
    yield from rows
