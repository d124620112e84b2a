"""Steps about what an alert says once it is read."""

from collections.abc import Callable

from pytest_bdd import parsers, then

from domain.alerts import Alert
from tests.steps.desk import PaperDesk

FIELDS: dict[str, Callable[[Alert], object]] = {
    "action": lambda alert: alert.action,
    "label": lambda alert: alert.label,
    "symbol": lambda alert: alert.symbol,
    "instrument": lambda alert: alert.instrument,
    "strike": lambda alert: alert.strike,
    "right": lambda alert: alert.right,
    "expires": lambda alert: alert.expires_on,
    "quantity": lambda alert: alert.quantity,
    "fraction": lambda alert: alert.fraction,
    "price": lambda alert: alert.price,
    "stop": lambda alert: None if alert.stop is None else alert.stop.value,
    "targets": lambda alert: ", ".join(level.value for level in alert.targets) or None,
}


def _read(desk: PaperDesk) -> Alert:
    """Return what the last message was read as, in the log."""
    read = desk.recorded("AlertRead", trade_id=desk.last_alert())
    assert read, f"it was not read as an alert: {desk.recorded('AlertIgnored')}"
    alert: Alert = read[0].body.alert
    return alert


@then("it is read as:")
def _read_as(desk: PaperDesk, datatable: list[list[str]]) -> None:
    """Every field that can be given is compared; an empty cell is a field that the alert does not name."""
    alert = _read(desk)
    told = {name: "" if value(alert) is None else str(value(alert)) for name, value in FIELDS.items()}
    header, cells = datatable
    wanted = dict(zip(header, cells, strict=True))
    assert {name: told[name] for name in wanted} == wanted
    unnamed = {name: value for name, value in told.items() if name not in wanted and value}
    assert not unnamed, f"it was read to say more: {unnamed}"


@then(parsers.parse("its expiry is {day}"))
def _expiry(desk: PaperDesk, day: str) -> None:
    assert str(_read(desk).expires_on) == day
