"""One JSON object value by value: whatever the pieces of the file, the same values; what is broken is placed."""

import io
import json

import pytest

from adapters.history.json_values import BrokenJsonError, JsonObject

VALUES = [1, -2.5e10, True, None, "", 'a"b\\c\nñ😀', [], {}, [[1, {"x": [2]}], "]"], {"k": "}", "m": [1, 2]}, 12345678]


def taken(text, piece=1 << 18):
    reader, found = JsonObject(io.StringIO(text), piece), {}
    for name in reader.names():
        found[name] = list(reader.elements()) if name == "list" else reader.value()
    return found


PIECES = pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 18])


@pytest.mark.parametrize("indent", [None, 2])
@PIECES
def test_pieces_of_any_size_give_what_the_whole_gives(indent, piece):
    whole = {"first": {"a": VALUES}, "list": VALUES, "empty": [], "last": 99}
    assert taken(json.dumps(whole, indent=indent), piece) == whole
    assert taken(json.dumps({"list": []}), piece) == {"list": []}
    assert taken("  { } ", piece) == {}


@PIECES
def test_a_value_is_placed_at_the_line_on_which_it_begins(piece):
    reader = JsonObject(io.StringIO('{"list": [\n  1,\n  {"a":\n 2},\n\n  3\n]}'), piece)
    next(reader.names())
    assert [(value, reader.line) for value in reader.elements()] == [(1, 2), ({"a": 2}, 3), (3, 6)]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('{"list": [1,\n2', 2, "a comma or ] belongs here, got 'the end of the file'"),
        ('{"list": [{"a": 1},\n {"a": "b', 2, "cut off"),
        ('{"list": [1\n 2]}', 2, "a comma or ] belongs here, got '2'"),
        ('{"list": [{"a" 1, "b": 222222222222222222222222222222}]}', 1, "Expecting ':' delimiter"),
        ('{"list": [{"a": 1,\n "b" ! 2, "c": "ccccccccccccccccccccccccccc"}]}', 2, "Expecting ':' delimiter"),
        ("[1]", 1, "an object begins with {"),
        ("", 1, "an object begins with {, got 'the end of the file'"),
        ('{7: 1, "aaaaaaaaaaaaaaaaaaaaaaa": 1}', 1, "a member has a name in quotes, got 7"),
        ('{"list" 7}', 1, "'list' is followed by a colon, got '7'"),
        ('{"list": ' + "[" * 100_000 + "}", 1, "nested too deeply"),
    ],
)
def test_what_is_broken_is_named_with_its_line(text, line, why):
    with pytest.raises(BrokenJsonError, match=r".*") as raised:
        taken(text)
    assert why in str(raised.value)
    assert raised.value.line == line


def test_never_more_than_a_piece_and_a_value_is_in_memory():
    text = json.dumps({"list": ["x" * 100 for _ in range(2000)]})
    reader, most = JsonObject(io.StringIO(text), 1000), 0
    next(reader.names())
    for _ in reader.elements():
        most = max(most, len(reader._text))
    assert most < 2500
