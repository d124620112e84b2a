"""dependency-injector without what it would bring along: the one place that imports it.

It loads pydantic, wherever that is installed, only to ask for its version, and a part of starlette for the wiring of
web handlers, which no desk uses. Together they cost a start 0.08 s. While it is imported here a module that says only
its version stands for the one, and the other is marked as absent, unless somebody has loaded them already; afterwards
`sys.modules` is as it was.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def _standing_in(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    names = [name for name in modules if name not in sys.modules]
    sys.modules.update({name: modules[name] for name in names})  # type: ignore[misc] # None marks a module as absent
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


_pydantic = ModuleType("pydantic")
_pydantic.VERSION = "2"  # type: ignore[attr-defined] # what is asked of it; its own settings would be asked of a 1

with _standing_in({"pydantic": _pydantic, "starlette": None}):
    from dependency_injector import containers, providers

__all__ = ["containers", "providers"]
