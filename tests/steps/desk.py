"""The paper desk as the steps use it: what is posted to it, what its market and broker do, and what became of it all.

What the desk did is read where it counts: in the broker's books, in the audit log, in the room and on the operator's
phone.
"""

import json
import re
from collections.abc import Callable
from contextlib import chdir
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from click.testing import CliRunner

from adapters.simulated.exchange.book import BookOrder
from adapters.simulated.market.chain import list_contract
from adapters.simulated.scenario.scenario import QuoteStep
from adapters.sqlite.codec import decode
from composition.cli import main
from domain.alerts import InstrumentKind, Right
from domain.calendar import TradingCalendar, new_york_date
from domain.desk import Output
from domain.events import MessageDeleted, MessageEdited
from domain.instruments import Contract, ContractQuery
from domain.messages import Message
from domain.orders import Order, OrderRole, Side
from ports.audit_log import Row
from tests.steps.people import AUTHORS, CHANNELS
from tests.steps.process import MOMENT, Process

CONTRACT = re.compile(r"(?P<root>[A-Z]+) (?P<strike>\d+(?:\.\d+)?)(?P<right>[cp]) (?P<month>\d+)/(?P<day>\d+)")
EVERYTHING = 100_000


@frozen
class Recorded:
    """One row of the audit log with its body as the desk's own value."""

    row: Row
    body: Any

    @property
    def at(self) -> datetime:
        return self.row.at


class PaperDesk(Process):
    """`posted`, `outputs`, `answer` and `durable` carry what one step found to the next."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.posted: Message
        self.outputs: tuple[Output, ...] = ()
        self.answer: tuple[int, str] = (0, "")
        self.durable: dict[str, bool] = {}
        self.is_forged = False
        self._messages = 0

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

    def script(self, part: str, rule: Any) -> None:
        """Add a rule to what the broker will do: `part` is the Scenario's list that it belongs to."""
        self._rescript(part, (*getattr(self.scenario, part), rule))

    def accept_credentials(self) -> None:
        """Have the broker refuse our credentials no more."""
        self._rescript("reads", tuple(rule for rule in self.scenario.reads if not rule.forbidden))

    def _rescript(self, part: str, rules: tuple[Any, ...]) -> None:
        changed: dict[str, Any] = {part: rules}
        self.scenario = evolve(self.scenario, **changed)
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

    def check_books(self) -> None:
        """Fail where the broker's books break what holds in every scenario, whatever it is about.

        Each of our orders has an identifier of its own; never more is filled and working than was sized; never more is
        sold than was bought.
        """
        if self.is_forged:
            return  # the log that says what was sized is damaged on purpose
        ours = [order for order in self.orders() if order.client_order_id is not None]
        names = [order.client_order_id for order in ours]
        assert len(set(names)) == len(names), f"an identifier was used twice: {names}"
        sized = {row.body.trade_id: row.body.quantity for row in self.recorded("EntrySized")}
        for trade_id, quantity in sized.items():
            entry = [
                order for order in ours if order.role is OrderRole.ENTRY and trade_id in str(order.client_order_id)
            ]
            working = max((order.leaves for order in entry), default=0)
            filled = sum(order.filled for order in entry)
            assert filled + working <= quantity, f"{filled} filled and {working} working of {quantity}: {entry}"
        for symbol in {order.contract.symbol for order in ours}:
            of_it = [order for order in ours if order.contract.symbol == symbol]
            bought = sum(order.filled for order in of_it if order.side.is_buy)
            sold = sum(order.filled for order in of_it if not order.side.is_buy)
            assert sold <= bought, f"{sold} of {bought} sold: {of_it}"

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
        """Run a command of the command line beside this desk, and keep its answer."""
        with chdir(self.directory):
            result = CliRunner().invoke(main, words, catch_exceptions=False)
        self.answer = (result.exit_code, result.stdout)
