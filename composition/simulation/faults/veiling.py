"""Fills that the broker shows late, in its reports and in its reads, even of an order that it calls ended."""

from collections.abc import Callable

from attrs import define, evolve, field

from domain.orders import OrderReport, Signal


@define
class Veil:
    """`later` runs something after so many milliseconds, or when the faults stop."""

    later: Callable[[int, Callable[[], None]], None]
    hidden: set[str] = field(factory=set)

    def draw(self, report: OrderReport, span: int, show: Callable[[OrderReport], None]) -> None:
        """Hide the last fill of a report for a while, and `show` the whole report then."""
        fill_id = report.fills[-1].fill_id
        self.hidden.add(fill_id)

        def lift() -> None:
            self.hidden.discard(fill_id)
            show(report)

        self.later(span, lift)

    def over(self, report: OrderReport) -> OrderReport:
        """Return the report without what is hidden; an order that is not seen to be filled still works."""
        shown = tuple(fill for fill in report.fills if fill.fill_id not in self.hidden)
        if len(shown) == len(report.fills):
            return report
        missing = sum(fill.quantity for fill in report.fills) - sum(fill.quantity for fill in shown)
        still = Signal.REPORTED_WORKING if report.status is Signal.REPORTED_FILLED else report.status
        return evolve(report, fills=shown, filled_quantity=report.filled_quantity - missing, status=still)
