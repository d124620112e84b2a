"""Virtual time: the loop jumps, keeps order, waits for threads, and says so when nothing can ever happen."""

import asyncio
import socket
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from adapters.simulated.clock import ScaledClock
from adapters.simulated.virtual import VirtualClock, VirtualDeadlockError, VirtualTimeLoop, run_virtual

START = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)


def test_a_sleep_of_three_days_is_a_jump():
    async def main(loop: VirtualTimeLoop) -> float:
        await asyncio.sleep(3 * 86400)
        return loop.time()

    assert run_virtual(main) == 3 * 86400


def test_a_sleep_longer_than_a_select_may_last_ends_on_time():
    async def main(loop: VirtualTimeLoop) -> datetime:
        clock = VirtualClock(START, loop)
        await clock.sleep_until(START + timedelta(days=400))
        return clock.now()

    assert run_virtual(main) == START + timedelta(days=400)


def test_tasks_interleave_the_same_way_every_time():
    async def main(loop: VirtualTimeLoop) -> list[tuple[float, int]]:
        trace: list[tuple[float, int]] = []

        async def walk(number: int) -> None:
            for step in range(5):
                await asyncio.sleep(0.1 * ((number * 7 + step) % 4))
                trace.append((round(loop.time(), 6), number))

        await asyncio.gather(*(walk(number) for number in range(6)))
        return trace

    first = run_virtual(main)
    assert first == run_virtual(main)
    assert all(before <= after for (before, _), (after, _) in pairwise(first))


def test_waiting_for_what_nobody_brings_is_an_error():
    async def main(loop: VirtualTimeLoop) -> None:
        await loop.create_future()

    with pytest.raises(VirtualDeadlockError, match="nothing is ready"):
        run_virtual(main)


def test_time_stands_still_while_a_thread_works():
    async def main(loop: VirtualTimeLoop) -> tuple[str, float, bool]:
        release = threading.Event()
        timer = asyncio.ensure_future(asyncio.sleep(60))
        working = loop.run_in_executor(None, release.wait)
        loop.call_soon(release.set)
        await working
        then = loop.time()
        was_done = timer.done()
        await timer
        return "done", then, was_done

    assert run_virtual(main) == ("done", 0.0, False)


def test_a_result_from_a_thread_reaches_the_loop():
    async def main(loop: VirtualTimeLoop) -> int:
        return await asyncio.to_thread(sum, (1, 2, 3))

    assert run_virtual(main) == 6


def test_a_socket_is_read_although_no_timer_is_set():
    async def main(loop: VirtualTimeLoop) -> bytes:
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(0)
            reading = asyncio.ensure_future(loop.sock_recv(here, 5))
            writing = threading.Thread(target=there.sendall, args=(b"hello",))
            loop.call_soon(writing.start)
            received = await reading
            writing.join()
            return received

    assert run_virtual(main) == b"hello"


def test_the_virtual_clock_is_never_early():
    async def main(loop: VirtualTimeLoop) -> list[timedelta]:
        clock = VirtualClock(START, loop)
        late = []
        for number in range(1, 200):
            due = START + timedelta(microseconds=333_333 * number)
            await clock.sleep_until(due)
            late.append(clock.now() - due)
        return late

    late = run_virtual(main)
    assert all(timedelta(0) <= by <= timedelta(microseconds=2) for by in late)


def test_a_past_instant_is_not_waited_for():
    async def main(loop: VirtualTimeLoop) -> float:
        await VirtualClock(START, loop).sleep_until(START - timedelta(hours=1))
        return loop.time()

    assert run_virtual(main) == 0.0


def test_a_scaled_clock_runs_so_many_times_as_fast():
    passed = [100.0]
    clock = ScaledClock(60, START, lambda: passed[0])
    assert clock.now() == START
    passed[0] += 2.5
    assert clock.now() == START + timedelta(seconds=150)


def test_a_scaled_clock_waits_the_shorter_real_time():
    async def main(loop: VirtualTimeLoop) -> tuple[datetime, float]:
        clock = ScaledClock(60, START, loop.time)
        await clock.sleep_until(START + timedelta(minutes=10))
        return clock.now(), loop.time()

    assert run_virtual(main) == (START + timedelta(minutes=10), 10.0)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float):
    with pytest.raises(ValueError, match="speed must be above zero"):
        ScaledClock(speed, START)


def test_a_start_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        ScaledClock(1, START.replace(tzinfo=None))
