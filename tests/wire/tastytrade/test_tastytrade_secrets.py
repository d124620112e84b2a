"""Secrets stay inside: whatever goes wrong, and however much is logged, none of them is ever written down."""

import logging
import traceback
from decimal import Decimal

import pytest

from ports.errors import PortUnavailableError
from tests.wire.tastytrade.bench import Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.stand_in import ACCOUNT, CLIENT_SECRET, REFRESH_TOKEN, TastytradeStandIn

CANARIES = (CLIENT_SECRET, REFRESH_TOKEN, ACCOUNT, "canary-access-token", "canary-quote-token")
ECHO = f"Bearer canary-access-token-1 of {ACCOUNT} with {REFRESH_TOKEN} is not welcome"


def test_nothing_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    async def story(there: Beside) -> None:
        broker, faults = there.broker, there.stand_in.faults
        reports = broker.order_events.reports()
        await until(lambda: broker.is_connected)
        order = await there.order()
        await there.stand_in.set_book(order.contract.symbol, Decimal("0.74"), Decimal("0.76"))
        told.append(str(await broker.market_data.quote(order.contract)))
        for fault in (
            Fault(),
            Fault(answer=Answer.STATUS, status=422, code="odd", message=ECHO),
            Fault(answer=Answer.STATUS, status=500, code="odd", message=ECHO),
            Fault(answer=Answer.HTML, status=502),
            Fault(answer=Answer.DROP, does_it=True),
            Fault(answer=Answer.STATUS, status=401, code="token_invalid", message=ECHO),
        ):
            faults.plan("POST", "orders", fault)
            told.append(repr(await broker.gateway.submit(await there.order())))
        await there.stand_in.account_stream.push_text('{"status": "error", "message": "' + ECHO + '", "request-id": 1}')
        await there.stand_in.account_stream.push("Order", {"id": 7, "status": ECHO, "reject-reason": ECHO})
        await until(lambda: there.stand_in.account_stream.connections > 1)
        told.append(repr(await anext(reports)))
        faults.plan("GET", "positions", *[Fault(answer=Answer.STATUS, status=403, code="no", message=ECHO)])
        there.stand_in.tokens.replies = [(500, {"error": {"code": "no", "message": ECHO}})] * 4
        there.stand_in.tokens.replies += [(400, {"error": "invalid_grant", "error_description": ECHO})]
        for call in (broker.account.positions, broker.authorization.refresh, broker.gateway.ensure_authorized):
            try:
                await call()
            except Exception:  # noqa: BLE001 - whatever it is, its words are what matters
                told.append(traceback.format_exc())
        told.extend([broker.authorization.describe(), repr(broker), repr(broker.session.endpoints)])

    def prepare(_: TastytradeStandIn) -> None:
        for name in (None, "adapters", "stamina", "asyncio"):
            caplog.set_level(logging.DEBUG, name)

    run(story, prepare=prepare)
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "the broker answered 500" in logged
    assert len(told) == 14
    for canary in CANARIES:
        assert canary not in logged
        assert all(canary not in words for words in told)


def test_the_sdks_own_logs_are_kept_down(caplog: pytest.LogCaptureFixture) -> None:
    async def story(there: Beside) -> None:
        there.broker.order_events.reports()
        await until(lambda: there.broker.is_connected)

    with caplog.at_level(logging.DEBUG):
        run(story)
    talkative = ("tastytrade", "httpx", "httpcore")
    assert [record for record in caplog.records if record.name.startswith(talkative)] == []


def test_an_unreachable_service_is_told_without_its_address_secrets() -> None:
    async def story(there: Beside) -> None:
        await there.stand_in.stop()
        with pytest.raises(PortUnavailableError) as raised:
            await there.broker.account.balances()
        assert all(canary not in "".join(traceback.format_exception(raised.value)) for canary in CANARIES)
        await there.stand_in.start()

    run(story)
