"""Commands become port calls, and every way a port can fail becomes the event the core knows."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from composition.dispatch import Dispatcher
from composition.order_check import OrderCheck
from domain import commands, events
from domain.account import Balances
from domain.alerts import InstrumentKind
from domain.instruments import ContractQuery
from domain.messages import Source
from domain.verdicts import Severity
from ports.clock import Clock
from ports.errors import PortProtocolError, PortUnauthorizedError, PortUnavailableError
from tests.support.builders import make_contract, make_order

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
AWAY, REVOKED, NONSENSE = PortUnavailableError("away"), PortUnauthorizedError("revoked"), PortProtocolError("nonsense")
ORDER = make_order()


class StoppedClock(Clock):
    def now(self):
        return NOW

    async def sleep_until(self, due_at):
        """Return at once: nothing here waits."""


class Answers:
    """Plays every port: each call returns what is scripted for its name, or raises it; calls are counted."""

    def __init__(self, **scripted):
        self.scripted = scripted
        self.calls = []

    def __getattr__(self, name):
        async def call(*arguments):
            self.calls.append((name, arguments))
            answer = self.scripted.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class Content(OrderCheck):
    """Has nothing against an order, or answers instead of the broker."""

    def __init__(self, *instead):
        super().__init__()
        self.instead = instead

    def answer_instead(self, _command, _operation):
        return self.instead


def perform(command, check=None, **scripted):
    world = Answers(**scripted)
    dispatcher = Dispatcher(
        clock=StoppedClock(),
        gateway=world,
        account=world,
        market_data=world,
        contracts=world,
        notifier=world,
        authorization=world,
        rooms={Source.DISCORD: world},
        check=check or Content(),
    )
    return asyncio.run(dispatcher.perform(command)), [name for name, _ in world.calls]


RESOLVE = commands.ResolveContract("T1", ContractQuery("UBER", InstrumentKind.EQUITY))
QUOTE = commands.ReadQuote("T1", make_contract())
ACCOUNT = commands.ReadAccount("T1")
BROKER = commands.ReadBroker(NOW)
SUBMIT = commands.SubmitOrder("T1", ORDER)
REPLACE = commands.ReplaceOrder("T1", ORDER, ORDER)
CANCEL = commands.CancelOrder("T1", ORDER)
VALIDATE = commands.ValidateOrder("T1", ORDER)
NOTIFY = commands.Notify("D1", Severity.PAGE, "look")
REPLY = commands.Reply(
    delivery_id="D2", trade_id="T1", message_id="1", channel_id=1, source=Source.DISCORD, text="placed"
)


def test_answers_come_back_as_the_events_of_their_questions():
    contract, balances = make_contract(), Balances(Decimal(1), Decimal(2))
    nothing = events.ContractNotFound("T1", "listed are others")
    assert perform(RESOLVE, resolve=contract)[0] == (events.ContractResolved("T1", contract),)
    assert perform(RESOLVE, resolve=nothing)[0] == (nothing,)
    assert perform(QUOTE)[0] == (events.QuoteRead("T1", None),)
    assert perform(ACCOUNT, balances=balances)[0] == (events.AccountRead("T1", balances),)
    assert perform(BROKER, orders=(), positions=())[0] == (events.BrokerRead(NOW, (), (), complete=True),)


@pytest.mark.parametrize("error", [AWAY, NONSENSE])
@pytest.mark.parametrize(("command", "port"), [(RESOLVE, "resolve"), (QUOTE, "quote"), (ACCOUNT, "balances")])
def test_a_question_that_could_not_be_asked_is_said_to_be_unanswered(command, port, error):
    (told,), _ = perform(command, **{port: error})
    assert isinstance(told, events.ReadFailed)
    assert str(error) in told.detail


@pytest.mark.parametrize(
    ("command", "port"), [(RESOLVE, "resolve"), (QUOTE, "quote"), (ACCOUNT, "balances"), (BROKER, "orders")]
)
def test_a_revoked_grant_halts_whoever_asked_first(command, port):
    (lost, _), _ = perform(command, **{"positions": (), port: REVOKED})
    assert lost == events.AuthorizationLost("revoked")


@pytest.mark.parametrize("port", ["positions", "orders"])
def test_half_of_the_brokers_truth_is_not_complete(port):
    (told,), _ = perform(BROKER, **{"positions": (), "orders": (), port: AWAY})
    assert not told.complete


@pytest.mark.parametrize(
    ("command", "port"), [(SUBMIT, "submit"), (REPLACE, "replace"), (CANCEL, "cancel"), (VALIDATE, "validate")]
)
def test_a_write_is_authorized_first_and_made_once(command, port):
    answer = events.OrderAccepted(ORDER.client_order_id, "B1")
    told, calls = perform(command, **{port: answer})
    assert told == (answer,)
    assert calls == ["ensure_authorized", port]


@pytest.mark.parametrize("command", [SUBMIT, REPLACE, VALIDATE])
def test_what_the_last_check_is_against_is_authorized_and_not_sent(command):
    withheld = events.OrderWithheld(ORDER.client_order_id, "wrong")
    told, calls = perform(command, Content(withheld))
    assert told == (withheld,)
    assert calls == ["ensure_authorized"]


def test_a_cancel_needs_no_last_check():
    answer = events.CancelAccepted(ORDER.client_order_id)
    told, _ = perform(CANCEL, Content(events.OrderWithheld(ORDER.client_order_id, "wrong")), cancel=answer)
    assert told == (answer,)


def test_a_check_that_has_seen_no_rows_lets_no_order_pass():
    (told,), calls = perform(SUBMIT, OrderCheck())
    assert isinstance(told, events.OrderWithheld)
    assert "submit" not in calls


@pytest.mark.parametrize("error", [AWAY, NONSENSE, REVOKED])
@pytest.mark.parametrize(
    ("command", "port", "operation"),
    [
        (SUBMIT, "submit", events.Operation.SUBMIT),
        (REPLACE, "replace", events.Operation.REPLACE),
        (CANCEL, "cancel", events.Operation.CANCEL),
    ],
)
def test_a_write_that_raises_is_unknown_and_never_made_again(command, port, operation, error):
    (told,), calls = perform(command, **{port: error})
    assert told == events.OutcomeUnknown(ORDER.client_order_id, operation, str(error))
    assert calls.count(port) == 1


def test_without_authorization_nothing_is_sent_and_trying_again_cannot_help():
    (lost, refused), calls = perform(SUBMIT, ensure_authorized=REVOKED)
    assert lost == events.AuthorizationLost("revoked")
    assert isinstance(refused, events.OrderNotSent)
    assert not refused.retryable
    assert "submit" not in calls


def test_when_the_authorization_could_not_be_checked_the_order_may_be_tried_again():
    (told,), calls = perform(SUBMIT, ensure_authorized=AWAY)
    assert isinstance(told, events.OrderNotSent)
    assert told.retryable
    assert "submit" not in calls


@pytest.mark.parametrize(("command", "port", "name"), [(NOTIFY, "notify", "D1"), (REPLY, "reply", "D2")])
def test_a_delivery_is_confirmed_or_stays_in_the_outbox(command, port, name):
    assert perform(command)[0] == (events.Delivered(name),)
    assert perform(command, **{port: AWAY})[0] == (events.NotDelivered(name, "away"),)


def test_a_reply_without_a_room_is_the_callers_own_answer():
    api = commands.Reply(
        delivery_id="D3", trade_id="T1", message_id="1", channel_id=1, source=Source.API, text="placed"
    )
    assert perform(api) == ((events.Delivered("D3"),), [])


def test_a_refreshed_authorization_is_told():
    assert perform(commands.RefreshAuthorization("admin"))[0] == (events.AuthorizationRestored("admin"),)
    assert perform(commands.RefreshAuthorization("admin"), refresh=REVOKED)[0] == (events.AuthorizationLost("revoked"),)
    (told,), _ = perform(commands.RefreshAuthorization("admin"), refresh=AWAY)
    assert isinstance(told, events.ReadFailed)


def test_timers_are_the_runtimes_own():
    with pytest.raises(TypeError, match="runtime"):
        perform(commands.StartTimer("reconcile", NOW))
