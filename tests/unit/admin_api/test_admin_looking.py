"""History, trades, positions and orders through the admin API, and the answers for supervisors."""

from decimal import Decimal

import pytest

from adapters.simulated.scenario.scenario import Execution, FillRule, QuoteScript, QuoteStep, Scenario
from domain.desk.state import DeskState
from domain.events import HaltRequested
from domain.orders import OrderRole
from domain.verdicts import HaltCause
from ports.errors import AuditUnavailableError
from tests.fakes.audit_entries import story as entries
from tests.fakes.control import ToldControl
from tests.fakes.memory_audit_log import MemoryAuditLog
from tests.unit.admin_api.admin_bench import ALERT, BOOK, Bench, Caller, run_desk, run_told

FILLED = Scenario(quotes=BOOK, fills=(FillRule(role=OrderRole.ENTRY, executions=(Execution(),)), FillRule()))


def test_the_log_is_shown_newest_first_page_by_page() -> None:
    log = MemoryAuditLog()
    for number in range(3):
        for entry in entries(f"T{number}", number * 4):
            log.append(entry)

    async def story(caller: Caller, _app: object) -> None:
        seen, path, pages = [], "/admin/audit/recent?limit=5", 0
        cursor = None
        while pages == 0 or cursor is not None:
            status, body = await caller.get(path if cursor is None else f"{path}&cursor={cursor}")
            assert status == 200
            assert body.keys() == {"events", "next_cursor"}
            seen += body["events"]
            cursor, pages = body["next_cursor"], pages + 1
        assert [row["seq"] for row in seen] == list(range(12, 0, -1))
        assert pages == 3
        assert seen[0].keys() == {"seq", "at", "kind", "class", "mode", "trade_id", "body", "hash"}
        assert (seen[-1]["kind"], seen[-1]["class"], seen[-1]["mode"]) == ("AlertReceived", "input", "paper")
        assert (seen[-1]["trade_id"], seen[-1]["at"]) == ("T0", "2026-11-20T15:30:00+00:00")
        assert seen[-1]["body"]["message"]["text"] == "BTO UBER 78p 12/05 @ 0.75"

    run_told(story, audit=log)


def test_an_empty_log_has_no_next_page() -> None:
    async def story(caller: Caller, _app: object) -> None:
        assert await caller.get("/admin/audit/recent") == (200, {"events": [], "next_cursor": None})

    run_told(story)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/admin/audit/recent?limit=0", "limit"),
        ("/admin/audit/recent?limit=1001", "limit"),
        ("/admin/audit/recent?limit=x", "limit"),
        ("/admin/audit/recent?limit=%D9%A2", "limit"),
        ("/admin/audit/recent?limit=1&limit=2", "limit"),
        ("/admin/audit/recent?cursor=-1", "cursor"),
        ("/admin/audit/recent?cursor=1.5", "cursor"),
        ("/admin/audit/recent?page=2", "page"),
        ("/admin/trades?limit=", "limit"),
        ("/admin/positions?symbol=UBER", "symbol"),
    ],
)
def test_a_query_that_is_not_right_names_the_field(path: str, field: str) -> None:
    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.get(path)
        assert (status, body["field"]) == (422, field)

    run_told(story)


def test_a_log_that_cannot_be_read_is_said_to_be_unavailable_without_its_path() -> None:
    class BrokenLog(MemoryAuditLog):
        def rows(self, **_: object):
            raise AuditUnavailableError("/secret/place.sqlite: disk error")

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.get("/admin/audit/recent")
        assert (status, body["reason"]) == (503, "audit_unavailable")
        assert "secret" not in str(body)

    run_told(story, audit=BrokenLog())


def test_a_filled_trade_with_its_entry_and_exit() -> None:
    async def story(desk: Bench) -> None:
        _, sent = await desk.send()
        await desk.wait(5)
        _, listed = await desk.get("/admin/trades")
        (trade,) = listed["trades"]
        quantity = sent["quantity"]
        assert (trade["trade_id"], trade["state"]) == (sent["trade_id"], "open")
        assert (trade["contract"], trade["symbol"]) == ("UBER 78p 2026-12-18", "UBER  261218P00078000")
        assert (trade["user_id"], trade["channel_id"], trade["source"], trade["text"]) == ("10", "20", "api", ALERT)
        entry = trade["entry"]
        assert (entry["filled"], entry["average_price"], entry["finished"]) == (quantity, "0.75", True)
        assert entry["orders"][0]["fills"][0]["price"] == "0.75"
        assert (trade["held"], trade["bought"], trade["profit"]) == (quantity, quantity, None)
        (leaving,) = trade["exits"]
        assert (leaving["limit_price"], leaving["time_in_force"], leaving["status"]) == ("1.50", "GTC", "working")
        assert leaving["quantity"] == quantity // 2

        _, told = await desk.get(f"/admin/trades/{sent['trade_id'].lower()}")
        assert told["trade"] == trade
        kinds = [row["kind"] for row in told["events"]]
        assert kinds[0] == "AlertReceived"
        assert kinds.index("SubmitOrder") < kinds.index("OrderAccepted") < kinds.index("OrderFilled")
        assert {row["trade_id"] for row in told["events"]} == {sent["trade_id"]}
        assert told["truncated"] is False

        _, held = await desk.get("/admin/positions")
        assert held["positions"] == [
            {
                "symbol": "UBER  261218P00078000",
                "contract": "UBER 78p 2026-12-18",
                "quantity": quantity,
                "average_price": "0.75",
                "cost": f"{Decimal('75.00') * quantity}",
                "exits_working": quantity // 2,
                "expires_on": "2026-12-18",
                "trades": [sent["trade_id"]],
            }
        ]

    run_desk(story, FILLED)


