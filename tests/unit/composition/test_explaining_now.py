"""What a desk at work says to a text: in the room of the command, on its own halts, trades, money and limits."""

from decimal import Decimal

import click
import pytest
from attrs import evolve

from composition.explained import lines_of
from composition.explaining import explain_now
from domain.desk import DeskState
from domain.events import HaltRequested
from domain.grammar.profile import ChannelProfile
from domain.messages import MessageKind
from domain.policies import SizePolicy
from tests.support.builders import ALERT, AUTHOR, MONEY, OTHER_AUTHOR, ROOM, START, make_message, make_policies
from tests.support.desk_driver import DeskDriver

ADMIN = 77
OTHER_ROOM = 22
NO_VERB = "UBER 78p 12/04 @ 0.75"


def explained(desk, text=ALERT, **changes):
    command = make_message(f"!tt explain {text}", message_id="900", at=desk.now, **{"user_id": ADMIN} | changes)
    return explain_now(desk.state, text, command, desk.now)


def told(found, *, amounts=True):
    return [click.unstyle(line) for line in lines_of(found, amounts=amounts)]


def test_the_first_line_says_that_the_price_is_simulated():
    first, *_ = told(explained(DeskDriver()))
    assert first.startswith("The price is simulated, not the market's")


def test_the_channel_s_habits_decide_how_a_text_reads():
    habits = ChannelProfile(name="room", no_verb_is_entry=True)
    desk = DeskDriver(make_policies(profiles={ROOM: habits}))
    assert explained(desk, NO_VERB, channel_id=ROOM).would_trade
    elsewhere = explained(desk, NO_VERB, channel_id=OTHER_ROOM)
    assert (elsewhere.obstacle.check, elsewhere.obstacle.code) == ("grammar", "no_verb")


def test_the_channel_s_size_counts_and_the_desk_s_own_money():
    desk = DeskDriver(make_policies(size=SizePolicy(channels={ROOM: Decimal(50)})))
    for balances in (None, MONEY):
        desk.state = evolve(desk.state, balances=balances, baseline=None)
        halved, whole = explained(desk), explained(desk, channel_id=OTHER_ROOM)
        assert (halved.assessment.sizing.allocation, whole.assessment.sizing.allocation) == (2500, 5000)


def test_the_size_is_of_the_buying_power_at_the_day_s_first_look():
    desk = DeskDriver()
    desk.say()
    desk.state = evolve(desk.state, balances=evolve(MONEY, buying_power=Decimal(9000)))
    found = explained(desk, "BTO UBER 80p 12/04 @ 0.75", user_id=AUTHOR)
    assert found.assessment.sizing.allocation == 5000
    assert "  10 % of 50,000.00 buying power = 5,000.00" in told(found)


def test_money_that_was_not_read_yet_is_assumed_and_said_to_be():
    desk = DeskDriver()
    desk.state = evolve(desk.state, balances=None, baseline=None)
    found = explained(desk)
    assert found.would_trade
    assert "Account   this desk's, not read yet: 50,000 dollars are assumed" in told(found)


def test_a_halted_desk_says_that_entries_are_halted():
    desk = DeskDriver()
    desk.feed(HaltRequested("discord:77", "lunch"))
    found = explained(desk)
    assert found.obstacle.code == "halted"
    assert told(found)[-1] == "It would not trade. desk: halted (entries are halted (operator: lunch))"


def test_what_is_held_counts_toward_the_limits():
    desk = DeskDriver(make_policies(risk=evolve(make_policies().risk, max_positions=1)))
    desk.say()
    found = explained(desk, "BTO UBER 80p 12/04 @ 0.75")
    assert (found.obstacle.check, found.obstacle.code) == ("open positions", "too_many_positions")


def test_another_author_s_contract_is_already_held():
    desk = DeskDriver()
    desk.say()
    assert explained(desk, user_id=OTHER_AUTHOR).obstacle.code == "already_held"


@pytest.mark.parametrize(
    ("text", "code"),
    [("STC TSLA", "no_position"), ("STO UBER 78p 12/04", "unsupported_action"), ("STC UBER 79p 12/04", "no_position")],
)
def test_what_the_desk_would_not_do_has_the_code_of_its_answer(text, code):
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 10)
    assert explained(desk, text).obstacle.code == code


def test_a_close_says_what_would_be_sold_of_what_is_held():
    desk = DeskDriver()
    desk.say()
    desk.fill("T1-E1", 10)
    found = explained(desk, "STC half UBER 78p 12/04")
    assert found.would_trade
    assert "would sell 5 of 10 UBER 78p" in told(found)[-1]


def test_a_desk_that_is_not_ready_says_that_messages_wait():
    desk = DeskDriver(start=False)
    assert explain_now(DeskState(), ALERT, make_message(), START).obstacle.code == "stopped"
    desk.start()
    assert explained(desk).obstacle.code == "recovering"
    assert explained(desk, "good morning").obstacle.code == "no_order"


@pytest.mark.parametrize("changes", [{}, {"channel_id": OTHER_ROOM}, {"kind": MessageKind.DIRECT, "channel_id": 5}])
def test_nothing_follows_from_an_explanation_wherever_it_is_asked_for(changes):
    desk = DeskDriver()
    before = desk.state
    assert explained(desk, **changes).would_trade
    assert explained(desk, **changes).would_trade
    assert desk.state is before
    assert desk.state == before


@pytest.mark.parametrize("power", ["50000", "1", "0"])
def test_amounts_are_told_only_where_they_may_be(power):
    desk = DeskDriver()
    money = evolve(MONEY, buying_power=Decimal(power), net_liquidation=Decimal("98765.43"))
    desk.state = evolve(desk.state, balances=money, baseline=None)
    found = explained(desk)
    assert any("buying power" in line and f"{Decimal(power):.2f}" in line for line in told(found))
    public = "\n".join(told(found, amounts=False))
    assert "Amounts are told in a direct message or in the operator's channel only" in public
    assert not any(amount in public for amount in ("98765", "50000", "50,000", "5,000", "5000", "24691"))


def test_a_day_s_loss_is_told_in_percent_in_public_too():
    desk = DeskDriver()
    down = evolve(MONEY, net_liquidation=MONEY.net_liquidation * Decimal("0.94"))
    desk.state = evolve(desk.state, balances=down)
    public = "\n".join(told(explained(desk), amounts=False))
    assert "down 6.00 % today, at most 5 %" in public
    assert "47000" not in public
