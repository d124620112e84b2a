"""Steps of the room: what is posted there, and what the desk answers."""

from datetime import datetime, time, timedelta

from pytest_bdd import parsers, step, then, when

from domain.calendar import NEW_YORK, new_york_date
from domain.messages import MessageKind
from domain.orders import Side
from domain.verdicts import Severity
from tests.steps.desk import PaperDesk
from tests.steps.people import WEBHOOKS

KINDS = {
    "reply": MessageKind.REPLY,
    "forward": MessageKind.FORWARD,
    "edit": MessageKind.EDIT,
    "system message": MessageKind.SYSTEM,
    "direct message": MessageKind.DIRECT,
    "bot": MessageKind.BOT,
    "the bot itself": MessageKind.OWN,
}
SEVERITIES = {"told": Severity.INFO, "warned": Severity.WARNING, "paged": Severity.PAGE}


# ---- posts ---------------------------------------------------------------------------------------------------------


@step(parsers.parse('{author:w} posts "{text}"'))
def _posts(desk: PaperDesk, author: str, text: str) -> None:
    desk.posted = desk.post(text, by=author)


@step(parsers.parse('{author:w} posts "{text}" in {channel:S}'))
def _posts_in(desk: PaperDesk, author: str, text: str, channel: str) -> None:
    desk.posted = desk.post(text, by=author, in_=channel)


@when(parsers.parse('a post of {author:w} arrives {age:g} seconds after it was written: "{text}"'))
def _arrives_late(desk: PaperDesk, author: str, age: float, text: str) -> None:
    desk.posted = desk.post(text, by=author, age=age)


@when(parsers.parse('a post of {author:w} is dated {ahead:g} seconds ahead of our clock: "{text}"'))
def _arrives_early(desk: PaperDesk, author: str, ahead: float, text: str) -> None:
    desk.posted = desk.post(text, by=author, age=-ahead)


@when(parsers.parse('{seconds:g} seconds after the alert {author:w} posts "{text}"'))
def _posts_after(desk: PaperDesk, seconds: float, author: str, text: str) -> None:
    desk.pass_until(desk.posted.posted_at + timedelta(seconds=seconds))
    desk.posted = desk.post(text, by=author)


@when(parsers.parse('a moment before {hour} {author:w} posts "{text}"'))
def _posts_at_the_bell(desk: PaperDesk, hour: str, author: str, text: str) -> None:
    """So late that the account is read after that hour."""
    _ = desk.runtime
    bell = datetime.combine(new_york_date(desk.now), time.fromisoformat(hour), NEW_YORK)
    desk.pass_until(bell - timedelta(milliseconds=20))
    desk.posted = desk.post(text, by=author)


@when(parsers.parse('this comes as {kind}: "{text}"'))
def _posts_kind(desk: PaperDesk, kind: str, text: str) -> None:
    desk.posted = desk.post(text, kind=KINDS[kind.removeprefix("a ").removeprefix("an ")])


@when(parsers.parse('the {webhook:w} webhook posts "{text}"'))
def _webhook_posts(desk: PaperDesk, webhook: str, text: str) -> None:
    number = WEBHOOKS[webhook]
    desk.posted = desk.post(text, kind=MessageKind.BOT, webhook_id=number, user_id=number)


@when(parsers.parse('{author:w} asks for a dry run of "{text}"'))
def _dry_run(desk: PaperDesk, author: str, text: str) -> None:
    desk.posted = desk.post(text, by=author, dry_run=True)


@when("the same message arrives again")
def _again(desk: PaperDesk) -> None:
    desk.post_again(desk.posted)


@when(parsers.parse('{author:w} edits the alert to "{text}"'))
def _edits(desk: PaperDesk, author: str, text: str) -> None:
    desk.edit(desk.posted, text)


@when(parsers.parse("{author:w} deletes the alert"))
def _deletes(desk: PaperDesk, author: str) -> None:
    desk.delete(desk.posted)


@when(parsers.parse('{author:w} posts "{text}" while the desk is down for {seconds:g} seconds'))
def _while_down(desk: PaperDesk, author: str, text: str, seconds: float) -> None:
    _ = desk.runtime
    desk.stop()
    desk.post_while_down(text, by=author)
    desk.pass_time(seconds)
    desk.start()


@step("the room cannot be reached")
def _room_away(desk: PaperDesk) -> None:
    desk.room.is_away = True


@when("the room can be reached again")
def _room_back(desk: PaperDesk) -> None:
    desk.room.is_away = False


@step("the operator's phone cannot be reached")
def _phone_away(desk: PaperDesk) -> None:
    desk.pager.is_away = True


@when("the operator's phone can be reached again")
def _phone_back(desk: PaperDesk) -> None:
    desk.pager.is_away = False


# ---- verdicts ------------------------------------------------------------------------------------------------------


