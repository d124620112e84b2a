"""A process that will not end is left: whatever hangs, and however busy the loop is."""

import asyncio
import os
import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from composition.last_resort import LastResort
from composition.serving import run_until, stop_signals


@pytest.fixture(autouse=True)
def _signals():
    kept = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    yield
    for name, handler in kept.items():
        signal.signal(name, handler)


# A single call of seconds, in which no handler of a signal runs.
LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12000000) SELECT sum(i) FROM n"


class Left:
    """What `os._exit` would have been called with."""

    def __init__(self):
        self.code = None
        self.happened = threading.Event()

    def __call__(self, code):
        self.code = code
        self.happened.set()


def test_an_end_in_order_is_left_alone():
    left = Left()
    with LastResort(0.3, left) as last_resort:
        last_resort.arm()
    assert not left.happened.wait(0.8)


def test_nothing_happens_before_the_end_begins():
    left = Left()
    with LastResort(0.1, left):
        assert not left.happened.wait(0.8)


def test_a_thread_that_hangs_does_not_hold_up_the_end(caplog):
    left, hangs = Left(), threading.Event()

    async def main(last_resort):
        last_resort.look_at(asyncio.get_running_loop())
        hanging = asyncio.get_running_loop().run_in_executor(None, hangs.wait)
        last_resort.arm()
        await asyncio.wait({hanging}, timeout=0.01)

    def release():
        left.happened.wait(10)
        hangs.set()

    threading.Thread(target=release, daemon=True).start()
    with LastResort(0.3, left) as last_resort:
        asyncio.run(main(last_resort))  # waits for its threads without bound
    assert left.code == 1
    assert "not ended in order after 0.3 s" in caplog.text


def test_a_signal_is_heard_while_the_loop_is_busy(caplog):
    left = Left()

    async def main(last_resort):
        last_resort.look_at(asyncio.get_running_loop())
        stop = stop_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        busy_until = time.monotonic() + 10
        while not left.happened.is_set() and time.monotonic() < busy_until:
            pass  # a replay of a long log, say
        assert not stop.is_set()
        await asyncio.wait_for(stop.wait(), 5)

    with LastResort(0.3, left) as last_resort:
        asyncio.run(main(last_resort))
    assert left.code == 1
    assert "main" in caplog.text


def test_a_signal_is_heard_in_the_middle_of_one_long_call():
    left, ended = Left(), []

    async def main():
        stop_signals()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute(LONG)
            ended.append(left.happened.is_set())

    with LastResort(0.3, left):
        asyncio.run(main())
    assert ended == [True]


def test_other_signals_are_no_end():
    left = Left()
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with LastResort(0.1, left):
            signal.raise_signal(signal.SIGUSR1)
            assert not left.happened.wait(0.8)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_once_the_loop_has_ended_a_signal_means_what_it_meant_before():
    heard = []
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))

    async def main():
        stop_signals()

    asyncio.run(main())
    signal.raise_signal(signal.SIGTERM)
    assert heard == [signal.SIGTERM]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("fails", [True, False])
def test_the_end_begins_with_a_part_that_fails_and_with_the_one_that_says_so(fails):
    began = []

    async def part():
        await asyncio.sleep(0.01)
        if fails:
            raise ValueError("a bug")
        await asyncio.Event().wait()

    async def over():
        await asyncio.sleep(0.05)

    async def main():
        await run_until(over(), [part()], lambda: began.append(True))

    if fails:
        with pytest.raises(ValueError, match="a bug"):
            asyncio.run(main())
    else:
        asyncio.run(main())
    assert began == [True]
