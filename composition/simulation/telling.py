"""A failing day as a story that a person can read: what was planned, what happened line by line, what was broken."""

from collections.abc import Iterator
from typing import Any

import attrs

from composition.simulation.day import Day
from composition.simulation.days.plan import Plan, acts
from composition.story import Line, tell
from domain.calendar import NEW_YORK

WIDTH = 150


def told(day: Day) -> str:
    """Return the story of a day that was run with its log kept."""
    lines = [f"Seed {day.plan.seed}: {len(day.violations)} broken promises"]
    lines += [f"  BROKEN  {violation}" for violation in day.violations]
    lines += ["", "The day:", *(f"  {line}" for line in _planned(day.plan)), "", "What happened (New York time):"]
    lines += [f"  {line}" for line in _happened(day)]
    lines += ["", *(f"  BROKEN  {violation}" for violation in day.violations)]
    return "\n".join(lines)


def _planned(plan: Plan) -> Iterator[str]:
    changed = {
        field.name: str(getattr(plan.habits, field.name))
        for field in attrs.fields(type(plan.habits))
        if getattr(plan.habits, field.name) != field.default
    }
    yield f"habits: {', '.join(f'{name} {value}' for name, value in changed.items()) or 'as usual'}"
    for listing in plan.listings:
        yield f"{listing.name}: {listing.bid} x {listing.ask}"
    for act in acts(plan):
        if type(act).__name__ != "Move":
            yield f"at {act.at / 1000:8.3f} s  {_fields(act)}"
    items: tuple[object, ...] = (*plan.fillings, *plan.faults, *plan.crashes)
    for item in items:
        yield _fields(item)


def _fields(item: Any) -> str:  # noqa: ANN401 - any item of a plan
    """A plan's item with what differs from its usual self."""
    parts = [
        f"{field.name} {getattr(item, field.name)}"
        for field in attrs.fields(type(item))
        if field.name != "at" and getattr(item, field.name) != field.default
    ]
    return f"{type(item).__name__.lower()}: {', '.join(parts)}"


def _happened(day: Day) -> Iterator[str]:
    notes = list(day.notes)
    for number, row in enumerate(day.log):
        while notes and notes[0].rows <= number:
            note = notes.pop(0)
            yield f"{note.at.astimezone(NEW_YORK):%H:%M:%S}  *** {note.text}"
        line = tell(row)
        if line is not None:
            yield _line(line)
    for note in notes:
        yield f"{note.at.astimezone(NEW_YORK):%H:%M:%S}  *** {note.text}"


def _line(line: Line) -> str:
    trade = "" if line.trade_id is None else f"[{line.trade_id}] "
    return f"{line.at.astimezone(NEW_YORK):%H:%M:%S}  {line.word:<10} {trade}{line.text}"[:WIDTH]
