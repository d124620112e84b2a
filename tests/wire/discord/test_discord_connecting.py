"""Staying connected: what is mended, how it is described meanwhile, and what only a person can mend."""

import asyncio
import logging
import threading

import pytest
from attrs import evolve

from adapters.discord.connection import DiscordConnection, Endpoints
from adapters.discord.sdk import DiscordWebSocket, Route
from ports.errors import PortUnauthorizedError
from tests.wire.discord.bench import ANALYST, FAST, ROOM, bench, run, until


async def _refusal(desk) -> str:
    with pytest.raises(PortUnauthorizedError) as refused:
        await asyncio.wait_for(desk.connection.serve(desk.source), 5)
    return str(refused.value)


def test_it_is_connected_once_the_session_is_up_and_says_so():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            assert not desk.connection.is_connected
            assert desk.connection.describe() == "not connected to Discord: it has not been tried yet"
            desk.start()
            await desk.connected()
            assert desk.connection.describe().startswith("connected to Discord as ")

    run(scenario)


def test_a_refused_token_ends_it_with_the_mend_and_without_the_token():
    async def scenario() -> None:
        async with bench(started=False, token="wrong-canary-token") as desk:
            words = await _refusal(desk)
            assert "DISCORD_BOT_TOKEN" in words
            assert "canary" not in words
            assert not desk.connection.is_connected
            assert "token is refused" in desk.connection.describe()

    run(scenario)


@pytest.mark.parametrize(("code", "mend"), [(4004, "DISCORD_BOT_TOKEN"), (4014, "Message Content"), (4013, "intents")])
def test_a_close_that_only_a_person_can_mend_ends_it_with_the_mend(code, mend):
    async def scenario() -> None:
        async with bench(started=False) as desk:
            desk.stand_in.refuse_with = code
            assert mend in await _refusal(desk)
            assert len(desk.stand_in.identifies) == 1

    run(scenario)


def test_a_gateway_that_is_down_at_the_start_is_tried_again():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            desk.stand_in.gateway_open = False
            desk.start()
            await until(lambda: len(desk.stand_in.requests) >= 3)
            assert not desk.connection.is_connected
            desk.stand_in.gateway_open = True
            await desk.connected()

    run(scenario)


def test_discord_that_is_away_at_the_start_is_tried_again():
    async def scenario() -> None:
        async with bench(started=False) as desk:
            port = desk.stand_in.port
            await desk.stand_in.close()
            desk.start()
            await until(lambda: "Connect" in desk.connection.describe(), "a refused connection")
            await desk.stand_in.start(port)
            await desk.connected()

    run(scenario)


@pytest.mark.parametrize("status", [500, 403, 429])
def test_a_login_that_fails_otherwise_is_tried_again(status):
    async def scenario() -> None:
        async with bench(started=False) as desk:
            desk.stand_in.fail("GET", "/users/@me", status, via=False)
            desk.start()
            await desk.connected()

    run(scenario)


@pytest.mark.parametrize("code", [1000, 1006, 4000, 4009])
def test_a_close_is_resumed_and_nothing_is_lost(code):
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.close_all(code if code != 1006 else 1011)
            await desk.stand_in.post(ROOM, ANALYST, "while away")
            await desk.hear("while away")
            await desk.connected()
            assert desk.texts == ["while away"]
            assert len(desk.stand_in.identifies) == 1

    run(scenario)


def test_a_close_that_the_sdk_does_not_mend_begins_a_new_session():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.close_all(4011)
            await until(lambda: len(desk.stand_in.identifies) == 2)
            await desk.connected()
            await desk.stand_in.post(ROOM, ANALYST, "here again")
            await desk.hear("here again")

    run(scenario)


def test_a_request_to_reconnect_is_followed():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.ask_to_reconnect()
            await until(lambda: len(desk.stand_in.resumes) == 1)
            await desk.connected()

    run(scenario)


def test_a_gateway_that_stops_answering_heartbeats_is_left_for_a_live_one():
    async def scenario() -> None:
        async with bench(heartbeat_ms=200) as desk:
            desk.stand_in.silent = True
            await until(lambda: not desk.connection.is_connected)
            await until(lambda: len(desk.stand_in.resumes) >= 1)
            desk.stand_in.silent = False
            await desk.connected()
            await desk.stand_in.post(ROOM, ANALYST, "heard again")
            await desk.hear("heard again")

    run(scenario)