@then(parsers.parse("the alert is denied: {reason}"))
def _denied(desk: PaperDesk, reason: str) -> None:
    """The last message led to this denial, and no order went out for it."""
    trade_id = desk.last_alert()
    denials = desk.recorded("Denied", trade_id=trade_id)
    assert [denial.body.code.value.replace("_", " ") for denial in denials] == [reason], denials
    assert not desk.recorded("SubmitOrder", trade_id=trade_id)


@then(parsers.parse("the message is recorded as ignored: {reason}"))
def _ignored(desk: PaperDesk, reason: str) -> None:
    ignored = desk.recorded("AlertIgnored", trade_id=desk.last_alert())
    assert [row.body.reason.replace("_", " ") for row in ignored] == [reason]


@then("the alert is accepted")
def _accepted(desk: PaperDesk) -> None:
    """Every check passed and an order went to the broker."""
    trade_id = desk.last_alert()
    assert not desk.recorded("Denied", "AlertIgnored", trade_id=trade_id)
    assert desk.recorded("SubmitOrder", trade_id=trade_id), desk.room.heard()


@then("nothing is sent to the broker")
def _nothing_sent(desk: PaperDesk) -> None:
    assert desk.orders() == []
    assert desk.recorded("SubmitOrder", "ReplaceOrder", "CancelOrder") == []


@then(parsers.re("the broker has seen (?P<count>no entry|one entry|two entries)"))
def _entries(desk: PaperDesk, count: str) -> None:
    bought = [order for order in desk.orders() if order.side is Side.BUY_TO_OPEN]
    assert len(bought) == ["no entry", "one entry", "two entries"].index(count), bought


# ---- what is heard -------------------------------------------------------------------------------------------------


@then(parsers.parse('the reply says "{text}"'))
def _reply(desk: PaperDesk, text: str) -> None:
    """The first answer to the last message."""
    trade_id = desk.last_alert()
    first = [reply for reply in desk.room.replies if reply.trade_id == trade_id and reply.status is not None]
    assert len(first) == 1, f"{len(first)} first replies in {desk.room.heard()}"
    assert _known(desk, text) in first[0].text, first[0].text


@then(parsers.parse('the room hears "{text}"'))
def _room_hears(desk: PaperDesk, text: str) -> None:
    wanted = _known(desk, text)
    assert any(wanted in heard for heard in desk.room.heard()), desk.room.heard()


@then(parsers.parse('the room hears "{text}" {count:d} time'))
def _room_hears_times(desk: PaperDesk, text: str, count: int) -> None:
    wanted = _known(desk, text)
    assert sum(wanted in heard for heard in desk.room.heard()) == count, desk.room.heard()


@then(parsers.parse("the first answer came within {seconds:g} seconds"))
def _in_time(desk: PaperDesk, seconds: float) -> None:
    """From the instant of the post to the instant of the reply, in the log."""
    received = desk.recorded("AlertReceived")[-1]
    answered = next(
        row for row in desk.recorded("Reply", trade_id=received.row.trade_id) if row.body.status is not None
    )
    assert (answered.at - received.body.message.posted_at).total_seconds() <= seconds
    assert desk.room.replies[-1].delivery_id == answered.body.delivery_id


@then("the room hears nothing")
def _room_silent(desk: PaperDesk) -> None:
    assert desk.room.heard() == []


@then("the room hears:")
def _room_hears_all(desk: PaperDesk, datatable: list[list[str]]) -> None:
    """Every reply so far, in order; each contains the words of its line."""
    heard = desk.room.heard()
    wanted = [_known(desk, line[0]) for line in datatable]
    assert len(heard) == len(wanted), heard
    assert all(words in told for words, told in zip(wanted, heard, strict=True)), heard


@then(parsers.parse('the operator is {how:w}: "{text}"'))
def _operator(desk: PaperDesk, how: str, text: str) -> None:
    heard = desk.pager.heard(SEVERITIES[how])
    assert any(_known(desk, text) in told for told in heard), desk.pager.notices


@then("the operator hears nothing")
def _operator_silent(desk: PaperDesk) -> None:
    assert desk.pager.notices == []


def _known(desk: PaperDesk, text: str) -> str:
    """Put the broker's own ids in for the words that stand for them."""
    orders = desk.orders()
    for word, side in (("ENTRY_ID", Side.BUY_TO_OPEN), ("EXIT_ID", Side.SELL_TO_CLOSE)):
        found = [order.broker_order_id for order in orders if order.side is side]
        if word in text:
            text = text.replace(word, found[-1])
    return text


@then(parsers.parse('the operator is {how:w} {count:d} time: "{text}"'))
@then(parsers.parse('the operator is {how:w} {count:d} times: "{text}"'))
def _operator_times(desk: PaperDesk, how: str, count: int, text: str) -> None:
    heard = desk.pager.heard(SEVERITIES[how])
    assert sum(_known(desk, text) in told for told in heard) == count, desk.pager.notices
