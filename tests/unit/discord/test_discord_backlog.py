"""The bookkeeping of gaps, the memory of recent messages, and the delays between tries."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from adapters.discord.backlog import REMEMBERED, Backlog, Changes, Recent, Seen
from adapters.discord.pace import Pace
from domain.events import MessageDeleted, MessageEdited

EARLY, LATE = datetime(2026, 11, 20, 15, 0, tzinfo=UTC), datetime(2026, 11, 20, 15, 1, tzinfo=UTC)


def _seen(text: str, edited_at: datetime | None = None, *, is_live: bool = True) -> Seen:
    return Seen(text=text, edited_at=edited_at, is_live=is_live)


def test_before_anything_is_read_back_every_channel_may_lack_messages():
    backlog = Backlog(lambda _: None)
    assert backlog.is_open(1)
    assert backlog.begin({2, 1}) == [1, 2]
    assert not backlog.is_open(3)


def test_reading_starts_after_what_the_log_knows_then_after_what_was_settled():
    log = {1: 50}
    backlog = Backlog(log.get)
    assert (backlog.after(1, 10), backlog.after(2, 10)) == (50, 10)
    log.update({1: 55, 2: 55})
    assert (backlog.after(1, 20), backlog.after(2, 20)) == (50, 10)
    backlog.begin({1, 2})
    backlog.closed(1, 60, backlog.epoch)
    backlog.came(1, 70)
    assert backlog.after(1, 10) == 70


def test_a_live_message_settles_nothing_while_something_before_it_may_be_missing():
    backlog = Backlog({1: 50}.get)
    backlog.begin({1})
    backlog.came(1, 70)
    assert backlog.after(1, 10) == 50
    backlog.closed(1, 60, backlog.epoch)
    backlog.came(1, 70)
    backlog.lost()
    backlog.came(1, 80)
    assert backlog.after(1, 10) == 70


def test_a_reading_that_a_loss_overtook_does_not_close_the_channel():
    backlog = Backlog(lambda _: None)
    epoch = backlog.epoch
    backlog.begin({1})
    backlog.lost()
    backlog.begin({1})
    backlog.closed(1, 60, epoch)
    assert backlog.is_open(1)
    assert backlog.after(1, 10) == 60


def test_a_channel_that_failed_is_read_again_with_the_next_gap_only_while_it_is_allowed():
    backlog = Backlog(lambda _: None)
    backlog.begin({1, 2})
    assert backlog.begin({2, 3}) == [2]
    backlog.lost()
    assert backlog.begin({3}) == [3]


def test_what_could_not_be_handed_on_is_read_again_from_there():
    backlog = Backlog(lambda _: None)
    backlog.begin({1, 5})
    backlog.closed(5, 90, backlog.epoch)
    backlog.dropped(5, 70)
    backlog.dropped(5, 80)
    assert backlog.is_open(5)
    assert backlog.after(5, 10) == 69
    backlog.lost()
    backlog.dropped(6, 40)
    assert (backlog.after(6, 10), backlog.begin({6})) == (39, [6])


@pytest.mark.parametrize(
    ("known", "update", "is_edit"),
    [
        (None, _seen("new", EARLY), True),
        (None, _seen("preview"), False),
        (_seen("old"), _seen("old\npreview"), False),
        (_seen("old"), _seen("new", EARLY), True),
        (_seen("old"), _seen("old", EARLY), False),
        (_seen("old", EARLY), _seen("old\npreview", EARLY), False),
        (_seen("old", EARLY), _seen("new", LATE), True),
    ],
)
def test_an_edit_is_a_new_wording_at_a_new_instant(known, update, is_edit):
    recent = Recent()
    if known is not None:
        recent.remember(7, known)
    assert recent.is_edit(7, update) is is_edit


def test_the_memory_is_bounded_and_can_forget():
    recent = Recent()
    for number in range(REMEMBERED + 1):
        recent.remember(number, _seen("x"))
    assert 0 not in recent
    assert REMEMBERED in recent
    recent.forget(REMEMBERED)
    recent.forget(REMEMBERED)
    assert REMEMBERED not in recent


def test_what_the_history_told_first_has_overtaken_its_event():
    recent = Recent()
    recent.remember(1, _seen("x", is_live=False))
    recent.remember(2, _seen("x"))
    assert [recent.overtook(number) for number in (1, 2, 3)] == [True, False, False]


def test_delays_double_to_their_most_and_are_never_less_than_half():
    longest = [1, 2, 4, 8, 16, 30, 30, 30]
    for _ in range(50):
        delays = list(islice(Pace(first=1, most=30).delays(), 8))
        assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))


def test_of_changes_the_last_of_each_message_is_kept_in_order():
    changes = Changes()
    for change in (MessageEdited("1", "a"), MessageEdited("2", "b"), MessageDeleted("1")):
        assert changes.keep(change) is None
    assert [changes.take() for _ in range(len(changes))] == [MessageEdited("2", "b"), MessageDeleted("1")]


def test_where_too_many_changes_wait_the_oldest_is_given_back():
    changes = Changes()
    for number in range(REMEMBERED):
        assert changes.keep(MessageDeleted(str(number))) is None
    assert changes.keep(MessageDeleted("one more")) == MessageDeleted("0")
    assert len(changes) == REMEMBERED
