"""The days of a replay in columns that fit a picture: days, weeks from Monday, or months, whichever are few enough."""

from datetime import date, timedelta
from enum import StrEnum

from attrs import frozen

from domain.value import Value

DAYS_MAX = 45
WEEKS_MAX = 60
DAYS_A_WEEK = 7
MONTHS_A_YEAR = 12


class Length(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@frozen
class Periods(Value):
    """Equal periods from that of the day `first` to that of the day `last`, without a gap."""

    first: date
    last: date

    @property
    def length(self) -> Length:
        days = (self.last - self.first).days + 1
        if days <= DAYS_MAX:
            return Length.DAY
        return Length.WEEK if days <= WEEKS_MAX * DAYS_A_WEEK else Length.MONTH

    @property
    def count(self) -> int:
        return self.index(self.last) + 1

    def index(self, day: date) -> int:
        """Return the number of the period that `day` is in, the first one's being 0."""
        if self.length is Length.DAY:
            return (day - self.first).days
        if self.length is Length.WEEK:
            return (day - _monday(self.first)).days // DAYS_A_WEEK
        return (day.year - self.first.year) * MONTHS_A_YEAR + day.month - self.first.month

    def names(self) -> list[str]:
        """Return each period's name in order: "Mon 5 Jan", "week of 5 Jan 2026", "Jan 2026"."""
        return [self._name(self._start(index)) for index in range(self.count)]

    def labels(self) -> list[str]:
        """Return each period's short label for an axis, in order."""
        form = "%b %y" if self.length is Length.MONTH else "%-d %b"
        return [self._start(index).strftime(form) for index in range(self.count)]

    def _start(self, index: int) -> date:
        if self.length is Length.DAY:
            return self.first + timedelta(days=index)
        if self.length is Length.WEEK:
            return _monday(self.first) + timedelta(days=index * DAYS_A_WEEK)
        months = self.first.year * MONTHS_A_YEAR + self.first.month - 1 + index
        return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)

    def _name(self, start: date) -> str:
        if self.length is Length.DAY:
            return start.strftime("%a %-d %b %Y")
        return start.strftime("week of %-d %b %Y" if self.length is Length.WEEK else "%B %Y")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
