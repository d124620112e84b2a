"""Looks Discord over before the desk relies on it: token, intent, rooms, the way to the operator, and the clock.

Over REST only, and with reads only: no session is opened, nothing is posted, no direct message is begun.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from attrs import define, field

from adapters.discord.connection import REFUSALS, Endpoints
from adapters.discord.redaction import Redaction
from adapters.discord.sdk import TROUBLE, aiohttp, discord, in_words
from ports.clock import Clock
from ports.examination import Examination, Finding, Outcome

PATIENCE = 20.0
SKEW_MAX = timedelta(seconds=5)
# A stand-in's answers are dated by this very machine: further off than this, one of the two runs on another day.
STAND_IN_SKEW = timedelta(hours=1)
UNKNOWN_MEMBER, UNKNOWN_USER = 10007, 10013
TOKEN, INTENT, CLOCK = "Discord token", "Message Content intent", "clock"


class DiscordExamination(Examination):
    """`channels` are the allowed ones now. The operator's places are looked at where they are given."""

    def __init__(
        self,
        token: str,
        *,
        clock: Clock,
        channels: Callable[[], frozenset[int]],
        operator_channel: int | None = None,
        operator_user: int | None = None,
        endpoints: Endpoints | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._token = token
        self._clock = clock
        self._channels = channels
        self._operator_channel = operator_channel
        self._operator_user = operator_user
        self._endpoints = endpoints or Endpoints()
        self._patience = patience
        self._clean = Redaction(token).clean

    async def examine(self) -> tuple[Finding, ...]:
        found: list[Finding] = []
        dates = _Dates(self._clock, is_stand_in=self._endpoints.api_url is not None)
        try:
            async with asyncio.timeout(self._patience), self._logged_in(dates) as client:
                found.append(_ok(TOKEN, f"signed in as {_own_id(client)}"))
                found.append(await _intent(client))
                await self._look_at_rooms(client, found)
        except discord.LoginFailure:
            found.append(_no(TOKEN, "Discord refuses it", REFUSALS[4004]))
        except TimeoutError:
            found.append(_unknown("Discord", f"it has not answered everything within {self._patience:g} s"))
        except Exception as error:  # noqa: BLE001 - the SDK reads answers without a net
            found.append(_unknown("Discord", self._clean(in_words(error))))
        found.append(dates.finding())
        return tuple(found)

    @asynccontextmanager
    async def _logged_in(self, dates: "_Dates") -> AsyncIterator[discord.Client]:
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(dates.note)
        # No session is opened with these intents; without them discord.py warns of what it would lack in one.
        client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None, http_trace=trace)
        with self._endpoints.in_place():
            async with client:
                await client.login(self._token)
                yield client

    async def _look_at_rooms(self, client: discord.Client, found: list[Finding]) -> None:
        guilds = _Guilds(client)
        for channel_id in sorted(self._channels()):
            room = await self._room(guilds, f"channel {channel_id}", channel_id, is_read=True)
            found.append(room)  # one by one: what was found before a timeout counts
        if self._operator_channel is not None:
            name = f"operator's channel {self._operator_channel}"
            found.append(await self._room(guilds, name, self._operator_channel, is_read=False))
        if self._operator_user is not None:
            found.append(await self._operator(guilds, self._operator_user))

    async def _room(self, guilds: "_Guilds", check: str, channel_id: int, *, is_read: bool) -> Finding:
        """Whether the bot may write in a channel and, where `is_read`, read its history."""
        try:
            room = await guilds.client.fetch_channel(channel_id)
            if not isinstance(room, discord.abc.Messageable) or isinstance(room, discord.abc.PrivateChannel):
                return _no(check, "it holds no messages", "name a text channel or a thread")
            if is_read:
                _ = [post async for post in room.history(limit=1)]
        except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
            if not _is_its_own_word(error):
                return _unknown(check, self._clean(in_words(error)))
            mend = "check the id, and give the bot View Channel and Read Message History there"
            return _no(check, self._clean(in_words(error)), mend)
        except TROUBLE as error:
            return _unknown(check, self._clean(in_words(error)))
        try:
            lacking = await guilds.lacking(room)
        except Exception as error:  # noqa: BLE001 - see above
            return _unknown(check, f"it can be read; what the bot may do there cannot: {self._clean(in_words(error))}")
        if lacking:
            return _no(check, f"the bot lacks {', '.join(lacking)}", "give the bot's role these permissions there")
        return _ok(check, "the bot may read its history and write there" if is_read else "the bot may write there")

    async def _operator(self, guilds: "_Guilds", user_id: int) -> Finding:
        check = f"operator {user_id}"
        try:
            if await guilds.has_member(user_id):
                return _ok(check, "shares a server with the bot; direct messages from its members must be allowed")
        except TROUBLE as error:
            return _unknown(check, self._clean(in_words(error)))
        return _no(check, "shares no server with the bot", "join one that the bot is in, or set OPERATOR_CHANNEL")


