"""Hand-made lines of a replay, drawn from a seed: plausible numbers to look at and to count, no market behind them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from attrs import evolve

from composition.replay.counting import Tally
from composition.replay.lines import LadderOutcome, MessageLine, Prices, Totals, TradeLine, Verdict

FIRST = datetime(2026, 1, 5, 14, 30, 0, tzinfo=UTC)
AUTHORS = ("Ann", "Bo", "Cleo", "Dev", "Eve")
ROOMS = ("options", "swings", "lottos")
REASONS = ("quote_stale", "spread_too_wide", "not_allowed", "stale", "market_closed", "already_held", "day_loss")
SYMBOLS = ("SPY", "UBER", "NVDA", "TSLA")


def message_line(number: int = 1, verdict: Verdict = Verdict.IGNORED, **more) -> MessageLine:
    """Return a message; `more` are fields that differ."""
    traded = verdict in {Verdict.ENTERED, Verdict.CLOSED}
    fields = {
        "number": number,
        "at": FIRST + timedelta(minutes=number),
        "message_id": str(1_000_000 + number),
        "channel_id": 7,
        "channel": "options",
        "author_id": 3,
        "author": "Ann",
        "verdict": verdict,
        "reason": {Verdict.IGNORED: "chatter", Verdict.DENIED: "quote_stale"}.get(verdict),
        "detail": "",
        "text": "good morning",
        "trade_id": f"T{number}" if traded else None,
    }
    return MessageLine(**{**fields, **more})


def trade_line(number: int = 1, **more) -> TradeLine:
    """Return a trade of four contracts that filled at its first price and whose exit of two filled."""
    fields = {
        "trade_id": f"T{number}",
        "number": number,
        "opened_at": FIRST + timedelta(minutes=number, seconds=1),
        "channel": "options",
        "author": "Ann",
        "contract": "SPY 500c 2026-01-16",
        "occ_symbol": "SPY   260116C00500000",
        "alert_price": Decimal("1.20"),
        "quantity": 4,
        "premium": Decimal("480.00"),
        "outcome": LadderOutcome.FILLED,
        "steps": 0,
        "converted": False,
        "filled": 4,
        "average_price": Decimal("1.20"),
        "seconds_to_fill": Decimal("3.5"),
        "exits_placed": 2,
        "exit_price": Decimal("2.40"),
        "exits_filled": 2,
        "closed_by_alert": 1,
        "held_at_end": 1,
        "expired": 0,
    }
    return TradeLine(**{**fields, **more})


def totals_of(messages, trades=(), **more) -> Totals:
    """Return what the engine would count of these lines."""
    tally = Tally()
    for line in messages:
        tally.add(line)
    counted = Totals(
        messages=tally.messages,
        first_at=tally.first_at,
        last_at=tally.last_at,
        verdicts=dict(tally.verdicts),
        reasons=dict(tally.reasons),
        days=dict(tally.days),
        by_author=dict(tally.by_author),
        by_channel=dict(tally.by_channel),
        prices=Prices.MODELLED,
        seed=7,
        settings_fingerprint="0123456789abcdef",
        partial=False,
        unreadable=0,
        bad_lines=(),
        trades=len(trades),
        files=("room.jsonl",),
        settings={"RISK_MAX_CONTRACTS": "10", "SIZE_ALLOCATION": "10"},
        log_head="ab" * 32,
    )
    return evolve(counted, **more)


def history(seed: int, number: int, minutes: int = 10) -> tuple[list[MessageLine], list[TradeLine]]:
    """Return `number` messages, nine in ten of them chatter, `minutes` apart on average, and their trades."""
    chance = Random(seed)  # noqa: S311 - a test's chance
    at, messages, trades = FIRST, [], []
    for index in range(1, number + 1):
        at += timedelta(seconds=chance.expovariate(1 / (minutes * 60)))
        author, room = chance.choice(AUTHORS), chance.choice(ROOMS)
        verdict = chance.choices(list(Verdict), (4, 1, 4, 0.3, 90, 0, 0))[0]
        reason = chance.choice(REASONS) if verdict is Verdict.DENIED else None
        symbol, strike = chance.choice(SYMBOLS), chance.randrange(50, 600, 5)
        line = message_line(
            index,
            verdict,
            at=at,
            author=author,
            author_id=AUTHORS.index(author) + 1,
            channel=room,
            channel_id=ROOMS.index(room) + 1,
            text=f"BTO {symbol} {strike}c @ 1.20" if verdict is not Verdict.IGNORED else "nice move today",
            reason=reason or ("not_an_alert" if verdict is Verdict.IGNORED else None),
            detail="the newest quote is 9 s old" if reason else "",
        )
        messages.append(line)
        if verdict is Verdict.ENTERED:
            trades.append(_drawn(chance, line, f"{symbol} {strike}c 2026-02-20"))
    return messages, trades


def _drawn(chance: Random, line: MessageLine, contract: str) -> TradeLine:
    quantity, price = chance.randint(1, 10), Decimal(chance.randrange(20, 300)) / 100
    outcome = chance.choices(list(LadderOutcome), (60, 6, 14, 10, 2, 1))[0]
    full = outcome in {LadderOutcome.FILLED, LadderOutcome.CONVERTED}
    filled = quantity if full else quantity // 2 if outcome is LadderOutcome.PARTLY_FILLED else 0
    exits = filled // 2
    ended = Counter(chance.choices(("exit", "alert", "held", "expired"), (3, 4, 1, 3), k=1) * filled)
    return trade_line(
        line.number,
        trade_id=line.trade_id,
        opened_at=line.at + timedelta(seconds=1),
        channel=line.channel,
        author=line.author,
        contract=contract,
        alert_price=price,
        quantity=quantity,
        premium=price * quantity * 100,
        outcome=outcome,
        steps=chance.choices((0, 1, 2, 3), (6, 3, 2, 1))[0],
        converted=outcome is LadderOutcome.CONVERTED,
        filled=filled,
        average_price=price if filled else None,
        seconds_to_fill=Decimal(chance.randrange(500, 80_000)) / 1000 if filled else None,
        exits_placed=exits,
        exit_price=price * 2 if exits else None,
        exits_filled=ended["exit"],
        closed_by_alert=ended["alert"],
        held_at_end=ended["held"],
        expired=ended["expired"],
    )


def no_rows(_trade_id: str) -> Iterator:
    return iter(())
