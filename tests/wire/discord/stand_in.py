"""A stand-in for Discord on loopback: the REST calls and the gateway that a bot needs, with faults on demand.

It speaks the wire's own language, so that the real SDK can be driven against it unmodified, and records every request.
It keeps the messages of its channels: what is posted while nobody is connected is found in the history.
"""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web
from attrs import Factory, define, field, frozen

from tests.wire.ports import free_port

Payload = dict[str, Any]

BOT_ID = 990000000000000001
GUILD_ID = 880000000000000001
DM_BASE = 770000000000000000
EPOCH_MS = 1_420_070_400_000
TOKEN = "canary-token.AbCdEf.0123456789"
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@frozen
class Recorded:
    """One REST request as it came."""

    method: str
    path: str
    body: Payload
    headers: dict[str, str]
    query: dict[str, str]


@define
class Fault:
    """What the next `times` matching requests get instead of an answer; `delay` seconds before a proper one.

    A `body` is sent as it is, with the content type `kind`.
    """

    method: str
    path: str
    status: int = 0
    times: int = 1
    retry_after: float = 0.05
    via: bool = True
    is_global: bool = False
    delay: float = 0.0
    body: bytes | None = None
    kind: str = "text/html"


@define
class Session:
    """A gateway session: what was sent in it can be replayed."""

    session_id: str
    sequence: int = 0
    sent: list[Payload] = Factory(list)
    socket: web.WebSocketResponse | None = None


