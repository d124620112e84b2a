"""Steps about the record: what the audit log says of it all."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from adapters.sqlite.codec import encode
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.tables import TRIGGERS
from domain.desk import DeskState, Output, step
from domain.events import Stamped
from ports.audit_log import RowClass
from ports.errors import AuditUnavailableError
from tests.steps.desk import PaperDesk
from tests.steps.people import AUTHORS, OPERATOR


@then(parsers.parse("the trade is recorded as closed with a profit of ${dollars}"))
def _profit(desk: PaperDesk, dollars: str) -> None:
    closed = desk.recorded("TradeClosed")
    assert [row.body.profit for row in closed] == [Decimal(dollars)]


@then(parsers.parse("the record shows a close of {count:d} contracts"))
def _closed(desk: PaperDesk, count: int) -> None:
    assert [row.body.sold for row in desk.recorded("CloseFinished")] == [count]


@then(parsers.parse("the session's buying power is recorded once, as ${dollars}"))
def _baseline(desk: PaperDesk, dollars: str) -> None:
    recorded = desk.recorded("SessionStarted")
    assert [row.body.buying_power for row in recorded] == [Decimal(dollars.replace(",", ""))]


@then("one entry was sent")
def _one_sent(desk: PaperDesk) -> None:
    """Counted in the log: what the broker refuses is not in its books."""
    assert len(desk.recorded("SubmitOrder", "ReplaceOrder")) == 1


@then("its absence was proven by 3 complete reads, the first 60 seconds or more after sending")
def _proven(desk: PaperDesk) -> None:
    """Every complete read that the desk counted came a minute or more after the order; three were enough."""
    sent = desk.recorded("SubmitOrder")[0]
    ended = next(
        row for row in desk.recorded("OrderEnded") if row.body.client_order_id == sent.body.order.client_order_id
    )
    reads = [row for row in desk.recorded("BrokerRead") if sent.at < row.at <= ended.at and row.body.complete]
    late_enough = [row for row in reads if (row.body.asked_at - sent.at).total_seconds() >= 60]
    assert len(late_enough) == 3, late_enough


@then(parsers.parse('every reply begins with "{words}"'))
def _worded(desk: PaperDesk, words: str) -> None:
    heard = desk.room.heard()
    assert heard
    assert all(text.startswith(words) for text in heard), heard


@then(parsers.parse("every row of the record is of mode {name:w}"))
def _of_mode(desk: PaperDesk, name: str) -> None:
    assert {row.mode.value for row in desk.rows()} == {name}


@then("the record shows that the operator removed user Ana and added user Mallory")
def _allowlist_record(desk: PaperDesk) -> None:
    changes = [row.body for row in desk.recorded("AllowlistChanged")]
    told = [(change.by, change.name.value, change.number, change.allowed) for change in changes]
    assert told == [
        (OPERATOR, "user", AUTHORS["Ana"], False),
        (OPERATOR, "user", AUTHORS["Mallory"], True),
    ]


@then(parsers.parse('the record shows that the operator halted entries for "{reason}" and resumed them'))
def _halt_record(desk: PaperDesk, reason: str) -> None:
    halted, resumed = desk.recorded("TradingHalted", "TradingResumed")
    assert (halted.row.kind, halted.body.by, halted.body.reason) == ("TradingHalted", OPERATOR, reason)
    assert (resumed.row.kind, resumed.body.by) == ("TradingResumed", OPERATOR)


# ---- what the record tells -----------------------------------------------------------------------------------------


@given("the record is kept on disk")
def _on_disk(desk: PaperDesk) -> None:
    assert not desk.is_running
    desk.on_disk = True


@then("the record of the trade tells in this order:")
def _story(desk: PaperDesk, datatable: list[list[str]]) -> None:
    """The rows of the first alert's trade; others may stand between. A saying is `field value`, comma separated."""
    trade_id = desk.recorded("AlertReceived")[0].row.trade_id
    rows = iter(row for row in desk.rows() if row.trade_id == trade_id)
    for kind, saying in datatable[1:]:
        wanted = saying.split(", ")
        found = next((row for row in rows if row.kind == kind and _says(row.body, wanted)), None)
        assert found is not None, f"{kind} saying {saying} does not follow"


def _says(body: Mapping[str, Any], wanted: list[str]) -> bool:
    told = set(_leaves(body))
    return all(words in told for words in wanted)


def _leaves(body: Mapping[str, Any]) -> Iterator[str]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from (f"{name.replace('_', ' ')} {inner}" for inner in value.values())
            yield from _leaves(value)
        else:
            yield f"{name.replace('_', ' ')} {value}"


# ---- before the world is touched -----------------------------------------------------------------------------------


@given("somebody watches the file while orders arrive")
def _watch(desk: PaperDesk) -> None:
    """At every change in the broker's books, another connection looks which intents are durable in the file."""
    _ = desk.runtime

    def look() -> None:
        with AuditReader(desk.log_path) as reader:
            rows = reader.rows(limit=1000)
        durable = {row.body["order"]["client_order_id"] for row in rows if row.kind in {"SubmitOrder", "ReplaceOrder"}}
        for order in desk.orders():
            assert order.client_order_id is not None
            desk.durable.setdefault(order.client_order_id, order.client_order_id in durable)

    desk.simulated.broker.on_change.append(look)


