"""How a command says no: one `Error:` on stderr that names what is wrong and the mend, and exit code 2."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from composition.settings import Settings


class Refusal(click.ClickException):
    """The command cannot start: a wrong setting, a missing file."""

    exit_code = 2


def refuse_without_assertions() -> None:
    """Raise Refusal where Python was told to leave assertions out.

    Our own checks raise and would stay. Libraries that write to the broker, the room and the API check themselves with
    assertions, and nothing of this program was ever tested without them.
    """
    if sys.flags.optimize:
        raise Refusal(
            "Python runs without assertions (-O or PYTHONOPTIMIZE), which libraries check themselves with; "
            "nothing is traded then. Start it without -O and with PYTHONOPTIMIZE unset"
        )


def settings_in_force() -> "Settings":
    """Return the settings. Raises Refusal with every problem that they have."""
    from composition.settings import SettingsError, load

    try:
        return load()
    except SettingsError as error:
        raise Refusal(listed(error.problems)) from error


def listed(problems: tuple[str, ...]) -> str:
    """Return the problems of the settings as one message."""
    if len(problems) == 1:
        return problems[0]
    lines = "".join(f"\n  {problem}" for problem in problems)
    return f"{len(problems)} settings are wrong:{lines}"
