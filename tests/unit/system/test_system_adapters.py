"""The machine's own adapters: clock, trade ids, notifiers, and alerts as lines."""

import asyncio
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from adapters.simulated.virtual import run_virtual
from adapters.system.clock import SystemClock
from adapters.system.ids import ALPHABET, CountedTradeIds, TimedTradeIds
from adapters.system.lines import LOCAL_CHANNEL, LOCAL_USER, LineAlertSource, LineError, read_line
from adapters.system.notifiers import LogNotifier, Notifiers, TerminalNotifier
from domain.commands import Notify
from domain.messages import MessageKind, Source
from domain.verdicts import Severity
from ports.clock import Clock
from ports.errors import PortUnavailableError
from ports.notifier import Notifier

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class SetClock(Clock):
    """Time passes only by sleeping."""

    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at

    async def sleep_until(self, due_at):
        self.at = max(self.at, due_at)


# ---- clock and ids -------------------------------------------------------------------------------------------------


def test_the_clock_is_utc_and_never_goes_back():
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second


def test_sleeping_ends_at_the_instant_and_at_once_when_it_has_passed():
    clock = SystemClock()
    due = clock.now() + timedelta(milliseconds=5)
    asyncio.run(clock.sleep_until(due))
    assert clock.now() >= due
    asyncio.run(clock.sleep_until(due - timedelta(days=1)))


class Machine:
    """A machine's two clocks. Both run with `elapsed`, by default `seconds`; a suspend moves the wall clock alone."""

    def __init__(self, elapsed=None):
        self.at, self.seconds, self.pause = NOW, 0.0, 0.0
        self._elapsed = elapsed or (lambda: self.seconds)

    def elapsed(self):
        read = self._elapsed()
        self.seconds += self.pause  # the process stands still after each reading
        return read

    def wall(self):
        return self.at + timedelta(seconds=self.elapsed())

    def set(self, seconds):
        self.at += timedelta(seconds=seconds)

    def clock(self):
        return SystemClock(wall=self.wall, elapsed=self.elapsed)


def test_after_a_suspend_the_clock_tells_the_wall_clocks_time_and_says_so_once(caplog):
    machine = Machine()
    clock = machine.clock()
    machine.set(7200)
    machine.seconds += 5
    assert [clock.now(), clock.now()] == [NOW + timedelta(seconds=7205)] * 2
    machine.seconds += 5
    assert clock.now() == NOW + timedelta(seconds=7210)
    assert [(record.levelname, "7200.0 s" in record.getMessage()) for record in caplog.records] == [("WARNING", True)]
    machine.set(3600)
    assert clock.now() == NOW + timedelta(seconds=10810)
    assert "3600.0 s" in caplog.records[1].getMessage()


def test_a_lead_within_a_reading_s_spread_is_not_followed(caplog):
    machine = Machine()
    clock = machine.clock()
    machine.set(0.9)
    assert clock.now() == NOW
    assert not caplog.records


def test_a_wall_clock_that_is_set_back_moves_nothing_back():
    machine = Machine()
    clock = machine.clock()
    told = [clock.now()]
    for change in (-3600, 30, 7200, -60, -7200, 5):
        machine.set(change)
        machine.seconds += 1
        told.append(clock.now())
    assert told == sorted(told)
    assert told[1:3] == [NOW + timedelta(seconds=1), NOW + timedelta(seconds=1.5)]  # noticed, slower from there
    assert told[3] == NOW + timedelta(seconds=3 - 3600 + 30 + 7200)  # ahead of it again: followed
    assert told[-1] == told[3] + timedelta(seconds=2)


