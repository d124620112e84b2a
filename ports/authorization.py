"""The broker's credentials, as an operator sees them."""

from abc import abstractmethod
from typing import Protocol


class Authorization(Protocol):
    @abstractmethod
    async def refresh(self) -> None:
        """Renew the session now with the credentials this process has. Safe to retry.

        Raises PortUnauthorizedError when they are refused for good, PortUnavailableError when it could not be asked.
        """

    @abstractmethod
    def describe(self) -> str:
        """Return the state of the session in words, without any secret: valid until when, or why not."""
