"""`alert-trader run` between two stand-ins: in this process on a clock that shows an open market, or as a process.

Everything but the clock is what a user runs: the settings come from environment variables, the addresses too.
"""

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import Factory, define

from adapters.system.clock import SystemClock
from composition.live import run_live, serve_live
from composition.log_lines import log_to_stderr
from composition.serving import StartError
from composition.settings import load
from domain.calendar import TradingCalendar, new_york_date
from ports.errors import AuditUnavailableError
from tests.wire.discord.bench import ADMIN, ANALYST, OPERATOR_ROOM, OTHER_ROOM, ROOM
from tests.wire.discord.stand_in import TOKEN
from tests.wire.ports import free_port
from tests.wire.services import Broker, Rooms
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.stand_in import ACCOUNT, CLIENT_SECRET, REFRESH_TOKEN

ROOT = Path(__file__).parents[2]
GUARD_SECONDS = 150  # the guard of a test that fails, not a wait
ADMIN_KEY = "canary-admin-key-0f8e7d6c5b4a39281706f5e4d3c2b1a0"
SECRETS = (TOKEN, CLIENT_SECRET, REFRESH_TOKEN, ADMIN_KEY)
BID, ASK = Decimal("0.74"), Decimal("0.80")


def open_market_clock(ahead: timedelta) -> SystemClock:
    """Return a clock of a machine that is ahead by as much as it takes that the next session is open for an hour."""
    return SystemClock(wall=lambda: datetime.now(UTC) + ahead)


def ahead_of_now() -> timedelta:
    """Return how far the next session's second hour is off: a test may run on a Sunday."""
    now, calendar = datetime.now(UTC), TradingCalendar()
    days = calendar.sessions_from(new_york_date(now) + timedelta(days=1))
    session = calendar.session(next(days))
    assert session is not None
    return session.opens_at + timedelta(hours=1) - now


AHEAD = ahead_of_now()
TODAY = new_york_date(datetime.now(UTC) + AHEAD)
EXPIRY = TradingCalendar().last_session_of_week(TODAY + timedelta(days=21))
ALERT = f"BTO UBER 78p {EXPIRY:%m/%d} @ 0.75"
PUT = listings.occ("UBER", EXPIRY, "P", Decimal(78))


@define
class Town:
    """Both stand-ins, the desk's database and its environment; and the desk, while one works here."""

    discord: Rooms
    broker: Broker
    home: Path
    port: int
    changes: dict[str, str] = Factory(dict)
    stop: asyncio.Event = Factory(asyncio.Event)
    working: "asyncio.Task[None] | None" = None

    # ---- the desk --------------------------------------------------------------------------------------------------

    def environ(self, **changes: str) -> dict[str, str]:
        """Return the environment of a desk that places orders in the sandbox; an empty value removes a setting."""
        made = {
            "ALLOWED_USERS": str(ANALYST),
            "ALLOWED_CHANNELS": str(ROOM),
            "ADMIN_USERS": str(ADMIN),
            "OPERATOR_CHANNEL": str(OPERATOR_ROOM),
            "DISCORD_BOT_TOKEN": TOKEN,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "TASTYTRADE_CLIENT_SECRET": CLIENT_SECRET,
            "TASTYTRADE_REFRESH_TOKEN": REFRESH_TOKEN,
            "TASTYTRADE_ACCOUNT": ACCOUNT,
            "TASTYTRADE_API_URL": self.broker.api_url,
            "TASTYTRADE_STREAMER_URL": self.broker.streamer_url,
            "TASTYTRADE_DRY_RUN": "false",
            "ADMIN_API_KEY": ADMIN_KEY,
            "ADMIN_API_PORT": str(self.port),
            "ALERT_TRADER_DB": str(self.home / "log.sqlite"),
            **self.changes,
            **changes,
        }
        return {name: value for name, value in made.items() if value}

    def start(self) -> None:
        """Have a desk work in this process, on a clock that shows an open market."""
        self.stop = asyncio.Event()
        self.discord.ahead = AHEAD
        self.working = asyncio.create_task(self._work(self.stop))

    async def _work(self, stop: asyncio.Event) -> None:
        await serve_live(load(self.environ(), self.home), stop, clock=open_market_clock(AHEAD))

    async def ready(self) -> None:
        """Start a desk and return once `/readyz` says that it is."""
        self.start()
        await self.until_ready()

    async def end(self) -> None:
        """Tell the desk to stop, and return when it has. Raises what went wrong in it."""
        if self.working is not None:
            self.stop.set()
            working, self.working = self.working, None
            await working

    async def crash(self) -> None:
        """End the desk without any order, as far as that is possible in this process."""
        assert self.working is not None
        self.working.cancel()
        with suppress(asyncio.CancelledError):
            await self.working
        self.working = None

    # ---- the admin API ---------------------------------------------------------------------------------------------

    async def ask(
        self, path: str, method: str = "GET", body: object = None, *, key: str = ADMIN_KEY
    ) -> tuple[int, str]:
        """Return the status and the text of an answer of the admin API; 0 while nobody listens."""
        return await asyncio.to_thread(_ask, f"http://127.0.0.1:{self.port}{path}", method, body, key)

    async def is_ready(self) -> bool:
        return (await self.ask("/readyz"))[0] == 200

    async def until_ready(self) -> None:
        while not await self.is_ready():
            self.raise_if_over()
            await asyncio.sleep(0.02)

    def raise_if_over(self) -> None:
        if self.working is not None and self.working.done():
            self.working.result()
            raise AssertionError("the desk has ended by itself")

    # ---- Discord ---------------------------------------------------------------------------------------------------

    async def post(self, text: str = ALERT, *, user: int = ANALYST, room: int = ROOM, age: float = 0.0) -> int:
        """Post now by the desk's clock, or `age` seconds ago."""
        return await self.discord.post(room, user, text, age=age - AHEAD.total_seconds())

    def said(self, room: int = ROOM) -> list[str]:
        return [str(post["content"]).replace("\\", "") for post in self.discord.shown_in(room)]

    async def says(self, *words: str, room: int = ROOM) -> str:
        """Return the desk's first message in a room with all these words in it, as soon as there is one."""
        found: list[str] = []

        def is_there() -> bool:
            self.raise_if_over()
            found[:] = [text for text in self.said(room) if all(word.lower() in text.lower() for word in words)]
            return bool(found)

        try:
            await until(is_there)
        except TimeoutError:
            raise AssertionError(f"{words} not in {self.said(room)}") from None
        return found[0]

    async def command(self, text: str, *words: str) -> str:
        """Give a command in another room and return its answer, which has these words in it."""
        number = await self.post(text, user=ADMIN, room=OTHER_ROOM)
        answers: list[str] = []

        def is_answered() -> bool:
            self.raise_if_over()
            told = [post for post in self.discord.shown_in(OTHER_ROOM) if post.get("nonce") == f"C{number}"]
            answers[:] = [str(post["content"]).replace("\\", "") for post in told]
            return bool(answers)

        await until(is_answered)
        assert all(word.lower() in answers[0].lower() for word in words), answers[0]
        return answers[0]

    # ---- the broker ------------------------------------------------------------------------------------------------

    def sent(self, side: str = "Buy to Open") -> list[dict[str, Any]]:
        """Return the bodies of the order POSTs of a side."""
        bodies = [request.body for request in self.broker.sent("POST", "/orders")]
        return [body for body in bodies if body is not None and body["legs"][0]["action"] == side]

    def live(self, side: str = "Buy to Open") -> list[dict[str, Any]]:
        orders = self.broker.ledger.orders.values()
        return [order for order in orders if order["status"] == "Live" and order["legs"][0]["action"] == side]

    async def fill(self, quantity: int, side: str = "Buy to Open") -> None:
        """Fill part of the one live order of a side at its price, as soon as there is one."""
        await until(lambda: bool(self.live(side)))
        (order,) = self.live(side)
        self.broker.ledger.fill(order["id"], quantity, Decimal(order["price"]))

    async def exits(self, count: int) -> None:
        """Return once so many contracts are offered for sale."""
        await until(lambda: sum(int(order["size"]) for order in self.live("Sell to Close")) == count)


