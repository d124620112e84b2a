"""Quotes in Parquet: the same rows as in CSV, a batch at a time, a plain word where the file is not what it says."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.simulated.market.parquet_quotes import BATCH, is_parquet, read_parquet
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


def long(rows):
    """Return as many rows, a second apart."""
    times = pa.array([at(second) for second in range(rows)], US)
    return table(times, pa.array([SYMBOL] * rows), pa.array([0.7] * rows), pa.array([0.8] * rows))


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
        pa.array([0.29], pa.float32()),
        pa.array([0.1 + 0.19], pa.float64()),
        pa.array([Decimal("0.29")], pa.decimal128(9, 2)),
        pa.array(["0.29"]),
        pa.array(["0.29"], pa.large_string()),
        pa.array(["0.29"], pa.string_view()),
    ],
    ids=["float", "short float", "sum of floats", "decimal", "text", "large text", "text view"],
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
    assert "bid is zero or more dollars, got 'nan'" in bad[1][1]
    assert "got '-1.0'" in bad[2][1]


def test_a_null_time_or_symbol_is_a_bad_row(tmp_path):
    _, bad = read(tmp_path, table(times=pa.array([None], US)))
    assert bad == [(1, "time is an ISO instant such as 2026-12-01T15:30:00Z, got ''")]
    _, bad = read(tmp_path, table(symbols=pa.array([None], pa.string())))
    assert "symbol is an OCC symbol" in bad[0][1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            table(times=pa.array([START.replace(tzinfo=None)], pa.timestamp("us"))),
            "column time: .* need a time zone, .* in UTC",
        ),
        (table(times=pa.array([1793631600])), "column time: a time is a timestamp .* not int64: write it as one"),
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
    with pytest.raises(
        QuotesError, match=r"quotes\.parquet is no Parquet that can be read .* name it \.csv where it is"
    ):
        read_parquet(path, lambda *_: None)


def test_an_instant_that_no_calendar_has_is_a_bad_row(tmp_path):
    times = pa.array([2**62, 1_793_631_600_000_000], US)
    found, bad = read(tmp_path, table(times, pa.array([SYMBOL] * 2), pa.array([0.7] * 2), pa.array([0.8] * 2)))
    assert [found_at for found_at, _, _ in found] == [START]
    assert bad == [(1, "time is an ISO instant such as 2026-12-01T15:30:00Z, got '4611686018427 seconds after 1970'")]


def test_a_damaged_file_is_read_as_far_as_it_is_whole(tmp_path):
    path = tmp_path / "quotes.parquet"
    parquet.write_table(long(2 * BATCH), path, row_group_size=BATCH)
    first = parquet.ParquetFile(path).metadata.row_group(1).column(0).dictionary_page_offset
    content = bytearray(path.read_bytes())
    content[first : first + 2000] = b"z" * 2000
    path.write_bytes(content)
    bad = []
    assert sum(1 for _ in read_parquet(path, lambda *told: bad.append(told))) == BATCH
    ((row, why),) = bad
    assert row == BATCH + 1
    assert "the file is damaged here" in why
    assert "nothing after it was read: write it again" in why


def test_a_file_is_parquet_by_its_name_or_by_its_first_bytes(tmp_path):
    for name, content in (("one.PQ", b""), ("two.csv", b"PAR1"), ("three.csv", b"time,symbol,bid,ask\n")):
        (tmp_path / name).write_bytes(content)
    assert [is_parquet(tmp_path / name) for name in ("one.PQ", "two.csv", "three.csv")] == [True, True, False]


def test_pyarrow_is_loaded_for_a_file_in_parquet_only():
    code = "import sys, composition.replay.run; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "False\n"


def test_without_the_extra_the_mend_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(QuotesError, match=r"is not installed: write it as CSV .*extra parquet: .*pip install pyarrow"):
        read_parquet(tmp_path / "quotes.parquet", lambda *_: None)


def test_no_more_than_a_batch_is_read_ahead(tmp_path, monkeypatch):
    rows = 3 * BATCH
    path = tmp_path / "quotes.parquet"
    parquet.write_table(long(rows), path, row_group_size=1000)
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
