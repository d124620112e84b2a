"""What every page stands in: its head, style and script, all inline, and the forms of its texts.

Texts of messages, names and contracts are strangers' words: they come through `words`, which escapes them and keeps
their direction of writing to themselves. The pages forbid the browser to load or run anything but what is in them.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")


@cache
def _part(name: str) -> str:
    return files("composition.replay.report").joinpath(name).read_text(encoding="utf-8")


def _allowed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def document(title: str, body: Iterable[str], *, script: bool = False) -> Iterator[str]:
    """Yield a page piece by piece. `script` adds sorting and filtering of its table of trades."""
    style, code = _part("page.css"), _part("page.js") if script else ""
    policy = f"default-src 'none'; style-src {_allowed(style)}; base-uri 'none'; form-action 'none'"
    if script:
        policy += f"; script-src {_allowed(code)}"
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head>\n<body>\n"
    )
    yield from body
    yield f"<script>{code}</script>\n</body></html>\n" if script else "</body></html>\n"


def words(text: str) -> str:
    """Return a stranger's text as it may stand in a page."""
    return f"<bdi>{escape(text.translate(CONTROLS))}</bdi>"


def number(told: str, value: Decimal | int | None = None) -> str:
    """Return a right-aligned cell; `value` is what it sorts by."""
    return f'<td class="n">{told}</td>' if value is None else f'<td class="n" data-v="{value}">{told}</td>'


def table(heads: Sequence[tuple[str, bool]], rows: Iterable[str], more: str = "") -> Iterator[str]:
    """Yield a table that scrolls by itself. A head is its name and whether numbers stand under it."""
    cells = "".join(f'<th scope="col"{" class=n" if right else ""}>{escape(name)}</th>' for name, right in heads)
    yield f'<div class="wide" tabindex="0"><table{more}><thead><tr>{cells}</tr></thead><tbody>\n'
    yield from rows
    yield "</tbody></table></div>\n"


def section(name: str, title: str, caption: str) -> str:
    """Return a section's beginning: its anchor, its title, and what holds for all numbers in it."""
    return f'<h2 id="{name}">{escape(title)}</h2><p class="caption">{escape(caption)}</p>\n'
