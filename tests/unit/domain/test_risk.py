"""Every risk check passes and denies where it should, with its own code."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from domain.account import Balances
from domain.alerts import Action, Alert, InstrumentKind, Right
from domain.policies import EntryPolicy, Policies, RiskPolicy, SizePolicy
from domain.risk import Baseline, EntryMark, EntryRequest, Exposure, assess, day_loss
from domain.verdicts import DenialCode
from tests.support.builders import AUTHOR, EXPIRY, NYSE, ROOM, START, dec, make_contract, make_policies, make_quote

QUIET = Exposure(
    positions=0,
    premium_at_risk=Decimal(0),
    reserved=Decimal(0),
    entries=(),
    halts=(),
    unresolved=frozenset(),
)


def request(**changes) -> EntryRequest:
    price = changes.pop("price", "0.75")
    alert = Alert(
        action=Action.BUY_TO_OPEN,
        symbol="UBER",
        instrument=InstrumentKind.OPTION,
        strike=Decimal(78),
        right=Right.PUT,
        expires_on=EXPIRY,
        price=None if price is None else dec(price),
    )
    exposure = evolve(QUIET, **changes.pop("exposure", {}))
    policies = make_policies(**changes.pop("policies", {}))
    parts = {
        "at": START,
        "user_id": AUTHOR,
        "channel_id": ROOM,
        "alert": alert,
        "contract": make_contract(),
        "quote": make_quote(),
        "balances": Balances(Decimal(50_000), Decimal(100_000)),
        "baseline": Baseline(START.date(), Decimal(50_000), Decimal(100_000)),
        "exposure": exposure,
        "policies": policies,
    }
    return EntryRequest(**parts | changes)


def marks(count: int, ago: timedelta, user_id: int = AUTHOR) -> tuple[EntryMark, ...]:
    return tuple(EntryMark(START - ago, user_id) for _ in range(count))


def test_a_sound_entry_passes_every_named_check():
    assessment = assess(request())
    assert assessment.denial is None
    assert [check.name for check in assessment.checks] == [
        "trading state",
        "instrument",
        "contract",
        "session",
        "unresolved orders",
        "quote",
        "spread",
        "price against market",
        "price",
        "open positions",
        "entries a day",
        "entries a minute",
        "entries of the author",
        "balances",
        "day loss",
        "size",
        "premium at risk",
        "buying power",
    ]
    assert all(check.detail for check in assessment.checks)
    assert assessment.sizing.quantity == 10


@pytest.mark.parametrize(
    ("changes", "name", "detail"),
    [
        ({}, "session", "open until 16:00 New York"),
        ({"at": START + timedelta(hours=6)}, "session", f"no session at {START:%Y-%m-%d} 16:00 New York"),
        ({"cut_off": START}, "contract", f"UBER 78p {EXPIRY} stopped trading at {START:%Y-%m-%d} 10:00 New York"),
    ],
)
def test_hours_are_told_in_new_york(changes, name, detail):
    at = changes.pop("at", START)
    checks = {
        check.name: check for check in assess(request(contract=make_contract(calendar=NYSE, **changes), at=at)).checks
    }
    assert checks[name].detail == detail


def test_prices_are_told_with_their_cents():
    entry = request(price="1.2", quote=make_quote("1.1", "1.3"))
    told = {check.name: check.detail for check in assess(entry).checks}
    assert told["quote"] == "1.10 x 1.30"
    assert told["spread"] == "0.20"
    assert told["price against market"] == "1.20 against the mid 1.20"
    assert told["price"].startswith("starts at 1.20, at worst 1.")


SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RICH = {"balances": Balances(Decimal(50_000), Decimal(10_000))}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exposure": {"halts": ("operator: test",)}}, DenialCode.HALTED),
        ({"policies": {"instruments": frozenset()}}, DenialCode.INSTRUMENT_DISABLED),
        ({"policies": {"instruments": frozenset({InstrumentKind.EQUITY})}}, DenialCode.INSTRUMENT_DISABLED),
        ({"contract": make_contract(closing_only=True)}, DenialCode.CLOSING_ONLY),
        ({"contract": make_contract(cut_off=START)}, DenialCode.PAST_CUT_OFF),
        ({"contract": make_contract(cut_off=START + SECOND)}, None),
        ({"contract": make_contract(cut_off=None)}, None),
        ({"contract": make_contract(calendar=NYSE)}, None),
        ({"contract": make_contract(calendar=NYSE), "at": START + timedelta(hours=6)}, DenialCode.MARKET_CLOSED),
        ({"exposure": {"unresolved": frozenset({make_contract().symbol})}}, DenialCode.UNRESOLVED_ORDER),
        ({"exposure": {"unresolved": frozenset({"other"})}}, None),
        ({"quote": None}, None),
        ({"quote": None, "policies": {"entry": EntryPolicy(trade_without_quote=False)}}, DenialCode.NO_PRICE),
        ({"quote": None, "price": None}, DenialCode.NO_PRICE),
        ({"price": None}, None),
        ({"quote": make_quote(None, "0.80")}, DenialCode.QUOTE_ONE_SIDED),
        ({"quote": make_quote(None, "0.80"), "price": None}, DenialCode.QUOTE_ONE_SIDED),
        ({"quote": make_quote("0.90", "0.80")}, DenialCode.QUOTE_CROSSED),
        ({"at": START + 2 * SECOND}, None),
        ({"at": START + 3 * SECOND}, DenialCode.QUOTE_STALE),
        ({"quote": make_quote("0.66", "0.84")}, None),  # 24 % of the mid
        ({"quote": make_quote("0.65", "0.85")}, DenialCode.SPREAD_TOO_WIDE),
        ({"quote": make_quote("0.05", "0.09"), "price": "0.05"}, None),  # 4 ticks
        ({"quote": make_quote("0.05", "0.10"), "price": "0.05"}, DenialCode.SPREAD_TOO_WIDE),
        ({"price": "0.375"}, None),
        ({"price": "0.374"}, DenialCode.PRICE_OFF_MARKET),
        ({"price": "1.125"}, None),
        ({"price": "1.13"}, DenialCode.PRICE_OFF_MARKET),
        ({"quote": None, "price": "0.004"}, DenialCode.PRICE_BELOW_TICK),
        ({"exposure": {"positions": 9}}, None),
        ({"exposure": {"positions": 10}}, DenialCode.TOO_MANY_POSITIONS),
        ({"exposure": {"entries": marks(29, MINUTE, 7)}}, None),
        ({"exposure": {"entries": marks(30, MINUTE, 7)}}, DenialCode.TOO_MANY_ENTRIES_DAY),
        ({"exposure": {"entries": marks(30, 24 * HOUR, 7)}}, None),
        ({"exposure": {"entries": marks(5, SECOND, 7)}}, None),
        ({"exposure": {"entries": marks(6, SECOND, 7)}}, DenialCode.TOO_MANY_ENTRIES_MINUTE),
        ({"exposure": {"entries": marks(6, MINUTE, 7)}}, None),
        ({"exposure": {"entries": marks(9, HOUR)}}, None),
        ({"exposure": {"entries": marks(10, HOUR)}}, DenialCode.TOO_MANY_ENTRIES_AUTHOR),
        ({"exposure": {"entries": marks(10, HOUR, 7)}}, None),
        ({"balances": None}, DenialCode.NO_BALANCE),
        ({"baseline": None}, DenialCode.NO_BALANCE),
        ({"balances": Balances(Decimal(50_000), Decimal("95000.01"))}, None),
        ({"balances": Balances(Decimal(50_000), Decimal(95_000))}, DenialCode.DAY_LOSS),
        ({"policies": {"size": SizePolicy(allocation=Decimal("0.1"))}}, DenialCode.ALLOCATION_TOO_SMALL),
        ({"exposure": {"premium_at_risk": Decimal(24_220)}}, None),
        ({"exposure": {"premium_at_risk": Decimal("24220.01")}}, DenialCode.PREMIUM_AT_RISK),
        ({"balances": Balances(Decimal(793), Decimal(100_000))}, None),
        ({"balances": Balances(Decimal("792.99"), Decimal(100_000))}, DenialCode.INSUFFICIENT_BUYING_POWER),
        ({"exposure": {"reserved": Decimal(49_300)}}, DenialCode.INSUFFICIENT_BUYING_POWER),
        ({"policies": {"risk": RiskPolicy(max_contracts=1)}}, None),
    ],
)
def test_each_check_has_its_limit_and_its_code(changes, code):
    denial = assess(request(**changes)).denial
    assert (None if denial is None else denial.code) is code


def test_every_verdict_is_made_even_after_the_first_denial():
    assessment = assess(request(exposure={"halts": ("operator: test",), "positions": 10}))
    assert [check.code for check in assessment.checks if check.code] == [
        DenialCode.HALTED,
        DenialCode.TOO_MANY_POSITIONS,
    ]


def test_without_a_price_or_the_balances_nothing_is_sized():
    assert assess(request(quote=None, price=None)).sizing is None
    assert assess(request(balances=None)).sizing is None


def test_a_one_sided_quote_without_an_alert_price_leaves_no_price():
    codes = [check.code for check in assess(request(quote=make_quote(None, "0.80"), price=None)).checks]
    assert DenialCode.NO_PRICE in codes


def test_only_an_approved_entry_has_a_ladder_and_a_size_to_send():
    plan, sizing = assess(request()).approved
    assert (plan.start, sizing.quantity) == (dec("0.75"), 10)
    with pytest.raises(ValueError, match=r"no order without approval: .*no_price"):
        _ = assess(request(quote=None, price=None)).approved


@pytest.mark.parametrize(
    ("first", "now", "code", "words"),
    [
        ("50000", "47500", DenialCode.DAY_LOSS, "down 5.00 % today, at most 5 %"),
        ("50000", "47500.01", None, "down 5.00 % today, at most 5 %"),
        ("50000", "51000", None, "down 0.00 % today, at most 5 %"),
        ("0", "0", DenialCode.DAY_LOSS, "down 0.00 % today, at most 5 %"),
        ("0", "10", None, "down 0.00 % today, at most 5 %"),
    ],
)
def test_a_days_loss_is_told_in_percent_and_without_amounts(first, now, code, words):
    baseline = Baseline(START.date(), Decimal(first), Decimal(first))
    assert day_loss(baseline, Balances(Decimal(0), Decimal(now)), Policies()) == (code, words)
