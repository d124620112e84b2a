"""Logins keep their distance from each other."""

from adapters.discord.client import DiscordClient
from adapters.discord.pace import Pace
from adapters.simulated.virtual import VirtualTimeLoop, run_virtual


class Nobody:
    """Hears nothing."""


def test_a_second_login_waits_until_the_first_is_five_seconds_old():
    async def main(loop: VirtualTimeLoop) -> None:
        client = DiscordClient(Nobody(), Pace())
        start = loop.time()
        await client.before_identify_hook(None, initial=True)
        assert loop.time() == start
        await client.before_identify_hook(None)
        assert loop.time() == start + 5
        await client.before_identify_hook(None)
        assert loop.time() == start + 10

    run_virtual(main)
