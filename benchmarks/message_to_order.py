# noqa: INP001 (run as a module, no package)
"""How long an alert takes from the message received to its order's POST leaving, on the real wire, log durable on disk.

Both services are the tests' stand-ins. What they take to answer is theirs and is taken off: `own` is the time in which
no request was under way. The floor is one bare durable SQLite commit on the same disk, in the same run: an order cannot
leave earlier than that. Run: `python -m benchmarks.message_to_order [--rounds N]`.
"""

import argparse
import asyncio
import contextlib
import io
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import httpx2
from attrs import Factory, define

from adapters.discord.client import DiscordClient
from tests.wire.running import ALERT, BID, EXPIRY, Town, town, until
from tests.wire.tastytrade import listings

STRIKES = [f"{50 + number}.0" for number in range(200)]


@define
class Stopwatch:
    """Notes when a message came, when the order's request left, and while which requests were under way."""

    received: float = 0.0
    left: float = 0.0
    _asking: int = 0
    _since: float = 0.0
    waited: float = 0.0
    own: list[float] = Factory(list)
    whole: list[float] = Factory(list)

    def begin(self) -> None:
        self.received, self.left, self.waited = time.perf_counter(), 0.0, 0.0
        self._since = self.received

    def request(self, method: str, path: str) -> None:
        now = time.perf_counter()
        if method == "POST" and path.endswith("/orders") and not self.left:
            self.left = now
            waited = self.waited + (now - self._since if self._asking else 0.0)
            self.whole.append(now - self.received)
            self.own.append(now - self.received - waited)
        if not self._asking:
            self._since = now
        self._asking += 1

    def response(self) -> None:
        self._asking -= 1
        if not self._asking:
            self.waited += time.perf_counter() - self._since


def attach(watch: Stopwatch) -> None:
    """Have the stopwatch see discord.py's messages come and the HTTP transport's requests go."""
    heard, handle = DiscordClient.on_message, httpx2.AsyncHTTPTransport.handle_async_request

    async def on_message(client: DiscordClient, post: object) -> None:
        if "BTO" in post.content:  # type: ignore[attr-defined] # discord.py's message
            watch.begin()
        await heard(client, post)  # type: ignore[arg-type] # see above

    async def timed(transport: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        watch.request(request.method, request.url.path)
        try:
            return await handle(transport, request)
        finally:
            watch.response()

    DiscordClient.on_message = on_message  # type: ignore[method-assign] # the measurement is the point
    httpx2.AsyncHTTPTransport.handle_async_request = timed  # type: ignore[method-assign] # see above


async def measure(rounds: int, home: Path, watch: Stopwatch) -> None:
    """Post alerts one after the other, each on a contract of its own, and cancel each entry before the next."""
    limits = {"RISK_MAX_ENTRIES_DAY": "500", "RISK_MAX_ENTRIES_MINUTE": "60", "RISK_MAX_ENTRIES_AUTHOR": "500"}
    async with town(home, **limits, RISK_MAX_POSITIONS="100", RISK_MAX_PREMIUM_AT_RISK="100") as made:
        made.broker.chains["UBER"] = [listings.chain("UBER", "UBER", listings.expiration("UBER", EXPIRY, STRIKES))]
        with contextlib.redirect_stdout(io.StringIO()):
            await made.ready()
            for strike in STRIKES[:rounds]:
                await _one(made, strike, watch)


async def _one(made: Town, strike: str, watch: Stopwatch) -> None:
    sent = len(watch.own)
    await made.broker.set_book(listings.occ("UBER", EXPIRY, "P", Decimal(strike)), BID, Decimal("0.76"))
    await made.post(ALERT.replace("78p", f"{strike.removesuffix('.0')}p"))
    await until(lambda: len(watch.own) > sent and bool(made.live()))
    for order in made.live():
        made.broker.ledger.end(order["id"], "Cancelled")
    await asyncio.sleep(1.1)  # six a second would meet the limit of a minute's entries, and rest tells single alerts


def floor(rounds: int, home: Path) -> list[float]:
    """Return how long single durable commits of one small row take on the disk of `home`."""
    with contextlib.closing(sqlite3.connect(home / "floor.sqlite", isolation_level=None)) as log:
        log.execute("PRAGMA journal_mode=WAL")
        log.execute("PRAGMA synchronous=FULL")
        log.execute("CREATE TABLE rows (body TEXT)")
        took = []
        for number in range(rounds):
            began = time.perf_counter()
            log.execute("INSERT INTO rows VALUES (?)", (f"{number:>500}",))
            took.append(time.perf_counter() - began)
    return took


def shown(name: str, seconds: Iterable[float]) -> str:
    took = sorted(second * 1000 for second in seconds)
    low, high = took[len(took) // 20], took[len(took) - 1 - len(took) // 20]
    return f"{name:<34} median {statistics.median(took):7.2f} ms   5-95 % {low:7.2f} .. {high:7.2f} ms   n {len(took)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, choices=range(5, len(STRIKES)), metavar="N")
    rounds = parser.parse_args().rounds
    watch = Stopwatch()
    attach(watch)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as home:
        before = floor(100, Path(home))
        asyncio.run(measure(rounds, Path(home), watch))
        (Path(home) / "floor.sqlite").unlink()
        after = floor(100, Path(home))
    print(shown("floor: one durable commit", before + after))  # noqa: T201 - a report
    print(shown("own: message to order POST", watch.own))  # noqa: T201 - a report
    print(shown("with the stand-ins' answers", watch.whole))  # noqa: T201 - a report
    return 0


if __name__ == "__main__":
    sys.exit(main())
