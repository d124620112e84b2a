"""The program's door: the short way reads as the command line reads, and everything else goes there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from composition import entry
from composition.cli import main as command_line

ROOT = Path(__file__).parents[3]
HEAVY = {"click", "asyncio", "sqlite3", "pandas", "tastytrade", "discord", "starlette", "uvicorn", "cattrs"}


@pytest.mark.parametrize("text", ["BTO UBER 78p 12/05 @ 0.75", "good morning", "", "STC 1/2 AMD 220c @ 2.50 🚀"])
def test_a_text_is_read_as_the_command_line_reads_it(capsys, monkeypatch, text):
    monkeypatch.setattr(sys, "argv", ["alert-trader", "parse", text])
    entry.main()
    assert capsys.readouterr().out == CliRunner().invoke(command_line, ["parse", text]).stdout


@pytest.mark.parametrize("arguments", [["parse", "--help"], ["--help"], [], ["parse", "BTO", "UBER"]])
def test_everything_else_goes_to_the_command_line(capsys, monkeypatch, arguments):
    monkeypatch.setattr(sys, "argv", ["alert-trader", *arguments])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == CliRunner().invoke(command_line, arguments).exit_code
    said = capsys.readouterr()
    told = said.out + said.err
    assert re.search("^Usage: (?:python -m pytest[.])?alert-trader ", told, re.MULTILINE), told


def test_reading_a_text_needs_the_grammar_alone():
    program = (
        "import sys\n"
        "from composition import entry\n"
        "sys.argv = ['alert-trader', 'parse', 'BTO UBER 78p 12/05 @ 0.75']\n"
        "entry.main()\n"
        f"print(sorted({HEAVY!r} & sys.modules.keys()))\n"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own text
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
