"""Notices to the operator: in a Discord channel, by direct message, or both."""

import logging
from collections import OrderedDict

from adapters.discord.connection import DiscordConnection
from domain.commands import Notify
from domain.verdicts import Severity
from ports.errors import PortUnavailableError
from ports.notifier import Notifier

HEADINGS = {Severity.INFO: "Info", Severity.WARNING: "WARNING", Severity.PAGE: "PAGE"}
REMEMBERED = 1000
_LOG = logging.getLogger(__name__)


class DiscordNotifier(Notifier):
    """Tells `channel_id` and `user_id`, at least one of which is given. Mentions nobody, not even the operator."""

    def __init__(
        self, connection: DiscordConnection, *, channel_id: int | None = None, user_id: int | None = None
    ) -> None:
        if channel_id is None and user_id is None:
            raise ValueError("nobody to notify: set OPERATOR_CHANNEL or OPERATOR_USER to a Discord id")
        self._connection = connection
        self._channel_id = channel_id
        self._user_id = user_id
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def notify(self, notice: Notify) -> None:
        """Tell both; at another try only the one that was not reached."""
        failures = []
        for place in ("channel", "user"):
            if (notice.delivery_id, place) in self._told:
                continue
            try:
                await self._tell(place, notice)
            except PortUnavailableError as error:
                failures.append(f"operator's {place}: {error}")
            else:
                self._remember(notice.delivery_id, place)
        if failures:
            raise PortUnavailableError("; ".join(failures))

    async def _tell(self, place: str, notice: Notify) -> None:
        text = f"{HEADINGS[notice.severity]}: {notice.text}"
        if place == "channel" and self._channel_id is not None:
            await self._connection.send(self._channel_id, text, nonce=notice.delivery_id)
        elif place == "user" and self._user_id is not None:
            await self._connection.send_direct(self._user_id, text, nonce=notice.delivery_id)

    def _remember(self, delivery_id: str, place: str) -> None:
        self._told[(delivery_id, place)] = None
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
