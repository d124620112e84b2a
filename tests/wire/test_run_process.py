"""`alert-trader run` as the process that a supervisor starts: refusals, readiness, signals, and what it never shows."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.sqlite.audit_log import SqliteAuditLog
from domain.events import DeskStarted, Stamped
from domain.policies import Mode, Policies
from ports.audit_log import Entry, RowClass
from tests.wire.discord.bench import ADMIN, OTHER_ROOM, ROOM
from tests.wire.ports import free_port
from tests.wire.running import AHEAD, ALERT, PUT, SECRETS, Town, spawn, story, until
from tests.wire.tastytrade.faults import Fault


def test_it_answers_readyz_and_ends_in_order_on_sigterm(tmp_path):
    async def tell(made: Town) -> None:
        run = await spawn(made, "run")
        await made.until_ready()
        number = await made.discord.post(OTHER_ROOM, ADMIN, "!tt status")
        await until(lambda: any(post.get("nonce") == f"C{number}" for post in made.discord.shown_in(OTHER_ROOM)))
        before = asyncio.get_running_loop().time()
        code, _, err = await run.terminate()
        assert code == 0, err
        assert asyncio.get_running_loop().time() - before < 10  # the promise itself, not a guess at speed
        assert "stopped in order" in err
        assert "Traceback" not in err
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    story(tell, tmp_path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DISCORD_BOT_TOKEN": ""}, ["DISCORD_BOT_TOKEN"]),
        ({"TASTYTRADE_ACCOUNT": "", "ADMIN_API_KEY": ""}, ["TASTYTRADE_ACCOUNT", "ADMIN_API_KEY"]),
        ({"TASTYTRADE_USE_SANDBOX": "false"}, ["LIVE_ACCOUNT_CONFIRMED", "TASTYTRADE_ACCOUNT"]),
        pytest.param({"TASTYTRADE_DRY_RUN": "no"}, ["TASTYTRADE_DRY_RUN", "true or false"], marks=pytest.mark.slow),
        ({"TASTYTRADE_API_URL": "http://192.0.2.1:80"}, ["TASTYTRADE_API_URL", "this machine only"]),
        pytest.param({"ADMIN_API_KEY": "short"}, ["ADMIN_API_KEY"], marks=pytest.mark.slow),
        pytest.param({"RISK_MAX_CONTRACTZ": "3"}, ["RISK_MAX_CONTRACTZ", "RISK_MAX_CONTRACTS"], marks=pytest.mark.slow),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_is_missing_or_wrong_is_named_at_once(tmp_path, changes, named):
    async def tell(made: Town) -> None:
        code, out, err = await (await spawn(made, "run", **changes)).over()
        assert code == 2, err
        assert all(name in err for name in named), err
        assert "Traceback" not in err
        assert out == ""
        assert made.discord.requests == []
        assert made.broker.requests == []

    story(tell, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["revoked grant", "another account", "Discord's token", "intent", "options", "taken"])
def test_what_only_a_person_can_mend_keeps_it_from_starting(tmp_path, what):
    async def tell(made: Town) -> None:
        changes = {}
        match what:
            case "revoked grant":
                refusal = {"error": "invalid_grant", "error_description": "Grant revoked"}
                made.broker.tokens.replies = [(400, refusal)] * 20
                named = ["Grant revoked", "TASTYTRADE_REFRESH_TOKEN"]
            case "another account":
                changes = {"TASTYTRADE_ACCOUNT": "5WT00099"}
                named = ["TASTYTRADE_ACCOUNT", "account page"]
            case "Discord's token":
                changes = {"DISCORD_BOT_TOKEN": "another.token.than-that"}
                named = ["DISCORD_BOT_TOKEN", "developer portal"]
            case "intent":
                made.discord.refuse_with = 4014
                named = ["Message Content intent"]
            case "options":
                made.broker.trading_status = {"options-level": "No Options"}
                named = ["No Options", "ask the broker"]
            case _:
                await made.ready()
                changes = {"ADMIN_API_PORT": str(free_port())}
                named = ["in use", "stop that one first"]
        code, _, err = await (await spawn(made, "run", **changes)).over()
        assert code == 2, err
        assert all(name in err for name in named), err
        assert "Traceback" not in err

    story(tell, tmp_path)


def test_a_broker_that_is_away_at_the_start_is_waited_for(tmp_path):
    async def tell(made: Town) -> None:
        port = made.broker.port
        await made.broker.stop()
        run = await spawn(made, "open market")
        await _until_answered(made, 503)
        made.broker.port = port
        await made.broker.start()
        await made.until_ready()
        await made.post()
        await made.says("placed")
        assert (await run.terminate())[0] == 0

    story(tell, tmp_path)


def test_discord_that_is_away_at_the_start_is_waited_for(tmp_path):
    async def tell(made: Town) -> None:
        port = made.discord.port
        await made.discord.close()
        run = await spawn(made, "run")
        await _until_answered(made, 503)
        await made.discord.start(port)
        await made.until_ready()
        assert (await run.terminate())[0] == 0

    story(tell, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("dead", ["discord", "account stream", "order"])
def test_sigterm_ends_it_in_time_while_a_service_does_not_answer(tmp_path, dead):
    async def tell(made: Town) -> None:
        made.discord.deaf = dead == "discord"
        run = await spawn(made, "open market")
        await made.until_ready()
        held = asyncio.Event()
        if dead == "discord":
            made.discord.silent = True
        elif dead == "account stream":
            made.broker.account_stream.heartbeats = False
        else:
            made.broker.faults.plan("POST", "orders", Fault(hold=held))
            await made.post()
            await until(lambda: len(made.sent()) == 1)
        before = asyncio.get_running_loop().time()
        code, _, err = await run.terminate()
        assert code == 0, err
        assert asyncio.get_running_loop().time() - before < 10  # the promise itself, not a guess at speed
        held.set()

    story(tell, tmp_path)


def test_no_secret_is_ever_shown(tmp_path):
    async def tell(made: Town) -> None:
        answers = []
        run = await spawn(made, "run")
        await made.until_ready()
        await made.discord.post(ROOM, ADMIN, f"!tt auth refresh {SECRETS[0]}")
        await made.says("secrets are never accepted")
        made.broker.tokens.forget_all()
        refusal = {"error": "invalid_grant", "error_description": f"{SECRETS[1]} {SECRETS[2]} is revoked"}
        made.broker.tokens.replies = [(400, refusal)] * 3
        for command in ("!tt auth refresh", "!tt auth status", "!tt status", "!tt account"):
            await _answer_to(made, command)
        paths = ("audit/recent", "trades", "positions", "orders", "allowlist", "nothing/here")
        answers += [await made.ask(f"/admin/{path}") for path in paths]
        answers += [await made.ask("/admin/halt", "POST", {"reason": 3}), await made.ask("/metrics")]
        answers.append(await made.ask("/admin/trades", key="a wrong key"))
        code, out, err = await run.terminate()
        assert code == 0, err
        log = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("log.sqlite*")))
        posts = [str(request.body) for request in made.discord.requests if request.method == "POST"]
        for secret in (*SECRETS, *(f"canary-access-token-{number}" for number in range(1, 5))):
            assert secret not in out
            assert secret not in err
            assert secret not in str(answers)
            assert secret not in str(posts)
            assert secret.encode() not in log

    story(tell, tmp_path)


async def _answer_to(made: Town, command: str) -> None:
    number = await made.discord.post(OTHER_ROOM, ADMIN, command)
    await until(lambda: any(post.get("nonce") == f"C{number}" for post in made.discord.shown_in(OTHER_ROOM)))


async def _until_answered(made: Town, status: int) -> None:
    while (await made.ask("/readyz"))[0] != status:  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.02)


def test_a_process_that_is_killed_in_the_middle_of_a_ladder_goes_on_after_a_restart(tmp_path):
    async def tell(made: Town) -> None:
        run = await spawn(made, "open market")
        await made.until_ready()
        await made.post()
        await until(lambda: any(order["price"] == "0.76" for order in made.live()))
        await made.fill(4)
        await made.exits(2)
        await run.kill()
        made.broker.ledger.fill(made.live()[0]["id"], 3, Decimal("0.76"))  # nobody listens
        run = await spawn(made, "open market")
        await made.exits(3)
        await made.says("entry done: 7")
        assert made.live() == []
        assert len(made.sent()) == 1
        code, out, err = await run.terminate()
        assert code == 0, err
        assert all(json.loads(line)["mode"] == "sandbox" for line in out.splitlines())
        code, out, err = await (await spawn(made, "audit", "verify")).over()
        assert code == 0, out + err

    story(tell, tmp_path, ENTRY_INITIAL_WAIT="0.5", ENTRY_WINDOW="8", ENTRY_MAX_INCREMENTS="1")


def test_a_log_that_cannot_be_written_ends_it_and_nothing_is_sent_after_that(tmp_path):
    async def tell(made: Town) -> None:
        run = await spawn(made, "open market")
        await made.until_ready()
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            log.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        await made.post()
        code, _, err = await run.over()
        assert code == 1, err
        assert "disk full" in err
        assert made.sent() == []

    story(tell, tmp_path)


def test_paper_fills_against_the_brokers_quotes_and_places_nothing_there(tmp_path):
    async def tell(made: Town) -> None:
        leave_the_log_in_an_open_market(tmp_path / "log.sqlite")
        paper = await spawn(made, "paper", "--json", MARKET="tastytrade")
        await made.until_ready()
        await made.post(ALERT)
        await until(lambda: any("Placed" in post["content"] for post in made.discord.shown_in(ROOM)))
        await made.broker.set_book(PUT, Decimal("0.70"), Decimal("0.72"))
        await until(lambda: any("Exit placed" in post["content"] for post in made.discord.shown_in(ROOM)))
        code, out, err = await paper.terminate()
        assert code == 0, err
        fills = [json.loads(line)["body"]["fill"] for line in out.splitlines() if '"kind":"OrderFilled"' in line]
        assert {fill["price"] for fill in fills} == {"0.72"}
        assert [request for request in made.broker.requests if "/orders" in request.path] == []

    story(tell, tmp_path)


def leave_the_log_in_an_open_market(path):
    """Market time goes on where the log ended: so does a paper desk that shall not wait for Monday."""
    log = SqliteAuditLog.open(path, Mode.PAPER)
    at = datetime.now(UTC) + AHEAD
    log.append(Entry(at, RowClass.INPUT, Stamped(at, DeskStarted(Policies(), "test")), None))
    log.close()


def test_a_log_that_is_ahead_of_the_machine_halts_entries_and_the_desk_works_on(tmp_path, caplog):
    async def tell(made: Town) -> None:
        at = datetime.now(UTC) + AHEAD + timedelta(hours=2)
        log = SqliteAuditLog.open(tmp_path / "log.sqlite", Mode.SANDBOX)
        log.append(Entry(at, RowClass.INPUT, Stamped(at, DeskStarted(Policies(mode=Mode.SANDBOX), "test")), None))
        log.close()
        made.start()
        await made.until_ready()
        halts = json.loads((await made.ask("/admin/halt"))[1])["halts"]
        assert [halt["cause"] for halt in halts] == ["clock"]
        assert "ahead of this machine's clock" in halts[0]["reason"]
        await made.post()
        await until(lambda: any("stale" in str(post) for post in made.discord.shown_in(ROOM)))
        assert made.sent() == []
        number = await made.discord.post(OTHER_ROOM, ADMIN, "!tt status", age=-AHEAD.total_seconds())
        await until(lambda: any(post.get("nonce") == f"C{number}" for post in made.discord.shown_in(OTHER_ROOM)))
        assert "Not done" not in str(made.discord.shown_in(OTHER_ROOM))
        notes = [record.getMessage() for record in caplog.records if "to be known" in record.getMessage()]
        assert not [
            note for note in notes if "clock" in note
        ]  # the machine's is compared with Discord's, not the desk's
        await made.end()
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as written:
            rows = written.execute("SELECT at FROM audit ORDER BY seq").fetchall()
        assert rows == sorted(rows)

    story(tell, tmp_path)
