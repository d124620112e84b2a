"""Long random lives of a desk, one a seed, under many policies. A failing seed is printed by its test's name."""

import random
from decimal import Decimal
from typing import Any

import pytest

from domain.messages import MessageKind
from domain.orders import Signal
from domain.policies import Conversion, EntryPolicy, ExitPolicy, GatePolicy, OnExhausted, OtherAuthor, RiskPolicy
from tests.properties.desk_chaos import Chaos
from tests.support.builders import AUTHOR, OTHER_AUTHOR, STRANGER
from tests.support.model_broker import Fate

STEPS = 120
POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"risk": RiskPolicy(max_rejects=20, max_unknowns=20, max_premium_at_risk=Decimal(100))},
    {"entry": EntryPolicy(on_exhausted=OnExhausted.REST)},
    {"entry": EntryPolicy(conversion=Conversion.MARKET)},
    {"entry": EntryPolicy(max_increments=0)},
    {"exit": ExitPolicy(fraction=Decimal(100))},
    {"exit": ExitPolicy(min=1)},
    {"gate": GatePolicy(other_author=OtherAuthor.ADD)},
)
FATES = [Fate.ARRIVES] * 6 + list(Fate)
KINDS = [MessageKind.POST] * 12 + list(MessageKind)
AUTHORS = [AUTHOR, AUTHOR, OTHER_AUTHOR, STRANGER]
ENDS = [Signal.REPORTED_CANCELLED, Signal.REPORTED_EXPIRED, Signal.REPORTED_REJECTED]
QUOTES = [("0.70", "0.80"), ("0.75", "0.76"), ("0.50", "1.20"), (None, "0.05"), ("0.90", "0.80")]
# How often each thing happens, beside the others.
WEIGHTS = {
    "post_entry": 4,
    "post_close": 3,
    "perform": 12,
    "deliver": 12,
    "settle": 6,
    "broker_moves": 8,
    "fill": 6,
    "wait": 5,
    "quote": 1.5,
    "arrive_late": 1.5,
    "lag": 1.5,
    "halt": 1,
    "resume": 1,
    "crash": 1,
    "cancel": 1,
    "delete": 1,
    "drop": 1,
    "replace": 1,
    "end": 1,
    "restore_authorization": 0.7,
    "close": 0.7,
    "lose_authorization": 0.5,
    "allow": 0.5,
    "fail_reads": 0.5,
    "sell_by_hand": 0.5,
}


def happen(chaos: Chaos, chance: random.Random) -> None:  # noqa: C901, PLR0912 - one arm for each kind of argument
    what = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    index = chance.randrange(7)
    act = getattr(chaos, what)
    match what:
        case "post_entry":
            dry_run = chance.random() < 0.1
            act(index, chance.randrange(7), chance.choice(AUTHORS), chance.choice(KINDS), dry_run=dry_run)
        case "post_close":
            act(index, chance.randrange(5), chance.choice(AUTHORS))
        case "perform":
            act(index, chance.choice(FATES))
        case "deliver":
            act(index, twice=chance.random() < 0.3)
        case "broker_moves" | "cancel" | "delete" | "drop" | "lag":
            act(index)
        case "fill" | "sell_by_hand":
            act(index, chance.randint(1, 10))
        case "wait":
            act(chance.choice([0.5, 2, 10, 20, 25, 45, 90, 300]))
        case "replace":
            act(index, chance.randint(-3, 3))
        case "close":
            act(chance.choice(["UBER", "AAPL"]))
        case "allow":
            act(chance.choice([AUTHOR, OTHER_AUTHOR]), allowed=chance.random() < 0.6)
        case "fail_reads":
            act(fail=chance.random() < 0.3)
        case "end":
            act(index, chance.choice(ENDS))
        case "quote":
            act(*chance.choice(QUOTES))
        case _:
            act()


def live(seed: int, steps: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    chaos = Chaos(**POLICIES[seed % len(POLICIES)])
    for _ in range(steps):
        happen(chaos, chance)
        chaos.check()
    chaos.finish()


@pytest.mark.parametrize("seed", range(48))
def test_a_desk_keeps_its_promises_and_comes_to_rest(seed):
    live(seed, STEPS)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_many_desks_keep_their_promises(block):
    for seed in range(1000 + block * 250, 1250 + block * 250):
        try:
            live(seed, 2 * STEPS)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
