"""The account at Tastytrade: what it can spend, what it holds, and every order that matters."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from adapters.tastytrade.json_values import Json, decimal, mapping, mappings, text, whole
from adapters.tastytrade.reports import LIVE, report_of
from adapters.tastytrade.session import TastytradeSession
from domain.account import Balances, Position
from domain.calendar import new_york_date
from domain.orders import OrderReport
from domain.value import Value
from ports.account import Account
from ports.errors import PortProtocolError, PortUnavailableError

logger = logging.getLogger(__name__)

PER_PAGE = 100
PAGES_MAX = 200
SIGNS = {"Long": 1, "Short": -1, "Zero": 0}


class AccountNotFoundError(Exception):
    """The credentials are good and their login has no such account. Only a person can put it right."""


class TastytradeAccount(Account):
    def __init__(self, session: TastytradeSession) -> None:
        self._session = session
        self._path = f"/accounts/{session.account}"

    async def confirm(self) -> None:
        """Make sure that the account is open and belongs to these credentials.

        Raises AccountNotFoundError when it is not, TastytradeAuthError or PortUnavailableError when that stays open.
        """
        envelope = await self._session.read("accounts", "/customers/me/accounts")
        listed = [mapping(item.get("account")) for item in mappings(envelope["data"]["items"])]
        mine = [account for account in listed if account.get("account-number") == self._session.account]
        if not mine:
            raise AccountNotFoundError(
                f"TASTYTRADE_ACCOUNT = {self._session.shown_account} is none of this login's {len(listed)} accounts: "
                "copy the account number from Tastytrade's account page"
            )
        if mine[0].get("is-closed") is True:
            raise AccountNotFoundError(
                f"TASTYTRADE_ACCOUNT = {self._session.shown_account} is closed: name an open account"
            )

    async def balances(self) -> Balances:
        """Return buying power for options and net liquidation value. Raises PortProtocolError where one is missing."""
        envelope = await self._session.read("balances", f"{self._path}/balances/USD", listed=False)
        told = mapping(envelope["data"])
        return Balances(_amount(told, "derivative-buying-power"), _amount(told, "net-liquidating-value"))

    async def positions(self) -> tuple[Position, ...]:
        envelope = await self._session.read("positions", f"{self._path}/positions")
        held: dict[str, list[_Holding]] = {}
        for item in _items(envelope, "positions"):
            holding = self._holding(item)
            if holding.quantity:
                held.setdefault(holding.symbol, []).append(holding)
        return tuple(_position(symbol, parts) for symbol, parts in held.items())

    async def orders(self, since: datetime) -> tuple[OrderReport, ...]:
        """Return live orders, today's and those since `since`: complete, or PortUnavailableError."""
        found: dict[str, OrderReport] = {}
        await self._read_live(found)
        await self._read_history(since, found)
        return tuple(found.values())

    async def live_orders(self) -> tuple[OrderReport, ...]:
        """Return today's orders in any state, and older ones that are live."""
        found: dict[str, OrderReport] = {}
        await self._read_live(found)
        return tuple(found.values())

    async def _read_live(self, found: dict[str, OrderReport]) -> None:
        envelope = await self._session.read("live_orders", f"{self._path}/orders/live")
        self._take_in(found, _items(envelope, "live orders"))

    async def _read_history(self, since: datetime, found: dict[str, OrderReport]) -> None:
        # By day, in New York, and a day early: the day that an order counts for is the broker's.
        first_day = new_york_date(since) - timedelta(days=1)
        read, expected = 0, 0
        for page in range(PAGES_MAX):
            params = {"start-date": first_day.isoformat(), "per-page": PER_PAGE, "page-offset": page, "sort": "Desc"}
            envelope = await self._session.read("order_history", f"{self._path}/orders", params)
            items = _items(envelope, "order history")
            self._take_in(found, items)
            read += len(items)
            paging = mapping(envelope.get("pagination"))
            pages = whole(paging.get("total-pages"))
            expected = max(expected, whole(paging.get("total-items")) or 0)
            if pages is None and len(items) >= PER_PAGE and read > expected:
                raise PortUnavailableError(
                    f"the order history is incomplete: page {page + 1} is full, with {len(items)} orders, and neither "
                    "total-pages nor total-items says whether that is all"
                )
            if pages is None or page >= pages - 1:
                break
        else:
            raise PortUnavailableError(f"the order history has more than {PAGES_MAX} pages since {first_day}")
        if read < expected:
            raise PortUnavailableError(f"the order history is incomplete: {read} of {expected} orders came")

    def _take_in(self, found: dict[str, OrderReport], items: Iterable[Json]) -> None:
        for item in items:
            report = report_of(item, self._session.redactor)
            if report is None:
                raise PortProtocolError("the broker listed an order without an id: nothing can be proven by the list")
            known = found.get(report.broker_order_id)
            if known is None or _supersedes(report, known):
                found[report.broker_order_id] = report

    def _holding(self, item: Json) -> "_Holding":
        symbol, quantity = text(item.get("symbol")), decimal(item.get("quantity"))
        sign = SIGNS.get(text(item.get("quantity-direction")) or "")
        if symbol is None or quantity is None or sign is None:
            keys = self._session.redactor.clean(sorted(item))
            raise PortProtocolError(f"a position has no symbol, quantity or direction; its keys are {keys}")
        average = decimal(item.get("average-open-price"))
        # Parts of a share cannot be traded here; what is whole of them can.
        return _Holding(symbol, sign * int(abs(quantity)), None if average is None else abs(average))


def _supersedes(later: OrderReport, earlier: OrderReport) -> bool:
    """Whether the later read of an order counts: not where it lags behind and would take back a fill or an end."""
    if later.filled_quantity != earlier.filled_quantity:
        return later.filled_quantity > earlier.filled_quantity
    return later.status not in LIVE or earlier.status in LIVE


@frozen
class _Holding(Value):
    symbol: str
    quantity: int
    average_price: Decimal | None


def _position(symbol: str, parts: list[_Holding]) -> Position:
    quantity = sum(part.quantity for part in parts)
    if len(parts) == 1:
        return Position(symbol, quantity, parts[0].average_price)
    costs = [part.average_price * part.quantity for part in parts if part.average_price is not None]
    known = len(costs) == len(parts) and quantity != 0
    return Position(symbol, quantity, sum(costs, Decimal(0)) / quantity if known else None)


def _items(envelope: Json, what: str) -> list[Json]:
    items = envelope["data"]["items"]
    entries = mappings(items)
    if len(entries) != len(items):
        raise PortProtocolError(f"{what}: {len(items) - len(entries)} of {len(items)} entries are no objects")
    return entries


def _amount(told: Json, key: str) -> Decimal:
    amount = decimal(told.get(key))
    if amount is None:
        raise PortProtocolError(f"the broker's balances say nothing readable of {key}")
    return -abs(amount) if told.get(f"{key}-effect") == "Debit" else amount
