import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sqlite.codec import KINDS, CodecError, decode, encode
from adapters.sqlite.hooks import strict_converter
from domain.alerts import Action, Alert, DaysToExpiry, InstrumentKind, MonthDay, RelativeExpiry
from domain.calendar import CalendarName
from domain.commands import Command, Reply, StartTimer
from domain.events import AccountRead, AlertRead, Decision, Denied, DeskStarted, Input, OrderValidated, SessionStarted
from domain.messages import Source
from domain.policies import EntryPolicy, ExitPolicy, GatePolicy, Mode, Policies, RiskPolicy, SizePolicy
from domain.verdicts import DenialCode
from ports.audit_log import ROW_CLASSES
from tests.unit.sqlite.recorded_values import MEMBERS, RECORDED, instances

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def placed(facts):
    return Reply(
        delivery_id="R1", trade_id="T1", message_id="1", channel_id=2, source=Source.API, text="placed", facts=facts
    )


def read_back(value):
    return decode(type(value).__name__, encode(value))


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.__name__)
def test_every_member_reads_back_exactly(member):
    @settings(max_examples=25, deadline=None, database=None)
    @given(instances(member))
    def check(value):
        again = read_back(value)
        assert again == value
        assert type(again) is member
        assert encode(again) == encode(value)

    check()


@settings(max_examples=200, deadline=None)
@given(RECORDED)
def test_the_text_is_canonical_json_in_ascii(value):
    text = encode(value)
    assert text.isascii()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_every_member_has_a_kind_of_its_own_and_a_class():
    assert len(KINDS) == len(ROW_CLASSES) == len(get_args(Input)) + len(get_args(Decision)) + len(get_args(Command))


def test_policies_that_differ_everywhere_from_the_defaults_read_back():
    policies = Policies(
        mode=Mode.LIVE,
        calendar=CalendarName.ALWAYS_OPEN,
        allowed_users=frozenset({3, 1, 2}),
        allowed_channels=frozenset({2**60}),
        allowed_webhooks=frozenset({9}),
        instruments=frozenset(InstrumentKind),
        trim_fraction=Decimal("33.30"),
        fee_per_contract=Decimal("0.65"),
        gate=GatePolicy(max_alert_age=timedelta(seconds=1.5), dedupe_window=timedelta(0)),
        size=SizePolicy(labels={"swing": Decimal("2.50")}, channels={20: Decimal(50), -1: Decimal(0)}, min_contracts=1),
        risk=RiskPolicy(max_quote_age=timedelta(milliseconds=100), max_contracts=50),
        entry=EntryPolicy(initial_wait=timedelta(seconds=1), window=timedelta(microseconds=1_000_001)),
        exit=ExitPolicy(fraction=Decimal(100), min=1),
    )
    assert read_back(DeskStarted(policies, "1.2.3")) == DeskStarted(policies, "1.2.3")


@pytest.mark.parametrize(
    ("expiry", "written"),
    [
        (None, None),
        (date(2026, 12, 5), {"date": "2026-12-05"}),
        (MonthDay(12, 5), {"month_day": {"day": 5, "month": 12}}),
        (DaysToExpiry(0), {"sessions": {"sessions": 0}}),
        (RelativeExpiry.FRIDAY, {"word": "friday"}),
    ],
)
def test_an_expiry_stands_under_its_way_of_writing(expiry, written):
    alert = Alert(action=Action.BUY_TO_OPEN, symbol="UBER", instrument=InstrumentKind.OPTION, expiry=expiry)
    value = AlertRead("T1", alert, "default")
    assert json.loads(encode(value))["alert"]["expiry"] == written
    assert read_back(value) == value


def test_facts_keep_text_number_and_decimal_apart():
    facts = {"order": "12", "quantity": 12, "price": Decimal("12.00"), "exit": None}
    reply = placed(facts)
    again = read_back(reply).facts
    assert [(name, type(fact), str(fact)) for name, fact in again.items()] == [
        ("exit", type(None), "None"),
        ("order", str, "12"),
        ("price", Decimal, "12.00"),
        ("quantity", int, "12"),
    ]


def test_a_decimal_keeps_its_cents():
    assert str(read_back(OrderValidated("c1", fees=Decimal("0.90"))).fees) == "0.90"


def test_an_instant_is_written_in_utc_wherever_it_comes_from():
    new_york = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert encode(StartTimer("t", new_york)) == encode(StartTimer("t", NOON))
    assert json.loads(encode(StartTimer("t", NOON)))["due_at"] == "2026-11-20T17:00:00.000000+00:00"


@settings(max_examples=300, deadline=None)
@given(st.timedeltas())
def test_a_time_span_is_its_exact_seconds(span):
    converter = strict_converter(())
    text = converter.unstructure(span)
    assert Decimal(text) * 1_000_000 == span // timedelta(microseconds=1)
    assert converter.structure(text, timedelta) == span


