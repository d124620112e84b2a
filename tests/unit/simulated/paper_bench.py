"""A synchronous paper broker for tests: its orders, its contract, and an instant that the test moves by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.ledger import Ledger
from adapters.simulated.market.chain import list_contract
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.scenario import FillRule, QuoteStep, Scenario
from adapters.simulated.scenario.script import Script
from domain.alerts import InstrumentKind, Right
from domain.calendar import CalendarName, TradingCalendar
from domain.events import OrderAccepted
from domain.instruments import Contract, ContractQuery
from domain.orders import Order, OrderReport, OrderRole, Side, Signal, TimeInForce

START = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)  # a Wednesday, 11:00 in New York
ALWAYS_OPEN = TradingCalendar(CalendarName.ALWAYS_OPEN)
NYSE = TradingCalendar()
UBER_PUT = ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78), Right.PUT, date(2026, 3, 20))
NOTHING_FILLS = Scenario(fills=(FillRule(),))


def listed(query: ContractQuery = UBER_PUT, now: datetime = START, calendar: TradingCalendar = ALWAYS_OPEN) -> Contract:
    found = list_contract(query, now, calendar)
    assert isinstance(found, Contract), found
    return found


class PaperBench:
    """`now` moves with `after`; every report that was delivered is in `reports`."""

    def __init__(
        self,
        scenario: Scenario = NOTHING_FILLS,
        *,
        seed: int = 1,
        cash: str = "50000",
        calendar: TradingCalendar = ALWAYS_OPEN,
        now: datetime = START,
    ) -> None:
        script = Script(scenario)
        self.now = now
        self.market = SimulatedMarket(seed, script)
        self.broker = SimulatedBroker(self.market, script, Ledger(cash=Decimal(cash), starting_cash=Decimal(cash)))
        self.contract = listed(now=now, calendar=calendar)
        self.reports: list[OrderReport] = []
        self.broker.listen(self.reports.append)
        self._orders = 0

    def after(self, seconds: float) -> None:
        """Let market time pass."""
        self.now += timedelta(seconds=seconds)
        self.broker.advance(self.now)

    def book(self, bid: str | None, ask: str | None) -> None:
        """Make the contract's quote, which stays fresh; None is an empty side."""
        step = QuoteStep(bid=None if bid is None else Decimal(bid), ask=None if ask is None else Decimal(ask))
        self.broker.set_quote(self.contract, step, self.now)

    def order(
        self,
        side: Side = Side.BUY_TO_OPEN,
        quantity: int = 4,
        price: str | None = "0.75",
        *,
        time_in_force: TimeInForce = TimeInForce.DAY,
        replaces: str | None = None,
    ) -> Order:
        self._orders += 1
        return Order(
            client_order_id=f"T1-{self._orders}",
            trade_id="T1",
            role=OrderRole.ENTRY if side.is_buy else OrderRole.EXIT,
            contract=self.contract,
            side=side,
            quantity=quantity,
            limit_price=None if price is None else Decimal(price),
            time_in_force=time_in_force,
            sent_at=self.now,
            replaces=replaces,
        )

    def placed(self, order: Order) -> str:
        """Submit an order that must be accepted, and return the broker's id."""
        answer = self.broker.submit(order, self.now)
        assert isinstance(answer, OrderAccepted), answer
        return answer.broker_order_id

    def working(self, order: Order) -> str:
        """Submit an order and let it go live."""
        broker_order_id = self.placed(order)
        self.after(1)
        return broker_order_id

    def held(self, quantity: int, price: str = "0.75") -> None:
        """Have the account hold contracts."""
        self.broker.trade_by_hand(self.contract, Side.BUY_TO_OPEN, quantity, Decimal(price), self.now)

    def report(self, broker_order_id: str) -> OrderReport:
        """Return what the broker says of an order now."""
        order = self.broker.register.find(broker_order_id)
        assert order is not None
        return order.report()

    def status(self, broker_order_id: str) -> Signal:
        return self.report(broker_order_id).status
