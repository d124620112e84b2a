"""The same rows have the same hashes for ever: what a log says today must verify in six years, whatever got faster."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.account import Balances, Position
from domain.alerts import Action, Alert, InstrumentKind, Right
from domain.commands import ReadQuote, Reply, StartTimer
from domain.events import (
    AccountRead,
    AlertRead,
    AlertReceived,
    BrokerRead,
    ChecksPassed,
    OrderFilled,
    QuoteRead,
    Stamped,
    TimerFired,
)
from domain.messages import Message, Source
from domain.orders import Fill, OrderRole
from domain.policies import Mode
from domain.quotes import Quote
from domain.verdicts import AnswerStatus
from ports.audit_log import Entry, RowClass
from tests.support.builders import make_contract, make_fill, make_report

AT = datetime(2026, 11, 20, 15, 30, 0, 250_000, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-5))
TEXT = 'BTO UBER 78p 12/05 @ 0.75 \u20ac \U0001f680 "quoted" \\ \x00 \udc00'
MESSAGE = Message(message_id="m1", channel_id=20, user_id=10, posted_at=AT.astimezone(NEW_YORK), text=TEXT)
ALERT = Alert(
    action=Action.BUY_TO_OPEN,
    symbol="UBER",
    instrument=InstrumentKind.OPTION,
    strike=Decimal("78.00"),
    right=Right.PUT,
    expiry=date(2026, 12, 5),
    price=Decimal("0.750"),
)
REPLY = Reply(
    delivery_id="D1",
    trade_id="T1",
    message_id="m1",
    channel_id=20,
    source=Source.DISCORD,
    text="[paper] Placed",
    facts={"n": 1, "p": Decimal("0.10")},
    status=AnswerStatus.PLACED,
)


def entry(body, trade_id=None):
    if isinstance(body, Reply | StartTimer | ReadQuote):
        return Entry(AT, RowClass.COMMAND, body, trade_id)
    if isinstance(body, AlertRead | ChecksPassed | OrderFilled):
        return Entry(AT, RowClass.DECISION, body, trade_id)
    return Entry(AT, RowClass.INPUT, Stamped(AT, body), trade_id)


ENTRIES = (
    entry(AlertReceived("T1", MESSAGE), "T1"),
    entry(AlertRead("T1", ALERT, "default"), "T1"),
    entry(ChecksPassed("T1", {"spread": "0.10", "age": "1 s"}), "T1"),
    entry(QuoteRead("T1", Quote(Decimal("0.70"), None, AT)), "T1"),
    entry(AccountRead(None, Balances(Decimal("50000.00"), Decimal("1E+5")))),
    entry(ReadQuote("T1", make_contract()), "T1"),
    entry(OrderFilled("T1", "T1-E1", None, OrderRole.ENTRY, Fill("f\u00fc1", 2, Decimal("0.75"), AT), 2), "T1"),
    entry(StartTimer("rung:T1", AT + timedelta(seconds=20))),
    entry(TimerFired("rung:T1")),
    entry(BrokerRead(AT, (make_report(fills=(make_fill(),)),), (Position("UBER", -1, Decimal("0.5")),), complete=True)),
    entry(REPLY, "T1"),
)
FROZEN = (
    "691c6984db6d11a7",
    "560c8de488728273",
    "570a8f98e0007e0e",
    "8ab5c7626f7a4bef",
    "d29c5be579325878",
    "e6c49a1bb1cf6c4f",
    "928093c3b88841cb",
    "bde1a6cbae22b1db",
    "c0969e13e965801c",
    "49c4e7de0bd7641d",
    "c2630e04257da806",
)


def test_each_row_has_the_hash_that_it_always_had():
    with closing(SqliteAuditLog.in_memory(Mode.PAPER)) as log:
        for body in ENTRIES:
            log.append(body)
        log.commit()
        assert tuple(row.hash[:16] for row in log.rows()[::-1]) == FROZEN
