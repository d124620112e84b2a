"""Steps of the operator, and of the process: commands, halts, restarts, crashes."""

from decimal import Decimal
from typing import Any

from pytest_bdd import given, parsers, step, then, when

from domain.allowlist import ListName
from domain.events import (
    AllowlistChangeRequested,
    AuthorizationRefreshRequested,
    CancelRequested,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    ResumeRequested,
)
from domain.orders import Side
from domain.policies import Mode
from tests.steps.desk import PaperDesk
from tests.steps.people import AUTHORS, CHANNELS, OPERATOR

SIDES = {"entry": Side.BUY_TO_OPEN, "exit": Side.SELL_TO_CLOSE, "close": Side.SELL_TO_CLOSE}


@when(parsers.parse("the operator removes user {name:w} from the allowlist"))
def _remove_user(desk: PaperDesk, name: str) -> None:
    desk.request(AllowlistChangeRequested(OPERATOR, ListName.USER, AUTHORS[name], allowed=False))


@when(parsers.parse("the operator adds user {name:w} to the allowlist"))
def _add_user(desk: PaperDesk, name: str) -> None:
    desk.request(AllowlistChangeRequested(OPERATOR, ListName.USER, AUTHORS[name], allowed=True))


@when(parsers.parse("the operator removes channel {name:S} from the allowlist"))
def _remove_channel(desk: PaperDesk, name: str) -> None:
    desk.request(AllowlistChangeRequested(OPERATOR, ListName.CHANNEL, CHANNELS[name], allowed=False))


@when(parsers.parse("the operator adds channel {name:S} to the allowlist"))
def _add_channel(desk: PaperDesk, name: str) -> None:
    desk.request(AllowlistChangeRequested(OPERATOR, ListName.CHANNEL, CHANNELS[name], allowed=True))


@step("the desk restarts")
def _restart(desk: PaperDesk) -> None:
    _ = desk.runtime
    desk.restart()


@step("the desk is down")
def _down(desk: PaperDesk) -> None:
    _ = desk.runtime
    desk.stop()


@step("the desk is back")
def _back(desk: PaperDesk) -> None:
    desk.start()


@then(parsers.parse("entries are halted: {cause}"))
def _halted(desk: PaperDesk, cause: str) -> None:
    """In the desk's state and in its log."""
    causes = [halt.cause.value.replace("_", " ") for halt in desk.runtime.state.halts]
    assert causes == [cause]
    recorded = desk.recorded("TradingHalted")
    assert recorded[-1].body.cause.value.replace("_", " ") == cause


@then("entries are not halted")
def _not_halted(desk: PaperDesk) -> None:
    assert desk.runtime.state.halts == ()


@step(parsers.parse('the operator halts entries: "{reason}"'))
def _halt(desk: PaperDesk, reason: str) -> None:
    desk.request(HaltRequested(OPERATOR, reason))


@step("the operator resumes entries")
def _resume(desk: PaperDesk) -> None:
    desk.request(ResumeRequested(OPERATOR, "looked at it"))


@when("the operator refreshes the authorization")
def _refresh(desk: PaperDesk) -> None:
    desk.request(AuthorizationRefreshRequested(OPERATOR))


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes once the broker has the order'))
def _crash_after(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and_crash(text, author, lambda: bool(desk.orders()))


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes before the order leaves'))
def _crash_before(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and_crash(text, author, lambda: bool(desk.recorded("SubmitOrder")))
    assert desk.orders() == []


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes before it is decided'))
def _crash_undecided(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and_crash(text, author, lambda: bool(desk.recorded("AlertRead")))
    assert not desk.recorded("SubmitOrder", "Denied")
