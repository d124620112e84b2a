"""The report's files and pages: whole, equal for equal lines, safe with strangers' words, honest about prices."""

import csv
import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from composition.replay.lines import Allowlist, BadLine, LadderOutcome, Prices, Verdict
from composition.replay.report.saving import totals_from_text
from composition.replay.report.writing import OccupiedError, ReplayReport
from domain.policies import Mode
from ports.audit_log import Row, RowClass
from tests.support.replay_lines import FIRST, history, message_line, no_rows, totals_of, trade_line

VOID = {"meta", "input", "br", "rect", "line"}
NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e'


class Page(HTMLParser):
    """A page's tags, checked for balance; its anchors, links and the texts of its table rows."""

    def __init__(self, path):
        super().__init__()
        self.open, self.anchors, self.links, self.tags, self.rows = [], set(), [], set(), []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        assert not {name for name in given if name.startswith("on") or name in {"src", "style"}}
        if "id" in given:
            assert given["id"] not in self.anchors
            self.anchors.add(given["id"])
        if "href" in given:
            self.links.append(given["href"])
        if tag == "tr":
            self.rows.append([])
        if tag not in VOID or (tag in {"rect", "line"} and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, _attrs):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        if tag not in VOID or (self.open and self.open[-1] == tag):
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.rows and "tr" in self.open:
            self.rows[-1].append(data)


def row(trade_id, kind, at=FIRST, **body):
    return Row(
        seq=1,
        at=at,
        row_class=RowClass.DECISION,
        kind=kind,
        mode=Mode.PAPER,
        trade_id=trade_id,
        body={"trade_id": trade_id, **body},
        hash="",
    )


@pytest.fixture
def written(tmp_path):
    """Return what writes a replay into a directory, which it returns."""

    def write(messages, trades=(), *, name="out", rows_of=no_rows, **more):
        with ReplayReport(tmp_path / name, rows_of) as report:
            for line in messages:
                report.message(line)
            for line in trades:
                report.trade(line)
            report.finish(totals_of(messages, trades, **more))
        return tmp_path / name

    return write


