"""An alert as the admin API shows it: the same keys and plain values as the `parse` command prints."""

from decimal import Decimal

from domain.alerts import Alert, DaysToExpiry, ExpiryAsWritten, Leg, Level, MonthDay, NotAnAlert, RelativeExpiry
from domain.calendar import new_york_date
from domain.desk.state import DeskState
from domain.grammar import DEFAULT_PROFILE, read
from domain.messages import Message


def read_as(message: Message, state: DeskState) -> dict[str, object] | None:
    """Return the alert that the desk reads in a message, or None where it reads none.

    The grammar is a function: this is what the desk decided on, read with the same room's habits and calendar.
    """
    profile = state.policies.profiles.get(message.channel_id, DEFAULT_PROFILE)
    reading = read(message.text, new_york_date(message.posted_at), state.calendar, profile)
    return None if isinstance(reading, NotAnAlert) else alert_view(reading)


def alert_view(alert: Alert) -> dict[str, object]:
    """Return an alert's fields, prices and strikes as decimal text."""
    return {
        "action": alert.action.value,
        "symbol": alert.symbol,
        "instrument": None if alert.instrument is None else alert.instrument.value,
        "strike": decimal_text(alert.strike),
        "option_type": None if alert.right is None else alert.right.value,
        "expiry": _expiry(alert.expiry),
        "quantity": alert.quantity,
        "fraction": alert.fraction,
        "price": decimal_text(alert.price),
        "price_type": None if alert.price_type is None else alert.price_type.value,
        "price_low": decimal_text(alert.price_low),
        "price_high": decimal_text(alert.price_high),
        "label": alert.label,
        "stop": None if alert.stop is None else _level(alert.stop),
        "targets": [_level(target) for target in alert.targets],
        "tags": list(alert.tags),
        "legs": [_leg(leg) for leg in alert.legs],
        "price_effect": alert.price_effect,
        "multi_leg": bool(alert.legs),
        "needs_position": alert.needs_position,
        "habits": list(alert.habits),
        "expiry_resolved": None if alert.expires_on is None else alert.expires_on.isoformat(),
    }


def decimal_text(value: Decimal | None) -> str | None:
    """Return a number in plain digits, without an exponent, or None."""
    return None if value is None else format(value, "f")


def _expiry(expiry: ExpiryAsWritten | None) -> object:
    if isinstance(expiry, MonthDay):
        return {"month": expiry.month, "day": expiry.day}
    if isinstance(expiry, DaysToExpiry):
        return {"dte": expiry.sessions}
    if isinstance(expiry, RelativeExpiry):
        return {"relative": expiry.value}
    return None if expiry is None else expiry.isoformat()


def _level(level: Level) -> dict[str, str]:
    written = {"value": level.value, "basis": level.basis}
    return written if level.trail is None else {**written, "trail": level.trail}


def _leg(leg: Leg) -> dict[str, object]:
    return {
        "action": leg.action.value,
        "strike": decimal_text(leg.strike),
        "option_type": None if leg.right is None else leg.right.value,
        "expiry": _expiry(leg.expiry),
        "ratio": leg.ratio,
    }
