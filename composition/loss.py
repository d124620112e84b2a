"""Going on from a log that has lost rows: what is lost, and the act that accepts it.

The acceptance is a row of the log, a halt of entries that names what is lost, and a line in the heads file, signed by
the log's own key, that sets the heads of the lost rows aside. Nothing is sent.
"""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from adapters.sqlite.agreement import Contradiction
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.heads import HeadKeeper
from adapters.sqlite.reader import AuditReader
from adapters.sqlite.signing import HeadsError
from composition.entries import entry_of
from composition.heads import hold_to_heads
from domain.desk import DeskState, step
from domain.events import HaltRequested, Stamped
from ports.audit_log import AuditLog


class LossError(Exception):
    """There is nothing that could be accepted. The message says why, and what to do."""


def lost(log: Path, heads: Path) -> Contradiction:
    """Return what the log has lost by its signed heads. Raises LossError where that is nothing, or not acceptable."""
    try:
        found = hold_to_heads(log, heads).contradiction
    except HeadsError as error:
        raise LossError(str(error)) from error
    if found is None:
        raise LossError(f"{log} agrees with its signed heads in {heads}: nothing is lost, start the desk")
    if not found.can_be_accepted:
        raise LossError(f"{found.told}: that is another log; put the right file in its place, see docs/audit.md")
    return found


def accept(log: Path, heads: Path, by: str, at: datetime) -> int:
    """Accept the loss, halt entries, and return the row that says so.

    Raises LossError, and AuditUnavailableError as opening the log does. Interrupted, it can be done again.
    """
    with AuditReader(log) as reader:
        about = reader.about()
    with closing(SqliteAuditLog.open(log, about.mode)) as audit:
        found = lost(log, heads)
        row, at = _halt(audit, found, by, at)
        audit.commit()
        try:
            HeadKeeper(log, heads, about.database_id).keep(audit.head(), at, void_above=found.void_above)
        except HeadsError as error:
            raise LossError(f"entries are halted by row {row}, but the loss is not accepted yet: {error}") from error
    return row


def _halt(audit: AuditLog, found: Contradiction, by: str, at: datetime) -> tuple[int, datetime]:
    """Record the halt and what follows from it. What it asks for is not sent here: the next start finds it undone."""
    state = DeskState()
    for stamped in audit.inputs():
        state, _ = step(state, stamped)
    if state.at is None:
        raise LossError("the log is empty, there is nothing to go on from: move its heads file away to begin anew")
    at = max(at, state.at)
    reason = f"rows {found.lost_from} to {found.lost_to} of the log, as they were signed, are lost: {found.told}"
    halt = Stamped(at, HaltRequested(by, reason))
    row = audit.append(entry_of(at, halt))
    for output in step(state, halt)[1]:
        audit.append(entry_of(at, output))
    return row, at
