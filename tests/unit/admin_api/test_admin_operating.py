"""Halt, resume, cancel, replace, close and the allowlist through the admin API."""

import asyncio

import pytest
from attrs import evolve

from adapters.simulated.scenario.scenario import Execution, FillRule, Scenario
from domain.desk.state import DeskState, Output
from domain.events import CloseFinished, RequestRefused
from domain.orders import OrderRole
from domain.policies import Policies
from domain.verdicts import DenialCode
from ports.control import OperatorRequest
from tests.fakes.control import ToldControl
from tests.unit.admin_api.admin_bench import (
    BOOK,
    POLICIES,
    Bench,
    Caller,
    covering_one,
    run_desk,
    run_told,
)

FILLS = (FillRule(role=OrderRole.ENTRY, executions=(Execution(),)), FillRule())
FILLED = Scenario(quotes=BOOK, fills=FILLS)


def test_a_halt_stops_entries_until_a_resume() -> None:
    async def story(desk: Bench) -> None:
        assert await desk.post("/admin/halt", {"reason": "lunch"}) == (200, {"state": "halted", "reason": "lunch"})
        _, denied = await desk.send()
        assert (denied["status"], denied["reason"]) == ("denied", "halted")
        assert await desk.post("/admin/resume", {"reason": "back"}) == (200, {"state": "active", "reason": "back"})
        _, placed = await desk.send("BTO UBER 80p 12/18 @ 0.75")
        assert placed["status"] == "placed"
        (request,) = [row for row in desk.audit.rows() if row.kind == "HaltRequested"]
        assert request.body == {"by": "admin-api", "reason": "lunch", "cause": "operator"}

    run_desk(story)


def test_a_halt_cancels_what_is_unfilled() -> None:
    async def story(desk: Bench) -> None:
        await desk.send()
        await desk.post("/admin/halt")
        await desk.wait(5)
        assert await desk.get("/admin/orders") == (200, {"orders": []})

    run_desk(story)


def test_a_second_halt_keeps_the_first_reason() -> None:
    async def story(desk: Bench) -> None:
        await desk.post("/admin/halt", {"reason": "lunch"})
        assert await desk.post("/admin/halt", {"reason": "tea"}) == (200, {"state": "halted", "reason": "lunch"})

    run_desk(story)


def test_reasons_are_optional() -> None:
    async def story(desk: Bench) -> None:
        assert await desk.post("/admin/halt") == (200, {"state": "halted", "reason": "no reason given"})
        assert await desk.post("/admin/resume", {}) == (200, {"state": "active", "reason": None})

    run_desk(story)


@pytest.mark.parametrize("body", [{"reason": 7}, {"reason": "x" * 201}, {"why": "lunch"}, [1]])
@pytest.mark.parametrize("path", ["/admin/halt", "/admin/resume"])
def test_a_wrong_reason_halts_and_resumes_nothing(path: str, body: object) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        status, answer = await caller.post(path, body)
        assert status == 422
        assert answer["field"] in {"reason", "why", "body"}
        assert control.requested == []

    run_told(story, control)


def test_an_order_is_cancelled_by_either_of_its_ids() -> None:
    async def story(desk: Bench) -> None:
        for number, key in ((78, "order_id"), (80, "client_order_id")):
            await desk.send(f"BTO UBER {number}p 12/18 @ 0.75")
            await desk.wait(2)
            _, listed = await desk.get("/admin/orders")
            (order,) = listed["orders"]
            status, body = await desk.post(f"/admin/orders/{order[key]}/cancel")
            assert (status, body["status"], body["order"]["order_id"]) == (200, "accepted", order["order_id"])
            assert body["order"]["status"] == "cancelling"
            await desk.wait(5)
            assert await desk.get("/admin/orders") == (200, {"orders": []})
            status, body = await desk.post(f"/admin/orders/{order[key]}/cancel")
            assert (status, body["reason"]) == (409, "not_working")

    run_desk(story)


@pytest.mark.parametrize(("action", "body"), [("cancel", None), ("replace", {"price": "0.80"})])
def test_an_unknown_order_is_not_found(action: str, body: object) -> None:
    async def story(desk: Bench) -> None:
        status, answer = await desk.post(f"/admin/orders/4711/{action}", body)
        assert (status, answer["reason"]) == (404, "no_such_order")
        assert "4711" in answer["detail"]

    run_desk(story)


@pytest.mark.parametrize("price", ["0.76", 0.76])
def test_an_order_gets_another_price(price: object) -> None:
    async def story(desk: Bench) -> None:
        _, sent = await desk.send()
        await desk.wait(2)
        status, body = await desk.post(f"/admin/orders/{sent['order_id']}/replace", {"price": price})
        assert (status, body["status"]) == (200, "accepted")
        await desk.wait(2)
        _, listed = await desk.get("/admin/orders")
        (order,) = listed["orders"]
        assert (order["limit_price"], order["replaces"]) == ("0.76", body["order"]["client_order_id"])

    run_desk(story)


