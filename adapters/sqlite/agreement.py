"""Does a log still agree with the heads that were signed of it? Rows cut off, an older copy, another log: named here.

A head counts as evidence where its signature is genuine, whosever key it is: a log that was restored on a new disk
without its key must still be held to it. Only the log's own key can say that a loss was accepted. A line that is
damaged or not genuine says nothing about the log; it is listed and passed over.
"""

from datetime import datetime
from pathlib import Path

from attrs import define, field, frozen

from adapters.sqlite import heads
from adapters.sqlite.heads import SignedHead
from adapters.sqlite.reader import AuditFile, AuditReader
from domain.value import Value


@frozen(kw_only=True)
class Contradiction(Value):
    """What a signed head says and the log does not. `lost_from` is the first row that is gone or another one.

    `can_be_accepted` is False for a heads file of another log.
    """

    told: str
    lost_from: int
    lost_to: int
    void_above: int
    can_be_accepted: bool = True


@frozen(kw_only=True)
class Agreement(Value):
    """How a log and the file of its signed heads stand to each other.

    `held` heads hold and `newest` is the last of them; `void` ones were set aside by an accepted loss. `damaged` and
    `foreign` are the numbers of lines that hold no genuine head, or one of another key than the one that was asked for.
    """

    path: Path
    held: int
    void: int
    newest: SignedHead | None
    damaged: tuple[int, ...]
    foreign: tuple[int, ...]
    contradiction: Contradiction | None


def agreement(log: AuditReader, path: Path, key: str | None, *, thorough: bool) -> Agreement:
    """Return whether the log agrees with the heads file at `path`. A file that is not there holds none.

    `key` is the log's public key where it is known. `thorough` checks every signature, otherwise those that matter: of
    heads that the log contradicts, and of accepted losses. Raises HeadsError and AuditUnavailableError.
    """
    lines = tuple(heads.read(path))  # before the log is looked at: a desk at work may sign a newer head meanwhile
    comparison = _Comparison(log, log.about(), path, key, thorough)
    for number, signed in lines:
        comparison.take(number, signed)
    return comparison.result()


@define
class _Comparison:
    log: AuditReader
    about: AuditFile
    path: Path
    key: str | None
    thorough: bool
    standing: list[tuple[int, SignedHead]] = field(factory=list)
    void: int = 0
    damaged: list[int] = field(factory=list)
    foreign: list[int] = field(factory=list)

    def take(self, number: int, signed: SignedHead | None) -> None:
        if signed is None or ((self.thorough or signed.void_above is not None) and not signed.is_genuine):
            self.damaged.append(number)
            return
        if self.key is not None and signed.key != self.key:
            self.foreign.append(number)
        elif signed.void_above is not None:
            kept = [known for known in self.standing if known[1].head.seq <= signed.void_above]
            self.void += len(self.standing) - len(kept)
            self.standing = kept
        self.standing.append((number, signed))

    def result(self) -> Agreement:
        held: list[SignedHead] = []
        broken: list[tuple[int, SignedHead]] = []
        for number, signed in self.standing:
            if self._holds(signed):
                held.append(signed)
            elif self.thorough or signed.is_genuine:
                broken.append((number, signed))
            else:
                self.damaged.append(number)
        last_held = max((signed.head.seq for signed in held), default=0)
        return Agreement(
            path=self.path,
            held=len(held),
            void=self.void,
            newest=held[-1] if held else None,
            damaged=tuple(sorted(self.damaged)),
            foreign=tuple(self.foreign),
            contradiction=self._contradiction(broken, last_held) if broken else None,
        )

    def _holds(self, signed: SignedHead) -> bool:
        if signed.database_id != self.about.database_id:
            return False
        if signed.head.seq == 0:
            return True
        return signed.head.seq <= self.about.head.seq and self.log.hash_of(signed.head.seq) == signed.head.hash

    def _contradiction(self, broken: list[tuple[int, SignedHead]], last_held: int) -> Contradiction:
        others = [known for known in broken if known[1].database_id != self.about.database_id]
        changed = [known for known in broken if known[1].head.seq <= self.about.head.seq]
        number, signed = (
            others[-1] if others else min(changed, key=_seq) if changed else max(broken, key=_seq)  # the plainest one
        )
        end = self._end()
        signed_then = f"row {signed.head.seq} was signed at {_told(signed.at)} ({self.path}, line {number})"
        if others:
            told = f"{signed_then} as the end of another log, {signed.database_id}; this one, {end}"
        elif changed:
            told = f"row {signed.head.seq} is not the one that was kept: another {signed_then}; the log {end}"
        else:
            told = f"row {self.about.head.seq + 1} is missing: {signed_then}, and the log {end}"
        return Contradiction(
            told=told,
            lost_from=last_held + 1 if changed else self.about.head.seq + 1,
            lost_to=max(broken, key=_seq)[1].head.seq,
            void_above=last_held,
            can_be_accepted=not others,
        )

    def _end(self) -> str:
        if self.about.last_at is None:
            return "is empty"
        return f"ends with row {self.about.head.seq} of {_told(self.about.last_at)}"


def _seq(known: tuple[int, SignedHead]) -> int:
    return known[1].head.seq


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
