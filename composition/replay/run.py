"""One replay from its files to its totals: the unchanged core, runtime and dispatch on the simulated broker.

Nothing here depends on the wall clock or on chance: equal files, seed and settings give equal rows and lines.
"""

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Protocol

from attrs import define, evolve

from adapters.history.posts import Post
from adapters.simulated.authorization import SimulatedAuthorization
from adapters.simulated.market.parquet_quotes import is_parquet, read_parquet
from adapters.simulated.market.recorded import QuotesError, Row, read_quotes
from adapters.simulated.virtual import VirtualClock, VirtualTimeLoop, run_virtual
from adapters.system.ids import CountedTradeIds
from composition.dispatch import Dispatcher
from composition.replay.counting import Tally
from composition.replay.exchange import Exchange
from composition.replay.history import History, read_history, told_names
from composition.replay.lines import Allowlist, BadLine, LineSink, Prices, Totals
from composition.replay.options import ReplayOptions
from composition.replay.playing import PlayedRoom, SilentNotifier, look_each_morning, play, run_beside
from composition.replay.storing import ReplayLog, replay_log
from composition.replay.watching import Watcher
from composition.runtime import Runtime
from composition.settings import Settings, table
from composition.version import VERSION
from domain.calendar import TradingCalendar
from domain.messages import Source
from domain.policies import Mode, Policies
from ports.errors import AuditUnavailableError

BEFORE_THE_FIRST = timedelta(minutes=1)  # the desk is ready when the first post comes
FINGERPRINT = 16
LAZY_COMMIT = 900.0  # of market time: the log commits by the thousand rows anyway
# The simulated broker loses no report, so its books need no look a minute while orders only rest.
RESTING_READ = timedelta(hours=12)


class ReplayError(Exception):
    """The replay cannot be made. The message names the value and the mend."""


class Progress(Protocol):
    """Is told how far it is: while the files are read, and at every post that is played."""

    def reading(self, posts: int) -> None: ...

    def playing(self, posts: int, of: int, at: datetime) -> None: ...


def run_replay(
    settings: Settings,
    options: ReplayOptions,
    sink: LineSink,
    *,
    progress: Progress,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Totals:
    """Replay the files, give every line to `sink` and the totals at the end, and return those.

    Where `is_stopped` turns true, what was played until then stands, and the totals are partial. Raises ReplayError for
    what cannot be read or written at all.
    """
    tally = Tally()
    try:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=options.log.parent, prefix=".history-"))
            history = read_history(
                options.files,
                Path(folder),
                webhooks=settings.desk.allowed_webhooks | options.authors,
                on_bad=tally.miss,
                on_read=progress.reading,
            )
            posts = history.spool.ordered()
            first = next(posts, None)
            if first is None:
                raise ReplayError(_nothing_read(tally))
            quotes = _quotes(stack, options, tally)
            audit = stack.enter_context(replay_log(options.log))
            policies, filled_in = _policies(settings, options, history)
            replay = _Replay(policies, options, audit, sink, tally, progress, is_stopped)
            run_virtual(lambda loop: replay.play(loop, chain([first], posts), history.spool.count, quotes))
            return replay.finish(_written(settings, options), filled_in)
    except (OSError, QuotesError, AuditUnavailableError) as error:
        raise ReplayError(str(error)) from error


