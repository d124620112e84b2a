"""What the desk makes of messages: ignored, denied, begun; edited and deleted ones; who hears what."""

import pytest

from domain import events
from domain.alerts import Refusal
from domain.allowlist import ListName
from domain.commands import Notify, SubmitOrder
from domain.events import AlertIgnored, AlertRead, Denied
from domain.messages import MessageKind, Source
from domain.policies import GatePolicy, OtherAuthor
from domain.verdicts import AnswerStatus, DenialCode, Severity
from tests.support.builders import ALERT, AUTHOR, OTHER_AUTHOR, START, STRANGER, WEBHOOK, make_policies, seconds
from tests.support.desk_driver import DeskDriver


def test_chatter_is_recorded_and_a_room_hears_nothing():
    desk = DeskDriver()
    desk.say("good morning everyone", source=Source.DISCORD)
    assert desk.last(AlertIgnored).reason == Refusal.NO_ORDER
    assert not desk.replies()


def test_what_looks_like_an_order_but_is_none_is_answered_in_the_room():
    desk = DeskDriver()
    answer = desk.answer(desk.say("BTO UBER 78p", source=Source.DISCORD))
    assert (answer.status, answer.reason) == (AnswerStatus.IGNORED, desk.last(AlertIgnored).reason)
    assert answer.text.startswith("[paper] Not traded")


def test_whoever_waits_for_an_answer_gets_one_for_chatter_too():
    desk = DeskDriver()
    assert desk.answer(desk.say("good morning everyone")).status is AnswerStatus.IGNORED


@pytest.mark.parametrize("text", [ALERT, "BTO UBER 78p", "hello"])
def test_a_stranger_in_a_room_gets_no_reply(text):
    desk = DeskDriver()
    desk.say(text, user_id=STRANGER, source=Source.DISCORD)
    assert not desk.replies()
    assert not desk.all(SubmitOrder)
    if text == ALERT:
        assert desk.last(Denied).code is DenialCode.NOT_ALLOWED


def test_a_stranger_at_the_api_is_told():
    desk = DeskDriver()
    assert desk.answer(desk.say(user_id=STRANGER)).reason == "not_allowed"


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.POST])
def test_no_other_kind_of_post_is_traded(kind):
    desk = DeskDriver()
    desk.say(kind=kind, source=Source.DISCORD)
    assert desk.last(Denied).code.value in {kind.value, "system_message", "direct_message", "own_message"}
    assert not desk.all(SubmitOrder)
    heard = kind not in {MessageKind.BOT, MessageKind.OWN, MessageKind.SYSTEM}
    assert bool(desk.replies()) is heard


def test_a_listed_webhook_trades_without_a_listed_author():
    desk = DeskDriver()
    trade_id = desk.say(kind=MessageKind.BOT, webhook_id=WEBHOOK, user_id=WEBHOOK)
    assert desk.answer(trade_id).status is AnswerStatus.PLACED


def test_a_message_is_acted_on_once_ever():
    desk = DeskDriver()
    desk.say(message_id="same")
    desk.advance(30)
    assert desk.answer(desk.say(message_id="same")).status is AnswerStatus.DUPLICATE
    desk.crash()
    desk.settle()
    assert desk.answer(desk.say(message_id="same")).status is AnswerStatus.DUPLICATE
    assert len([b for b in desk.broker.books if b.order.client_order_id.endswith("E1")]) == 1


def test_a_stale_message_and_one_from_the_future_are_denied():
    desk = DeskDriver()
    assert desk.answer(desk.say(at=START - seconds(61))).reason == "stale"
    assert desk.answer(desk.say(at=START + seconds(6))).reason == "from_the_future"
    assert not desk.all(AlertRead)


def test_the_same_contract_within_the_window_is_a_duplicate():
    desk = DeskDriver()
    desk.say()
    desk.advance(10)
    assert desk.answer(desk.say()).reason == "duplicate_contract"
    desk.advance(10.1)
    assert desk.answer(desk.say()).status is AnswerStatus.PLACED


@pytest.mark.parametrize(("policy", "reason"), [(OtherAuthor.IGNORE, "already_held"), (OtherAuthor.ADD, None)])
def test_another_authors_call_of_the_same_contract(policy, reason):
    desk = DeskDriver(make_policies(gate=GatePolicy(other_author=policy)))
    desk.say()
    assert desk.answer(desk.say(user_id=OTHER_AUTHOR)).reason == reason


