"""What a message starts: through the gate and the grammar to a candidate entry or a close, or to one reason why not."""

from attrs import evolve

from domain.alerts import Action, Alert, NotAnAlert, Refusal
from domain.bounds import MAX_ALERTS_DAY, MAX_WAITING
from domain.calendar import new_york_date
from domain.closing import Closing
from domain.desk.entering import begin_entry
from domain.desk.forgetting import alerts_today
from domain.desk.lifecycle import withdraw_entry
from domain.desk.selling import start_close_alert
from domain.desk.state import Candidate
from domain.desk.turn import Turn
from domain.events import AlertIgnored, AlertRead, AlertReceived, MessageDeleted, MessageEdited
from domain.gate import RecentAlert, age_denial, is_repeat, kind_denial, query_of
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read
from domain.grammar.reader import TEXT_MAX
from domain.messages import Message, Source
from domain.policies import OtherAuthor
from domain.trade import Trade
from domain.verdicts import AnswerStatus, DenialCode, Severity

# Reasons that a room hears nothing of: ordinary talk. The others look like an order that was not traded.
CHATTER = frozenset(
    {
        Refusal.NO_ORDER,
        Refusal.EMPTY,
        Refusal.TOO_LONG,
        Refusal.QUESTION,
        Refusal.NEGATED,
        Refusal.PLAN,
        Refusal.RECAP,
        Refusal.QUOTED,
        Refusal.STOP_MOVE,
        Refusal.ANALYSIS,
        Refusal.ADVERTISEMENT,
        Refusal.INSTRUCTION,
        Refusal.NO_VERB,
    }
)


def on_message(turn: Turn, event: AlertReceived) -> None:
    """Decide on a message: recorded as ignored, denied with one code, or begun."""
    message = event.message
    _note_post(turn, message)
    if turn.state.is_ready:
        _decide(turn, event)
        return
    turn.change(waiting=(*turn.state.waiting, event))
    if len(turn.state.waiting) > MAX_WAITING:
        oldest, *rest = turn.state.waiting
        turn.change(waiting=tuple(rest))
        _decide(turn, oldest, crowded=True)


def _decide(turn: Turn, event: AlertReceived, *, crowded: bool = False) -> None:
    """Decide on a message now. `crowded`: it has to make room for younger ones, and nothing may begin with it."""
    message, trade_id = event.message, event.trade_id
    reading = _reading(turn, message, message.text)
    if isinstance(reading, NotAnAlert):
        _ignore(turn, event, reading)
        return
    if not turn.state.allows(message):
        _deny_stranger(turn, message, trade_id)
        return
    denial = _gate(turn, message) or _too_many(turn, reading, crowded=crowded)
    if denial is not None:
        turn.deny(message, trade_id, *denial)
        return
    _remember(turn, message)
    turn.emit(AlertRead(trade_id, reading, _profile(turn, message).name))
    _begin(turn, event, reading)


def _deny_stranger(turn: Turn, message: Message, trade_id: str) -> None:
    detail = f"author {message.user_id} in channel {message.channel_id} is not on the allowlist"
    turn.deny(message, trade_id, DenialCode.NOT_ALLOWED, detail, stranger=True)


def _note_post(turn: Turn, message: Message) -> None:
    if message.source is not Source.DISCORD or not message.message_id.isdecimal():
        return
    number, last = int(message.message_id), turn.state.last_posts.get(message.channel_id, 0)
    if number > last:
        turn.change(last_posts={**turn.state.last_posts, message.channel_id: number})


def _ignore(turn: Turn, event: AlertReceived, reading: NotAnAlert) -> None:
    message = event.message
    turn.emit(AlertIgnored(event.trade_id, reading.reason.value, reading.detail))
    spoken_to = turn.state.allows(message) and not turn.is_unheard(message)
    if message.source is Source.DISCORD and (reading.reason in CHATTER or not spoken_to):
        return
    detail = f": {reading.detail}" if reading.detail else ""
    text = f"Not traded ({reading.reason}){detail}"
    turn.tell(message, event.trade_id, text, status=AnswerStatus.IGNORED, reason=reading.reason.value)


