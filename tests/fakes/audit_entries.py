"""Entries of each class, numbered, for tests that need something to record."""

from datetime import UTC, datetime, timedelta

from domain.commands import Notify, ReadAccount
from domain.events import AlertReceived, Denied, Stamped
from domain.messages import Message
from domain.verdicts import DenialCode, Severity
from ports.audit_log import Entry, RowClass

START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def instant(number: int) -> datetime:
    return START + timedelta(milliseconds=number)


def received(number: int, trade_id: str = "T1", text: str = "BTO UBER 78p 12/05 @ 0.75") -> Entry:
    at = instant(number)
    message = Message(message_id=str(number), channel_id=20, user_id=10, posted_at=at, text=text)
    return Entry(at, RowClass.INPUT, Stamped(at, AlertReceived(trade_id, message)), trade_id)


def denied(number: int, trade_id: str = "T1") -> Entry:
    return Entry(instant(number), RowClass.DECISION, Denied(trade_id, DenialCode.STALE, f"denied {number}"), trade_id)


def asked(number: int) -> Entry:
    return Entry(instant(number), RowClass.COMMAND, ReadAccount(None), None)


def notified(number: int, trade_id: str = "T1") -> Entry:
    body = Notify(delivery_id=f"N{number}", severity=Severity.INFO, text=f"told {number}", trade_id=trade_id)
    return Entry(instant(number), RowClass.COMMAND, body, trade_id)


def story(trade_id: str, first: int = 0) -> tuple[Entry, ...]:
    """Return one trade's entries: an input, a decision and two commands, one of which belongs to no trade."""
    return received(first, trade_id), denied(first + 1, trade_id), asked(first + 2), notified(first + 3, trade_id)
