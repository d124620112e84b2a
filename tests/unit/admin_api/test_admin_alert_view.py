"""An alert through the admin API has the keys and values that the `parse` command prints."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.admin_api.alert_view import alert_view, decimal_text
from composition.reading import alert_as_dict
from domain.alerts import Alert, NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, read

TEXTS = [
    "BTO UBER 78p 12/05 @ 0.75",
    "Super Lotto: BTO DELL 260c 1DTE @ 0.93",
    "BTO SPY 681c 12/05/2026 @ 1.20 SL 0.80 PT 1.50",
    "BTO SPY 681c weekly @ 1.20",
    "STC 1/2 AAPL 150c 6/18 @ 2.50",
    "BTO AAPL 150/155 call spread 12/18 @ 1.20",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_view_is_that_of_the_command_line(text: str) -> None:
    alert = read(text, date(2026, 11, 17), TradingCalendar(), DEFAULT_PROFILE)
    assert isinstance(alert, Alert), isinstance(alert, NotAnAlert) and alert
    assert alert_view(alert) == alert_as_dict(alert)


@pytest.mark.parametrize(("number", "text"), [(Decimal("1E+2"), "100"), (Decimal("0.50"), "0.50"), (None, None)])
def test_numbers_have_plain_digits(number: Decimal | None, text: str | None) -> None:
    assert decimal_text(number) == text