def test_a_clock_that_is_ahead_runs_at_half_its_pace_until_the_machine_s_has_caught_up(caplog):
    caplog.set_level("INFO")
    machine = Machine()
    clock = machine.clock()
    machine.set(-60)
    machine.seconds += 20
    assert (clock.now(), clock.ahead()) == (NOW + timedelta(seconds=20), timedelta(seconds=60))
    machine.seconds += 40
    assert (clock.now(), clock.ahead()) == (NOW + timedelta(seconds=40), timedelta(seconds=40))
    machine.seconds += 1000
    assert (clock.now(), clock.ahead()) == (machine.wall(), timedelta(0))
    machine.seconds += 10
    assert (clock.now(), clock.ahead()) == (machine.wall(), timedelta(0))
    said = [record.getMessage() for record in caplog.records]
    assert [("60.0 s behind" in said[0]), ("caught up" in said[1]), len(said)] == [True, True, 2]


def test_a_clock_goes_on_from_the_instant_that_it_is_held_to():
    machine = Machine()
    clock = machine.clock()
    clock.hold_to(NOW - timedelta(hours=1))
    assert (clock.now(), clock.ahead()) == (NOW, timedelta(0))
    clock.hold_to(NOW + timedelta(hours=1))
    assert clock.now() == NOW + timedelta(hours=1)
    machine.seconds += 60
    assert clock.ahead() == timedelta(minutes=59, seconds=30)
    machine.seconds += 7200
    assert clock.now() == machine.wall()


def test_the_machine_s_own_clock_goes_as_it_is_set_whatever_the_other_has_to_hold_to():
    machine = Machine()
    clock = machine.clock()
    clock.hold_to(NOW + timedelta(hours=1))
    own = clock.machine()
    assert own.now() == NOW
    machine.set(-60)
    assert own.now() == NOW - timedelta(seconds=60)


def test_a_sleep_by_the_machine_s_own_clock_follows_it_back_and_forth():
    async def story(loop):
        machine = Machine(loop.time)
        loop.call_later(5, machine.set, -10)
        await machine.clock().machine().sleep_until(NOW + timedelta(seconds=30))
        return loop.time()

    assert run_virtual(story) == pytest.approx(40, abs=1)


def test_timers_of_a_clock_that_is_ahead_go_on_at_half_its_pace():
    async def story(loop):
        machine = Machine(loop.time)
        clock = machine.clock()
        clock.hold_to(NOW + timedelta(hours=5))
        await clock.sleep_until(NOW + timedelta(hours=5, seconds=30))
        return loop.time()

    assert run_virtual(story) == pytest.approx(60, abs=2)


def test_a_standstill_between_the_two_readings_is_no_lead(caplog):
    machine = Machine()
    clock = machine.clock()
    machine.pause = 30
    assert clock.now() == NOW
    machine.pause = 0
    assert clock.now() == machine.wall() == NOW + timedelta(seconds=90)
    assert not caplog.records


def test_a_timer_that_became_due_in_a_suspend_fires_within_a_second_of_the_wake_up():
    async def story(loop):
        machine = Machine(loop.time)
        clock = machine.clock()
        loop.call_later(10.5, machine.set, 3600)
        await clock.sleep_until(NOW + timedelta(minutes=30))
        return loop.time(), clock.now()

    waited, at = run_virtual(story)
    assert 10.5 <= waited <= 11.5
    assert at == NOW + timedelta(seconds=3600 + waited)


def test_trade_ids_sort_by_time_are_short_and_differ_within_an_instant():
    earlier, later = TimedTradeIds(lambda: NOW), TimedTradeIds(lambda: NOW + timedelta(milliseconds=1))
    ids = [earlier.next() for _ in range(50)]
    assert len(set(ids)) == 50
    assert max(ids)[:10] < later.next()[:10]
    assert all(len(one) <= 16 and set(one[1:]) <= set(ALPHABET) for one in ids)


def test_counted_ids_are_the_same_in_every_run():
    ids = CountedTradeIds()
    assert [ids.next(), ids.next()] == ["T1", "T2"]


# ---- notifiers -----------------------------------------------------------------------------------------------------

NOTICE = Notify("D1", Severity.PAGE, "an exit is not placed")


