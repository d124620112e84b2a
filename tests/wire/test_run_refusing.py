"""What the doctor finds keeps `run` from starting; with open trades it starts for these alone, entries halted."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal

import pytest
from _pytest.mark import ParameterSet

from adapters.sqlite.heads import read
from adapters.sqlite.reader import AuditReader
from composition.serving import StartError
from tests.wire.discord.bench import ADMIN, OPERATOR_ROOM, ROOM
from tests.wire.ports import free_port
from tests.wire.running import ALERT, Town, spawn, story
from tests.wire.tastytrade.faults import Answer, Fault

BROKEN = Fault(answer=Answer.STATUS, status=500)
Spoil = Callable[[Town], object]


def no_options(made: Town) -> None:
    made.broker.trading_status = {"options-level": "No Options"}


def closing_only(made: Town) -> None:
    made.broker.trading_status = {"options-level": "No Restrictions", "is-closing-only": True}


def wrong_clock(made: Town) -> None:
    made.discord.ahead -= timedelta(seconds=60)


def no_intent(made: Town) -> None:
    made.discord.application_flags = 0
    made.discord.refuse_with = 4014


def reset_token(made: Town) -> None:
    made.discord.token = "another.token.than-that"


def slowly(what: str) -> ParameterSet:
    return pytest.param(what, marks=pytest.mark.slow)


def mendable(spoil: Spoil, check: str, name: str, *, slow: bool = False) -> ParameterSet:
    return pytest.param(spoil, check, id=name, marks=pytest.mark.slow if slow else ())


# What is spoilt, and the check that names it.
MENDABLE = [
    mendable(lambda made: made.discord.forbidden.add(ROOM), f"channel {ROOM}", "history"),
    mendable(lambda made: setattr(made.discord, "may", 66560), f"channel {ROOM}", "permissions"),
    mendable(
        lambda made: made.discord.channels.pop(OPERATOR_ROOM),
        f"operator's channel {OPERATOR_ROOM}",
        "operator's channel",
        slow=True,
    ),
    mendable(lambda made: made.discord.members.discard(ADMIN), f"operator {ADMIN}", "operator", slow=True),
    mendable(wrong_clock, "clock", "clock", slow=True),
    mendable(no_options, "options level", "level"),
    mendable(closing_only, "trading status", "closing only", slow=True),
    mendable(no_intent, "Message Content intent", "intent", slow=True),
    mendable(reset_token, "Discord token", "token"),
]


async def refusal(made: Town) -> str:
    assert made.working is not None
    working, made.working = made.working, None
    with pytest.raises(StartError) as refused:
        await working
    return str(refused.value)


@pytest.mark.parametrize(("spoil", "check"), MENDABLE)
def test_a_no_keeps_it_from_starting_before_anything_is_heard(tmp_path, spoil, check):
    async def tell(made: Town) -> None:
        made.start()
        spoil(made)
        told = await refusal(made)
        assert f"{check}: " in told
        assert made.discord.identifies == []
        assert made.broker.account_stream.connections == 0
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            assert log.execute("SELECT count(*) FROM audit").fetchone() == (0,)

    story(tell, tmp_path, OPERATOR_USER=str(ADMIN))


@pytest.mark.parametrize(("spoil", "check"), MENDABLE)
def test_with_an_open_trade_it_starts_halted_and_places_the_exit(tmp_path, spoil, check):
    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        made.start()
        spoil(made)
        await made.exits(3)  # of what was filled while nobody listened
        assert made.live() == []  # the entry's rest is withdrawn
        assert len(made.sent()) == 1
        assert halts_in(made) == [check]

    story(tell, tmp_path, OPERATOR_USER=str(ADMIN))


def halts_in(made: Town) -> list[str]:
    """Return the first check that each halt in the log names, where the doctor caused it."""
    with closing(sqlite3.connect(made.home / "log.sqlite")) as log, log:
        bodies = [json.loads(body) for (body,) in log.execute("SELECT body FROM audit WHERE kind = 'TradingHalted'")]
    return [str(body["reason"]).partition(": ")[0] for body in bodies if body["cause"] == "doctor"]


async def left_with_an_open_trade(made: Town) -> None:
    """Leave an entry of 10 at work with 6 filled, exits for 2 of 4 placed, and no desk."""
    await made.ready()
    await made.post()
    await made.fill(4)
    await made.exits(2)
    await made.crash()
    (order,) = made.live()
    made.broker.ledger.fill(order["id"], 2, Decimal(order["price"]))


def test_the_operator_is_paged_once_alerts_are_denied_and_a_resume_ends_it(tmp_path):
    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        no_options(made)
        waiting = await made.post(ALERT.replace("78p", "79p"))  # while no desk works
        await made.ready()
        page = await made.says("entries halted (doctor)", "options level: No Options", room=OPERATOR_ROOM)
        assert "PAGE" in page
        await made.says("denied (halted)")
        assert str(waiting) in {str(post["message_reference"]["message_id"]) for post in made.discord.sent_to(ROOM)}
        await made.exits(3)
        await made.crash()
        await made.ready()  # not mended, and told before
        await made.command("!tt status", "doctor")
        assert sum("doctor" in text for text in made.said(OPERATOR_ROOM)) == 1
        await made.command("!tt resume", "entries are allowed")
        await made.post(ALERT.replace("78p", "77p"))
        await made.says("placed", "77p")

    # The stand-in counts bought contracts as money lost.
    story(tell, tmp_path, RISK_MAX_DAY_LOSS="100")


def test_a_log_that_others_can_read_refuses_before_connecting_and_halts_with_an_open_trade(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.end()
        (tmp_path / "log.sqlite").chmod(0o644)
        asked = len(made.broker.requests), len(made.discord.requests)
        made.start()
        assert "chmod 600" in await refusal(made)
        assert asked == (len(made.broker.requests), len(made.discord.requests))
        (tmp_path / "log.sqlite").chmod(0o600)
        await left_with_an_open_trade(made)
        (tmp_path / "log.sqlite").chmod(0o644)
        made.start()
        await made.exits(3)
        await made.says("entries halted (doctor)", "can be read by others", room=OPERATOR_ROOM)

    story(tell, tmp_path)


def test_the_log_is_held_to_the_heads_file_that_is_set_and_its_last_head_is_kept_there(tmp_path):
    heads = tmp_path / "elsewhere" / "heads"
    heads.parent.mkdir()

    async def tell(made: Town) -> None:
        await made.ready()
        await made.end()
        assert not (tmp_path / "log.sqlite.heads").exists()
        with AuditReader(tmp_path / "log.sqlite") as log:
            assert [signed.head for _, signed in read(heads)][-1] == log.head()
        for file in tmp_path.glob("log.sqlite*"):
            if file.name != "log.sqlite.key":
                file.unlink()
        made.start()
        assert "the end of another log" in await refusal(made)

    story(tell, tmp_path, ALERT_TRADER_HEADS=str(heads))


def test_a_log_keeps_to_its_account_and_another_is_refused_before_connecting(tmp_path):
    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        asked = len(made.broker.requests), len(made.discord.requests)
        made.changes["TASTYTRADE_ACCOUNT"] = "5WT00099"
        made.start()
        told = await refusal(made)
        assert "of another account than TASTYTRADE_ACCOUNT names" in told
        assert "ALERT_TRADER_DB to another file" in told
        assert asked == (len(made.broker.requests), len(made.discord.requests))
        del made.changes["TASTYTRADE_ACCOUNT"]
        made.start()
        await made.exits(3)

    story(tell, tmp_path)


def test_a_log_of_before_takes_the_account_that_starts_on_it(tmp_path):
    def account_in_log() -> list[str]:
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            return [value for (value,) in log.execute("SELECT value FROM meta WHERE key = 'account'")]

    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        mark = account_in_log()
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            log.execute("DELETE FROM meta WHERE key = 'account'")
        await made.ready()
        assert account_in_log() == mark
        assert len(mark) == 1

    story(tell, tmp_path)


def test_an_account_that_the_broker_does_not_know_claims_no_log(tmp_path):
    async def tell(made: Town) -> None:
        made.changes["TASTYTRADE_ACCOUNT"] = "5WT00099"
        made.start()
        assert "account page" in await refusal(made)
        del made.changes["TASTYTRADE_ACCOUNT"]
        await made.ready()

    story(tell, tmp_path)


@pytest.mark.parametrize(
    "what", ["revoked grant", "damaged", *(slowly(what) for what in ("another account", "key", "taken"))]
)
def test_what_not_even_an_open_trade_can_do_without_refuses(tmp_path, what):
    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        changes, named = {}, ""
        match what:
            case "revoked grant":
                made.broker.tokens.forget_all()
                made.broker.tokens.replies = [(400, {"error": "invalid_grant"})] * 20
                named = "TASTYTRADE_REFRESH_TOKEN"
            case "another account":
                changes, named = {"TASTYTRADE_ACCOUNT": "5WT00099"}, "set TASTYTRADE_ACCOUNT back"
            case "key":
                changes, named = {"ADMIN_API_KEY": "short"}, "ADMIN_API_KEY"
            case "damaged":
                with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
                    log.execute("DROP TRIGGER audit_no_update")
                named = "append-only"
            case _:
                await made.ready()
                changes, named = {"ADMIN_API_PORT": str(free_port())}, "stop it first"
        code, _, err = await (await spawn(made, "open market", **changes)).over()
        assert code == 2, err
        assert named in err
        assert "Traceback" not in err

    story(tell, tmp_path)


def test_one_refusal_names_everything_with_its_mend(tmp_path):
    async def tell(made: Town) -> None:
        no_options(made)
        made.discord.forbidden.add(ROOM)
        made.discord.channels.pop(OPERATOR_ROOM)
        run = await spawn(made, "run")
        code, out, err = await run.over()
        assert (code, out) == (2, ""), err
        assert "3 things must be mended first:" in err
        for words in ("ask the broker for a level", "Read Message History", f"channel {OPERATOR_ROOM}"):
            assert words in err

    story(tell, tmp_path)


@pytest.mark.parametrize("late", ["broker", "Discord"])
def test_a_service_that_comes_late_with_a_no_refuses_before_anything_is_heard(tmp_path, late):
    async def tell(made: Town) -> None:
        port = made.broker.port if late == "broker" else made.discord.port
        await (made.broker.stop() if late == "broker" else made.discord.close())
        made.start()
        while (await made.ask("/readyz"))[0] != 503:
            made.raise_if_over()
        no_options(made)
        made.discord.forbidden.add(ROOM)
        if late == "broker":
            made.broker.port = port
            await made.broker.start()
        else:
            await made.discord.start(port)
        told = await refusal(made)
        assert "options level" in told or f"channel {ROOM}" in told
        assert made.discord.identifies == []

    story(tell, tmp_path)


@pytest.mark.parametrize("is_open", [True, False])
def test_what_could_not_be_asked_is_asked_again_and_a_no_counts_then(tmp_path, is_open):
    async def tell(made: Town) -> None:
        if is_open:
            await left_with_an_open_trade(made)
        made.broker.faults.plan("GET", "trading-status", *[BROKEN] * 2)
        no_options(made)
        made.start()
        if not is_open:
            assert "options level" in await refusal(made)
            return
        await made.says("entries halted (doctor)", "No Options", room=OPERATOR_ROOM)
        await made.exits(3)

    story(tell, tmp_path)


def test_what_stays_unknown_keeps_nothing_from_starting(tmp_path):
    async def tell(made: Town) -> None:
        made.broker.trading_status = {"options-level": "Of a kind that nobody knows"}
        await made.ready()
        await made.post()
        await made.says("placed")

    story(tell, tmp_path)


def test_discord_that_is_away_holds_no_exit_up(tmp_path):
    async def tell(made: Town) -> None:
        await left_with_an_open_trade(made)
        await made.discord.close()
        made.start()
        await made.exits(3)

    story(tell, tmp_path)
