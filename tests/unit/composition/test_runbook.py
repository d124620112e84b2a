"""The runbook covers every notice that the desk can give and every halt; a new notice fails here until it does."""

import ast
import re
from pathlib import Path

import pytest

from domain.verdicts import HaltCause

ROOT = Path(__file__).parents[3]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
DESK = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "domain").rglob("*.py")))
# What each notice says wherever it is about; two of them hand on words that were said elsewhere.
PHRASES = (
    "Entries halted (",
    "Entries resumed by",
    "No clear answer for",
    "never reached the broker",
    "are gone from the account after the last trading day",
    "are still held on their last trading day",
    "was edited and now reads as",
    "of closed trade",
    "of finished close",
    "an exit was cancelled by hand at the broker",
    "more were sold than the desk held",
    "Its exits cover what is left of it",
    "Close of ",
    "nothing is sold until then",
    "not placed (attempt",
    "it stays uncovered",
    "It is tried again until it is",
    "The broker's answer is not believed",
    "alerts came today",
    "were sold by this system's own order",
    "are in the account again",
    "Entries are halted already.",
    "contracts are uncovered, their exit was withheld",
)
HANDED_ON = 2  # an operator's own request has no message to reply to; an entry that lacks money says its denial
LOGGED = (
    "entries are halted, to be mended: ",
    "could not be checked: ",
    "to be known: ",
    "not ended in order after",
    "the machine's clock went ahead by ",
    "the machine's clock is ",
    " can no longer be written, the run goes on without it",
    " lines are left out here: nobody read them in time",
)
LOGGING = (
    "composition/live.py",
    "composition/admission.py",
    "composition/last_resort.py",
    "composition/printing.py",
    "adapters/system/clock.py",
)


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_notice_is_in_the_runbook_in_the_words_that_the_desk_uses(phrase):
    assert phrase in DESK
    assert phrase in RUNBOOK


def test_no_notice_is_left_out():
    calls = [
        node
        for node in ast.walk(ast.parse(DESK))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "notify"
    ]
    assert len(calls) == len(PHRASES) + HANDED_ON
    assert "`insufficient_buying_power`" in RUNBOOK


@pytest.mark.parametrize("cause", HaltCause)
def test_a_halt_has_a_row_with_what_to_look_at_and_what_to_do(cause):
    (row,) = re.findall(rf"^\| `{cause.value}` \| (.+?) \| (.+?) \|$", RUNBOOK, re.MULTILINE)
    assert all(cell.strip() for cell in row)


@pytest.mark.parametrize("words", LOGGED)
def test_a_line_of_the_process_is_in_the_runbook_in_its_own_words(words):
    lines = [(ROOT / name).read_text(encoding="utf-8") for name in LOGGING]
    assert any(words in text for text in lines)
    assert words.strip() in RUNBOOK


@pytest.mark.parametrize("page", ["runbook.md", "going-live.md"])
def test_the_settings_and_pages_that_are_named_exist(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[\w.]+)?`", text))
    assert named
    assert not {name for name in named if f"`{name}`" not in settings}
    assert all((ROOT / "docs" / target).exists() for target in re.findall(r"\]\(([\w./-]+\.md)\)", text))
