"""Which log a command of `alert-trader audit` means, and that log opened for reading."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from composition.commands.refusing import Refusal, settings_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters.sqlite.reader import AuditReader

F = TypeVar("F", bound="Callable[..., None]")
MODES = ("paper", "dry_run", "sandbox", "live")


def of_log(command: "F") -> "F":
    """Give a command the options that say which file, as `db` and `mode`."""
    path = click.option(
        "--db", type=click.Path(dir_okay=False), metavar="PATH", help="The log's file, instead of ALERT_TRADER_DB."
    )
    mode = click.option(
        "--mode", type=click.Choice(MODES), default="paper", show_default=True, help="Whose log, without --db."
    )
    return path(mode(command))


def with_heads(command: "F") -> "F":
    """Give a command the option that says which file of signed heads, as `heads`."""
    return click.option(
        "--heads",
        type=click.Path(dir_okay=False),
        metavar="PATH",
        help="The signed heads' file, instead of ALERT_TRADER_HEADS, or of the one beside --db.",
    )(command)


@contextmanager
def reading(db: str | None, mode: str) -> "Iterator[AuditReader]":
    """Open the log for reading. Raises Refusal for one that cannot be read."""
    from adapters.sqlite.reader import AuditReader
    from ports.errors import AuditUnavailableError

    try:
        with AuditReader(log_of(db, mode)) as log:
            yield log
    except AuditUnavailableError as error:
        raise Refusal(str(error)) from error


def log_of(db: str | None, mode: str) -> "Path":
    """Return the log's file: `db`, or what the settings say for `mode`."""
    from pathlib import Path

    from domain.policies import Mode

    return settings_in_force().db_path(Mode(mode)) if db is None else Path(db)


def heads_of(db: str | None, mode: str, heads: str | None) -> "Path":
    """Return the file of the log's signed heads: `heads`, or the settings' for their own log, or beside the log."""
    from pathlib import Path

    from adapters.sqlite.heads import heads_path
    from domain.policies import Mode

    given = Path(heads) if heads is not None else None if db is not None else settings_in_force().heads_path(Mode(mode))
    return heads_path(log_of(db, mode), given)
