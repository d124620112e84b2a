"""Alerts through the admin API: decided like any other, answered with the keys that scripts rely on."""

import asyncio

import pytest

from adapters.simulated.scenario.scenario import AnswerRule, LostAnswer, Read, ReadRule, RejectRule, Scenario
from domain.desk.state import DeskState
from domain.messages import MessageKind, Source
from tests.fakes.control import ToldControl
from tests.unit.admin_api.admin_bench import ALERT, BOOK, CHANNEL, START, USER, Bench, Caller, run_desk, run_told

KEYS = {"status", "reason", "detail", "trade_id", "alert", "quantity", "order_id", "entry_price"}


def test_an_alert_is_placed_and_answered_with_its_order() -> None:
    async def story(desk: Bench) -> None:
        status, body = await desk.send()
        assert status == 200
        assert body.keys() == KEYS
        assert (body["status"], body["reason"]) == ("placed", None)
        order = next(iter(desk.runtime.state.trades.values())).entry.orders[0]
        assert body["order_id"] == order.broker_order_id
        assert body["quantity"] == order.quantity
        assert body["entry_price"] == "0.75"
        assert body["trade_id"] == order.trade_id
        assert body["detail"].startswith("[paper] Placed")
        assert body["alert"]["strike"] == "78"
        assert body["alert"]["option_type"] == "PUT"
        assert body["alert"]["expiry"] == {"month": 12, "day": 18}
        assert body["alert"]["expiry_resolved"] == "2026-12-18"

    run_desk(story)


@pytest.mark.parametrize(
    ("text", "changed", "status", "reason", "is_alert"),
    [
        (ALERT, {"user_id": 11}, "denied", "not_allowed", True),
        (ALERT, {"channel_id": "21"}, "denied", "not_allowed", True),
        ("BTO UBER 78.37p 12/18 @ 0.75", {}, "denied", "no_such_contract", True),
        ("STC UBER 78p 12/18 @ 1.50", {}, "denied", "no_position", True),
        ("good morning everyone", {}, "ignored", "no_order", False),
        ("", {}, "ignored", "empty", False),
    ],
)
def test_a_decision_of_any_kind_is_an_answer(text, changed, status, reason, is_alert) -> None:
    async def story(desk: Bench) -> None:
        code, body = await desk.send(text, **changed)
        assert code == 200
        assert body.keys() == KEYS
        assert (body["status"], body["reason"]) == (status, reason)
        assert reason in body["detail"]
        assert (body["quantity"], body["order_id"], body["entry_price"]) == (None, None, None)
        assert (body["alert"] is not None) is is_alert

    run_desk(story)


def test_the_alert_is_the_one_that_the_log_has() -> None:
    async def story(desk: Bench) -> None:
        _, body = await desk.send("Super Lotto: BTO UBER 78p 12/18 @ 0.75")
        (row,) = [row for row in desk.audit.rows(trade_id=body["trade_id"]) if row.kind == "AlertRead"]
        logged = row.body["alert"]
        assert body["alert"]["label"] == logged["label"] == "super_lotto"
        assert body["alert"]["expiry_resolved"] == logged["expires_on"]
        assert body["alert"]["price"] == logged["price"]

    run_desk(story)


def test_a_message_id_is_acted_on_once() -> None:
    async def story(desk: Bench) -> None:
        _, first = await desk.send(message_id="room-7")
        _, second = await desk.send(message_id="room-7")
        assert first["status"] == "placed"
        assert (second["status"], second["reason"]) == ("duplicate", "duplicate")
        assert len(desk.runtime.state.trades) == 1

    run_desk(story)


def test_a_dry_run_places_nothing_and_says_what_it_would() -> None:
    async def story(desk: Bench) -> None:
        _, body = await desk.send(dry_run=True)
        assert body["status"] == "dry_run"
        assert body["entry_price"] == "0.75"
        assert body["quantity"] > 0
        assert desk.simulated.broker.orders(START, desk.clock.now()) == ()

    run_desk(story)


def test_a_rejected_entry_is_denied_with_the_brokers_words() -> None:
    async def story(desk: Bench) -> None:
        _, body = await desk.send()
        assert (body["status"], body["reason"]) == ("denied", "rejected")
        assert "margin" in body["detail"]

    run_desk(story, Scenario(quotes=BOOK, rejects=(RejectRule(reason="margin"),)))


def test_a_lost_answer_is_told_as_one() -> None:
    async def story(desk: Bench) -> None:
        _, body = await desk.send()
        assert (body["status"], body["reason"], body["order_id"]) == ("placed", "outcome_unknown", None)

    run_desk(story, Scenario(quotes=BOOK, answers=(AnswerRule(outcome=LostAnswer.NOT_ACCEPTED),)))


