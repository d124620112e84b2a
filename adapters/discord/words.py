"""Text as Discord shall show it: exactly what it says, without effect of any mark-up, mention or link in it."""

import re
import unicodedata

LENGTH_MAX = 2000
ELLIPSIS = "…"
# Marks that format text wherever they stand; "<" also begins mentions, emoji and times.
_MARKS = re.compile(r"([\\*`|~<])")
# An underscore inside a word, as in a reason code, formats nothing.
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_LINK = re.compile(r"\](?=\()")
_LINE_START = re.compile(r"^(\s*)(#|>|-#)", re.MULTILINE)
_EVERYBODY = re.compile(r"@(?=everyone|here|[!&]?[0-9])", re.IGNORECASE)
_NOTHING = "\u200b"


def plain(text: str) -> str:
    """Return the text with every mark-up and mention made ineffective and invisible characters left out."""
    seen = "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"})
    seen = _MARKS.sub(r"\\\1", seen)
    seen = _EMPHASIS.sub(r"\\_", seen)
    seen = _LINK.sub(r"\\]", seen)
    seen = _LINE_START.sub(r"\1\\\2", seen)
    return _EVERYBODY.sub(f"@{_NOTHING}", seen)


def fit(text: str, longest: int = LENGTH_MAX) -> str:
    """Return the text cut to `longest` characters, with an ellipsis where anything was cut."""
    if len(text) <= longest:
        return text
    return text[: longest - len(ELLIPSIS)].rstrip("\\") + ELLIPSIS


def masked(number: str) -> str:
    """Return an account number with only its last three characters readable, none of a short one."""
    return "****" + (number[-3:] if len(number) > 6 else "")  # noqa: PLR2004 - half of it stays hidden
