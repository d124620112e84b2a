"""A flood or a faulty sender meets the desk's limits: each is reached here, and what it costs is said."""

from datetime import date

import pytest
from attrs import evolve

from domain import events
from domain.account import Balances
from domain.bounds import MAX_ALERTS_DAY, MAX_CANDIDATES, MAX_OUTBOX, MAX_TEXT, MAX_WAITING
from domain.commands import Notify, Reply, ResolveContract, SubmitOrder
from domain.desk.state import ARCHIVE_DAYS
from domain.events import BrokerRead, DeliveryGivenUp, Denied, RequestRefused
from domain.messages import Source
from domain.risk import EntryMark
from domain.verdicts import AnswerStatus, DenialCode, Severity
from tests.support.builders import AUTHOR, START, STRANGER, dec, make_message, seconds
from tests.support.desk_driver import DeskDriver


def is_denied_with(desk: DeskDriver, trade_id: str, code: DenialCode) -> bool:
    return [denied.code for denied in desk.all(Denied) if denied.trade_id == trade_id] == [code]


# ---- messages that wait for recovery -------------------------------------------------------------------------------


def flooded() -> tuple[DeskDriver, list[str]]:
    """Return a desk that recovers while as many alerts wait as may."""
    desk = DeskDriver(start=False)
    desk.start()
    waiting = [desk.post(f"BTO UBER {strike}p 12/04 @ 0.75") for strike in range(100, MAX_WAITING + 100)]
    desk.clear()
    return desk, waiting


def test_the_oldest_of_too_many_messages_that_wait_for_recovery_is_denied_and_the_others_stay():
    desk, waiting = flooded()
    newest = desk.post()
    assert is_denied_with(desk, waiting[0], DenialCode.TOO_MANY_WAITING)
    assert desk.answer(waiting[0]).reason == "too_many_waiting"
    assert [received.trade_id for received in desk.state.waiting] == [*waiting[1:], newest]
    assert not desk.all(ResolveContract)


def test_chatter_and_strangers_that_make_room_are_recorded_as_ever():
    desk = DeskDriver(start=False)
    desk.start()
    chatter = desk.post("good morning", source=Source.DISCORD)
    stranger = desk.post(user_id=STRANGER, source=Source.DISCORD)
    for _ in range(MAX_WAITING):
        desk.post("hello", source=Source.DISCORD)
    assert [ignored.trade_id for ignored in desk.all(events.AlertIgnored)] == [chatter]
    assert is_denied_with(desk, stranger, DenialCode.NOT_ALLOWED)
    assert not desk.replies()


# ---- alerts in hand ------------------------------------------------------------------------------------------------


def test_no_more_alerts_are_decided_at_once_than_may_be():
    desk = DeskDriver()
    for strike in range(100, MAX_CANDIDATES + 100):
        desk.post(f"BTO UBER {strike}p 12/04 @ 0.75")
    assert len(desk.state.candidates) == MAX_CANDIDATES
    assert not desk.all(Denied)
    one_more = desk.post("BTO UBER 900p 12/04 @ 0.75")
    assert is_denied_with(desk, one_more, DenialCode.TOO_MANY_WAITING)
    assert len(desk.state.candidates) == MAX_CANDIDATES


def acted_on(desk: DeskDriver, day: date, count: int) -> None:
    desk.state = evolve(desk.state, seen={day: frozenset(f"earlier-{number}" for number in range(count))})


def test_the_last_alert_of_a_day_is_taken_and_pages_and_the_next_is_denied():
    desk = DeskDriver()
    acted_on(desk, START.date(), MAX_ALERTS_DAY - 1)
    last = desk.say()
    assert desk.answer(last).status is AnswerStatus.PLACED
    (page,) = desk.pages()
    assert f"{MAX_ALERTS_DAY} alerts came today, the last from {AUTHOR}" in page
    over = desk.say("BTO UBER 80p 12/04 @ 0.75")
    assert is_denied_with(desk, over, DenialCode.TOO_MANY_ALERTS_DAY)
    assert len(desk.all(SubmitOrder)) == 1
    assert len(desk.pages()) == 1


def test_a_close_is_never_one_too_many():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    acted_on(desk, START.date(), MAX_ALERTS_DAY)
    closing = desk.say("STC UBER 78p 12/04")
    assert desk.answer(closing).status is AnswerStatus.PLACED
    assert desk.answer(desk.say("STC UBER 78p 12/04", message_id=desk.message().message_id)).reason == "duplicate"


