# noqa: INP001 (run as a module, no package)
"""A made-up history of five rooms, by seed: mostly talk, and analysts who buy, trim and sell options.

Every text is our own. Run: `python -m benchmarks.history DIR [--messages N] [--seed N] [--form lines|export]`; it
writes one file a room, which `alert-trader replay DIR/*` takes.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TextIO

from attrs import define, frozen

from domain.calendar import NEW_YORK, TradingCalendar

FIRST_DAY = date(2025, 1, 6)
MESSAGES_A_DAY = 500
ALERT_SHARE = 0.10
EXIT_SHARE = 0.5
MEMBERS = 60
KEPT_OPEN = 12
BEGIN, END = time(8, 45), time(16, 45)
DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
ROOMS = ("day-trades", "swings", "lottos", "earnings", "general")
TICKERS = {
    "SPY": 600, "QQQ": 520, "AAPL": 230, "AMD": 140, "NVDA": 135, "TSLA": 390, "META": 610, "AMZN": 220, "UBER": 70,
    "NFLX": 900, "MSFT": 420, "GOOGL": 190, "COIN": 260, "PLTR": 80, "DIS": 110, "BA": 175, "JPM": 245, "XOM": 110,
}  # fmt: skip
TALK = (
    "good morning everyone", "anyone watching {t} today?", "what a day", "that move in {t} was wild", "lol", "thanks!",
    "nice one", "I missed it again", "volume is so thin before lunch", "where do you all see {t} by friday",
    "congrats to everyone who was in", "patience pays", "is the fed speaking today or tomorrow?", "coffee time",
    "my broker was down for ten minutes", "that candle was ugly", "I am out for today, see you tomorrow",
    "{t} earnings are after the close, right?", "no trade is a trade too", "who else got stopped out", "careful here",
    "{t} looks heavy to me", "waiting for a pullback", "charts look choppy", "up {n}% on the week, not complaining",
    "up {n}% on {t}, what a run", "holding overnight scares me", "can someone explain theta again", "gm", "gn all",
    "watching {n} as a level on {t}", "this room is great", "anybody else lagging?", "I will sit on my hands today",
    "does the desk close early on friday", "reminder: size small until you know what you do", "😂😂", "🔥🔥🔥",
    "my dog trades better than me", "{t} up 2 dollars since the open", "love the discipline here", "same here",
    "market is closed monday btw", "took the day off, how did it go?", "green day, {n} in a row now", "ok", "yes", "no",
)  # fmt: skip
ENTRIES = (
    "BTO {t} {k}{r} {d} @ {p}", "Alert: BTO {t} {k}{r} {d} @ {p}", "BTO {t} {k}{r} {d} {p}", "BUY {t} {k}{r} {d} @ {p}",
    "Swing: BTO {t} {k}{r} {d} @ {p}", "Lotto: BTO {t} {k}{r} {d} @ {p}", "bto ${t} {k}{r} {d} @ {p}",
)  # fmt: skip
EXITS = (
    "STC {t} {k}{r} {d} @ {p}", "STC {t} {k}{r} {d}", "STC 1/2 {t} {k}{r} {d} @ {p}", "SELL {t} {k}{r} {d} @ {p}",
)  # fmt: skip


@frozen
class Said:
    """One post: when, which room (by number), who, and what."""

    number: int
    at: datetime
    room: int
    author: int
    text: str


@define
class _Analyst:
    """What one analyst has bought and not sold, the oldest first."""

    number: int
    open: list[dict[str, str]]


def history(messages: int, seed: int) -> Iterator[Said]:
    """Yield the posts of all rooms in order of time: one analyst a room, the others talk."""
    chance, calendar = Random(seed), TradingCalendar()  # noqa: S311 - repeatable, and nobody's secret
    analysts = [_Analyst(900 + room, []) for room in range(len(ROOMS))]
    number, day = 0, FIRST_DAY
    while number < messages:
        if calendar.is_session(day):
            for at in _instants(chance, day, min(MESSAGES_A_DAY, messages - number)):
                number += 1
                room = chance.randrange(len(ROOMS))
                is_alert = chance.random() < ALERT_SHARE
                author = analysts[room].number if is_alert else 100 + chance.randrange(MEMBERS)
                text = _alert(chance, analysts[room], day, calendar) if is_alert else _talk(chance)
                yield Said(number, at, room, author, text)
        day += timedelta(days=1)


def _instants(chance: Random, day: date, count: int) -> list[datetime]:
    begin = datetime.combine(day, BEGIN, NEW_YORK).astimezone(UTC)
    span = (datetime.combine(day, END, NEW_YORK).astimezone(UTC) - begin) // timedelta(milliseconds=1)
    return sorted(begin + timedelta(milliseconds=chance.randrange(span)) for _ in range(count))


def _talk(chance: Random) -> str:
    return chance.choice(TALK).format(t=chance.choice(list(TICKERS)), n=chance.randrange(2, 90))


def _alert(chance: Random, analyst: _Analyst, day: date, calendar: TradingCalendar) -> str:
    analyst.open = [held for held in analyst.open if held["until"] >= day.isoformat()][-KEPT_OPEN:]
    if analyst.open and chance.random() < EXIT_SHARE:
        held = analyst.open[0] if chance.random() < 0.5 else analyst.open.pop(0)  # noqa: PLR2004
        price = Decimal(held["p"]) * chance.randrange(60, 200) / 100
        return chance.choice(EXITS).format(**{**held, "p": f"{price:.2f}"})
    ticker = chance.choice(list(TICKERS))
    strike = round(TICKERS[ticker] * chance.uniform(0.93, 1.07) / 5) * 5
    weeks = chance.choice((0, 0, 1, 1, 2, 4))
    until = calendar.last_session_of_week(day + timedelta(weeks=weeks))
    bought = {
        "t": ticker,
        "k": str(strike),
        "r": chance.choice("cp"),
        "d": f"{until.month}/{until.day}",
        "p": f"{Decimal(chance.randrange(30, 600)) / 100:.2f}",
        "until": until.isoformat(),
    }
    analyst.open.append(bought)
    return chance.choice(ENTRIES).format(**bought)


# ---- files -----------------------------------------------------------------------------------------------------------


def write_lines(folder: Path, messages: int, seed: int) -> list[Path]:
    """Write one file of JSON lines a room, and return their paths."""
    paths = [folder / f"{room}.jsonl" for room in ROOMS]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8")) for path in paths]
        for said in history(messages, seed):
            files[said.room].write(json.dumps(_line(said)) + "\n")
    return paths


def write_exports(folder: Path, messages: int, seed: int) -> list[Path]:
    """Write one export a room, in the form of DiscordChatExporter's JSON, and return their paths."""
    paths = [folder / f"{room}.json" for room in ROOMS]
    counts = [0] * len(ROOMS)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w", encoding="utf-8")) for path in paths]
        for room, file in enumerate(files):
            _begin(file, room)
        for said in history(messages, seed):
            comma = ",\n" if counts[said.room] else ""
            files[said.room].write(comma + json.dumps(_exported(said), indent=2, ensure_ascii=False))
            counts[said.room] += 1
        for file, count in zip(files, counts, strict=True):
            file.write(f'\n],\n"messageCount": {count}\n}}\n')
    return paths