def test_a_dead_connection_that_does_not_even_close_is_left():
    async def scenario() -> None:
        async with bench(heartbeat_ms=200) as desk:
            desk.stand_in.deaf = desk.stand_in.silent = True
            await until(lambda: "heartbeat" in desk.connection.describe())
            desk.stand_in.silent = False
            await until(lambda: len(desk.stand_in.resumes) >= 1)
            await desk.connected()
            await desk.stand_in.post(ROOM, ANALYST, "heard again")
            await desk.hear("heard again")

    run(scenario)


def test_a_session_that_never_begins_is_given_up_for_another():
    async def scenario() -> None:
        async with bench(started=False, pace=evolve(FAST, begin=0.2)) as desk:
            desk.stand_in.fail("GET", "/users/@me", delay=60)
            desk.start()
            await desk.connected()

    run(scenario)


def test_after_a_steady_connection_the_delays_begin_anew():
    async def scenario() -> None:
        async with bench(pace=evolve(FAST, steady=0.0, first=0.05, most=1000.0)) as desk:
            for count in range(2, 12):
                await desk.stand_in.close_all(4011)
                await until(lambda count=count: len(desk.stand_in.identifies) == count)
                await desk.connected()

    run(scenario)


def test_answered_heartbeats_keep_it_connected():
    async def scenario() -> None:
        async with bench(heartbeat_ms=50, pace=evolve(FAST, heartbeat=0.2)) as desk:
            await until(lambda: desk.stand_in.heartbeats > 20)
            assert desk.connection.is_connected
            assert desk.stand_in.resumes == []

    run(scenario)


def test_a_gateway_that_stays_away_gets_a_new_session_when_it_is_back():
    async def scenario() -> None:
        async with bench(pace=evolve(FAST, resume=0.2)) as desk:
            desk.stand_in.gateway_open = False
            await desk.stand_in.close_all(4000)
            await until(lambda: not desk.connection.is_connected)
            assert "is being resumed" in desk.connection.describe()
            logins = len(desk.stand_in.requests)
            await until(lambda: len(desk.stand_in.requests) > logins, "a new login")
            desk.stand_in.gateway_open = True
            await desk.connected()
            await until(lambda: len(desk.stand_in.identifies) == 2)

    run(scenario)


def test_a_session_that_cannot_be_resumed_is_begun_anew():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.resumable = False
            await desk.stand_in.close_all(4000)
            await desk.stand_in.post(ROOM, ANALYST, "while away")
            await desk.hear("while away")
            await until(lambda: len(desk.stand_in.identifies) == 2)

    run(scenario)


def test_an_event_that_the_sdk_cannot_read_costs_a_reconnect_and_no_message():
    async def scenario() -> None:
        async with bench() as desk:
            await desk.stand_in.dispatch("MESSAGE_UPDATE", {"id": "5", "channel_id": str(ROOM), "embeds": []})
            await desk.stand_in.post(ROOM, ANALYST, "after it")
            await desk.hear("after it")

    run(scenario)


def test_it_ends_in_order_and_gives_the_sdk_its_own_addresses_back():
    async def scenario() -> None:
        base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        async with bench() as desk:
            assert desk.stand_in.api_url == Route.BASE
            await desk.stop()
            assert (base, gateway) == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
            assert not desk.connection.is_connected
        await until(lambda: not any("keep-alive" in thread.name for thread in threading.enumerate()))
        assert base.startswith("https://discord.com/")

    run(scenario)


def test_it_ends_soon_beside_a_peer_that_does_not_say_good_bye():
    async def scenario() -> None:
        async with bench() as desk:
            desk.stand_in.deaf = True
            await asyncio.wait_for(desk.stop(), 3)
            assert not desk.connection.is_connected

    run(scenario)


def test_the_token_is_in_no_log_at_any_level(caplog):
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with bench() as desk:
            logging.getLogger("discord.http").error("a header: Bot %s", desk.stand_in.token)
            await desk.stand_in.post(ROOM, ANALYST, "words")
            await desk.hear("words")
            await desk.stand_in.close_all(4000)
            await until(lambda: len(desk.stand_in.resumes) == 1)
            assert "a header: Bot ****" in caplog.text
            assert "canary" not in caplog.text
            assert "canary" not in repr(desk.connection)

    run(scenario)


def test_addresses_that_are_not_given_stay_discords_own():
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    with Endpoints().in_place():
        assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    with Endpoints(api_url="http://127.0.0.1:9/api/v10/").in_place():
        assert Route.BASE == "http://127.0.0.1:9/api/v10"
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


def test_a_connection_can_be_made_without_a_running_loop():
    assert not DiscordConnection("token").is_connected
