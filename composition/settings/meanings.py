"""What each policy means, in one line for its owner. The table refuses a policy without a line here.

Names, types, bounds and defaults are those of `domain.policies` and stand nowhere else.
"""

AREAS = {
    "": "The desk",
    "gate": "Who and when: the gate",
    "size": "How many: the size",
    "risk": "The limits: risk",
    "entry": "The entry's price ladder",
    "exit": "The profit exit",
}

MEANINGS = {
    "ALLOWED_USERS": "Discord user ids whose alerts may trade; an empty list allows nobody",
    "ALLOWED_CHANNELS": "Discord channel ids in which alerts may trade; an empty list allows nobody",
    "ALLOWED_WEBHOOKS": "ids of webhooks whose posts count as alerts; their channel must be allowed too",
    "INSTRUMENTS": "what may be traded, comma separated",
    "TRIM_FRACTION": 'percent of a position that "partial" or "trim" sells',
    "FEE_PER_CONTRACT": "dollars that sizing sets aside for each contract's fees",
    "GATE_MAX_ALERT_AGE": "older alerts are never traded",
    "GATE_DEDUPE_WINDOW": "the same author, contract and side again within this time is a duplicate",
    "GATE_OTHER_AUTHOR": "another author's call of a contract already held or working",
    "SIZE_ALLOCATION": "percent of the session's opening buying power for one entry",
    "SIZE_MIN_CONTRACTS": "buy at least this many where the allocation is too small; 0 denies such an entry",
    "SIZE_HONOR_ALERT_QUANTITY": "never buy more contracts than the alert says",
    "RISK_MAX_CONTRACTS": "most contracts in one entry",
    "RISK_MAX_PREMIUM": "most dollars of premium in one entry",
    "RISK_MAX_POSITIONS": "most positions open at a time",
    "RISK_MAX_ENTRIES_DAY": "most entries on one trading day",
    "RISK_MAX_ENTRIES_MINUTE": "most entries within a minute",
    "RISK_MAX_ENTRIES_AUTHOR": "most entries of one author on one trading day",
    "RISK_MAX_PREMIUM_AT_RISK": "percent of net liquidation that all premium together may be",
    "RISK_MAX_DAY_LOSS": "percent of net liquidation; a loss this large within a day halts entries",
    "RISK_MAX_QUOTE_AGE": "older quotes are not acted on",
    "RISK_MAX_SPREAD": "percent of mid that a spread may be, unless it is within RISK_MAX_SPREAD_TICKS",
    "RISK_MAX_SPREAD_TICKS": "ticks that a spread may always be",
    "RISK_MAX_DEVIATION": "percent that an alert's price may lie from mid",
    "RISK_MAX_REJECTS": "rejects in a row that halt entries",
    "RISK_MAX_UNKNOWNS": "unknown outcomes within RISK_UNKNOWN_WINDOW that halt entries",
    "RISK_UNKNOWN_WINDOW": "time in which unknown outcomes are counted",
    "ENTRY_INITIAL_WAIT": "wait at the first price before the first step",
    "ENTRY_WINDOW": "time after which the unfilled rest is dealt with by ENTRY_ON_EXHAUSTED",
    "ENTRY_MAX_INCREMENTS": "most one-tick steps, spread evenly over the rest of the window",
    "ENTRY_CONVERSION": "the order that takes the far touch once it is a tick away",
    "ENTRY_ON_EXHAUSTED": "what becomes of the unfilled rest at the window's end",
    "ENTRY_MAX_CHASE": "percent above the alert's price that is never passed",
    "ENTRY_TRADE_WITHOUT_QUOTE": "trade on the alert's price alone where there is no quote at all",
    "EXIT_FRACTION": "percent of the filled contracts that the profit exit offers; 0 places none",
    "EXIT_TARGET": "percent of profit at which it offers them: 100 is twice the entry price",
    "EXIT_MIN": "1 has a single contract offered too, although half of one is none",
}
