"""What no scenario can see: steps that two definitions would answer, steps nobody uses, scenarios that are lost."""

import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature
from pytest_bdd.steps import StepFunctionContext

from tests.features.conftest import MODULES, STEPS

FEATURES = Path(__file__).parents[2] / "features"
MOST_STEPS = 8
HEADLINE = re.compile(r"^\s*Scenario(?: Outline)?:", re.MULTILINE)


def definitions() -> list[StepFunctionContext]:
    found = [step for module in MODULES for name, step in vars(module).items() if name.startswith(STEPS)]
    return [step._get_wrapped_function()() for step in found]


def steps_of(feature: Feature) -> list[tuple[str, str]]:
    """Return every step as it runs, with its type, those of outlines once for each example."""
    found = []
    for template in feature.scenarios.values():
        contexts = [context for examples in template.examples for context in examples.as_contexts()] or [{}]
        found += [(step.type, step.name) for context in contexts for step in template.render(context).steps]
    return found


@pytest.fixture(scope="module", name="features")
def _features() -> list[Feature]:
    return get_features([str(FEATURES)])


def test_every_step_has_one_definition_and_every_definition_a_step(features: list[Feature]) -> None:
    known = definitions()
    used: Counter[int] = Counter()
    for kind, name in {step for feature in features for step in steps_of(feature)}:
        matching = [
            number
            for number, context in enumerate(known)
            if context.type in {None, kind} and context.parser.is_matching(name)
        ]
        assert len(matching) == 1, f"{len(matching)} definitions for: {kind} {name}"
        used.update(matching)
    unused = [context.parser.name for number, context in enumerate(known) if number not in used]
    assert unused == []


def test_no_step_is_asynchronous() -> None:
    """One would never be awaited, and would pass whatever it says."""
    assert [context.parser.name for context in definitions() if inspect.iscoroutinefunction(context.step_func)] == []


def test_no_scenario_is_lost_to_another_of_its_name(features: list[Feature]) -> None:
    """The parser keeps one scenario a name."""
    for feature in features:
        text = Path(feature.filename).read_text(encoding="utf-8")
        assert len(HEADLINE.findall(text)) == len(feature.scenarios), feature.rel_filename


def test_a_scenario_has_at_most_eight_steps_of_its_own(features: list[Feature]) -> None:
    long = [
        f"{feature.rel_filename}: {template.name}"
        for feature in features
        for template in feature.scenarios.values()
        if len(template._steps) > MOST_STEPS
    ]
    assert long == []
