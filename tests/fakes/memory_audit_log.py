"""An audit log that lives as long as its object, for tests of whoever writes to the port.

It keeps the port's whole promise, which tests/contract/test_audit_contract.py holds it to, and can be told to fail:
`room` is the number of rows after which its "disk" is full.
"""

import json
from collections.abc import Iterator

from adapters.sqlite.chain import GENESIS, canonical, chained
from adapters.sqlite.codec import CodecError, encode, recorded
from adapters.sqlite.hooks import write_instant
from domain.events import Stamped
from domain.policies import Mode
from ports.audit_log import ROW_CLASSES, AuditLog, Entry, Row, RowClass
from ports.errors import AuditUnavailableError


class MemoryAuditLog(AuditLog):
    """`kept` are the entries that were durable when an earlier log ended; `durable` says which are now."""

    def __init__(self, mode: Mode = Mode.PAPER, *, room: int | None = None, kept: tuple[Entry, ...] = ()) -> None:
        self._mode, self._room, self._failure = mode, None, ""
        self._entries: list[Entry] = []
        self._rows: list[Row] = []
        for entry in kept:
            self.append(entry)
        self.commit()
        self._room = room

    @property
    def durable(self) -> tuple[Entry, ...]:
        return tuple(self._entries[: self._committed])

    def append(self, entry: Entry) -> int:
        self._check_alive()
        if self._room is not None and len(self._rows) >= self._room:
            raise self._failed(f"no room for row {len(self._rows) + 1}")
        try:
            self._rows.append(self._row(entry))
        except (CodecError, ValueError) as error:
            raise self._failed(str(error)) from error
        self._entries.append(entry)
        return len(self._rows)

    def commit(self) -> None:
        self._check_alive()
        self._committed = len(self._rows)

    def discard(self) -> None:
        if not self._failure:
            self._failed("the desk ended on a bug and dropped what was not durable")

    def inputs(self, after: int = 0) -> Iterator[Stamped]:
        return iter([entry.body for entry in self._entries[after:] if isinstance(entry.body, Stamped)])

    def rows(self, *, trade_id: str | None = None, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
        if limit < 1:
            raise ValueError(f"limit is at least 1, got {limit}")
        found = [
            row
            for row in reversed(self._rows)
            if trade_id in {None, row.trade_id} and (before is None or row.seq < before)
        ]
        return tuple(found[:limit])

    def _row(self, entry: Entry) -> Row:
        body = recorded(entry.body)
        text, kind = encode(body), type(body).__name__
        if ROW_CLASSES[type(body)] is not entry.row_class:
            raise ValueError(f"{kind} is no {entry.row_class}")
        if entry.row_class is RowClass.INPUT and getattr(entry.body, "at", None) != entry.at:
            raise ValueError(f"{kind} has another instant than its row of {entry.at}")
        seq = len(self._rows) + 1
        at = write_instant(entry.at)
        row = canonical(seq, at, entry.row_class, kind, self._mode, entry.trade_id, text)
        return Row(
            seq=seq,
            at=entry.at,
            row_class=entry.row_class,
            kind=kind,
            mode=self._mode,
            trade_id=entry.trade_id,
            body=json.loads(text),
            hash=chained(self._rows[-1].hash if self._rows else GENESIS, row),
        )

    def _check_alive(self) -> None:
        if self._failure:
            raise AuditUnavailableError(self._failure)

    def _failed(self, why: str) -> AuditUnavailableError:
        self._failure = f"audit log in memory: {why}; nothing may be sent"
        del self._entries[self._committed :], self._rows[self._committed :]
        return AuditUnavailableError(self._failure)
