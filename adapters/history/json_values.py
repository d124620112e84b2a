"""One JSON object read from a file value by value: never more of it in memory than one value and one piece of text."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

PIECE = 1 << 18
LONGEST = 1 << 24  # characters of one value; a longer one is a fault of the file
NEAR_THE_END = 16  # an unfinished literal, number or escape is at most this far from the end of the text
AFTER_A_NUMBER = 3  # it ends here for sure where this much follows, which is no `e+` or `.`
BLANK = re.compile(r"[ \t\r\n]*")

_decoder = json.JSONDecoder()


class BrokenJsonError(ValueError):
    """The text is no JSON from `line` on, so nothing after it can be read."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


class JsonObject:
    """Give each member's name with `names`, then take its value with `value` or, one by one, with `elements`.

    `line` is the line on which the value that was read last begins. The file is read `piece` characters at a time.
    Raises BrokenJsonError.
    """

    def __init__(self, file: TextIO, piece: int = PIECE) -> None:
        self._file = file
        self._piece = piece
        self._text = ""
        self._at = 0
        self._lines = 1
        self._is_over = False
        self.line = 1

    def names(self) -> Iterator[str]:
        """Yield the names of the members in turn; each member's value has to be taken before the next."""
        self._expect("{", "an object begins with {")
        if self._next() == "}":
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                raise BrokenJsonError(self.line, f"a member has a name in quotes, got {name!r}")
            self._expect(":", f"{name!r} is followed by a colon")
            yield name
            if not self._goes_on("}"):
                return

    def elements(self) -> Iterator[Any]:
        """Yield the values of a list, one after the other."""
        self._expect("[", "a list begins with [")
        if self._next() == "]":
            self._move(self._at + 1)
            return
        while True:
            yield self.value()
            if not self._goes_on("]"):
                return

    def value(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """Return the next value whole."""
        self._next()
        self.line = self._lines
        while True:
            try:
                found, end = _decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_unfinished(error) and self._read_on():
                    continue
                raise self._broken(error) from error
            except RecursionError as error:
                raise BrokenJsonError(self.line, "JSON nested too deeply") from error
            if end > len(self._text) - AFTER_A_NUMBER and self._read_on():
                continue  # a number may go on in the next piece
            self._move(end)
            return found

    def _is_unfinished(self, error: json.JSONDecodeError) -> bool:
        short = len(self._text) - self._at < LONGEST
        return short and (error.msg.startswith("Unterminated") or error.pos >= len(self._text) - NEAR_THE_END)

    def _broken(self, error: json.JSONDecodeError) -> BrokenJsonError:
        if self._is_over and self._is_unfinished(error):
            return BrokenJsonError(self.line, "the file ends in the middle of a value: it was cut off, export it again")
        line = self._lines + self._text.count("\n", self._at, error.pos)
        return BrokenJsonError(line, f"not valid JSON ({error.msg})")

    def _goes_on(self, end: str) -> bool:
        """Whether a comma follows; False where it is `end`."""
        found = self._next()
        if found not in {",", end}:
            raise BrokenJsonError(self._lines, f"a comma or {end} belongs here, got {found or 'the end of the file'!r}")
        self._move(self._at + 1)
        return found == ","

    def _expect(self, sign: str, rule: str) -> None:
        found = self._next()
        if found != sign:
            raise BrokenJsonError(self._lines, f"{rule}, got {found or 'the end of the file'!r}")
        self._move(self._at + 1)

    def _next(self) -> str:
        """Return the next character that is not blank; empty at the end of the file."""
        while True:
            blank = BLANK.match(self._text, self._at)
            self._move(self._at if blank is None else blank.end())
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def _move(self, to: int) -> None:
        self._lines += self._text.count("\n", self._at, to)
        self._at = to

    def _read_on(self) -> bool:
        """Add the next piece of the file to what is not read yet; False at its end."""
        piece = "" if self._is_over else self._file.read(self._piece)
        self._is_over = not piece
        if piece:
            self._text = self._text[self._at :] + piece
            self._at = 0
        return bool(piece)
