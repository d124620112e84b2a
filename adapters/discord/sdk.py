"""discord.py: the one place that imports it.

It brings Python's `audioop` for voice calls, whose import warns that later Pythons lack it. Nobody speaks here.
"""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=".*audioop.*", category=DeprecationWarning)
    import aiohttp
    import discord
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

# What a call to Discord ends with when Discord, or the way to it, is at fault. RuntimeError: its session was closed.
TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, RuntimeError)


def in_words(error: Exception) -> str:
    """Return what went wrong with a call, for the log and the operator.

    The type is named where the text alone says little: an error without any, or one that was not meant for people.
    """
    name, text = type(error).__name__, str(error)
    if not text:
        return f"Discord: {name}"
    return f"Discord: {text}" if isinstance(error, TROUBLE) else f"Discord: {name}: {text}"


__all__ = ["TROUBLE", "DiscordWebSocket", "Route", "aiohttp", "discord", "in_words"]
