"""The last check of a desk that starts anew, with trades and closes of more than a month ago."""

from decimal import Decimal

from domain.policies import RiskPolicy
from tests.support.checked_driver import CheckedDriver

FAR = "BTO UBER 78p 03/19/2027 @ 0.75"
FAR_STC = "STC UBER 78p 03/19/2027"


def test_a_trade_is_kept_as_long_as_the_close_that_sold_it():
    desk = CheckedDriver(risk=RiskPolicy(max_day_loss=Decimal(100)))
    desk.say(FAR)
    desk.fill("T1-E1", 10)
    desk.later(31)
    desk.say(FAR_STC)
    desk.fill("T2-C1", 10)
    desk.later(1)
    desk.say(FAR)
    desk.fill("T3-E1", 4)
    desk.crash()
    desk.advance(30)
    desk.say(FAR_STC)
    desk.advance(60)
    assert not desk.withheld
    assert desk.offered == 4


def test_a_close_is_kept_as_long_as_a_trade_that_it_sold_of():
    desk = CheckedDriver(risk=RiskPolicy(max_day_loss=Decimal(100)))
    desk.say(FAR)
    desk.fill("T1-E1", 10)
    desk.say("STC 4 UBER 78p 03/19/2027")
    desk.fill("T2-C1", 4)
    desk.later(31)
    desk.crash()
    desk.settle()
    assert desk.check._books.held(desk.state.trades["T1"].contract.symbol) == 6