def _gate(turn: Turn, message: Message) -> tuple[DenialCode, str] | None:
    webhook_allowed = message.webhook_id is not None and message.webhook_id in turn.state.allowlist.webhooks
    kind = kind_denial(message, webhook_allowed=webhook_allowed)
    if kind is not None:
        return kind, f"a {message.kind.value} is never an alert"
    if turn.state.knows_message(message.message_id):
        return DenialCode.DUPLICATE, f"message {message.message_id} was acted on before"
    return age_denial(message, turn.at, turn.state.policies.gate)


def _too_many(turn: Turn, alert: Alert, *, crowded: bool) -> tuple[DenialCode, str] | None:
    if crowded:
        return DenialCode.TOO_MANY_WAITING, f"more than {MAX_WAITING} messages waited while the broker was read"
    if alerts_today(turn) >= MAX_ALERTS_DAY and alert.action is not Action.SELL_TO_CLOSE:
        return DenialCode.TOO_MANY_ALERTS_DAY, f"{MAX_ALERTS_DAY} alerts were acted on today"
    return None


def _remember(turn: Turn, message: Message) -> None:
    day = new_york_date(turn.at)
    today = turn.state.seen.get(day, frozenset()) | {message.message_id}
    turn.change(seen={**turn.state.seen, day: today})
    if len(today) == MAX_ALERTS_DAY:
        text = f"{MAX_ALERTS_DAY} alerts came today, the last from {message.user_id}: no more entries are taken."
        turn.notify(Severity.PAGE, text)


def _begin(turn: Turn, event: AlertReceived, alert: Alert) -> None:
    message, trade_id = event.message, event.trade_id
    if alert.action not in {Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE}:
        turn.deny(message, trade_id, DenialCode.UNSUPPORTED_ACTION, f"{alert.action} is recognised and never traded")
        return
    repeat = _repeat(turn, message, alert)
    if repeat is not None:
        turn.deny(message, trade_id, *repeat)
    elif alert.action is Action.SELL_TO_CLOSE:
        start_close_alert(turn, event, alert)
    else:
        begin_entry(turn, Candidate(trade_id=trade_id, message=message, alert=alert))


def _repeat(turn: Turn, message: Message, alert: Alert) -> tuple[DenialCode, str] | None:
    query = query_of(alert)
    if query is None:
        return None
    gate = turn.state.policies.gate
    mark = RecentAlert(turn.at, message.user_id, alert.action, query)
    within = tuple(known for known in turn.state.recent if turn.at - known.at <= gate.dedupe_window)
    turn.change(recent=(*within, mark))
    if is_repeat(within, mark, gate.dedupe_window):
        window = gate.dedupe_window.total_seconds()
        return DenialCode.DUPLICATE_CONTRACT, f"the same author gave {query} within {window:g} s"
    if alert.action is not Action.BUY_TO_OPEN or gate.other_author is not OtherAuthor.IGNORE:
        return None
    on: tuple[Trade | Candidate, ...] = (*turn.state.trades.values(), *turn.state.candidates.values())
    for known in on:
        if query_of(known.alert) == query and known.message.user_id != message.user_id:
            detail = f"{query} is held or working from another author's alert ({known.trade_id})"
            return DenialCode.ALREADY_HELD, detail
    return None


def on_edit(turn: Turn, event: MessageEdited) -> None:
    """Tell the operator when an edit changes what was traded: it never places or cancels an order.

    An alert that is not decided yet is not traded as it read before, nor as it reads now.
    """
    for received in turn.state.waiting:
        if received.message.message_id == event.message_id and _is_changed(turn, received.message, event.text):
            turn.change(waiting=tuple(known for known in turn.state.waiting if known is not received))
            _deny_edited(turn, received.message, received.trade_id)
    for candidate in tuple(turn.state.candidates.values()):
        if candidate.message.message_id == event.message_id and _is_changed(turn, candidate.message, event.text):
            turn.drop_candidate(candidate.trade_id)
            _deny_edited(turn, candidate.message, candidate.trade_id)
    _tell_of_edit(turn, event)


