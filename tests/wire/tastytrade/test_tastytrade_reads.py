"""Reading the account: repeated on failure, complete or not at all, and never emptied by one odd entry."""

import asyncio
import logging
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import define, evolve, field

from adapters.tastytrade.account import PER_PAGE
from adapters.tastytrade.classification import NotFoundError
from domain.account import Balances, Position
from domain.events import OrderAccepted
from domain.orders import Order, OrderReport, Side, Signal
from ports.errors import PortProtocolError, PortUnavailableError
from ports.metrics import Metrics
from tests.wire.tastytrade.bench import Beside, run, until
from tests.wire.tastytrade.faults import Answer, Fault
from tests.wire.tastytrade.ledger import STARTING_CASH

PASSING = [
    Fault(answer=Answer.DROP),
    Fault(answer=Answer.STATUS, status=408),
    Fault(answer=Answer.STATUS, status=429),
    Fault(answer=Answer.STATUS, status=500),
    Fault(answer=Answer.HTML, status=502),
    Fault(answer=Answer.HTML, status=200),
    Fault(answer=Answer.EMPTY),
    Fault(answer=Answer.GARBAGE),
    Fault(answer=Answer.NO_DATA),
    Fault(answer=Answer.TRUNCATED, does_it=True),
]


@define
class CountedMetrics(Metrics):
    counts: list[tuple[str, dict[str, str]]] = field(factory=list)

    def count(self, name: str, **labels: str) -> None:
        self.counts.append((name, labels))

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        raise AssertionError(f"{name} {seconds} {labels}: nothing is timed here")

    def gauge(self, name: str, value: float) -> None:
        raise AssertionError(f"{name} {value}: nothing is gauged here")


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.answer.name} {fault.status}")
def test_a_read_is_repeated_until_it_is_answered(fault: Fault) -> None:
    async def story(there: Beside) -> None:
        for name in ("USD", "positions", "live", "orders"):
            there.stand_in.faults.plan("GET", name, fault, fault)
        account = there.broker.account
        assert await account.balances() == Balances(STARTING_CASH, STARTING_CASH)
        assert await account.positions() == ()
        assert await account.orders(there.clock.now()) == ()
        for ending in ("/balances/USD", "/positions", "/orders/live", "/orders"):
            assert len(there.stand_in.sent("GET", ending)) == 3

    run(story)


def test_a_read_gives_up_after_five_attempts_each_of_which_is_logged_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(there: Beside) -> None:
        metrics = CountedMetrics()
        session = there.broker.session
        session.retries = evolve(session.retries, metrics=metrics)
        await session.authorize()
        there.stand_in.faults.plan("GET", "positions", *[Fault(answer=Answer.HTML, status=502)] * 5)
        with caplog.at_level(logging.WARNING), pytest.raises(PortUnavailableError, match="502"):
            await there.broker.account.positions()
        assert len(there.stand_in.sent("GET", "/positions")) == 5
        assert [f"positions: attempt {number} of 5" in caplog.text for number in range(1, 6)] == [True] * 5
        await there.broker.account.positions()
        read = [labels["outcome"] for _, labels in metrics.counts if labels["read"] == "positions"]
        assert read == ["failed"] * 5 + ["done"]
        assert {name for name, _ in metrics.counts} == {"alert_trader_read_attempts_total"}

    run(story)


@pytest.mark.parametrize(
    ("status", "error"), [(403, PortUnavailableError), (404, NotFoundError), (406, PortUnavailableError)]
)
def test_what_will_not_change_is_not_asked_again(status: int, error: type[Exception]) -> None:
    async def story(there: Beside) -> None:
        fault = Fault(answer=Answer.STATUS, status=status, code="not_permitted", message="You may not")
        there.stand_in.faults.plan("GET", "positions", fault)
        with pytest.raises(error, match=f"{status}: not_permitted: You may not"):
            await there.broker.account.positions()
        assert len(there.stand_in.sent("GET", "/positions")) == 1

    run(story)