@define
class DiscordStandIn:
    """Start it, point the SDK at `api_url` and `gateway_url`, then act with the helpers below."""

    token: str = TOKEN
    heartbeat_ms: int = 41_250
    requests: list[Recorded] = Factory(list)
    identifies: list[Payload] = Factory(list)
    resumes: list[Payload] = Factory(list)
    sessions: dict[str, Session] = Factory(dict)
    channels: dict[int, list[Payload]] = Factory(dict)
    forbidden: set[int] = Factory(set)
    categories: set[int] = Factory(set)
    faults: list[Fault] = Factory(list)
    gateway_open: bool = True
    resumable: bool = True
    refuse_with: int | None = None
    application_flags: int = 1 << 19  # the Message Content intent, for a bot in few servers
    silent: bool = False
    deaf: bool = False
    heartbeats: int = 0
    losing: bool = False
    _count: int = 0
    _nonces: dict[tuple[int, str], Payload] = Factory(dict)
    _runner: web.AppRunner | None = None
    _port: int = 0
    _held: asyncio.Event = field(factory=asyncio.Event)

    # ---- life ------------------------------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get("/gw", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or free_port(), reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Go away; `start` with the same port brings it back."""
        self._held.set()
        await self.close_all(1001)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gw"

    def add_channel(self, channel_id: int) -> int:
        self.channels.setdefault(channel_id, [])
        return channel_id

    # ---- what was asked of it --------------------------------------------------------------------------------------

    def sent_to(self, channel_id: int) -> list[Payload]:
        """Return the bodies of the bot's messages to a channel, as it sent them."""
        path = f"/channels/{channel_id}/messages"
        return [request.body for request in self.requests if (request.method, request.path) == ("POST", path)]

    def shown_in(self, channel_id: int) -> list[Payload]:
        """Return the bot's messages that a channel shows: a repeated nonce is shown once."""
        return [post for post in self.channels.get(channel_id, []) if int(post["author"]["id"]) == BOT_ID]

    def reads_of(self, channel_id: int) -> list[Recorded]:
        path = f"/channels/{channel_id}/messages"
        return [request for request in self.requests if (request.method, request.path) == ("GET", path)]

    # ---- what people do --------------------------------------------------------------------------------------------

    async def post(self, channel_id: int, user_id: int, text: str, **changes: Any) -> int:
        """Post as a person and return the message's id. `age` makes it older, `changes` replace payload parts."""
        payload = self._payload(channel_id, user_id, text, age=changes.pop("age", 0.0))
        payload.update(changes)
        return await self._publish(channel_id, payload)

    async def post_webhook(
        self, channel_id: int, webhook_id: int, text: str, embeds: list[Payload] | None = None
    ) -> int:
        author = {"id": str(webhook_id), "username": "hook", "discriminator": "0000", "avatar": None, "bot": True}
        changes = {"author": author, "webhook_id": str(webhook_id), "embeds": embeds or [], "member": None}
        payload = self._payload(channel_id, webhook_id, text) | changes
        payload.pop("member")
        return await self._publish(channel_id, payload)

    async def reply(self, channel_id: int, user_id: int, text: str, to: int) -> int:
        original = next(post for post in self.channels[channel_id] if post["id"] == str(to))
        reference = {"type": 0, "message_id": str(to), "channel_id": str(channel_id), "guild_id": str(GUILD_ID)}
        return await self.post(
            channel_id, user_id, text, type=19, message_reference=reference, referenced_message=original
        )

    async def forward(self, channel_id: int, user_id: int, text: str, of: int) -> int:
        reference = {"type": 1, "message_id": str(of), "channel_id": str(channel_id), "guild_id": str(GUILD_ID)}
        snapshot = self._payload(channel_id, user_id, text)
        snapshots = [{"message": {key: snapshot[key] for key in _SNAPSHOT_KEYS}}]
        return await self.post(
            channel_id, user_id, "", flags=1 << 14, message_reference=reference, message_snapshots=snapshots
        )

    async def direct(self, user_id: int, text: str) -> int:
        """Write to the bot by direct message."""
        channel_id = self.add_channel(DM_BASE + user_id)
        payload = self._payload(channel_id, user_id, text)
        for key in ("guild_id", "member"):
            payload.pop(key)
        return await self._publish(channel_id, payload)

    async def edit(self, channel_id: int, message_id: int, text: str) -> None:
        payload = self._find(channel_id, message_id)
        payload.update(content=text, edited_timestamp=_iso(time.time()))
        await self.dispatch("MESSAGE_UPDATE", payload)

    async def unfurl(self, channel_id: int, message_id: int, embeds: list[Payload]) -> None:
        """Add the previews of a message's links, as Discord does some moments after the post."""
        payload = self._find(channel_id, message_id)
        payload.update(embeds=embeds)
        await self.dispatch("MESSAGE_UPDATE", payload)

    async def delete(self, channel_id: int, *message_ids: int) -> None:
        """Delete messages, several as a bulk."""
        names = [str(message_id) for message_id in message_ids]
        self.channels[channel_id] = [post for post in self.channels[channel_id] if post["id"] not in names]
        where = {"channel_id": str(channel_id), "guild_id": str(GUILD_ID)}
        if len(names) == 1:
            await self.dispatch("MESSAGE_DELETE", {"id": names[0], **where})
        else:
            await self.dispatch("MESSAGE_DELETE_BULK", {"ids": names, **where})

    async def repeat(self, channel_id: int, message_id: int) -> None:
        """Deliver a message once more."""
        await self.dispatch("MESSAGE_CREATE", self._find(channel_id, message_id))

    # ---- the gateway's own moods -----------------------------------------------------------------------------------

    async def dispatch(self, event: str, data: Payload) -> None:
        """Send an event to every session; to nobody while `losing`."""
        if self.losing:
            return
        for session in self.sessions.values():
            await self._send_in(session, event, data)

    async def close_all(self, code: int) -> None:
        """Close every gateway connection with a code."""
        for session in self.sessions.values():
            if session.socket is not None:
                socket, session.socket = session.socket, None
                await socket.close(code=code)

    async def invalidate(self) -> None:
        """Declare every session invalid: what is not delivered yet never will be."""
        for session in list(self.sessions.values()):
            socket, session.socket = session.socket, None
            if socket is not None:
                await socket.send_str(json.dumps({"op": INVALID, "d": False}))
        self.sessions.clear()

    async def ask_to_reconnect(self) -> None:
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.send_str(json.dumps({"op": RECONNECT, "d": None}))

    def fail(self, method: str, path: str, status: int = 0, **how: Any) -> Fault:
        """Have the next matching request fail, or be delayed. `path` is a beginning of the path below /api/v10."""
        fault = Fault(method, path, status, **how)
        self.faults.append(fault)
        return fault

    # ---- payloads --------------------------------------------------------------------------------------------------

    def new_id(self, age: float = 0.0) -> int:
        """Return a snowflake of `age` seconds ago."""
        self._count += 1
        return ((int((time.time() - age) * 1000) - EPOCH_MS) << 22) | (self._count & 0xFFF)

    def _payload(self, channel_id: int, user_id: int, text: str, age: float = 0.0) -> Payload:
        return {
            "id": str(self.new_id(age)),
            "channel_id": str(channel_id),
            "guild_id": str(GUILD_ID),
            "author": _user(user_id),
            "member": {"roles": [], "joined_at": _iso(0), "deaf": False, "mute": False, "flags": 0},
            "content": text,
            "timestamp": _iso(time.time() - age),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "pinned": False,
            "type": 0,
            "flags": 0,
            "components": [],
        }

    def _find(self, channel_id: int, message_id: int) -> Payload:
        return next(post for post in self.channels[channel_id] if post["id"] == str(message_id))

    async def _publish(self, channel_id: int, payload: Payload) -> int:
        self.channels.setdefault(channel_id, []).append(payload)
        await self.dispatch("MESSAGE_CREATE", payload)
        return int(payload["id"])

    def _guild(self) -> Payload:
        channels: list[Payload] = [
            {"id": str(number), "type": 0, "name": f"room-{number}", "position": 0, "permission_overwrites": [],
             "parent_id": None, "nsfw": False, "topic": None, "rate_limit_per_user": 0, "last_message_id": None}
            for number in self.channels
            if number < DM_BASE and number not in self.categories
        ]  # fmt: skip
        return {
            "id": str(GUILD_ID), "name": "guild", "owner_id": "1", "unavailable": False, "large": False,
            "member_count": 2, "joined_at": _iso(0), "channels": channels, "threads": [], "members": [],
            "presences": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "roles": [{"id": str(GUILD_ID), "name": "@everyone", "permissions": "0", "position": 0, "color": 0,
                       "hoist": False, "managed": False, "mentionable": False, "flags": 0}],
            "emojis": [], "stickers": [], "features": [], "verification_level": 0, "nsfw_level": 0, "mfa_level": 0,
            "default_message_notifications": 0, "explicit_content_filter": 0, "afk_timeout": 60, "premium_tier": 0,
            "preferred_locale": "en-US", "system_channel_flags": 0, "icon": None, "banner": None, "splash": None,
        }  # fmt: skip

    # ---- the gateway -----------------------------------------------------------------------------------------------

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if not self.gateway_open:
            return web.Response(status=503, text="upstream connect error")
        socket = web.WebSocketResponse(autoping=True, autoclose=not self.deaf)
        await socket.prepare(request)
        await socket.send_str(json.dumps({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}}))
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            told = json.loads(frame.data)
            self.heartbeats += told["op"] == HEARTBEAT
            if told["op"] == HEARTBEAT and not self.silent:
                await socket.send_str(json.dumps({"op": ACK}))
            elif told["op"] == IDENTIFY:
                session = await self._identify(socket, told["d"])
            elif told["op"] == RESUME:
                session = await self._resume(socket, told["d"])
        if session is not None and session.socket is socket:
            session.socket = None
        if self.deaf:
            await self._held.wait()
        return socket

    async def _identify(self, socket: web.WebSocketResponse, asked: Payload) -> Session | None:
        self.identifies.append(asked)
        refused = self.refuse_with or (4004 if asked["token"] != self.token else None)
        if refused is not None:
            await socket.close(code=refused)
            return None
        session = Session(f"session-{len(self.identifies)}", socket=socket)
        self.sessions = {session.session_id: session}
        ready = {
            "v": 10, "user": _user(BOT_ID, bot=True), "guilds": [{"id": str(GUILD_ID), "unavailable": True}],
            "session_id": session.session_id, "resume_gateway_url": self.gateway_url, "private_channels": [],
            "application": {"id": str(BOT_ID), "flags": 1 << 19},
        }  # fmt: skip
        await self._send_in(session, "READY", ready)
        await self._send_in(session, "GUILD_CREATE", self._guild())
        return session

    async def _resume(self, socket: web.WebSocketResponse, asked: Payload) -> Session | None:
        self.resumes.append(asked)
        session = self.sessions.get(asked["session_id"])
        if session is None or not self.resumable:
            await socket.send_str(json.dumps({"op": INVALID, "d": False}))
            return None
        for event in session.sent:
            if event["s"] > asked["seq"]:
                await socket.send_str(json.dumps(event))
        session.socket = socket
        await self._send_in(session, "RESUMED", {})
        return session

    async def _send_in(self, session: Session, event: str, data: Payload) -> None:
        session.sequence += 1
        frame = {"op": DISPATCH, "t": event, "s": session.sequence, "d": json.loads(json.dumps(data))}
        session.sent.append(frame)
        if session.socket is not None and not session.socket.closed:
            await session.socket.send_str(json.dumps(frame))

    # ---- REST ------------------------------------------------------------------------------------------------------

    async def _rest(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        body = await request.json() if request.can_read_body else {}
        told = Recorded(request.method, path, body, dict(request.headers), dict(request.query))
        self.requests.append(told)
        failed = await self._fault(told)
        if failed is not None:
            return failed
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return _answer({"message": "401: Unauthorized", "code": 0}, 401)
        parts = path.strip("/").split("/")
        answers: dict[tuple[str, ...], Callable[[Recorded, list[str]], web.Response]] = {
            ("GET", "users", "@me"): lambda *_: _answer(_user(BOT_ID, bot=True)),
            ("GET", "oauth2", "applications", "@me"): lambda *_: _answer(_application(self.application_flags)),
            ("POST", "users", "@me", "channels"): self._open_direct,
            ("GET", "channels", "*"): self._channel,
            ("GET", "channels", "*", "messages"): self._history,
            ("POST", "channels", "*", "messages"): self._create,
        }
        shape = tuple("*" if index == 1 and parts[0] == "channels" else part for index, part in enumerate(parts))
        answer = answers.get((request.method, *shape))
        return _answer({"message": "404: Not Found", "code": 0}, 404) if answer is None else answer(told, parts)

    async def _fault(self, told: Recorded) -> web.Response | None:
        fault = next((f for f in self.faults if f.method == told.method and told.path.startswith(f.path)), None)
        if fault is None:
            return None
        fault.times -= 1
        if fault.times <= 0:
            self.faults.remove(fault)
        if fault.delay:
            try:
                await asyncio.wait_for(self._held.wait(), fault.delay)
            except TimeoutError:
                return None
        if not fault.status:
            return None
        if fault.body is not None:
            headers = {"Content-Type": fault.kind, "Via": "1.1 google"}
            return web.Response(body=fault.body, status=fault.status, headers=headers)
        if fault.status == 429:
            body = {
                "message": "You are being rate limited.",
                "retry_after": fault.retry_after,
                "global": fault.is_global,
            }
            headers = {"Via": "1.1 google"} if fault.via else {}
            return _answer(body, 429, headers)
        if fault.status >= 500:
            return web.Response(status=fault.status, text="<html>Bad Gateway</html>", content_type="text/html")
        return _answer({"message": "Missing Access", "code": 50001}, fault.status)

    def _open_direct(self, told: Recorded, _parts: list[str]) -> web.Response:
        user_id = int(told.body["recipient_id"])
        channel_id = self.add_channel(DM_BASE + user_id)
        return _answer({"id": str(channel_id), "type": 1, "recipients": [_user(user_id)], "last_message_id": None})

    def _channel(self, _told: Recorded, parts: list[str]) -> web.Response:
        channel_id = int(parts[1])
        if channel_id not in self.channels:
            return _answer({"message": "Unknown Channel", "code": 10003}, 404)
        kind = 4 if channel_id in self.categories else 0
        return _answer({"id": str(channel_id), "type": kind, "guild_id": str(GUILD_ID), "name": "room", "position": 0,
                        "permission_overwrites": [], "parent_id": None})  # fmt: skip

    def _history(self, told: Recorded, parts: list[str]) -> web.Response:
        channel_id = int(parts[1])
        if channel_id in self.forbidden:
            return _answer({"message": "Missing Access", "code": 50001}, 403)
        if channel_id not in self.channels:
            return _answer({"message": "Unknown Channel", "code": 10003}, 404)
        if channel_id in self.categories:
            return _answer({"message": "Cannot execute action on this channel type", "code": 50024}, 400)
        after, limit = int(told.query.get("after", 0)), int(told.query.get("limit", 50))
        posts = sorted(self.channels.get(channel_id, []), key=lambda post: int(post["id"]))
        page = [post for post in posts if int(post["id"]) > after][:limit]
        stripped = [{key: value for key, value in post.items() if key not in {"guild_id", "member"}} for post in page]
        return _answer(list(reversed(stripped)))

    def _create(self, told: Recorded, parts: list[str]) -> web.Response:
        channel_id, body = int(parts[1]), told.body
        if channel_id not in self.channels:
            return _answer({"message": "Unknown Channel", "code": 10003}, 404)
        nonce = (channel_id, str(body.get("nonce")))
        known = self._nonces.get(nonce)
        if known is not None and body.get("enforce_nonce"):
            return _answer(known)
        payload = self._payload(channel_id, BOT_ID, body["content"])
        payload.update(author=_user(BOT_ID, bot=True), nonce=body.get("nonce"))
        self._nonces[nonce] = payload
        self.channels[channel_id].append(payload)
        return _answer(payload)


_SNAPSHOT_KEYS = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "components")


def _user(user_id: int, *, bot: bool = False) -> Payload:
    return {"id": str(user_id), "username": f"user{user_id}", "discriminator": "0", "avatar": None, "global_name": None,
            "bot": bot}  # fmt: skip


def _application(flags: int) -> Payload:
    return {"id": str(BOT_ID), "name": "desk", "icon": None, "description": "", "summary": "", "verify_key": "00",
            "owner": _user(1), "bot_public": False, "bot_require_code_grant": False, "flags": flags}  # fmt: skip


def _answer(body: Payload | list[Payload], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    limits = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": f"{time.time() + 1:.3f}",
        "X-RateLimit-Reset-After": "1.000",
        "X-RateLimit-Bucket": "bucket",
        "Via": "1.1 google",
    }
    if status == 429:
        limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "0.05", "X-RateLimit-Limit": "50"}
    # discord.py takes a body for JSON only if the type says so without a charset, as Discord does.
    kind = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=kind | limits | (headers or {}))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
