"""`parse` and `parse --score`: JSON lines in, readings as plain dictionaries out. No click, no files, no clock.

The keys of a reading's `alert` are those of a labelled line's `expected`, so that a room's history can be graded.
"""

import json
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from attrs import define, field, frozen

from domain.alerts import NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read
from domain.grammar.plain import alert_as_dict

DIFFICULTIES = ("core", "common", "wild")
_ORDER_KINDS = frozenset({"entry", "exit"})
_LINE_KINDS = _ORDER_KINDS | {"not_an_alert", "ambiguous"}
# A reading that differs in one of these is an order that its author did not give.
_SCORED = ("action", "symbol", "instrument", "strike", "option_type", "expiry", "quantity", "fraction", "price")


class Verdict(StrEnum):
    CORRECT = "correct"
    MISSED = "missed"
    WRONG = "wrong"


@frozen
class Message:
    """One input line. `posted_on` is the New York date of the posting, None where the line does not say."""

    id: str | None
    text: str
    posted_on: date | None


@frozen
class Graded:
    """One labelled line's verdict, with the fields that differ or the refusal that was wrong or safe."""

    id: str | None
    difficulty: str
    verdict: Verdict
    detail: str


@define
class Score:
    """The verdicts of a labelled file. `wrong` is unsafe and must be empty."""

    graded: list[Graded] = field(factory=list)

    def count(self, difficulty: str, verdict: Verdict) -> int:
        return sum(line.difficulty == difficulty and line.verdict is verdict for line in self.graded)

    @property
    def wrong(self) -> list[Graded]:
        return [line for line in self.graded if line.verdict is Verdict.WRONG]

    @property
    def missed(self) -> list[Graded]:
        return [line for line in self.graded if line.verdict is Verdict.MISSED]


def message_from(line: str, number: int = 1) -> Message:
    """Return the message of one JSON line.

    Raises ValueError naming the line's number, the value and the mend.
    """
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise ValueError(
            f'line {number}: {_shortened(line)} is no JSON ({error}): write {{"id": "1", "text": "BTO …"}} on one line'
        ) from None
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        mend = 'write {"id": "1", "text": "BTO …"}'
        raise ValueError(f"line {number}: {_shortened(line)} has no text: {mend}")  # noqa: TRY004 (a wrong line)
    identifier = fields.get("id")
    return Message(
        id=None if identifier is None else str(identifier),
        text=fields["text"],
        posted_on=_posted_on(fields.get("posted_on"), number),
    )


def parse_line(
    line: str,
    number: int = 1,
    *,
    posted_on: date | None = None,
    calendar: TradingCalendar | None = None,
    profile: ChannelProfile = DEFAULT_PROFILE,
) -> dict[str, object]:
    """Return the reading of one JSON line, `posted_on` standing in where the line names none.

    Raises ValueError for a line that is no message; the caller reports it and goes on with the next.
    """
    message = message_from(line, number)
    return parse_text(
        message.text, id=message.id, posted_on=message.posted_on or posted_on, calendar=calendar, profile=profile
    )


def parse_text(
    text: str,
    *,
    id: str | None = None,  # noqa: A002 (the key of the line)
    posted_on: date | None = None,
    calendar: TradingCalendar | None = None,
    profile: ChannelProfile = DEFAULT_PROFILE,
) -> dict[str, object]:
    """Return one message's reading: `id`, `kind`, `alert` and `reason`.

    Without `posted_on` an expiry is read but not resolved: no clock stands in for the posting day.
    """
    outcome = read(text, posted_on, calendar or TradingCalendar(), profile)
    if isinstance(outcome, NotAnAlert):
        return {"id": id, "kind": "none", "alert": None, "reason": outcome.reason.value}
    kind = "entry" if outcome.is_entry else "exit"
    return {"id": id, "kind": kind, "alert": alert_as_dict(outcome), "reason": None}


def score(lines: Iterable[str], calendar: TradingCalendar | None = None) -> Score:
    """Return the score of a labelled file's lines; blank lines are skipped.

    Raises ValueError naming the line's number, the value and the mend for a line that is not labelled.
    """
    result = Score()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            result.graded.append(_graded(line, number, calendar or TradingCalendar()))
    return result


def render(result: Score) -> str:
    """Return the table for people: a row a difficulty, then the lines that are wrong or missed."""
    head = f"{'':<10}{'lines':>7}{'correct':>9}{'missed':>8}{'wrong':>7}{'correct %':>11}"
    rows = [head]
    for difficulty in (*DIFFICULTIES, "all"):
        graded = [line for line in result.graded if difficulty in {"all", line.difficulty}]
        counts = [sum(line.verdict is verdict for line in graded) for verdict in Verdict]
        share = f"{100 * counts[0] / len(graded):.1f}" if graded else "-"
        rows.append(f"{difficulty:<10}{len(graded):>7}{counts[0]:>9}{counts[1]:>8}{counts[2]:>7}{share:>11}")
    told = (*result.wrong, *result.missed)
    rows.extend(f"{line.verdict.value} {line.id} ({line.difficulty}): {line.detail}" for line in told)
    return "\n".join(rows)


def _graded(line: str, number: int, calendar: TradingCalendar) -> Graded:
    message = message_from(line, number)
    label = json.loads(line)
    kind, expected = label.get("kind"), label.get("expected")
    if kind not in _LINE_KINDS:
        raise ValueError(f"line {number}: kind {kind!r}: write one of {', '.join(sorted(_LINE_KINDS))}")
    if kind in _ORDER_KINDS and not isinstance(expected, dict):
        raise ValueError(f'line {number}: an {kind} without "expected": write what a careful reader would trade')
    parsed = parse_text(message.text, id=message.id, posted_on=message.posted_on, calendar=calendar)
    verdict, detail = _verdict(kind, expected or {}, parsed)
    return Graded(message.id, str(label.get("difficulty", "wild")), verdict, detail)


def _verdict(kind: str, expected: dict[str, object], parsed: dict[str, object]) -> tuple[Verdict, str]:
    alert = parsed["alert"]
    accept = expected.get("accept")
    accepted = accept if isinstance(accept, dict) else {}
    if not isinstance(alert, dict):
        due = kind in _ORDER_KINDS and not accepted.get("refuse")
        return (Verdict.MISSED if due else Verdict.CORRECT), f"refused: {parsed['reason']}"
    if kind not in _ORDER_KINDS:
        return Verdict.WRONG, f"read as {alert['action']} {alert['symbol']}, no order was due"
    differing = [name for name in _SCORED if alert[name] not in [expected.get(name), *accepted.get(name, [])]]
    if kind != parsed["kind"]:
        differing.append("kind")
    if expected.get("needs_position") and not alert["needs_position"]:
        differing.append("needs_position")
    resolved = expected.get("expiry_resolved")
    if resolved is not None and resolved != alert["expiry_resolved"]:
        differing.append("expiry_resolved")
    if not differing:
        return Verdict.CORRECT, ""
    told = (f"{name} {alert.get(name)!r}, expected {expected.get(name)!r}" for name in differing)
    return Verdict.WRONG, "; ".join(told)


def _posted_on(value: object, number: int) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f'line {number}: posted_on {value!r} is no date: write "2025-11-24"') from None


def _shortened(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...")  # noqa: PLR2004 (what fits a terminal's line)
