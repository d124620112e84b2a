"""A replay in a terminal: what was read, what became of it and why, in a screenful."""

from collections.abc import Iterator

import click

from composition.replay.lines import Totals, Verdict
from composition.replay.report.figures import RESULTS, Figures
from composition.replay.report.overview import notes
from composition.replay.report.words import (
    LADDER,
    NAMES,
    VERDICTS,
    count,
    counted,
    dollars,
    is_modelled,
    period,
    reason_words,
    share,
)

REASONS_SHOWN = 8
STYLES = {Verdict.ENTERED: "green", Verdict.CLOSED: "green", Verdict.DENIED: "red", Verdict.UNREAD: "yellow"}


def summary(totals: Totals, figures: Figures) -> Iterator[str]:
    """Yield the lines of a replay's summary, with colours."""
    yield click.style(f"{counted(totals.messages, 'message')}, {period(totals)}", bold=True)
    for note in notes(totals):
        yield click.style(note, fg="yellow")
    yield ""
    for verdict in VERDICTS:
        number = totals.verdicts.get(verdict, 0)
        if number:
            line = f"{count(number):>11}  {NAMES[verdict]:<12} {share(number, totals.messages):>6}"
            yield click.style(line, fg=STYLES.get(verdict))
    yield from _reasons(totals)
    if figures.trades:
        yield from _trades(totals, figures)


def _reasons(totals: Totals) -> Iterator[str]:
    denied = [(-number, reason) for (verdict, reason), number in totals.reasons.items() if verdict is Verdict.DENIED]
    if denied:
        yield ""
        yield click.style("Denied because", bold=True)
    shown = REASONS_SHOWN + (len(denied) == REASONS_SHOWN + 1)  # a single other reason is named as well
    for number, reason in sorted(denied)[:shown]:
        yield f"{count(-number):>11}  {reason_words(reason)}"
    left = sum(-number for number, _ in sorted(denied)[shown:])
    if left:
        yield f"{count(left):>11}  other reasons"


def _trades(totals: Totals, figures: Figures) -> Iterator[str]:
    yield ""
    yield click.style(f"{counted(figures.trades, 'trade')}, sized for at most {dollars(figures.premium)}", bold=True)
    for name in LADDER:
        if figures.ladder[name]:
            number = figures.ladder[name]
            yield f"{count(number):>11}  {name:<25} {share(number, figures.trades):>6}"
    yield f"{count(figures.bought):>11}  contracts bought"
    for name, number in figures.ends.items():
        if number:
            yield f"{count(number):>11}  {name:<25} {share(number, figures.bought):>6}"
    if not is_modelled(totals):
        for name, field in RESULTS:
            amount = getattr(figures, field)
            if amount is not None:
                yield f"{dollars(amount):>11}  {name}"
