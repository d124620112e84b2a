"""The command line: `alert-trader COMMAND`. Light to import: each command brings in what it needs when it runs.

Exit codes: 0 done, 1 the answer is no, 2 the command or the settings are wrong.
"""

import os

import click

from composition.commands.audit import audit
from composition.commands.config import config
from composition.commands.doctor import doctor
from composition.commands.explain import explain
from composition.commands.paper import paper
from composition.commands.parse import parse
from composition.commands.run import run
from composition.commands.simulate import simulate


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="alert-trader", prog_name="alert-trader", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Trade option alerts from Discord rooms, carefully.

    Start with `alert-trader paper`: it needs no account and risks no money. Settings come from the environment, `.env`
    and `alert-trader.toml`; `alert-trader config show` lists them all.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


main.add_command(paper)
main.add_command(run)
main.add_command(parse)
main.add_command(explain)
main.add_command(audit)
main.add_command(config)
main.add_command(doctor)
main.add_command(simulate)


if __name__ == "__main__":
    main()