@pytest.mark.parametrize(("price", "reason"), [("0.755", "price_below_tick"), ("9.00", "insufficient_buying_power")])
def test_a_price_that_the_desk_refuses_names_the_field(price: str, reason: str) -> None:
    async def story(desk: Bench) -> None:
        _, sent = await desk.send()
        await desk.wait(2)
        status, body = await desk.post(f"/admin/orders/{sent['order_id']}/replace", {"price": price})
        assert (status, body["reason"], body["field"]) == (422, reason, "price")

    run_desk(story)


@pytest.mark.parametrize("price", [None, 0, "0", "-1", -1, True, "1e2", "0.1234567", "NaN", "Infinity", "", [], 10**9])
def test_what_is_no_price_is_refused_before_the_desk(price: object) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.post("/admin/orders/1/replace", {"price": price})
        assert (status, body["field"]) == (422, "price")
        assert control.requested == []

    run_told(story, control)


def test_a_position_is_closed_by_its_symbol() -> None:
    async def story(desk: Bench) -> None:
        await desk.send()
        await desk.wait(5)
        _, held = await desk.get("/admin/positions")
        (position,) = held["positions"]
        status, body = await desk.post(f"/admin/positions/{position['symbol']}/close")
        assert (status, body["status"], body["refused"]) == (200, "accepted", [])
        (closing,) = body["closings"]
        assert closing in desk.runtime.state.closings
        status, again = await desk.post("/admin/positions/uber/close")
        assert (status, again["reason"]) == (409, "close_in_progress")
        await desk.wait(5)
        _, told = await desk.get(f"/admin/trades/{closing}")
        assert told["trade"] is None
        assert told["closing"]["by"] == "admin-api"
        _, orders = await desk.get("/admin/orders")
        assert [order["role"] for order in orders["orders"]] == ["close"]
        status, cancelled = await desk.post(f"/admin/orders/{orders['orders'][0]['order_id']}/cancel")
        assert (status, cancelled["order"]["role"]) == (200, "close")

    run_desk(story, FILLED, covering_one())


def test_an_exit_is_cancelled_and_stays_so() -> None:
    async def story(desk: Bench) -> None:
        _, sent = await desk.send()
        await desk.wait(5)
        _, listed = await desk.get("/admin/orders")
        (order,) = listed["orders"]
        assert order["role"] == "exit"
        status, _ = await desk.post(f"/admin/orders/{order['order_id']}/cancel")
        assert status == 200
        await desk.wait(60)
        _, told = await desk.get(f"/admin/trades/{sent['trade_id']}")
        assert "admin-api" in told["trade"]["uncovered"]
        assert told["trade"]["held"] > 0

    run_desk(story, FILLED, covering_one())


def test_nothing_to_close_is_not_found() -> None:
    async def story(desk: Bench) -> None:
        for symbol in ("UBER", "%2FESZ6"):
            status, body = await desk.post(f"/admin/positions/{symbol}/close")
            assert (status, body["reason"]) == (404, "no_position")
        assert "/ESZ6" in body["detail"]

    run_desk(story)


def test_a_close_in_a_closed_market_is_a_conflict() -> None:
    refused = RequestRefused("admin-api", DenialCode.MARKET_CLOSED, "the market is closed")
    control = ToldControl(outputs=(refused,))

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.post("/admin/positions/UBER/close")
        assert (status, body["reason"]) == (409, "market_closed")

    run_told(story, control)


def test_a_closes_order_is_refused_another_price_and_is_never_called_unknown() -> None:
    async def story(desk: Bench) -> None:
        await desk.send()
        await desk.wait(5)
        await desk.post("/admin/positions/UBER/close")
        await desk.wait(5)
        _, listed = await desk.get("/admin/orders")
        (order,) = listed["orders"]
        path = f"/admin/orders/{order['order_id']}"
        status, body = await desk.post(f"{path}/replace", {"price": "0.80"})
        assert (status, body["reason"]) == (409, "close_in_progress")
        assert "cancel it or wait" in body["detail"]
        assert (await desk.post(f"{path}/cancel"))[0] == 200
        await desk.wait(5)
        assert not desk.runtime.state.closings
        for action, price in (("cancel", None), ("replace", {"price": "0.80"})):
            status, body = await desk.post(f"{path}/{action}", price)
            assert (status, body["reason"]) == (409, "not_working")

    run_desk(story, FILLED, covering_one())


async def _hold_two(desk: Bench) -> list[str]:
    """Buy two contracts of a symbol, and return their own symbols."""
    for strike in (78, 80):
        await desk.send(f"BTO UBER {strike}p 12/18 @ 0.75")
        await desk.wait(5)
    _, held = await desk.get("/admin/positions")
    return [position["symbol"] for position in held["positions"]]


def test_a_close_of_several_contracts_names_each_that_began() -> None:
    async def story(desk: Bench) -> None:
        await _hold_two(desk)
        status, body = await desk.post("/admin/positions/UBER/close")
        assert (status, body["refused"]) == (200, [])
        assert len(body["closings"]) == 2
        assert body["closings"] == list(desk.runtime.state.closings)

    run_desk(story, FILLED, covering_one())


