"""`run` from a post in Discord to orders at Tastytrade and the replies: the whole program, nothing between replaced."""

from decimal import Decimal

import pytest

from tests.wire.discord.bench import ANALYST, OPERATOR_ROOM, ROOM
from tests.wire.running import ALERT, EXPIRY, PUT, Town, story, until

STC = f"STC UBER 78p {EXPIRY:%m/%d}"


def test_an_alert_is_traded_and_the_replies_name_ids_quantity_entry_and_exit_price(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        message = await made.post()
        placed = await made.says("placed: buy 10 UBER 78p", "@ 0.75")
        (entry,) = made.live()
        assert str(entry["id"]) in placed
        assert made.discord.sent_to(ROOM)[0]["message_reference"]["message_id"] == message
        await made.fill(4)
        await made.exits(2)
        await made.says("Exit placed: sell 2", "@ 1.50 GTC", str(made.live("Sell to Close")[0]["id"]))
        await made.fill(6)
        await made.exits(5)
        await made.says("Entry done: 10", "0.75 on average")
        assert {(body["price"], body["time-in-force"]) for body in made.sent("Sell to Close")} == {("1.50", "GTC")}
        assert made.broker.ledger.quantity(PUT) == 10

    story(tell, tmp_path)


def test_an_stc_cancels_the_exits_and_sells_what_is_held(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        await made.fill(10)
        await made.exits(5)
        await made.post(STC)
        await until(lambda: sum(int(order["size"]) for order in made.live("Sell to Close")) == 10)
        await made.fill(10, "Sell to Close")
        await made.says("sold", "10")
        assert made.broker.ledger.quantity(PUT) == 0
        assert made.live("Sell to Close") == []

    story(tell, tmp_path)


def test_a_dry_run_posts_to_the_dry_run_endpoint_only_and_tells_the_exit_it_would_place(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        told = await made.says("dry_run", "0.75", "exit", "1.50")
        assert "5" in told
        assert made.broker.ledger.orders == {}
        writes = [request for request in made.broker.requests if request.method != "GET"]
        assert {request.path.rpartition("/")[2] for request in writes} == {"token", "dry-run"}

    story(tell, tmp_path, TASTYTRADE_DRY_RUN="true")


def test_live_trades_where_the_account_is_confirmed(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        assert (await made.says("placed")).startswith("[live]")
        assert len(made.sent()) == 1

    account = "5WT00042"
    story(tell, tmp_path, TASTYTRADE_USE_SANDBOX="false", LIVE_ACCOUNT_CONFIRMED=account)


def test_a_restart_in_the_middle_of_the_ladder_goes_on_where_it_was(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        await until(lambda: any(order["price"] == "0.76" for order in made.live()))
        await made.fill(3)
        await made.exits(1)
        await made.crash()
        (order,) = made.live()
        made.broker.ledger.fill(order["id"], 3, Decimal(order["price"]))  # nobody listens
        await made.ready()
        await made.exits(3)
        await made.says("entry done: 6")  # at the window's end the rest is cancelled
        assert made.live() == []
        assert made.broker.ledger.quantity(PUT) == 6
        await made.exits(3)
        assert len(made.sent()) == 1

    story(tell, tmp_path, ENTRY_INITIAL_WAIT="0.5", ENTRY_WINDOW="6", ENTRY_MAX_INCREMENTS="1")


def test_after_a_discord_outage_a_stale_alert_is_recorded_and_a_fresh_one_traded(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post(age=300)
        await made.says("denied (stale)")
        await made.end()
        await made.ready()  # what came after the log's last message is read back
        made.discord.losing = True
        await made.post(ALERT.replace("78p", "77p"), age=120)
        await made.post()
        made.discord.losing = False
        await made.discord.invalidate()
        await made.says("placed: buy 10 UBER 78p")
        await until(lambda: str(made.said()).lower().count("denied (stale)") == 2)
        assert len(made.sent()) == 1

    story(tell, tmp_path)


def test_the_operator_hears_of_a_halt_and_commands_steer_the_desk(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.command("!tt status", "mode sandbox, active", "entries are allowed")
        await made.post()
        await made.says("placed")
        (order,) = made.live()
        await made.command("!tt orders", str(order["id"]), "@ 0.75")
        await made.fill(4)
        await made.exits(2)
        await made.command("!tt positions", "4 UBER 78p", "exits working for 2")
        await made.command("!tt halt lunch", "entries are halted", "lunch")
        await made.says("entries halted (operator): lunch", room=OPERATOR_ROOM)
        await until(lambda: not made.live())  # the entry's rest is withdrawn
        await made.exits(2)  # exits stay
        await made.post(ALERT.replace("78p", "79p"))
        await made.says("denied (halted)")
        await made.command("!tt resume", "entries are allowed")
        await made.says("entries resumed", room=OPERATOR_ROOM)
        await made.command("!tt auth status", "the access token is good")
        issued = made.broker.tokens.issued
        await made.command("!tt auth refresh", "being renewed")
        await until(lambda: made.broker.tokens.issued == issued + 1)

    story(tell, tmp_path)


@pytest.mark.parametrize("what", ["user", "channel"])
def test_the_allowlist_changes_at_once_and_for_good(tmp_path, what):
    async def tell(made: Town) -> None:
        await made.ready()
        number = {"user": ANALYST, "channel": ROOM}[what]
        await made.command(f"!allowlist remove {what} {number}", "off the allowlist")
        await made.post()
        await made.command("!tt status", "entries are allowed")
        assert made.said() == []
        await made.end()
        await made.ready()
        await made.command("!allowlist list", "users")
        await made.command(f"!allowlist add {what} {number}", "on the allowlist")
        await made.post(ALERT.replace("78p", "79p"))
        await made.says("UBER 79p")
        assert all("78p" not in text for text in made.said())

    story(tell, tmp_path)


def test_a_grant_revoked_while_it_runs_halts_entries_keeps_exits_and_ends_with_a_refresh(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        await made.fill(10)
        await made.exits(5)
        made.broker.tokens.forget_all()
        made.broker.tokens.replies = [(400, {"error": "invalid_grant", "error_description": "Grant revoked"})]
        await made.command("!tt auth refresh")
        await made.says("entries halted (authorization)", "Grant revoked", room=OPERATOR_ROOM)
        await made.post(ALERT.replace("78p", "79p"))
        await made.says("denied (halted)", "Grant revoked")
        await made.exits(5)
        assert len(made.sent()) == 1
        assert sum("authorization" in text for text in made.said(OPERATOR_ROOM)) == 1
        await made.command("!tt auth refresh")
        await until(lambda: made.broker.tokens.issued > 1)
        await made.command("!tt status", "entries are allowed")
        await made.post(ALERT.replace("78p", "77p"))
        await made.says("placed", "77p")
        assert len(made.sent()) == 2

    # The stand-in counts bought contracts as money lost.
    story(tell, tmp_path, RISK_MAX_DAY_LOSS="100")


def test_a_restart_with_a_new_token_ends_the_halt_of_the_old_one(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        made.broker.tokens.forget_all()
        made.broker.tokens.replies = [(400, {"error": "invalid_grant"})]
        await made.command("!tt auth refresh")
        await made.says("entries halted (authorization)", room=OPERATOR_ROOM)
        await made.end()
        await made.ready()
        await made.post()
        await made.says("placed")

    story(tell, tmp_path)


def test_a_discord_token_that_is_reset_while_it_runs_leaves_the_exits_looked_after(tmp_path):
    async def tell(made: Town) -> None:
        await made.ready()
        await made.post()
        await made.says("placed")
        made.discord.refuse_with = 4004
        await made.discord.invalidate()
        while (answer := await made.ask("/readyz"))[0] != 503 or "token is refused" not in answer[1]:
            made.raise_if_over()
        await made.fill(10)
        await made.exits(5)

    story(tell, tmp_path)
