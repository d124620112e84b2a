"""Counts over all messages of a replay: what is kept when the lines themselves are written and gone."""

from collections import Counter
from datetime import date, datetime

from attrs import Factory, define

from composition.replay.lines import BAD_LINES_NAMED, BadLine, MessageLine, Verdict
from domain.calendar import new_york_date


@define
class Tally:
    """`add` takes every line once, `miss` every part of the input that could not be read."""

    messages: int = 0
    edited: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    verdicts: Counter[Verdict] = Factory(Counter)
    reasons: Counter[tuple[Verdict, str]] = Factory(Counter)
    days: Counter[tuple[date, Verdict]] = Factory(Counter)
    by_author: Counter[tuple[str, Verdict]] = Factory(Counter)
    by_channel: Counter[tuple[str, Verdict]] = Factory(Counter)
    unreadable: int = 0
    bad_lines: list[BadLine] = Factory(list)

    def add(self, line: MessageLine) -> None:
        self.messages += 1
        self.edited += line.edited
        self.first_at = self.first_at or line.at
        self.last_at = line.at
        self.verdicts[line.verdict] += 1
        if line.reason is not None:
            self.reasons[line.verdict, line.reason] += 1
        self.days[new_york_date(line.at), line.verdict] += 1
        self.by_author[line.author, line.verdict] += 1
        self.by_channel[line.channel, line.verdict] += 1

    def miss(self, bad: BadLine) -> None:
        self.unreadable += 1
        if len(self.bad_lines) < BAD_LINES_NAMED:
            self.bad_lines.append(bad)
