"""Faults that other trading bots had, planted into our own code from outside: the simulator has to catch every one.

A mutant replaces a function where it is used, for as long as its days run. Nothing here is reachable from the desk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from attrs import frozen

from domain.value import Value


@frozen(kw_only=True)
class Mutant(Value):
    """`patches` are (module, name in it, replacement), `fault` says what it then does, `promise` what breaks."""

    name: str
    fault: str
    promise: str
    patches: tuple[tuple[str, str, Any], ...]


# The last check stands between many a fault and the broker, whose books are to show the fault.
UNCHECKED = ("composition.order_check", "OrderCheck.answer_instead", lambda *_: ())


@contextmanager
def mutated(mutant: Mutant | None, *, checked: bool = False) -> Iterator[None]:
    """Have the program be the mutant while this is entered, without the last check of its orders unless `checked`."""
    patches = () if mutant is None else mutant.patches if checked else (*mutant.patches, UNCHECKED)
    before = []
    try:
        for module_name, name, replacement in patches:
            owner = import_module(module_name)
            *path, last = name.split(".")
            for part in path:
                owner = getattr(owner, part)
            before.append((owner, last, owner.__dict__[last]))
            setattr(owner, last, replacement)
        yield
    finally:
        for owner, last, original in reversed(before):
            setattr(owner, last, original)