def test_a_closed_trade_stays_listed_with_its_profit_and_newer_ones_come_first() -> None:
    bid = QuoteScript(steps=(QuoteStep(bid=Decimal("0.90"), ask=Decimal("0.94")),))
    fills = (FillRule(role=OrderRole.ENTRY, executions=(Execution(),)), FillRule(role=OrderRole.EXIT))

    async def story(desk: Bench) -> None:
        _, first = await desk.send()
        await desk.wait(5)
        _, closing = await desk.send("STC UBER 78p 12/18 @ 0.90")
        await desk.wait(200)
        _, second = await desk.send("BTO UBER 80p 12/18 @ 0.75")
        _, listed = await desk.get("/admin/trades")
        assert [trade["trade_id"] for trade in listed["trades"]] == [second["trade_id"], first["trade_id"]]
        newer, older = listed["trades"]
        assert (newer["state"], older["state"]) == ("entering", "closed")
        assert older["closed"] == first["quantity"]
        assert Decimal(older["profit"]) > 0
        _, limited = await desk.get("/admin/trades?limit=1")
        assert limited["trades"] == [newer]
        _, told = await desk.get(f"/admin/trades/{closing['trade_id']}")
        assert "CloseFinished" in [row["kind"] for row in told["events"]]

    run_desk(story, Scenario(quotes=(bid,), fills=fills))


def test_a_denied_alert_has_a_story_and_no_trade() -> None:
    async def story(desk: Bench) -> None:
        _, denied = await desk.send(user_id=11)
        status, told = await desk.get(f"/admin/trades/{denied['trade_id']}")
        assert (status, told["trade"], told["closing"]) == (200, None, None)
        assert [row["kind"] for row in told["events"]] == ["AlertReceived", "Denied", "Reply"]

    run_desk(story)


def test_an_unknown_trade_is_not_found() -> None:
    async def story(desk: Bench) -> None:
        status, body = await desk.get("/admin/trades/T404")
        assert (status, body["reason"]) == (404, "no_such_trade")
        assert "T404" in body["detail"]

    run_desk(story)


def test_working_orders_are_listed_newest_first() -> None:
    async def story(desk: Bench) -> None:
        _, first = await desk.send()
        await desk.wait(2)
        _, second = await desk.send("BTO UBER 80p 12/18 @ 0.75")
        _, listed = await desk.get("/admin/orders")
        assert [order["order_id"] for order in listed["orders"]] == [second["order_id"], first["order_id"]]
        order = listed["orders"][1]
        assert (order["role"], order["side"], order["limit_price"]) == ("entry", "BUY_TO_OPEN", "0.75")
        assert (order["leaves"], order["filled"], order["fills"]) == (first["quantity"], 0, [])

    run_desk(story)


def test_health_readiness_and_metrics_need_no_key() -> None:
    async def story(caller: Caller, _app: object) -> None:
        assert await caller.get("/healthz") == (200, {"status": "ok"})
        assert await caller.get("/readyz") == (200, {"status": "ready"})
        response = await caller.http.get("/metrics")
        assert (response.status_code, response.content) == (200, b"up 1\n")
        assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"

    run_told(story, key=None, exposition=lambda: b"up 1\n")


def test_readiness_says_what_is_missing() -> None:
    recovering = ToldControl(state=DeskState(phase="recovering"))
    for control, readiness, words in (
        (ToldControl(state=DeskState()), lambda: None, "not started"),
        (recovering, lambda: None, "recovering"),
        (ToldControl(), lambda: "the broker does not answer", "the broker does not answer"),
    ):

        async def story(caller: Caller, _app: object, words: str = words) -> None:
            status, body = await caller.get("/readyz")
            assert (status, body["reason"]) == (503, "not_ready")
            assert words in body["detail"]
            assert await caller.get("/healthz") == (200, {"status": "ok"})

        run_told(story, control, readiness=readiness)


def test_every_halt_is_told_with_its_cause() -> None:
    async def story(desk: Bench) -> None:
        assert await desk.get("/admin/halt") == (200, {"state": "active", "halts": []})
        await desk.post("/admin/halt", {"reason": "lunch"})
        await desk.runtime.request(HaltRequested("doctor", "disk: 0.1 GiB free", HaltCause.DOCTOR))
        lunch = {"cause": "operator", "reason": "lunch", "by": "admin-api"}
        disk = {"cause": "doctor", "reason": "disk: 0.1 GiB free", "by": "doctor"}
        assert await desk.get("/admin/halt") == (200, {"state": "halted", "halts": [lunch, disk]})
        status, answer = await desk.get("/admin/halt?all=1")
        assert (status, answer["field"]) == (422, "all")
        await desk.post("/admin/resume")
        assert await desk.get("/admin/halt") == (200, {"state": "active", "halts": []})

    run_desk(story)
