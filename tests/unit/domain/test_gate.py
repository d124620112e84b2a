"""The gate: which posts may trade at all."""

from decimal import Decimal

import pytest

from domain.alerts import Action, Alert, InstrumentKind, Right
from domain.gate import RecentAlert, age_denial, is_repeat, kind_denial, query_of
from domain.instruments import ContractQuery
from domain.messages import MessageKind
from domain.policies import GatePolicy
from domain.verdicts import DenialCode
from tests.support.builders import AUTHOR, EXPIRY, OTHER_AUTHOR, START, make_message, seconds

QUERY = ContractQuery("UBER", InstrumentKind.OPTION, Decimal(78), Right.PUT, EXPIRY)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (MessageKind.POST, None),
        (MessageKind.REPLY, DenialCode.REPLY),
        (MessageKind.FORWARD, DenialCode.FORWARD),
        (MessageKind.EDIT, DenialCode.EDIT),
        (MessageKind.SYSTEM, DenialCode.SYSTEM_MESSAGE),
        (MessageKind.DIRECT, DenialCode.DIRECT_MESSAGE),
        (MessageKind.BOT, DenialCode.BOT),
        (MessageKind.OWN, DenialCode.OWN_MESSAGE),
    ],
)
def test_only_an_ordinary_post_is_an_alert(kind, code):
    assert kind_denial(make_message(kind=kind), webhook_allowed=False) is code


def test_a_listed_webhook_posts_as_an_author_does_and_changes_no_other_kind():
    assert kind_denial(make_message(kind=MessageKind.BOT), webhook_allowed=True) is None
    assert kind_denial(make_message(kind=MessageKind.REPLY), webhook_allowed=True) is DenialCode.REPLY


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (0, None),
        (60, None),
        (60.001, DenialCode.STALE),
        (86400, DenialCode.STALE),
        (-5, None),
        (-5.001, DenialCode.FROM_THE_FUTURE),
    ],
)
def test_an_alert_is_fresh_or_it_is_denied(age, code):
    denial = age_denial(make_message(), START + seconds(age), GatePolicy())
    assert (None if denial is None else denial[0]) is code


@pytest.mark.parametrize(
    ("user_id", "action", "query", "after", "repeat"),
    [
        (AUTHOR, Action.BUY_TO_OPEN, QUERY, 10, True),
        (AUTHOR, Action.BUY_TO_OPEN, QUERY, 10.001, False),
        (OTHER_AUTHOR, Action.BUY_TO_OPEN, QUERY, 1, False),
        (AUTHOR, Action.SELL_TO_CLOSE, QUERY, 1, False),
        (AUTHOR, Action.BUY_TO_OPEN, ContractQuery("UBER", InstrumentKind.EQUITY), 1, False),
    ],
)
def test_a_repeat_is_the_same_author_side_and_contract_within_the_window(user_id, action, query, after, repeat):
    known = RecentAlert(START, AUTHOR, Action.BUY_TO_OPEN, QUERY)
    candidate = RecentAlert(START + seconds(after), user_id, action, query)
    assert is_repeat((known,), candidate, seconds(10)) is repeat


def test_what_an_alert_names():
    option = Alert(
        action=Action.BUY_TO_OPEN,
        symbol="UBER",
        instrument=InstrumentKind.OPTION,
        strike=Decimal(78),
        right=Right.PUT,
        expires_on=EXPIRY,
    )
    assert query_of(option) == QUERY
    assert query_of(Alert(action=Action.SELL_TO_CLOSE, symbol="UBER", instrument=None)) is None


def test_which_alerts_open_a_position():
    def alert(action):
        return Alert(action=action, symbol="UBER", instrument=None)

    opening = {action for action in Action if alert(action).is_entry}
    assert opening == {Action.BUY_TO_OPEN, Action.SELL_TO_OPEN, Action.SPREAD_OPEN}
