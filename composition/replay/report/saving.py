"""A replay's totals as `summary.json`, and back. Sorted throughout, so that equal totals are equal bytes."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import asdict

from composition.replay.lines import Allowlist, BadLine, Prices, Totals, Verdict

S = TypeVar("S", bound=str)


def totals_as_text(totals: Totals, more: Mapping[str, Any]) -> str:
    """Return the totals as JSON text, with the sections of `more` beside them."""
    fields: dict[str, Any] = {
        "messages": totals.messages,
        "first_at": _instant(totals.first_at),
        "last_at": _instant(totals.last_at),
        "verdicts": {verdict.value: count for verdict, count in totals.verdicts.items()},
        "reasons": _nested({(verdict.value, reason): count for (verdict, reason), count in totals.reasons.items()}),
        "days": _nested({(day.isoformat(), verdict.value): count for (day, verdict), count in totals.days.items()}),
        "by_author": _nested(totals.by_author),
        "by_channel": _nested(totals.by_channel),
        "prices": totals.prices.value,
        "seed": totals.seed,
        "settings_fingerprint": totals.settings_fingerprint,
        "settings": totals.settings,
        "partial": totals.partial,
        "unreadable": totals.unreadable,
        "bad_lines": [asdict(line) for line in totals.bad_lines],
        "trades": totals.trades,
        "filled_in": [setting.value for setting in totals.filled_in],
        "edited": totals.edited,
        "halts": totals.halts,
        "log_head": totals.log_head,
        "files": list(totals.files),
    }
    return json.dumps({**fields, **more}, sort_keys=True, indent=2) + "\n"


def totals_from_text(text: str) -> Totals:
    """Return the totals that `text` holds. Raises ValueError, saying what is wrong, for what is no summary of ours."""
    try:
        found = json.loads(text)
        return Totals(
            messages=int(found["messages"]),
            first_at=_read_instant(found["first_at"]),
            last_at=_read_instant(found["last_at"]),
            verdicts={Verdict(verdict): count for verdict, count in found["verdicts"].items()},
            reasons={(Verdict(outer), inner): count for outer, inner, count in _flat(found["reasons"])},
            days={(date.fromisoformat(outer), Verdict(inner)): count for outer, inner, count in _flat(found["days"])},
            by_author={(outer, Verdict(inner)): count for outer, inner, count in _flat(found["by_author"])},
            by_channel={(outer, Verdict(inner)): count for outer, inner, count in _flat(found["by_channel"])},
            prices=Prices(found["prices"]),
            seed=int(found["seed"]),
            settings_fingerprint=str(found["settings_fingerprint"]),
            settings=dict(found["settings"]),
            partial=bool(found["partial"]),
            unreadable=int(found["unreadable"]),
            bad_lines=tuple(BadLine(**line) for line in found["bad_lines"]),
            trades=int(found["trades"]),
            filled_in=tuple(map(Allowlist, found["filled_in"])),
            edited=int(found["edited"]),
            halts=int(found["halts"]),
            log_head=str(found["log_head"]),
            files=tuple(found["files"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__} {error}") from error


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read_instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _nested(counts: Mapping[tuple[str, S], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (outer, inner), count in counts.items():
        found.setdefault(outer, {})[str(inner)] = count
    return found


def _flat(nested: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, int]]:
    return [(outer, inner, count) for outer, inners in nested.items() for inner, count in inners.items()]
