"""One step in progress: the state as it becomes, and what the desk says on the way. It never outlives `step`.

Handlers work on a turn instead of returning pieces: each change is one replaced part of the frozen state.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from attrs import define, evolve, field, fields

from domain.bounds import MAX_TEXT, cut
from domain.closing import Closing
from domain.commands import Notify, Reply, StartTimer
from domain.desk.state import Candidate, Delivery, DeskState, Halt, Output
from domain.events import Denied, TradingHalted
from domain.messages import Message, MessageKind, Source
from domain.trade import Trade
from domain.verdicts import AnswerStatus, DenialCode, HaltCause, Severity

UNHEARD = frozenset({MessageKind.BOT, MessageKind.OWN, MessageKind.SYSTEM})
PARTS = frozenset(part.name for part in fields(DeskState))
T = TypeVar("T")
Facts = Mapping[str, str | int | Decimal | None]


@define
class Turn:
    at: datetime
    state: DeskState
    outputs: list[Output] = field(factory=list)

    def emit(self, *outputs: Output) -> None:
        self.outputs.extend(outputs)

    def change(self, **parts: Any) -> None:  # noqa: ANN401 - the state's own fields, checked by name
        """Replace these parts of the state. Raises TypeError for a name that is none of its fields."""
        if not parts.keys() <= PARTS:
            raise TypeError(f"{', '.join(sorted(parts.keys() - PARTS))}: the desk's state has no such part")
        # What attrs' evolve does, without reading two dozen fields one by one: it is the most frequent act of a step.
        changed = object.__new__(DeskState)
        vars(changed).update(vars(self.state), **parts)
        self.state = changed

    # ---- parts of the state ----------------------------------------------------------------------------------------

    def put_candidate(self, candidate: Candidate) -> None:
        self.change(candidates={**self.state.candidates, candidate.trade_id: candidate})

    def drop_candidate(self, trade_id: str) -> None:
        self.change(candidates=_without(self.state.candidates, trade_id))

    def put_trade(self, trade: Trade) -> None:
        self.change(trades={**self.state.trades, trade.trade_id: trade})

    def put_closing(self, closing: Closing) -> None:
        self.change(closings={**self.state.closings, closing.trade_id: closing})

    def finish_closing(self, closing: Closing) -> None:
        """Put a close aside, where late news of its orders still finds it."""
        self.change(closings=_without(self.state.closings, closing.trade_id))
        if closing.run is not None:
            self.change(finished={**self.state.finished, closing.trade_id: closing})
        self._forget_timers(closing.trade_id)

    def reopen_closing(self, closing: Closing) -> None:
        self.change(finished=_without(self.state.finished, closing.trade_id))
        self.put_closing(closing)

    def archive(self, trade: Trade) -> None:
        self.change(
            trades=_without(self.state.trades, trade.trade_id),
            archive={**self.state.archive, trade.trade_id: trade},
        )
        self._forget_timers(trade.trade_id)

    def reopen(self, trade: Trade) -> None:
        self.change(archive=_without(self.state.archive, trade.trade_id))
        self.put_trade(trade)

    def start_timer(self, kind: str, trade_id: str, due_at: datetime, detail: str = "") -> None:
        timer_id = ":".join(part for part in (kind, trade_id, detail) if part)
        self.change(timers={**self.state.timers, timer_id: due_at})
        self.emit(StartTimer(timer_id, due_at))

    def stop_timers(self, kind: str, trade_id: str) -> None:
        """Forget the timers of a kind: when they fire nevertheless, nobody asks for them."""
        kept = {name: due for name, due in self.state.timers.items() if name.split(":")[:2] != [kind, trade_id]}
        self.change(timers=kept)

    def _forget_timers(self, trade_id: str) -> None:
        kept = {name: due for name, due in self.state.timers.items() if name.split(":")[1:2] != [trade_id]}
        self.change(timers=kept)

    # ---- what the desk says ----------------------------------------------------------------------------------------

    def tell(
        self,
        message: Message | None,
        trade_id: str,
        text: str,
        *,
        status: AnswerStatus | None = None,
        reason: str | None = None,
        facts: Facts | None = None,
    ) -> None:
        """Reply to the message; what an operator asked for has none, and goes to the operator's channel."""
        worded = f"[{self.state.policies.mode}] {text}"
        if message is None:
            self.notify(Severity.INFO, text, trade_id)
            return
        self._deliver(
            Reply(
                delivery_id=self._next_delivery(),
                trade_id=trade_id,
                message_id=message.message_id,
                channel_id=message.channel_id,
                source=message.source,
                text=worded,
                status=status,
                reason=reason,
                facts=facts or {},
            )
        )

    def notify(self, severity: Severity, text: str, trade_id: str | None = None) -> None:
        self._deliver(Notify(self._next_delivery(), severity, f"[{self.state.policies.mode}] {text}", trade_id))

    def _next_delivery(self) -> str:
        self.change(deliveries=self.state.deliveries + 1)
        return f"D{self.state.deliveries}-{int(self.at.timestamp())}"

    def _deliver(self, what: Reply | Notify) -> None:
        if len(what.text) > MAX_TEXT:
            what = evolve(what, text=cut(what.text))
        self.change(outbox={**self.state.outbox, what.delivery_id: Delivery(what, self.at)})
        self.emit(what)

    def deny(
        self, message: Message | None, trade_id: str, code: DenialCode, detail: str, *, stranger: bool = False
    ) -> None:
        """Record our own no, and say it. In a room, a stranger, a bot and ourselves get no reply."""
        self.emit(Denied(trade_id, code, detail))
        if message is not None and message.source is Source.DISCORD and (stranger or self.is_unheard(message)):
            return
        repeated = code in {DenialCode.DUPLICATE, DenialCode.DUPLICATE_CONTRACT}
        status = AnswerStatus.DUPLICATE if repeated else AnswerStatus.DENIED
        word = "Duplicate" if repeated else "Denied"
        self.tell(message, trade_id, f"{word} ({code}): {detail}", status=status, reason=code.value)

    def is_unheard(self, message: Message) -> bool:
        """Whether a post's author would not read a no; a listed webhook posts for people who do."""
        return message.kind in UNHEARD and message.webhook_id not in self.state.allowlist.webhooks

    def halt(self, cause: HaltCause, reason: str, by: str) -> None:
        """Stop new entries; the step's end withdraws the working ones, exits and closes go on. A cause halts once."""
        if any(halt.cause is cause for halt in self.state.halts):
            return
        self.change(halts=(*self.state.halts, Halt(cause, reason, by)))
        self.emit(TradingHalted(cause, reason, by))
        severity = Severity.WARNING if cause is HaltCause.OPERATOR else Severity.PAGE
        end = "`!tt resume` or POST /admin/resume ends it"  # there may be no Discord, as on paper
        self.notify(severity, f"Entries halted ({cause}): {reason}. Exits stay. {end}.")

    def halt_and_page(self, cause: HaltCause, reason: str, by: str, trade_id: str) -> None:
        """Stop new entries, and page also where they are stopped for this cause already."""
        known = any(halt.cause is cause for halt in self.state.halts)
        self.halt(cause, reason, by)
        if known:
            self.notify(Severity.PAGE, f"{reason}. Entries are halted already.", trade_id)


def _without(parts: Mapping[str, T], key: str) -> dict[str, T]:
    return {name: part for name, part in parts.items() if name != key}
