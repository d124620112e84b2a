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
_HINT = re.compile(r"\\`(!(?:tt|allowlist)(?: [a-z]+)*)\\`")
_NOTHING = "\u200b"
_FENCE = "```"


def plain(text: str) -> str:
    """Return the text with every mark-up and mention made ineffective and invisible characters left out.

    Only a command of ours between backticks is shown as code.
    """
    seen = _MARKS.sub(r"\\\1", _visible(text))
    seen = _EMPHASIS.sub(r"\\_", seen)
    seen = _LINK.sub(r"\\]", seen)
    seen = _LINE_START.sub(r"\1\\\2", seen)
    seen = _HINT.sub(r"`\1`", seen)
    return _EVERYBODY.sub(f"@{_NOTHING}", seen)


def block(text: str) -> str:
    """Return the text as a code block, whose columns stand below each other, cut to what Discord takes."""
    inside = _visible(text).replace("``", f"`{_NOTHING}`")
    return f"{_FENCE}\n{fit(inside, LENGTH_MAX - 2 * len(_FENCE) - 2)}\n{_FENCE}"


def fit(text: str, longest: int = LENGTH_MAX) -> str:
    """Return the text cut to `longest` characters, with an ellipsis where anything was cut."""
    if len(text) <= longest:
        return text
    return text[: longest - len(ELLIPSIS)].rstrip("\\") + ELLIPSIS


def masked(number: str) -> str:
    """Return an account number with only its last three characters readable, none of a short one."""
    return "****" + (number[-3:] if len(number) > 6 else "")  # noqa: PLR2004 - half of it stays hidden


def _visible(text: str) -> str:
    return "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"})
