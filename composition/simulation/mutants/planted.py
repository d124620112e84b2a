"""The mutants by name: which functions each replaces, what it then does, and the promise that breaks."""

from datetime import timedelta
from typing import Any

from composition.simulation.mutants import standins
from composition.simulation.mutants.planting import Mutant
from domain.desk.state import Phase

WRITE = "Dispatcher._write"
AGE = tuple(
    (f"domain.desk.{room}", "age_denial", standins.seconds_only) for room in ("intake", "entering", "lifecycle")
)


def _mutant(name: str, fault: str, promise: str, *patches: tuple[str, str, Any]) -> Mutant:
    return Mutant(name=name, fault=fault, promise=promise, patches=patches)


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "full-size-after-cancel",
        "places the whole size again after a cancel, though part of it has filled",
        "never more than sized",
        ("domain.execution", "_place_leaves", standins.place_full_size),
    ),
    _mutant(
        "cancel-without-waiting",
        "counts an order as cancelled when the cancel is sent",
        "desk and broker agree",
        ("domain.execution", "_cancel", standins.cancel_without_waiting),
    ),
    _mutant(
        "partial-fills-unseen",
        "sees fills only in orders that filled whole",
        "a fill counts once",
        ("domain.orders", "Order.reported", standins.only_filled_counts),
    ),
    _mutant(
        "last-order-unwatched",
        "leaves its last order working and forgets it",
        "comes to rest",
        ("domain.desk.lifecycle", "end_window", lambda run, _: run),
    ),
    _mutant(
        "blind-resend",
        "sends an order again that had no answer",
        "sent once",
        ("composition.dispatch", WRITE, standins.write_again),
    ),
    _mutant(
        "unknown-is-rejected",
        "takes a missing answer for a refusal",
        "never oversell",
        ("composition.dispatch", WRITE, standins.write_as_rejected),
    ),
    _mutant(
        "unknown-is-not-sent",
        "takes a missing answer for not sent",
        "never more than sized",
        ("composition.dispatch", WRITE, standins.write_as_not_sent),
    ),
    _mutant(
        "alert-queued-again",
        "takes an alert up anew once its credentials are back",
        "decided before sent",
        ("domain.desk.operating", "on_authorization_restored", standins.queue_again),
    ),
    _mutant(
        "message-acted-on-twice",
        "acts on a message as often as it is delivered",
        "one entry a message",
        ("domain.desk.state", "DeskState.knows_message", lambda *_: False),
        ("domain.desk.intake", "is_repeat", lambda *_: False),
    ),
    _mutant(
        "cheap-without-price",
        "sizes an alert without a price at a dollar a contract",
        "caps",
        ("domain.risk", "size_entry", standins.cheap_without_price),
    ),
    _mutant(
        "dry-run-not-passed-on",
        "does not pass a dry run on to the order",
        "a dry run places nothing",
        ("domain.desk.lifecycle", "_checked_only", standins.same),
    ),
    _mutant(
        "exit-for-requested",
        "exits what was asked for instead of what filled",
        "what is held is covered",
        ("domain.trade", "Trade._to_cover", property(standins.by_requested)),
    ),
    _mutant(
        "exit-at-limit-price",
        "takes the exit's price from the limit instead of the fills",
        "exits at target",
        ("domain.trade", "Trade.exit_limit_price", property(standins.by_limit)),
    ),
    _mutant(
        "unknown-exit-sent-again",
        "sends an exit again whose outcome is not known",
        "never oversell",
        ("domain.orders", "Order.leaves", property(standins.free_when_unknown)),
    ),
    _mutant(
        "audit-best-effort",
        "goes on trading when the log cannot be written",
        "write before act",
        ("composition.runtime", "Runtime._append", standins.append_if_possible),
        ("composition.runtime", "Runtime._commit", standins.commit_if_possible),
    ),
    _mutant(
        "write-after-act",
        "writes the log after it has acted",
        "write before act",
        ("composition.runtime", "Runtime._commit", standins.nothing),
    ),
    _mutant(
        "allowlist-falls-back",
        "falls back to the configured list after a removal",
        "strangers never trade",
        ("domain.allowlist", "IdList.ids", property(lambda self: self.seeds | self.added)),
    ),
    _mutant(
        "author-or-channel",
        "asks for a listed author or a listed channel",
        "strangers never trade",
        ("domain.allowlist", "Allowlist.allows", standins.any_of_both),
    ),
    _mutant(
        "refused-cancel-ignored",
        "takes any answer to a cancel for the order's end",
        "never oversell",
        ("composition.dispatch", WRITE, standins.cancel_as_done),
    ),
    _mutant(
        "reader-stays-dead",
        "never reads the broker again after a reading that failed",
        "comes to rest",
        ("domain.desk.reconciling", "on_broker_read", standins.deaf_to_failed_reads),
        ("domain.desk.reconciling", "READ_PATIENCE", timedelta(days=9)),
    ),
    _mutant(
        "missing-is-filled",
        "assumes that an order which is not shown has filled",
        "positions agree",
        ("domain.desk.reconciling", "_count_absence", standins.assume_filled),
    ),
    _mutant("age-without-days", "judges an alert's age by its seconds, without its days", "no stale alert", *AGE),
    _mutant(
        "missing-once-is-gone",
        "believes one reading without a position",
        "gone is what is gone",
        ("domain.desk.positions", "BELIEVE_AFTER", timedelta(0)),
    ),
    _mutant(
        "contradictions-unheard",
        "keeps its count and tells nobody when the broker changes a fill or takes it back",
        "a contradiction is told",
        ("domain.desk.contesting", "dispute", standins.nothing),
    ),
    _mutant(
        "twins-unseen",
        "takes two orders under one id for one",
        "desk and broker agree",
        ("domain.desk.reporting", "is_twin", lambda *_: False),
    ),
    _mutant(
        "steps-after-the-bell",
        "sends orders when the session is over",
        "session",
        ("domain.instruments", "Contract.takes_orders", lambda *_: True),
    ),
    _mutant(
        "fills-counted-again",
        "counts a fill a second time when a report repeats it",
        "a fill counts once",
        ("domain.orders", "Order.reported", standins.count_again),
    ),
    _mutant(
        "absent-at-first-sight",
        "calls an order absent at the first reading without it",
        "doubt ends by proof",
        ("domain.desk.reconciling", "ABSENT_READS", 1),
        ("domain.desk.reconciling", "ABSENT_AFTER", timedelta(0)),
        ("domain.desk.reconciling", "ABSENT_SPREAD", timedelta(0)),
    ),
    _mutant(
        "resend-after-restart",
        "sends again after a restart what was on its way",
        "never more than sized",
        ("domain.desk.reconciling", "_doubt_sent", standins.resend_after_restart),
    ),
    _mutant(
        "trades-before-recovery",
        "trades before it has read the broker after a restart",
        "no order before recovery",
        ("domain.desk.state", "DeskState.is_ready", property(lambda self: self.phase is not Phase.STOPPED)),
    ),
    _mutant(
        "timers-lost-in-restart",
        "forgets its timers in a restart",
        "comes to rest",
        ("composition.runtime", "Runtime._start_timer", standins.forget_old_timers),
        ("composition.runtime", "Runtime._take", standins.begin),
    ),
    _mutant(
        "halt-keeps-working",
        "lets entries work on while it is halted",
        "no entry while halted",
        ("domain.desk.lifecycle", "withdraw", standins.withdraw_unless_halted),
    ),
    _mutant(
        "chase-without-limit",
        "follows a price past the chase limit",
        "price path",
        ("domain.ladder", "LadderPlan.allows", lambda *_: True),
    ),
    _mutant(
        "rungs-at-once",
        "takes its steps too early",
        "price path",
        ("domain.desk.entering", "rung_offsets", lambda _: (timedelta(seconds=5),) * 3),
    ),
    _mutant(
        "replies-tried-once",
        "gives a reply up that could not be delivered",
        "everything said arrives",
        ("domain.desk.delivering", "on_not_delivered", standins.drop_undelivered),
    ),
)


def find(name: str | None) -> Mutant | None:
    """Return the mutant of a name, None for none. Raises ValueError for a name that there is not."""
    if name is None:
        return None
    found = next((mutant for mutant in MUTANTS if mutant.name == name), None)
    if found is None:
        raise ValueError(f"there is no mutant {name!r}; there are {', '.join(mutant.name for mutant in MUTANTS)}")
    return found
