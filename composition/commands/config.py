"""`alert-trader config`: what is set, where it came from, and whether it is sound. Shows no secret."""

import json
from typing import TYPE_CHECKING

import click

from composition.commands.refusing import Refusal, listed, settings_in_force

if TYPE_CHECKING:
    from composition.settings import Effective, Settings

NOT_SET = "-"


@click.group(short_help="Show and check the settings.")
def config() -> None:
    """Show and check the settings: the environment wins over `.env`, which wins over `alert-trader.toml`."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object: a value and its origin by name.")
def show(*, as_json: bool) -> None:
    """List every setting in force and where it came from. Secrets are masked."""
    settings = settings_in_force()
    if as_json:
        found = {entry.name: {"value": entry.value or None, "origin": entry.origin} for entry in settings.effective}
        click.echo(json.dumps(found, indent=2))
        return
    width = max(len(entry.name) for entry in settings.effective)
    for title, entries in _grouped(settings):
        click.secho(title, bold=True)
        for entry in entries:
            line = f"  {entry.name:<{width}}  {entry.value or NOT_SET:<18} "
            click.echo(line + click.style(entry.origin, dim=entry.is_default, fg=None if entry.is_default else "green"))


@config.command()
def check() -> None:
    """Check the settings without starting anything. Exit code 2: something is wrong."""
    from composition.settings import SettingsError

    settings = settings_in_force()
    try:
        mode = settings.run_mode()
    except SettingsError as error:
        raise Refusal(listed(error.problems)) from error
    click.echo(f"The settings are sound. `run` would be in mode {mode}.")
    for name in ("ALLOWED_USERS", "ALLOWED_CHANNELS"):
        if not getattr(settings.desk, name.lower()):
            click.echo(f"{name} is empty: nobody in Discord can trade.")


def _grouped(settings: "Settings") -> "list[tuple[str, list[Effective]]]":
    from composition.settings import table
    from composition.settings.meanings import AREAS

    structured = "By label and by channel"
    groups: dict[str, list[Effective]] = {title: [] for title in (*AREAS.values(), structured)}
    for entry in settings.effective:
        setting = table().get(entry.name)
        groups[structured if setting is None else AREAS[setting.area]].append(entry)
    return [(title, entries) for title, entries in groups.items() if entries]
