"""Steps of the market and the broker: money, settings, quotes, time, fills, and what the broker does otherwise."""

from datetime import datetime, timedelta
from decimal import Decimal

from pytest_bdd import given, parsers, step, when

from adapters.simulated.scenario.scenario import (
    AnswerRule,
    CancelRule,
    Execution,
    LostAnswer,
    Read,
    ReadRule,
    RejectRule,
    ReplaceRule,
    ReportRule,
)
from domain.calendar import NEW_YORK
from domain.events import Operation
from domain.orders import OrderRole, Side
from tests.steps.desk import PaperDesk

ROLES = {
    "entry": OrderRole.ENTRY,
    "entries": OrderRole.ENTRY,
    "exit": OrderRole.EXIT,
    "exits": OrderRole.EXIT,
    "close": OrderRole.CLOSE,
}
SIDES = {"entry": Side.BUY_TO_OPEN, "exit": Side.SELL_TO_CLOSE, "close": Side.SELL_TO_CLOSE}
READS = {
    "quote": Read.QUOTE,
    "option chain": Read.CONTRACT,
    "balances": Read.BALANCES,
    "positions": Read.POSITIONS,
    "orders": Read.ORDERS,
}
ALWAYS = None


# ---- the account and the settings ----------------------------------------------------------------------------------


@given(parsers.parse("an account with ${dollars}"))
def _account(desk: PaperDesk, dollars: str) -> None:
    assert not desk.broker_runs, "the account is open: say what is in it first"
    desk.cash = Decimal(dollars.replace(",", ""))


@given(parsers.parse("the setting {name} is {value}"))
def _setting(desk: PaperDesk, name: str, value: str) -> None:
    desk.set(name, "" if value == "empty" else value)


@given(parsers.parse("entries are limited to {count:d} contracts"))
def _limit(desk: PaperDesk, count: int) -> None:
    desk.set("RISK_MAX_CONTRACTS", str(count))


@given("these policies in alert-trader.toml:")
def _structured(desk: PaperDesk, docstring: str) -> None:
    assert not desk.is_running, "the desk has read its settings"
    (desk.directory / "alert-trader.toml").write_text(docstring, encoding="utf-8")


