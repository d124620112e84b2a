"""The page and the line of a run of days, from a tally whose numbers are known."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from composition.simulation.days.drawing import draw_plan
from composition.simulation.progress import Progress
from composition.simulation.report import Setting, clock_words, write_report
from composition.simulation.run import Failure, Tally, run_seeds
from composition.simulation.truth.witness import Violation


def setting(planned=4):
    return Setting(
        command="alert-trader simulate --seeds 4",
        title="days of faults",
        planned=planned,
        jobs=2,
        began=datetime(2026, 12, 1, 15, 30, tzinfo=UTC),
        program="version 1",
    )


def tally():
    return Tally(
        seeds=4,
        days=4,
        hours=2.5,
        rows=1200,
        restarts=3,
        kinds=Counter({"ordinary": 3, "calm": 1}),
        struck=Counter({"entry: answer lost": 8}),
        points=Counter({"append SubmitOrder": 9, "commit": 30}),
        ends=Counter({"before append SubmitOrder": 2, "after append SubmitOrder": 1, "at an instant, killed": 1}),
    )


def page(tmp_path, counted, planned=4):
    path = tmp_path / "run.md"
    write_report(path, setting(planned), counted, timedelta(seconds=2))
    assert [left.name for left in tmp_path.iterdir()] == ["run.md"]
    return path.read_text("utf-8")


def test_the_page_says_what_was_run_and_what_came_of_it(tmp_path):
    text = page(tmp_path, tally())
    assert text.startswith("# 4 days of faults\n")
    for line in (
        "| Command | `alert-trader simulate --seeds 4` |",
        "| Took | 2 s on 2 processes, 2.0 days a second |",
        "| Faults | 8, 2.0 a day |",
        "| Broken promises | 0 on 0 days |",
        "| ordinary | 3 | 0.7500 |",
        "2 kinds of acts were reached; the process ended before and after 1 of them.",
        "| append SubmitOrder | 9 | 2 | 1 |",
        "| commit | 30 | 0 | 0 |",
        "| at an instant, killed | 1 | 0.2500 |",
    ):
        assert line in text.splitlines(), line
    assert "Not the whole run" not in text


def test_a_run_that_was_broken_off_says_so(tmp_path):
    assert "**Not the whole run: 4 of 9 seeds were run when this was written.**" in page(tmp_path, tally(), planned=9)


def test_broken_promises_are_listed_with_their_seed(tmp_path):
    counted = tally()
    counted.failures.append(Failure(draw_plan(7), (Violation("sent once", "T1-E1 | twice"),)))
    text = page(tmp_path, counted)
    assert "| Broken promises | 1 on 1 days |" in text
    assert "| 7 | sent once: T1-E1 / twice |" in text


def test_the_line_says_how_far_how_fast_and_what_fails():
    counted = tally()
    counted.failures.append(Failure(draw_plan(7), ()))
    line = Progress(8).line(counted, timedelta(seconds=2))
    assert line == (
        "4/8 seeds, 2 a second, 2 s left, 2 simulated hours, 8 faults (8 entry: answer lost), 3 restarts, 1 failing (7)"
    )


def test_time_is_told_without_what_is_nothing():
    assert [clock_words(timedelta(seconds=seconds)) for seconds in (0, 59, 60, 3661)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h 1 min 1 s",
    ]


@pytest.mark.slow
def test_every_crash_point_of_a_day_is_counted_before_and_after():
    counted = run_seeds(range(3, 4), crash_points=True)
    points = {point for point in counted.points if counted.ends[f"before {point}"] and counted.ends[f"after {point}"]}
    assert counted.seeds == 1
    assert counted.days * 0.95 < counted.ends.total() <= counted.days, "a crash may leave a day without its last acts"
    assert {"append SubmitOrder", "append OrderAccepted", "commit"} <= points
    assert not counted.failures
