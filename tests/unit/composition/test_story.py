"""Rows as a trader reads them: what is told is true of every row of its kind, and no sentence ends in a colon."""

from datetime import UTC, datetime

import pytest

from composition.story import tell
from domain.policies import Mode
from ports.audit_log import Row, RowClass

AT = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)


def line(kind, **body):
    """The words of a row's line, without its time."""
    told = tell(
        Row(seq=1, at=AT, row_class=RowClass.DECISION, kind=kind, mode=Mode.PAPER, trade_id=None, body=body, hash="")
    )
    assert told is not None
    return f"{told.word} {told.text}"


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        (True, "allowlist user 999 is on the list now, by admin-api"),
        (False, "allowlist user 999 is off the list now, by admin-api"),
    ],
)
def test_a_change_of_the_list_tells_what_holds_now_whoever_was_on_it_before(allowed, told):
    assert line("AllowlistChanged", name="user", number=999, allowed=allowed, by="admin-api") == told


@pytest.mark.parametrize(
    ("reason", "told"),
    [("", "resumed by admin-api"), ("looked at it", "resumed by admin-api: looked at it")],
)
def test_a_resume_tells_its_reason_where_it_has_one(reason, told):
    assert line("TradingResumed", by="admin-api", reason=reason) == told


def test_a_step_tells_the_market_with_its_cents():
    step = {"rung": 1, "move": "step", "price": "1.2", "reason": "one tick toward 1.30"}
    assert line("LadderMoved", **step, bid="1.1", ask="1.3") == (
        "step 1 step to 1.20: one tick toward 1.30 (1.10 x 1.30)"
    )
    assert line("LadderMoved", **step, bid=None, ask="1.3").endswith("(none x 1.30)")
    assert line("LadderMoved", **step, bid=None, ask=None).endswith("(no quote)")


def test_what_was_ignored_or_denied_is_a_code_a_colon_and_the_words():
    assert line("AlertIgnored", reason="no_order", detail="no verb") == "ignored no_order: no verb"
    assert line("AlertIgnored", reason="empty", detail="") == "ignored empty"
    assert line("Denied", code="stale", detail="too old") == "denied stale: too old"
