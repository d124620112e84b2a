"""Discord as the desk's room: where alerts and commands come from, where replies and notices go."""

import asyncio
import logging
from collections.abc import Callable

from attrs import frozen

from adapters.discord.connection import DiscordConnection, Endpoints
from adapters.discord.examination import DiscordExamination
from adapters.discord.notifier import DiscordNotifier
from adapters.discord.operating import DiscordCommands, Explain
from adapters.discord.source import DiscordAlertSource
from composition.settings import Secret, Settings
from domain.desk import DeskState
from domain.policies import Policies
from domain.value import Value
from ports.authorization import Authorization
from ports.clock import Clock
from ports.control import Control
from ports.errors import PortUnauthorizedError

_LOG = logging.getLogger(__name__)


class _NotingSource(DiscordAlertSource):
    """Knows whether Discord has ever taken this process's credentials."""

    was_connected = False

    def connected(self) -> None:
        self.was_connected = True
        super().connected()


@frozen(kw_only=True)
class DiscordRoom(Value):
    connection: DiscordConnection
    source: _NotingSource
    notifier: DiscordNotifier | None

    def why_away(self) -> str | None:
        return None if self.connection.is_connected else self.connection.describe()

    async def serve(self, commands: DiscordCommands) -> None:
        """Stay connected until cancelled. Raises PortUnauthorizedError when Discord refuses the token or the intents.

        A refusal of what Discord took before ends nothing: open trades keep their exits without Discord.
        """
        try:
            await self.connection.serve(self.source, commands)
        except PortUnauthorizedError as error:
            if not self.source.was_connected:
                raise
            _LOG.critical("%s and restart; open trades are looked after, and no alert is heard until then", error)
            await asyncio.Event().wait()


def create_discord_room(
    settings: Settings, token: Secret, policies: Policies, clock: Clock, state: Callable[[], DeskState]
) -> DiscordRoom:
    """Return the room. `state` gives the desk's state when asked: the live allowlist and each channel's last post."""
    connection = DiscordConnection(token.reveal(), endpoints=_endpoints(settings))
    source = _NotingSource(
        connection,
        clock=clock,
        channels=lambda: state().allowlist.channels.ids,
        last_seen=lambda channel: state().last_posts.get(channel),  # noqa: PLW0108 - the state of the moment it is asked
        max_age=policies.gate.max_alert_age,
    )
    channel, user = settings.operator_channel, settings.operator_user
    reachable = channel is not None or user is not None
    notifier = DiscordNotifier(connection, channel_id=channel, user_id=user) if reachable else None
    return DiscordRoom(connection=connection, source=source, notifier=notifier)


def create_discord_examination(
    settings: Settings, clock: Clock, channels: Callable[[], frozenset[int]]
) -> DiscordExamination:
    """Return what looks Discord over. `channels` gives the allowed ones when asked."""
    token = settings.discord_bot_token
    return DiscordExamination(
        "" if token is None else token.reveal(),
        clock=clock,
        channels=channels,
        operator_channel=settings.operator_channel,
        operator_user=settings.operator_user,
        endpoints=_endpoints(settings),
    )


def _endpoints(settings: Settings) -> Endpoints:
    return Endpoints(api_url=settings.discord_api_url, gateway_url=settings.discord_gateway_url)


def create_commands(
    settings: Settings,
    room: DiscordRoom,
    *,
    control: Control,
    authorization: Authorization,
    clock: Clock,
    explain: Explain,
) -> DiscordCommands:
    """Return the `!tt` and `!allowlist` commands for `ADMIN_USERS`."""
    private = frozenset() if settings.operator_channel is None else frozenset({settings.operator_channel})
    return DiscordCommands(
        room.connection,
        control=control,
        authorization=authorization,
        explain=explain,
        admins=settings.admin_users,
        clock=clock,
        account=settings.tastytrade_account,
        private_channels=private,
    )
