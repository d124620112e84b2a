"""Posts in order of time, whatever order they were added in, and a bounded number of them in memory."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from adapters.history.posts import Post
from adapters.history.spool import Spool
from domain.messages import Message, MessageKind

START = datetime(2026, 11, 2, 15, tzinfo=UTC)


def made(second, name="", **more):
    message = Message(
        message_id=name or str(second),
        channel_id=7,
        user_id=5,
        posted_at=START + timedelta(seconds=second),
        text=f"text {second} ñ \ud800",
        **more,
    )
    return Post(message=message, author="ana", channel="room", edited=second % 2 == 0)


SMALL = {"piece": 3, "at_once": 4}


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_what_was_added_comes_back_in_order_and_unchanged(tmp_path, count):
    posts = [made(number) for number in range(count)]
    mixed = Random(4).sample(posts, count)  # noqa: S311
    kept = Spool(tmp_path, **SMALL)
    for one in mixed:
        kept.add(one)
        assert len(kept._waiting) < 3
    assert list(kept.ordered()) == posts
    assert kept.count == count
    assert not list(tmp_path.iterdir())


def test_at_one_instant_the_order_of_adding_holds(tmp_path):
    posts = [made(1, name=f"m{number}") for number in range(20)]
    kept = Spool(tmp_path, **SMALL)
    for one in posts:
        kept.add(one)
    assert [one.message.message_id for one in kept.ordered()] == [f"m{number}" for number in range(20)]


def test_everything_of_a_post_survives(tmp_path):
    kept = Spool(tmp_path)
    posts = [
        made(1, kind=MessageKind.BOT, webhook_id=9, dry_run=True),
        made(2, kind=MessageKind.REPLY),
    ]
    for one in posts:
        kept.add(one)
    assert list(kept.ordered()) == posts
