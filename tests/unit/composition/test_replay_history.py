"""What a replay's files are called: no two alike, and as short as that allows."""

from pathlib import Path

import pytest

from composition.replay.history import told_names


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (("/x/room.jsonl",), ("room.jsonl",)),
        (("/x/room.jsonl", "/x/other.jsonl"), ("room.jsonl", "other.jsonl")),
        (("/x/a/room.jsonl", "/x/b/room.jsonl", "/x/c.jsonl"), ("a/room.jsonl", "b/room.jsonl", "c.jsonl")),
        (("/x/a/r", "/y/a/r", "/y/b/r"), ("x/a/r", "y/a/r", "b/r")),
        (("/a/r", "/x/a/r"), ("/a/r", "x/a/r")),
        (("/r", "/a/r"), ("/r", "a/r")),
        (("/x/a/r", "/x/a/r", "/x/b/../a/r"), ("r", "r", "r")),
    ],
)
def test_files_are_called_by_what_tells_them_apart(files, told):
    assert told_names([Path(file) for file in files]) == told


def test_what_a_file_is_called_does_not_depend_on_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    here, there = [Path("r"), Path("../b/r")], [tmp_path / "a" / "r", tmp_path / "b" / "r"]
    assert told_names(here) == told_names(there) == ("a/r", "b/r")