def _begin(file: TextIO, room: int) -> None:
    guild = {"id": "1000000000000000001", "name": "Made up", "iconUrl": ""}
    channel = {"id": str(_channel(room)), "type": "GuildTextChat", "category": "rooms", "name": ROOMS[room]}
    file.write(f'{{\n"guild": {json.dumps(guild)},\n"channel": {json.dumps(channel)},\n"messages": [\n')


def _channel(room: int) -> int:
    return 1_100_000_000_000_000_000 + room


def _author(number: int) -> int:
    return 1_200_000_000_000_000_000 + number


def _snowflake(said: Said) -> int:
    milliseconds = (said.at - DISCORD_EPOCH) // timedelta(milliseconds=1)
    return (milliseconds << 22) + said.number % (1 << 22)


def _line(said: Said) -> dict[str, str]:
    return {
        "text": said.text,
        "user_id": str(_author(said.author)),
        "channel_id": str(_channel(said.room)),
        "message_id": str(_snowflake(said)),
        "posted_at": said.at.isoformat(),
    }


def _exported(said: Said) -> dict[str, Any]:
    name = f"analyst{said.author - 900}" if said.author >= 900 else f"member{said.author - 100}"  # noqa: PLR2004
    return {
        "id": str(_snowflake(said)),
        "type": "Default",
        "timestamp": said.at.isoformat(),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": said.text,
        "author": {
            "id": str(_author(said.author)),
            "name": name,
            "discriminator": "0000",
            "nickname": name.title(),
            "color": None,
            "isBot": False,
            "roles": [],
            "avatarUrl": "",
        },
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a made-up history of five rooms.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=("lines", "export"), default="export")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    write = write_exports if asked.form == "export" else write_lines
    for path in write(asked.folder, asked.messages, asked.seed):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
