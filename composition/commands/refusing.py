"""How a command says no: one `Error:` on stderr that names what is wrong and the mend, and exit code 2."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from composition.settings import Settings


class Refusal(click.ClickException):
    """The command cannot start: a wrong setting, a missing file."""

    exit_code = 2


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
