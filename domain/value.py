"""What every value of ours has in common: how it prints, when it equals another, and its hash.

attrs writes and compiles these three for each class, which is half of what making a class takes, and a desk makes some
two hundred classes when it starts. What all share costs nothing and does the same.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from attrs import Attribute


class Value:
    """The base of frozen attrs classes. Equal are values of one class whose fields are; the text names all fields.

    A field says by `eq=False` or `repr=False` that it does not take part. A class's own method stays.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[Attribute[Any], ...]]

    def __init_subclass__(cls) -> None:
        for method in (Value.__repr__, Value.__eq__, Value.__hash__):
            if method.__name__ not in vars(cls):  # attrs leaves alone what the class itself has
                setattr(cls, method.__name__, method)

    def __repr__(self) -> str:
        told = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in self.__attrs_attrs__ if each.repr)
        return f"{type(self).__name__}({told})"

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        parts = _PARTS.get(self.__class__) or _parts_of(self.__class__)
        return bool(parts(self) == parts(other))

    def __hash__(self) -> int:
        return hash((_PARTS.get(self.__class__) or _parts_of(self.__class__))(self))


_PARTS: dict[type, Callable[[Any], Any]] = {}


def _parts_of(cls: type[Value]) -> Callable[[Any], Any]:
    """Return, and remember, what gives the fields that tell one value of a class from another."""
    names = [each.name for each in cls.__attrs_attrs__ if each.eq]
    parts: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()
    _PARTS[cls] = parts
    return parts
