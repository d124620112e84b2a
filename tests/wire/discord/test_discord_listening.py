"""What is said in Discord, as the desk hears it."""

from tests.wire.discord.bench import ANALYST, ROOM, bench, run


def test_a_post_is_heard():
    async def scenario() -> None:
        async with bench() as desk:
            message_id = await desk.stand_in.post(ROOM, ANALYST, "BTO UBER 78p 12/05 @ 0.75")
            message = await desk.hear("BTO UBER 78p 12/05 @ 0.75")
            assert message.message_id == str(message_id)
            await desk.source.reply(desk.reply(message_id, "Placed"))

    run(scenario)
