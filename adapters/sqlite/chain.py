"""The hash chain: a row's canonical bytes, its hash, and what can be wrong with it.

hash = SHA-256 of the previous row's hash (64 zeros before the first row) followed by the row as one JSON object with
sorted keys and no spaces, in hexadecimal. Nothing random is in it: the same rows have the same head on every machine.
"""

from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

from attrs import frozen

from domain.value import Value

GENESIS = "0" * 64


class StoredRow(NamedTuple):
    """A row as the table holds it, column by column."""

    seq: int
    at: str
    row_class: str
    kind: str
    mode: str
    trade_id: str | None
    body: str
    prev_hash: str
    hash: str


class Head(NamedTuple):
    """The last row's number and hash. Kept elsewhere, it proves that no row has been cut off the end since."""

    seq: int = 0
    hash: str = GENESIS


@frozen
class Verification(Value):
    """How far the chain holds: `rows` good ones up to `head`; then the first bad one, if any, and what is wrong."""

    rows: int
    head: Head
    bad_seq: int | None = None
    problem: str | None = None


def canonical(  # noqa: PLR0917 - the columns in the table's order
    seq: int, at: str, row_class: str, kind: str, mode: str, trade_id: str | None, body: str
) -> str:
    """Return the row as JSON with sorted keys. `body` is JSON already; nothing else can stand unquoted."""
    trade = "null" if trade_id is None else _quoted(trade_id)
    return (
        f'{{"at":{_quoted(at)},"body":{body},"class":{_quoted(row_class)},"kind":{_quoted(kind)},'
        f'"mode":{_quoted(mode)},"seq":{seq},"trade_id":{trade}}}'
    )


def chained(prev_hash: str, row: str) -> str:
    """Return the hash of a canonical row that follows `prev_hash`. Raises UnicodeEncodeError unless both are ASCII."""
    return sha256(f"{prev_hash}{row}".encode("ascii")).hexdigest()


def fault(row: StoredRow, after: Head, mode: str) -> str | None:
    """Return what is wrong with a row that stands after `after`, or None."""
    expected = after.seq + 1
    if row.seq > expected:
        return f"row {expected} is missing: row {row.seq} follows row {after.seq}"
    if row.seq < expected:
        return f"row {row.seq} stands where row {expected} belongs"
    if row.prev_hash != after.hash:
        return f"row {row.seq} does not follow row {after.seq}: its prev_hash is not that row's hash"
    return _own_fault(row, mode)


def _own_fault(row: StoredRow, mode: str) -> str | None:
    try:
        unchanged = row.hash == chained(row.prev_hash, canonical(*row[:7]))
    except (TypeError, UnicodeEncodeError):
        return f"row {row.seq} is unreadable: a column holds no plain text"
    if not unchanged:
        return f"row {row.seq} has been changed: its hash is not that of its content"
    return None if row.mode == mode else f"row {row.seq} is of mode {row.mode} in a log of mode {mode}"
