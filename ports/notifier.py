"""What the operator must know."""

from abc import abstractmethod
from typing import Protocol

from domain.commands import Notify


class Notifier(Protocol):
    @abstractmethod
    async def notify(self, notice: Notify) -> None:
        """Tell the operator. Raises PortUnavailableError when it could not; it is then called again."""
