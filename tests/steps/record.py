"""Steps about the record: what the audit log says of it all."""

from decimal import Decimal

from pytest_bdd import parsers, then

from tests.steps.desk import PaperDesk


@then(parsers.parse("the trade is recorded as closed with a profit of ${dollars}"))
def _profit(desk: PaperDesk, dollars: str) -> None:
    closed = desk.recorded("TradeClosed")
    assert [row.body.profit for row in closed] == [Decimal(dollars)]


@then(parsers.parse("the record shows a close of {count:d} contracts"))
def _closed(desk: PaperDesk, count: int) -> None:
    assert [row.body.sold for row in desk.recorded("CloseFinished")] == [count]


@then(parsers.parse("the session's buying power is recorded once, as ${dollars}"))
def _baseline(desk: PaperDesk, dollars: str) -> None:
    recorded = desk.recorded("SessionStarted")
    assert [row.body.buying_power for row in recorded] == [Decimal(dollars.replace(",", ""))]


@then("one entry was sent")
def _one_sent(desk: PaperDesk) -> None:
    """Counted in the log: what the broker refuses is not in its books."""
    assert len(desk.recorded("SubmitOrder", "ReplaceOrder")) == 1
