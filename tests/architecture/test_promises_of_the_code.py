"""What no linter can hold: what the core may import, what the documentation names, what a port looks like."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from domain import commands, events
from domain.desk.state import Phase
from domain.events import Operation
from domain.orders import OrderStatus
from domain.value import Value
from domain.verdicts import AnswerStatus, DenialCode, HaltCause, LadderMove

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "ports", "adapters", "composition")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
PORTS = sorted((ROOT / "ports").glob("*.py"))
# Everything that the core needs of the world: values, arithmetic and data.
ALLOWED_IN_DOMAIN = {
    "attrs",
    "collections",
    "datetime",
    "decimal",
    "domain",
    "enum",
    "fractions",
    "functools",
    "itertools",
    "operator",
    "re",
    "typing",
    "unicodedata",
    "zoneinfo",
}
# Where halts and denials may be said.
HALTERS = ("domain", "composition/admission.py", "composition/clock_watch.py", "composition/recovering.py")
LINES_AT_MOST = 400
LONG_FOR_A_REASON = {
    "domain/events.py": "a closed union stands in one place",
}
# Spelled apart, so that this list does not find itself.
LEFT_OVERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path).startswith("domain")], ids=name_of)
def test_the_core_imports_values_and_arithmetic_only(path):
    assert {name.partition(".")[0] for name in imports_of(path)} <= ALLOWED_IN_DOMAIN


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_and_says_what_it_owns(path):
    text = path.read_text(encoding="utf-8")
    if name_of(path) not in LONG_FOR_A_REASON:
        assert len(text.splitlines()) <= LINES_AT_MOST
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a module says what it owns"


def test_nothing_is_left_for_later():
    places = [ROOT / room for room in (*ROOMS, "tests", "features", "docs")]
    files = [path for place in places for path in place.rglob("*") if path.suffix in {".py", ".md", ".feature"}]
    left = [name_of(path) for path in files if LEFT_OVERS.search(path.read_text(encoding="utf-8"))]
    assert not left


def test_tests_use_no_mock_library():
    mocked = [name_of(path) for path in (ROOT / "tests").rglob("*.py") if "unittest.mock" in imports_of(path)]
    assert not mocked


def test_no_pattern_repeats_a_group_possessively():
    """Python 3.11 does that wrongly before 3.11.5, and the oldest that this program runs on is 3.11.0."""
    possessive = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+")
    texts = {name_of(path): ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES}
    found = [
        (name, node.value)
        for name, nodes in texts.items()
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and possessive.search(node.value)
    ]
    assert not found


# ---- ports ---------------------------------------------------------------------------------------------------------


def protocols():
    for path in PORTS:
        module = import_module(f"ports.{path.stem}") if path.stem != "__init__" else None
        for thing in vars(module).values() if module else ():
            if inspect.isclass(thing) and getattr(thing, "_is_protocol", False) and thing.__module__ == module.__name__:
                yield thing


@pytest.mark.parametrize("protocol", list(protocols()), ids=lambda protocol: protocol.__name__)
def test_every_method_of_a_port_is_abstract_and_says_what_it_promises(protocol):
    own = {name: member for name, member in vars(protocol).items() if not name.startswith("_")}
    methods = {name: member for name, member in own.items() if callable(member) or isinstance(member, property)}
    assert 1 <= len(methods) <= 5
    for name, member in methods.items():
        function = member.fget if isinstance(member, property) else member
        assert getattr(function, "__isabstractmethod__", False), f"{name} is not abstract"
        assert inspect.getdoc(function), f"{name} promises nothing"


# ---- documentation -------------------------------------------------------------------------------------------------

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ERRORS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
UNIONS = {"input": events.Input, "decision": events.Decision, "command": commands.Command}
KINDS = [kind for union in UNIONS.values() for kind in get_args(union)]
WORDS = [*OrderStatus, *LadderMove, *AnswerStatus]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_and_command_is_in_the_glossary(kind):
    assert re.search(rf"^\| `{kind.__name__}` \| \S", GLOSSARY, re.MULTILINE)


def test_the_glossary_names_nothing_that_is_not_there():
    named = set(re.findall(r"^\| `(\w+)` \|", GLOSSARY, re.MULTILINE))
    assert named == {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{type(word).__name__}.{word.name}")
def test_every_state_move_and_answer_is_in_the_glossary(word):
    assert f"`{word.value}`" in GLOSSARY


@pytest.mark.parametrize("code", [*DenialCode, *HaltCause], ids=lambda code: f"{type(code).__name__}.{code.name}")
def test_every_denial_and_halt_is_explained_with_what_to_do(code):
    rows = re.findall(rf"^\| `{code.value}` \| (.+?) \| (.+?) \|$", ERRORS, re.MULTILINE)
    assert rows, f"docs/errors.md has no row for {code.value}"
    assert all(meaning.strip() and mend.strip() for meaning, mend in rows)


def test_the_errors_page_names_nothing_that_is_not_there():
    named = set(re.findall(r"^\| `(\w+)` \|", ERRORS, re.MULTILINE))
    assert named == {code.value for code in [*DenialCode, *HaltCause]}


def test_the_settings_that_the_errors_page_names_exist():
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=\w+)?`", ERRORS))
    assert not {name for name in named if f"`{name}`" not in settings}


def test_every_input_decision_and_command_is_a_frozen_value():
    for kind in KINDS:
        assert kind.__setattr__.__name__ in {"__frozen_setattrs", "_frozen_setattrs"}, kind
        assert issubclass(kind, Value), kind


def test_the_unions_share_no_member():
    assert len(set(KINDS)) == len(KINDS)
    assert set(commands.WORLD) <= set(get_args(commands.Command))


def test_every_named_thing_that_a_run_can_meet_is_said_by_the_core_or_at_the_start():
    said_in = [path for path in MODULES if name_of(path).startswith(HALTERS)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in said_in)
    for code in (*DenialCode, *HaltCause, *LadderMove, *AnswerStatus, *Phase, *Operation):
        if not isinstance(code, Operation):
            assert f"{type(code).__name__}.{code.name}" in text, f"{code!r} is never said"
