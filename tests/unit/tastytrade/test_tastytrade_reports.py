"""The broker's order JSON as reports: every documented status, odd values, and nothing that makes it stumble."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tastytrade.json_values import parse_json
from adapters.tastytrade.redaction import Redactor
from adapters.tastytrade.reports import STATUSES, report_of
from domain.orders import Fill, OrderReport, Side, Signal

REDACTOR = Redactor()
FILL = {"fill-id": "8_1", "quantity": 1, "fill-price": "0.75", "filled-at": "2026-11-20T15:00:00.123+00:00"}
LEG = {
    "instrument-type": "Equity Option",
    "symbol": "UBER  261205P00078000",
    "quantity": 4,
    "remaining-quantity": 3,
    "action": "Buy to Open",
    "fills": [FILL],
}
ORDER = {
    "id": 284429501,
    "account-number": "5WT00042",
    "time-in-force": "Day",
    "order-type": "Limit",
    "size": "4",
    "underlying-symbol": "UBER",
    "price": "0.75",
    "price-effect": "Debit",
    "status": "Live",
    "external-identifier": "T1-E1",
    "replaces-order-id": 284429500,
    "updated-at": 1763650800000,
    "legs": [LEG],
}


def told(**changes: object) -> OrderReport:
    report = report_of(ORDER | changes, REDACTOR)
    assert report is not None
    return report


def with_leg(**changes: object) -> OrderReport:
    return told(legs=[LEG | changes])


def test_an_order_is_reported_whole() -> None:
    assert told() == OrderReport(
        broker_order_id="284429501",
        client_order_id="T1-E1",
        symbol="UBER  261205P00078000",
        side=Side.BUY_TO_OPEN,
        quantity=4,
        limit_price=Decimal("0.75"),
        status=Signal.REPORTED_WORKING,
        filled_quantity=1,
        fills=(Fill("8_1", 1, Decimal("0.75"), datetime(2026, 11, 20, 15, 0, 0, 123_000, tzinfo=UTC)),),
        replaces="284429500",
    )


@pytest.mark.parametrize(
    ("status", "signal"),
    [
        ("Received", Signal.REPORTED_PENDING),
        ("Routed", Signal.REPORTED_PENDING),
        ("In Flight", Signal.REPORTED_PENDING),
        ("Contingent", Signal.REPORTED_PENDING),
        ("Live", Signal.REPORTED_WORKING),
        ("Cancel Requested", Signal.REPORTED_WORKING),
        ("Replace Requested", Signal.REPORTED_WORKING),
        ("Remove Pending", Signal.REPORTED_WORKING),
        ("Filled", Signal.REPORTED_FILLED),
        ("Cancelled", Signal.REPORTED_CANCELLED),
        ("Removed", Signal.REPORTED_CANCELLED),
        ("Partially Removed", Signal.REPORTED_CANCELLED),
        ("Expired", Signal.REPORTED_EXPIRED),
        ("Rejected", Signal.REPORTED_REJECTED),
    ],
)
def test_every_documented_status_means_something(status: str, signal: Signal) -> None:
    assert told(status=status).status is signal
    assert told(status=status).reason == ""


def test_the_table_of_statuses_covers_the_sdks() -> None:
    from tastytrade.order import OrderStatus

    assert {status.value for status in OrderStatus} <= STATUSES.keys()


@pytest.mark.parametrize("status", ["Dead", "", None, 7, ["Live"]])
def test_an_unknown_status_is_taken_for_a_live_order_and_says_so(status: object) -> None:
    report = told(status=status)
    assert report.status is Signal.REPORTED_PENDING
    assert "is not known" in report.reason


@pytest.mark.parametrize(
    ("status", "remaining", "fills", "filled"),
    [
        ("Live", 4, [], 0),
        ("Live", 1, [FILL], 3),  # the count is ahead of the fills
        ("Live", "3.0", [FILL], 1),
        ("Live", None, [FILL], 1),
        ("Live", 9, [FILL], 1),
        ("Live", 0, [FILL], 4),
        ("Filled", 0, [], 4),  # told before its fills
        ("Filled", None, [FILL], 4),
        ("Cancelled", 3, [FILL], 1),
        ("Cancelled", 1, [FILL], 3),
        ("Cancelled", 0, [FILL], 1),  # "nothing remains" of an order that ended is not "filled"
        ("Cancelled", 0, [], 0),
        ("Rejected", 0, [], 0),
        ("Expired", 4, [], 0),
        ("Filled", 0, [FILL | {"fill-id": str(number)} for number in range(6)], 6),  # overfilled
    ],
)
def test_the_filled_quantity_is_the_brokers_count(status: str, remaining: object, fills: list, filled: int) -> None:
    report = told(status=status, legs=[LEG | {"remaining-quantity": remaining, "fills": fills}])
    assert report.filled_quantity == filled


def test_a_repeated_fill_counts_once_and_fills_come_in_their_order() -> None:
    later = FILL | {"fill-id": "8_0", "filled-at": "2026-11-20T15:00:01Z"}
    report = with_leg(fills=[later, FILL, FILL])
    assert [fill.fill_id for fill in report.fills] == ["8_1", "8_0"]


@pytest.mark.parametrize(
    "change",
    [
        {"fill-id": None},
        {"quantity": "0.5"},
        {"quantity": 0},
        {"fill-price": "NaN"},
        {"fill-price": None},
        {"filled-at": "soon"},
        {"filled-at": "2026-11-20T15:00:00"},
    ],
)
def test_a_fill_that_cannot_be_read_is_left_out_and_still_counted(change: dict[str, object]) -> None:
    report = with_leg(fills=[FILL | change])
    assert report.fills == ()
    assert report.filled_quantity == 1


@pytest.mark.parametrize(
    ("action", "side"),
    [
        ("Buy to Open", Side.BUY_TO_OPEN),
        ("Sell to Close", Side.SELL_TO_CLOSE),
        ("Buy", Side.BUY_TO_OPEN),
        ("Sell", Side.SELL_TO_CLOSE),
        ("Sell to Open", None),
        ("Buy to Close", None),
        (None, None),
    ],
)
def test_sides(action: str | None, side: Side | None) -> None:
    assert with_leg(action=action).side is side


def test_a_spread_has_no_side_and_no_fills() -> None:
    report = told(legs=[LEG, LEG])
    assert (report.side, report.symbol, report.fills, report.quantity) == (None, "UBER", (), 4)


@pytest.mark.parametrize(("price", "limit"), [("1.05", "1.05"), (None, None), ("x", None), (2, "2"), ("-0.5", "0.5")])
def test_prices_are_exact_and_never_negative(price: object, limit: str | None) -> None:
    assert told(price=price).limit_price == (None if limit is None else Decimal(limit))


def test_a_json_number_is_an_exact_price() -> None:
    order = parse_json(json.dumps(ORDER).replace('"0.75"', "0.1").encode())
    report = report_of(order, REDACTOR)
    assert report is not None
    assert report.limit_price == Decimal("0.1")


@pytest.mark.parametrize("nothing", [None, "", 0, "0"])
def test_what_replaces_nothing_says_none(nothing: object) -> None:
    assert told(**{"replaces-order-id": nothing}).replaces is None


def test_a_replaced_order_says_by_what() -> None:
    report = told(status="Cancelled", **{"replacing-order-id": 284429502})
    assert report.reason == "replaced by 284429502"


def test_the_reason_of_a_rejection_is_cleaned() -> None:
    redactor = Redactor("5WT00042")
    report = report_of(ORDER | {"status": "Rejected", "reject-reason": "5WT00042\n has no\tmoney"}, redactor)
    assert report is not None
    assert report.reason == "**** has no money"


@pytest.mark.parametrize("broker_id", [None, "", True, 1.5, {}])
def test_an_order_without_an_id_is_nobodys(broker_id: object) -> None:
    assert report_of(ORDER | {"id": broker_id}, REDACTOR) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["Live", "Filled", "NaN", "1e9"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LEG, *FILL]), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([key for key in ORDER if key != "id"]), ANYTHING))
def test_whatever_an_order_says_it_is_reported_and_never_filled_beyond_reason(changes: dict[str, object]) -> None:
    report = told(**changes)
    assert report.broker_order_id == "284429501"
    assert report.filled_quantity >= sum(fill.quantity for fill in report.fills)
    assert report.limit_price is None or report.limit_price >= 0
