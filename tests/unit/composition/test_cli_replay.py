"""`alert-trader replay` as a whole: files in, a report out, through the desk that also trades."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from composition.cli import main
from composition.replay.report.words import dollars
from domain.calendar import NEW_YORK

MONDAY = datetime(2025, 12, 1, 10, 0, tzinfo=NEW_YORK)
SYMBOL = "UBER251205P00078000"
ALERT = "BTO UBER 78p 12/05 @ 0.75"
ROOM, ANA, BEN = 1100000000000000001, 1200000000000000001, 1200000000000000002
TALK = ("gm everyone", "what a day", "waiting for a pullback", "careful here")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    """No settings of whoever runs the tests; the replay is of the files alone."""
    for name in tuple(os.environ):
        if name not in {"PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def said(seconds, text, author=ANA, **more):
    """Return one message as DiscordChatExporter writes it."""
    at = MONDAY + timedelta(seconds=seconds)
    return {
        "id": str(1_445_000_000_000_000_000 + int(seconds * 1000)),
        "type": "Default",
        "timestamp": at.isoformat(timespec="milliseconds"),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": text,
        "author": {"id": str(author), "name": f"user{author % 10}", "nickname": f"User {author % 10}", "isBot": False},
        "attachments": [],
        "embeds": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def export(path, *messages):
    content = {
        "guild": {"id": "1", "name": "Made up", "iconUrl": ""},
        "channel": {"id": str(ROOM), "type": "GuildTextChat", "category": "rooms", "name": "alerts"},
        "dateRange": {"after": None, "before": None},
        "exportedAt": MONDAY.isoformat(),
        "messages": list(messages),
        "messageCount": len(messages),
    }
    path.write_text(json.dumps(content, indent=2), "utf-8")
    return str(path)


def small_room(path):
    return export(
        path,
        said(0, TALK[0]),
        said(60, f"Alert: {ALERT}"),
        said(90, TALK[1], BEN),
        said(120, "BTO NVDA 135c 12/05"),
        said(900, "STC UBER 78p 12/05", BEN),
        said(1200, "", type="GuildMemberJoin"),
    )


def replay(*arguments, code=0):
    done = CliRunner().invoke(main, ["replay", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pages(folder):
    return [folder / "report.html", *sorted((folder / "stories").glob("*.html"))]


def test_an_export_replays_as_it_is(tmp_path):
    done = replay(small_room(tmp_path / "room.json"), "--out", tmp_path / "out")
    messages = rows(tmp_path / "out" / "messages.csv")
    verdicts = {row["text"]: row["verdict"] for row in messages}
    assert verdicts[f"Alert: {ALERT}"] == "entered"
    assert verdicts["STC UBER 78p 12/05"] == "closed"
    assert {verdicts[text] for text in TALK[:2]} == {"ignored"}
    assert messages[1]["channel"] == "alerts"
    (trade, *others) = rows(tmp_path / "out" / "trades.csv")
    assert (trade["contract"], trade["alert_price"]) == ("UBER 78p 2025-12-05", "0.75")
    assert "Prices are modelled by seed 1" in done.stdout
    sized = [Decimal(each["premium"]) for each in (trade, *others)]
    assert f"{len(sized)} trades, sized for at most {dollars(sum(sized))}\n" in done.stdout
    report, *stories = (page.read_text("utf-8") for page in pages(tmp_path / "out"))
    assert f"sized for at most {dollars(sum(sized))} together" in report
    assert all(f"sized for at most {dollars(premium)};" in "".join(stories) for premium in sized)


def test_json_lines_say_the_same_as_an_export(tmp_path):
    lines = [
        {"text": text, "posted_at": (MONDAY + timedelta(seconds=at)).isoformat(), "user_id": ANA, "channel_id": ROOM}
        for at, text in ((0, TALK[0]), (60, ALERT))
    ]
    (tmp_path / "room.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    replay(tmp_path / "room.jsonl", "--out", tmp_path / "lines")
    replay(export(tmp_path / "room.json", said(0, TALK[0]), said(60, ALERT)), "--out", tmp_path / "export")
    ignored, entered = (row["verdict"] for row in rows(tmp_path / "lines" / "messages.csv"))
    assert (ignored, entered) == ("ignored", "entered")
    same = ("contract", "outcome", "filled", "average_price", "exits_placed")
    ((ours,), (theirs,)) = (rows(tmp_path / name / "trades.csv") for name in ("lines", "export"))
    assert [ours[name] for name in same] == [theirs[name] for name in same]


def lines_file(path, *lines, author=ANA):
    """Write alerts as JSON lines without ids; a line that is text stands as it is."""
    path.parent.mkdir(exist_ok=True)
    told = [
        line
        if isinstance(line, str)
        else json.dumps(
            {
                "text": line[1],
                "posted_at": (MONDAY + timedelta(seconds=line[0])).isoformat(),
                "user_id": author,
                "channel_id": ROOM,
            }
        )
        for line in lines
    ]
    path.write_text("".join(f"{line}\n" for line in told), "utf-8")
    return path


def test_files_that_share_a_name_are_replayed_whole(tmp_path):
    one = lines_file(tmp_path / "a" / "room.jsonl", (0, TALK[0]), (60, ALERT))
    other = lines_file(
        tmp_path / "b" / "room.jsonl", (30, TALK[1]), (90, "BTO NVDA 135c 12/05 @ 2.00"), "7", author=BEN
    )
    for name in ("out", "again"):
        done = replay(one, other, "--out", tmp_path / name, code=1)
    assert "b/room.jsonl, line 3: " in done.stderr
    messages = rows(tmp_path / "out" / "messages.csv")
    assert [row["message_id"] for row in messages] == [
        f"{name}/room.jsonl:{line}" for line in (1, 2) for name in ("a", "b")
    ]
    assert [row["verdict"] for row in messages] == ["ignored", "ignored", "entered", "entered"]
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["files"] == [
        "a/room.jsonl",
        "b/room.jsonl",
    ]
    found, again = files(tmp_path / "out"), files(tmp_path / "again")
    assert all(body == again[name] for name, body in found.items() if name.suffix != ".sqlite")


def test_a_file_that_is_given_twice_counts_once(tmp_path):
    room = lines_file(tmp_path / "a" / "room.jsonl", (60, ALERT))
    replay(room, tmp_path / "a" / ".." / "a" / "room.jsonl", "--out", tmp_path / "out")
    assert [row["verdict"] for row in rows(tmp_path / "out" / "messages.csv")] == ["entered", "duplicate"]


@pytest.mark.parametrize(
    ("lists", "options", "filled", "said"),
    [
        ({}, (), ["ALLOWED_USERS", "ALLOWED_CHANNELS"], "are empty: every author and every channel of the files"),
        ({"ALLOWED_CHANNELS": ROOM}, (), ["ALLOWED_USERS"], "ALLOWED_USERS is empty: every author of the files"),
        ({"ALLOWED_USERS": ANA}, (), ["ALLOWED_CHANNELS"], "ALLOWED_CHANNELS is empty: every channel of the files"),
        ({}, ("--only-channel", ROOM), ["ALLOWED_USERS"], "ALLOWED_USERS is empty: every author of the files"),
        ({}, ("--only-author", ANA), ["ALLOWED_CHANNELS"], "ALLOWED_CHANNELS is empty: every channel of the files"),
        ({"ALLOWED_WEBHOOKS": 9}, (), ["ALLOWED_CHANNELS"], "ALLOWED_CHANNELS is empty: every channel of the files"),
        ({"ALLOWED_USERS": ANA, "ALLOWED_CHANNELS": ROOM}, (), [], ""),
        ({}, ("--only-author", ANA, "--only-channel", ROOM), [], ""),
    ],
)
def test_each_allowlist_that_a_replay_fills_in_is_told(  # noqa: PLR0917 - the table's columns
    tmp_path, monkeypatch, lists, options, filled, said
):
    for name, number in lists.items():
        monkeypatch.setenv(name, str(number))
    out = tmp_path / "out"
    done = replay(small_room(tmp_path / "room.json"), *options, "--out", out)
    assert json.loads((out / "summary.json").read_text("utf-8"))["filled_in"] == filled
    for told in (done.stdout, (out / "report.html").read_text("utf-8")):
        assert said in told
        assert ("Live, an empty list allows nobody." in told) == bool(filled)
        assert ("Bots and webhooks are not filled in" in told) == ("ALLOWED_USERS" in filled)
    (entered,) = (row for row in rows(out / "messages.csv") if row["text"] == f"Alert: {ALERT}")
    assert entered["verdict"] == ("denied" if "ALLOWED_WEBHOOKS" in lists else "entered")
    replay(small_room(tmp_path / "room.json"), *options, "--out", tmp_path / "other", "--against", out)


def test_modelled_prices_are_named_on_every_page_and_no_profit_is_shown(tmp_path):
    replay(small_room(tmp_path / "room.json"), "--out", tmp_path / "out")
    found = pages(tmp_path / "out")
    assert len(found) > 1
    assert all("modelled" in page.read_text("utf-8") for page in found)
    assert {row["realized"] for row in rows(tmp_path / "out" / "trades.csv")} == {""}


def quotes_csv(path):
    times = [MONDAY + timedelta(seconds=second) for second in range(0, 1500, 5)]
    lines = [f"{at.isoformat()},{SYMBOL},0.74,0.76" for at in times]
    path.write_text("time,symbol,bid,ask\n" + "\n".join(lines) + "\n", "utf-8")
    prices = {"bid": pa.array([0.74] * len(times)), "ask": pa.array([0.76] * len(times))}
    columns = {"time": pa.array(times, pa.timestamp("us", "UTC")), "symbol": pa.array([SYMBOL] * len(times))}
    parquet.write_table(pa.table(columns | prices), path.with_suffix(".parquet"))
    return path, path.with_suffix(".parquet")


def test_recorded_quotes_give_the_market_s_prices_from_either_form_of_file(tmp_path):
    room = small_room(tmp_path / "room.json")
    told = []
    for number, quotes in enumerate(quotes_csv(tmp_path / "quotes.csv")):
        done = replay(room, "--quotes", quotes, "--out", tmp_path / f"out{number}")
        assert "modelled" not in done.stdout
        (trade,) = rows(tmp_path / f"out{number}" / "trades.csv")
        told.append(trade)
    assert told[0] == told[1]
    assert told[0]["close_price"] in {"0.7400", "0.7500", "0.7600"}
    assert told[0]["realized"]


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_processes_with_one_seed_write_the_same_bytes(tmp_path):
    room = small_room(tmp_path / "room.json")
    for name in ("one", "two"):
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "composition.entry", "replay", room, "--out", str(tmp_path / name)],
            env={**os.environ, "PYTHONHASHSEED": str(len(name) + ord(name[0])), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    one, two = (
        {name: body for name, body in files(tmp_path / side).items() if name.suffix != ".sqlite"}
        for side in ("one", "two")
    )
    assert one == two
    assert len(one) > 4


ROOT = Path(main.callback.__code__.co_filename).parents[1]


def test_a_replay_is_compared_with_an_earlier_one(tmp_path):
    room = small_room(tmp_path / "room.json")
    replay(room, "--out", tmp_path / "first")
    done = replay(room, "--out", tmp_path / "second", "--cash", "400", "--against", tmp_path / "first")
    assert "--cash" in done.stdout + (tmp_path / "second" / "report.html").read_text("utf-8")
    verdicts = {row["text"]: row["verdict"] for row in rows(tmp_path / "second" / "messages.csv")}
    assert verdicts[f"Alert: {ALERT}"] == "denied"


def test_an_interrupt_leaves_a_report_of_what_was_played(tmp_path):
    texts = [said(second, TALK[second % 4]) for second in range(40_000)]
    room = export(tmp_path / "room.json", said(-5, ALERT), *texts)
    command = [sys.executable, "-m", "composition.entry", "replay", room, "--out", str(tmp_path / "out")]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        log = tmp_path / "out" / "messages.csv"
        while process.poll() is None and not (log.exists() and log.stat().st_size):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate()
    assert process.returncode == 1
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["partial"]
    assert 0 < summary["messages"] < 40_001
    assert len(rows(tmp_path / "out" / "messages.csv")) == summary["messages"]
    assert "stopped before the end of its files" in told
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "the files hold no message that can be replayed"),
        ("{}", "the files hold no message that can be replayed"),
        ('{"text": "BTO"}\n', "the files hold no message that can be replayed"),
    ],
)
def test_what_holds_no_message_is_refused(tmp_path, content, why):
    (tmp_path / "room.json").write_text(content, "utf-8")
    done = replay(tmp_path / "room.json", code=2)
    assert why in done.stderr


def test_lines_that_cannot_be_read_are_told_and_the_others_replayed(tmp_path):
    good = {"text": ALERT, "posted_at": MONDAY.isoformat(), "user_id": ANA, "channel_id": ROOM}
    (tmp_path / "room.jsonl").write_text(json.dumps(good) + '\n{"text": 7}\nnot json\n', "utf-8")
    done = replay(tmp_path / "room.jsonl", "--out", tmp_path / "out", code=1)
    assert "room.jsonl, line 2: " in done.stderr
    assert "room.jsonl, line 3: " in done.stderr
    assert len(rows(tmp_path / "out" / "messages.csv")) == 1


def test_a_bad_row_of_quotes_is_named_and_the_others_are_used(tmp_path):
    _, quotes = quotes_csv(tmp_path / "quotes.csv")
    table = parquet.read_table(quotes)
    parquet.write_table(pa.concat_tables([table.slice(1, 1), table.slice(0, 1), table.slice(2)]), quotes)
    done = replay(small_room(tmp_path / "room.json"), "--quotes", quotes, "--out", tmp_path / "out", code=1)
    assert "quotes.parquet, row 2: " in done.stderr
    assert "sort the file by time" in done.stderr
    assert "quotes.parquet, row 2: " in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_a_file_of_quotes_that_is_none_is_refused(tmp_path):
    (tmp_path / "quotes.csv").write_text("when,what\n", "utf-8")
    done = replay(small_room(tmp_path / "room.json"), "--quotes", tmp_path / "quotes.csv", code=2)
    assert "time,symbol,bid,ask" in done.stderr


def test_an_earlier_replay_is_not_written_over_by_what_is_compared_with_it(tmp_path):
    room = small_room(tmp_path / "room.json")
    replay(room, "--out", tmp_path / "out")
    done = replay(room, "--out", tmp_path / "out", "--against", tmp_path / "out", code=2)
    assert "write this replay somewhere else" in done.stderr
