"""The report's words and number forms: the same in the terminal, in the tables and under the pictures."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from composition.replay.lines import LadderOutcome, Prices, Totals, TradeLine, Verdict
from domain.calendar import NEW_YORK

# In the order in which they stand everywhere. What is IGNORED is chatter nearly always, so it stands apart.
ACTED = (Verdict.ENTERED, Verdict.CLOSED, Verdict.DRY_RUN, Verdict.DENIED, Verdict.DUPLICATE, Verdict.UNREAD)
VERDICTS = (*ACTED, Verdict.IGNORED)
NAMES: Mapping[Verdict, str] = {
    Verdict.ENTERED: "entered",
    Verdict.CLOSED: "closed",
    Verdict.DRY_RUN: "dry run",
    Verdict.DENIED: "denied",
    Verdict.DUPLICATE: "duplicate",
    Verdict.UNREAD: "not decided",
    Verdict.IGNORED: "no alert",
}
LADDER = (
    "at the first price",
    "after 1 step",
    "after 2 steps",
    "after 3 steps",
    "converted and filled",
    "partly filled",
    "cancelled",
    "rejected",
    "still working at the end",
)
CENT = Decimal("0.01")
NONE = "-"


def rung(trade: TradeLine) -> str:
    """Return how the entry's ladder ended: one of `LADDER`."""
    if trade.outcome is not LadderOutcome.FILLED:
        return trade.outcome.value
    return LADDER[min(trade.steps, 3)]


def reason_words(reason: str) -> str:
    """Return a denial's or refusal's code as words."""
    return reason.replace("_", " ")


def count(number: int) -> str:
    """Return a count with thousands separators."""
    return f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a count and what it counts: "1 trade", "2 trades"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def dollars(amount: Decimal | None) -> str:
    """Return an amount in whole dollars, or with its cents where it has some; a dash for none."""
    if amount is None:
        return NONE
    cents = amount.quantize(CENT)
    text = f"{abs(cents):,.2f}".removesuffix(".00")
    return f"-${text}" if cents < 0 else f"${text}"


def price(amount: Decimal | None) -> str:
    """Return a price with its cents, with more places where it has more; a dash for none."""
    if amount is None:
        return "-"
    exact = amount.quantize(Decimal("0.0001"))
    cents = exact.quantize(CENT)
    return f"{cents:,}" if cents == exact else f"{exact.normalize():f}"


def share(part: int, whole: int) -> str:
    """Return a part as a percentage of the whole, with one place where it is below 10."""
    percent = Decimal(0) if not whole else Decimal(100 * part) / whole
    return f"{percent:.1f} %" if Decimal(0) < percent < 10 else f"{percent:.0f} %"  # noqa: PLR2004


def day_and_time(at: datetime) -> str:
    """Return an instant in New York's time, to the second."""
    return f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}"


def is_modelled(totals: Totals) -> bool:
    """Return whether the prices are invented, so that no result may be shown as if it were money."""
    return totals.prices is Prices.MODELLED


def about_prices(totals: Totals) -> str:
    """Return where the prices come from, as a sentence's part."""
    if is_modelled(totals):
        return f"prices are modelled by seed {totals.seed}, not the market's"
    return "prices are the recorded quotes that were given"


def period(totals: Totals) -> str:
    """Return the days that the messages span, in New York."""
    if totals.first_at is None or totals.last_at is None:
        return "no messages"
    first, last = (f"{at.astimezone(NEW_YORK):%-d %B %Y}" for at in (totals.first_at, totals.last_at))
    return first if first == last else f"{first} to {last}"