class TestOrders:
    def test_the_history_is_read_to_its_last_page(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.page_size = 2
            placed = [await _placed(there, quantity=1) for _ in range(5)]
            reports = await there.broker.account.orders(there.clock.now() - timedelta(days=3))
            assert {report.broker_order_id for report in reports} == {order.broker_order_id for order in placed}
            pages = there.stand_in.sent("GET", "/orders")
            assert [page.query["page-offset"] for page in pages] == [["0"], ["1"], ["2"]]

        run(story)

    def test_orders_that_only_the_history_has_are_there_too(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            there.stand_in.faults.plan("GET", "live", Fault(change={"items": []}))
            (report,) = await there.broker.account.orders(order.sent_at)
            assert report.client_order_id == order.client_order_id

        run(story)

    @pytest.mark.parametrize("name", ["live", "orders"])
    def test_a_part_that_cannot_be_read_leaves_nothing(self, name: str) -> None:
        async def story(there: Beside) -> None:
            await _placed(there)
            there.stand_in.faults.plan("GET", name, *[Fault(answer=Answer.DROP)] * 5)
            with pytest.raises(PortUnavailableError):
                await there.broker.account.orders(there.clock.now())

        run(story)

    def test_a_later_page_that_cannot_be_read_leaves_nothing(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.page_size = 1
            await _placed(there, quantity=1)
            await _placed(there, quantity=1)
            there.stand_in.faults.plan("GET", "orders", Fault(), *[Fault(answer=Answer.DROP)] * 5)
            with pytest.raises(PortUnavailableError):
                await there.broker.account.orders(there.clock.now())

        run(story)

    def test_a_history_that_says_more_than_it_gives_is_incomplete(self) -> None:
        async def story(there: Beside) -> None:
            await _placed(there)
            there.stand_in.withheld = 1
            with pytest.raises(PortUnavailableError, match="0 of 1"):
                await there.broker.account.orders(there.clock.now())

        run(story)

    @pytest.mark.parametrize(("count", "is_complete"), [(PER_PAGE - 1, True), (PER_PAGE, False)])
    def test_a_full_page_that_does_not_say_how_many_there_are_is_incomplete(
        self, *, count: int, is_complete: bool
    ) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            placed = there.stand_in.ledger.orders[int(order.broker_order_id or 0)]
            items = [placed | {"id": 1000 + number} for number in range(count)]
            there.stand_in.faults.plan("GET", "orders", Fault(change={"items": items}))  # which takes the paging away
            if is_complete:
                assert len(await there.broker.account.orders(there.clock.now())) == count + 1
                return
            with pytest.raises(PortUnavailableError, match=f"page 1 is full, with {count} .* total-pages nor total-it"):
                await there.broker.account.orders(there.clock.now())

        run(story)

    def test_a_full_page_that_is_told_to_be_all_is_complete(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            placed = there.stand_in.ledger.orders[int(order.broker_order_id or 0)]
            there.stand_in.ledger.orders.update({1000 + number: placed | {"id": 1000 + number} for number in range(99)})
            there.stand_in.faults.plan("GET", "live", Fault(change={"items": []}))
            assert len(await there.broker.account.orders(there.clock.now())) == PER_PAGE

        run(story)

    def test_one_odd_order_hides_no_other(self) -> None:
        async def story(there: Beside) -> None:
            odd, good = await _placed(there, quantity=1), await _placed(there, quantity=1)
            books = there.stand_in.ledger
            books.set_status(int(odd.broker_order_id or 0), "Dead")
            del books.orders[int(odd.broker_order_id or 0)]["underlying-symbol"]
            reports = {each.broker_order_id: each for each in await there.broker.account.orders(good.sent_at)}
            assert reports[good.broker_order_id or ""].status is Signal.REPORTED_WORKING
            strange = reports[odd.broker_order_id or ""]
            assert (strange.status, strange.client_order_id) == (Signal.REPORTED_PENDING, odd.client_order_id)
            assert "'Dead' is not known" in strange.reason

        run(story)

    def test_a_list_with_a_nameless_order_proves_nothing(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("GET", "live", Fault(change={"items": [{"status": "Live"}]}))
            with pytest.raises(PortProtocolError, match="without an id"):
                await there.broker.account.orders(there.clock.now())

        run(story)

    def test_a_list_of_what_is_no_order_proves_nothing(self) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("GET", "live", Fault(change={"items": ["5WT"]}))
            with pytest.raises(PortProtocolError, match="1 of 1 entries are no objects"):
                await there.broker.account.orders(there.clock.now())

        run(story)

    def test_a_replaced_order_is_cancelled_and_the_new_one_names_it(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there)
            stepped = await there.order(price=Decimal("0.71"), replaces=order.client_order_id)
            answer = await there.broker.gateway.replace(stepped, order)
            assert isinstance(answer, OrderAccepted)
            reports = await _reports_until(there, answer.broker_order_id, Signal.REPORTED_WORKING)
            old, new = reports[order.broker_order_id or ""], reports[answer.broker_order_id]
            assert old.status is Signal.REPORTED_CANCELLED
            assert old.reason == f"replaced by {answer.broker_order_id}"
            assert new.replaces == order.broker_order_id

        run(story)

    def test_a_rejection_that_comes_after_the_acceptance_is_reported_with_its_reason(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there, price=Decimal("3.01"), quantity=1)
            books = there.stand_in.ledger
            books.orders[int(order.broker_order_id or 0)]["reject-reason"] = "Price not in tick increment"
            books.end(int(order.broker_order_id or 0), "Rejected")
            (report,) = await there.broker.account.orders(order.sent_at)
            assert (report.status, report.reason) == (Signal.REPORTED_REJECTED, "Price not in tick increment")

        run(story)

    def test_a_history_that_lags_behind_takes_no_fill_back(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there, quantity=2)
            before = deepcopy(there.stand_in.ledger.orders[int(order.broker_order_id or 0)])
            there.stand_in.ledger.fill(int(order.broker_order_id or 0), 1, Decimal("0.70"))
            there.stand_in.faults.plan("GET", "orders", Fault(change={"items": [before]}))
            (report,) = await there.broker.account.orders(order.sent_at)
            assert report.filled_quantity == 1
            await there.broker.gateway.cancel(order)
            partly = before | {"legs": there.stand_in.ledger.orders[before["id"]]["legs"]}
            there.stand_in.faults.plan("GET", "orders", Fault(change={"items": [partly]}))
            (report,) = await there.broker.account.orders(order.sent_at)
            assert (report.status, report.filled_quantity) == (Signal.REPORTED_CANCELLED, 1)

        run(story)

    def test_the_later_word_of_two_reads_counts(self) -> None:
        async def story(there: Beside) -> None:
            order = await _placed(there, quantity=2)
            hold = asyncio.Event()
            there.stand_in.faults.plan("GET", "orders", Fault(hold=hold))
            reading = asyncio.ensure_future(there.broker.account.orders(order.sent_at))
            await until(lambda: bool(there.stand_in.sent("GET", "/orders")))
            there.stand_in.ledger.fill(int(order.broker_order_id or 0), 2, Decimal("0.70"))
            hold.set()
            (report,) = await reading
            assert (report.status, report.filled_quantity) == (Signal.REPORTED_FILLED, 2)

        run(story)


class TestMoneyAndPositions:
    def test_money_is_exact(self) -> None:
        async def story(there: Beside) -> None:
            change = {"derivative-buying-power": "1234.1", "net-liquidating-value": "20000.05"}
            there.stand_in.faults.plan("GET", "USD", Fault(change=change))
            assert await there.broker.account.balances() == Balances(Decimal("1234.1"), Decimal("20000.05"))

        run(story)

    @pytest.mark.parametrize("key", ["derivative-buying-power", "net-liquidating-value"])
    def test_balances_without_their_numbers_are_no_balances(self, key: str) -> None:
        async def story(there: Beside) -> None:
            there.stand_in.faults.plan("GET", "USD", Fault(change={key: None}))
            with pytest.raises(PortProtocolError, match=key):
                await there.broker.account.balances()

        run(story)

    def test_positions_are_signed_and_one_a_symbol(self) -> None:
        async def story(there: Beside) -> None:
            items = [
                {"symbol": "A", "quantity": "2", "quantity-direction": "Long", "average-open-price": "1.00"},
                {"symbol": "A", "quantity": 1, "quantity-direction": "Long", "average-open-price": "4.00"},
                {"symbol": "B", "quantity": "3", "quantity-direction": "Short", "average-open-price": "0.5"},
                {"symbol": "C", "quantity": "0", "quantity-direction": "Zero"},
                {"symbol": "D", "quantity": "2.5", "quantity-direction": "Long"},
            ]
            there.stand_in.faults.plan("GET", "positions", Fault(change={"items": items}))
            held = await there.broker.account.positions()
            assert set(held) == {
                Position("A", 3, Decimal(2)),
                Position("B", -3, Decimal("0.5")),
                Position("D", 2, None),
            }

        run(story)

    @pytest.mark.parametrize("key", ["symbol", "quantity", "quantity-direction"])
    def test_a_position_that_makes_no_sense_is_not_left_out(self, key: str) -> None:
        async def story(there: Beside) -> None:
            whole = {"symbol": "A", "quantity": "2", "quantity-direction": "Long"}
            broken = {name: value for name, value in whole.items() if name != key}
            there.stand_in.faults.plan("GET", "positions", Fault(change={"items": [whole, broken]}))
            with pytest.raises(PortProtocolError, match="no symbol, quantity or direction"):
                await there.broker.account.positions()

        run(story)

    def test_a_sold_position_is_gone(self) -> None:
        async def story(there: Beside) -> None:
            entry = await _placed(there, quantity=1)
            there.stand_in.ledger.fill(int(entry.broker_order_id or 0), 1, Decimal("0.70"))
            sale = await _placed(there, side=Side.SELL_TO_CLOSE, quantity=1)
            there.stand_in.ledger.fill(int(sale.broker_order_id or 0), 1, Decimal("0.70"))
            assert await there.broker.account.positions() == ()

        run(story)


async def _placed(
    there: Beside, side: Side = Side.BUY_TO_OPEN, quantity: int = 4, price: Decimal = Decimal("0.70")
) -> Order:
    order = await there.order(side, quantity, price)
    answer = await there.broker.gateway.submit(order)
    assert isinstance(answer, OrderAccepted), answer
    return evolve(order, broker_order_id=answer.broker_order_id)


async def _reports_until(there: Beside, broker_order_id: str, status: Signal) -> dict[str, OrderReport]:
    while True:
        reports = {each.broker_order_id: each for each in await there.broker.account.orders(there.clock.now())}
        if reports[broker_order_id].status is status:
            return reports