@given(parsers.parse("it is {when} in New York"))
def _instant(desk: PaperDesk, when: str) -> None:
    """The day is Thursday 4 December 2025, 10:00, where nothing is said: UBER's options expire on the next day."""
    assert not desk.clock_runs, "the desk's day has begun: say what time it is first"
    desk.starts_at = datetime.strptime(when, "%A %Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)


# ---- quotes --------------------------------------------------------------------------------------------------------


@step(parsers.parse("{contract} is quoted at {bid:S} x {ask:S}"))
def _quoted(desk: PaperDesk, contract: str, bid: str, ask: str) -> None:
    desk.quote(contract, *(None if side == "nothing" else side for side in (bid, ask)))


@step(parsers.parse("{contract} is quoted at {bid:S} x {ask:S}, {age:g} seconds old"))
def _quoted_old(desk: PaperDesk, contract: str, bid: str, ask: str, age: float) -> None:
    desk.quote(contract, bid, ask, age=age)


@step(parsers.parse("{contract} has no quote"))
def _no_quote(desk: PaperDesk, contract: str) -> None:
    desk.quote(contract, None, None)


@step(parsers.parse("the {read} cannot be read"))
def _unreadable(desk: PaperDesk, read: str) -> None:
    desk.script("reads", ReadRule(read=READS[read], times=ALWAYS))


@given(parsers.parse("the {read:w} cannot be read at the start"))
def _unreadable_at_start(desk: PaperDesk, read: str) -> None:
    desk.script("reads", ReadRule(read=READS[read], times=2))


@given(parsers.parse("the {read:w} cannot be read once the desk is open"))
def _unreadable_later(desk: PaperDesk, read: str) -> None:
    _ = desk.runtime
    desk.script("reads", ReadRule(read=READS[read], times=ALWAYS))


# ---- time ----------------------------------------------------------------------------------------------------------


@step(parsers.parse("{seconds:g} seconds pass"))
def _pass(desk: PaperDesk, seconds: float) -> None:
    desk.pass_time(seconds)


@step(parsers.parse("{minutes:g} minutes pass"))
def _pass_minutes(desk: PaperDesk, minutes: float) -> None:
    desk.pass_time(minutes * 60)


@step("the entry's window ends")
def _window_ends(desk: PaperDesk) -> None:
    sent = desk.recorded("SubmitOrder", trade_id=desk.last_alert())[0].at
    desk.pass_until(sent + desk.policies().entry.window + timedelta(seconds=2))


@step(parsers.parse("time passes until {when} in New York"))
def _until(desk: PaperDesk, when: str) -> None:
    _ = desk.runtime
    desk.pass_until(datetime.strptime(when, "%A %Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK))


# ---- fills ---------------------------------------------------------------------------------------------------------


@step(parsers.parse("the {what:w} fills"))
def _fills(desk: PaperDesk, what: str) -> None:
    desk.fill(SIDES[what])


@step(parsers.parse("the {what:w} fills at {price}"))
def _fills_at(desk: PaperDesk, what: str, price: str) -> None:
    desk.fill(SIDES[what], price=price)


@step(
    parsers.re(r"(?P<count>\d+) contracts? of the (?P<what>\w+) fills?(?: at (?P<price>\S+))?"),
    converters={"count": int},
)
def _part_fills(desk: PaperDesk, count: int, what: str, price: str | None) -> None:
    desk.fill(SIDES[what], count, price)


@given(parsers.parse("{author:w} bought {count:d} {contract} at {price}"))
def _bought(desk: PaperDesk, author: str, count: int, contract: str, price: str) -> None:
    """An alert, its entry and its fill; the exit rests as the policy says."""
    if not desk.is_running:
        desk.set("RISK_MAX_CONTRACTS", str(count))
    held = desk.held(contract)
    desk.post(f"BTO {contract} @ {price}", by=author)
    desk.fill(Side.BUY_TO_OPEN, price=price)
    assert desk.held(contract) == held + count, f"{desk.held(contract)} held after buying {count}"
    desk.pass_time(15)  # past the window in which the same call again would be a repetition


@when(parsers.parse("the owner of the account sells {count:d} {contract} by hand at {price}"))
def _by_hand(desk: PaperDesk, count: int, contract: str, price: str) -> None:
    named = desk.contract(contract)
    desk.simulated.broker.trade_by_hand(named, Side.SELL_TO_CLOSE, count, Decimal(price), desk.now)
    desk.pass_time(1)


@given(parsers.parse("the owner of the account bought {count:d} {contract} by hand at {price}"))
def _bought_by_hand(desk: PaperDesk, count: int, contract: str, price: str) -> None:
    named = desk.contract(contract)
    desk.simulated.broker.trade_by_hand(named, Side.BUY_TO_OPEN, count, Decimal(price), desk.now)


@when("the owner of the account cancels the exit by hand")
def _cancel_by_hand(desk: PaperDesk) -> None:
    broker, order = desk.simulated.broker, desk.live(Side.SELL_TO_CLOSE)
    broker.cancel(desk.order_of(order), desk.now)
    desk.pass_time(2)


# ---- what else the broker does -------------------------------------------------------------------------------------


@step(parsers.parse('the broker rejects the next {what:w}: "{reason}"'))
def _rejects(desk: PaperDesk, what: str, reason: str) -> None:
    desk.script("rejects", RejectRule(role=ROLES[what], times=1, reason=reason))


@step(parsers.parse('the broker rejects the next {count:d} {what:w}: "{reason}"'))
def _rejects_several(desk: PaperDesk, count: int, what: str, reason: str) -> None:
    desk.script("rejects", RejectRule(role=ROLES[what], times=count, reason=reason))


@step(parsers.parse('the broker accepts the next {what:w} and rejects it {seconds:g} seconds later: "{reason}"'))
def _rejects_late(desk: PaperDesk, what: str, seconds: float, reason: str) -> None:
    late = timedelta(seconds=seconds)
    desk.script("rejects", RejectRule(role=ROLES[what], times=1, reason=reason, after=late))


@step(parsers.parse("the answer to the next {what:w} gets lost, though the broker took it"))
def _lost_and_taken(desk: PaperDesk, what: str) -> None:
    _lose(desk, what, LostAnswer.ACCEPTED)
    desk.script("reports", ReportRule(role=ROLES[what], copies=0, times=ALWAYS))


@step(parsers.parse("the next {what:w} gets lost on its way to the broker"))
def _lost(desk: PaperDesk, what: str) -> None:
    _lose(desk, what, LostAnswer.NOT_ACCEPTED)


@step(parsers.parse("the next {count:d} entries get lost on their way to the broker"))
def _lost_several(desk: PaperDesk, count: int) -> None:
    _lose(desk, "entry", LostAnswer.NOT_ACCEPTED, times=count)


@step(parsers.parse("the next {what:w} cannot leave this machine"))
def _not_sent(desk: PaperDesk, what: str) -> None:
    _lose(desk, what, LostAnswer.NOT_SENT)


@step(parsers.parse("the next {what:w} reaches the broker {minutes:g} minutes late"))
def _late(desk: PaperDesk, what: str, minutes: float) -> None:
    _lose(desk, what, LostAnswer.ACCEPTED, timedelta(minutes=minutes))


def _lose(desk: PaperDesk, what: str, outcome: LostAnswer, late: timedelta = timedelta(0), *, times: int = 1) -> None:
    rule = AnswerRule(role=ROLES[what], operation=Operation.SUBMIT, outcome=outcome, times=times, arrives_after=late)
    desk.script("answers", rule)


@step(parsers.parse("the broker's reports of the {what:w} come {seconds:g} seconds late"))
def _reports_late(desk: PaperDesk, what: str, seconds: float) -> None:
    late = timedelta(seconds=seconds)
    desk.script("reports", ReportRule(role=ROLES[what], copies=1, delay=late, times=ALWAYS))


@step(parsers.parse("the broker reports everything of the {what:w} {copies:d} times"))
def _reports_repeat(desk: PaperDesk, what: str, copies: int) -> None:
    desk.script("reports", ReportRule(role=ROLES[what], copies=copies, times=ALWAYS))


@step(parsers.parse("the broker's reports of the {what:w} get lost"))
def _reports_lost(desk: PaperDesk, what: str) -> None:
    desk.script("reports", ReportRule(role=ROLES[what], copies=0, times=ALWAYS))


@step(
    parsers.re(r"(?P<count>\d+) contracts? of the (?P<what>\w+) fills? while it is being cancelled"),
    converters={"count": int},
)
def _fill_in_cancel(desk: PaperDesk, count: int, what: str) -> None:
    desk.script("cancels", CancelRule(role=ROLES[what], times=1, fill=Execution(quantity=count)))


@step(
    parsers.re(r"(?P<count>\d+) contracts? of the (?P<what>\w+) fills? while it is being replaced"),
    converters={"count": int},
)
def _fill_in_replace(desk: PaperDesk, count: int, what: str) -> None:
    desk.script("replaces", ReplaceRule(role=ROLES[what], times=1, fill=Execution(quantity=count)))


@step(parsers.parse("the broker takes {seconds:g} seconds to cancel the {what:w}"))
def _slow_cancel(desk: PaperDesk, seconds: float, what: str) -> None:
    desk.script("cancels", CancelRule(role=ROLES[what], times=ALWAYS, takes=timedelta(seconds=seconds)))


@step(parsers.parse("the broker takes {seconds:g} seconds to replace the {what:w}"))
def _slow_replace(desk: PaperDesk, seconds: float, what: str) -> None:
    desk.script("replaces", ReplaceRule(role=ROLES[what], times=1, takes=timedelta(seconds=seconds)))


@step(parsers.parse("the broker's login is out of reach for the next {count:d} orders"))
def _login_away(desk: PaperDesk, count: int) -> None:
    desk.script("reads", ReadRule(read=Read.AUTHORIZATION, times=count))


@step("the broker refuses our credentials")
def _login_refused(desk: PaperDesk) -> None:
    desk.script("reads", ReadRule(read=Read.AUTHORIZATION, forbidden=True, times=1))


@when("the broker refuses our credentials from now on")
def _login_refused_always(desk: PaperDesk) -> None:
    desk.script("reads", ReadRule(read=Read.AUTHORIZATION, forbidden=True, times=ALWAYS))
