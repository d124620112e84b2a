"""The command line: `alert-trader COMMAND`. Light to import: a command's module is imported when it is asked for.

Exit codes: 0 done, 1 the answer is no, 2 the command or the settings are wrong.
"""

import os
from importlib import import_module

import click

from composition.version import VERSION

# Each is a module of `composition.commands` that holds the command under its own name; `--help` keeps this order.
COMMANDS = ("audit", "config", "doctor", "explain", "paper", "parse", "replay", "run", "simulate")


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of `--help`."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, its module imported now, or None."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(f"composition.commands.{cmd_name}"), cmd_name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="alert-trader", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Trade option alerts from Discord rooms, carefully.

    Start with `alert-trader paper`: it needs no account and risks no money. Settings come from the environment, `.env`
    and `alert-trader.toml`; `alert-trader config show` lists them all.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


if __name__ == "__main__":
    main()
