"""`alert-trader simulate` as people and scripts use it: exit codes, the last line, stories, kept days."""

import re

import pytest
from click.testing import CliRunner

from composition.cli import main

SUMMARY = re.compile(r"(\d+) seeds, ([\d.]+) simulated hours, (\d+) faults, (\d+) restarts, (\d+) violations", re.ASCII)


def simulate(*arguments):
    return CliRunner().invoke(main, ["simulate", "--jobs", "1", *map(str, arguments)])


def test_days_without_a_broken_promise_exit_0_and_are_summed_up():
    result = simulate("--seeds", 4, "--first-seed", 20, "--twice")
    assert result.exit_code == 0
    seeds, hours, faults, _restarts, violations = SUMMARY.fullmatch(result.stdout.splitlines()[-1]).groups()
    assert (seeds, violations) == ("4", "0")
    assert float(hours) > 0
    assert int(faults) > 0


def test_a_failing_seed_exits_1_is_told_made_small_and_kept(tmp_path):
    result = simulate("--seeds", 3, "--first-seed", 1, "--mutant", "write-after-act", "--keep", tmp_path)
    assert result.exit_code == 1
    assert "Failing seeds: 1" in result.stdout
    assert "BROKEN  write before act: " in result.stdout
    assert "What happened (New York time):" in result.stdout
    assert SUMMARY.fullmatch(result.stdout.splitlines()[-1])
    kept = tmp_path / "seed_1.json"
    assert f"--day {kept}" in result.stdout
    assert simulate("--day", kept).exit_code == 0  # without the mutant the day is sound


def test_a_day_is_told_on_request():
    result = simulate("--seeds", 1, "--first-seed", 30, "--story")
    assert result.exit_code == 0
    assert "Seed 30: 0 broken promises" in result.stdout
    assert "*** FAULTS STOP" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mutant", "blind"), "there is no mutant 'blind'; there are"),
        (("--seeds", "0"), "--seeds"),
        (("--jobs", "0"), "--jobs"),
    ],
)
def test_a_wrong_option_exits_2_and_is_named(arguments, words):
    result = CliRunner().invoke(main, ["simulate", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_that_is_no_day_exits_2(tmp_path):
    path = tmp_path / "day.json"
    path.write_text("{}", "utf-8")
    result = simulate("--day", path)
    assert result.exit_code == 2
    assert "holds no plan of a day" in result.stderr