def test_yesterdays_alerts_do_not_count_and_are_still_known():
    desk = DeskDriver()
    acted_on(desk, date(2026, 11, 19), MAX_ALERTS_DAY)
    assert desk.answer(desk.say()).status is AnswerStatus.PLACED
    assert desk.answer(desk.say(message_id="earlier-7")).status is AnswerStatus.DUPLICATE


# ---- replies and notices -------------------------------------------------------------------------------------------


def test_a_full_outbox_gives_up_the_oldest_reply_and_keeps_pages_to_the_last():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.feed(events.AuthorizationLost("revoked"))
    desk.feed(events.ResumeRequested("admin", ""))
    page, info = desk.all(Notify)[:2]
    assert page.severity is Severity.PAGE
    desk.clear()
    for number in range(MAX_OUTBOX - 1):
        desk.feed(events.AlertReceived(f"L{number}", make_message("hello", message_id=f"chatter-{number}")))
    (given_up,) = desk.all(DeliveryGivenUp)
    assert given_up.delivery_id == desk.all(Reply)[0].delivery_id
    assert given_up.detail == f"more than {MAX_OUTBOX} replies and notices wait"
    assert len(desk.state.outbox) == MAX_OUTBOX
    assert {page.delivery_id, info.delivery_id} <= set(desk.state.outbox)


def test_of_notices_alone_the_pages_stay():
    desk = DeskDriver()
    desk.deliver_replies = False
    desk.feed(events.AuthorizationLost("revoked"))
    page = desk.last(Notify)
    for _ in range(MAX_OUTBOX):
        desk.feed(events.ResumeRequested("admin", ""))
    assert page.delivery_id in desk.state.outbox
    assert len(desk.state.outbox) == MAX_OUTBOX


def test_a_reason_of_any_length_leaves_as_a_text_that_a_room_takes():
    desk = DeskDriver()
    desk.feed(events.HaltRequested("admin", "x" * 50_000))
    notice = desk.last(Notify)
    assert len(notice.text) == MAX_TEXT
    assert notice.text.endswith("…")
    assert desk.state.outbox[notice.delivery_id].what == notice


# ---- numbers from outside ------------------------------------------------------------------------------------------

ABSURD = [Balances(dec("NaN"), dec("100000")), Balances(dec("50000"), dec("1e13"))]


@pytest.mark.parametrize("balances", ABSURD)
def test_an_account_that_cannot_be_is_not_traded_on_and_told(balances):
    desk = DeskDriver()
    desk.balances = balances
    trade_id = desk.say()
    assert is_denied_with(desk, trade_id, DenialCode.READ_FAILED)
    assert "The broker's answer is not believed" in desk.last(Notify).text
    assert not desk.all(SubmitOrder)


@pytest.mark.parametrize("balances", ABSURD)
def test_what_was_known_of_the_account_stays_where_an_answer_cannot_be(balances):
    desk = DeskDriver()
    before = desk.state.balances
    desk.feed(events.AccountRead(None, balances))
    assert desk.state.balances == before
    assert desk.last(Notify).severity is Severity.WARNING


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-0.01", "1000001"])
def test_an_operators_price_that_cannot_be_one_is_refused_by_name(price):
    desk = DeskDriver()
    desk.say()
    (refused,) = desk.feed(events.ReplaceRequested("admin", "B1", dec(price)))
    assert isinstance(refused, RequestRefused)
    assert (refused.code, refused.detail) == (DenialCode.PRICE_BELOW_TICK, f"{dec(price)} can not be a price")


# ---- what is over --------------------------------------------------------------------------------------------------


def test_the_first_look_of_a_day_forgets_trades_and_entries_that_are_too_old_for_news():
    desk = DeskDriver()
    desk.say()
    desk.advance(100)
    assert "T1" in desk.state.archive
    assert [type(mark) for mark in desk.state.entries] == [EntryMark]
    desk.now += ARCHIVE_DAYS + seconds(3600)
    desk.say("BTO UBER 78p 1/15 @ 0.75")
    assert "T1" not in desk.state.archive
    assert [mark.at for mark in desk.state.entries] == [desk.now]
    assert desk.answer(desk.say("BTO UBER 80p 1/15 @ 0.75", message_id="m1")).status is AnswerStatus.DUPLICATE


def test_a_broker_that_cannot_be_read_leaves_no_trail_of_its_own():
    desk = DeskDriver()
    for _ in range(50):
        desk.feed(BrokerRead(desk.now, (), (), complete=False, detail="away"))
    assert not desk.state.outbox
    assert not desk.state.reconciliation.differences
