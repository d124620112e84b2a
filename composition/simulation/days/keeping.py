"""Plans as files: a failing day, made small, is kept as JSON and run again for ever after."""

import json
from pathlib import Path
from typing import Any

import attrs

from adapters.sqlite.hooks import strict_converter
from composition.simulation.days.plan import Plan

_CONVERTER = strict_converter((Plan,))


def write_plan(plan: Plan) -> str:
    """Return a plan as JSON, without what is as usual."""
    return json.dumps(_spare(plan, _CONVERTER.unstructure(plan)), indent=1) + "\n"


def read_plan(path: Path) -> Plan:
    """Return the plan of a file. Raises ValueError for what is none."""
    try:
        plan: Plan = _CONVERTER.structure(json.loads(path.read_text("utf-8")), Plan)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} holds no plan of a day: {error}") from error
    return plan


def _spare(value: Any, written: Any) -> Any:  # noqa: ANN401 - any part of a plan and how it is written
    if isinstance(value, tuple):
        return [_spare(inner, text) for inner, text in zip(value, written, strict=True)]
    if not attrs.has(type(value)):
        return written
    return {
        field.name: _spare(getattr(value, field.name), written[field.name])
        for field in attrs.fields(type(value))
        if getattr(value, field.name) != field.default
    }
