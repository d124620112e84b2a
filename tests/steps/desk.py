"""The paper desk as the steps drive it: the real runtime, core, simulated broker and audit log in virtual time.

Every method returns when market time has passed: nothing here is awaited by a step. What the desk did is read where it
counts: in the broker's books, in the audit log, in the room and on the operator's phone.
"""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from attrs import evolve, frozen
from click.testing import CliRunner

from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.book import BookOrder
from adapters.simulated.chain import list_contract
from adapters.simulated.create import Simulated, create_simulated
from adapters.simulated.scenario import FillRule, QuoteScript, QuoteStep, Scenario
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.codec import decode
from adapters.system.ids import TimedTradeIds
from composition.cli import main
from composition.dispatch import Dispatcher
from composition.runtime import Runtime
from composition.settings import load
from domain.alerts import InstrumentKind, Right
from domain.calendar import NEW_YORK, TradingCalendar, new_york_date
from domain.desk import Output
from domain.events import MessageDeleted, MessageEdited
from domain.instruments import Contract, ContractQuery
from domain.messages import Message, Source
from domain.orders import Order, Side
from domain.policies import Mode, Policies
from domain.quotes import Quote
from ports.audit_log import Row
from tests.steps.people import AUTHORS, CHANNELS, CheckingGateway, Pager, Room

T = TypeVar("T")
THURSDAY_MORNING = datetime(2025, 12, 4, 10, 0, tzinfo=NEW_YORK).astimezone(UTC)
MOMENT = 1.0  # seconds in which the desk and the broker do what they do at once
BLINK = 0.005
CONTRACT = re.compile(r"(?P<root>[A-Z]+) (?P<strike>\d+(?:\.\d+)?)(?P<right>[cp]) (?P<month>\d+)/(?P<day>\d+)")
EVERYTHING = 100_000
# Nothing has a quote or a fill but what a step says.
QUIET_MARKET = Scenario(quotes=(QuoteScript(steps=(QuoteStep(),)),), fills=(FillRule(),))
DEFAULTS = {
    "ALLOWED_USERS": ",".join(str(AUTHORS[name]) for name in ("Ana", "Ben", "Cleo")),
    "ALLOWED_CHANNELS": ",".join(str(CHANNELS[name]) for name in ("#alerts", "#swing")),
}


@frozen
class Recorded:
    """One row of the audit log with its body as the desk's own value."""

    row: Row
    body: Any

    @property
    def at(self) -> datetime:
        return self.row.at


