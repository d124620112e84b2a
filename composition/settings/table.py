"""The table of settings, made from the classes that hold them: a new field is a new setting, documented or refused.

A field of `domain.policies` is named by its area and its name (`EntryPolicy.window` is ENTRY_WINDOW). Fields with
structure, by channel or by label, are no settings: they come from `alert-trader.toml`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_origin

from attrs import Attribute, fields, frozen, has

from composition.settings.meanings import MEANINGS
from composition.settings.values import Secret, shown, type_name
from domain.policies import Policies
from domain.value import Value

MEANING = "meaning"
# The command that runs decides these, no setting does.
DECIDED_BY_THE_RUN = frozenset({"mode", "calendar", "resting_read"})


@frozen(kw_only=True)
class Setting(Value):
    """`area` is the policy that it belongs to, empty for the desk as a whole; `owner` the class that holds it."""

    name: str
    area: str
    owner: type
    attribute: "Attribute[Any]"
    meaning: str

    @property
    def field(self) -> str:
        return self.attribute.name

    @property
    def type_name(self) -> str:
        return type_name(self.attribute.type)

    @property
    def is_secret(self) -> bool:
        return self.attribute.type == Secret | None

    @property
    def default(self) -> str:
        """Return the default as it would be written; empty where nothing is set."""
        return shown(self.attribute.default)

    def check(self, value: object) -> None:
        """Raise ValueError, naming the setting, for a value outside its bounds."""
        if self.attribute.validator is None:
            return
        try:
            self.attribute.validator(None, self.attribute, value)
        except ValueError as error:
            raise ValueError(f"{self.name} {str(error).removeprefix(self.field).lstrip()}") from None


def settings_of(flat: type) -> Mapping[str, Setting]:
    """Return every setting by name: those of `flat` that have a meaning, then those of the policies."""
    found = {setting.name: setting for setting in (*_flat(flat), *_policies())}
    forgotten = set(MEANINGS) - set(found)
    if forgotten:
        raise AssertionError(f"these meanings are of no setting: {', '.join(sorted(forgotten))}")
    return found


def areas() -> Mapping[str, type]:
    """Return the policy classes by area, in the order of `Policies`."""
    return {
        attribute.name: attribute.type
        for attribute in fields(Policies)
        if isinstance(attribute.type, type) and has(attribute.type)
    }


def _flat(flat: type) -> Iterator[Setting]:
    for attribute in fields(flat):
        if MEANING in attribute.metadata:
            yield Setting(
                name=attribute.name.upper(),
                area="",
                owner=flat,
                attribute=attribute,
                meaning=attribute.metadata[MEANING],
            )


def _policies() -> Iterator[Setting]:
    yield from _of_area("", Policies)
    for area, policy in areas().items():
        yield from _of_area(area, policy)


def _of_area(area: str, policy: type) -> Iterator[Setting]:
    for attribute in fields(policy):
        structured = get_origin(attribute.type) is not None and get_origin(attribute.type) is not frozenset
        if structured or has(attribute.type) or (not area and attribute.name in DECIDED_BY_THE_RUN):
            continue
        name = f"{area}_{attribute.name}".lstrip("_").upper()
        if name not in MEANINGS:
            raise AssertionError(f"{name} has no meaning: add a line to composition/settings/meanings.py")
        yield Setting(name=name, area=area, owner=policy, attribute=attribute, meaning=MEANINGS[name])
