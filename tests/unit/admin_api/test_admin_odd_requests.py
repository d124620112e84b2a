"""Requests that no client of ours would send, and texts that no UTF-8 can hold: answered, never an error inside."""

import json
from contextlib import closing

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.messages import Message, Source
from domain.policies import Mode
from tests.fakes.control import ToldControl
from tests.unit.admin_api.admin_bench import CHANNEL, START, USER, Bench, Caller, run_desk, run_told

HALF = "\ud800"
PATHS = [
    "/admin/alerts/process",
    "/admin/halt",
    "/admin/resume",
    "/admin/orders/1/cancel",
    "/admin/orders/1/replace",
    "/admin/positions/UBER/close",
    "/admin/allowlist",
]


@pytest.mark.parametrize("number", ["1e30", "1e28", "-1e30", "1e999999999", "1e-999999999", "1e6", "0e99", "9" * 4000])
def test_a_number_out_of_all_bounds_is_no_price(number: str) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.post("/admin/orders/1/replace", content=f'{{"price": {number}}}'.encode())
        assert (response.status_code, response.json()["field"]) == (422, "price")
        assert control.requested == []

    run_told(story, control)


@pytest.mark.parametrize("path", PATHS)
def test_a_field_whose_name_is_half_a_surrogate_pair_is_named_as_it_came(path: str) -> None:
    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.post(path, content=json.dumps({HALF: 1}).encode())
        assert (response.status_code, response.json()["field"]) == (422, HALF)

    run_told(story)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/admin/alerts/process", {"message": HALF}, "message"),
        ("/admin/alerts/process", {"message": "x", "channel_id": HALF}, "channel_id"),
        ("/admin/alerts/process", {"message": "x", "channel_id": 1, "user_id": 1, "message_id": HALF}, "message_id"),
        ("/admin/alerts/process", {"message": "x", "channel_id": 1, "user_id": 1, "dry_run": HALF}, "dry_run"),
        ("/admin/halt", {"reason": HALF}, "reason"),
        ("/admin/orders/1/replace", {"price": HALF}, "price"),
        ("/admin/orders/1/replace", {"price": {HALF: [HALF]}}, "price"),
        ("/admin/allowlist", {"type": HALF}, "type"),
        ("/admin/allowlist", {"type": "user", "id": HALF}, "id"),
    ],
)
def test_half_a_surrogate_pair_is_no_value_of_any_field(path: str, body: object, field: str) -> None:
    async def story(caller: Caller, _app: object) -> None:
        response = await caller.http.post(path, content=json.dumps(body).encode())
        assert (response.status_code, response.json()["field"]) == (422, field)

    run_told(story)


def test_half_a_surrogate_pair_that_a_room_brought_into_the_log_is_shown() -> None:
    text = f"BTO UBER 78p 12/18 @ 0.75 {HALF}"

    async def story(desk: Bench) -> None:
        message = Message(
            text=text, channel_id=CHANNEL, user_id=USER, message_id="1", posted_at=START, source=Source.API
        )
        reply = await desk.runtime.process(message)
        status, page = await desk.get("/admin/audit/recent")
        assert status == 200
        assert text in [row["body"].get("message", {}).get("text") for row in page["events"]]
        assert (await desk.get(f"/admin/trades/{reply.trade_id}"))[0] == 200
        assert (await desk.get("/admin/trades"))[0] == 200

    run_desk(story)


def test_a_cursor_beyond_what_a_log_can_number_is_named() -> None:
    async def story(caller: Caller, _app: object) -> None:
        status, answer = await caller.get(f"/admin/audit/recent?cursor={2**63}")
        assert (status, answer["field"]) == (422, "cursor")
        assert await caller.get(f"/admin/audit/recent?cursor={2**63 - 1}") == (200, {"events": [], "next_cursor": None})

    with closing(SqliteAuditLog.in_memory(Mode.PAPER)) as audit:
        run_told(story, audit=audit)
