"""Quotes in Parquet: the same rows as in CSV, a batch at a time, a plain word where the file is not what it says."""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.simulated.market.parquet_quotes import BATCH, read_parquet
from adapters.simulated.market.recorded import QuotesError
from domain.quotes import Quote

START = datetime(2026, 11, 2, 15, tzinfo=UTC)
SYMBOL = "UBER261218P00078000"
US = pa.timestamp("us", "UTC")


def at(second):
    return START + timedelta(seconds=second)


def table(times=None, symbols=None, bids=None, asks=None):
    columns = {
        "time": pa.array([START], US) if times is None else times,
        "symbol": pa.array([SYMBOL]) if symbols is None else symbols,
        "bid": pa.array([0.7]) if bids is None else bids,
        "ask": pa.array([0.8]) if asks is None else asks,
    }
    return pa.table(columns)


def read(tmp_path, content):
    path = tmp_path / "quotes.parquet"
    parquet.write_table(content, path, row_group_size=1000)
    bad = []
    return list(read_parquet(path, lambda row, why: bad.append((row, why)))), bad


def test_a_row_is_an_instant_a_symbol_and_a_quote(tmp_path):
    assert read(tmp_path, table()) == ([(START, SYMBOL, Quote(Decimal("0.7"), Decimal("0.8"), START))], [])


@pytest.mark.parametrize(
    "times",
    [
        pa.array([START], pa.timestamp("ms", "America/New_York")),
        pa.array([1_000_000_000 * int(START.timestamp()) + 7], pa.timestamp("ns", "UTC")),
        pa.array(["2026-11-02T10:00:00-05:00"]),
        pa.array(["2026-11-02T15:00:00Z"]).dictionary_encode(),
    ],
    ids=["another zone", "nanoseconds", "text", "dictionary"],
)
def test_a_time_is_a_timestamp_with_a_zone_or_a_text(tmp_path, times):
    found, bad = read(tmp_path, table(times=times))
    assert [found_at for found_at, _, _ in found] == [START]
    assert not bad


@pytest.mark.parametrize(
    "bids",
    [
        pa.array([0.29], pa.float64()),
        pa.array([Decimal("0.29")], pa.decimal128(9, 2)),
        pa.array(["0.29"]),
        pa.array(["0.29"], pa.large_string()),
    ],
    ids=["float", "decimal", "text", "large text"],
)
def test_a_price_is_exact_whatever_holds_it(tmp_path, bids):
    ((_, _, quote),), _ = read(tmp_path, table(bids=bids))
    assert quote.bid == Decimal("0.29")


def test_whole_dollars_are_prices_and_a_null_is_an_empty_side(tmp_path):
    ((_, _, quote),), _ = read(tmp_path, table(bids=pa.array([None], pa.float64()), asks=pa.array([2])))
    assert (quote.bid, quote.ask) == (None, Decimal(2))


def test_columns_may_have_any_order_and_case_beside_others(tmp_path):
    plain = table()
    mixed = pa.table({"size": pa.array([7]), "Ask": plain["ask"], "SYMBOL": plain["symbol"], "bid": plain["bid"]})
    found, _ = read(tmp_path, mixed.append_column("Time", plain["time"]))
    assert found == [(START, SYMBOL, Quote(Decimal("0.7"), Decimal("0.8"), START))]


def test_bad_rows_are_told_by_number_and_the_others_read(tmp_path):
    times = pa.array([at(1), at(0), at(2), at(3)], US)
    bids = pa.array([0.7, 0.7, float("nan"), -1.0])
    found, bad = read(tmp_path, table(times, pa.array([SYMBOL] * 4), bids, pa.array([0.8] * 4)))
    assert [found_at for found_at, _, _ in found] == [at(1)]
    assert [row for row, _ in bad] == [2, 3, 4]
    assert "sort the file by time" in bad[0][1]
    assert "a price is zero or more dollars, got 'nan'" in bad[1][1]
    assert "got '-1.0'" in bad[2][1]


def test_a_null_time_or_symbol_is_a_bad_row(tmp_path):
    _, bad = read(tmp_path, table(times=pa.array([None], US)))
    assert bad == [(1, "time is an ISO instant such as 2026-12-01T15:30:00Z, got ''")]
    _, bad = read(tmp_path, table(symbols=pa.array([None], pa.string())))
    assert "symbol is an OCC symbol" in bad[0][1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (table(times=pa.array([START.replace(tzinfo=None)], pa.timestamp("us"))), "column time: .* need a time zone"),
        (table(times=pa.array([1793631600])), "column time: a time is a timestamp .* not int64"),
        (table(symbols=pa.array([1])), "column symbol: a symbol is a text .* not int64"),
        (table(bids=pa.array([True])), "column bid: a price is a number of dollars, not bool"),
        (table().drop_columns(["ask", "bid"]), "lacks the columns bid, ask; it has time, symbol"),
    ],
)
def test_a_file_that_cannot_be_one_of_quotes_is_refused_at_once(tmp_path, content, why):
    with pytest.raises(QuotesError, match=why):
        read(tmp_path, content)


def test_a_file_that_only_has_the_name_is_refused(tmp_path):
    path = tmp_path / "quotes.parquet"
    path.write_text("time,symbol,bid,ask\n", "utf-8")
    with pytest.raises(QuotesError, match=r"quotes\.parquet is named like Parquet and is none"):
        read_parquet(path, lambda *_: None)


def test_without_the_extra_the_mend_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(QuotesError, match=r"is not installed: write it as CSV .*pip install pyarrow"):
        read_parquet(tmp_path / "quotes.parquet", lambda *_: None)


def test_no_more_than_a_batch_is_read_ahead(tmp_path, monkeypatch):
    rows = 3 * BATCH
    content = table(
        pa.array([at(second) for second in range(rows)], US),
        pa.array([SYMBOL] * rows),
        pa.array([0.7] * rows),
        pa.array([0.8] * rows),
    )
    path = tmp_path / "quotes.parquet"
    parquet.write_table(content, path, row_group_size=1000)
    pulled = []
    batches = parquet.ParquetFile.iter_batches

    def counted(self, **options):
        for batch in batches(self, **options):
            pulled.append(len(batch))
            yield batch

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", counted)
    found = read_parquet(path, lambda *_: None)
    assert not pulled
    next(found)
    assert sum(pulled) <= BATCH
    assert sum(1 for _ in found) == rows - 1