def test_a_time_span_that_is_a_number_is_refused():
    with pytest.raises(ValueError, match="20 is no time span"):
        strict_converter(()).unstructure(20, timedelta)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (Denied("T1", "stale", "text for a code"), "'stale' is no DenialCode"),
        (Denied("T1", DenialCode.STALE, None), "None is no str"),
        (Denied("T1", DenialCode.STALE, b"bytes"), "is no str"),
        (OrderValidated("c1", fees=Decimal("NaN")), "no finite Decimal"),
        (OrderValidated("c1", fees=Decimal("Infinity")), "no finite Decimal"),
        (OrderValidated("c1", fees=0.9), "0.9 is no finite Decimal"),
        (StartTimer("t", NOON.replace(tzinfo=None)), "no aware instant"),
        (StartTimer("t", NOON.date()), "no aware instant"),
        (SessionStarted(NOON, Decimal(1), Decimal(1)), "is no date"),
        (AccountRead("T1", None), "cannot be recorded"),
        (DeskStarted(evolve(Policies(), instruments=frozenset({"option"})), "1"), "'option' is no InstrumentKind"),
        (DeskStarted(evolve(Policies(), allowed_users=frozenset({True})), "1"), "True is no int"),
        (
            AlertRead("T1", Alert(action=Action.BUY_TO_OPEN, symbol="X", instrument=None, expiry="5/12"), ""),
            "no expiry",
        ),
        (object(), "object is no event, decision or command"),
    ],
)
def test_what_could_not_be_read_back_is_refused_when_it_is_written(value, why):
    with pytest.raises(CodecError, match=why):
        encode(value)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("OrderTeleported", "{}", "kind OrderTeleported is not known here: .* another version"),
        ("Denied", '{"trade_id":"T1","code":"stale"}', "field 'detail' is missing.* another version"),
        ("Denied", '{"trade_id":"T1","code":"stale","detail":"","mood":"bad"}', "mood.* another version"),
        ("Denied", '{"trade_id":"T1","code":"bored","detail":""}', "'bored' is no DenialCode"),
        ("Denied", '{"trade_id":7,"code":"stale","detail":""}', "7 is no str"),
        ("Denied", "[]", "Denied"),
        ("Denied", "", "Denied"),
        ("StartTimer", '{"timer_id":"t","due_at":"2026-11-20T17:00:00"}', "no instant in UTC"),
        ("StartTimer", '{"timer_id":"t","due_at":"noon"}', "noon"),
        ("StartTimer", '{"timer_id":"t","due_at":12}', "12 is no text"),
        ("OrderValidated", '{"client_order_id":"c","detail":"","fees":0.9}', "0.9 is no text"),
        ("OrderValidated", '{"client_order_id":"c","detail":"","fees":"much"}', "'much' is no decimal number"),
        ("OrderValidated", '{"client_order_id":"c","detail":"","fees":"NaN"}', "'NaN' is no finite number"),
        ("AllowlistChanged", '{"by":"a","name":"user","number":true,"allowed":true}', "True is no int"),
        ("AllowlistChanged", '{"by":"a","name":"user","number":1.0,"allowed":true}', "1.0 is no int"),
        ("AllowlistChanged", '{"by":"a","name":"user","number":1,"allowed":"false"}', "'false' is no bool"),
    ],
)
def test_what_this_version_does_not_write_is_an_error_and_never_skipped(kind, text, why):
    with pytest.raises(CodecError, match=why):
        decode(kind, text)


@pytest.mark.parametrize(
    ("path", "bad", "why"),
    [
        (("policies", "size", "channels"), {"020": "1"}, "key '020' is no whole number"),
        (("policies", "size", "channels"), {"x": "1"}, "x"),
        (("policies", "gate", "dedupe_window"), "0.0000001", "no whole microseconds"),
        (("policies", "instruments"), ["crypto"], "'crypto' is no InstrumentKind"),
    ],
)
def test_a_changed_policy_is_an_error(path, bad, why):
    body = json.loads(encode(DeskStarted(Policies(), "1")))
    *parents, last = path
    inner = body
    for name in parents:
        inner = inner[name]
    inner[last] = bad
    with pytest.raises(CodecError, match=why):
        decode("DeskStarted", json.dumps(body))


@pytest.mark.parametrize("expiry", [{}, {"date": "2026-12-05", "word": "friday"}, {"moon": "full"}, "friday", 5])
def test_an_expiry_of_no_known_form_is_an_error(expiry):
    alert = Alert(action=Action.BUY_TO_OPEN, symbol="UBER", instrument=None)
    body = json.loads(encode(AlertRead("T1", alert, "default")))
    body["alert"]["expiry"] = expiry
    with pytest.raises(CodecError, match="is no expiry"):
        decode("AlertRead", json.dumps(body))


@pytest.mark.parametrize("fact", [True, 0.5, {"decimal": 1}, {"decimal": "1", "x": "2"}, ["a"]])
def test_a_fact_of_no_known_form_is_an_error(fact):
    reply = placed({})
    body = json.loads(encode(reply)) | {"facts": {"price": fact}}
    with pytest.raises(CodecError, match=r"is no (fact|text)"):
        decode("Reply", json.dumps(body))


def test_a_field_that_an_old_row_lacks_takes_its_default():
    assert decode("OrderValidated", '{"client_order_id":"c1"}') == OrderValidated("c1")
