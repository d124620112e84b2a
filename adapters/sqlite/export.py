"""The whole log as text, for archives and spreadsheets, complete enough to verify the chain from it.

A line of JSON is the row's canonical form with its two hashes added; in CSV the same columns, the body as JSON.
"""

import csv
from collections.abc import Iterable
from enum import StrEnum
from typing import TextIO

from adapters.sqlite.chain import StoredRow, canonical
from ports.errors import AuditUnavailableError

HEADER = ("seq", "at", "class", "kind", "mode", "trade_id", "body", "prev_hash", "hash")


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def write(form: Format, rows: Iterable[StoredRow], out: TextIO) -> int:
    """Write rows to `out` as they come and return their number."""
    count = 0
    table = csv.writer(out)
    if form is Format.CSV:
        table.writerow(HEADER)
    for row in rows:
        _check_readable(row)
        if form is Format.CSV:
            table.writerow(row)
        else:
            hashes = f'"prev_hash":"{row.prev_hash}","hash":"{row.hash}"'
            out.write(f"{canonical(*row[:7])[:-1]},{hashes}}}\n")
        count += 1
    return count


def _check_readable(row: StoredRow) -> None:
    try:
        "".join((*row[1:5], row.trade_id or "", *row[6:])).encode()
    except (TypeError, UnicodeEncodeError):
        raise AuditUnavailableError(
            f"row {row.seq} cannot be exported, a column holds no plain text: run audit verify"
        ) from None
