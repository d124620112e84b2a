"""Two replays of the same messages: what differs is counted, named and written; other messages are refused."""

import csv

import pytest
from attrs import evolve

from composition.replay.lines import LadderOutcome, Prices, Verdict
from composition.replay.report.comparing import KEPT, compare
from composition.replay.report.earlier import EarlierReplay, NotComparableError
from composition.replay.report.writing import ReplayReport
from tests.support.replay_lines import history, message_line, no_rows, totals_of, trade_line


def replayed(directory, messages, trades=(), *, against=None, **more):
    """Write a replay of these lines into `directory`, as the engine would, and return its report."""
    with ReplayReport(directory, no_rows, against=against) as report:
        for line in messages:
            report.message(line)
        for line in trades:
            report.trade(line)
        report.finish(totals_of(messages, trades, **more))
    return report


def denied(line):
    return evolve(line, verdict=Verdict.DENIED, reason="too_many_positions", trade_id=None)


ENTERED = [message_line(number, Verdict.ENTERED, text=f"BTO SPY 50{number}c @ 1.20") for number in (1, 2, 3)]
TRADES = [trade_line(number) for number in (1, 2, 3)]


class TestChanges:
    @pytest.fixture
    def compared(self, tmp_path):
        def run(messages, trades=(), **more):
            replayed(tmp_path / "before", ENTERED, TRADES)
            replayed(tmp_path / "after", messages, trades, **more)
            return compare(EarlierReplay.open(tmp_path / "before"), EarlierReplay.open(tmp_path / "after"))

        return run

    def test_equal_replays_differ_in_nothing(self, compared):
        found = compared(ENTERED, TRADES)
        assert (found.compared, found.moves, found.parts, found.settings) == (3, {}, {}, [])
        assert [before == after for _, before, after in found.counters] == [True] * len(found.counters)

    def test_a_verdict_that_differs_is_counted_and_named(self, compared):
        found = compared([ENTERED[0], denied(ENTERED[1]), denied(ENTERED[2])], TRADES[:1])
        assert found.moves == {("entered", "denied: too_many_positions"): 2}
        assert [(change.number, change.text) for change in found.messages] == [
            (2, "BTO SPY 502c @ 1.20"),
            (3, "BTO SPY 503c @ 1.20"),
        ]
        assert ("denied", "0", "2") in found.counters
        assert ("denied: too many positions", "0", "2") in found.counters
        assert ("trades", "3", "1") in found.counters

    def test_another_reason_for_the_same_verdict_is_a_difference(self, tmp_path):
        one = [message_line(1, Verdict.DENIED, reason="stale")]
        replayed(tmp_path / "one", one)
        replayed(tmp_path / "two", [evolve(one[0], reason="halted")])
        found = compare(EarlierReplay.open(tmp_path / "one"), EarlierReplay.open(tmp_path / "two"))
        assert found.moves == {("denied: stale", "denied: halted"): 1}

    def test_trades_that_come_and_go_are_told(self, compared):
        found = compared(ENTERED, [TRADES[0], trade_line(4)])
        told = [(change.number, change.what, change.before, change.after) for change in found.trades]
        trade = "4 SPY 500c 2026-01-16, at the first price"
        assert told == [(2, "trade disappears", trade, "-"), (3, "trade disappears", trade, "-")]

    def test_a_trade_that_only_the_later_replay_has_appears(self, tmp_path):
        replayed(tmp_path / "before", ENTERED, [TRADES[0], TRADES[2]])
        replayed(tmp_path / "after", ENTERED, TRADES)
        found = compare(EarlierReplay.open(tmp_path / "before"), EarlierReplay.open(tmp_path / "after"))
        assert [(change.number, change.what) for change in found.trades] == [(2, "trade appears")]
        assert found.trades_changed == 1

    def test_each_part_of_a_trade_that_changed_is_told(self, compared):
        other = trade_line(
            2, quantity=6, outcome=LadderOutcome.CONVERTED, converted=True, exits_filled=0, held_at_end=3
        )
        found = compared(ENTERED, [TRADES[0], other, TRADES[2]])
        assert [(change.what, change.before, change.after) for change in found.trades] == [
            ("size", "4", "6"),
            ("entry", "at the first price", "converted and filled"),
            ("sold by exit", "2", "0"),
            ("held at the end", "1", "3"),
        ]
        assert found.trades_changed == 1

    def test_settings_that_differ_are_named_with_seed_and_prices(self, compared):
        found = compared(ENTERED, TRADES, seed=8, settings={"RISK_MAX_CONTRACTS": "5", "NEW": "1"})
        assert found.settings == [
            ("--seed", "7", "8"),
            ("NEW", "-", "1"),
            ("RISK_MAX_CONTRACTS", "10", "5"),
            ("SIZE_ALLOCATION", "10", "-"),
        ]

    def test_all_changes_are_in_the_file_and_the_first_in_memory(self, tmp_path):
        messages, trades = history(seed=3, number=3_000)
        later = [denied(line) if line.verdict is Verdict.ENTERED else line for line in messages]
        later = [evolve(line, reason="other") if line.verdict is Verdict.IGNORED else line for line in later]
        replayed(tmp_path / "before", messages, trades)
        report = replayed(tmp_path / "after", later, against=EarlierReplay.open(tmp_path / "before"))
        with (tmp_path / "after" / "changes.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        kinds = [row["what"] for row in rows]
        changed = sum(line.verdict in {Verdict.ENTERED, Verdict.IGNORED} for line in messages)
        assert kinds.count("verdict") == changed > KEPT
        assert kinds.count("trade disappears") == len(trades)
        page = (tmp_path / "after" / "report.html").read_text(encoding="utf-8")
        assert f"The first of these messages (the first {KEPT} of {changed:,})" in page
        assert f"{changed:,} messages of 3,000 came out differently" in "\n".join(report.told)

    def test_a_formula_in_a_text_is_defused_in_the_file_of_changes(self, tmp_path):
        one = [message_line(1, Verdict.ENTERED, text="=HYPERLINK(1)", author="@boss")]
        replayed(tmp_path / "one", one)
        replayed(tmp_path / "two", [denied(one[0])], against=EarlierReplay.open(tmp_path / "one"))
        with (tmp_path / "two" / "changes.csv").open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["text"], row["author"]) == ("'=HYPERLINK(1)", "'@boss")
        assert "<bdi>=HYPERLINK(1)</bdi>" in (tmp_path / "two" / "report.html").read_text(encoding="utf-8")