@then("every order was in the file before the broker had it")
def _durable(desk: PaperDesk) -> None:
    assert len(desk.durable) == len(desk.orders()) > 2
    assert all(desk.durable.values()), desk.durable


@given("the disk is full")
def _full(desk: PaperDesk) -> None:
    _ = desk.runtime
    desk.may_end = True
    pages = desk.audit._conn.execute("PRAGMA page_count").fetchone()[0]
    desk.audit._conn.execute(f"PRAGMA max_page_count = {pages}")


@then(parsers.parse('the desk has ended: "{words}"'))
def _ended(desk: PaperDesk, words: str) -> None:
    assert isinstance(desk.broken, AuditUnavailableError)
    assert words in str(desk.broken)


@when("there is room on the disk again and the desk starts")
def _room_again(desk: PaperDesk) -> None:
    desk.may_end, desk.broken = False, None
    desk.restart()


# ---- the log alone -------------------------------------------------------------------------------------------------


@when("the same call is posted again as it was")
def _posted_again(desk: PaperDesk) -> None:
    desk.post_again(desk.recorded("AlertReceived")[0].body.message)


@then("a replay of the record gives the same decisions and commands, row for row")
def _replay(desk: PaperDesk) -> None:
    state, compared = DeskState(), 0
    expected: list[Output] = []
    for recorded in desk.everything():
        if recorded.row.row_class is RowClass.INPUT:
            assert expected == [], f"the replay concluded more before row {recorded.row.seq}"
            state, outputs = step(state, Stamped(recorded.at, recorded.body))
            expected = list(outputs)
        else:
            assert expected, f"row {recorded.row.seq} was not concluded again"
            assert encode(expected.pop(0)) == encode(recorded.body), f"row {recorded.row.seq} differs"
            compared += 1
    assert expected == []
    assert compared > 100
    assert state == desk.runtime.state


# ---- changes -------------------------------------------------------------------------------------------------------

FORGERIES = {
    "a change of": "UPDATE audit SET body = replace(body, '\"', ' \"') WHERE seq = {row}",
    "the loss of": "DELETE FROM audit WHERE seq = {row}",
    "a new date of": "UPDATE audit SET at = '2025-12-04T12:00:00.000000+00:00' WHERE seq = {row}",
}


@then(parsers.parse('changing a row is refused: "{words}"'))
def _change_refused(desk: PaperDesk, words: str) -> None:
    desk.stop()
    with pytest.raises(sqlite3.IntegrityError, match=words):
        _tamper(desk, "UPDATE audit SET body = '{}' WHERE seq = 5")


@then(parsers.parse('removing a row is refused: "{words}"'))
def _removal_refused(desk: PaperDesk, words: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=words):
        _tamper(desk, "DELETE FROM audit WHERE seq = 5")


@when(parsers.parse("somebody forces {change} row {row:d}"))
def _forge(desk: PaperDesk, change: str, row: int) -> None:
    """Whoever can write to the file can take its guards away, and put them back."""
    desk.is_forged = True
    guards = [f"DROP TRIGGER {name}" for name in TRIGGERS]
    _tamper(desk, *guards, FORGERIES[change].format(row=row), *TRIGGERS.values())


def _tamper(desk: PaperDesk, *statements: str) -> None:
    with closing(sqlite3.connect(desk.log_path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@then(parsers.parse('the desk refuses to start: "{words}"'))
def _no_start(desk: PaperDesk, words: str) -> None:
    with pytest.raises(AuditUnavailableError, match=words):
        desk.start()


# ---- the command line ----------------------------------------------------------------------------------------------


@when("the operator verifies the record")
def _verify(desk: PaperDesk) -> None:
    desk.command("audit", "verify")


@when("the operator asks for the story of the latest trade")
def _show(desk: PaperDesk) -> None:
    desk.command("audit", "show", "latest")


@when(parsers.parse("the operator asks for the newest {count:d} rows"))
def _recent(desk: PaperDesk, count: int) -> None:
    desk.command("audit", "recent", "--limit", str(count), "--json")


@when("the operator exports the record")
def _export(desk: PaperDesk) -> None:
    desk.command("audit", "export")


@then(parsers.parse('the answer is yes: "{words}"'))
def _yes(desk: PaperDesk, words: str) -> None:
    code, printed = desk.answer
    assert (code, words in printed) == (0, True), printed


@then(parsers.parse('the answer is no: "{words}"'))
def _no(desk: PaperDesk, words: str) -> None:
    code, printed = desk.answer
    assert (code, words in printed) == (1, True), printed


@then(parsers.parse("the newest {count:d} rows are told, the newest first"))
def _newest(desk: PaperDesk, count: int) -> None:
    told = [json.loads(line) for line in desk.answer[1].splitlines()]
    last = desk.rows()[-1].seq
    assert [row["seq"] for row in told] == list(range(last, last - count, -1))


@then("the export has every row in its order")
def _exported(desk: PaperDesk) -> None:
    told = [json.loads(line) for line in desk.answer[1].splitlines()]
    rows = desk.rows()
    assert [(row["seq"], row["kind"]) for row in told] == [(row.seq, row.kind) for row in rows]