async def until(is_so: Callable[[], bool], within: float = 60.0) -> None:
    """Return as soon as `is_so`. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


def _ask(url: str, method: str, body: object, key: str) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Admin-Key": key, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)  # noqa: S310 - http on loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (urllib.error.URLError, OSError):
        return 0, ""


@asynccontextmanager
async def town(home: Path, **changes: str) -> AsyncIterator[Town]:
    """Start both stand-ins, with options on UBER listed and quoted. Whatever desk still works at the end is ended."""
    discord, broker = Rooms(), Broker()
    for room in (ROOM, OTHER_ROOM, OPERATOR_ROOM):
        discord.add_channel(room)
    strikes = listings.expiration("UBER", EXPIRY, ("77.0", "78.0", "79.0"))
    broker.chains["UBER"] = [listings.chain("UBER", "UBER", strikes)]
    await discord.start()
    await broker.start()
    await broker.set_book(PUT, BID, ASK)
    made = Town(discord, broker, home, free_port(), dict(changes))
    try:
        yield made
        await made.end()
    finally:
        if made.working is not None:
            made.working.cancel()
            await asyncio.gather(made.working, return_exceptions=True)
        await broker.stop()
        await discord.close()


def story(tell: Callable[[Town], Awaitable[None]], home: Path, **changes: str) -> None:
    """Run a story between two fresh stand-ins; `changes` are settings."""

    async def main() -> None:
        async with asyncio.timeout(GUARD_SECONDS), town(home, **changes) as made:
            await tell(made)

    asyncio.run(main())


# ---- the process ---------------------------------------------------------------------------------------------------


@define
class Process:
    """`alert-trader` as a process of its own."""

    process: asyncio.subprocess.Process

    async def over(self) -> tuple[int, str, str]:
        """Return the exit code, stdout and stderr when it has ended."""
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()

    async def terminate(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGTERM)
        return await self.over()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.communicate()


def run_in_open_market() -> None:
    """Do what `alert-trader run` does, on a clock that is ahead by the seconds in the first argument."""
    settings = load()
    log_to_stderr(settings)
    clock = open_market_clock(timedelta(seconds=float(sys.argv[1])))
    try:
        sys.exit(run_live(settings, as_json=True, clock=clock))
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except AuditUnavailableError as error:
        sys.exit(str(error))


IN_OPEN_MARKET = "from tests.wire.running import run_in_open_market; run_in_open_market()"


async def spawn(made: Town, *arguments: str, **changes: str) -> Process:
    """Start `alert-trader` with these arguments in the town's environment; `open market` runs it in one."""
    program: tuple[str, ...] = ("-m", "composition.cli", *arguments)
    made.discord.ahead = timedelta()
    if arguments == ("open market",):
        made.discord.ahead = AHEAD
        program = ("-c", IN_OPEN_MARKET, str(AHEAD.total_seconds()))
    environ = {"PATH": os.environ["PATH"], "HOME": str(made.home), **made.environ(**changes)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *program,
        cwd=made.home,
        env=environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Process(process)
