"""The labelled messages of this project: every line graded, none wrong, none missed, each refusal with its code."""

import json
from pathlib import Path

import pytest

from composition.reading import parse_line
from composition.scoring import render, score

LABELLED = Path(__file__).parents[2] / "data" / "alerts.jsonl"
LINES = LABELLED.read_text(encoding="utf-8").splitlines()


def test_no_line_is_wrong_and_none_is_missed():
    result = score(LINES)
    assert len(LINES) >= 150
    assert not result.wrong, render(result)
    assert not result.missed, render(result)


@pytest.mark.parametrize("line", [line for line in LINES if "reason" in json.loads(line)][::4])
def test_a_refusal_keeps_its_code(line):
    assert parse_line(line)["reason"] == json.loads(line)["reason"]
