"""The page's first screen: what was read, what became of it, why, and what to know before believing it."""

from collections.abc import Iterator
from html import escape

from composition.replay.lines import Allowlist, Totals, Verdict
from composition.replay.report import charts
from composition.replay.report.figures import Figures
from composition.replay.report.frame import section, words
from composition.replay.report.words import (
    ACTED,
    NAMES,
    about_prices,
    count,
    counted,
    dollars,
    is_modelled,
    period,
    reason_words,
    share,
)

COLOURS = {
    Verdict.ENTERED: "blue",
    Verdict.CLOSED: "sky",
    Verdict.DRY_RUN: "green",
    Verdict.DENIED: "red",
    Verdict.DUPLICATE: "pink",
    Verdict.UNREAD: "yellow",
    Verdict.IGNORED: "grey",
}
REASONS_SHOWN = 12
EVERYBODY = {Allowlist.USERS: "every author", Allowlist.CHANNELS: "every channel"}


def overview(totals: Totals, figures: Figures) -> Iterator[str]:
    """Yield the page's head, its warnings, the tiles and the reasons of denials."""
    yield "<h1>Replay of a room's history</h1>\n"
    people = counted(len({name for name, _ in totals.by_author}), "author")
    rooms = counted(len({name for name, _ in totals.by_channel}), "channel")
    yield f"<p>{period(totals)}: {counted(totals.messages, 'message')} by {people} in {rooms}</p>\n"
    told = "".join(f"<p>{words(note)}</p>" for note in notes(totals))
    yield f'<div class="note">{told}</div>\n'
    yield '<div class="tiles">'
    for name, told, more in _tiles(totals, figures):
        yield f'<div class="tile"><b>{told}</b>{escape(name)}<br><span>{escape(more)}</span></div>'
    yield "</div>\n"
    acted = [charts.Series(NAMES[verdict], COLOURS[verdict], [totals.verdicts.get(verdict, 0)]) for verdict in ACTED]
    yield charts.share_bar("What became of everything but chatter", [each for each in acted if each.total])


def notes(totals: Totals) -> Iterator[str]:
    """Yield what a reader must know before the numbers, one sentence or two each."""
    told = about_prices(totals)
    yield f"{told[0].upper()}{told[1:]}."
    if is_modelled(totals):
        yield "Fills and exits show what the settings do in such a market. No profit or loss is shown."
    if totals.partial:
        yield "This replay was stopped before the end of its files: what came after the last message is not in it."
    if totals.halts:
        times = counted(totals.halts, "time")
        yield f"Entries were halted {times}. A replay ends a halt on the next morning, as if a person had looked."
    if totals.filled_in:
        lists, everybody = " and ".join(totals.filled_in), " and ".join(EVERYBODY[name] for name in totals.filled_in)
        are = "is" if len(totals.filled_in) == 1 else "are"
        yield f"{lists} {are} empty: {everybody} of the files was allowed to trade. Live, an empty list allows nobody."
        if Allowlist.USERS in totals.filled_in:
            yield "Bots and webhooks are not filled in: --only-author with its ID lets one trade."
    if totals.edited:
        yield f"{counted(totals.edited, 'message')} had been edited: only their last words are known and replayed."
    if totals.unreadable:
        named = "; ".join(str(line) for line in totals.bad_lines)
        are = "is" if totals.unreadable == 1 else "are"
        yield f"{counted(totals.unreadable, 'line')} could not be read and {are} not in the counts. The first: {named}."


def reasons(totals: Totals, verdict: Verdict, colour: str) -> str:
    """Return the reasons of a verdict as bars, the most frequent first."""
    found = sorted(
        ((reason, number) for (of, reason), number in totals.reasons.items() if of is verdict),
        key=lambda item: (-item[1], item[0]),
    )
    if not found:
        return '<p class="faint">None.</p>'
    whole = sum(number for _, number in found)
    bars = [charts.Bar(reason_words(reason), number, colour) for reason, number in found[:REASONS_SHOWN]]
    others = sum(number for _, number in found[REASONS_SHOWN:])
    if others:
        bars.append(charts.Bar(counted(len(found) - REASONS_SHOWN, "other reason"), others, "grey"))
    return charts.bars("reason", "messages", bars, whole)


def why(totals: Totals) -> Iterator[str]:
    """Yield the section of reasons."""
    caption = f"docs/errors.md explains each reason of a denial; {about_prices(totals)}."
    yield section("why", "Why messages were not traded", caption)
    denied, ignored = totals.verdicts.get(Verdict.DENIED, 0), totals.verdicts.get(Verdict.IGNORED, 0)
    yield f'<div class="pair"><div><h3>{count(denied)} denied</h3>{reasons(totals, Verdict.DENIED, "red")}</div>'
    yield f"<div><h3>{count(ignored)} no alert</h3>{reasons(totals, Verdict.IGNORED, 'grey')}</div></div>\n"


def _tiles(totals: Totals, figures: Figures) -> Iterator[tuple[str, str, str]]:
    yield "messages read", count(totals.messages), f"{count(totals.unreadable)} lines unreadable"
    for verdict in (Verdict.IGNORED, Verdict.ENTERED, Verdict.CLOSED, Verdict.DENIED, Verdict.DUPLICATE):
        number = totals.verdicts.get(verdict, 0)
        yield NAMES[verdict], count(number), f"{share(number, totals.messages)} of all"
    yield "entries that filled", count(figures.with_fill), f"{share(figures.with_fill, figures.trades)} of entries"
    yield "usual size", dollars(figures.usual_premium), "median of what an entry is sized for at most"