def test_another_authors_call_counts_while_the_first_is_still_being_decided():
    desk = DeskDriver()
    desk.post()
    desk.say(user_id=OTHER_AUTHOR)
    assert desk.last(Denied).code is DenialCode.ALREADY_HELD


@pytest.mark.parametrize("text", ["BTC UBER 78p 12/04 @ 0.75", "STO UBER 78p 12/04 @ 0.75"])
def test_what_is_never_traded_is_recognised_and_denied(text):
    desk = DeskDriver()
    assert desk.answer(desk.say(text)).reason == "unsupported_action"


def test_removal_from_the_list_takes_effect_at_once_even_for_an_alert_in_hand():
    desk = DeskDriver()
    trade_id = desk.post()
    desk.feed(events.AllowlistChangeRequested("admin", ListName.USER, AUTHOR, allowed=False))
    desk.settle()
    assert desk.answer(trade_id).reason == "not_allowed"
    assert not desk.all(SubmitOrder)
    assert desk.last(events.AllowlistChanged).allowed is False


def test_an_addition_lasts_over_restarts():
    desk = DeskDriver()
    desk.feed(events.AllowlistChangeRequested("admin", ListName.USER, STRANGER, allowed=True))
    desk.crash()
    desk.settle()
    assert desk.answer(desk.say(user_id=STRANGER)).status is AnswerStatus.PLACED


def test_an_edit_that_changes_the_order_is_told_once_and_changes_nothing():
    desk = DeskDriver()
    desk.say()
    orders = len(desk.broker.books)
    desk.feed(events.MessageEdited("m1", "BTO UBER 80p 12/04 @ 0.75"))
    notice = desk.last(Notify)
    assert notice.severity is Severity.WARNING
    assert "was edited and now reads as another order" in notice.text
    desk.feed(events.MessageEdited("m1", "BTO UBER 80p 12/04 @ 0.75"))
    desk.settle()
    assert len({notice.delivery_id for notice in desk.all(Notify)}) == 1
    assert len(desk.broker.books) == orders


def test_an_edit_that_reads_the_same_is_no_news():
    desk = DeskDriver()
    desk.say()
    desk.feed(events.MessageEdited("m1", ALERT + " "))
    assert not desk.all(Notify)


def test_an_edit_of_a_closed_trade_is_told_with_what_it_reads_as():
    desk = DeskDriver()
    desk.say()
    desk.advance(100)
    desk.feed(events.MessageEdited("m1", "never mind"))
    assert "now reads as no_order" in desk.last(Notify).text


def test_an_edit_back_is_told_too():
    desk = DeskDriver()
    desk.say()
    desk.feed(events.MessageEdited("m1", "never mind"))
    desk.settle()
    desk.feed(events.MessageEdited("m1", ALERT))
    assert "now reads as another order" in desk.last(Notify).text


@pytest.mark.parametrize("is_over", [False, True])
def test_an_edit_of_what_a_close_rests_on_is_told_once_while_it_goes_on(is_over):
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    trade_id = desk.say("STC 1/2 UBER 78p 12/04")
    if is_over:
        desk.fill(f"{trade_id}-C1", 2)
        desk.settle()
        assert trade_id in desk.state.finished
    before = len(desk.all(Notify))
    for _ in range(2):
        desk.feed(events.MessageEdited("m2", "STC AMZN 200c 12/04"))
        desk.settle()
    told = {notice.delivery_id: notice for notice in desk.all(Notify)[before:]}
    assert all(f"The alert behind {trade_id} (UBER" in notice.text for notice in told.values())
    assert len(told) == (2 if is_over else 1)


def test_an_operators_close_has_no_alert_that_could_be_edited():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    desk.feed(events.CloseRequested("bob", "T9", "UBER"))
    desk.settle()
    before = len(desk.all(Notify))
    desk.feed(events.MessageEdited("another", "STC AMZN 200c 12/04"))
    assert len(desk.all(Notify)) == before


@pytest.mark.parametrize("text", ["BTO UBER 80p 12/04 @ 0.75", "never mind"])
def test_an_alert_that_is_edited_before_it_is_decided_is_not_traded(text):
    desk = DeskDriver()
    trade_id = desk.post()
    desk.feed(events.MessageEdited("m1", text))
    desk.settle()
    assert desk.last(Denied).code is DenialCode.EDIT
    assert len({answer.delivery_id for answer in desk.answers(trade_id)}) == 1
    assert not desk.all(SubmitOrder)
    assert not desk.state.candidates