@define
class _Replay:
    """What one replay is made of, and what is left of it when its loop has ended."""

    policies: Policies
    options: ReplayOptions
    audit: ReplayLog
    sink: LineSink
    tally: Tally
    progress: Progress
    is_stopped: Callable[[], bool]
    trades: int = 0
    halts: int = 0

    async def play(
        self, loop: VirtualTimeLoop, posts: Iterator[Post], count: int, quotes: Iterator[Row] | None
    ) -> None:
        first = next(posts)
        clock = VirtualClock(first.message.posted_at - BEFORE_THE_FIRST, loop)
        calendar = TradingCalendar(self.policies.calendar)
        exchange = Exchange(clock, seed=self.options.seed, cash=self.options.cash, calendar=calendar, quotes=quotes)
        watcher = Watcher(self.sink, lambda: runtime.state, self.tally, recorded=quotes is not None)
        read = itertools.count(1)

        def before(post: Post) -> None:
            watcher.expect(post)
            self.progress.playing(next(read), count, post.message.posted_at)

        room = PlayedRoom(chain([first], posts), clock, before, self.is_stopped)
        runtime = Runtime(
            audit=self.audit,
            clock=clock,
            trade_ids=CountedTradeIds(),
            dispatcher=_dispatcher(exchange, clock, room),
            observers=(watcher.observe, exchange.hint_at_price),
            lazy_commit=LAZY_COMMIT,
        )
        exchange.drive()
        parts = [
            runtime.run(self.policies, VERSION),
            runtime.follow(exchange.order_events),
            look_each_morning(runtime, clock, calendar),
        ]
        await run_beside(play(runtime, room, clock, self.is_stopped), parts)
        watcher.end()
        self.trades, self.halts = watcher.trades, watcher.halts

    def finish(self, written: dict[str, str], filled_in: tuple[Allowlist, ...]) -> Totals:
        """Give the totals to the sink, and return them."""
        tally = self.tally
        self.audit.commit_all()
        totals = Totals(
            messages=tally.messages,
            first_at=tally.first_at,
            last_at=tally.last_at,
            verdicts=dict(tally.verdicts),
            reasons=dict(tally.reasons),
            days=dict(tally.days),
            by_author=dict(tally.by_author),
            by_channel=dict(tally.by_channel),
            prices=Prices.MODELLED if self.options.quotes is None else Prices.RECORDED,
            seed=self.options.seed,
            settings_fingerprint=sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:FINGERPRINT],
            partial=self.is_stopped(),
            unreadable=tally.unreadable,
            bad_lines=tuple(tally.bad_lines),
            trades=self.trades,
            filled_in=filled_in,
            edited=tally.edited,
            halts=self.halts,
            files=told_names(self.options.files),
            settings=written,
            log_head=self.audit.head().hash,
        )
        self.sink.finish(totals)
        return totals


def _dispatcher(exchange: Exchange, clock: VirtualClock, room: PlayedRoom) -> Dispatcher:
    return Dispatcher(
        clock=clock,
        gateway=exchange.gateway,
        account=exchange.account,
        market_data=exchange.market_data,
        contracts=exchange.contracts,
        notifier=SilentNotifier(),
        authorization=SimulatedAuthorization(),
        rooms={Source.DISCORD: room},
    )


def _policies(settings: Settings, options: ReplayOptions, history: History) -> tuple[Policies, tuple[Allowlist, ...]]:
    """The settings' policies with the exchange's hours, and which lists are empty: these get all that the files name.

    Where webhooks are listed and no users are, webhooks alone are meant.
    """
    policies = settings.policies(Mode.PAPER, market_hours=True)
    users = options.authors or policies.allowed_users
    webhooks = options.authors or policies.allowed_webhooks
    channels = options.channels or policies.allowed_channels
    filled_in = []
    if not users and not webhooks:
        users = frozenset(history.authors)
        filled_in.append(Allowlist.USERS)
    if not channels:
        channels = frozenset(history.channels)
        filled_in.append(Allowlist.CHANNELS)
    allowed = evolve(
        policies,
        allowed_users=users,
        allowed_channels=channels,
        allowed_webhooks=webhooks,
        resting_read=RESTING_READ,
    )
    return allowed, tuple(filled_in)


def _written(settings: Settings, options: ReplayOptions) -> dict[str, str]:
    """The settings that decide on trades, by name, and the options that do."""
    known = table()
    found = {
        entry.name: entry.value
        for entry in settings.effective
        if entry.name not in known or known[entry.name].owner is not Settings
    }
    found["--cash"] = f"{options.cash:f}"
    for name, ids in (("--only-author", options.authors), ("--only-channel", options.channels)):
        found[name] = ",".join(str(number) for number in sorted(ids))
    return found


def _quotes(stack: ExitStack, options: ReplayOptions, tally: Tally) -> Iterator[Row] | None:
    if options.quotes is None:
        return None
    path = options.quotes

    if is_parquet(path):
        return read_parquet(path, lambda row, why: tally.miss(BadLine(file=path.name, line=row, why=why, unit="row")))
    file = stack.enter_context(path.open(encoding="utf-8-sig", errors="replace", newline=""))
    try:
        return read_quotes(file, lambda line, why: tally.miss(BadLine(file=path.name, line=line, why=why)))
    except QuotesError as error:
        raise ReplayError(f"{path}: {error}") from error


def _nothing_read(tally: Tally) -> str:
    told = "".join(f"; {bad}" for bad in tally.bad_lines[:3])
    return f"the files hold no message that can be replayed{told}"
