"""The stand-in's books: orders as the service documents them, positions, money. Tests move them by hand.

It knows nothing of the adapter. Every change of an order is told to `on_change` as the order's whole JSON.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from attrs import define, field

MULTIPLIER = Decimal(100)
STARTING_CASH = Decimal(10_000)
WORKING = {"Received", "Routed", "In Flight", "Live", "Cancel Requested", "Replace Requested", "Contingent"}
ENDED = {"Filled", "Cancelled", "Expired", "Rejected", "Removed", "Partially Removed"}


class RefusedError(Exception):
    """The service's own refusal: a status and its error envelope."""

    def __init__(self, status: int, code: str, message: str, *inner: tuple[str, str]) -> None:
        super().__init__(code)
        self.status = status
        self.body: dict[str, object] = {"error": {"code": code, "message": message}}
        if inner:
            self.body["error"] = {
                "code": code,
                "message": message,
                "errors": [{"code": each, "message": words} for each, words in inner],
            }


@define
class Ledger:
    account: str
    cash: Decimal = STARTING_CASH
    orders: dict[int, dict] = field(factory=dict)
    held: dict[str, list[tuple[int, Decimal]]] = field(factory=dict)
    on_change: Callable[[dict], None] = lambda _order: None
    _ids: "count[int]" = field(factory=lambda: count(284_000_001), init=False)
    _fill_ids: "count[int]" = field(factory=lambda: count(1), init=False)

    # ---- what the service does -------------------------------------------------------------------------------------

    def check(self, body: dict, replacing: int | None = None) -> dict:
        """Return the order that `body` asks for, without an id. Raises RefusedError for what preflight refuses."""
        legs = body.get("legs") or self.orders[replacing]["legs"]
        leg, price = legs[0], body.get("price")
        quantity = int(leg["quantity"])
        if body["order-type"] == "Limit" and price is None:
            raise RefusedError(400, "validation_error", "Request validation failed", ("price", "is required"))
        if leg["action"] == "Sell to Close":
            working = sum(self._leaves(order) for order in self._sells(leg["symbol"]) if order["id"] != replacing)
            if quantity > self.quantity(leg["symbol"]) - working:
                words = ("not_enough_position", "You do not hold that many contracts to close")
                raise RefusedError(422, "preflight_check_failure", "One or more preflight checks failed", words)
        else:
            cost = Decimal(price or 0) * quantity * MULTIPLIER
            if cost > self.buying_power + (self._reserved(self.orders[replacing]) if replacing else 0):
                words = ("margin_check_failed", "Account does not have sufficient buying power available")
                raise RefusedError(422, "preflight_check_failure", "One or more preflight checks failed", words)
        return self._new_order(body, leg, quantity)

    def place(self, body: dict) -> dict:
        """Take an order; it is live at once after."""
        order = self._add(self.check(body))
        answer = deepcopy(order)
        self.set_status(order["id"], "Live")
        return answer

    def cancel(self, order_id: int) -> dict:
        order = self._open_order(order_id, "cancelled")
        self.set_status(order_id, "Cancel Requested")
        self.end(order_id, "Cancelled")
        return deepcopy(order)

    def begin_replace(self, order_id: int, body: dict) -> dict:
        """Take a replacement, which is contingent until `finish_replace`."""
        self._open_order(order_id, "replaced")
        order = self.check(body, replacing=order_id)
        order.update({"status": "Contingent", "replaces-order-id": order_id})
        self.set_status(order_id, "Replace Requested")
        added = self._add(order)
        return deepcopy(added)

    def finish_replace(self, order_id: int, new_id: int) -> None:
        """End the original and route the replacement, unless a fill has aborted it."""
        if self.orders[new_id]["status"] != "Contingent":
            return
        self.orders[order_id].update({"edited": True, "replacing-order-id": new_id})
        self.end(order_id, "Cancelled")
        self.set_status(new_id, "Live")

    # ---- what tests do ---------------------------------------------------------------------------------------------

    def fill(self, order_id: int, quantity: int, price: Decimal) -> None:
        """Execute part of an order; an unfinished replacement of it is aborted."""
        order = self.orders[order_id]
        leg = order["legs"][0]
        leg["remaining-quantity"] = self._leaves(order) - quantity
        leg["fills"].append(
            {
                "fill-id": f"8_TW::{next(self._fill_ids)}",
                "quantity": quantity,
                "fill-price": f"{price:.2f}",
                "filled-at": _now(),
                "destination-venue": "CBOE",
                "ext-group-fill-id": "0",
                "ext-exec-id": "1",
            }
        )
        sign = 1 if leg["action"].startswith("Buy") else -1
        self.held.setdefault(leg["symbol"], []).append((sign * quantity, price))
        self.cash -= sign * price * quantity * MULTIPLIER
        for other in list(self.orders.values()):
            if other.get("replaces-order-id") == order_id and other["status"] == "Contingent":
                other["reject-reason"] = "The original order was filled"
                self.end(other["id"], "Rejected")
        if leg["remaining-quantity"] == 0:
            self.end(order_id, "Filled")
        else:
            self.set_status(order_id, "Live")

    def end(self, order_id: int, status: str) -> None:
        self.orders[order_id].update({"cancellable": False, "editable": False, "terminal-at": _now()})
        self.set_status(order_id, status)

    def set_status(self, order_id: int, status: str) -> None:
        order = self.orders[order_id]
        order.update({"status": status, "updated-at": int(datetime.now(UTC).timestamp() * 1000)})
        self.on_change(deepcopy(order))

    def quantity(self, symbol: str) -> int:
        return sum(quantity for quantity, _ in self.held.get(symbol, []))

    @property
    def buying_power(self) -> Decimal:
        return self.cash - sum((self._reserved(order) for order in self.orders.values()), Decimal(0))

    def placed_as(self, external_identifier: str) -> list[dict]:
        """Return the orders that carry a client order id: the truth that the adapter cannot see."""
        return [order for order in self.orders.values() if order.get("external-identifier") == external_identifier]

    # ---- JSON ------------------------------------------------------------------------------------------------------

    def positions_json(self) -> list[dict]:
        found = []
        for symbol, parts in self.held.items():
            quantity = self.quantity(symbol)
            bought = [(each, price) for each, price in parts if each > 0]
            total = sum(each for each, _ in bought)
            average = sum((each * price for each, price in bought), Decimal(0)) / total if total else Decimal(0)
            found.append(
                {
                    "account-number": self.account,
                    "symbol": symbol,
                    "instrument-type": "Equity Option",
                    "underlying-symbol": symbol[:6].strip(),
                    "quantity": str(abs(quantity)),
                    "quantity-direction": "Long" if quantity > 0 else "Short" if quantity else "Zero",
                    "close-price": "0.75",
                    "average-open-price": str(average),
                    "multiplier": 100,
                    "cost-effect": "Credit",
                    "is-suppressed": False,
                    "is-frozen": False,
                    "realized-day-gain": "0.0",
                    "realized-today": "0.0",
                    "created-at": _now(),
                    "updated-at": _now(),
                }
            )
        return [position for position in found if position["quantity"] != "0"]

    def effect_json(self, order: dict) -> dict:
        cost = Decimal(order.get("price", "0")) * Decimal(order["size"]) * MULTIPLIER
        after = self.buying_power - cost
        money = {
            "change-in-margin-requirement": "0.0",
            "change-in-buying-power": f"{cost + 1:.2f}",
            "current-buying-power": f"{self.buying_power:.2f}",
            "new-buying-power": f"{after:.2f}",
            "isolated-order-margin-requirement": "0.0",
        }
        effects = {f"{key}-effect": "Credit" for key in money} | {"change-in-buying-power-effect": "Debit"}
        return money | effects | {"is-spread": False, "impact": f"{cost:.2f}", "effect": "Debit"}

    # ---- insides ---------------------------------------------------------------------------------------------------

    def _new_order(self, body: dict, leg: dict, quantity: int) -> dict:
        order = {
            "account-number": self.account,
            "time-in-force": body["time-in-force"],
            "order-type": body["order-type"],
            "size": str(quantity),
            "underlying-symbol": leg["symbol"][:6].strip(),
            "underlying-instrument-type": "Equity",
            "status": "Received",
            "cancellable": True,
            "editable": True,
            "edited": False,
            "received-at": _now(),
            "updated-at": 0,
            "legs": [
                {
                    "instrument-type": leg["instrument-type"],
                    "symbol": leg["symbol"],
                    "action": leg["action"],
                    "quantity": quantity,
                    "remaining-quantity": quantity,
                    "fills": [],
                }
            ],
        }
        optional = ("price", "price-effect", "source", "external-identifier")
        return order | {key: body[key] for key in optional if key in body}

    def _add(self, order: dict) -> dict:
        order["id"] = next(self._ids)
        self.orders[order["id"]] = order
        self.set_status(order["id"], order["status"])
        return order

    def _open_order(self, order_id: int, wanted: str) -> dict:
        order = self.orders.get(order_id)
        if order is None:
            raise RefusedError(404, "not_found", f"Order {order_id} not found")
        if order["status"] in ENDED:
            raise RefusedError(422, "cannot_update_order", f"You cannot have an order {wanted} that has ended")
        return order

    def _sells(self, symbol: str) -> list[dict]:
        open_orders = [order for order in self.orders.values() if order["status"] in WORKING]
        return [
            order
            for order in open_orders
            if (order["legs"][0]["symbol"], order["legs"][0]["action"]) == (symbol, "Sell to Close")
        ]

    def _leaves(self, order: dict) -> int:
        return int(order["legs"][0]["remaining-quantity"])

    def _reserved(self, order: dict) -> Decimal:
        if order["status"] not in WORKING or order["legs"][0]["action"] != "Buy to Open":
            return Decimal(0)
        return Decimal(order.get("price", "0")) * self._leaves(order) * MULTIPLIER


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
