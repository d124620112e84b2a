"""Readings in one line, so that a table of messages can be checked at a glance."""

from collections.abc import Callable
from datetime import date

import pytest

from domain.alerts import Alert, DaysToExpiry, MonthDay, NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read

MONDAY = date(2025, 11, 24)
Told = Callable[..., str]


def _expiry(alert: Alert) -> str:
    match alert.expiry:
        case None:
            return ""
        case MonthDay(month, day):
            return f"{month}/{day}"
        case DaysToExpiry(sessions):
            return f"{sessions}dte"
        case other:
            return str(other)


def _line(outcome: Alert | NotAnAlert) -> str:
    """Say an alert as `action symbol strike+right expiry xquantity fraction price`, a refusal as `no: code`."""
    if isinstance(outcome, NotAnAlert):
        return f"no: {outcome.reason}"
    alert = outcome
    price = "market" if alert.price_type == "market" else "" if alert.price is None else f"@{alert.price}"
    if alert.price_low is not None:
        price = f"@{alert.price_low}-{alert.price_high}"
    right = "" if alert.right is None else alert.right[0]
    contract = f"{'' if alert.strike is None else format(alert.strike, 'f')}{right}"
    quantity = "" if alert.quantity is None else f"x{alert.quantity}"
    instrument = "" if alert.instrument == "option" else f"[{alert.instrument}]"
    held = "held" if alert.needs_position else ""
    parts = (alert.action, alert.symbol, instrument, contract, _expiry(alert), quantity, alert.fraction, price, held)
    return " ".join(part for part in parts if part)


@pytest.fixture
def told() -> Told:
    """Return a function that reads a text posted on a Monday and says the reading in one line."""

    def tell(text: str, posted_on: date | None = MONDAY, profile: ChannelProfile = DEFAULT_PROFILE) -> str:
        return _line(read(text, posted_on, TradingCalendar(), profile))

    return tell
