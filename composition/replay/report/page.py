"""The page: one file that opens from disk, with everything in it but the stories, which lie beside it."""

from collections.abc import Iterator, Sequence

from composition.replay.lines import Totals, TradeLine
from composition.replay.report.changes import changes_section
from composition.replay.report.comparing import Changes
from composition.replay.report.figures import TradeFigures
from composition.replay.report.frame import document, section, table, words
from composition.replay.report.overview import overview, why
from composition.replay.report.people import people
from composition.replay.report.pictures import exits, ladders, over_time, sizes
from composition.replay.report.trades import trades_table
from composition.replay.report.words import about_prices, counted

SECTIONS = (
    ("why", "Why not"),
    ("time", "Over time"),
    ("size", "Size"),
    ("ladder", "Entries"),
    ("exits", "Exits"),
    ("analysts", "Analysts"),
    ("channels", "Channels"),
    ("trades", "Trades"),
    ("made", "How it was made"),
)


def page(totals: Totals, figures: TradeFigures, trades: Sequence[TradeLine], changes: Changes | None) -> Iterator[str]:
    """Yield the page piece by piece."""
    yield from document("Replay", _body(totals, figures, trades, changes), script=True)


def _body(totals: Totals, figures: TradeFigures, trades: Sequence[TradeLine], changes: Changes | None) -> Iterator[str]:
    yield from overview(totals, figures.all)
    links = [("changes", "What changed"), *SECTIONS] if changes is not None else SECTIONS
    anchors = (f'<a href="#{anchor}">{name}</a>' for anchor, name in links)
    yield f"<nav>{''.join(anchors)}</nav>\n"
    if changes is not None:
        yield from changes_section(changes)
    yield from why(totals)
    yield from over_time(totals)
    yield from sizes(totals, figures)
    yield from ladders(totals, figures.all)
    yield from exits(totals, figures.all)
    yield from people(totals, figures)
    yield from trades_table(totals, trades)
    yield from _made(totals)


def _made(totals: Totals) -> Iterator[str]:
    caption = f"Equal files, seed and settings make equal reports; {about_prices(totals)}."
    yield section("made", "How it was made", caption)
    files = ", ".join(words(name) for name in totals.files) or "no files"
    yield f"<p>From {files}, with seed {totals.seed}. Fingerprint of the settings: {totals.settings_fingerprint}. "
    yield f"Last hash of the log: {totals.log_head or '-'}.</p>\n"
    settings = counted(len(totals.settings), "setting")
    yield f"<details><summary>{settings}</summary>"
    rows = (
        f'<tr><th scope="row">{words(name)}</th><td class="words">{words(value)}</td></tr>\n'
        for name, value in sorted(totals.settings.items())
    )
    yield from table((("setting", False), ("value", False)), rows)
    yield "</details>\n"
