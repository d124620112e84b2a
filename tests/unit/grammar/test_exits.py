"""Exits: full, partial, and those that name only the symbol."""

import pytest

FULL = [
    ("STC UBER 78p 12/05 1.50", "STC UBER 78P 12/5 @1.50"),
    ("SELL IWM 245p 12/05 @ 2.10", "STC IWM 245P 12/5 @2.10"),
    ("Sell to close NVDA 185 Call 12/19 at 5.10", "STC NVDA 185C 12/19 @5.10"),
    ("SOLD SPX 12/05 6970C $2.70", "STC SPX 6970C 12/5 @2.70"),
    ("STC UBER 78p 12/05 @ 1.50 all out", "STC UBER 78P 12/5 all @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 close all", "STC UBER 78P 12/5 all @1.50"),
    ("ALL OUT UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 all @1.50"),
    ("EXIT\nUBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 all @1.50"),
    ("EXIT ALERT: STC UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 @1.50"),
    ("Closed UBER 78p 12/05 @ 1.50 (from 0.75) | market : $1.45", "STC UBER 78P 12/5 all @1.50"),
    ("Closing 2 UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 x2 @1.50"),
    ("selling last UBER 78p 12/05 at 1.50", "STC UBER 78P 12/5 all @1.50"),
    ("SOLD UBER 78p 12/05 1.50 LAST", "STC UBER 78P 12/5 all @1.50"),
    ("UBER 78p 12/05 all out @ 1.50", "STC UBER 78P 12/5 all @1.50"),
    ("STC UBER 78p 12/05 @ BE", "STC UBER 78P 12/5"),
    ("STC UBER 78p 12/05 @ 1.50-1.60", "STC UBER 78P 12/5 @1.50-1.60"),
    ("STC UBER 78p 12/05 @ mkt", "STC UBER 78P 12/5 market"),
    ("STC UBER 78p 12/05 from 0.75 to 1.50", "STC UBER 78P 12/5 @1.50"),
    ("BTC IWM 230p 12/19 @ 0.40 all out", "BTC IWM 230P 12/19 all @0.40"),
    ("STC /ES 6900c 12/19 @ 20.50", "STC /ES [future_option] 6900C 12/19 @20.50"),
    ("STC 1 /ES @ 6860", "STC /ES [future] x1 @6860"),
]
REMARKS = [
    ("STC UBER 78p 12/05 @ 1.50 (+100%)", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 up 100% 🔥", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 for 45-50% WIN!!", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50\n$0.75 → $1.50 P/L: +100% ($75.00)", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 great trade team! ✅", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 I dont feel like swinging this", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 not gonna hold overnight", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 will be watching today", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 (avg 0.75)", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 entry 0.75", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 bought at 0.75", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 cutting in the green", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 breakeven", "STC UBER 78P 12/5 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 bid 1.45 ask: 1.55", "STC UBER 78P 12/5 @1.50"),
]
PARTIAL = [
    ("STC 1/2 UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
    ("STC half of my UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 2/3", "STC UBER 78P 12/5 2/3 @1.50"),
    ("STC UBER 1/2 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
    ("STC 50% UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 50% @1.50"),
    ("STC UBER 78p 12/05 50% of position @ 1.50", "STC UBER 78P 12/5 50% @1.50"),
    ("STC ½ UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 partial", "STC UBER 78P 12/5 partial @1.50"),
    ("STC half UBER 78p 12/05 @ 1.50 half", "STC UBER 78P 12/5 1/2 @1.50"),
    ("STC UBER 78p 12/05 @ 1.50 partial half", "STC UBER 78P 12/5 1/2 @1.50"),
    ("$UBER STC 78p 12/05 at 1.50 trim", "STC UBER 78P 12/5 partial @1.50"),
    ("Trim half UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
    ("Trimming UBER 78p 12/05 @ 1.50, leaving runners", "STC UBER 78P 12/5 partial @1.50"),
    ("Trimming most\n\nClose or Trim & Set SL to BE\nUBER 78P 12/05", "STC UBER 78P 12/5 most"),
    ("STC 1 UBER 78p 12/05 @ 1.50, holding 2 runners", "STC UBER 78P 12/5 x1 @1.50"),
    ("STC 1/2 UBER 78p 12/05 @ 1.50, stop at BE on the rest", "STC UBER 78P 12/5 1/2 @1.50"),
    ("SOLD 2/3 UBER 78p 12/05 1.50 - Leaving 1 more. Will SL at 0.90", "STC UBER 78P 12/5 2/3 @1.50"),
    ("Close\nSTC UBER 78p 12/05 @ 1.50 (spot to exit half here)", "no: several_orders"),
    ("Close\nSTC UBER 78p 12/05 @ 1.50 (good spot to exit half here)", "STC UBER 78P 12/5 1/2 @1.50"),
    ("sold half, selling the rest of UBER 78p", "STC UBER 78P all held"),
    ("taking half off UBER 78p 12/05 @ 1.50", "STC UBER 78P 12/5 1/2 @1.50"),
]
HELD = [
    ("STC UBER 78p @ 1.50", "STC UBER 78P @1.50 held"),
    ("selling half here on UBER 78p", "STC UBER 78P 1/2 held"),
    ("selling the UBER lotto 78p at 1.50 from 0.73", "STC UBER 78P @1.50 held"),
    ("UBER all out 78p", "STC UBER 78P all held"),
    ("STC UBER", "STC UBER [None] held"),
    ("closing $SHOP", "STC SHOP [None] all held"),
    ("STC half UBER", "STC UBER [None] 1/2 held"),
    ("STC SPY @ 2.20", "STC SPY [None] @2.20 held"),
    ("all out TSLA @ 8.05", "STC TSLA [None] all @8.05 held"),
    ("out of UBER", "STC UBER [None] all held"),
    ("out of my last UBER put", "STC UBER P all held"),
    ("Trim UBER puts", "STC UBER P partial held"),
    ("Stopped out of UBER", "STC UBER [None] all held"),
    ("Closing UBER at BE", "STC UBER [None] all held"),
    ("Taking some off UBER at 2.30", "STC UBER [None] partial @2.30 held"),
    ("STC UBER nice gains", "STC UBER [None] held"),
    ("fully out of MNQ here", "STC /MNQ [future] all held"),
    ("closed /ES", "STC /ES [future] all held"),
    ("STC calls UBER @ 1.50", "STC UBER C @1.50 held"),
]
SHARES = [
    ("STC AAPL @ 230.45", "STC AAPL [equity] @230.45"),
    ("STC 100 shares SOFI @ 29.10", "STC SOFI [equity] x100 @29.10"),
    ("SOLD MSFT STOCK ALL OUT", "STC MSFT [equity] all"),
    ("SELL AAPL 10 (closing long)", "STC AAPL [equity] x10"),
    ("SOLD 100 shares AAPL @ 230.10", "STC AAPL [equity] x100 @230.10"),
]


@pytest.mark.parametrize(("text", "reading"), FULL + REMARKS + PARTIAL + HELD + SHARES)
def test_reads_an_exit(told, text, reading):
    assert told(text) == reading
