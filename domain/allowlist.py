"""Who may trade: user ids and channel ids, webhooks by their own list. Names never count, an empty list allows nobody.

The settings seed the list at every start, commands change it durably. A command outlasts the settings: an id that was
removed by command stays removed while the settings still name it. An id that leaves the settings leaves the list.
"""

from enum import StrEnum

from attrs import evolve, frozen

from domain.value import Value


class ListName(StrEnum):
    USER = "user"
    CHANNEL = "channel"


@frozen
class IdList(Value):
    """One list: what the settings seed, and what commands added and removed since."""

    seeds: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()

    @property
    def ids(self) -> frozenset[int]:
        return (self.seeds - self.removed) | self.added

    def add(self, number: int) -> "IdList":
        return evolve(self, added=self.added | {number}, removed=self.removed - {number})

    def remove(self, number: int) -> "IdList":
        return evolve(self, added=self.added - {number}, removed=self.removed | {number})


@frozen
class Allowlist(Value):
    users: IdList = IdList()
    channels: IdList = IdList()
    webhooks: frozenset[int] = frozenset()

    def allows(self, *, user_id: int, channel_id: int, webhook_id: int | None) -> bool:
        """Return whether a post may trade: its channel and its author are listed, a webhook by its own id."""
        if channel_id not in self.channels.ids:
            return False
        return user_id in self.users.ids if webhook_id is None else webhook_id in self.webhooks

    def seeded(self, users: frozenset[int], channels: frozenset[int], webhooks: frozenset[int]) -> "Allowlist":
        return Allowlist(evolve(self.users, seeds=users), evolve(self.channels, seeds=channels), webhooks)

    def add(self, name: ListName, number: int) -> "Allowlist":
        if name is ListName.USER:
            return evolve(self, users=self.users.add(number))
        return evolve(self, channels=self.channels.add(number))

    def remove(self, name: ListName, number: int) -> "Allowlist":
        if name is ListName.USER:
            return evolve(self, users=self.users.remove(number))
        return evolve(self, channels=self.channels.remove(number))
