"""`alert-trader explain`: one message, and all that the desk would think of it, for people or as JSON."""

import json

import click

from composition.commands.refusing import settings_in_force


@click.command(short_help="Show what the desk would make of a message, without an order.")
@click.argument("text")
@click.option(
    "--channel",
    type=click.IntRange(min=1),
    default=1,
    metavar="ID",
    help="Read and size it as in this channel of alert-trader.toml.",
)
@click.option("--market-hours", is_flag=True, help="Keep the exchange's hours; otherwise the market is always open.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def explain(context: click.Context, text: str, channel: int, *, market_hours: bool, as_json: bool) -> None:
    """Explain TEXT as if posted now: how it reads, every check, the size, the ladder's prices. Places no order.

    The market is the simulated one around the alert's price, the account holds 50,000 dollars and nothing else; limits
    are yours. Exit code 1: it would not trade, and why.
    """
    settings = settings_in_force()
    from datetime import UTC, datetime

    from composition.explained import lines_of
    from composition.explaining import as_dict, explain_message
    from domain.policies import Mode

    policies = settings.policies(Mode.PAPER, market_hours=market_hours)
    found = explain_message(text, datetime.now(UTC), policies, channel)
    if as_json:
        click.echo(json.dumps(as_dict(found)))
    else:
        for line in lines_of(found):
            click.echo(line)
    context.exit(0 if found.would_trade else 1)
