"""Texts out to Discord: made harmless, cut to length, named by a nonce so that a repetition is dropped there.

A send under way is never broken off, because discord.py would not end a global rate limit whose waiter was cancelled:
whoever loses patience leaves it to finish, and the next try under the same nonce waits for it instead of sending anew.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from adapters.discord.client import DiscordClient
from adapters.discord.pace import Pace
from adapters.discord.sdk import discord, in_words
from adapters.discord.words import block, fit, plain
from ports.errors import PortUnavailableError

NONCE_LENGTH_MAX = 25


class Sending:
    """`client` gives the client of now, or None; `clean` takes secrets out of a text."""

    def __init__(self, client: Callable[[], DiscordClient | None], clean: Callable[[str], str], pace: Pace) -> None:
        self._client = client
        self._clean = clean
        self._pace = pace
        self._under_way: dict[tuple[str, int], asyncio.Task[Any]] = {}

    async def to_channel(
        self, channel_id: int, text: str, *, nonce: str, answers: int | None = None, as_block: bool = False
    ) -> None:
        """Send to a channel, as a reply to the message `answers` where given. Raises PortUnavailableError."""
        shown = self._shown(text, as_block=as_block)

        async def send(client: DiscordClient) -> None:
            reference = None
            if answers is not None:
                reference = discord.MessageReference(
                    message_id=answers, channel_id=channel_id, fail_if_not_exists=False
                )
            await self._send(client.get_partial_messageable(channel_id), shown, nonce, reference)

        await self._once((nonce, channel_id), send)

    async def to_user(self, user_id: int, text: str, *, nonce: str) -> None:
        """Send as a direct message. Raises PortUnavailableError."""
        shown = self._shown(text, as_block=False)

        async def send(client: DiscordClient) -> None:
            await self._send(await client.create_dm(discord.Object(user_id)), shown, nonce, None)

        await self._once((nonce, user_id), send)

    def stop(self) -> None:
        """Give up what is under way: its client is closed."""
        for task in self._under_way.values():
            task.cancel()

    def _shown(self, text: str, *, as_block: bool) -> str:
        cleaned = self._clean(text)
        return block(cleaned) if as_block else fit(plain(cleaned))

    async def _send(
        self, room: discord.abc.Messageable, text: str, nonce: str, reference: discord.MessageReference | None
    ) -> None:
        await room.send(
            text,
            nonce=nonce,
            reference=reference,  # type: ignore[arg-type] # the overloads of `send` know no None
            suppress_embeds=True,
        )

    async def _once(self, name: tuple[str, int], send: Callable[[DiscordClient], Coroutine[Any, Any, None]]) -> None:
        nonce, _ = name
        if not 0 < len(nonce) <= NONCE_LENGTH_MAX:
            raise ValueError(f"a nonce has 1 to {NONCE_LENGTH_MAX} characters, got {nonce!r}")
        client = self._client()
        if client is None or client.is_closed():
            raise PortUnavailableError("Discord is not connected")
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.create_task(send(client))
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._ended(name, done))
        await asyncio.wait({task}, timeout=self._pace.answer)
        if not task.done():
            raise PortUnavailableError(f"Discord has not taken it within {self._pace.answer:g} s")
        if task.cancelled():
            raise PortUnavailableError("the connection to Discord was closed")
        error = task.exception()
        if isinstance(error, Exception):  # of any type: discord.py fails as it may on an answer that is not Discord's
            raise PortUnavailableError(self._clean(in_words(error))) from error
        if error is not None:
            raise error

    def _ended(self, name: tuple[str, int], task: "asyncio.Task[Any]") -> None:
        self._under_way.pop(name, None)
        if not task.cancelled():
            task.exception()  # marks it as seen: whoever waited has raised it, and nobody may wait any more
