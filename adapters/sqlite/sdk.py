"""sqlite-utils without pandas: the one place that imports it.

sqlite-utils imports pandas and numpy wherever they are installed, for the sake of column types that this log does not
have. That costs 0.3 s and 60 MiB at every start, also of `audit recent`. While it is imported here both names are
marked as absent, unless somebody has loaded them already; afterwards `sys.modules` is as it was, and whoever wants
pandas still gets it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None is how Python marks a module as absent
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _absent("pandas", "numpy"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