@pytest.mark.parametrize("first", [0, 1])
def test_a_close_of_several_contracts_says_which_began_and_which_did_not(first: int) -> None:
    async def story(desk: Bench) -> None:
        symbols = await _hold_two(desk)
        _, earlier = await desk.post(f"/admin/positions/{symbols[first]}/close")
        status, body = await desk.post("/admin/positions/UBER/close")
        assert (status, body["status"], [no["reason"] for no in body["refused"]]) == (
            200,
            "accepted",
            ["close_in_progress"],
        )
        assert set(body["closings"]) == set(desk.runtime.state.closings) - set(earlier["closings"])
        _, told = await desk.get(f"/admin/trades/{body['closings'][0]}")
        assert told["closing"]["symbol"] == symbols[1 - first]
        status, again = await desk.post("/admin/positions/UBER/close")
        assert (status, again["reason"]) == (409, "close_in_progress")

    run_desk(story, FILLED, covering_one())


def test_a_close_that_ends_at_once_began_too() -> None:
    over = [CloseFinished(name, 0, None, "nothing left") for name in ("T1", "T1-2", "T12")]
    control = ToldControl(outputs=tuple(over))

    async def story(caller: Caller, _app: object) -> None:
        status, body = await caller.post("/admin/positions/UBER/close")
        assert (status, body["closings"]) == (200, ["T1", "T1-2"])

    run_told(story, control)


def test_the_allowlist_is_shown_and_changed_at_once() -> None:
    big = 987_654_321_012_345_678

    async def story(desk: Bench) -> None:
        lists = {"users": ["10"], "channels": ["20"], "webhooks": ["30"]}
        assert await desk.get("/admin/allowlist") == (200, lists)
        added = {**lists, "users": ["10", str(big)]}
        assert await desk.post("/admin/allowlist", {"type": "user", "id": big}) == (200, added)
        _, traded = await desk.send(user_id=str(big))
        assert traded["status"] == "placed"
        assert await desk.delete("/admin/allowlist", {"type": "user", "id": str(big)}) == (200, lists)
        assert await desk.delete("/admin/allowlist", {"type": "channel", "id": 20}) == (200, {**lists, "channels": []})
        _, denied = await desk.send()
        assert denied["reason"] == "not_allowed"

    run_desk(story, policies=_with_webhook())


def _with_webhook() -> Policies:
    return evolve(POLICIES, allowed_webhooks=frozenset({30}))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "type"),
        ({"type": "webhook", "id": 1}, "type"),
        ({"type": 1, "id": 1}, "type"),
        ({"type": "user"}, "id"),
        ({"type": "user", "id": "alice"}, "id"),
        ({"type": "user", "id": True}, "id"),
        ({"type": "user", "id": 1, "name": "alice"}, "name"),
    ],
)
def test_an_allowlist_change_that_is_not_right_names_the_field(body: object, field: str) -> None:
    control = ToldControl()

    async def story(caller: Caller, _app: object) -> None:
        for answer in (await caller.post("/admin/allowlist", body), await caller.delete("/admin/allowlist", body)):
            assert (answer[0], answer[1]["field"]) == (422, field)
        assert control.requested == []

    run_told(story, control)


def test_a_desk_that_is_not_started_or_does_not_answer_says_so() -> None:
    for control, reason in ((ToldControl(state=DeskState()), "not_ready"), (ToldControl(outputs=None), "pending")):

        async def story(caller: Caller, _app: object, reason: str = reason) -> None:
            status, body = await caller.post("/admin/halt")
            assert (status, body["reason"]) == (503, reason)

        run_told(story, control)


STEERING = [
    ("/admin/halt", None),
    ("/admin/resume", None),
    ("/admin/orders/1/cancel", None),
    ("/admin/orders/1/replace", {"price": "0.80"}),
    ("/admin/positions/UBER/close", None),
    ("/admin/allowlist", {"type": "user", "id": 7}),
]


@pytest.mark.parametrize(("path", "body"), STEERING)
def test_what_is_asked_while_the_desk_ends_is_told_that_it_stops(path: str, body: object) -> None:
    class EndingControl(ToldControl):
        async def request(self, event: OperatorRequest) -> tuple[Output, ...]:
            self.requested.append(event)
            raise asyncio.CancelledError

    async def story(caller: Caller, _app: object) -> None:
        status, answer = await caller.post(path, body)
        assert (status, answer["reason"]) == (503, "stopping")

    run_told(story, EndingControl())


@pytest.mark.parametrize(("path", "body"), STEERING)
def test_what_is_asked_after_the_desk_has_ended_is_told_that_it_stops(path: str, body: object) -> None:
    async def story(desk: Bench) -> None:
        await desk.end()
        before = len(desk.audit.rows())
        status, answer = await desk.post(path, body)
        assert (status, answer["reason"]) == (503, "stopping")
        assert len(desk.audit.rows()) == before

    run_desk(story)
