"""The report's CSV: what is written comes back, and no spreadsheet takes a stranger's text for a formula."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composition.replay.lines import LadderOutcome, MessageLine, TradeLine, Verdict
from composition.replay.report.cells import MESSAGES, TRADES, UnreadableTableError, defused, original
from tests.support.replay_lines import message_line, trade_line

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - its bounds
MONEY = st.decimals(Decimal(-9999), Decimal(9999), places=4)
COUNT = st.integers(0, 10**9)
MESSAGE_LINES = st.builds(
    MessageLine,
    number=COUNT,
    at=INSTANTS,
    message_id=TEXT,
    channel_id=COUNT,
    channel=TEXT,
    author_id=COUNT,
    author=TEXT,
    verdict=st.sampled_from(Verdict),
    reason=st.none() | TEXT.filter(bool),
    detail=TEXT,
    text=TEXT,
    trade_id=st.none() | TEXT.filter(bool),
    edited=st.booleans(),
)
TRADE_LINES = st.builds(
    TradeLine,
    trade_id=TEXT,
    number=COUNT,
    opened_at=INSTANTS,
    channel=TEXT,
    author=TEXT,
    contract=TEXT,
    occ_symbol=TEXT,
    alert_price=st.none() | MONEY,
    quantity=COUNT,
    premium=MONEY,
    outcome=st.sampled_from(LadderOutcome),
    steps=st.integers(0, 3),
    converted=st.booleans(),
    filled=COUNT,
    average_price=st.none() | MONEY,
    seconds_to_fill=st.none() | MONEY,
    exits_placed=COUNT,
    exit_price=st.none() | MONEY,
    exits_filled=COUNT,
    closed_by_alert=COUNT,
    held_at_end=COUNT,
    expired=COUNT,
    close_price=st.none() | MONEY,
    realized=st.none() | MONEY,
    expired_cost=st.none() | MONEY,
    held_cost=st.none() | MONEY,
)


def written_and_read(table, line):
    file = io.StringIO(newline="")
    csv.writer(file).writerow(table.cells(line))  # rows end in CRLF, so a bare CR in a text is quoted
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    return table.line(row)


@given(MESSAGE_LINES)
def test_a_message_s_row_is_read_back_as_it_was(line):
    assert written_and_read(MESSAGES, line) == line


@given(TRADE_LINES)
def test_a_trade_s_row_is_read_back_as_it_was(line):
    assert written_and_read(TRADES, line) == line


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1", "''=1"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert defused(text) == f"'{text}"
    assert original(defused(text)) == text


@pytest.mark.parametrize("text", ["", "'tis", "BTO SPY 500c @ 1.20", "a=b", "''"])
def test_other_texts_stay_as_they_are(text):
    assert defused(text) == original(text) == text


@given(st.text(alphabet="'=+-@a\t"))
def test_no_defused_text_is_a_formula_and_each_is_undone(text):
    assert defused(text)[:1] not in set("=+-@\t\r")
    assert original(defused(text)) == text


def test_money_is_written_with_its_places_and_times_with_their_zone():
    cells = dict(zip(TRADES.columns, TRADES.cells(trade_line(premium=Decimal("1E+3"))), strict=True))
    assert cells["premium"] == "1000"
    assert cells["opened_at"] == "2026-01-05T14:31:01+00:00"


class TestFiles:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "messages.csv"

    def write(self, path, *rows):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def test_rows_come_in_order_and_only_those_that_are_wanted(self, path):
        lines = [message_line(number, at=message_line().at + timedelta(minutes=number)) for number in (1, 2, 3)]
        self.write(path, MESSAGES.columns, *map(MESSAGES.cells, lines))
        assert list(MESSAGES.lines(path)) == lines
        assert [line.number for line in MESSAGES.lines(path, lambda cells: cells[0] != "2")] == [1, 3]

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            ([], "has the columns -: another version wrote it"),
            ([["number", "at"]], "has the columns number, at: another version wrote it"),
            ([MESSAGES.columns, ["1", "2"]], "line 2 has 2 cells and needs 13"),
            ([MESSAGES.columns, ["x"] * 13], "row 1 is no line of a replay"),
            (
                [MESSAGES.columns, [*map(str, MESSAGES.cells(message_line())[:-1]), "yes"]],
                "'yes' is neither true nor false",
            ),
        ],
    )
    def test_a_file_that_is_none_of_ours_is_named_with_what_is_wrong(self, path, rows, says):
        self.write(path, *rows)
        with pytest.raises(UnreadableTableError, match=r"messages\.csv") as caught:
            list(MESSAGES.lines(path))
        assert says in str(caught.value)
        assert "replay it again" in str(caught.value)

    def test_a_missing_file_and_other_bytes_are_named(self, path):
        with pytest.raises(UnreadableTableError, match="No such file"):
            list(MESSAGES.rows(path))
        path.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(UnreadableTableError, match="codec"):
            list(MESSAGES.rows(path))