def test_the_message_that_reaches_the_desk() -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        await caller.send(user_id="10", message_id=77, dry_run=None)
        await caller.send()
        first, second = control.processed
        assert (first.text, first.user_id, first.channel_id) == (ALERT, USER, CHANNEL)
        assert (first.message_id, first.dry_run, first.posted_at) == ("77", False, START)
        assert (first.source, first.kind) == (Source.API, MessageKind.POST)
        assert second.message_id.startswith("api-")
        assert len(second.message_id) == len("api-") + 32

    run_told(story, control)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": ALERT, "user_id": USER}, "channel_id"),
        ({"message": ALERT, "channel_id": CHANNEL}, "user_id"),
        ({"message": 7, "channel_id": CHANNEL, "user_id": USER}, "message"),
        ({"message": ALERT, "channel_id": True, "user_id": USER}, "channel_id"),
        ({"message": ALERT, "channel_id": 20.0, "user_id": USER}, "channel_id"),
        ({"message": ALERT, "channel_id": "20 ", "user_id": USER}, "channel_id"),
        ({"message": ALERT, "channel_id": "٢٠", "user_id": USER}, "channel_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": 0}, "user_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": -1}, "user_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": 2**64}, "user_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": USER, "dry_run": 1}, "dry_run"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": USER, "dry_run": "true"}, "dry_run"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": USER, "message_id": ""}, "message_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": USER, "message_id": "a b"}, "message_id"),
        ({"message": ALERT, "channel_id": CHANNEL, "user_id": USER, "quantity": 3}, "quantity"),
        ([ALERT], "body"),
        ("text", "body"),
    ],
)
def test_a_field_that_is_not_right_is_named_and_nothing_is_decided(body, field) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        status, answer = await caller.post("/admin/alerts/process", body)
        assert status == 422
        assert answer["field"] == field
        assert answer["reason"] == "invalid_field"
        assert answer["detail"]
        assert control.processed == []

    run_told(story, control)


def test_half_a_surrogate_pair_is_no_text() -> None:
    async def story(caller: Caller, _app: object) -> None:
        content = b'{"message": "BTO \\ud83d", "channel_id": 20, "user_id": 10}'
        response = await caller.http.post("/admin/alerts/process", content=content)
        assert (response.status_code, response.json()["field"]) == (422, "message")

    run_told(story)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BTO UBER",
        b'{"message": "a"',
        b'{"message": "a", "message": "b"}',
        b'{"user_id": NaN}',
        b"\xff\xfe",
        b"[" * 16_000,
        b'{"user_id": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.post("/admin/alerts/process", content=body)
        assert (response.status_code, response.json()["reason"]) == (400, "not_json")

    run_told(story)


def test_a_large_body_is_refused_by_its_announcement_and_by_its_size() -> None:
    async def parts():
        for _ in range(17):
            yield b" " * 1024

    async def story(caller: Caller, _app: object) -> None:
        for content in (b" " * (16 * 1024 + 1), parts()):
            response = await caller.http.post("/admin/alerts/process", content=content)
            assert (response.status_code, response.json()["reason"]) == (413, "too_large")

    run_told(story)


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def nothing():
        yield b"{"
        await asyncio.get_running_loop().create_future()

    async def story(_caller: Caller, app: object) -> None:
        sent: list[dict[str, object]] = []
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/admin/halt",
            "query_string": b"",
            "headers": [(b"x-admin-key", b"correct-horse-battery-staple")],
        }

        async def receive() -> dict[str, object]:
            return await asyncio.get_running_loop().create_future()

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 408

    run_told(story)


def test_nothing_is_decided_before_the_desk_is_ready() -> None:
    for state, readiness, words in (
        (DeskState(), lambda: None, "not started"),
        (None, lambda: "Discord is not connected", "Discord is not connected"),
    ):
        control = ToldControl(state=state)

        async def story(caller: Caller, _app: object, control=control, words=words) -> None:
            status, body = await caller.send()
            assert (status, body["reason"]) == (503, "not_ready")
            assert words in body["detail"]
            assert control.processed == []

        run_told(story, control, readiness=readiness)


def test_an_answer_that_does_not_come_in_time_is_pending_and_the_decision_stands() -> None:
    async def story(desk: Bench) -> None:
        status, body = await desk.send(message_id="slow")
        assert (status, body["reason"], body["message_id"]) == (503, "pending", "slow")
        (trade_id,) = desk.runtime.state.trades
        assert body["trade_id"] == trade_id
        await desk.wait(120)
        _, told = await desk.get(f"/admin/trades/{trade_id}")
        replies = [row["body"] for row in told["events"] if row["kind"] == "Reply"]
        assert (replies[0]["status"], replies[0]["reason"]) == ("denied", "not_sent")

    unauthorized = ReadRule(read=Read.AUTHORIZATION, times=None)
    run_desk(story, Scenario(quotes=BOOK, reads=(unauthorized,)))


def test_an_alert_that_has_not_reached_the_desk_is_pending_without_a_trade() -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.send(message_id="slow")
        assert (status, body["reason"], body["message_id"], body["trade_id"]) == (503, "pending", "slow", None)
        assert len(control.processed) == 1

    run_told(story, control)


def test_a_desk_that_stops_meanwhile_says_so() -> None:
    async def stopped(_message: object):
        answer = asyncio.get_running_loop().create_future()
        answer.cancel()
        return await answer

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.send()
        assert (status, body["reason"]) == (503, "stopping")

    run_told(story, ToldControl(answering=stopped))
