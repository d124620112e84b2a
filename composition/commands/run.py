"""`alert-trader run`: the desk on Discord and Tastytrade. The run itself is `composition.live`."""

import logging

import click

from composition.commands.refusing import Refusal, listed, refuse_without_assertions, settings_in_force


@click.command(short_help="Trade: Discord listens, Tastytrade acts.")
@click.option("--json", "as_json", is_flag=True, help="Print log rows as JSON lines instead of the story.")
@click.pass_context
def run(context: click.Context, *, as_json: bool) -> None:
    """Run the desk on Discord and Tastytrade until it is told to stop.

    It starts as a dry run in the sandbox. Live trading needs TASTYTRADE_DRY_RUN and TASTYTRADE_USE_SANDBOX both false
    and LIVE_ACCOUNT_CONFIRMED equal to TASTYTRADE_ACCOUNT. It refuses to start where anything is unclear.
    """
    refuse_without_assertions()
    settings = settings_in_force()
    from composition.live import run_live
    from composition.log_lines import log_to_stderr
    from composition.serving import StartError
    from composition.settings import SettingsError
    from ports.errors import AuditUnavailableError

    log = log_to_stderr(settings)
    try:
        code = run_live(settings, as_json=as_json)
    except SettingsError as error:
        raise Refusal(listed(error.problems)) from error
    except StartError as error:
        raise Refusal(str(error)) from error
    except AuditUnavailableError as error:
        raise click.ClickException(f"{error}; nothing was sent after that") from error
    except Exception:
        # A traceback of Python's own would not have its secrets masked.
        logging.getLogger(__name__).critical("a bug ended the desk; a restart goes on from the log", exc_info=True)
        code = 1
    finally:
        log.flush()
    context.exit(code)
