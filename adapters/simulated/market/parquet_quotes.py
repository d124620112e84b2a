"""Recorded quotes in Parquet, a batch of rows at a time; each row is then judged like a line of CSV.

The one place that imports pyarrow, which is an extra: only who has quotes in Parquet needs it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from adapters.simulated.market.recorded import COLUMNS, QuotesError, Row, rows_in_order

BATCH = 8192
MEND = "write it as CSV with the columns time,symbol,bid,ask, or install pyarrow (.venv/bin/pip install pyarrow)"


def read_parquet(path: Path, on_bad: Callable[[int, str], None]) -> Iterator[Row]:
    """Yield (instant, symbol without blanks, quote) in order of time; `on_bad` is told the row and why of the others.

    Times are timestamps with a time zone, kept to the microsecond, or ISO texts; prices are decimals, whole numbers,
    texts, or floats, which become the shortest decimal that reads back as the same float. A null is an empty side.
    Raises QuotesError at once for a file that is no Parquet, lacks a column or has one of another type.
    """
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise QuotesError(f"{path} is Parquet, and what reads Parquet is not installed: {MEND}") from error
    try:
        file = ParquetFile(path)
    except ArrowInvalid as error:
        raise QuotesError(f"{path} is named like Parquet and is none: {error}") from error
    columns = _columns(path, file.schema_arrow)
    number = 0

    def cells() -> Iterator[list[str]]:
        nonlocal number
        with file:
            for batch in file.iter_batches(batch_size=BATCH, columns=columns):
                texts = [_texts(batch.column(name)) for name in columns]
                for row in zip(*texts, strict=True):
                    number += 1
                    yield list(row)

    return rows_in_order(cells(), lambda: number, tuple(range(len(COLUMNS))), on_bad)


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
    is_text = types.is_string(kind) or types.is_large_string(kind)
    if column == "time":
        if types.is_timestamp(kind):
            return None if kind.tz is not None else "timestamps need a time zone; write them in UTC"
        return None if is_text else f"a time is a timestamp with a time zone or an ISO text, not {kind}"
    if column == "symbol":
        return None if is_text else f"a symbol is a text such as UBER251205P00078000, not {kind}"
    is_number = types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)
    return None if is_number or is_text else f"a price is a number of dollars, not {kind}"


def _texts(column: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return a column as the texts that CSV would have."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", "UTC"), safe=False)
        return ["" if at is None else at.isoformat() for at in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]