class TestRefusals:
    @pytest.fixture
    def before(self, tmp_path):
        replayed(tmp_path / "before", ENTERED, TRADES)
        return EarlierReplay.open(tmp_path / "before")

    @pytest.mark.parametrize(
        ("messages", "says"),
        [
            (
                [ENTERED[0], evolve(ENTERED[1], text="BTO X")],
                "text 'BTO SPY 502c @ 1.20' there and 'BTO X' here",
            ),
            ([ENTERED[0], evolve(ENTERED[1], message_id="9")], "message 2 has message_id '1000002' there and '9' here"),
            ([evolve(ENTERED[0], author_id=99)], "message 1 has author_id '3' there and '99' here"),
            (ENTERED[:2], "ends after message 2 and"),
            ([*ENTERED, message_line(4)], "ends after message 3 and"),
        ],
    )
    def test_other_messages_are_refused_and_the_report_is_written_all_the_same(self, tmp_path, before, messages, says):
        report = replayed(tmp_path / "after", messages, against=before)
        assert says in str(report.refusal)
        assert "Replay the same files for both" in str(report.refusal)
        assert not (tmp_path / "after" / "changes.csv").exists()
        page = (tmp_path / "after" / "report.html").read_text(encoding="utf-8")
        assert "What changed" not in page
        assert "Why messages were not traded" in page
        assert not list((tmp_path / "after").glob("*.new"))

    @pytest.mark.parametrize(("first", "second"), [(True, False), (False, True)])
    def test_one_that_was_stopped_early_is_compared_up_to_there(self, tmp_path, first, second):
        short, whole = (ENTERED[:2], TRADES[:2]), (ENTERED, TRADES)
        replayed(tmp_path / "before", *(short if first else whole), partial=first)
        earlier = EarlierReplay.open(tmp_path / "before")
        report = replayed(tmp_path / "after", *(short if second else whole), partial=second, against=earlier)
        assert report.refusal is None
        assert any("only the first 2 messages are compared" in line for line in report.told)
        assert any(
            "0 messages of 2 came out differently; 0 trades more, 0 fewer, 0 changed" in line for line in report.told
        )

    def test_other_prices_are_pointed_out(self, tmp_path, before):
        report = replayed(tmp_path / "after", ENTERED, TRADES, prices=Prices.RECORDED, against=before)
        assert any("had different prices" in line for line in report.told)

    def test_a_directory_without_a_replay_is_refused(self, tmp_path):
        with pytest.raises(NotComparableError, match=r"holds no replay, it has no summary\.json: name what"):
            EarlierReplay.open(tmp_path)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"messages": "many"}', "\ud800"])
    def test_a_summary_that_is_none_is_refused(self, before, text):
        (before.directory / "summary.json").write_text(text, encoding="utf-8", errors="surrogatepass")
        with pytest.raises(NotComparableError, match=r"summary\.json cannot be read .* replay it again"):
            EarlierReplay.open(before.directory)

    @pytest.mark.parametrize("name", ["messages.csv", "trades.csv"])
    def test_a_table_that_is_damaged_is_refused_by_name(self, tmp_path, before, name):
        with (before.directory / name).open("a", encoding="utf-8") as file:
            file.write("1,2\n")
        report = replayed(tmp_path / "after", ENTERED, TRADES, against=before)
        assert f"{name} line 5 has 2 cells" in str(report.refusal)
