"""The replay's observer: it sees every row of the log as it is appended, and makes of them the lines of the report.

It keeps what is undecided and what is open, never what is over. It decides nothing and sends nothing.
"""

from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from attrs import define

from adapters.history.posts import Post
from composition.replay.counting import Tally
from composition.replay.lines import TEXT_SHOWN, LineSink, MessageLine, Verdict
from composition.replay.trades import Progress, trade_line
from domain import commands, events
from domain.alerts import Alert
from domain.desk import DeskState
from domain.orders import OrderRole
from domain.verdicts import AnswerStatus, DenialCode
from ports.audit_log import Entry

REPEATS = frozenset({DenialCode.DUPLICATE, DenialCode.DUPLICATE_CONTRACT})
DETAIL_SHOWN = 300
UNDECIDED = "the replay ended before it was decided"

N = TypeVar("N", events.LadderMoved, events.OrderFilled, events.OrderEnded)


@define
class _Waiting:
    """A message that is not decided yet. `alert` once it is read as one."""

    number: int
    post: Post
    trade_id: str
    alert: Alert | None = None


class Watcher:
    """Give it every post with `expect` before the desk has it, and every row with `observe`; at the end, `end`.

    `state` is the desk's, `tally` counts the messages' lines, `recorded` says that prices are the market's own.
    """

    def __init__(self, sink: LineSink, state: Callable[[], DeskState], tally: Tally, *, recorded: bool) -> None:
        self._tally = tally
        self.trades = 0
        self.halts = 0
        self._sink = sink
        self._state = state
        self._recorded = recorded
        self._expected: deque[Post] = deque()
        self._numbered = 0
        self._waiting: dict[str, _Waiting] = {}
        self._decided: dict[int, MessageLine] = {}  # those that wait for an earlier one
        self._next = 1
        self._open: dict[str, Progress] = {}
        self._notes: Mapping[type, Callable[[Any], None]] = {
            events.AlertReceived: self._received,
            events.AlertIgnored: lambda said: self._decide(said.trade_id, Verdict.IGNORED, said.reason, said.detail),
            events.Denied: self._denied,
            events.AlertRead: self._read,
            events.EntrySized: lambda said: self._opened(said.trade_id),
            events.LadderMoved: lambda said: self._noted(said, Progress.moved),
            events.OrderFilled: lambda said: self._noted(said, Progress.filled),
            events.OrderEnded: lambda said: self._noted(said, Progress.exit_ended),
            events.TradeClosed: lambda said: self._over(said.trade_id),
            events.TradingHalted: self._halted,
            commands.SubmitOrder: self._submitted,
            commands.Reply: self._answered,
        }

    def expect(self, post: Post) -> None:
        """Note whose message comes next: the desk takes them in the order in which they were given to it."""
        self._expected.append(post)

    def observe(self, _seq: int, entry: Entry) -> None:
        body = entry.body.event if isinstance(entry.body, events.Stamped) else entry.body
        note = self._notes.get(type(body))
        if note is not None:
            note(body)

    def end(self) -> None:
        """Write what is still undecided or open."""
        for trade_id in tuple(self._waiting):
            self._decide(trade_id, Verdict.UNREAD, None, UNDECIDED)
        for trade_id in sorted(self._open, key=lambda name: self._open[name].number):
            self._over(trade_id)

    def _received(self, event: events.AlertReceived) -> None:
        self._numbered += 1
        self._waiting[event.trade_id] = _Waiting(self._numbered, self._expected.popleft(), event.trade_id)

    def _read(self, said: events.AlertRead) -> None:
        self._waiting[said.trade_id].alert = said.alert

    def _denied(self, said: events.Denied) -> None:
        verdict = Verdict.DUPLICATE if said.code in REPEATS else Verdict.DENIED
        self._decide(said.trade_id, verdict, said.code.value, said.detail)

    def _submitted(self, command: commands.SubmitOrder) -> None:
        if command.order.role is OrderRole.EXIT:
            self._open[command.trade_id].exit_sent(command.order)

    def _halted(self, _said: events.TradingHalted) -> None:
        self.halts += 1

    def _noted(self, said: N, note: Callable[[Progress, N], None]) -> None:
        """Note what is said of an entry or its exits; a close's ladder has a name of its own, and no line."""
        progress = self._open.get(said.trade_id)
        if progress is not None:
            note(progress, said)

    def _opened(self, trade_id: str) -> None:
        waiting = self._waiting[trade_id]
        if not waiting.post.message.dry_run:
            post = waiting.post
            self._open[trade_id] = Progress(number=waiting.number, author=post.author, channel=post.channel)

    def _over(self, trade_id: str) -> None:
        progress, state = self._open.pop(trade_id, None), self._state()
        trade = state.archive.get(trade_id) or state.trades.get(trade_id)
        if progress is not None and trade is not None:
            self.trades += 1
            self._sink.trade(trade_line(trade, progress, recorded=self._recorded))

    def _answered(self, reply: commands.Reply) -> None:
        waiting = self._waiting.get(reply.trade_id)
        if waiting is None or reply.status is None:
            return
        text = reply.text.partition("] ")[2]  # the mode stands before it, and is paper in every replay
        match reply.status:
            case AnswerStatus.PLACED:
                is_entry = waiting.alert is not None and waiting.alert.is_entry
                self._decide(reply.trade_id, Verdict.ENTERED if is_entry else Verdict.CLOSED, None, text)
            case AnswerStatus.DRY_RUN:
                self._decide(reply.trade_id, Verdict.DRY_RUN, None, text)
            case _:
                self._decide(reply.trade_id, Verdict.DENIED, reply.reason, text)

    def _decide(self, trade_id: str, verdict: Verdict, reason: str | None, detail: str) -> None:
        waiting = self._waiting.pop(trade_id, None)
        if waiting is None:
            return  # what is said of it later is in its trade's line
        self._decided[waiting.number] = _line(waiting, verdict, reason, detail)
        while (line := self._decided.pop(self._next, None)) is not None:
            self._next += 1
            self._tally.add(line)
            self._sink.message(line)


def _line(waiting: _Waiting, verdict: Verdict, reason: str | None, detail: str) -> MessageLine:
    post, message = waiting.post, waiting.post.message
    return MessageLine(
        number=waiting.number,
        at=message.posted_at,
        message_id=message.message_id,
        channel_id=message.channel_id,
        channel=_one_line(post.channel, TEXT_SHOWN),
        author_id=message.user_id,
        author=_one_line(post.author, TEXT_SHOWN),
        verdict=verdict,
        reason=reason,
        detail=_one_line(detail, DETAIL_SHOWN),
        text=_one_line(message.text, TEXT_SHOWN),
        trade_id=waiting.trade_id,
        edited=post.edited,
    )


@lru_cache(maxsize=256)  # of names and talk, much is said again
def _one_line(text: str, longest: int) -> str:
    """The beginning of a text in one line; halves of characters that no file can hold become question marks."""
    return " ".join(text[: 4 * longest].split())[:longest].encode("utf-8", "replace").decode("utf-8")
