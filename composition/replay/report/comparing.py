"""What a changed setting changed: two replays of the same messages, side by side.

Messages are compared in order, and must be the same ones. Where one of the two was stopped early, both are compared up
to there. Trades belong together by their message. Nothing but the counts and the first few changes is kept in memory.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, takewhile, zip_longest

from attrs import Factory, astuple, define, frozen

from composition.replay.lines import TradeLine, Verdict
from composition.replay.report.cells import MESSAGE_COLUMN as COLUMN
from composition.replay.report.cells import defused, original
from composition.replay.report.earlier import CHANGES_FILE, EarlierReplay, NotComparableError
from composition.replay.report.figures import Figures
from composition.replay.report.words import NAMES, NONE, VERDICTS, count, dollars, price, reason_words, rung
from domain.value import Value

Pair = tuple[TradeLine | None, TradeLine | None]
KEPT = 200
# What of a trade is worth a line: a name, and how its value is written.
PARTS: tuple[tuple[str, Callable[[TradeLine], str]], ...] = (
    ("contract", lambda trade: trade.contract),
    ("size", lambda trade: str(trade.quantity)),
    ("sized for at most", lambda trade: dollars(trade.premium)),
    ("entry", rung),
    ("bought", lambda trade: str(trade.filled)),
    ("average price", lambda trade: price(trade.average_price)),
    ("exit contracts", lambda trade: str(trade.exits_placed)),
    ("exit price", lambda trade: price(trade.exit_price)),
    ("sold by exit", lambda trade: str(trade.exits_filled)),
    ("closed by alert", lambda trade: str(trade.closed_by_alert)),
    ("expired", lambda trade: str(trade.expired)),
    ("held at the end", lambda trade: str(trade.held_at_end)),
)
VERDICT, APPEARS, DISAPPEARS = "verdict", "trade appears", "trade disappears"
SAME = tuple((name, COLUMN[name]) for name in ("at", "message_id", "channel_id", "author_id", "text"))


@frozen(kw_only=True)
class Change(Value):
    """One difference at one message: of what, and how it was before and after; a dash where there was nothing."""

    number: int
    at: str
    channel: str
    author: str
    what: str
    before: str
    after: str
    text: str


@define
class Changes:
    """What differs between two replays.

    `compared` counts the messages. `verdicts` counts them by verdict and reason, before and after, `moves` those that
    differ. `messages` and `trades` are the first changes of each kind, `parts` counts the trades by what changed,
    `figures` are those of the trades before and after.
    """

    before: EarlierReplay
    after: EarlierReplay
    compared: int = 0
    verdicts: tuple[Counter[str], Counter[str]] = Factory(lambda: (Counter(), Counter()))
    moves: Counter[tuple[str, str]] = Factory(Counter)
    messages: list[Change] = Factory(list)
    parts: Counter[str] = Factory(Counter)
    trades: list[Change] = Factory(list)
    trades_changed: int = 0
    figures: tuple[Figures, Figures] = Factory(lambda: (Figures(), Figures()))

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Return what differs in the settings, by name, with the seed and where the prices come from."""
        one, other = (_settings(replay) for replay in (self.before, self.after))
        names = sorted(one.keys() | other.keys())
        differing = (name for name in names if one.get(name) != other.get(name))
        return [(name, one.get(name, NONE), other.get(name, NONE)) for name in differing]

    @property
    def counters(self) -> list[tuple[str, str, str]]:
        """Return the counts of messages and trades, before and after, by name; reasons only where they differ."""
        rows = [("messages compared", count(self.compared), count(self.compared))]
        before, after = self.verdicts
        for verdict in VERDICTS:
            one, other = (_of_verdict(counts, verdict) for counts in (before, after))
            if not one and not other:
                continue
            rows.append((NAMES[verdict], count(one), count(other)))
            reasons = sorted(name for name in before.keys() | after.keys() if name.startswith(f"{verdict}: "))
            rows += [
                (reason_words(name), count(before[name]), count(after[name]))
                for name in reasons
                if before[name] != after[name]
            ]
        one_told, other_told = (_figures_told(figures) for figures in self.figures)
        return rows + [(name, one_told[name], other_told[name]) for name in one_told]

    @property
    def is_cut(self) -> bool:
        """Return whether one of the two was stopped early, so that only the beginning is compared."""
        return self.before.totals.partial or self.after.totals.partial


def compare(before: EarlierReplay, after: EarlierReplay) -> Changes:
    """Return what differs, and write it whole into the later replay's directory, as changes.csv.

    Raises NotComparableError, naming the first difference, for replays of different messages.
    """
    found = Changes(before, after)
    path = after.directory / CHANGES_FILE
    beside = path.with_suffix(".new")  # a comparison that is refused leaves no half of a file
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            table = csv.writer(file)
            table.writerow(("number", "at", "channel", "author", "what", "before", "after", "text"))
            for change in chain(_of_settings(found), _of_messages(found), _of_trades(found)):
                table.writerow(_cells(change))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return found


