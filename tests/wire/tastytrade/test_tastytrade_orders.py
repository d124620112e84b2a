"""Order entry on the wire: what is sent, that it is sent once, and what each answer or silence is taken to prove."""

import asyncio
from decimal import Decimal

import httpx2
import pytest
from attrs import evolve

from adapters.tastytrade import sdk_session
from domain.events import (
    CancelAccepted,
    CancelRefused,
    Operation,
    OrderAccepted,
    OrderNotSent,
    OrderRejected,
    OutcomeUnknown,
)
from domain.orders import Order, Side
from ports.errors import PortUnavailableError
from tests.wire.tastytrade.bench import EXPIRY, Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.stand_in import ACCOUNT, TastytradeStandIn

NO_PROOF = [
    pytest.param(Fault(answer=Answer.DROP), 0, id="cut before it was taken"),
    pytest.param(Fault(answer=Answer.DROP, does_it=True), 1, id="cut after it was taken"),
    pytest.param(Fault(answer=Answer.STATUS, status=401, code="token_invalid"), 0, id="401"),
    pytest.param(Fault(answer=Answer.STATUS, status=408, code="timeout"), 0, id="408"),
    pytest.param(Fault(answer=Answer.STATUS, status=429, code="too_many_requests"), 0, id="429"),
    pytest.param(Fault(answer=Answer.STATUS, status=500), 0, id="500"),
    pytest.param(Fault(answer=Answer.STATUS, status=500, does_it=True), 1, id="500 after it was taken"),
    pytest.param(Fault(answer=Answer.STATUS, status=503), 0, id="503"),
    pytest.param(Fault(answer=Answer.HTML, status=502), 0, id="a proxy's 502"),
    pytest.param(Fault(answer=Answer.HTML, status=502, does_it=True), 1, id="a proxy's 502 after it was taken"),
    pytest.param(Fault(answer=Answer.HTML, status=403), 0, id="a proxy's 403"),
    pytest.param(Fault(answer=Answer.PLAIN_STATUS, status=400), 0, id="a 400 without the service's envelope"),
    pytest.param(Fault(answer=Answer.HTML, status=200, does_it=True), 1, id="a page instead of the answer"),
    pytest.param(Fault(answer=Answer.TRUNCATED, does_it=True), 1, id="half an answer"),
    pytest.param(Fault(answer=Answer.EMPTY, does_it=True), 1, id="an empty answer"),
    pytest.param(Fault(answer=Answer.GARBAGE, does_it=True), 1, id="an answer that is no JSON"),
    pytest.param(Fault(answer=Answer.NO_DATA, does_it=True), 1, id="an empty envelope"),
]
REFUSALS = [400, 403, 404, 422]


