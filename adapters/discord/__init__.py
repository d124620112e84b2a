"""Discord: messages in, replies and notices out. The only place that knows discord.py."""
