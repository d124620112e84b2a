"""An alert as plain values, ready for JSON: the same keys wherever one is shown, and in labelled lines."""

from decimal import Decimal

from domain.alerts import Alert, DaysToExpiry, ExpiryAsWritten, Leg, Level, MonthDay, RelativeExpiry


def alert_as_dict(alert: Alert) -> dict[str, object]:
    """Return an alert's fields under the keys that `parse` and the admin API show, numbers as decimal text."""
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
