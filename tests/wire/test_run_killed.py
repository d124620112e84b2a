"""`run` is killed at random instants and started again on the same log: nothing is lost and nothing is done twice.

The process is the real one, its death SIGKILL, the broker's ledger the judge.
"""

import asyncio
import sys
from random import Random, SystemRandom

import pytest

from tests.wire.kills.checks import Record, loose_sells
from tests.wire.kills.scene import SETTINGS, Scene, told_of
from tests.wire.running import Town, spawn, town

KILLS = 100
# An order that never arrived is proven absent after two minutes of readings at most.
REST_SECONDS = 300.0


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing_and_do_nothing_twice(tmp_path):
    seed = SystemRandom().randrange(1_000_000)
    sys.stdout.write(f"seed {seed}\n")

    async def main() -> None:
        async with town(tmp_path, **SETTINGS) as made:
            scene = await Scene.set_up(made, Random(seed))  # noqa: S311 - draws a run
            await _die_often(scene, KILLS)
            sys.stdout.write(f"seed {seed}: {told_of(scene)}\n")
            assert scene.books.violations == []
            assert sum(scene.lives.values()) == KILLS
            await _judge(made, scene)

    asyncio.run(main())


async def _die_often(scene: Scene, kills: int) -> None:
    posting = asyncio.create_task(scene.post_alerts())
    filling = asyncio.create_task(scene.fill_orders())
    try:
        for _ in range(kills):
            await scene.live_and_die()
        posting.cancel()
        await scene.start()
        await scene.come_to_rest(REST_SECONDS)
        await scene.stop()
    finally:
        posting.cancel()
        filling.cancel()
        await asyncio.gather(posting, filling, return_exceptions=True)


async def _judge(made: Town, scene: Scene) -> None:
    books, record = scene.books, Record(made.home / "log.sqlite")
    assert books.amiss_at_rest() == []
    assert books.wrong_exits() == []
    assert loose_sells(made.broker) == []
    taken = record.trades_by_message()
    # Before the desk has heard its first post it knows of no gap: what came earlier is not read back.
    first_heard = next(place for place, number in enumerate(scene.posted) if str(number) in taken)
    assert [number for number in scene.posted[first_heard:] if str(number) not in taken] == []
    traded = set(books.trades)
    assert {message: ids for message, ids in taken.items() if len(traded.intersection(ids)) > 1} == {}
    at_the_broker = {order["external-identifier"] for order in made.broker.ledger.orders.values()}
    assert at_the_broker <= record.intended()
    assert len(traded) > KILLS // 10, "too little was traded for a judgement"
    assert record.rows("TradingHalted") == []
    code, out, err = await (await spawn(made, "audit", "verify")).over()
    assert code == 0, out + err