class TestWhatIsSent:
    def test_an_entry_is_one_plain_limit_order(self) -> None:
        async def story(there: Beside) -> None:
            order = await there.order(price=Decimal("0.7500"))
            assert isinstance(await there.broker.gateway.submit(order), OrderAccepted)
            (sent,) = there.stand_in.sent("POST", "/orders")
            assert sent.path == f"/accounts/{ACCOUNT}/orders"
            assert sent.body == {
                "time-in-force": "Day",
                "order-type": "Limit",
                "price": "0.75",
                "price-effect": "Debit",
                "source": "alert-trader/0.1.0",
                "automated-source": True,
                "external-identifier": order.client_order_id,
                "legs": [
                    {
                        "instrument-type": "Equity Option",
                        "symbol": f"UBER  {EXPIRY:%y%m%d}P00078000",
                        "action": "Buy to Open",
                        "quantity": 4,
                    }
                ],
            }

        run(story)

    def test_an_exit_is_good_till_cancelled_and_may_only_close(self) -> None:
        async def story(there: Beside) -> None:
            await _hold(there, 2)
            order = await there.order(Side.SELL_TO_CLOSE, 2, Decimal("1.50"))
            assert isinstance(await there.broker.gateway.submit(order), OrderAccepted)
            body = there.stand_in.sent("POST", "/orders")[-1].body
            assert body is not None
            assert body["time-in-force"] == "GTC"
            assert (body["price"], body["price-effect"]) == ("1.50", "Credit")
            assert body["advanced-instructions"] == {"strict-position-effect-validation": True}
            assert body["legs"][0]["action"] == "Sell to Close"

        run(story)

    def test_a_market_order_has_no_price(self) -> None:
        async def story(there: Beside) -> None:
            await there.broker.gateway.submit(await there.order(price=None))
            (sent,) = there.stand_in.sent("POST", "/orders")
            assert sent.body is not None
            assert sent.body["order-type"] == "Market"
            assert not {"price", "price-effect"} & sent.body.keys()

        run(story)

    def test_a_replacement_says_price_and_terms_and_a_name_of_its_own(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            stepped = await there.order(price=Decimal("0.71"), replaces=order.client_order_id)
            answer = await there.broker.gateway.replace(stepped, order)
            (sent,) = there.stand_in.sent("PUT", f"/orders/{order.broker_order_id}")
            assert sent.body == {
                "time-in-force": "Day",
                "order-type": "Limit",
                "price": "0.71",
                "price-effect": "Debit",
                "source": "alert-trader/0.1.0",
                "automated-source": True,
                "external-identifier": stepped.client_order_id,
            }
            (replacement,) = there.stand_in.ledger.placed_as(stepped.client_order_id)
            assert answer == OrderAccepted(stepped.client_order_id, str(replacement["id"]))

        run(story)

    def test_redirects_are_not_followed(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("POST", "orders", Fault(answer=Answer.PLAIN_STATUS, status=307))
            answer = await there.broker.gateway.submit(await there.order())
            assert isinstance(answer, OutcomeUnknown)
            assert len(there.stand_in.sent("POST", "/orders")) == 1

        run(story)


class TestSubmit:
    @pytest.mark.parametrize(("fault", "placed"), NO_PROOF)
    def test_what_proves_nothing_is_unknown_and_never_sent_again(self, fault: Fault, placed: int) -> None:
        async def story(there: Beside) -> None:
            order = await there.order()
            there.stand_in.faults.plan("POST", "orders", fault)
            answer = await there.broker.gateway.submit(order)
            assert isinstance(answer, OutcomeUnknown), answer
            assert (answer.client_order_id, answer.operation) == (order.client_order_id, Operation.SUBMIT)
            assert len(there.stand_in.sent("POST", "/orders")) == 1
            assert len(there.stand_in.ledger.placed_as(order.client_order_id)) == placed

        run(story)

    @pytest.mark.parametrize("status", REFUSALS)
    def test_the_brokers_own_refusal_is_a_rejection(self, status: int) -> None:
        async def story(there: Beside) -> None:
            fault = Fault(answer=Answer.STATUS, status=status, code="cant_buy_for_credit", message="You cannot")
            there.stand_in.faults.plan("POST", "orders", fault)
            order = await there.order()
            answer = await there.broker.gateway.submit(order)
            assert answer == OrderRejected(order.client_order_id, "cant_buy_for_credit: You cannot")
            assert len(there.stand_in.sent("POST", "/orders")) == 1

        run(story)

    def test_a_preflight_refusal_names_the_check(self) -> None:
        async def story(there: Beside) -> None:
            answer = await there.broker.gateway.submit(await there.order(quantity=1_000_000))
            assert isinstance(answer, OrderRejected)
            assert "preflight_check_failure" in answer.reason
            assert "margin_check_failed: Account does not have sufficient buying power" in answer.reason

        run(story)

    def test_a_service_that_is_not_there_was_not_sent_anything(self) -> None:
        async def story(there: Beside) -> None:
            order = await there.order()
            await there.stand_in.stop()
            answer = await there.broker.gateway.submit(order)
            assert isinstance(answer, OrderNotSent)
            assert answer.retryable
            await there.stand_in.start()

        run(story)

    @pytest.mark.parametrize("does_it", [False, True])
    def test_an_answer_that_does_not_come_in_time_is_unknown(
        self, *, does_it: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sdk_session, "TIMEOUT", httpx2.Timeout(0.1))

        async def story(there: Beside) -> None:
            order, hold = await there.order(), asyncio.Event()
            there.stand_in.faults.plan("POST", "orders", Fault(does_it=does_it, hold=hold))
            answer = await there.broker.gateway.submit(order)
            assert isinstance(answer, OutcomeUnknown)
            assert "ReadTimeout" in answer.detail
            hold.set()
            assert len(there.stand_in.sent("POST", "/orders")) == 1

        run(story)

    def test_an_odd_answer_that_names_the_order_is_an_acceptance(self) -> None:
        async def story(there: Beside) -> None:
            order = await there.order()
            change = {"buying-power-effect": None, "fee-calculation": 7}
            there.stand_in.faults.plan("POST", "orders", Fault(change=change))
            answer = await there.broker.gateway.submit(order)
            (placed,) = there.stand_in.ledger.placed_as(order.client_order_id)
            assert answer == OrderAccepted(order.client_order_id, str(placed["id"]))

        run(story)

    def test_an_order_that_comes_back_rejected_is_rejected(self) -> None:
        async def story(there: Beside) -> None:
            change = {"order": {"id": 7, "status": "Rejected", "reject-reason": "Symbol is not tradable"}}
            there.stand_in.faults.plan("POST", "orders", Fault(change=change))
            order = await there.order()
            answer = await there.broker.gateway.submit(order)
            assert answer == OrderRejected(order.client_order_id, "Symbol is not tradable")

        run(story)

    def test_a_caller_that_goes_away_does_not_stop_the_order_and_the_log_says_so(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def story(there: Beside) -> None:
            order, hold = await there.order(), asyncio.Event()
            there.stand_in.faults.plan("POST", "orders", Fault(does_it=True, hold=hold))
            submitting = asyncio.ensure_future(there.broker.gateway.submit(order))
            await until(lambda: bool(there.stand_in.ledger.placed_as(order.client_order_id)))
            submitting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await submitting
            hold.set()
            await until(lambda: "whose caller had gone was answered 201" in caplog.text)
            assert len(there.stand_in.sent("POST", "/orders")) == 1

        run(story)


class TestReplace:
    @pytest.mark.parametrize(("fault", "placed"), NO_PROOF)
    def test_what_proves_nothing_is_unknown_and_never_sent_again(self, fault: Fault, placed: int) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            stepped = await there.order(price=Decimal("0.71"), replaces=order.client_order_id)
            there.stand_in.faults.plan("PUT", "order", fault)
            answer = await there.broker.gateway.replace(stepped, order)
            assert isinstance(answer, OutcomeUnknown), answer
            assert (answer.client_order_id, answer.operation) == (stepped.client_order_id, Operation.REPLACE)
            assert len(there.stand_in.sent("PUT", f"/orders/{order.broker_order_id}")) == 1
            assert len(there.stand_in.ledger.placed_as(stepped.client_order_id)) == placed

        run(story)

    def test_a_replacement_of_an_order_that_just_filled_is_rejected(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
            stepped = await there.order(price=Decimal("0.71"), replaces=order.client_order_id)
            answer = await there.broker.gateway.replace(stepped, order)
            assert isinstance(answer, OrderRejected)
            assert answer.client_order_id == stepped.client_order_id
            assert "cannot_update_order" in answer.reason

        run(story)

    def test_an_order_without_a_brokers_id_cannot_be_named(self) -> None:
        async def story(there: Beside) -> None:
            order = await there.order()
            stepped = await there.order(price=Decimal("0.71"), replaces=order.client_order_id)
            answer = await there.broker.gateway.replace(stepped, order)
            assert isinstance(answer, OrderNotSent)
            assert answer.client_order_id == stepped.client_order_id
            assert not there.stand_in.sent("PUT", "")

        run(story)


class TestCancel:
    def test_a_cancel_is_accepted_and_safe_to_repeat(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            name = order.client_order_id
            assert await there.broker.gateway.cancel(order) == CancelAccepted(name)
            again = await there.broker.gateway.cancel(order)
            assert isinstance(again, CancelRefused)
            assert "cannot_update_order" in again.reason

        run(story)

    @pytest.mark.parametrize("answer", [Answer.AS_IT_IS, Answer.EMPTY, Answer.NO_DATA])
    def test_a_success_without_an_order_in_it_is_a_success(self, answer: Answer) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            there.stand_in.faults.plan("DELETE", "order", Fault(answer=answer, does_it=True))
            assert await there.broker.gateway.cancel(order) == CancelAccepted(order.client_order_id)

        run(story)

    @pytest.mark.parametrize("answer", [Answer.DROP, Answer.TRUNCATED, Answer.HTML, Answer.STATUS])
    def test_a_cancel_without_a_clear_answer_is_unknown_and_sent_once(self, answer: Answer) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            there.stand_in.faults.plan("DELETE", "order", Fault(answer=answer, does_it=True, status=502))
            result = await there.broker.gateway.cancel(order)
            assert isinstance(result, OutcomeUnknown)
            assert (result.client_order_id, result.operation) == (order.client_order_id, Operation.CANCEL)
            assert len(there.stand_in.sent("DELETE", f"/orders/{order.broker_order_id}")) == 1

        run(story)

    def test_a_fill_that_wins_against_the_cancel_is_told_by_the_books(self) -> None:
        async def story(there: Beside) -> None:
            order, hold = await _placed(there), asyncio.Event()
            there.stand_in.faults.plan("DELETE", "order", Fault(hold=hold))
            cancelling = asyncio.ensure_future(there.broker.gateway.cancel(order))
            await until(lambda: bool(there.stand_in.sent("DELETE", f"/orders/{order.broker_order_id}")))
            there.stand_in.ledger.fill(int(order.broker_order_id or 0), 4, Decimal("0.70"))
            hold.set()
            assert isinstance(await cancelling, CancelRefused)
            (report,) = await there.broker.account.orders(order.sent_at)
            assert (report.status, report.filled_quantity) == ("reported_filled", 4)

        run(story)

    def test_an_order_without_a_brokers_id_cannot_be_named(self) -> None:
        async def story(there: Beside) -> None:
            answer = await there.broker.gateway.cancel(await there.order())
            assert isinstance(answer, OrderNotSent)
            assert not answer.retryable

        run(story)


class TestAuthorization:
    def test_a_401_to_an_order_has_the_token_renewed_before_the_next(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("POST", "orders", Fault(answer=Answer.STATUS, status=401))
            assert isinstance(await there.broker.gateway.submit(await there.order()), OutcomeUnknown)
            issued = there.stand_in.tokens.issued
            await there.broker.gateway.ensure_authorized()
            assert there.stand_in.tokens.issued == issued + 1
            assert isinstance(await there.broker.gateway.submit(await there.order()), OrderAccepted)

        run(story)

    def test_without_a_token_nothing_is_sent(self) -> None:
        def prepare(stand_in: TastytradeStandIn) -> None:
            stand_in.tokens.lifetime = 1  # over at once: each use asks for a new one

        async def story(there: Beside) -> None:
            order = await there.order()
            there.stand_in.tokens.replies = [(503, {})] * 20
            await until(lambda: there.broker.session.token_seconds <= 0.5)
            with pytest.raises(PortUnavailableError):
                await there.broker.gateway.ensure_authorized()
            answer = await there.broker.gateway.submit(order)
            assert isinstance(answer, OrderNotSent)
            assert answer.retryable
            assert not there.stand_in.sent("POST", "/orders")

        run(story, prepare=prepare)


async def _placed(there: Beside) -> Order:
    order = await there.order()
    answer = await there.broker.gateway.submit(order)
    assert isinstance(answer, OrderAccepted), answer
    return evolve(order, broker_order_id=answer.broker_order_id)


async def _hold(there: Beside, quantity: int) -> None:
    entry = await _placed(there)
    there.stand_in.ledger.fill(int(entry.broker_order_id or 0), quantity, Decimal("0.70"))
