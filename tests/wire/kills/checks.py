"""What the broker's own books must show whenever a desk was killed: looked at with every change, and at rest.

The books are the truth that the desk cannot see: nothing here asks the desk.
"""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.wire.tastytrade.ledger import WORKING, Ledger
from tests.wire.tastytrade.stand_in import TastytradeStandIn

CENT = Decimal("0.01")
Order = dict[str, Any]


@define
class Books:
    """`violations` are what was seen while it happened."""

    ledger: Ledger
    violations: list[str] = field(factory=list)

    def orders(self, role: str, trade: str | None = None) -> list[Order]:
        """Return the orders of a role (E, X, C), of one trade where given, in the order in which they came."""
        found = [order for order in self.ledger.orders.values() if _role(order) == role]
        return [order for order in found if trade in (None, _trade(order))]

    @property
    def trades(self) -> list[str]:
        return list(dict.fromkeys(_trade(order) for order in self.orders("E")))

    # ---- at every change -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Note what must not be, at any instant."""
        ids = Counter(order["external-identifier"] for order in self.ledger.orders.values())
        self._note(f"{name} is there {count} times" for name, count in ids.items() if count > 1)
        for trade in self.trades:
            run = self.orders("E", trade)
            size = int(run[0]["size"])
            working = [order for order in run if _works(order)]
            filled, leaves = sum(map(_filled, run)), sum(map(_leaves, working))
            if len(working) > 1:
                self._note([f"two entry orders of {trade} work: {[order['id'] for order in working]}"])
            met_a_fill = any(_filled(order) for order in run if order.get("replacing-order-id"))
            if filled + leaves > size and not met_a_fill:  # a step and a fill crossed: see `scene.WRITES`
                self._note([f"{filled} filled and {leaves} working of {size} in {trade}"])
        for symbol in self.ledger.held:
            sells = [order for role in "XC" for order in self.orders(role) if order["legs"][0]["symbol"] == symbol]
            offered = sum(_leaves(order) for order in sells if _works(order))
            if offered > self.ledger.quantity(symbol):
                self._note([f"{offered} {symbol} are offered and {self.ledger.quantity(symbol)} held"])

    def _note(self, found: Any) -> None:
        self.violations.extend(told for told in found if told not in self.violations)

    # ---- at rest ---------------------------------------------------------------------------------------------------

    def amiss_at_rest(self) -> list[str]:
        """Return what is still to come: entries and closes that work, contracts that are not covered."""
        found = [f"{order['external-identifier']} works" for role in "EC" for order in self._working(role)]
        closed = {order["legs"][0]["symbol"] for order in self.orders("C")}
        for trade in self.trades:
            run = self.orders("E", trade)
            if run[0]["legs"][0]["symbol"] in closed:
                continue
            wanted, exits = sum(map(_filled, run)) // 2, self.orders("X", trade)
            offered = sum(_filled(order) + (_leaves(order) if order["status"] in WORKING else 0) for order in exits)
            if offered != wanted:
                found.append(f"{trade}: {offered} of {wanted} are covered")
        return found

    def _working(self, role: str) -> list[Order]:
        return [order for order in self.orders(role) if order["status"] in WORKING]

    def wrong_exits(self) -> list[str]:
        """Return the exits whose price is not twice an average that was true, or that do not last."""
        wrong = []
        for trade in self.trades:
            prices = self._targets(trade)
            wrong += [
                f"{order['external-identifier']} at {order['price']} {order['time-in-force']}, not in {sorted(prices)}"
                for order in self.orders("X", trade)
                if Decimal(order["price"]) not in prices or order["time-in-force"] != "GTC"
            ]
        return wrong

    def _targets(self, trade: str) -> set[Decimal]:
        """Return what an exit may have cost after each of the entry's fills: twice the average, up to the cent."""
        fills = [fill for order in self.orders("E", trade) for fill in order["legs"][0]["fills"]]
        quantity, cost, found = 0, Decimal(0), set()
        for fill in sorted(fills, key=lambda fill: int(fill["fill-id"].rpartition(":")[2])):
            quantity += fill["quantity"]
            cost += fill["quantity"] * Decimal(fill["fill-price"])
            found.add((2 * cost / quantity).quantize(CENT, rounding=ROUND_CEILING))
        return found


def loose_sells(broker: TastytradeStandIn) -> list[object]:
    """Return the sales that were asked for without the flag that keeps them from opening a position."""
    asked = [request.body for request in broker.requests if request.method in {"POST", "PUT"}]
    sells = [body for body in asked if body and body.get("legs") and body["legs"][0]["action"] == "Sell to Close"]
    strict = {"strict-position-effect-validation": True}
    return [body for body in sells if body.get("advanced-instructions") != strict]


@define
class Record:
    """The desk's log, as rows of SQLite."""

    path: Path

    def rows(self, kind: str) -> list[tuple[str | None, dict[str, Any]]]:
        """Return the trade ids and bodies of a kind."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as log, log:
            found = log.execute("SELECT trade_id, body FROM audit WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
        log.close()
        return [(trade_id, json.loads(body)) for trade_id, body in found]

    def trades_by_message(self) -> dict[str, list[str]]:
        """Return the trade ids under which each message was taken in."""
        found: dict[str, list[str]] = {}
        for trade_id, body in self.rows("AlertReceived"):
            found.setdefault(str(body["message"]["message_id"]), []).append(str(trade_id))
        return found

    def intended(self) -> set[str]:
        """Return the client order ids of all orders that the desk has decided to send."""
        sent = [body for kind in ("SubmitOrder", "ReplaceOrder") for _, body in self.rows(kind)]
        return {str(body["order"]["client_order_id"]) for body in sent}


def _role(order: Order) -> str:
    return str(order["external-identifier"].rpartition("-")[2][0])


def _trade(order: Order) -> str:
    return str(order["external-identifier"].rpartition("-")[0])


def _works(order: Order) -> bool:
    """Whether it may fill now: a replacement that waits for the end of what it replaces may not."""
    return order["status"] in WORKING and order["status"] != "Contingent"


def _filled(order: Order) -> int:
    return sum(int(fill["quantity"]) for fill in order["legs"][0]["fills"])


def _leaves(order: Order) -> int:
    return int(order["legs"][0]["remaining-quantity"])
