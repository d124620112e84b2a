"""The tables of words hold together, and the documents name every code."""

from pathlib import Path

import pytest

from domain.alerts import Refusal
from domain.grammar.steps import STEPS
from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.symbols import COMPANY_NAMES, KNOWN, NEVER_SYMBOLS, UNSUPPORTED
from domain.grammar.vocabulary.verbs import VERBS
from domain.grammar.vocabulary.words import PHRASES, WORDS, add

DOCUMENT = (Path(__file__).parents[3] / "docs" / "grammar.md").read_text(encoding="utf-8")
SOURCES = sorted((Path(__file__).parents[3] / "domain" / "grammar").rglob("*.py"))
CONSUMED_BY_FUSING = {Kind.MONTH, Kind.ORDINAL, Kind.QUANTITY_FIELD, Kind.END}


def test_a_word_has_one_kind():
    with pytest.raises(ValueError, match=r"'bto' stands in two tables, verb and remark: keep one"):
        add(Kind.NEUTRAL, "bto")


def test_every_verb_has_a_meaning():
    named = {value for kind, value in WORDS.values() if kind is Kind.VERB}
    named |= {value for phrases in PHRASES.values() for _, kind, value in phrases if kind is Kind.VERB}
    assert named == set(VERBS)


def test_every_kind_has_a_step_or_is_used_up_before():
    assert set(Kind) - set(STEPS) <= CONSUMED_BY_FUSING


def test_no_symbol_is_also_refused_as_a_word():
    for words in (COMPANY_NAMES, NEVER_SYMBOLS, UNSUPPORTED):
        assert not {word.upper() for word in words} & KNOWN


@pytest.mark.parametrize("code", Refusal)
def test_every_code_is_explained(code):
    assert f"`{code.value}`" in DOCUMENT


@pytest.mark.parametrize("code", Refusal)
def test_every_code_is_used(code):
    assert any(f"Refusal.{code.name}" in source.read_text(encoding="utf-8") for source in SOURCES)
