"""Steps of the operator, and of the process: commands, halts, restarts, crashes."""

import re
from decimal import Decimal

import pytest
from pytest_bdd import given, parsers, step, then, when

from adapters.sqlite.audit_log import SqliteAuditLog
from composition.settings import SettingsError, load
from domain.allowlist import ListName
from domain.events import (
    AllowlistChangeRequested,
    AuthorizationRefreshRequested,
    CancelRequested,
    CloseRequested,
    HaltRequested,
    ReplaceRequested,
    RequestRefused,
    ResumeRequested,
)
from domain.orders import Side
from domain.policies import Mode
from ports.errors import AuditUnavailableError
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
    """With credentials that the broker takes again."""
    desk.accept_credentials()
    desk.request(AuthorizationRefreshRequested(OPERATOR))


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes once the broker has the order'))
def _crash_after(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and(text, author, lambda: bool(desk.orders()))
    desk.stop()


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes before the order leaves'))
def _crash_before(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and(text, author, lambda: bool(desk.recorded("SubmitOrder")))
    desk.stop()
    assert desk.orders() == []


@when(parsers.parse('{author:w} posts "{text}" and the desk crashes before it is decided'))
def _crash_undecided(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and(text, author, lambda: bool(desk.recorded("AlertRead")))
    desk.stop()
    assert not desk.recorded("SubmitOrder", "Denied")


@when(parsers.parse('{author:w} posts "{text}" and the operator halts entries before it is decided'))
def _halt_undecided(desk: PaperDesk, author: str, text: str) -> None:
    desk.post_and(text, author, lambda: bool(desk.recorded("AlertRead")))
    assert not desk.recorded("SubmitOrder", "Denied")
    desk.request(HaltRequested(OPERATOR, "lunch"))


# ---- orders and positions ------------------------------------------------------------------------------------------


@when(parsers.parse("the operator cancels the {what:w}"))
def _cancel(desk: PaperDesk, what: str) -> None:
    desk.outputs = desk.request(CancelRequested(OPERATOR, desk.live(SIDES[what]).broker_order_id))


@when("the operator cancels the filled entry")
def _cancel_filled(desk: PaperDesk) -> None:
    bought = next(order for order in desk.orders() if order.side.is_buy)
    desk.outputs = desk.request(CancelRequested(OPERATOR, bought.broker_order_id))


@when(parsers.parse("the operator cancels order {order_id}"))
def _cancel_order(desk: PaperDesk, order_id: str) -> None:
    desk.outputs = desk.request(CancelRequested(OPERATOR, order_id))


@when(parsers.parse("the operator sets the {what:w}'s limit to {price}"))
def _replace(desk: PaperDesk, what: str, price: str) -> None:
    order = desk.live(SIDES[what])
    desk.outputs = desk.request(ReplaceRequested(OPERATOR, order.broker_order_id, Decimal(price)))


@when(parsers.parse("the operator closes {symbol:w}"))
def _close(desk: PaperDesk, symbol: str) -> None:
    desk.outputs = desk.request(CloseRequested(OPERATOR, desk.runtime.new_trade_id(), symbol))


@then(parsers.parse("the request is refused: {reason}"))
def _refused(desk: PaperDesk, reason: str) -> None:
    refused = [output for output in desk.outputs if isinstance(output, RequestRefused)]
    assert [refusal.code.value.replace("_", " ") for refusal in refused] == [reason]
    assert desk.recorded("RequestRefused")[-1].body == refused[0]


@then(parsers.parse('the refusal says "{text}"'))
def _refusal_says(desk: PaperDesk, text: str) -> None:
    assert any(isinstance(output, RequestRefused) and text in output.detail for output in desk.outputs)


@then("no trade is open")
def _no_trade(desk: PaperDesk) -> None:
    assert desk.runtime.state.trades == {}
    assert desk.runtime.is_idle


# ---- modes ---------------------------------------------------------------------------------------------------------


@given(parsers.parse("the mode is {name}"))
def _mode(desk: PaperDesk, name: str) -> None:
    assert not desk.is_running
    desk.mode = Mode(name.replace(" ", "_"))


@then(parsers.parse("the desk would run in mode {name}"))
def _run_mode(desk: PaperDesk, name: str) -> None:
    assert load(desk.settings, desk.directory).run_mode() is Mode(name.replace(" ", "_"))


@then(parsers.parse('the settings are refused: "{words}"'))
def _settings_refused(desk: PaperDesk, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)):
        load(desk.settings, desk.directory).run_mode()


@then(parsers.parse("the record is refused to mode {name:w}"))
def _record_refused(desk: PaperDesk, name: str) -> None:
    with pytest.raises(AuditUnavailableError, match="modes never share a file"):
        SqliteAuditLog.open(desk.log_path, Mode(name))


@when(parsers.parse('somebody asks to explain "{text}"'))
def _explain(desk: PaperDesk, text: str) -> None:
    desk.command("explain", text)


@then("the answer is yes:")
def _answer(desk: PaperDesk, datatable: list[list[str]]) -> None:
    """The lines follow each other in the answer; others may stand between."""
    code, printed = desk.answer
    assert code == 0, printed
    lines = iter(printed.splitlines())
    for (words,) in datatable:
        assert any(words in line for line in lines), f"{words!r} does not follow in\n{printed}"
