"""What an operator sees while days run: one line that grows on a terminal, a new one now and then elsewhere."""

import sys
import time
from datetime import timedelta

import click

from composition.simulation.report import clock_words
from composition.simulation.run import Tally

LINE_EVERY = 10.0  # seconds, where the progress is not a terminal
TOP, NAMED = 3, 3


class Progress:
    """Shows a tally of `planned` seeds as it grows."""

    def __init__(self, planned: int) -> None:
        self._planned = planned
        self._began = self._shown = time.monotonic()
        self._live = sys.stderr.isatty()

    def took(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._began)

    def show(self, tally: Tally) -> None:
        now = time.monotonic()
        if not self._live and now - self._shown < LINE_EVERY:
            return
        self._shown = now
        line = self.line(tally, self.took())
        click.echo(f"\r\x1b[K{line}" if self._live else line, err=True, nl=not self._live)

    def line(self, tally: Tally, took: timedelta) -> str:
        """Return the line for a tally that took so long."""
        pace = tally.seeds / max(took.total_seconds(), 0.001)
        left = timedelta(seconds=(self._planned - tally.seeds) / max(pace, 0.001))
        top = ", ".join(f"{count} {kind}" for kind, count in tally.struck.most_common(TOP))
        others = len(tally.struck) - TOP
        more = f", {others} kinds more" if others > 0 else ""
        failing = "".join(f" {failure.seed}" for failure in tally.failures[:NAMED])
        named = f" ({failing[1:]}{' …' if len(tally.failures) > NAMED else ''})" if failing else ""
        days = f" ({tally.days} days)" if tally.days != tally.seeds else ""
        return (
            f"{tally.seeds}/{self._planned} seeds{days}, {pace:.3g} a second, {clock_words(left)} left, "
            f"{tally.hours:.0f} simulated hours, {tally.faults} faults ({top}{more}), {tally.restarts} restarts, "
            f"{len(tally.failures)} failing{named}"
        )

    def end(self) -> None:
        if self._live:
            click.echo(err=True)
