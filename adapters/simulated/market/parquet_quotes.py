"""Recorded quotes in Parquet, a batch of rows at a time; each row is then judged like a line of CSV.

The one place that imports pyarrow, which is an extra: only who has quotes in Parquet needs it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.simulated.market.recorded import COLUMNS, QuotesError, Row, rows_in_order

BATCH = 8192
READ_AHEAD = 1 << 16  # bytes of each column; without it a whole row group is read at once, however large
NAMES = {".parquet", ".pq"}
MAGIC = b"PAR1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
PLACES = 4  # no option is quoted finer than a hundredth of a cent; a float's digits beyond are dust
MEND = (
    "write it as CSV with the columns time,symbol,bid,ask, or install the extra parquet: .venv/bin/pip install pyarrow"
)


def is_parquet(path: Path) -> bool:
    """Whether a file's name or its first bytes say that it is Parquet."""
    if path.suffix.lower() in NAMES:
        return True
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_parquet(path: Path, on_bad: Callable[[int, str], None]) -> Iterator[Row]:
    """Yield (instant, symbol without blanks, quote) in order of time; `on_bad` is told the row and why of the others.

    Times are timestamps with a time zone, kept to the microsecond, or ISO texts; prices are decimals, whole numbers,
    texts, or floats, which are rounded to a hundredth of a cent. A null is an empty side. Where the file breaks off or
    is damaged, `on_bad` is told, and nothing after it is read. Raises QuotesError at once for a file that is no
    Parquet, lacks a column or has one of another type.
    """
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise QuotesError(f"{path} is Parquet, and what reads Parquet is not installed: {MEND}") from error
    try:
        file = ParquetFile(path, buffer_size=READ_AHEAD)
    except (ValueError, OSError) as error:
        raise QuotesError(
            f"{path} is no Parquet that can be read ({error}): write it again, or name it .csv where it is CSV"
        ) from error
    columns = _columns(path, file.schema_arrow)
    number = 0

    def cells() -> Iterator[list[str]]:
        nonlocal number
        with file:
            for batch in _batches(file, columns):
                if isinstance(batch, ValueError):
                    number += 1
                    raise batch
                texts = [_texts(batch.column(name)) for name in columns]
                for row in zip(*texts, strict=True):
                    number += 1
                    yield list(row)

    return rows_in_order(cells(), lambda: number, tuple(range(len(COLUMNS))), on_bad)


def _batches(file: Any, columns: list[str]) -> Iterator[Any]:  # noqa: ANN401 - pyarrow has no types
    """Yield the batches of rows, and last, where the rest cannot be read, why."""
    try:
        yield from file.iter_batches(batch_size=BATCH, columns=columns, use_threads=False)
    except (ValueError, OSError) as error:
        yield ValueError(f"the file is damaged here ({error}), nothing after it was read: write it again")


def _columns(path: Path, schema: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return the file's names of our columns, in our order. Raises QuotesError for what cannot be read as one."""
    named = {name.strip().lower(): name for name in schema.names}
    missing = [name for name in COLUMNS if name not in named]
    if missing:
        raise QuotesError(f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(schema.names)[:80]}")
    columns = [named[name] for name in COLUMNS]
    for ours, name in zip(COLUMNS, columns, strict=True):
        amiss = _against_type(ours, schema.field(name).type)
        if amiss is not None:
            raise QuotesError(f"{path}, column {name}: {amiss}")
    return columns


def _against_type(column: str, kind: Any) -> str | None:  # noqa: ANN401 - pyarrow has no types
    """Return what is wrong with a column's type, or None."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    if column == "time":
        if types.is_timestamp(kind):
            return None if kind.tz is not None else f"times need a time zone, {kind} has none: write them in UTC"
        return (
            None if is_text else f"a time is a timestamp with a time zone or an ISO text, not {kind}: write it as one"
        )
    if column == "symbol":
        return None if is_text else f"a symbol is a text such as UBER251205P00078000, not {kind}: write it as one"
    is_number = types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)
    return None if is_number or is_text else f"a price is a number of dollars, not {kind}: write it as one"


def _texts(column: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return a column as the texts that CSV would have."""
    from pyarrow import types

    if types.is_timestamp(column.type):
        second = A_SECOND[column.type.unit]
        return ["" if at is None else _instant(at, second) for at in column.cast("int64").to_pylist()]
    values = column.to_pylist()
    if types.is_floating(column.type):
        return ["" if value is None else str(round(value, PLACES)) for value in values]
    return ["" if value is None else str(value) for value in values]


def _instant(since: int, second: int) -> str:
    """Return an instant as ISO text; one that no calendar has as the number that it is, which no row may have."""
    try:
        return (EPOCH + timedelta(microseconds=since * A_SECOND["us"] // second)).isoformat()
    except OverflowError:
        return f"{since / second:.0f} seconds after 1970"
