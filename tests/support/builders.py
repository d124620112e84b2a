"""Values for tests of the core: policies, contracts, messages, quotes, all with defaults that trade."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.account import Balances
from domain.alerts import InstrumentKind, Right
from domain.calendar import CalendarName, TradingCalendar
from domain.instruments import Contract, ContractQuery, occ_symbol
from domain.ladder import LadderPlan
from domain.messages import Message, MessageKind, Source
from domain.orders import Fill, Order, OrderReport, OrderRole, OrderStatus, Side, Signal, TimeInForce
from domain.policies import EntryPolicy, Policies
from domain.quotes import Quote
from domain.ticks import PENNY_PROGRAM, TickTable

# A Friday, half an hour after the opening bell in New York.
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
EXPIRY = date(2026, 12, 4)
AUTHOR, OTHER_AUTHOR, STRANGER = 11, 12, 99
ROOM = 21
WEBHOOK = 31
ALERT = "BTO UBER 78p 12/04 @ 0.75"
ALWAYS_OPEN = TradingCalendar(CalendarName.ALWAYS_OPEN)
NYSE = TradingCalendar(CalendarName.NYSE)
MONEY = Balances(Decimal(50_000), Decimal(100_000))


def dec(text: str) -> Decimal:
    return Decimal(text)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def make_policies(**changes: Any) -> Policies:
    parts: dict[str, Any] = {
        "calendar": CalendarName.ALWAYS_OPEN,
        "allowed_users": frozenset({AUTHOR, OTHER_AUTHOR}),
        "allowed_channels": frozenset({ROOM}),
        "allowed_webhooks": frozenset({WEBHOOK}),
    }
    return Policies(**parts | changes)


def make_contract(
    strike: str = "78",
    *,
    underlying: str = "UBER",
    right: Right = Right.PUT,
    expires_on: date = EXPIRY,
    ticks: TickTable = PENNY_PROGRAM,
    calendar: TradingCalendar = ALWAYS_OPEN,
    **changes: Any,
) -> Contract:
    parts: dict[str, Any] = {
        "symbol": occ_symbol(underlying, expires_on, right, Decimal(strike)),
        "underlying": underlying,
        "kind": InstrumentKind.OPTION,
        "multiplier": Decimal(100),
        "ticks": ticks,
        "calendar": calendar,
        "strike": Decimal(strike),
        "right": right,
        "expires_on": expires_on,
        "cut_off": datetime(expires_on.year, expires_on.month, expires_on.day, 21, 0, tzinfo=UTC),
    }
    return Contract(**parts | changes)


def contract_for(query: ContractQuery, calendar: TradingCalendar = ALWAYS_OPEN) -> Contract:
    """Return the listed contract that is exactly `query`."""
    if query.strike is None or query.right is None or query.expires_on is None:
        return Contract(
            symbol=query.symbol,
            underlying=query.symbol,
            kind=query.kind,
            multiplier=Decimal(1),
            ticks=PENNY_PROGRAM,
            calendar=calendar,
        )
    return make_contract(
        str(query.strike),
        underlying=query.symbol,
        right=query.right,
        expires_on=query.expires_on,
        calendar=calendar,
    )


def make_message(text: str = ALERT, *, message_id: str = "m1", at: datetime = START, **changes: Any) -> Message:
    parts: dict[str, Any] = {
        "message_id": message_id,
        "channel_id": ROOM,
        "user_id": AUTHOR,
        "posted_at": at,
        "text": text,
        "kind": MessageKind.POST,
        "source": Source.API,
    }
    return Message(**parts | changes)


def make_quote(bid: str | None = "0.70", ask: str | None = "0.80", at: datetime = START) -> Quote:
    return Quote(None if bid is None else Decimal(bid), None if ask is None else Decimal(ask), at)


def make_plan(
    start: str = "0.75",
    *,
    side: Side = Side.BUY_TO_OPEN,
    cap: str | None = "0.90",
    contract: Contract | None = None,
    **policy: Any,
) -> LadderPlan:
    return LadderPlan(
        contract=contract or make_contract(),
        side=side,
        start=Decimal(start),
        cap=None if cap is None else Decimal(cap),
        policy=EntryPolicy(**policy),
        quote_age_max=seconds(2),
    )


def make_order(status: OrderStatus = OrderStatus.SENDING, **changes: Any) -> Order:
    parts: dict[str, Any] = {
        "client_order_id": "T1-E1",
        "trade_id": "T1",
        "role": OrderRole.ENTRY,
        "contract": make_contract(),
        "side": Side.BUY_TO_OPEN,
        "quantity": 4,
        "limit_price": Decimal("0.75"),
        "time_in_force": TimeInForce.DAY,
        "sent_at": START,
        "status": status,
    }
    return Order(**parts | changes)


def make_fill(number: int = 1, quantity: int = 1, price: str = "0.75", at: datetime = START) -> Fill:
    return Fill(f"f{number}", quantity, Decimal(price), at)


def make_report(status: Signal = Signal.REPORTED_WORKING, *fills: Fill, **changes: Any) -> OrderReport:
    parts: dict[str, Any] = {
        "broker_order_id": "B1",
        "client_order_id": "T1-E1",
        "symbol": make_contract().symbol,
        "side": Side.BUY_TO_OPEN,
        "quantity": 4,
        "limit_price": Decimal("0.75"),
        "status": status,
        "filled_quantity": sum(fill.quantity for fill in fills),
        "fills": fills,
    }
    return OrderReport(**parts | changes)
