"""`alert-trader paper`: its options, checked. The run itself is `composition.paper`."""

import click

from composition.commands.refusing import Refusal, refuse_without_assertions, settings_in_force

SPEED_MAX = 1_000_000
SEED_MAX = 2**63 - 1


@click.command(short_help="Trade on the simulated broker: no account, no money.")
@click.option(
    "--alerts",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help='Alerts to trade: lines of text, or of JSON {"text", "posted_at"?, …}; - reads standard input.',
)
@click.option(
    "--speed",
    type=click.FloatRange(0, SPEED_MAX, min_open=True),
    default=1.0,
    show_default=True,
    metavar="N",
    help="Market seconds a second: 10 runs ten times as fast.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, SEED_MAX),
    default=1,
    show_default=True,
    metavar="N",
    help="The simulated market's chance: the same seed gives the same prices.",
)
@click.option("--exit-when-idle", is_flag=True, help="End once all alerts are read and no order can fill by itself.")
@click.option("--market-hours", is_flag=True, help="Keep the exchange's hours; otherwise the market is always open.")
@click.option("--json", "as_json", is_flag=True, help="Print log rows as JSON lines instead of the story.")
@click.option(
    "--scenario",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Script the market: quotes, fills, rejects and failures from a TOML file.",
)
@click.option(
    "--db",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="The log's file, instead of ALERT_TRADER_DB.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="The admin API's port, instead of ADMIN_API_PORT.",
)
@click.pass_context
def paper(  # noqa: PLR0917 - click calls it by name
    context: click.Context,
    alerts: str | None,
    speed: float,
    seed: int,
    scenario: str | None,
    db: str | None,
    port: int | None,
    *,
    exit_when_idle: bool,
    market_hours: bool,
    as_json: bool,
) -> None:
    """Run the whole desk on the simulated broker: type an alert and watch it trade.

    \b
    alert-trader paper
    alert-trader paper --alerts room.txt --speed 60 --exit-when-idle
    """
    refuse_without_assertions()
    settings = settings_in_force()
    from pathlib import Path

    from composition.paper import run_paper
    from composition.paper_options import PaperOptions
    from composition.serving import StartError
    from ports.errors import AuditUnavailableError

    options = PaperOptions(
        alerts=alerts,
        speed=speed,
        seed=seed,
        exit_when_idle=exit_when_idle,
        market_hours=market_hours,
        as_json=as_json,
        scenario=None if scenario is None else Path(scenario),
        db=None if db is None else Path(db),
        port=port,
    )
    try:
        code = run_paper(settings, options)
    except StartError as error:
        raise Refusal(str(error)) from error
    except AuditUnavailableError as error:
        raise click.ClickException(f"{error}; nothing was sent after that") from error
    context.exit(code)
