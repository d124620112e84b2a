"""Entries: every family's forms, in the tests' own words."""

import pytest

CORE = [
    ("Alert: BTO UBER 78p 12/05 @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("Super Lotto: BTO DELL 260c 1DTE @ 0.93", "BTO DELL 260C 1dte @0.93"),
    ("BUY UBER 78p 12/05 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 12/05", "BTO UBER 78P 12/5"),
    ("bto roku 95c 12/19 @ .85", "BTO ROKU 95C 12/19 @0.85"),
    ("BTO $MSFT 510c 12/19/25 @ $3.10", "BTO MSFT 510C 2025-12-19 @3.10"),
    ("BTO 4 PLTR 165c 12/19 @ 3.10", "BTO PLTR 165C 12/19 x4 @3.10"),
    ("BTO BRK.B 500c 12/19 @ 4.40", "BTO BRK.B 500C 12/19 @4.40"),
    ("BTO BRK/B 500c 12/19 @ 4.40", "BTO BRK.B 500C 12/19 @4.40"),
    ("BTO AMZN 232.50c 12/19 @ 4.40", "BTO AMZN 232.5C 12/19 @4.40"),
    ("buy To sell", "no: several_orders"),
]
ORDER_AND_SPACING = [
    ("BTO UBER 12/05 78p @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO 12/05 UBER 78p @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER @ 0.75 78p 12/05", "BTO UBER 78P 12/5 @0.75"),
    ("UBER BTO 78p 12/05 @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("$UBER 78p 12/05 BTO @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO | UBER | 78p | 12/05 | 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO – UBER 78p – 12/05 — 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO - UBER - 78p - 12/05 - 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO, UBER, 78p, 12/05, 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER (78p) [12/05] @ 0.75", "BTO UBER 78P 12/5 @0.75"),
]
SAID_TWICE = [
    ("$UBER BTO $UBER UBER 78p 12/05 @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER puts 78p puts 12/05 @ 0.75", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 78p 12/05 @ 0.75", "BTO UBER 78P 12/5 @0.75"),
]
REMARKS = [
    ("BTO UBER 78p 12/05 @ 0.75 tiny size and overnight", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 12/05 @ 0.75 holding overnight", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 12/05 @ 0.75 dont chase", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 12/05 @ 0.75 (bid 0.70)", "BTO UBER 78P 12/5 @0.75"),
    ("BTO UBER 78p 12/05 @ 0.75 | market : $0.74", "BTO UBER 78P 12/5 @0.75"),
]
SIDES = [
    ("BTO DELL 260 calls 12/19 @ 1.70", "BTO DELL 260C 12/19 @1.70"),
    ("BTO DELL $260 call 12/19 @ 1.70", "BTO DELL 260C 12/19 @1.70"),
    ("BTO DELL C260 12/19 @ 1.70", "BTO DELL 260C 12/19 @1.70"),
    ("BTO DELL 260-P 12/19 @ 1.70", "BTO DELL 260P 12/19 @1.70"),
    ("BTO DELL 260 12/19 puts @ 1.70", "BTO DELL 260P 12/19 @1.70"),
    ("BTO DELL puts 12/19 260p @ 1.70", "BTO DELL 260P 12/19 @1.70"),
    ("BTO DELL calls 260 12/19 @ 1.70", "BTO DELL 260C 12/19 @1.70"),
]
DATES = [
    ("BTO CRWD 520c 2025-12-19 @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD 520c 12-19-2025 @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD 520c 19DEC25 @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD 520c 5-Dec-2025 @ 8.20", "BTO CRWD 520C 2025-12-05 @8.20"),
    ("BTO CRWD 520c Dec19 @ 8.20", "BTO CRWD 520C 12/19 @8.20"),
    ("BTO CRWD Dec 19 520c @ 8.20", "BTO CRWD 520C 12/19 @8.20"),
    ("BTO CRWD 520c December 19th @ 8.20", "BTO CRWD 520C 12/19 @8.20"),
    ("BTO CRWD 520c 19th December @ 8.20", "BTO CRWD 520C 12/19 @8.20"),
    ("BTO CRWD 520c 19 Dec 2025 @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD Dec 19, 2025 520c @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD Dec 19 '25 520c @ 8.20", "BTO CRWD 520C 2025-12-19 @8.20"),
    ("BTO CRWD 520c may 15 @ 8.20", "BTO CRWD 520C 5/15 @8.20"),
    ("BTO SPY 680c today @ 1.10", "BTO SPY 680C 0dte @1.10"),
    ("BTO SPY 680c 0-DTE @ 1.10", "BTO SPY 680C 0dte @1.10"),
    ("BTO SPY 680c tomorrow @ 1.10", "BTO SPY 680C tomorrow @1.10"),
    ("BTO SPY 680c weeklies @ 1.10", "BTO SPY 680C weekly @1.10"),
    ("BTO SPY 680c exp friday @ 1.10", "BTO SPY 680C friday @1.10"),
    ("BTO SPY 680c fri 11/28 @ 1.10", "BTO SPY 680C friday @1.10"),
    ("BTO SPY 680c 12/05 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
]
PRICES = [
    ("BTO SPY 680c 12/05 @ m", "BTO SPY 680C 12/5 market"),
    ("BTO SPY 680c 12/05 at market", "BTO SPY 680C 12/5 market"),
    ("BTO SPY 680c 12/05 MKT", "BTO SPY 680C 12/5 market"),
    ("BTO SPY 680c 12/05 @ 1.10-1.20", "BTO SPY 680C 12/5 @1.10-1.20"),
    ("BTO SPY 680c 12/05 @ 1.10 - 1.20", "BTO SPY 680C 12/5 @1.10-1.20"),
    ("BTO SPY 680c 12/05 @ 1.10 to 1.20", "BTO SPY 680C 12/5 @1.10-1.20"),
    ("BTO SPY 680c 12/05 limit 1.20", "BTO SPY 680C 12/5 @1.20"),
    ("BTO SPY 680c 12/05 avg 1.20", "BTO SPY 680C 12/5 @1.20"),
    ("BTO SPY 680c 12/05 entry 1.20", "BTO SPY 680C 12/5 @1.20"),
    ("BTO SPY 680c 12/05 @ 1.20 @ 1.20", "BTO SPY 680C 12/5 @1.20"),
    ("BTO SPX 6900c 12/05 $15", "BTO SPX 6900C 12/5 @15"),
    ("BTO SPX 6900c 12/05 @ 12", "BTO SPX 6900C 12/5 @12"),
    ("BTO SPY 680c 12/05 @ 1.20 - 2 cons", "BTO SPY 680C 12/5 x2 @1.20"),
]
QUANTITIES = [
    ("BTO 3x SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO x3 SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO SPY 680c 12/05 @ 1.10 x 3", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO 3 contracts of SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO SPY 680c 12/05 1.10 3 cons", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO SPY 680c 12/05 1.10 -3 contracts", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO SPY 680c 12/05 @ 1.10 qty: 3", "BTO SPY 680C 12/5 x3 @1.10"),
    ("BTO a few SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
]
ROOM_VERBS = [
    ("BOUGHT SPY 12/05 680c $1.10 [SMALL]", "BTO SPY 680C 12/5 @1.10"),
    ("Opening SPY 680c 12/05 at 1.10 - half size", "BTO SPY 680C 12/5 @1.10"),
    ("Just bought 2 SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 x2 @1.10"),
    ("Buy to open SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
    ("taking SPY 680c 12/05 @ 1.10 for a small swing", "BTO SPY 680C 12/5 @1.10"),
    ("Long SPY 680c 12/05", "no: unclear_price"),
    ("in SPY 680c 12/05 @ 1.10", "no: no_verb"),
]
DECORATION = [
    ("@everyone **BTO** __SPY__ `680c` *12/05* @ 1.10 <@&123> :fire: 🚀", "BTO SPY 680C 12/5 @1.10"),
    ("||BTO SPY 680c 12/05 @ 1.10||", "BTO SPY 680C 12/5 @1.10"),
    ("# BTO SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
    ("В\u200bТО SPY 680с 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
    ("ＢＴＯ　ＳＰＹ　６８０ｃ　１２／０５　＠　１.１０", "BTO SPY 680C 12/5 @1.10"),
    ("𝗕𝗧𝗢 SPY 680c 12/05 @ 1.10", "BTO SPY 680C 12/5 @1.10"),
    ("```\nBTO SPY 680c 12/05 @ 1.10\n```", "BTO SPY 680C 12/5 @1.10"),
]
CARDS = [
    ("Action: BTO\nSymbol: SPY\nStrike: 680\nType: Call\nExpiry: 12/05\nPrice: 1.10", "BTO SPY 680C 12/5 @1.10"),
    (
        "BTO\nSymbol: SPY\nType: Put\nStrike: 680\nExpiry: 12/05\nContracts: 2\nPrice: 1.10-1.20",
        "BTO SPY 680P 12/5 x2 @1.10-1.20",
    ),
    ("BTO\nTicker: SPY\nContract: 680c 12/05\nPrice: market\nSize: small", "BTO SPY 680C 12/5 market"),
    ("Symbol: SPY\nStrike: 680c\nExpiry: 12/05\nEntry: 1.10\nAction: BTO", "BTO SPY 680C 12/5 @1.10"),
    ("NEW ENTRY\nSPY 680c 12/05\n@ 1.10", "BTO SPY 680C 12/5 @1.10"),
    ("I'M ENTERING\nOption: SPY 680c 12/05\nEntry: $1.10", "BTO SPY 680C 12/5 @1.10"),
    ("Symbol: SPY\nStrike: 680c\nExpiry: 12/05\nPrice: 1.10", "no: no_verb"),
    ("BTO\nSymbol: SPY\nStrike: 0\nPrice: 1.10", "no: malformed"),
]
WORD_SYMBOLS = [
    ("BTO GO 40c 12/19 @ 0.90", "BTO GO 40C 12/19 @0.90"),
    ("BTO ON 55c 12/19 @ 0.90", "BTO ON 55C 12/19 @0.90"),
    ("BTO ALL 200c 12/19 @ 3.90", "BTO ALL 200C 12/19 @3.90"),
    ("STC ALL 200c 12/19 @ 3.90", "no: no_symbol"),
    ("BTO F 12c 12/19 @ 0.40", "BTO F 12C 12/19 @0.40"),
]
SHARES = [
    ("BTO TSLA @ 250", "BTO TSLA [equity] @250"),
    ("BTO 50 shares of NVDA @ 179.50 SL 170 PT 200", "BTO NVDA [equity] x50 @179.50"),
    ("BTO SOFI stock at 9.50", "BTO SOFI [equity] @9.50"),
    ("Bought 100 shares of AAPL @ 230.10", "BTO AAPL [equity] x100 @230.10"),
    ("BTO AAPL @ M", "BTO AAPL [equity] market"),
]
FUTURES = [
    ("BTO 2 /ES @ 6850", "BTO /ES [future] x2 @6850"),
    ("BTO 1 ES @ 6850.25", "BTO /ES [future] x1 @6850.25"),
    ("BTO MNQ @ 25000", "BTO /MNQ [future] @25000"),
    ("BTO 1 ESZ5 @ 6850.25", "BTO /ESZ5 [future] x1 @6850.25"),
    ("BTO 1 /ESZ5 6800p 12/19 @ 41.50", "BTO /ESZ5 [future_option] 6800P 12/19 x1 @41.50"),
]
SHORT = [
    ("STO IWM 230p 12/19 @ 1.05", "STO IWM 230P 12/19 @1.05"),
    ("Sell to open 2 IWM 230p 12/19 @ 1.05 credit", "STO IWM 230P 12/19 x2 @1.05"),
]


@pytest.mark.parametrize(
    ("text", "reading"),
    CORE
    + SAID_TWICE
    + REMARKS
    + ORDER_AND_SPACING
    + SIDES
    + DATES
    + PRICES
    + QUANTITIES
    + ROOM_VERBS
    + DECORATION
    + CARDS
    + WORD_SYMBOLS
    + SHARES
    + FUTURES
    + SHORT,
)
def test_reads_an_entry(told, text, reading):
    assert told(text) == reading
