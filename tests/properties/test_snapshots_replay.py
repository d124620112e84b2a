"""A snapshot taken anywhere, and the rest of the log replayed on it, is the desk that a full replay makes."""

import random

import pytest
from attrs import evolve, fields_dict

from adapters.sqlite.state_codec import decode_state, encode_state
from domain.desk import DeskState, step
from domain.events import Stamped
from tests.properties.desk_chaos import Chaos
from tests.properties.test_desk_seeds import POLICIES, happen
from tests.support.builders import START, seconds
from tests.support.desk_driver import replayed

STEPS = 60
# Parts that the chaos seldom fills or never.
BY_HAND = {"last_posts": {2**60: 10**18, 7: 3}, "unknowns": (START, START + seconds(0.000001))}


def through_a_file(state: DeskState) -> DeskState:
    """Return the state as it comes back. Equal lines say that order and exponents are the same, which `==` does not."""
    lines = list(encode_state(state))
    again = decode_state(lines)
    assert again == state
    assert list(encode_state(again)) == lines
    return again


def lived(seed: int) -> Chaos:
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    chaos = Chaos(**POLICIES[seed % len(POLICIES)])
    for _ in range(STEPS):
        happen(chaos, chance)
    chaos.finish()
    return chaos


@pytest.mark.parametrize("seed", range(16))
def test_every_state_that_a_desk_reaches_reads_back_as_it_is(seed):
    state = DeskState()
    for stamped in lived(seed).desk.log:
        state, _ = step(state, stamped)
        through_a_file(state)


@pytest.mark.parametrize("seed", range(16, 48))
def test_a_snapshot_at_any_row_and_the_tail_are_a_full_replay(seed):
    log = lived(seed).desk.log
    whole, said = replayed(log)
    for after in random.Random(seed).sample(range(len(log) + 1), 8):  # noqa: S311 - repeatable, no secret
        before, said_before = replayed(log[:after])
        state, said_after = on_from(through_a_file(before), log[after:])
        assert list(encode_state(state)) == list(encode_state(whole))
        assert said_before + said_after == said


def on_from(state: DeskState, tail: list[Stamped]) -> tuple[DeskState, list[object]]:
    said: list[object] = []
    for stamped in tail:
        state, outputs = step(state, stamped)
        said.extend(outputs)
    return state, said


def test_the_chaos_reaches_every_part_of_the_state():
    """What no run fills would be encoded by nobody."""
    filled: set[str] = set()
    for seed in range(16):
        state = DeskState()
        for stamped in lived(seed).desk.log:
            state, _ = step(state, stamped)
            filled |= {name for name in names() if getattr(state, name) not in (None, {}, (), 0)}
    assert names() - filled <= set(BY_HAND)


def names() -> set[str]:
    return set(fields_dict(DeskState))


@pytest.mark.parametrize("name", BY_HAND)
def test_the_rest_reads_back_too(name):
    through_a_file(evolve(DeskState(), **{name: BY_HAND[name]}))