def _tell_of_edit(turn: Turn, event: MessageEdited) -> None:
    traded = _traded_by(turn, event.message_id)
    if traded is None or traded.message is None:
        return
    before, after = (_reading(turn, traded.message, text) for text in (traded.message.text, event.text))
    if after == before:
        return
    now = after.reason.value if isinstance(after, NotAnAlert) else "another order"
    words = f"The alert behind {traded.trade_id} ({traded.contract.label}) was edited and now reads as {now}."
    turn.notify(Severity.WARNING, f"{words} Nothing was changed: look at the trade.", traded.trade_id)
    told = evolve(traded.message, text=event.text[: TEXT_MAX + 1])
    if isinstance(traded, Closing) and traded.trade_id in turn.state.closings:
        turn.put_closing(evolve(traded, message=told))
    elif isinstance(traded, Trade) and traded.trade_id in turn.state.trades:
        turn.put_trade(evolve(traded, message=told))


def _is_changed(turn: Turn, message: Message, text: str) -> bool:
    """Whether an alert reads otherwise after an edit."""
    before = _reading(turn, message, message.text)
    return isinstance(before, Alert) and _reading(turn, message, text) != before


def _reading(turn: Turn, message: Message, text: str) -> Alert | NotAnAlert:
    """Return what a text is, in the message's place and at its time."""
    return read(text, new_york_date(message.posted_at), turn.state.calendar, _profile(turn, message))


def _profile(turn: Turn, message: Message) -> ChannelProfile:
    return turn.state.policies.profiles.get(message.channel_id, DEFAULT_PROFILE)


def _deny_edited(turn: Turn, message: Message, trade_id: str) -> None:
    if not turn.state.allows(message):
        _deny_stranger(turn, message, trade_id)
        return
    turn.deny(message, trade_id, DenialCode.EDIT, "the author changed the alert before it was decided; post it anew")


def on_delete(turn: Turn, event: MessageDeleted) -> None:
    """Cancel the unfilled rest of an entry whose alert was deleted; drop an alert that is still being decided."""
    for received in turn.state.waiting:
        if received.message.message_id == event.message_id:
            turn.change(waiting=tuple(known for known in turn.state.waiting if known is not received))
            _drop_deleted(turn, received.message, received.trade_id)
    for candidate in tuple(turn.state.candidates.values()):
        if candidate.message.message_id == event.message_id:
            turn.drop_candidate(candidate.trade_id)
            _drop_deleted(turn, candidate.message, candidate.trade_id)
    trade = _traded_by(turn, event.message_id)
    if isinstance(trade, Trade) and trade.trade_id in turn.state.trades and not trade.entry.is_finished:
        withdraw_entry(turn, trade, "the alert was deleted")


def _drop_deleted(turn: Turn, message: Message, trade_id: str) -> None:
    detail = "the author deleted the alert before it was decided"
    turn.emit(AlertIgnored(trade_id, "deleted", detail))
    if message.source is not Source.DISCORD:  # nobody in a room waits for an answer to what is gone
        turn.tell(message, trade_id, f"Not traded: {detail}.", status=AnswerStatus.IGNORED, reason="deleted")


def _traded_by(turn: Turn, message_id: str) -> Trade | Closing | None:
    """Return the trade or the close, open or over, that a message led to."""
    state = turn.state
    known: tuple[Trade | Closing, ...] = (
        *state.trades.values(), *state.archive.values(), *state.closings.values(), *state.finished.values()
    )  # fmt: skip
    return next((one for one in known if one.message is not None and one.message.message_id == message_id), None)