def _of_settings(found: Changes) -> Iterator[Change]:
    for name, before, after in found.settings:
        yield Change(number=0, at="", channel="", author="", what=name, before=before, after=after, text="")


def _of_messages(found: Changes) -> Iterator[Change]:
    for before, after in zip_longest(found.before.messages(), found.after.messages()):
        if before is None or after is None:
            _check_cut(found, found.before if before is None else found.after)
            return
        _check_same(found, before, after)
        found.compared += 1
        pair = (_verdict(before), _verdict(after))
        found.verdicts[0][pair[0]] += 1
        found.verdicts[1][pair[1]] += 1
        if pair[0] != pair[1]:
            found.moves[pair] += 1
            yield _kept(found.messages, _message_change(after, *pair))


def _check_cut(found: Changes, shorter: EarlierReplay) -> None:
    if not shorter.totals.partial:
        longer = found.after if shorter is found.before else found.before
        raise NotComparableError(
            f"{found.before.directory} is a replay of other messages: {shorter.directory} ends after message "
            f"{found.compared:,} and {longer.directory} has more. Replay the same files for both"
        )


def _check_same(found: Changes, before: Sequence[str], after: Sequence[str]) -> None:
    for name, index in SAME:
        if before[index] != after[index]:
            raise NotComparableError(
                f"{found.before.directory} is a replay of other messages: message {after[COLUMN['number']]} has "
                f"{name} {before[index]!r} there and {after[index]!r} here. Replay the same files for both"
            )


def _verdict(cells: Sequence[str]) -> str:
    verdict, reason = cells[COLUMN["verdict"]], cells[COLUMN["reason"]]
    return f"{verdict}: {reason}" if reason else verdict


def _of_verdict(counts: Counter[str], verdict: Verdict) -> int:
    return sum(number for name, number in counts.items() if name.partition(":")[0] == verdict)


def _message_change(cells: Sequence[str], before: str, after: str) -> Change:
    at, channel, author, text = (original(cells[COLUMN[name]]) for name in ("at", "channel", "author", "text"))
    number = int(cells[COLUMN["number"]])
    return Change(
        number=number, at=at, channel=channel, author=author, what=VERDICT, before=before, after=after, text=text
    )


def _of_trades(found: Changes) -> Iterator[Change]:
    for before, after in _paired(_compared(found, found.before), _compared(found, found.after)):
        for trade, figures in zip((before, after), found.figures, strict=True):
            if trade is not None:
                figures.add(trade)
        changes = _trade_changes(before, after)
        found.trades_changed += bool(changes)
        for change in changes:
            found.parts[change.what] += 1
            yield _kept(found.trades, change)


def _compared(found: Changes, replay: EarlierReplay) -> Iterator[TradeLine]:
    return takewhile(lambda trade: trade.number <= found.compared, replay.trades())


def _paired(one: Iterator[TradeLine], other: Iterator[TradeLine]) -> Iterator[Pair]:
    """Both are in order of their messages: trades of the same message come together, the others alone."""
    before, after = next(one, None), next(other, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.number < after.number):
            yield before, None
            before = next(one, None)
        elif before is None or after.number < before.number:
            yield None, after
            after = next(other, None)
        else:
            yield before, after
            before, after = next(one, None), next(other, None)


def _trade_changes(before: TradeLine | None, after: TradeLine | None) -> list[Change]:
    if before is None:
        return [] if after is None else [_trade_change(after, APPEARS, NONE, _told(after))]
    if after is None:
        return [_trade_change(before, DISAPPEARS, _told(before), NONE)]
    parts = ((name, tell(before), tell(after)) for name, tell in PARTS)
    return [_trade_change(after, name, was, now) for name, was, now in parts if was != now]


def _trade_change(trade: TradeLine, what: str, before: str, after: str) -> Change:
    return Change(
        number=trade.number,
        at=trade.opened_at.isoformat(),
        channel=trade.channel,
        author=trade.author,
        what=what,
        before=before,
        after=after,
        text=trade.contract,
    )


def _figures_told(figures: Figures) -> dict[str, str]:
    return {
        "trades": count(figures.trades),
        "entries that filled": count(figures.with_fill),
        "contracts bought": count(figures.bought),
        "sized for at most": dollars(figures.premium),
        "exits reached": f"{count(figures.reached)} of {count(figures.with_exit)}",
    }


def _told(trade: TradeLine) -> str:
    return f"{trade.quantity} {trade.contract}, {rung(trade)}"


def _kept(changes: list[Change], change: Change) -> Change:
    if len(changes) < KEPT:
        changes.append(change)
    return change


def _settings(replay: EarlierReplay) -> dict[str, str]:
    totals = replay.totals
    return {**totals.settings, "--seed": str(totals.seed), "prices": totals.prices.value}


def _cells(change: Change) -> list[str]:
    return [defused(str(value)) for value in astuple(change, recurse=False)]
