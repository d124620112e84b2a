"""A desk as a process that is killed again and again: who posts, who fills, when it dies. The seed draws all of it.

The instants are drawn, not what happens at them: the process and the sockets are real, so the same seed gives other
runs. What must hold at every one of them is in `checks`.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from attrs import Factory, define, field

from tests.wire.kills.checks import Books
from tests.wire.running import AHEAD, ASK, BID, EXPIRY, IN_OPEN_MARKET, ROOT, Town
from tests.wire.tastytrade import listings
from tests.wire.tastytrade.faults import Fault

STRIKES = ("77", "78", "79")
CONTRACTS = tuple((strike, right) for strike in STRIKES for right in "pc")
CLOSED_BY_THE_ANALYST = ("79", "p"), ("79", "c")
# Limits and halts are not what is tried here: an entry that is not begun cannot go wrong.
SETTINGS = {
    "ENTRY_INITIAL_WAIT": "0.4",
    "ENTRY_WINDOW": "4",
    "GATE_DEDUPE_WINDOW": "0.5",
    "RISK_MAX_POSITIONS": "100",
    "RISK_MAX_ENTRIES_DAY": "500",
    "RISK_MAX_ENTRIES_MINUTE": "60",
    "RISK_MAX_ENTRIES_AUTHOR": "500",
    "RISK_MAX_UNKNOWNS": "20",
    "RISK_UNKNOWN_WINDOW": "10",
    "RISK_MAX_DAY_LOSS": "100",
    "RISK_MAX_PREMIUM_AT_RISK": "100",
    "RISK_MAX_QUOTE_AGE": "30",
}
CASH = Decimal(10_000_000)
LONGEST_LIFE = 6.0
# No replacement: what size one keeps that arrives after a fill is the stand-in's guess, not the broker's word.
WRITES = (("POST", "orders"), ("DELETE", "order"))


@define
class Scene:
    """`lives` counts how each life ended: by which instant, or by the limit of its length."""

    town: Town
    chance: Random
    books: Books
    lives: "Counter[str]" = field(factory=Counter)
    posted: list[int] = Factory(list)
    held: list[asyncio.Event] = Factory(list)
    _process: "asyncio.subprocess.Process | None" = None
    _kill_at: Callable[[dict[str, Any]], bool] = lambda _order: False

    @classmethod
    async def set_up(cls, town: Town, chance: Random) -> "Scene":
        ledger = town.broker.ledger
        ledger.cash = CASH
        scene = cls(town, chance, Books(ledger))
        push = ledger.on_change

        def on_change(order: dict[str, Any]) -> None:
            push(order)
            scene.books.look()
            if scene._kill_at(order):
                scene._kill_now()

        ledger.on_change = on_change
        for strike, right in CONTRACTS:
            await town.broker.set_book(listings.occ("UBER", EXPIRY, right.upper(), Decimal(strike)), BID, ASK)
        return scene

    # ---- the process -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start `alert-trader run` on the log that there is."""
        self.town.discord.ahead = AHEAD
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.town.home), **self.town.environ()}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                IN_OPEN_MARKET,
                str(AHEAD.total_seconds()),
                cwd=self.town.home,
                env=environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def log(self) -> Path:
        return self.town.home / "process.log"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _kill_now(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _dead(self) -> None:
        assert self._process is not None
        code = await self._process.wait()
        assert code == -9, f"the process ended by itself with {code}: {self.log.read_text()[-4000:]}"

    async def stop(self) -> None:
        """End the process in order."""
        assert self._process is not None
        self._process.terminate()
        code = await self._process.wait()
        assert code == 0, f"exit code {code}: {self.log.read_text()[-4000:]}"

    # ---- one life --------------------------------------------------------------------------------------------------

    async def live_and_die(self) -> None:
        """Start the process and kill it at an instant that is drawn; what was on its way then arrives later."""
        instants = (self._at_random, self._when_taken, self._when_filled, self._on_its_way)
        instant = self.chance.choices(instants, weights=(4, 3, 2, 3))[0]
        await self.start()
        later = [self._let_go(event, self.chance.uniform(0, 3)) for event in self.held]
        self.held.clear()
        waiting = asyncio.gather(*later)
        name = instant.__name__.removeprefix("_")
        try:
            async with asyncio.timeout(LONGEST_LIFE):
                await instant()
            self.lives[name] += 1
        except TimeoutError:
            self._kill_now()
            self.lives["too long"] += 1
        self._kill_at = lambda _order: False
        await self._dead()
        await waiting

    async def _at_random(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.05, 0.8 * LONGEST_LIFE))
        self._kill_now()

    async def _when_taken(self) -> None:
        """When the broker has taken an order and its answer is not sent yet."""
        await self._at_change(lambda order: order["status"] in {"Received", "Contingent"})

    async def _when_filled(self) -> None:
        """When something has filled and nobody is told yet."""
        await self._at_change(lambda order: bool(order["legs"][0]["fills"]))

    async def _at_change(self, is_meant: Callable[[dict[str, Any]], bool]) -> None:
        left = self.chance.randint(1, 4)

        def is_last(order: dict[str, Any]) -> bool:
            nonlocal left
            left -= is_meant(order)
            return left <= 0

        self._kill_at = is_last
        while self.is_alive:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)

    async def _on_its_way(self) -> None:
        """When an order or a cancel has left and not arrived: it does after the process has died."""
        method, what = self.chance.choice(WRITES)
        event = asyncio.Event()
        self.held.append(event)
        self.town.broker.faults.plan(method, what, Fault(hold=event))
        before = self._written(method)
        while self._written(method) == before:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
        await asyncio.sleep(self.chance.uniform(0, 0.2))
        self._kill_now()

    def _written(self, method: str) -> int:
        return sum(request.method == method and "/orders" in request.path for request in self.town.broker.requests)

    async def _let_go(self, event: asyncio.Event, after: float) -> None:
        await asyncio.sleep(after)
        event.set()

    # ---- the others ------------------------------------------------------------------------------------------------

    async def post_alerts(self) -> None:
        """Call contracts, also while the desk is down, and close one of them now and then."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 3.0))
            strike, right = self.chance.choice(CONTRACTS)
            verb = "BTO"
            if (strike, right) in CLOSED_BY_THE_ANALYST and self.chance.random() < 0.5:
                verb = "STC"
            price = " @ 0.75" if verb == "BTO" else ""
            self.posted.append(await self.town.post(f"{verb} UBER {strike}{right} {EXPIRY:%m/%d}{price}"))

    async def fill_orders(self) -> None:
        """Fill what works at the broker: entries and closes soon, exits seldom, a part at a time."""
        ledger = self.town.broker.ledger
        while True:
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))
            live = [order for order in ledger.orders.values() if order["status"] == "Live"]
            if not live:
                continue
            order = self.chance.choice(live)
            role = order["external-identifier"].rpartition("-")[2][0]
            if self.chance.random() < {"E": 0.6, "C": 0.6, "X": 0.02}[role]:
                leaves = order["legs"][0]["remaining-quantity"]
                ledger.fill(order["id"], self.chance.randint(1, leaves), Decimal(order["price"]))

    async def come_to_rest(self, within: float) -> None:
        """Return once no order is open that should not be and everything that has filled is covered."""
        for event in self.held:
            event.set()
        told: list[str] = []
        try:
            async with asyncio.timeout(within):
                while told := [*self.books.amiss_at_rest(), *await self._in_doubt()]:
                    assert self.is_alive, self.log.read_text()[-4000:]
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"not at rest after {within:g} s: {told}") from None

    async def _in_doubt(self) -> list[str]:
        status, text = await self.town.ask("/metrics")
        unknown = [line for line in text.splitlines() if line.startswith("alert_trader_unknown_orders")]
        return [] if status == 200 and all(float(line.split()[-1]) == 0 for line in unknown) else [f"{unknown}"]


def told_of(scene: Scene) -> str:
    """Return what a run was, in one line."""
    buys = len({order["external-identifier"] for order in scene.books.orders("E")})
    exits = len(scene.books.orders("X"))
    counted = {
        "lives": dict(sorted(scene.lives.items())),
        "alerts": len(scene.posted),
        "entry orders": buys,
        "exits": exits,
        "closes": len(scene.books.orders("C")),
    }
    return json.dumps(counted)
