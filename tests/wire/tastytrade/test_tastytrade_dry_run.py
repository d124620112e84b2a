"""The dry run: the broker checks each order, and nothing but such checks ever reaches it."""

from decimal import Decimal

from domain.events import CancelRefused, OrderNotSent, OrderRejected, OrderValidated
from tests.wire.tastytrade.bench import Beside, run
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.stand_in import ACCOUNT


def test_only_dry_runs_reach_the_broker() -> None:
    async def story(there: Beside) -> None:
        gateway, order = there.broker.gateway, await there.order()
        stepped = await there.order(replaces=order.client_order_id)
        assert isinstance(await gateway.submit(order), OrderValidated)
        assert isinstance(await gateway.replace(stepped, order), OrderValidated)
        assert isinstance(await gateway.validate(order), OrderValidated)
        assert isinstance(await gateway.submit(await there.order(quantity=1_000_000)), OrderRejected)
        refused = await gateway.cancel(order)
        assert isinstance(refused, CancelRefused)
        assert "dry run" in refused.reason
        written = {request.path for request in there.stand_in.requests if request.method != "GET"}
        assert written - {"/oauth/token"} == {f"/accounts/{ACCOUNT}/orders/dry-run"}
        assert there.stand_in.ledger.orders == {}

    run(story, dry_run=True)


def test_the_answer_tells_fees_and_buying_power() -> None:
    async def story(there: Beside) -> None:
        order = await there.order()
        told = "buying power changes by -281.00 to 9720.00"
        assert await there.broker.gateway.submit(order) == OrderValidated(order.client_order_id, told, Decimal("1.14"))

    run(story, dry_run=True)


def test_warnings_are_told_and_errors_reject() -> None:
    async def story(there: Beside) -> None:
        order = await there.order()
        warning = {"code": "tif_next_valid_sesssion", "message": "Your order will begin working next session"}
        error = {"code": "illegal_price", "message": "Price is not valid"}
        there.stand_in.faults.plan("POST", "dry-run", Fault(change={"warnings": [warning]}))
        there.stand_in.faults.plan("POST", "dry-run", Fault(change={"errors": [error]}))
        warned = await there.broker.gateway.submit(order)
        assert isinstance(warned, OrderValidated)
        assert warned.detail.endswith("warning tif_next_valid_sesssion: Your order will begin working next session")
        rejected = await there.broker.gateway.submit(order)
        assert rejected == OrderRejected(order.client_order_id, "illegal_price: Price is not valid")

    run(story, dry_run=True)


def test_a_dry_run_places_nothing_and_so_is_repeated() -> None:
    async def story(there: Beside) -> None:
        order = await there.order()
        faults = [Fault(answer=answer, status=401) for answer in (Answer.DROP, Answer.STATUS, Answer.EMPTY)]
        there.stand_in.faults.plan("POST", "dry-run", *faults)
        assert isinstance(await there.broker.gateway.submit(order), OrderValidated)
        assert len(there.stand_in.sent("POST", "/dry-run")) == 4

    run(story, dry_run=True)


def test_one_without_an_answer_was_not_sent() -> None:
    async def story(there: Beside) -> None:
        order = await there.order()
        there.stand_in.faults.plan("POST", "dry-run", *[Fault(answer=Answer.STATUS, status=503)] * 5)
        answer = await there.broker.gateway.submit(order)
        assert isinstance(answer, OrderNotSent)
        assert answer.retryable

    run(story, dry_run=True)
