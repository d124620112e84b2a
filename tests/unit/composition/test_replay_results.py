"""What a replay on recorded quotes came to: all that was sold counts, and what the rest had cost is told."""

import csv
import json
import os
import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from adapters.sqlite.reader import AuditReader
from composition.cli import main
from domain.calendar import NEW_YORK

MONDAY = datetime(2025, 12, 1, 10, 0, tzinfo=NEW_YORK)
A_WEEK = 7 * 86_400
ANA, BEN, CAT = 11, 12, 13
DAY_TRADES, SWINGS = 20, 21
HALF_SOLD, KEPT, CLOSED = "UBER251205P00078000", "NVDA251212C00135000", "AAPL251205C00280000"
RESULTS = ("realized", "expired_cost", "held_cost")
SAID = (
    (60, "BTO UBER 78p 12/05 @ 0.75", ANA, DAY_TRADES),  # its exit sells some, the rest expires
    (120, "BTO NVDA 135c 12/12 @ 2.00", BEN, SWINGS),  # is held at the end
    (180, "BTO AAPL 280c 12/05 @ 1.00", ANA, SWINGS),  # is closed at a loss
    (240, "BTO F 12c 12/05 @ 0.50", CAT, DAY_TRADES),  # nothing of it is sold, all expires
    (1800, "STC AAPL 280c 12/05", ANA, SWINGS),
    (A_WEEK, "gm", ANA, DAY_TRADES),
)
BOOKS = ((HALF_SOLD, "0.74,0.76", "1.49,1.53"), (KEPT, "1.98,2.02", "1.98,2.02"), (CLOSED, "0.98,1.02", "0.60,0.64"))
BOOKS += (("F251205C00012000", "0.49,0.51", "0.10,0.12"),)


def at(seconds):
    return (MONDAY + timedelta(seconds=seconds)).isoformat()


def a_room(folder):
    """Write the room and its market's quotes, a book a second, which turn after ten minutes; return both paths."""
    said = (
        {"posted_at": at(when), "text": text, "user_id": who, "channel_id": where} for when, text, who, where in SAID
    )
    folder.joinpath("room.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in said), "utf-8")
    quotes = (
        f"{at(second)},{symbol},{early if second < 600 else late}\n"
        for second in range(3600)
        for symbol, early, late in BOOKS
    )
    folder.joinpath("quotes.csv").write_text("time,symbol,bid,ask\n" + "".join(quotes), "utf-8")
    return folder / "room.jsonl", folder / "quotes.csv"


@pytest.fixture
def replayed(tmp_path, monkeypatch):
    """Return what replays the room, with recorded quotes or without: what the terminal said, and the directory."""
    for name in tuple(os.environ):
        if name not in {"PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    room, quotes = a_room(tmp_path)

    def run(*, recorded):
        more = ("--quotes", str(quotes)) if recorded else ()
        done = CliRunner().invoke(main, ["replay", str(room), "--out", str(tmp_path / "out"), *more])
        assert done.exit_code == 0, done.output
        return done.stdout, tmp_path / "out"

    return run


def money_of(out, number, *closed_by):
    """Return what the log's fills say of a trade: contracts and dollars bought, contracts and dollars sold."""
    bought, paid, sold, received = 0, Decimal(0), 0, Decimal(0)
    with AuditReader(out / "replay.sqlite") as log:
        for row in (row for name in (number, *closed_by) for row in log.trade(f"T{name}") if row.kind == "OrderFilled"):
            quantity, price = row.body["fill"]["quantity"], Decimal(row.body["fill"]["price"])
            if row.body["role"] == "E":
                bought, paid = bought + quantity, paid + 100 * quantity * price
            else:
                sold, received = sold + quantity, received + 100 * quantity * price
    return bought, paid, sold, received


def test_what_was_sold_counts_and_what_expired_or_is_held_had_a_cost(replayed):
    told, out = replayed(recorded=True)
    with (out / "trades.csv").open(encoding="utf-8", newline="") as file:
        half_sold, kept, closed, worthless = csv.DictReader(file)

    bought, paid, sold, received = money_of(out, 1)
    assert 0 < sold < bought
    gain, lost = received - paid * sold / bought, paid * (bought - sold) / bought
    assert [half_sold[name] for name in ("exits_filled", "expired", "held_at_end")] == [
        str(sold),
        str(bought - sold),
        "0",
    ]
    assert (Decimal(half_sold["realized"]), Decimal(half_sold["expired_cost"])) == (gain, lost)
    assert half_sold["held_cost"] == ""

    _, held, none, _ = money_of(out, 2)
    assert none == 0
    assert (kept["realized"], kept["expired_cost"], Decimal(kept["held_cost"])) == ("", "", held)

    _, paid, _, received = money_of(out, 3, 5)
    assert (Decimal(closed["realized"]), closed["expired_cost"]) == (received - paid, "")
    assert received < paid

    _, gone, none, _ = money_of(out, 4)
    assert none == 0
    assert (worthless["realized"], Decimal(worthless["expired_cost"])) == ("", gone)

    figures = json.loads((out / "summary.json").read_text("utf-8"))["figures"]
    sums = (gain + received - paid, lost + gone, held)
    assert tuple(Decimal(figures[name]) for name in RESULTS) == sums
    dollars = [dollars_of([amount]) for amount in sums]
    names = ("realized before fees", "paid for what expired", "paid for what is held")
    for amount, name in zip(dollars, names, strict=True):
        assert f"{amount:>11}  {name}\n" in told
    page = (out / "report.html").read_text("utf-8")
    assert f"What was sold, less what that had cost: {dollars[0]}. What expired had cost {dollars[1]}" in page
    assert f"What is held at the end had cost {dollars[2]}. Left out: fees" in page


def dollars_of(amounts):
    """Return the sum of the amounts that there are, as the report writes it."""
    given = [Decimal(amount) for amount in amounts if amount]
    total = sum(given)
    return f"{'-' if total < 0 else ''}${abs(total):,.2f}".removesuffix(".00") if given else "-"


@pytest.mark.parametrize(
    ("kind", "section", "names"),
    [("author", "analysts", (ANA, BEN, CAT)), ("channel", "channels", (DAY_TRADES, SWINGS))],
)
def test_analysts_and_channels_are_summed_by_the_same_rule(replayed, kind, section, names):
    _, out = replayed(recorded=True)
    told = (out / "report.html").read_text("utf-8").split(f'<h2 id="{section}">')[1].split("<h2")[0]
    with (out / "trades.csv").open(encoding="utf-8", newline="") as file:
        trades = list(csv.DictReader(file))
    for name in map(str, names):
        row = told.rpartition(f'<th scope="row"><bdi>{name}</bdi></th>')[2].partition("</tr>")[0]
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)[-3:]
        of = [trade for trade in trades if trade[kind] == name]
        assert cells == [dollars_of(trade[result] for trade in of) for result in RESULTS]


def test_modelled_prices_come_to_no_dollars(replayed):
    told, out = replayed(recorded=False)
    with (out / "trades.csv").open(encoding="utf-8", newline="") as file:
        trades = list(csv.DictReader(file))
    assert trades
    assert not any(trade[name] for trade in trades for name in RESULTS)
    for text in (told, (out / "report.html").read_text("utf-8")):
        assert not any(words in text for words in ("realized", "paid for what", "had cost", "Nothing was sold"))
