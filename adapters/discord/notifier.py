"""Notices to the operator: in a Discord channel, by direct message, or both."""

import asyncio
from collections import OrderedDict
from typing import Protocol

from adapters.discord.connection import DiscordConnection
from domain.commands import Notify
from domain.verdicts import Severity
from ports.errors import PortUnavailableError
from ports.notifier import Notifier


class Send(Protocol):
    """How a place is told: the connection's way to a channel, or to a person."""

    async def __call__(self, number: int, text: str, /, *, nonce: str) -> None: ...


HEADINGS = {Severity.INFO: "Info", Severity.WARNING: "WARNING", Severity.PAGE: "PAGE"}
REMEMBERED = 1000


class DiscordNotifier(Notifier):
    """Tells `channel_id` and `user_id`, at least one of which is given. Mentions nobody, not even the operator."""

    def __init__(
        self, connection: DiscordConnection, *, channel_id: int | None = None, user_id: int | None = None
    ) -> None:
        if channel_id is None and user_id is None:
            raise ValueError("nobody to notify: set OPERATOR_CHANNEL or OPERATOR_USER to a Discord id")
        self._places: list[tuple[str, int, Send]] = []
        if channel_id is not None:
            self._places.append(("channel", channel_id, connection.send))
        if user_id is not None:
            self._places.append(("direct messages", user_id, connection.send_direct))
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def notify(self, notice: Notify) -> None:
        """Tell both; at another try only the one that was not reached."""
        text = f"{HEADINGS[notice.severity]}: {notice.text}"
        untold = [place for place in self._places if (notice.delivery_id, place[0]) not in self._told]
        sends = (send(number, text, nonce=notice.delivery_id) for _, number, send in untold)
        # Side by side: a page by direct message does not wait for a channel that is slow.
        results = await asyncio.gather(*sends, return_exceptions=True)
        failures = []
        for (name, _, _), result in zip(untold, results, strict=True):
            if isinstance(result, PortUnavailableError):
                failures.append(f"operator's {name}: {result}")
            elif result is not None:
                raise result
            else:
                self._remember(notice.delivery_id, name)
        if failures:
            raise PortUnavailableError("; ".join(failures))

    def _remember(self, delivery_id: str, name: str) -> None:
        self._told[(delivery_id, name)] = None
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
