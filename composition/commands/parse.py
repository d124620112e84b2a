"""`alert-trader parse`: messages in, readings out, a JSON object a line. No settings are needed, unless a channel's."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from composition.commands.refusing import Refusal, settings_in_force

if TYPE_CHECKING:
    from datetime import date

    from domain.grammar import ChannelProfile

TODAY = "today"


@click.command(short_help="Read messages as alerts, without trading.")
@click.argument("text", required=False)
@click.option(
    "--posted-on", metavar="DATE", help="New York day of posting, 2025-11-24 or `today`, where a line has none."
)
@click.option(
    "--channel",
    type=click.IntRange(min=1),
    metavar="ID",
    help="Read with this channel's habits from alert-trader.toml.",
)
@click.option(
    "--score",
    "labelled",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Grade the readings of a labelled file and print the table.",
)
@click.pass_context
def parse(
    context: click.Context, text: str | None, posted_on: str | None, channel: int | None, labelled: str | None
) -> None:
    """Read TEXT, or JSON lines {"id", "text", "posted_on"?} from standard input, and print a JSON line for each.

    \b
    alert-trader parse "BTO UBER 78p 12/05 @ 0.75" --posted-on today
    alert-trader parse < messages.jsonl

    Without a day of posting an expiry is read but not turned into a date. Exit code 1: a line was no message.
    """
    if labelled is not None:
        if text is not None or posted_on is not None or channel is not None:
            raise click.UsageError("--score FILE stands alone: the file's lines say what they are")
        context.exit(_score(labelled))
    day = _day(posted_on)
    profile = _profile(channel)
    if text is not None and text != "-":
        from composition.reading import parse_text

        _print(parse_text(text, posted_on=day, profile=profile))
        return
    context.exit(_parse_lines(day, profile))


def _parse_lines(day: "date | None", profile: "ChannelProfile") -> int:
    from composition.reading import parse_line
    from domain.calendar import TradingCalendar

    stdin = sys.stdin.buffer
    if stdin.isatty():
        click.echo('One message a line: {"id": "1", "text": "BTO …"}. End with Ctrl-D.', err=True)
    calendar = TradingCalendar()
    wrong = 0
    for number, line in _lines(stdin):
        try:
            _print(parse_line(line.decode(), number, posted_on=day, calendar=calendar, profile=profile))
        except UnicodeDecodeError as error:
            wrong += 1
            click.echo(f"Error: line {number}: {error}: write it in UTF-8", err=True)
        except ValueError as error:
            wrong += 1
            click.echo(f"Error: {error}", err=True)
    return 1 if wrong else 0


def _lines(stream: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(stream, start=1):
        content = line.removeprefix(b"\xef\xbb\xbf").strip()
        if content:
            yield number, content


def _score(path: str) -> int:
    from composition.scoring import render, score

    try:
        with open(path, encoding="utf-8-sig") as lines:  # noqa: PTH123 - pathlib costs start-up time
            click.echo(render(score(lines)))
    except (OSError, ValueError) as error:
        click.echo(f"Error: {path}: {error}", err=True)
        return 1
    return 0


def _print(reading: dict[str, object]) -> None:
    click.echo(json.dumps(reading))


def _day(text: str | None) -> "date | None":
    if text is None:
        return None
    from datetime import UTC, date, datetime

    if text == TODAY:
        from domain.calendar import new_york_date

        return new_york_date(datetime.now(UTC))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date: write 2025-11-24 or today", param_hint="--posted-on") from None


def _profile(channel: int | None) -> "ChannelProfile":
    from domain.grammar import DEFAULT_PROFILE

    if channel is None:
        return DEFAULT_PROFILE
    profiles = settings_in_force().desk.profiles
    if channel not in profiles:
        known = ", ".join(str(number) for number in profiles) or "none"
        raise Refusal(
            f"--channel {channel} has no habits in alert-trader.toml, which knows {known}: add [channels.{channel}]"
        )
    return profiles[channel]
