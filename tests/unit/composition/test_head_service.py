"""Heads are signed at the start, as rows come and as time passes; a disk that fails is told once and stops nothing."""

import asyncio
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from adapters.simulated.virtual import run_virtual
from adapters.sqlite import heads
from adapters.sqlite.audit_log import SqliteAuditLog
from adapters.sqlite.heads import HeadKeeper
from adapters.sqlite.reader import AuditReader
from composition.heads import AGAIN_SECONDS, EVERY_ROWS, EVERY_SECONDS, PATIENCE_SECONDS, HeadService, keep_last_head
from domain.policies import Mode
from domain.verdicts import Severity
from ports.clock import Clock
from ports.errors import PortUnavailableError
from tests.fakes.audit_entries import asked

AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


class StoppedClock(Clock):
    def now(self):
        return AT

    async def sleep_until(self, due_at):
        raise AssertionError(f"nobody waits here for {due_at}")


class Room:
    """A notifier that is away for the first `away` tries."""

    def __init__(self, away=0):
        self.away, self.heard = away, []

    async def notify(self, notice):
        self.away -= 1
        if self.away >= 0:
            raise PortUnavailableError("no answer")
        self.heard.append(notice)


@pytest.fixture
def log(tmp_path):
    with closing(SqliteAuditLog.open(tmp_path / "paper.sqlite", Mode.PAPER)) as opened:
        yield opened


@pytest.fixture
def keeper(log, tmp_path):
    return HeadKeeper(tmp_path / "paper.sqlite", None, "d")


@pytest.fixture
def service(log, keeper):
    return HeadService(log, keeper, StoppedClock())


def add(log, count):
    for number in range(count):
        log.append(asked(number))


def look(service, now):
    """Look until nothing is under way: what a thread does takes no time of the service's clock."""
    service.look(now)
    while service._begun is not None:
        service.look(now)


def kept(keeper):
    return [signed.head.seq for _, signed in heads.read(keeper.path)]


def test_the_first_look_signs_and_the_key_is_made_with_it(log, keeper, service):
    add(log, 3)
    look(service, 0)
    assert kept(keeper) == [3]
    assert keeper.key_path.exists()


def test_nothing_is_signed_of_an_empty_log(keeper, service):
    look(service, 0)
    assert not keeper.path.exists()
    assert not keeper.key_path.exists()


def test_a_head_is_signed_every_thousand_rows(log, keeper, service):
    add(log, 1)
    look(service, 0)
    add(log, EVERY_ROWS - 1)
    look(service, 1)
    assert kept(keeper) == [1]
    add(log, 1)
    look(service, 2)
    assert kept(keeper) == [1, 1 + EVERY_ROWS]


def test_a_head_is_signed_every_fifteen_minutes_in_which_something_was_written(log, keeper, service):
    add(log, 1)
    look(service, 0)
    look(service, EVERY_SECONDS)
    assert kept(keeper) == [1]
    add(log, 1)
    look(service, EVERY_SECONDS - 1)
    assert kept(keeper) == [1]
    look(service, EVERY_SECONDS)
    assert kept(keeper) == [1, 2]
    assert EVERY_SECONDS == 15 * 60


def test_only_what_is_durable_is_signed(log, keeper, service, tmp_path):
    add(log, 5)
    look(service, 0)
    with AuditReader(tmp_path / "paper.sqlite") as reader:
        assert reader.head().seq == kept(keeper)[0] == 5


# ---- a disk that fails -----------------------------------------------------------------------------------------------


def test_a_place_that_fails_is_told_once_tried_again_and_stops_nothing(log, keeper, service, caplog):
    keeper.path.mkdir()
    add(log, 1)
    room = Room()
    for now in range(0, 1000, 10):
        look(service, now)
        add(log, 1)
        log.commit()
    run_virtual(lambda _: tell(service, room))
    (notice,) = room.heard
    assert notice.severity is Severity.WARNING
    assert "signed heads cannot be kept" in notice.text
    assert "paper.sqlite.heads cannot be written" in notice.text
    assert len(notice.delivery_id) <= 25
    assert len([record for record in caplog.records if "cannot be kept" in record.message]) == 1


def test_once_it_works_again_heads_go_on_and_a_new_failure_is_told_again(log, keeper, service):
    room = Room()
    keeper.path.mkdir()
    add(log, 1)
    look(service, 0)
    run_virtual(lambda _: tell(service, room))
    keeper.path.rmdir()
    look(service, AGAIN_SECONDS - 1)
    assert not keeper.path.exists()
    look(service, AGAIN_SECONDS)
    assert kept(keeper) == [1]
    keeper.path.rename(keeper.path.with_suffix(".away"))
    keeper.path.mkdir()
    add(log, EVERY_ROWS)
    look(service, AGAIN_SECONDS + 1)
    run_virtual(lambda _: tell(service, room))
    assert len(room.heard) == 2


class Hanging(HeadKeeper):
    """A keeper whose disk answers when it is let."""

    def __init__(self, *args):
        super().__init__(*args)
        self.answers, self.asked = threading.Event(), 0

    def keep(self, *args, **kwargs):
        self.asked += 1
        self.answers.wait()
        return super().keep(*args, **kwargs)


def test_a_share_that_hangs_is_told_and_gets_no_second_writer(log, tmp_path):
    keeper = Hanging(tmp_path / "paper.sqlite", None, "d")
    service = HeadService(log, keeper, StoppedClock())
    add(log, 1)
    service.look(0)
    service.look(PATIENCE_SECONDS)
    assert service._untold == []
    service.look(PATIENCE_SECONDS + 1)
    assert "has not answered for 30 s" in service._untold[0].text
    add(log, 5 * EVERY_ROWS)
    service.look(10 * PATIENCE_SECONDS)
    assert keeper.asked == 1
    keeper.answers.set()
    look(service, 10 * PATIENCE_SECONDS)
    assert kept(keeper) == [1]


async def tell(service, room):
    await service._tell(room)


def test_a_room_that_is_away_hears_it_later_and_once(log, keeper, service):
    keeper.path.mkdir()
    add(log, 1)
    log.commit()
    room = Room(away=2)

    async def for_a_while(_loop):
        working = asyncio.create_task(service.serve(room))
        await asyncio.sleep(5 * AGAIN_SECONDS)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    run_virtual(for_a_while)
    unread, unwritten = room.heard
    assert "cannot be read" in unread.text
    assert "cannot be kept" in unwritten.text


def test_heads_that_went_away_are_told_at_the_start(log, keeper, service):
    add(log, 1)
    log.commit()
    keeper.keep(log.head(), AT)
    keeper.path.unlink()
    room = Room()

    async def for_a_moment(_loop):
        working = asyncio.create_task(service.serve(room))
        await asyncio.sleep(0.1)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    run_virtual(for_a_moment)
    (notice,) = room.heard
    assert "are not at" in notice.text
    assert "could not have been noticed" in notice.text


# ---- the end ---------------------------------------------------------------------------------------------------------


def test_the_last_head_is_signed_and_a_failure_is_a_line_in_the_process_log(log, keeper, caplog):
    keep_last_head(keeper, log, AT)
    assert not keeper.path.exists()
    add(log, 2)
    log.close()
    keep_last_head(keeper, log, AT)
    assert kept(keeper) == [2]
    keeper.path.unlink()
    keeper.path.mkdir()
    keep_last_head(keeper, log, AT)
    assert "the last head of this run, 2:" in caplog.text