class PaperDesk:
    """Set it up, then use it: the desk starts at the first thing that needs it to run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = dict(DEFAULTS)
        self.mode = Mode.PAPER
        self.cash = Decimal(50_000)
        self.starts_at = THURSDAY_MORNING
        self.on_disk = False
        self.scenario = QUIET_MARKET
        self.room = Room()
        self.pager = Pager()
        self.posted: Message
        self.outputs: tuple[Output, ...] = ()
        self.answer: tuple[int, str] = (0, "")
        self.durable: dict[str, bool] = {}
        self.may_end = False
        self.broken: BaseException | None = None
        self._loop = VirtualTimeLoop()
        self._audit: SqliteAuditLog | None = None
        self._simulated: Simulated | None = None
        self._runtime: Runtime | None = None
        self._clock: VirtualClock | None = None
        self._world: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._messages = 0

    # ---- life ------------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> VirtualClock:
        if self._clock is None:
            self._clock = VirtualClock(self.starts_at, self._loop)
        return self._clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def simulated(self) -> Simulated:
        if self._simulated is None:
            self._simulated = create_simulated(
                self.clock, seed=1, calendar=TradingCalendar(), scenario=self.scenario, starting_cash=self.cash
            )
            self._world = self._loop.create_task(self._simulated.run())
        return self._simulated

    @property
    def runtime(self) -> Runtime:
        """Return the running desk; it starts, recovers and opens for alerts now where it does not run yet."""
        if self._runtime is None:
            self.start()
        assert self._runtime is not None
        return self._runtime

    @property
    def audit(self) -> SqliteAuditLog:
        if self._audit is None:
            opened = SqliteAuditLog.open(self.log_path, self.mode) if self.on_disk else None
            self._audit = opened or SqliteAuditLog.in_memory(self.mode)
        return self._audit

    @property
    def log_path(self) -> Path:
        return self.directory / f"{self.mode}.sqlite"

    def policies(self) -> Policies:
        return load(self.settings, self.directory).policies(self.mode, market_hours=True)

    def start(self) -> None:
        simulated = self.simulated
        checks_only = self.mode is Mode.DRY_RUN
        self._runtime = Runtime(
            audit=self.audit,
            clock=self.clock,
            trade_ids=TimedTradeIds(self.clock.now),
            dispatcher=Dispatcher(
                clock=self.clock,
                gateway=CheckingGateway(simulated.gateway) if checks_only else simulated.gateway,
                account=simulated.account,
                market_data=simulated.market_data,
                contracts=simulated.contracts,
                notifier=self.pager,
                authorization=SimulatedAuthorization(),
                rooms={Source.DISCORD: self.room},
            ),
        )
        self._runtime.recover()
        parts: list[Coroutine[Any, Any, None]] = [
            self._runtime.run(self.policies(), "features"),
            self._runtime.follow(simulated.order_events),
            self._runtime.feed(self.room),
        ]
        self._tasks = [self._loop.create_task(part) for part in parts]
        self.pass_time(MOMENT)

    def stop(self) -> None:
        """End the process; the broker and its market go on, the room keeps what is posted meanwhile."""
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._tasks, self._runtime = [], None
        if self.on_disk and self._audit is not None:
            self._audit.close()
            self._audit = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End everything, at the end of a scenario. A part that broke on the way is an error here at the latest."""
        self.check_alive()
        if self._tasks:
            self.stop()
        if self._world is not None:
            self._world.cancel()
            self._loop.run_until_complete(asyncio.gather(self._world, return_exceptions=True))
        if self._audit is not None:
            self._audit.close()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def check_alive(self) -> None:
        """Raise what broke a part of the desk, if anything did; keep it in `broken` where the scenario expects it."""
        for task in (*self._tasks, *([] if self._world is None else [self._world])):
            if not task.done() or task.cancelled() or task.exception() is None:
                continue
            cause = task.exception()
            while isinstance(cause, BaseExceptionGroup):
                cause = cause.exceptions[0]
            self.broken = cause
            if not self.may_end:
                raise AssertionError(f"the desk broke: {cause!r}") from cause

    # ---- time ------------------------------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        self.pass_until(self.now + timedelta(seconds=seconds))

    def pass_until(self, instant: datetime) -> None:
        self._loop.run_until_complete(self.clock.sleep_until(instant))
        self.check_alive()

    def pass_until_true(self, is_so: Callable[[], bool], *, within: float = 10) -> None:
        """Let time pass in blinks until it is so."""
        until = self.now + timedelta(seconds=within)
        while not is_so():
            assert self.now < until, f"it did not come true within {within} s"
            self.pass_time(BLINK)

    # ---- the room and the operator ---------------------------------------------------------------------------------

    def post(self, text: str, *, by: str = "Ana", in_: str = "#alerts", age: float = 0, **changes: Any) -> Message:
        """Post a message, `age` seconds ago, and give the desk the moment that its decision takes."""
        _ = self.runtime
        message = self._message(text, by=by, in_=in_, age=age, **changes)
        self.room.post(message)
        self.pass_time(MOMENT)
        return message

    def _message(self, text: str, *, by: str, in_: str = "#alerts", age: float = 0, **changes: Any) -> Message:
        self._messages += 1
        parts: dict[str, Any] = {
            "message_id": f"message-{self._messages}",
            "channel_id": CHANNELS[in_],
            "user_id": AUTHORS[by],
            "posted_at": self.now - timedelta(seconds=age),
            "text": text,
        }
        return Message(**parts | changes)

    def post_while_down(self, text: str, *, by: str = "Ana") -> None:
        """Leave a message in the channel's history for the desk to find when it is back."""
        self.room.post(self._message(text, by=by))

    def post_and(self, text: str, by: str, when: Callable[[], bool]) -> None:
        """Post a message and let time pass only until `when` is true."""
        _ = self.runtime
        self.room.post(self._message(text, by=by))
        self.pass_until_true(when)

    def post_again(self, message: Message) -> None:
        self.room.post(message)
        self.pass_time(MOMENT)

    def edit(self, message: Message, text: str) -> None:
        self.room.post(MessageEdited(message.message_id, text))
        self.pass_time(MOMENT)

    def delete(self, message: Message) -> None:
        self.room.post(MessageDeleted(message.message_id))
        self.pass_time(MOMENT)

    def request(self, event: Any) -> tuple[Output, ...]:
        """Have an operator's request done and return what followed at once."""
        outputs = self._loop.run_until_complete(self.runtime.request(event))
        self.pass_time(MOMENT)
        return outputs

    # ---- the market and the broker -----------------------------------------------------------------------------------

    def contract(self, text: str) -> Contract:
        """Return the listed contract that `UBER 78p 12/05` names."""
        named = CONTRACT.fullmatch(text)
        assert named is not None, f"write a contract as UBER 78p 12/05, got {text!r}"
        month, day = int(named["month"]), int(named["day"])
        today = new_york_date(self.now)
        year = today.year if (month, day) >= (today.month, today.day) else today.year + 1
        right = Right.CALL if named["right"] == "c" else Right.PUT
        strike, expiry = Decimal(named["strike"]), date(year, month, day)
        query = ContractQuery(named["root"], InstrumentKind.OPTION, strike, right, expiry)
        found = list_contract(query, self.now, TradingCalendar())
        assert isinstance(found, Contract), found
        return found

    def quote(self, contract: str, bid: str | None, ask: str | None, *, age: float = 0) -> None:
        """Have the market quote this from now on; with an age it always is that old when it is read."""
        sides = (None if side is None else Decimal(side) for side in (bid, ask))
        step = QuoteStep(bid=next(sides), ask=next(sides), age=timedelta(seconds=age))
        self.simulated.broker.set_quote(self.contract(contract), step, self.now)

    def freeze_quote(self, contract: str, bid: str, ask: str) -> None:
        """Have the market quote this and then fall silent: the quote grows old."""
        self.simulated.broker.set_quote(self.contract(contract), Quote(Decimal(bid), Decimal(ask), self.now), self.now)

    def script(self, part: str, rule: Any) -> None:
        """Add a rule to what the broker will do: `part` is the Scenario's list that it belongs to."""
        self.scenario = evolve(self.scenario, **{part: (*getattr(self.scenario, part), rule)})
        if self._simulated is not None:
            self._simulated.broker.script.scenario = self.scenario

    def orders(self) -> list[BookOrder]:
        """Return every order at the broker, oldest first."""
        if self._simulated is None:
            return []
        return sorted(self.simulated.broker.register.all(), key=lambda order: order.number)

    def live(self, side: Side) -> BookOrder:
        """Return the one live order of a side."""
        found = [order for order in self.orders() if order.side is side and not order.has_ended]
        assert len(found) == 1, f"{len(found)} live orders to {side}: {found}"
        return found[0]

    def order_of(self, booked: BookOrder) -> Order:
        """Return the desk's own order behind one of the broker's."""
        for trade in self.runtime.state.trades.values():
            order = trade.order(booked.broker_order_id)
            if order is not None:
                return order
        raise AssertionError(f"order {booked.broker_order_id} is not of this desk")

    def fill(self, side: Side, quantity: int | None = None, price: str | None = None) -> None:
        """Have the live order of a side filled, whole and at its limit where nothing else is said."""
        order = self.live(side)
        paid = None if price is None else Decimal(price)
        self.simulated.broker.fill(order.broker_order_id, quantity or order.leaves, paid, self.now)
        self.pass_time(MOMENT)

    def held(self, contract: str) -> int:
        return self.simulated.broker.ledger.held(self.contract(contract).symbol)

    # ---- the record --------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """Return the whole log, oldest first."""
        return list(self.audit.rows(limit=EVERYTHING))[::-1]

    def recorded(self, *kinds: str, trade_id: str | None = None) -> list[Recorded]:
        """Return the log's rows of these kinds, of one trade where given, oldest first."""
        found = self.audit.rows(trade_id=trade_id, limit=EVERYTHING)[::-1]
        return [Recorded(row, decode(row.kind, json.dumps(dict(row.body)))) for row in found if row.kind in kinds]

    def last_alert(self) -> str:
        """Return the trade id of the message that came last."""
        received = self.recorded("AlertReceived")
        assert received, "no message has come in"
        return str(received[-1].body.trade_id)

    def everything(self) -> list[Recorded]:
        """Return the whole log with its bodies as the desk's own values, oldest first."""
        return [Recorded(row, decode(row.kind, json.dumps(dict(row.body)))) for row in self.rows()]

    def command(self, *words: str) -> None:
        """Run a command of the command line on this desk's log, and keep its answer."""
        result = CliRunner().invoke(main, [*words, "--db", str(self.log_path)], catch_exceptions=False)
        self.answer = (result.exit_code, result.stdout)
