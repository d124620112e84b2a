# noqa: INP001 (run as a module, no package)
"""The core's steps a second: a message of talk, and a whole trade, beside a dispatch that looks its handler up.

The floor finds a handler by the event's type, calls it and returns nothing new: what any loop over events costs.
The state of the second holds as many open trades as a desk may, so that what a step costs with them shows.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from benchmarks.desk_history import CHATTER, DeskHistory
from benchmarks.figures import Figure, figure
from domain.desk import DeskState, step
from domain.events import AlertReceived, Input, Stamped
from domain.messages import Message
from tests.support.desk_driver import DeskDriver

ROUNDS, STEPS = 40, 500
OPEN_TRADES = (0, 1, 10)
UNITS = 1e6


def measure() -> Iterator[Figure]:
    """Return a figure for talk by the number of open trades, and one for all the events of whole trades."""
    for trades in OPEN_TRADES:
        desk = DeskDriver()
        for number in range(trades):
            desk.post(f"BTO UBER {50 + number}p 12/05 @ 0.75", message_id=str(number + 1))
            desk.settle()
            for booked in desk.broker.live:
                desk.broker.fill(booked, booked.leaves, desk.now)
            desk.settle()
            desk.advance(30)
        yield _talk(desk.state, len(desk.state.trades))
    yield _whole_trades()


def _talk(state: DeskState, trades: int) -> Figure:
    assert state.at is not None  # noqa: S101 - the desk has started
    texts = [
        Stamped(
            state.at + timedelta(seconds=number),
            AlertReceived(
                f"X{number}",
                Message(
                    message_id=str(10**18 + number),
                    channel_id=20,
                    user_id=10,
                    posted_at=state.at + timedelta(seconds=number),
                    text=f"{CHATTER} {number}",
                ),
            ),
        )
        for number in range(STEPS)
    ]
    return _beside_dispatch(f"a step on talk, {trades} open trades", state, texts)


def _whole_trades() -> Figure:
    history = DeskHistory(chatter=0)
    began, inputs = DeskState(), []
    for turn in history.turns():
        inputs.append(turn[0].body)
        if len(inputs) >= STEPS:
            break
    return _beside_dispatch("a step, all events of whole trades", began, inputs)


def _beside_dispatch(name: str, began: DeskState, inputs: list[Any]) -> Figure:
    handlers: dict[type[Input], Callable[[Input], None]] = {type(one.event): _nothing for one in inputs}
    own, floor = [], []
    for _ in range(ROUNDS):
        state, since = began, time.perf_counter()
        for stamped in inputs:
            state, _ = step(state, stamped)
        own.append((time.perf_counter() - since) / len(inputs) * UNITS)
        since = time.perf_counter()
        for stamped in inputs:
            handlers[type(stamped.event)](stamped.event)
        floor.append((time.perf_counter() - since) / len(inputs) * UNITS)
    middle = sorted(own)[len(own) // 2]
    return figure(name, own, "us", floor=floor, floor_name="empty dispatch", note=f"{UNITS / middle:,.0f} steps/s")


def _nothing(_event: Input) -> None:
    pass
