"""Both stand-ins with what looking them over asks for besides: trading status, permissions, members."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from attrs import Factory, define

from tests.wire.discord.bench import ADMIN
from tests.wire.discord.stand_in import BOT_ID, DiscordStandIn
from tests.wire.tastytrade.stand_in import ACCOUNT, TastytradeStandIn


@define
class Broker(TastytradeStandIn):
    """The stand-in that also tells an account's trading status."""

    trading_status: dict[str, Any] = Factory(lambda: {"options-level": "No Restrictions"})

    async def _account(self, request: web.Request, method: str, rest: list[str]) -> web.StreamResponse:
        if rest == ["trading-status"]:
            flags = dict.fromkeys(("is-closed", "is-frozen", "is-closing-only", "is-risk-reducing-only"), False)
            return web.json_response({"data": {"account-number": ACCOUNT, **flags, **self.trading_status}})
        return await super()._account(request, method, rest)


@define
class Rooms(DiscordStandIn):
    """The stand-in that also tells what the bot may do in its server, and who is a member."""

    may: int = 68608
    ahead: timedelta = timedelta()  # how far its own clock, which dates its answers, is ahead of this machine's
    members: set[int] = Factory(lambda: {BOT_ID, ADMIN})

    async def _rest(self, request: web.Request) -> web.Response:
        answer = await self._answered(request)
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        return answer

    async def _answered(self, request: web.Request) -> web.Response:
        match request.match_info["path"].split("/"):
            case ["guilds", _]:
                roles = [{**self._guild()["roles"][0], "permissions": str(self.may)}]
                return _json({**self._guild(), "roles": roles})
            case ["guilds", _, "channels"]:
                return _json(self._guild()["channels"])
            case ["guilds", _, "members", number] if int(number) in self.members:
                joined = {"joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0}
                user = {"id": number, "username": "user", "discriminator": "0", "avatar": None, "global_name": None}
                return _json({"user": user, "roles": [], **joined})
            case ["guilds", _, "members", _]:
                return _json({"message": "Unknown Member", "code": 10007}, 404)
            case ["users", "@me", "guilds"]:
                return _json([{**self._guild(), "owner": False, "permissions": str(self.may)}])
        return await super()._rest(request)


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": "application/json"})
