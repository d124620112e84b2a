"""What makes a quote fit to decide on."""

import pytest

from domain.orders import Side
from domain.quotes import QuoteFault
from tests.support.builders import START, dec, make_quote, seconds


@pytest.mark.parametrize(
    ("bid", "ask", "fault"),
    [
        ("0.70", "0.80", None),
        ("0.75", "0.75", None),
        (None, "0.80", QuoteFault.ONE_SIDED),
        ("0.70", None, QuoteFault.ONE_SIDED),
        ("0", "0.05", QuoteFault.ONE_SIDED),
        ("0.05", "0", QuoteFault.ONE_SIDED),
        ("0.90", "0.80", QuoteFault.CROSSED),
    ],
)
def test_the_faults_of_a_fresh_quote(bid, ask, fault):
    assert make_quote(bid, ask).fault(START, seconds(2)) is fault


def test_a_quote_is_stale_only_past_its_age():
    quote = make_quote()
    assert quote.fault(START + seconds(2), seconds(2)) is None
    assert quote.fault(START + seconds(2.001), seconds(2)) is QuoteFault.STALE


def test_mid_spread_and_far_touch():
    quote = make_quote("0.70", "0.81")
    assert quote.mid == dec("0.755")
    assert quote.spread == dec("0.11")
    assert quote.far_touch(Side.BUY_TO_OPEN) == dec("0.81")
    assert quote.far_touch(Side.SELL_TO_CLOSE) == dec("0.70")


def test_a_one_sided_quote_has_no_prices_to_use():
    with pytest.raises(ValueError, match="one-sided"):
        _ = make_quote(None, "0.80").mid
