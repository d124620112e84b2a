"""`alert-trader audit head`, `key` and `accept-loss`: the log's signed heads for people."""

import re
from typing import TYPE_CHECKING

import click

from composition.commands.audit_file import heads_of, log_of, of_log, reading, with_heads
from composition.commands.refusing import Refusal

if TYPE_CHECKING:
    from adapters.sqlite.agreement import Agreement
    from adapters.sqlite.reader import AuditReader
    from adapters.sqlite.signing import SigningKey


@click.command()
@of_log
def head(db: str | None, mode: str) -> None:
    """Print the log's head now, signed, as one line: mail it, or append it to a file elsewhere."""
    from datetime import UTC, datetime

    from adapters.sqlite.heads import sign

    key = _key(db, mode)
    with reading(db, mode) as log:
        about = log.about()
        click.echo(sign(key, about.database_id, about.head, datetime.now(UTC)).line())


@click.command()
@of_log
def key(db: str | None, mode: str) -> None:
    """Print the public key that the log's heads are signed with. Note it where the desk's machine cannot write."""
    click.echo(_key(db, mode).public)


@click.command("accept-loss", short_help="Go on from a log whose last rows are lost for good.")
@click.option(
    "--no-order-since", is_flag=True, help="Confirms that the desk has sent no order since the last row that is left."
)
@click.option("--by", default="the operator", show_default=True, metavar="NAME", help="Who decides this.")
@with_heads
@of_log
def accept_loss(db: str | None, mode: str, heads: str | None, by: str, *, no_order_since: bool) -> None:
    """Let the desk go on from a log that has lost rows, with entries halted until somebody has looked.

    Look at the broker's order history first. If the desk has sent an order since the last row that is left, this is
    not the way: the desk would not know that order and would use its id again. Begin a new log then.
    """
    from datetime import UTC, datetime

    from composition.loss import LossError, accept, lost
    from ports.errors import AuditUnavailableError

    path, heads_file = log_of(db, mode), heads_of(db, mode, heads)
    try:
        found = lost(path, heads_file)
        click.echo(f"{found.told}.")
        if not no_order_since:
            raise Refusal(
                "nothing is changed. Only if the broker's history shows no order of the desk's since the last row that "
                "is left: say so with --no-order-since. Otherwise begin a new log, see docs/audit.md"
            )
        row = accept(path, heads_file, by, datetime.now(UTC))
    except (LossError, AuditUnavailableError) as error:
        raise Refusal(str(error)) from error
    click.secho(
        f"Accepted by {by}: rows {found.lost_from} to {found.lost_to} as they were signed. Row {row} halts entries; "
        "look at the account after the start, then resume.",
        fg="yellow",
    )


def _key(db: str | None, mode: str) -> "SigningKey":
    from adapters.sqlite.heads import key_path
    from adapters.sqlite.signing import HeadsError, SigningKey

    try:
        return SigningKey.read(key_path(log_of(db, mode)))
    except HeadsError as error:
        raise Refusal(str(error)) from error


def compared(log: "AuditReader", db: str | None, mode: str, heads: str | None, key_given: str | None) -> "Agreement":
    """Return how the log stands to its signed heads. Raises Refusal where these cannot be read."""
    from adapters.sqlite.agreement import agreement
    from adapters.sqlite.signing import HeadsError
    from composition.heads import public_key_of

    path = heads_of(db, mode, heads)
    if heads is not None and not path.exists():
        raise Refusal(f"--heads {heads}: there is no such file")
    if key_given is not None and not re.fullmatch("[0-9a-f]{64}", key_given):
        raise Refusal(f"--key {key_given} is no public key: write the 64 digits that `audit key` printed")
    try:
        return agreement(log, path, key_given or public_key_of(log_of(db, mode)), thorough=True)
    except HeadsError as error:
        raise Refusal(str(error)) from error


def tell(found: "Agreement", key_given: str | None) -> bool:
    """Say in plain lines what the signed heads say of the log; return whether nothing speaks against it.

    Who names a key wants its signatures: heads of another key, or none of this one, are against it then.
    """
    own = found.held - len(found.foreign)
    is_wrong_key = key_given is not None and (found.foreign or not own)
    if found.contradiction is not None:
        click.secho(f"BAD: {found.contradiction.told}.", fg="red")
    elif is_wrong_key:
        told = f"{own} of the {found.held} signed heads in {found.path} that hold are by the key that you gave"
        click.secho(f"BAD: {told}: log and heads were made anew with another key, or it is not this log's.", fg="red")
    elif found.newest is None:
        click.echo(f"No signed heads in {found.path}: rows cut off the end would not be noticed.")
    else:
        void = f" {found.void} are void by an accepted loss." if found.void else ""
        click.secho(
            f"Signed heads: {found.held} in {found.path}, all true; the newest is of row {found.newest.head.seq}, "
            f"signed {found.newest.at:%Y-%m-%d %H:%M:%S} UTC by key {found.newest.key}.{void}",
            fg="green",
        )
    if found.damaged:
        click.secho(f"Lines that hold no genuine head: {_listed(found.damaged)}", fg="yellow")
    if found.foreign:
        other = "this log's" if key_given is None else "the one that you gave"
        click.secho(f"Lines signed by another key than {other}: {_listed(found.foreign)}", fg="yellow")
    return found.contradiction is None and not is_wrong_key


def _listed(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"  # noqa: PLR2004
