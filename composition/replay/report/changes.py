"""What a changed setting changed, told: a section of the page, and lines for the terminal."""

from collections.abc import Iterator
from html import escape

from composition.replay.report.comparing import APPEARS, DISAPPEARS, KEPT, Change, Changes
from composition.replay.report.frame import number, section, table, words
from composition.replay.report.words import about_prices, count, counted, reason_words

MOVES_SHOWN = 30
MOVES_AT_THE_TERMINAL = 8
SIDE_BY_SIDE = (("", False), ("before", True), ("after", True))
DIFFERENCES = (
    ("message", True),
    ("channel", False),
    ("author", False),
    ("text", False),
    ("what", False),
    ("before", False),
    ("after", False),
)


def changes_section(changes: Changes) -> Iterator[str]:
    """Yield the section of what changed."""
    prices = about_prices(changes.after.totals)
    yield section(
        "changes",
        "What changed",
        f"Compared with {changes.before.directory.name}; all of it is in changes.csv; {prices}.",
    )
    for caveat in _caveats(changes):
        yield f'<p class="note">{escape(caveat)}</p>\n'
    yield f"<p>{escape(_summed_up(changes))}</p>\n"
    yield '<div class="pair"><div><h3>Settings that differ</h3>'
    yield from _side_by_side(changes.settings, "No setting differs.")
    yield "</div><div><h3>Counters</h3>"
    yield from _side_by_side(changes.counters, "")
    yield "</div></div>\n"
    moves = [(before, after, count(of)) for (before, after), of in _moves(changes)[:MOVES_SHOWN]]
    if moves:
        yield "<h3>Messages that came out differently</h3>"
        heads = (("before", False), ("after", False), ("messages", True))
        yield from table(heads, (_move(*move) for move in moves))
        yield from _listed("The first of these messages", changes.messages, sum(changes.moves.values()))
    if changes.trades:
        yield from _listed("Trades that changed", changes.trades, sum(changes.parts.values()))


def changes_told(changes: Changes) -> Iterator[str]:
    """Yield the comparison as lines for a terminal."""
    yield f"Against {changes.before.directory}:"
    yield from (f"  Note: {caveat}" for caveat in _caveats(changes))
    for name, before, after in changes.settings:
        yield f"  {name}: {before} before, {after} now"
    yield f"  {_summed_up(changes)}"
    for (before, after), of in _moves(changes)[:MOVES_AT_THE_TERMINAL]:
        yield f"  {of:>9,}  {reason_words(before)} -> {reason_words(after)}"
    left = len(changes.moves) - MOVES_AT_THE_TERMINAL
    if left > 0:
        yield f"             and {counted(left, 'other change')} of verdict"


def _caveats(changes: Changes) -> Iterator[str]:
    before, after = changes.before.totals, changes.after.totals
    if changes.is_cut:
        yield f"One of the two was stopped early: only the first {counted(changes.compared, 'message')} are compared."
    if (before.seed, before.prices) != (after.seed, after.prices):
        yield "The two had different prices, so what changed need not come from a setting."


def _summed_up(changes: Changes) -> str:
    moved = sum(changes.moves.values())
    appeared, disappeared = changes.parts[APPEARS], changes.parts[DISAPPEARS]
    others = changes.trades_changed - appeared - disappeared
    return (
        f"{counted(moved, 'message')} of {count(changes.compared)} came out differently; "
        f"{counted(appeared, 'trade')} more, {count(disappeared)} fewer, {count(others)} changed."
    )


def _moves(changes: Changes) -> list[tuple[tuple[str, str], int]]:
    return sorted(changes.moves.items(), key=lambda item: (-item[1], item[0]))


def _side_by_side(rows: list[tuple[str, str, str]], none: str) -> Iterator[str]:
    if not rows:
        yield f'<p class="faint">{none}</p>'
        return
    cells = (
        f'<tr><th scope="row">{escape(name)}</th>{number(words(before))}{number(words(after))}</tr>\n'
        for name, before, after in rows
    )
    yield from table(SIDE_BY_SIDE, cells)


def _move(before: str, after: str, told: str) -> str:
    return f"<tr><td>{escape(reason_words(before))}</td><td>{escape(reason_words(after))}</td>{number(told)}</tr>\n"


def _listed(title: str, changes: list[Change], of: int) -> Iterator[str]:
    shown = f" (the first {count(KEPT)} of {count(of)})" if of > len(changes) else ""
    yield f"<details><summary>{escape(title)}{shown}</summary>"
    yield from table(DIFFERENCES, map(_change, changes))
    yield "</details>\n"


def _change(change: Change) -> str:
    texts = (change.what, reason_words(change.before), reason_words(change.after))
    return (
        f"<tr>{number(count(change.number))}<td>{words(change.channel)}</td><td>{words(change.author)}</td>"
        f'<td class="words">{words(change.text)}</td>{"".join(f"<td>{words(text)}</td>" for text in texts)}</tr>\n'
    )