def files_of(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


class TestFiles:
    def test_equal_lines_make_equal_bytes_whatever_order_trades_end_in(self, written):
        messages, trades = history(seed=1, number=2_000)
        one = files_of(written(messages, trades, name="one"))
        other = files_of(written(messages, trades[::-1], name="other"))
        assert one == other
        assert {"messages.csv", "trades.csv", "days.csv", "summary.json", "report.html"} < set(one)

    def test_tables_hold_every_line_and_each_day_adds_up(self, written):
        messages, trades = history(seed=2, number=3_000)
        out = written(messages, trades)
        with (out / "messages.csv").open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.DictReader(file)) == len(messages)
        with (out / "trades.csv").open(encoding="utf-8", newline="") as file:
            assert [int(line["number"]) for line in csv.DictReader(file)] == [trade.number for trade in trades]
        with (out / "days.csv").open(encoding="utf-8", newline="") as file:
            days = list(csv.DictReader(file))
        assert sum(int(day["messages"]) for day in days) == len(messages)
        assert sum(int(day["trades"]) for day in days) == len(trades)
        assert sum(int(day["contracts_bought"]) for day in days) == sum(trade.filled for trade in trades)
        assert sum(Decimal(day["premium"]) for day in days) == sum(trade.premium for trade in trades)
        assert [day["day"] for day in days] == sorted(day["day"] for day in days)

    def test_the_summary_is_read_back_as_the_totals(self, written):
        messages, trades = history(seed=3, number=500)
        bad = (BadLine(file="room.jsonl", line=7, why="no JSON"),)
        lists = (Allowlist.CHANNELS,)
        more = {"unreadable": 1, "bad_lines": bad, "partial": True, "halts": 2, "filled_in": lists}
        out = written(messages, trades, **more)
        text = (out / "summary.json").read_text(encoding="utf-8")
        assert totals_from_text(text) == totals_of(messages, trades, **more)
        assert json.loads(text)["figures"]["trades"] == len(trades)

    def test_another_replay_in_the_same_directory_leaves_nothing_of_the_first(self, written):
        messages, trades = history(seed=4, number=500)
        written(messages, trades, name="again")
        later = [message_line(1)]
        assert files_of(written(later, name="again")) == files_of(written(later, name="fresh"))

    def test_a_directory_with_something_else_in_it_is_refused(self, written, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.doc").write_text("mine")
        with pytest.raises(OccupiedError, match=r"holds thesis\.doc and no replay: name a new directory"):
            written([message_line(1)])
        assert (tmp_path / "out" / "thesis.doc").read_text() == "mine"

    def test_a_file_in_the_directory_s_place_is_refused(self, written, tmp_path):
        (tmp_path / "out").write_text("mine")
        with pytest.raises(OccupiedError, match="is a file: name a directory"):
            written([message_line(1)])

    def test_an_earlier_report_stays_where_no_message_comes(self, written, tmp_path):
        before = files_of(written([message_line(1)]))
        with ReplayReport(tmp_path / "out", no_rows):
            pass
        assert files_of(tmp_path / "out") == before


class TestStrangersWords:
    @pytest.fixture
    def page(self, written):
        words = {"text": NASTY, "author": NASTY, "channel": NASTY, "detail": NASTY}
        messages = [message_line(1, Verdict.ENTERED, **words), message_line(2, Verdict.DENIED, **words)]
        trades = [trade_line(1, author=NASTY, channel=NASTY, contract=NASTY)]
        rows = [row("T1", "Denied", code=NASTY, detail=NASTY)]
        return written(messages, trades, rows_of=lambda _: rows, files=(NASTY,), settings={"A": NASTY})

    def test_they_are_text_and_nothing_else(self, page):
        for path in (page / "report.html", *(page / "stories").iterdir()):
            parsed = Page(path)
            assert "img" not in parsed.tags
            assert parsed.text.count("<script>") == (path.name == "report.html")
            assert "alert(1)" in parsed.text

    def test_a_browser_runs_and_loads_nothing_but_the_page_s_own(self, page):
        for path in (page / "report.html", *(page / "stories").iterdir()):
            text = path.read_text(encoding="utf-8")
            (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
            assert policy.startswith("default-src 'none'; ")
            for tag, directive in (("style", "style-src"), ("script", "script-src")):
                inline = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
                digests = [b64encode(sha256(part.encode()).digest()).decode() for part in inline]
                assert all(f"{directive} 'sha256-{digest}'" in policy for digest in digests)
                assert len(inline) == policy.count(directive)
            assert "//" not in text.replace("<!doctype html>", "").split("<body>")[1].replace("docs//", "")

    def test_halves_of_characters_and_control_codes_do_not_stop_it(self, written):
        messages = [message_line(1, Verdict.DENIED, text="\ud800 \x00\x1b[31m"), message_line(2)]
        out = written(messages)
        assert "�" in (out / "stories" / "2026-01-05.html").read_text(encoding="utf-8")


class TestPage:
    def test_every_trade_and_close_leads_to_its_story(self, written):
        messages, trades = history(seed=5, number=2_000)
        out = written(messages, trades)
        page = Page(out / "report.html")
        places = [link for link in page.links if link.startswith("stories/")]
        assert len(places) == len(trades) > 0
        days = {path.name: Page(path) for path in (out / "stories").iterdir()}
        for place in places:
            name, _, anchor = place.removeprefix("stories/").partition("#")
            assert anchor in days[name].anchors
        for day in days.values():
            assert {link[1:] for link in day.links if link.startswith("#")} <= day.anchors
        closes = [line for line in messages if line.verdict is Verdict.CLOSED]
        assert all(any(f"message-{line.number}" in day.anchors for day in days.values()) for line in closes)
        assert {link[1:] for link in page.links if link.startswith("#")} <= page.anchors

    def test_it_says_first_what_was_read_traded_and_denied(self, written):
        messages, trades = history(seed=6, number=20_000)
        text = (written(messages, trades) / "report.html").read_text(encoding="utf-8")
        top = text[: text.index('id="time"')]
        assert "20,000</b>messages read" in top
        for verdict, name in ((Verdict.ENTERED, "entered"), (Verdict.DENIED, "denied")):
            number = sum(line.verdict is verdict for line in messages)
            assert f"<b>{number:,}</b>{name}" in top
        assert "spread too wide" in top

    def test_modelled_prices_are_named_in_every_section_and_no_result_is_shown(self, written):
        messages, trades = history(seed=7, number=2_000)
        closed = row("T1", "TradeClosed", bought=4, profit="480.00", reason="exit filled")
        out = written(messages, trades, rows_of=lambda _: [closed])
        text = (out / "report.html").read_text(encoding="utf-8")
        captions = re.findall(r'<h2 id="\w+">[^<]*</h2><p class="caption">([^<]*)</p>', text)
        assert len(captions) == text.count("<h2")
        assert all("prices are modelled by seed 7, not the market&#x27;s" in caption for caption in captions)
        for path in (out / "stories").iterdir():
            day = path.read_text(encoding="utf-8")
            assert "prices are modelled by seed 7" in day
            assert "480.00" not in day
        assert "4 bought, none held (exit filled)" in day
        assert "realized" not in text

    def test_recorded_quotes_show_the_result_what_the_rest_had_cost_and_what_is_left_out(self, written):
        closed = row("T1", "TradeClosed", bought=4, profit="480.00", reason="exit filled")
        trades = [
            trade_line(1, realized=Decimal("-48.50"), expired_cost=Decimal("120.00")),
            trade_line(2, held_cost=Decimal("60.40")),
        ]
        messages = [message_line(1, Verdict.ENTERED), message_line(2, Verdict.ENTERED)]
        out = written(messages, trades, rows_of=lambda _: [closed], prices=Prices.RECORDED)
        text = (out / "report.html").read_text(encoding="utf-8")
        assert (
            "What was sold, less what that had cost: -$48.50. What expired had cost $120: that is lost, but for what "
            "it was worth at the end, which is not known. What is held at the end had cost $60.40. Left out: fees, and "
            "slippage beyond the recorded quotes."
        ) in text
        results = '<td class="n" data-v="-48.50">-$48.50</td><td class="n" data-v="120.00">$120</td>'
        assert f'{results}<td class="n" data-v="0">-</td>' in text
        assert "modelled" not in text
        assert "+480.00 dollars before fees" in (out / "stories" / "2026-01-05.html").read_text(encoding="utf-8")

    def test_what_to_know_before_believing_it_stands_at_the_top(self, written):
        bad = (BadLine(file="room.jsonl", line=7, why="no JSON"),)
        more = {
            "partial": True,
            "filled_in": tuple(Allowlist),
            "edited": 3,
            "halts": 1,
            "unreadable": 2,
            "bad_lines": bad,
        }
        top = (written([message_line(1)], **more) / "report.html").read_text(encoding="utf-8").split("<nav>")[0]
        for said in (
            "stopped before the end of its files",
            "ALLOWED_USERS and ALLOWED_CHANNELS are empty: every author and every channel of the files was allowed",
            "3 messages had been edited",
            "halted 1 time.",
            "2 lines could not be read and are not in the counts. The first: room.jsonl, line 7: no JSON.",
        ):
            assert said in top

    @pytest.mark.parametrize("messages", [[], [message_line(1)]])
    def test_a_replay_with_nothing_in_it_is_told_too(self, written, messages):
        page = Page(written(messages) / "report.html")
        assert "No entries." in page.text
        assert "Nothing was bought." in page.text

    def test_hundreds_of_messages_of_a_day_are_cut_and_counted(self, written):
        messages = [message_line(n, Verdict.DENIED, at=FIRST + timedelta(seconds=n)) for n in range(1, 401)]
        (path,) = (written(messages) / "stories").iterdir()
        assert "100 more messages of this day in messages.csv" in path.read_text(encoding="utf-8")

    def test_people_who_only_talk_are_counted_not_listed(self, written):
        messages = [
            message_line(1, Verdict.ENTERED),
            message_line(2, author="Talker"),
            message_line(3, author="Other talker"),
        ]
        page = (written(messages, [trade_line(1)]) / "report.html").read_text(encoding="utf-8")
        assert "2 more analysts had no alert" in page
        assert "Talker" not in page


class TestStories:
    def test_a_story_tells_the_log_s_rows_in_new_york_s_time_day_by_day(self, written):
        rows = [
            row("T1", "Denied", code="stale", detail="61 s old"),
            row("T1", "QuoteRead"),  # says nothing to a person
            row("T1", "EntryFinished", at=FIRST + timedelta(days=1), filled=4, average_price="1.20", reason="filled"),
        ]
        out = written([message_line(1, Verdict.ENTERED)], [trade_line(1)], rows_of=lambda _: rows)
        page = Page(out / "stories" / "2026-01-05.html")
        told = [cells for cells in page.rows if cells][-3:]
        assert told == [
            ["09:30:00", "denied", "stale: 61 s old"],
            ["Tuesday, 6 January 2026"],
            ["09:30:00", "entry done", "4 @ 1.20 on average (filled)"],
        ]

    def test_messages_of_an_evening_belong_to_new_york_s_day(self, written):
        late = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
        out = written([message_line(1, Verdict.DENIED, at=late)])
        assert [path.name for path in (out / "stories").iterdir()] == ["2026-01-05.html"]

    def test_a_trade_leads_to_the_alerts_that_closed_it_the_oldest_trade_gives_first(self, written):
        contract = {"symbol": "SPY   260116C00500000", "strike": None}
        order = {"side": "SELL_TO_CLOSE", "quantity": 3, "contract": contract, "limit_price": "1.50"}
        order |= {"time_in_force": "DAY", "client_order_id": "C1"}
        rows = {
            "T5": [
                row("T5", "SubmitOrder", order=order),
                row("T5", "CloseFinished", sold=3, average_price="1.5", reason="sold"),
            ],
            "T6": [
                row("T6", "SubmitOrder", order=order),
                row("T6", "CloseFinished", sold=0, average_price=None, reason="no buyer"),
            ],
        }
        messages = [message_line(n, Verdict.ENTERED if n < 5 else Verdict.CLOSED) for n in range(1, 7)]
        trades = [trade_line(n, closed_by_alert=given) for n, given in ((1, 1), (2, 5), (3, 0))]
        out = written(messages, trades, rows_of=lambda trade_id: rows.get(trade_id, ()))
        text = (out / "stories" / "2026-01-05.html").read_text(encoding="utf-8")
        stories = dict(re.findall(r'<section id="message-(\d+)">(.*?)</section>', text, re.DOTALL))
        assert '1 closed by <a href="2026-01-05.html#message-5">message 5</a>' in stories["1"]
        assert "2 closed by" in stories["2"]
        assert "@ 1.50 on average" in stories["2"]
        assert "closed by <a" not in stories["3"]
        assert "message-6" not in stories["2"]


class TestTerminal:
    def test_it_counts_what_was_read_why_it_was_denied_and_how_entries_ended(self, tmp_path):
        messages, trades = history(seed=9, number=20_000)
        with ReplayReport(tmp_path, no_rows) as report:
            for line in messages:
                report.message(line)
            for line in trades:
                report.trade(line)
            report.finish(totals_of(messages, trades))
        told = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in report.told]
        entered = sum(line.verdict is Verdict.ENTERED for line in messages)
        cancelled = sum(trade.outcome is LadderOutcome.CANCELLED for trade in trades)
        assert told[0].startswith("20,000 messages, 5 January 2026 to")
        assert told[1] == "Prices are modelled by seed 7, not the market's."
        assert any(line.split()[:2] == [f"{entered:,}", "entered"] for line in told)
        assert any(line.split()[:2] == [f"{cancelled:,}", "cancelled"] for line in told)
        assert not any("realized" in line for line in told)

    def test_reasons_beyond_the_first_are_summed(self, tmp_path):
        messages = [message_line(n, Verdict.DENIED, reason=f"reason_{n % 10}") for n in range(1, 31)]
        with ReplayReport(tmp_path, no_rows) as report:
            for line in messages:
                report.message(line)
            report.finish(totals_of(messages))
        assert "          6  other reasons" in report.told

    def test_a_single_reason_beyond_the_first_is_named(self, tmp_path):
        messages = [message_line(n, Verdict.DENIED, reason=f"reason_{n % 9}") for n in range(1, 28)]
        with ReplayReport(tmp_path, no_rows) as report:
            for line in messages:
                report.message(line)
            report.finish(totals_of(messages))
        assert "          3  reason 8" in report.told
        assert not any("other reasons" in line for line in report.told)
