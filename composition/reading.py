"""`parse`: JSON lines in, readings as plain dictionaries out. No click, no files, no clock.

The keys of a reading's `alert` are those of a labelled line's `expected`, so that a room's history can be graded.
"""

import json
from datetime import date

from attrs import frozen

from domain.alerts import NotAnAlert
from domain.calendar import TradingCalendar
from domain.grammar import DEFAULT_PROFILE, ChannelProfile, read
from domain.grammar.plain import alert_as_dict
from domain.value import Value


@frozen
class Message(Value):
    """One input line. `posted_on` is the New York date of the posting, None where the line does not say."""

    id: str | None
    text: str
    posted_on: date | None


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


def _posted_on(value: object, number: int) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f'line {number}: posted_on {value!r} is no date: write "2025-11-24"') from None


def _shortened(line: str) -> str:
    return repr(line if len(line) <= 60 else f"{line[:57]}...")  # noqa: PLR2004 (what fits a terminal's line)
