"""`parse --score`: a labelled file's lines graded against their readings, and the table for people.

The keys of a reading's `alert` are those of a labelled line's `expected`. No click, no files, no clock.
"""

import json
from collections.abc import Iterable
from enum import StrEnum

from attrs import define, field, frozen

from composition.reading import message_from, parse_text
from domain.calendar import TradingCalendar
from domain.value import Value

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
class Graded(Value):
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
