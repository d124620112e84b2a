"""The account stream: what it survives, and that nothing stays unknown after a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from attrs import evolve

from adapters.tastytrade.order_events import Pulse
from domain.events import OrderAccepted
from domain.orders import Order, OrderReport, Signal
from ports.errors import PortUnavailableError
from tests.wire.tastytrade.bench import QUICK, Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.stand_in import ACCOUNT

ENDING = {
    "text": "not JSON",
    "list": "[]",
    "no data": '{"type": "Order"}',
    "too long": json.dumps({"type": "Order", "data": {"note": "x" * 70_000}}),
    "error": '{"status": "error", "request-id": 1, "message": "no"}',
}


def test_it_subscribes_to_the_account_and_keeps_its_heart_beating() -> None:
    async def story(there: Beside) -> None:
        await _connected(there)
        stream = there.stand_in.account_stream
        await until(lambda: len([each for each in stream.received if each["action"] == "heartbeat"]) >= 2)
        connect = stream.received[0]
        assert (connect["action"], connect["value"]) == ("connect", [ACCOUNT])
        assert all(each["auth-token"] == "Bearer canary-access-token-1" for each in stream.received)
        assert stream.connections == 1

    run(story)


def test_what_happened_while_the_line_was_down_is_reported_after_it() -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)
        await there.stand_in.account_stream.drop()
        there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
        report = await _next(reports, order, Signal.REPORTED_FILLED)
        assert report.filled_quantity == 4
        await until(lambda: there.broker.is_connected)
        assert there.stand_in.account_stream.connections == 2

    run(story)


def test_a_stream_that_says_nothing_after_a_write_is_helped_out_by_reading() -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        there.stand_in.account_stream.sockets.clear()
        order = await _placed(there)
        there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
        await _next(reports, order, Signal.REPORTED_FILLED)
        assert there.stand_in.account_stream.connections == 1

    run(story, waits=evolve(QUICK, pulse=Pulse(look=0.02)))


def test_without_a_stream_the_orders_are_read() -> None:
    async def story(there: Beside) -> None:
        there.stand_in.account_stream.refusals = 1_000_000
        order = await _placed(there)
        reports = there.broker.order_events.reports()
        await _next(reports, order, Signal.REPORTED_WORKING)
        there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
        await _next(reports, order, Signal.REPORTED_FILLED)
        assert not there.broker.is_connected

    run(story, waits=evolve(QUICK, pulse=Pulse(look=0.02)))


def test_orders_from_before_the_first_connection_are_reported() -> None:
    async def story(there: Beside) -> None:
        order = await _placed(there)
        reports = there.broker.order_events.reports()
        await _next(reports, order, Signal.REPORTED_WORKING)

    run(story)


def test_a_line_that_is_open_at_one_end_only_is_noticed() -> None:
    async def story(there: Beside) -> None:
        stream = there.stand_in.account_stream
        stream.heartbeats = False
        await _connected(there)
        await until(lambda: stream.connections >= 2)
        stream.heartbeats = True
        await until(lambda: there.broker.is_connected)

    run(story, waits=evolve(QUICK, pulse=Pulse(every=0.05, patience=0.2)))


@pytest.mark.parametrize("frame", ENDING.values(), ids=ENDING)
def test_a_frame_that_ends_the_connection_costs_a_reconnect_only(frame: str) -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        await there.stand_in.account_stream.push_text(frame)
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)
        await until(lambda: there.stand_in.account_stream.connections == 2)

    run(story)


@pytest.mark.parametrize(
    "data", [{}, [], "text", {"id": None}, {"id": 5}, {"id": 6, "legs": "x", "status": 7}, {"id": 8, "legs": [{}]}]
)
def test_an_odd_message_is_skipped_and_the_line_stays(data: object) -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        stream = there.stand_in.account_stream
        for kind in ("Order", "AccountBalance", "CurrentPosition", "SomethingNew"):
            await stream.push(kind, data)
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)
        assert stream.connections == 1

    run(story)


def test_repetitions_are_dropped_and_older_news_are_passed_on() -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)
        live = json.loads(json.dumps(there.stand_in.ledger.orders[int(order.broker_order_id or 0)]))
        there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
        filled = there.stand_in.ledger.orders[int(order.broker_order_id or 0)]
        stream = there.stand_in.account_stream
        await _next(reports, order, Signal.REPORTED_FILLED)
        for data in (filled, filled, live, live, filled):
            await stream.push("Order", data)
        told = [await anext(reports) for _ in range(2)]
        assert [report.status for report in told] == [Signal.REPORTED_WORKING, Signal.REPORTED_FILLED]
        end = await _placed(there)
        assert (await anext(reports)).client_order_id == end.client_order_id

    run(story)


def test_an_unreadable_book_after_connecting_is_read_at_the_next_heartbeat() -> None:
    async def story(there: Beside) -> None:
        order = await _placed(there)
        there.stand_in.faults.plan("GET", "live", *[Fault(answer=Answer.DROP)] * 5)
        reports = there.broker.order_events.reports()
        await _next(reports, order, Signal.REPORTED_WORKING)
        await until(lambda: there.broker.is_connected)
        assert there.stand_in.account_stream.connections == 1

    run(story)


def test_a_stream_that_does_not_take_the_token_gets_a_new_one() -> None:
    async def story(there: Beside) -> None:
        await there.broker.session.authorize()
        there.stand_in.account_stream.refusals = 1
        await _connected(there)
        assert there.stand_in.tokens.issued == 2
        assert there.stand_in.account_stream.connections == 2

    run(story)


def test_orders_of_someone_else_are_reported_too() -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        body = {
            "time-in-force": "Day",
            "order-type": "Limit",
            "price": "1.00",
            "price-effect": "Debit",
            "legs": [{"instrument-type": "Equity", "symbol": "F", "action": "Buy to Open", "quantity": 3}],
        }
        order_id = there.stand_in.ledger.place(body)["id"]
        report = await anext(reports)
        assert (report.broker_order_id, report.client_order_id, report.symbol) == (str(order_id), None, "F")

    run(story)


def test_a_closed_stream_ends_its_iterators() -> None:
    async def story(there: Beside) -> None:
        reports = await _connected(there)
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)
        await there.broker.order_events.close()
        # What was under way may still be told; then it ends.
        assert {report.broker_order_id async for report in reports} <= {order.broker_order_id}
        assert not there.broker.is_connected

    run(story)


def test_a_service_that_is_away_at_the_start_is_waited_for() -> None:
    async def story(there: Beside) -> None:
        await there.stand_in.stop()
        with pytest.raises(PortUnavailableError):
            await there.broker.open()
        reports = there.broker.order_events.reports()
        await asyncio.sleep(0)
        await there.stand_in.start()
        await there.broker.open()
        order = await _placed(there)
        await _next(reports, order, Signal.REPORTED_WORKING)

    run(story)


async def _connected(there: Beside) -> AsyncIterator[OrderReport]:
    reports = there.broker.order_events.reports()
    await until(lambda: there.broker.is_connected or bool(there.stand_in.account_stream.sockets))
    return reports


async def _placed(there: Beside) -> Order:
    order = await there.order()
    answer = await there.broker.gateway.submit(order)
    assert isinstance(answer, OrderAccepted), answer
    return evolve(order, broker_order_id=answer.broker_order_id)


async def _next(reports: AsyncIterator[OrderReport], order: Order, status: Signal) -> OrderReport:
    async for report in reports:
        if report.broker_order_id == order.broker_order_id and report.status is status:
            return report
    raise AssertionError("the stream ended")
