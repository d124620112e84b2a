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


@then("its absence was proven by 3 complete reads, the first 60 seconds or more after sending")
def _proven(desk: PaperDesk) -> None:
    """Every complete read that the desk counted came a minute or more after the order; three were enough."""
    sent = desk.recorded("SubmitOrder")[0]
    ended = next(
        row for row in desk.recorded("OrderEnded") if row.body.client_order_id == sent.body.order.client_order_id
    )
    reads = [row for row in desk.recorded("BrokerRead") if sent.at < row.at <= ended.at and row.body.complete]
    late_enough = [row for row in reads if (row.body.asked_at - sent.at).total_seconds() >= 60]
    assert len(late_enough) == 3, late_enough
