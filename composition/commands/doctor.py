"""`alert-trader doctor`: is everything ready for `run`, and if not, what is to be done. It changes nothing."""

import json
from typing import TYPE_CHECKING

import click

from composition.commands.refusing import Refusal, listed, refuse_without_assertions, settings_in_force

if TYPE_CHECKING:
    from ports.examination import Finding

SETTINGS = "settings"
WIDTH = 7
STYLES = {
    "ok": {"fg": "green"},
    "note": {"fg": "cyan"},
    "no": {"fg": "red", "bold": True},
    "unknown": {"fg": "yellow"},
}


@click.command(short_help="Check everything before `run`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: a finding for each check.")
@click.pass_context
def doctor(context: click.Context, *, as_json: bool) -> None:
    """Look settings, log, Discord and Tastytrade over and say what is to be done. Nothing is changed anywhere.

    What says NO keeps `run` from starting; with open trades it starts for these alone, entries halted.

    Exit codes: 0 all is well, 1 something must be mended or could not be checked, 2 the settings are wrong.
    """
    import asyncio

    refuse_without_assertions()
    settings = settings_in_force()
    from composition.doctor import examine
    from composition.log_lines import log_to_stderr
    from composition.settings import SettingsError

    log_to_stderr(settings, quietly=True)
    try:
        findings = asyncio.run(examine(settings))
    except SettingsError as error:
        raise Refusal(listed(error.problems)) from error
    if as_json:
        click.echo(
            json.dumps({"ok": _code(findings) == 0, "checks": [_fields(finding) for finding in findings]}, indent=2)
        )
    else:
        for finding in findings:
            _show(finding)
    context.exit(_code(findings))


def _code(findings: "tuple[Finding, ...]") -> int:
    if any(finding.check == SETTINGS and finding.outcome == "no" for finding in findings):
        return 2
    return 0 if all(finding.outcome in {"ok", "note"} for finding in findings) else 1


def _show(finding: "Finding") -> None:
    word = finding.outcome.value.upper() if finding.outcome in {"no", "note"} else finding.outcome.value
    outcome = click.style(f"{word:<{WIDTH}}", **STYLES[finding.outcome.value])  # type: ignore[arg-type] # click's keywords
    click.echo(f"{outcome}  {finding.check}: {finding.told}")
    if finding.mend:
        click.echo(f"{'':<{WIDTH}}  -> {finding.mend}")


def _fields(finding: "Finding") -> dict[str, object]:
    return {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "told": finding.told,
        "mend": finding.mend or None,
    }
