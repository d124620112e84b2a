"""The way to Discord: one client after the other, for as long as the desk runs.

A brief loss is discord.py's to mend (it resumes its session). What it cannot mend, such as a gateway that is down at
the start, ends its client; then a new one is tried, ever more slowly. Only refused credentials end the whole.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any, NoReturn

import yarl
from attrs import frozen

from adapters.discord.client import DiscordClient
from adapters.discord.pace import Pace
from adapters.discord.redaction import Redaction
from adapters.discord.sdk import DiscordWebSocket, Route, discord
from adapters.discord.sending import Sending
from adapters.discord.switchboard import Commands, Source, Switchboard
from domain.value import Value
from ports.errors import PortUnauthorizedError

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway: what no second try can mend.
REFUSALS = {
    4004: "the token is refused: reset it in the developer portal and set DISCORD_BOT_TOKEN",
    4013: "the intents are invalid: this version of discord.py and Discord do not fit, update the program",
    4014: "the Message Content intent is off: switch it on in the developer portal, under Bot",
}
CANCEL_AGAIN = 0.5
_LOG = logging.getLogger(__name__)


@frozen(kw_only=True)
class Endpoints(Value):
    """Where a stand-in listens: the REST base with its /api/v10, and the gateway. None is Discord itself."""

    api_url: str | None = None
    gateway_url: str | None = None

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Put these addresses in discord.py's place for them, and its own back afterwards."""
        base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE = self.api_url.rstrip("/") if self.api_url else base
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self.gateway_url) if self.gateway_url else gateway
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


class DiscordConnection:
    """Create it, give it to the source and the notifier, then run `serve` for as long as the desk works."""

    def __init__(self, token: str, *, endpoints: Endpoints | None = None, pace: Pace | None = None) -> None:
        self._token = token
        self._endpoints = endpoints or Endpoints()
        self._pace = pace or Pace()
        self._redaction = Redaction(token)
        self._client: DiscordClient | None = None
        self._trouble = "it has not been tried yet"
        self._sending = Sending(self._logged_in, self._redaction.clean, self._pace)

    # ---- how it stands ---------------------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Return whether messages are heard now: a session is up and its heartbeat is answered."""
        client = self._client
        return client is not None and client.is_hearing and not client.is_closed() and not client.heartbeat_overdue

    def describe(self) -> str:
        """Return the state of the connection in words."""
        if self.is_connected and self._client is not None:
            return f"connected to Discord as {self._client.own_id}"
        if self._client is not None and self._client.heartbeat_overdue:
            return "not connected to Discord: it does not answer the heartbeat"
        if self._client is not None and self._client.was_hearing:
            return "not connected to Discord: the connection was lost and is being resumed"
        return f"not connected to Discord: {self._trouble}"

    # ---- out -------------------------------------------------------------------------------------------------------

    async def send(
        self, channel_id: int, text: str, *, nonce: str, answers: int | None = None, as_block: bool = False
    ) -> None:
        """Send a text to a channel, as a reply to the message `answers` where given; it mentions nobody.

        `as_block` keeps its columns. The same nonce within some minutes is the same message. Raises
        PortUnavailableError.
        """
        await self._sending.to_channel(channel_id, text, nonce=nonce, answers=answers, as_block=as_block)

    async def send_direct(self, user_id: int, text: str, *, nonce: str) -> None:
        """Send a text to a person as a direct message, as `send` does to a channel."""
        await self._sending.to_user(user_id, text, nonce=nonce)

    # ---- life ------------------------------------------------------------------------------------------------------

    async def serve(self, source: Source, commands: Commands | None = None) -> NoReturn:
        """Stay connected, and hand on what is heard, until cancelled.

        Raises PortUnauthorizedError when Discord refuses the token or the intents: trying again cannot help.
        """
        switchboard = Switchboard(source, commands)
        delays = self._pace.delays()
        with self._endpoints.in_place(), self._redacted():
            while True:
                if await self._try(switchboard):
                    delays = self._pace.delays()
                delay = next(delays)
                _LOG.warning("Discord: %s; next try in %.1f s", self._trouble, delay)
                await asyncio.sleep(delay)

    async def _try(self, switchboard: Switchboard) -> bool:
        """Run one client to its end. Return whether it was connected for some time."""
        client = DiscordClient(switchboard, self._pace)
        switchboard.lost()
        self._client = client
        started = time.monotonic()
        try:
            self._trouble = "connecting"
            await self._run(client)
        except discord.LoginFailure as error:
            self._refuse(REFUSALS[4004], error)
        except discord.PrivilegedIntentsRequired as error:
            self._refuse(REFUSALS[4014], error)
        except discord.ConnectionClosed as error:
            if error.code in REFUSALS:
                self._refuse(REFUSALS[error.code], error)
            self._trouble = f"it closed the connection with code {error.code}"
        except Exception as error:  # noqa: BLE001 - discord.py ends with AttributeError where a gateway is down at the start
            self._trouble = self._redaction.clean(f"{type(error).__name__}: {error}")
            _LOG.debug("discord.py's client ended", exc_info=True)
        finally:
            await self._close(client, switchboard)
        return client.was_hearing and time.monotonic() - started > self._pace.steady

    async def _run(self, client: DiscordClient) -> None:
        """Run the client until it ends, or until its connection is dead or down for too long."""
        running = asyncio.create_task(client.start(self._token))
        watching = asyncio.create_task(self._watch(client))
        try:
            await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
        finally:
            await _end(running, watching)

    async def _watch(self, client: DiscordClient) -> None:
        """Return when the client is to be given up, because it was down for too long; leave dead connections."""
        down = 0.0
        while down < (self._pace.resume if client.was_hearing else self._pace.begin):
            await asyncio.sleep(self._pace.watch)
            if client.heartbeat_overdue:
                _LOG.warning("Discord: the heartbeat is not answered, the connection is left for another")
                await client.drop()
            down = 0.0 if client.is_hearing else down + self._pace.watch
        self._trouble = f"no session for {down:.0f} s"

    async def _close(self, client: DiscordClient, switchboard: Switchboard) -> None:
        self._client = None
        switchboard.stop()
        self._sending.stop()
        await client.close()

    def _refuse(self, mend: str, error: Exception) -> NoReturn:
        self._trouble = mend
        raise PortUnauthorizedError(f"Discord: {mend}") from error

    def _logged_in(self) -> DiscordClient | None:
        return self._client if self._client is not None and self._client.own_id else None

    @contextlib.contextmanager
    def _redacted(self) -> Iterator[None]:
        self._redaction.install()
        try:
            yield
        finally:
            self._redaction.remove()


async def _end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks until they have ended: discord.py's `wait_for` can lose a cancellation while it connects."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
