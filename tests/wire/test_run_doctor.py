"""`alert-trader doctor` against both stand-ins: what is well, what is not, and that it only reads."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from adapters.discord.connection import Endpoints
from adapters.discord.examination import DiscordExamination
from adapters.system.clock import SystemClock
from composition.doctor import examine
from composition.settings import load
from ports.examination import Finding, Outcome
from tests.wire.discord.bench import ADMIN, OPERATOR_ROOM, ROOM
from tests.wire.running import SECRETS, Town, open_market_clock, spawn, story


async def findings_of(made: Town, **changes: str) -> dict[str, Finding]:
    return {finding.check: finding for finding in await examine(load(made.environ(**changes), made.home))}


def test_all_is_well_and_nothing_was_written_anywhere(tmp_path):
    async def tell(made: Town) -> None:
        code, out, err = await (await spawn(made, "doctor", OPERATOR_USER=str(ADMIN))).over()
        assert (code, err) == (0, ""), out
        assert all(line.startswith("ok ") for line in out.splitlines())
        for check in ("settings", "audit log", "lock", "disk", "Discord token", "Message Content intent", "clock",
                      f"channel {ROOM}", f"operator's channel {OPERATOR_ROOM}", f"operator {ADMIN}",
                      "Tastytrade credentials", "account", "options level", "trading status"):  # fmt: skip
            assert f"  {check}: " in out
        assert {request.method for request in made.discord.requests} == {"GET"}
        writes = [request.path for request in made.broker.requests if request.method != "GET"]
        assert writes == ["/oauth/token"]
        assert made.discord.identifies == []
        assert list(tmp_path.glob("log*")) == []
        assert not any(secret in out for secret in SECRETS)

    story(tell, tmp_path)


def test_json_names_each_check_its_outcome_and_the_mend(tmp_path):
    async def tell(made: Town) -> None:
        made.broker.trading_status = {"options-level": "No Options"}
        code, out, _ = await (await spawn(made, "doctor", "--json")).over()
        told = json.loads(out)
        assert (code, told["ok"]) == (1, False)
        (wrong,) = [check for check in told["checks"] if check["outcome"] != "ok"]
        assert wrong["check"] == "options level"
        assert "No Options" in wrong["told"]
        assert wrong["mend"]

    story(tell, tmp_path)


@pytest.mark.parametrize("changes", [{"ADMIN_API_KEY": ""}, {"TASTYTRADE_USE_SANDBOX": "false"}, {"EXIT_TARGET": "x"}])
def test_wrong_settings_exit_with_2(tmp_path, changes):
    async def tell(made: Town) -> None:
        code, out, err = await (await spawn(made, "doctor", **changes)).over()
        assert code == 2
        assert next(iter(changes)).removeprefix("TASTYTRADE_USE_SANDBOX") in out + err

    story(tell, tmp_path)


@pytest.mark.parametrize(
    ("spoil", "check", "words"),
    [
        (lambda made: setattr(made.discord, "token", "new"), "Discord token", "DISCORD_BOT_TOKEN"),
        (lambda made: made.discord.forbidden.add(ROOM), f"channel {ROOM}", "Read Message History"),
        (lambda made: made.discord.channels.pop(ROOM), f"channel {ROOM}", "check the id"),
        (lambda made: setattr(made.discord, "may", 66560), f"channel {ROOM}", "permissions"),
        (lambda made: made.discord.channels.pop(OPERATOR_ROOM), f"operator's channel {OPERATOR_ROOM}", "check the id"),
        (lambda made: made.discord.members.discard(ADMIN), f"operator {ADMIN}", "OPERATOR_CHANNEL"),
        (
            lambda made: made.broker.tokens.replies.extend([(400, {"error": "invalid_grant"})] * 5),
            "Tastytrade credentials",
            "TASTYTRADE_REFRESH_TOKEN",
        ),
        (lambda made: made.changes.update(TASTYTRADE_ACCOUNT="5WT00099"), "account", "account page"),
        (lambda made: setattr(made.broker, "trading_status", {"options-level": "Disabled"}), "options level", "broker"),
        (
            lambda made: setattr(made.broker, "trading_status", {"options-level": "Limited", "is-closing-only": True}),
            "trading status",
            "closing only",
        ),
    ],
    ids=[
        "token", "history", "no channel", "may not send", "operator's channel", "operator", "grant", "account", "level",
        "closing only",
    ],
)  # fmt: skip
def test_what_is_amiss_is_named_with_its_mend(tmp_path, spoil, check, words):
    async def tell(made: Town) -> None:
        made.changes["OPERATOR_USER"] = str(ADMIN)
        spoil(made)
        found = (await findings_of(made))[check]
        assert found.outcome is Outcome.NO
        assert words in f"{found.told} {found.mend}"

    story(tell, tmp_path)


def test_what_is_merely_to_be_known_is_a_note_and_all_is_well(tmp_path):
    async def tell(made: Town) -> None:
        code, out, err = await (await spawn(made, "doctor", ALLOWED_USERS="", OPERATOR_CHANNEL="")).over()
        assert (code, err) == (0, ""), out
        assert "NOTE     allowlist: ALLOWED_USERS is empty" in out
        assert "NOTE     operator: nobody in Discord hears" in out

    story(tell, tmp_path)


def test_services_that_are_away_are_unknown(tmp_path):
    async def tell(made: Town) -> None:
        await made.broker.stop()
        await made.discord.close()
        found = await findings_of(made)
        assert {found[check].outcome for check in ("Discord", "clock", "Tastytrade credentials")} == {Outcome.UNKNOWN}
        await made.broker.start()
        await made.discord.start(made.discord.port)

    story(tell, tmp_path)


def test_a_log_in_use_of_another_mode_or_account_or_readable_by_others_is_told(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        await made.says("placed")
        assert (await findings_of(made))["lock"].outcome is Outcome.NO
        await made.end()
        found = await findings_of(made)
        assert found["lock"].outcome is Outcome.OK
        assert "the chain holds" in found["audit log"].told
        other = (await findings_of(made, TASTYTRADE_DRY_RUN="true"))["audit log"]
        assert (other.outcome, other.stops) == (Outcome.NO, True)
        other = (await findings_of(made, TASTYTRADE_ACCOUNT="5WT00099"))["audit log"]
        assert (other.outcome, other.stops) == (Outcome.NO, True)
        assert "TASTYTRADE_ACCOUNT back" in other.mend
        (tmp_path / "log.sqlite").chmod(0o644)
        assert "chmod 600" in (await findings_of(made))["audit log"].mend

    story(tell, tmp_path)


def test_a_changed_log_is_told_with_its_first_bad_row(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.end()
        with closing(sqlite3.connect(tmp_path / "log.sqlite")) as log, log:
            log.execute("DROP TRIGGER audit_no_update")
            log.execute("UPDATE audit SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2")
        found = (await findings_of(made))["audit log"]
        assert found.outcome is Outcome.NO
        assert "row 2" in found.told

    story(tell, tmp_path)


def test_a_wrong_clock_is_told(tmp_path):
    async def tell(made: Town) -> None:
        for ahead, outcome, words in ((60, Outcome.NO, "NTP"), (90_000, Outcome.NOTE, "another day")):
            clock = open_market_clock(timedelta(seconds=ahead))
            found = {one.check: one for one in await examine(load(made.environ(), made.home), clock)}
            assert found["clock"].outcome is outcome
            assert words in found["clock"].mend

    story(tell, tmp_path)


def test_looking_takes_no_longer_than_its_patience(tmp_path):
    async def tell(made: Town) -> None:
        made.discord.fail("GET", f"/channels/{ROOM}", delay=30)
        examination = DiscordExamination(
            made.discord.token,
            clock=SystemClock(),
            channels=lambda: frozenset({ROOM}),
            endpoints=Endpoints(api_url=made.discord.api_url, gateway_url=made.discord.gateway_url),
            patience=0.5,
        )
        found = [finding.check for finding in await asyncio.wait_for(examination.examine(), 10)]
        assert found == ["Discord token", "Message Content intent", "Discord", "clock"]

    story(tell, tmp_path)