@define
class _Guilds:
    """What the bot may do where; each server is read once."""

    client: discord.Client
    _rooms: dict[int, dict[int, discord.abc.GuildChannel]] = field(factory=dict)
    _members: dict[int, discord.Member] = field(factory=dict)

    async def lacking(self, room: "discord.abc.Messageable") -> list[str]:
        """Return the names of the permissions that the bot needs in a server's channel and has not."""
        assert isinstance(room, discord.abc.GuildChannel | discord.Thread)  # noqa: S101 - private channels are refused before
        is_thread = isinstance(room, discord.Thread)
        await self._read(room.guild.id)
        parent = self._rooms[room.guild.id].get((room.parent_id if is_thread else room.id) or 0)
        if parent is None:
            return ["View Channel"]
        may = parent.permissions_for(self._members[room.guild.id])
        needed = {
            "View Channel": may.view_channel,
            "Read Message History": may.read_message_history,
            "Send Messages": may.send_messages_in_threads if is_thread else may.send_messages,
        }
        return [name for name, has in needed.items() if not has]

    async def has_member(self, user_id: int) -> bool:
        async for guild in self.client.fetch_guilds():
            try:
                await guild.fetch_member(user_id)
            except discord.NotFound as error:
                if error.code not in {UNKNOWN_MEMBER, UNKNOWN_USER}:
                    raise
                continue
            return True
        return False

    async def _read(self, guild_id: int) -> None:
        if guild_id not in self._rooms:
            guild = await self.client.fetch_guild(guild_id, with_counts=False)
            self._members[guild_id] = await guild.fetch_member(_own_id(self.client))
            self._rooms[guild_id] = {channel.id: channel for channel in await guild.fetch_channels()}


@define
class _Dates:
    """How far this machine's clock is from the one that dates Discord's answers."""

    clock: Clock
    is_stand_in: bool
    skew: timedelta | None = None

    async def note(self, _session: object, _context: object, ended: "aiohttp.TraceRequestEndParams") -> None:
        told = _date(ended.response.headers.get("Date"))
        if told is not None:
            # A date is cut to whole seconds: on average it is half a second late.
            self.skew = self.clock.now() - told - timedelta(seconds=0.5)

    def finding(self) -> Finding:
        if self.skew is None:
            return _unknown(CLOCK, "nothing has told the time")
        seconds = self.skew.total_seconds()
        told = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} Discord's"
        if self.is_stand_in and abs(self.skew) > STAND_IN_SKEW:
            return Finding(check=CLOCK, outcome=Outcome.NOTE, told=told, mend="nothing, if the desk is on another day")
        if abs(self.skew) > SKEW_MAX:
            return _no(CLOCK, told, "set this machine's clock (NTP): alerts look stale, or from the future")
        return _ok(CLOCK, told)


def _own_id(client: discord.Client) -> int:
    """The bot's user id, which an old application does not share; 0 before the login."""
    return 0 if client.user is None else client.user.id


def _is_its_own_word(error: Exception) -> bool:
    """Whether Discord itself refused: its refusals have a code, a proxy's have none."""
    return not isinstance(error, discord.HTTPException) or error.code != 0


def _date(text: str | None) -> datetime | None:
    try:
        at = None if text is None else parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


async def _intent(client: discord.Client) -> Finding:
    flags = client.application_flags
    if flags.gateway_message_content or flags.gateway_message_content_limited:
        return _ok(INTENT, "it is on")
    if "flags" not in await client.http.application_info():  # the SDK takes no answer for a no
        return _unknown(INTENT, "Discord does not tell; the gateway will")
    return _no(INTENT, "it is off: messages come without their text", REFUSALS[4014])


def _ok(check: str, told: str) -> Finding:
    return Finding(check=check, outcome=Outcome.OK, told=told)


def _no(check: str, told: str, mend: str) -> Finding:
    return Finding(check=check, outcome=Outcome.NO, told=told, mend=mend)


def _unknown(check: str, told: str) -> Finding:
    return Finding(check=check, outcome=Outcome.UNKNOWN, told=told, mend="ask again; look at the network if it stays")
