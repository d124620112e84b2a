"""What the stand-in lists: chains, shares, futures, and the account's pages, with every documented key."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

PENNY = ({"value": "0.01", "threshold": "3.0"}, {"value": "0.05"})
INDEX = ({"value": "0.05", "threshold": "3.0"}, {"value": "0.1"})


def occ(root: str, day: date, side: str, strike: Decimal) -> str:
    return f"{root:<6}{day:%y%m%d}{side}{int(strike * 1000):08d}"


def streamer_symbol(root: str, day: date, side: str, strike: Decimal) -> str:
    return f".{root}{day:%y%m%d}{side}{strike.normalize():f}"


def expiration(root: str, day: date, strikes: Iterable[str], settlement: str = "PM") -> dict:
    return {
        "expiration-type": "Weekly",
        "expiration-date": day.isoformat(),
        "days-to-expiration": 9,
        "settlement-type": settlement,
        "strikes": [
            {
                "strike-price": strike,
                "call": occ(root, day, "C", Decimal(strike)),
                "call-streamer-symbol": streamer_symbol(root, day, "C", Decimal(strike)),
                "put": occ(root, day, "P", Decimal(strike)),
                "put-streamer-symbol": streamer_symbol(root, day, "P", Decimal(strike)),
            }
            for strike in strikes
        ],
    }


def chain(
    underlying: str, root: str, *expirations: dict, ticks: Iterable[dict] = PENNY, kind: str = "Standard"
) -> dict:
    return {
        "underlying-symbol": underlying,
        "root-symbol": root,
        "option-chain-type": kind,
        "shares-per-contract": 100,
        "tick-sizes": list(ticks),
        "deliverables": [],
        "expirations": list(expirations),
    }


def option_page(symbol: str, **changes: object) -> dict:
    root, day = symbol[:6].strip(), datetime.strptime(symbol[6:12], "%y%m%d").replace(tzinfo=UTC)
    page = {
        "symbol": symbol,
        "instrument-type": "Equity Option",
        "active": True,
        "strike-price": str(Decimal(symbol[13:]) / 1000),
        "root-symbol": root,
        "underlying-symbol": root,
        "expiration-date": day.date().isoformat(),
        "exercise-style": "American",
        "shares-per-contract": 100,
        "option-type": symbol[12],
        "option-chain-type": "Standard",
        "expiration-type": "Weekly",
        "settlement-type": "PM",
        "stops-trading-at": day.replace(hour=20).isoformat(),
        "market-time-instrument-collection": "Equity Option",
        "days-to-expiration": 9,
        "is-closing-only": False,
    }
    return page | changes


def equity_page(symbol: str, **changes: object) -> dict:
    page = {
        "id": 1,
        "symbol": symbol,
        "instrument-type": "Equity",
        "is-index": False,
        "description": f"{symbol} Inc.",
        "lendability": "Easy To Borrow",
        "market-time-instrument-collection": "Equity",
        "is-closing-only": False,
        "is-options-closing-only": False,
        "active": True,
        "is-illiquid": False,
        "is-etf": False,
        "streamer-symbol": symbol,
        "tick-sizes": [{"value": "0.0001", "threshold": "1.0"}, {"value": "0.01"}],
        "option-tick-sizes": list(PENNY),
    }
    return page | changes


def future_page(symbol: str, **changes: object) -> dict:
    page = {
        "symbol": symbol,
        "product-code": symbol[1:-2],
        "tick-size": "0.25",
        "notional-multiplier": "50.0",
        "display-factor": "0.01",
        "last-trade-date": "2026-12-18",
        "expiration-date": "2026-12-18",
        "active": True,
        "active-month": True,
        "next-active-month": False,
        "is-closing-only": False,
        "is-tradeable": True,
        "stops-trading-at": "2026-12-18T14:30:00.000+00:00",
        "expires-at": "2026-12-18T14:30:00.000+00:00",
        "product-group": "CME_ES",
        "exchange": "CME",
        "streamer-exchange-code": "XCME",
        "streamer-symbol": f"{symbol[:-1]}26:XCME",
        "back-month-first-calendar-symbol": False,
    }
    return page | changes


def market_data_item(symbol: str, kind: str, bid: Decimal | None, ask: Decimal | None, *, halted: bool = False) -> dict:
    item = {
        "symbol": symbol,
        "instrument-type": kind,
        "updated-at": datetime.now(UTC).isoformat(),
        "bid-size": "10.0",
        "ask-size": "10.0",
        "close-price-type": "Regular",
        "summary-date": "2026-11-20",
        "prev-close-date": "2026-11-19",
        "prev-close-price-type": "Regular",
        "halt-start-time": -1,
        "halt-end-time": -1,
        "is-trading-halted": halted,
    }
    sides = {"bid": bid, "ask": ask}
    return item | {side: str(price) for side, price in sides.items() if price is not None}


def account_page(number: str) -> dict:
    return {
        "account-number": number,
        "opened-at": "2019-03-14T15:39:31.265+00:00",
        "nickname": "Individual",
        "account-type-name": "Individual",
        "day-trader-status": False,
        "is-closed": False,
        "is-firm-error": False,
        "is-firm-proprietary": False,
        "is-futures-approved": True,
        "is-test-drive": False,
        "margin-or-cash": "Margin",
        "is-foreign": False,
        "created-at": "2019-03-14T15:39:31.265+00:00",
    }


BALANCE_KEYS = [
    "cash-balance",
    "long-equity-value",
    "short-equity-value",
    "long-derivative-value",
    "short-derivative-value",
    "long-futures-value",
    "short-futures-value",
    "long-futures-derivative-value",
    "short-futures-derivative-value",
    "long-margineable-value",
    "short-margineable-value",
    "margin-equity",
    "equity-buying-power",
    "derivative-buying-power",
    "day-trading-buying-power",
    "futures-margin-requirement",
    "available-trading-funds",
    "maintenance-requirement",
    "maintenance-call-value",
    "reg-t-call-value",
    "day-trading-call-value",
    "day-equity-call-value",
    "net-liquidating-value",
    "cash-available-to-withdraw",
    "day-trade-excess",
    "pending-cash",
    "long-cryptocurrency-value",
    "short-cryptocurrency-value",
    "cryptocurrency-margin-requirement",
    "unsettled-cryptocurrency-fiat-amount",
    "closed-loop-available-balance",
    "equity-offering-margin-requirement",
    "long-bond-value",
    "bond-margin-requirement",
    "used-derivative-buying-power",
    "reg-t-margin-requirement",
    "futures-overnight-margin-requirement",
    "futures-intraday-margin-requirement",
    "maintenance-excess",
    "pending-margin-interest",
    "effective-cryptocurrency-buying-power",
]


def balances_page(number: str, buying_power: Decimal, net_liquidation: Decimal) -> dict:
    page = dict.fromkeys(BALANCE_KEYS, "0.0") | {
        "account-number": number,
        "snapshot-date": "2026-11-20",
        "updated-at": "2026-11-20T15:00:00.000+00:00",
    }
    for key in BALANCE_KEYS:
        page[f"{key}-effect"] = "None"
    return page | {
        "derivative-buying-power": f"{buying_power:.2f}",
        "equity-buying-power": f"{buying_power * 2:.2f}",
        "cash-balance": f"{net_liquidation:.2f}",
        "net-liquidating-value": f"{net_liquidation:.2f}",
    }