class Unreachable(Notifier):
    def __init__(self, failures):
        self.failures, self.told = failures, []

    async def notify(self, notice):
        if self.failures:
            self.failures -= 1
            raise PortUnavailableError("away")
        self.told.append(notice)


def test_a_page_is_critical_in_the_log(caplog):
    import logging

    asyncio.run(LogNotifier(logging.getLogger("notices")).notify(NOTICE))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("CRITICAL", NOTICE.text)]


def test_each_notifier_is_told_whatever_becomes_of_the_others_and_only_once():
    near, far = [], Unreachable(failures=1)
    both = Notifiers(far, TerminalNotifier(near.append))
    with pytest.raises(PortUnavailableError):
        asyncio.run(both.notify(NOTICE))
    assert (near, far.told) == ([NOTICE], [])
    asyncio.run(both.notify(NOTICE))
    assert (near, far.told) == ([NOTICE], [NOTICE])


# ---- lines ---------------------------------------------------------------------------------------------------------


def read_all(text, clock=None):
    errors = []
    source = LineAlertSource(io.StringIO(text), clock or SetClock(), on_error=errors.append, on_reply=errors.append)

    async def collect():
        return [message async for message in source.messages()]

    return asyncio.run(collect()), errors


def test_a_line_of_text_is_the_local_users_post_now():
    message = read_line("BTO UBER 78p 12/18 @ 0.75", NOW)
    assert (message.user_id, message.channel_id, message.posted_at) == (LOCAL_USER, LOCAL_CHANNEL, NOW)
    assert (message.source, message.kind, message.dry_run) == (Source.LOCAL, MessageKind.POST, False)


def test_two_lines_are_two_messages():
    assert read_line("hello", NOW).message_id != read_line("hello", NOW).message_id


def test_a_json_line_says_who_where_and_when():
    line = {"text": "hi", "user_id": "7", "channel_id": 8, "message_id": 9, "posted_at": "2026-11-23T10:00:00-05:00"}
    message = read_line(json.dumps(line), NOW)
    assert (message.user_id, message.channel_id, message.message_id, message.posted_at) == (7, 8, "9", NOW)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{bad", "not valid JSON"),
        ('{"text": 5}', '"text"'),
        ("{}", '"text"'),
        ('{"text": "x", "txet": "y"}', "'txet'"),
        ('{"text": "x", "user_id": true}', '"user_id"'),
        ('{"text": "x", "user_id": -1}', '"user_id"'),
        ('{"text": "x", "channel_id": "general"}', '"channel_id"'),
        ('{"text": "x", "message_id": []}', '"message_id"'),
        ('{"text": "x", "message_id": " "}', '"message_id"'),
        ('{"text": "x", "posted_at": "yesterday"}', '"posted_at"'),
        ('{"text": "x", "posted_at": 5}', '"posted_at"'),
        ('{"text": "x", "posted_at": "2026-11-23T10:00:00"}', "time zone"),
        ('{"text": "x", "dry_run": "yes"}', '"dry_run"'),
        ('{"text": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_names_the_value_and_the_mend(line, named):
    with pytest.raises(LineError, match=re.escape(named)):
        read_line(line, NOW)


def test_a_bad_line_is_told_and_the_next_one_is_read():
    messages, errors = read_all("BTO A 1c 12/18 @ 1\n\n{bad\nhello\n")
    assert [message.text for message in messages] == ["BTO A 1c 12/18 @ 1", "hello"]
    assert len(errors) == 1
    assert errors[0].startswith("line 3: ")


def test_a_line_posted_in_the_future_waits_for_its_instant():
    clock = SetClock()
    later = NOW + timedelta(hours=1)
    messages, _ = read_all(json.dumps({"text": "hi", "posted_at": later.isoformat()}), clock)
    assert clock.now() == later
    assert messages[0].posted_at == later


def test_more_lines_than_are_read_ahead_all_come_in_order():
    messages, _ = read_all("".join(f"line {number}\n" for number in range(500)))
    assert [message.text for message in messages] == [f"line {number}" for number in range(500)]