def test_an_alert_in_hand_that_reads_the_same_after_an_edit_is_traded():
    desk = DeskDriver()
    desk.post()
    desk.feed(events.MessageEdited("m1", ALERT + " "))
    desk.feed(events.MessageEdited("m2", "never mind"))
    desk.settle()
    assert len(desk.all(SubmitOrder)) == 1


@pytest.mark.parametrize(
    ("user", "code", "answers"), [(AUTHOR, DenialCode.EDIT, 1), (STRANGER, DenialCode.NOT_ALLOWED, 0)]
)
def test_an_alert_that_is_edited_while_it_waits_for_the_start_is_not_traded(user, code, answers):
    desk = DeskDriver(start=False)
    desk.start()
    trade_id = desk.post(user_id=user, source=Source.DISCORD)
    chatter = desk.post("good morning", user_id=user, source=Source.DISCORD)
    assert len(desk.state.waiting) == 2
    desk.feed(events.MessageEdited("m1", "BTO UBER 80p 12/04 @ 0.75"))
    desk.feed(events.MessageEdited("m2", "BTO UBER 80p 12/04 @ 0.75"))
    assert [received.trade_id for received in desk.state.waiting] == [chatter]
    desk.settle()
    assert desk.all(Denied)[0].code is code
    assert len({answer.delivery_id for answer in desk.answers(trade_id)}) == answers
    assert not desk.all(SubmitOrder)


def test_deleting_an_alert_cancels_what_is_unfilled_and_keeps_what_is_filled():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 4)
    desk.feed(events.MessageDeleted("m1"))
    desk.settle()
    assert desk.state.trades["T1"].entry.withdrawn == "the alert was deleted"
    assert [b.order.client_order_id for b in desk.broker.live] == ["T1-X1"]
    desk.feed(events.MessageDeleted("m1"))
    assert desk.state.trades["T1"].held == 4


@pytest.mark.parametrize(("source", "answers"), [(Source.API, 1), (Source.DISCORD, 0)])
def test_deleting_an_alert_in_hand_drops_it(source, answers):
    desk = DeskDriver()
    trade_id = desk.post(source=source)
    desk.feed(events.MessageDeleted("m1"))
    desk.settle()
    assert desk.last(AlertIgnored).reason == "deleted"
    assert len(desk.answers(trade_id)) == answers
    assert not desk.all(SubmitOrder)


def test_deleting_an_alert_that_waits_for_recovery_drops_it():
    desk = DeskDriver(start=False)
    desk.start()
    trade_id = desk.post()
    other = desk.post("BTO UBER 80p 12/04 @ 0.75")
    desk.feed(events.MessageDeleted("m1"))
    desk.settle()
    assert desk.answer(trade_id).status is AnswerStatus.IGNORED
    assert desk.answer(other).status is AnswerStatus.PLACED
    assert len(desk.broker.books) == 1


def test_a_halt_in_between_denies_an_alert_in_hand_once():
    desk = DeskDriver()
    trade_id = desk.post()
    desk.feed(events.HaltRequested("admin", "news"))
    desk.settle()
    assert desk.answer(trade_id).reason == "halted"
    assert not desk.state.candidates
    assert desk.state.is_idle


def test_deleting_one_alert_in_hand_leaves_the_others():
    desk = DeskDriver()
    desk.post()
    other = desk.post("BTO UBER 80p 12/04 @ 0.75")
    desk.feed(events.MessageDeleted("m1"))
    desk.settle()
    assert desk.answer(other).status is AnswerStatus.PLACED
    assert len(desk.broker.books) == 1


def test_the_last_post_of_each_channel_is_known_over_restarts():
    desk = DeskDriver()
    for message_id, channel_id in (("105", 21), ("103", 21), ("7", 22), ("line-9", 21)):
        desk.say("hello", message_id=message_id, channel_id=channel_id, source=Source.DISCORD)
    desk.say("hello", message_id="999", source=Source.API)
    desk.crash()
    assert desk.state.last_posts == {21: 105, 22: 7}


@pytest.mark.parametrize("kind", [MessageKind.OWN, MessageKind.BOT, MessageKind.SYSTEM])
def test_a_bots_order_that_cannot_be_read_gets_no_reply_that_it_could_answer_in_turn(kind):
    desk = DeskDriver()
    desk.say("BTO UBER 78 12/05 @ 0.75", kind=kind, source=Source.DISCORD)
    assert not desk.replies()
