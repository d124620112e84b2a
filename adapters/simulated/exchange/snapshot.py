"""The paper account as plain data for JSON, and back: orders, money, holdings, anchors, where the scenario stands.

Reports on their way and quotes set by hand are not part of it. Numbers travel as text, so that nothing is rounded.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from adapters.simulated.exchange.book import Act, BookOrder, PlannedFill
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.ledger import Holding, Ledger
from adapters.simulated.exchange.register import OrderRegister
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.market.prices import Anchor
from adapters.simulated.scenario.script import Script
from domain.alerts import InstrumentKind, Right
from domain.calendar import CalendarName, TradingCalendar
from domain.instruments import Contract
from domain.orders import Fill, OrderRole, Side, Signal, TimeInForce
from domain.ticks import TickBand, TickTable

Data = dict[str, Any]
T = TypeVar("T")
VERSION = 1


def snapshot(broker: SimulatedBroker) -> Data:
    """Return everything that a broker restored from it needs to go on in the same way."""
    orders = list(broker.register.all())
    contracts = {order.contract.symbol: order.contract for order in orders}
    contracts |= {symbol: holding.contract for symbol, holding in broker.ledger.holdings.items()}
    return {
        "version": VERSION,
        "last": _text(broker.last),
        "next_number": broker.register.next_number,
        "fills_given": broker.lifecycle.fills_given,
        "ledger": _ledger_to_data(broker.ledger),
        "contracts": [_contract_to_data(contracts[symbol]) for symbol in sorted(contracts)],
        "orders": [_order_to_data(order) for order in orders],
        "anchors": {
            name: {"price": str(anchor.price), "at": anchor.at.isoformat(), "calm": anchor.calm}
            for name, anchor in broker.market.anchors.items()
        },
        "script": broker.script.state(),
    }


def restore(data: Mapping[str, Any], market: SimulatedMarket, script: Script) -> SimulatedBroker:
    """Return a broker as it was when `data` was taken, and bring the fresh `market` and `script` to where they stood.

    Raises ValueError, KeyError or TypeError for what is no snapshot of this version.
    """
    if data["version"] != VERSION:
        raise ValueError(f"snapshot version {data['version']!r} is not {VERSION}")
    contracts = {contract.symbol: contract for contract in map(_contract_from_data, data["contracts"])}
    market.anchors = {
        name: Anchor(Decimal(anchor["price"]), datetime.fromisoformat(anchor["at"]), anchor["calm"])
        for name, anchor in data["anchors"].items()
    }
    begun = {symbol: datetime.fromisoformat(at) for symbol, at in data["script"]["begun"].items()}
    script.resume(data["script"]["counts"], begun)
    orders = [_order_from_data(order, contracts) for order in data["orders"]]
    return SimulatedBroker(
        market,
        script,
        _ledger_from_data(data["ledger"], contracts),
        OrderRegister(orders, data["next_number"]),
        fills_given=data["fills_given"],
        last=_maybe(datetime.fromisoformat, data["last"]),
    )


def _text(value: datetime | date | Decimal | None) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def _maybe(read: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else read(text)


def _ledger_to_data(ledger: Ledger) -> Data:
    return {
        "cash": str(ledger.cash),
        "starting_cash": str(ledger.starting_cash),
        "fees": str(ledger.fees),
        "settled": str(ledger.settled),
        "holdings": [
            {"symbol": symbol, "quantity": holding.quantity, "cost": str(holding.cost)}
            for symbol, holding in ledger.holdings.items()
        ],
    }


def _ledger_from_data(data: Mapping[str, Any], contracts: Mapping[str, Contract]) -> Ledger:
    return Ledger(
        cash=Decimal(data["cash"]),
        starting_cash=Decimal(data["starting_cash"]),
        fees=Decimal(data["fees"]),
        settled=Decimal(data["settled"]),
        holdings={
            held["symbol"]: Holding(contracts[held["symbol"]], held["quantity"], Decimal(held["cost"]))
            for held in data["holdings"]
        },
    )


def _contract_to_data(contract: Contract) -> Data:
    return {
        "symbol": contract.symbol,
        "underlying": contract.underlying,
        "kind": contract.kind.value,
        "multiplier": str(contract.multiplier),
        "ticks": [[str(band.tick), _text(band.below)] for band in contract.ticks.bands],
        "calendar": contract.calendar.name.value,
        "strike": _text(contract.strike),
        "right": contract.right,
        "expires_on": _text(contract.expires_on),
        "cut_off": _text(contract.cut_off),
        "closing_only": contract.closing_only,
    }


def _contract_from_data(data: Mapping[str, Any]) -> Contract:
    return Contract(
        symbol=data["symbol"],
        underlying=data["underlying"],
        kind=InstrumentKind(data["kind"]),
        multiplier=Decimal(data["multiplier"]),
        ticks=TickTable(tuple(TickBand(Decimal(tick), _maybe(Decimal, below)) for tick, below in data["ticks"])),
        calendar=TradingCalendar(CalendarName(data["calendar"])),
        strike=_maybe(Decimal, data["strike"]),
        right=_maybe(Right, data["right"]),
        expires_on=_maybe(date.fromisoformat, data["expires_on"]),
        cut_off=_maybe(datetime.fromisoformat, data["cut_off"]),
        closing_only=data["closing_only"],
    )


def _order_to_data(order: BookOrder) -> Data:
    return {
        "number": order.number,
        "broker_order_id": order.broker_order_id,
        "client_order_id": order.client_order_id,
        "role": order.role,
        "symbol": order.contract.symbol,
        "side": order.side.value,
        "quantity": order.quantity,
        "limit_price": _text(order.limit_price),
        "reserved_price": str(order.reserved_price),
        "time_in_force": order.time_in_force.value,
        "received_at": order.received_at.isoformat(),
        "changed_at": order.changed_at.isoformat(),
        "status": order.status.value,
        "fills": [
            {"id": fill.fill_id, "quantity": fill.quantity, "price": str(fill.price), "at": fill.at.isoformat()}
            for fill in order.fills
        ],
        "replaces": order.replaces,
        "replaced_by": order.replaced_by,
        "reason": order.reason,
        "rejection": order.rejection,
        "follows_book": order.follows_book,
        "plan": [
            {"at": planned.at.isoformat(), "quantity": planned.quantity, "price": _text(planned.price)}
            for planned in order.plan
        ],
        "agenda": {act.value: at.isoformat() for act, at in order.agenda.items()},
    }


def _order_from_data(data: Mapping[str, Any], contracts: Mapping[str, Contract]) -> BookOrder:
    instant = datetime.fromisoformat
    return BookOrder(
        number=data["number"],
        broker_order_id=data["broker_order_id"],
        client_order_id=data["client_order_id"],
        role=_maybe(OrderRole, data["role"]),
        contract=contracts[data["symbol"]],
        side=Side(data["side"]),
        quantity=data["quantity"],
        limit_price=_maybe(Decimal, data["limit_price"]),
        reserved_price=Decimal(data["reserved_price"]),
        time_in_force=TimeInForce(data["time_in_force"]),
        received_at=instant(data["received_at"]),
        changed_at=instant(data["changed_at"]),
        status=Signal(data["status"]),
        fills=tuple(
            Fill(fill["id"], fill["quantity"], Decimal(fill["price"]), instant(fill["at"])) for fill in data["fills"]
        ),
        replaces=data["replaces"],
        replaced_by=data["replaced_by"],
        reason=data["reason"],
        rejection=data["rejection"],
        follows_book=data["follows_book"],
        plan=tuple(
            PlannedFill(instant(planned["at"]), planned["quantity"], _maybe(Decimal, planned["price"]))
            for planned in data["plan"]
        ),
        agenda={Act(act): instant(at) for act, at in data["agenda"].items()},
    )
