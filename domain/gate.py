"""The gate: may this message trade at all? Looks at who, where, when and what kind of post; never at money."""

from datetime import datetime, timedelta

from attrs import frozen

from domain.alerts import Action, Alert
from domain.instruments import ContractQuery
from domain.messages import Message, MessageKind
from domain.policies import GatePolicy
from domain.value import Value
from domain.verdicts import DenialCode

# Clocks differ a little; more than this ahead of ours is a message from the future.
CLOCK_SKEW = timedelta(seconds=5)

KIND_DENIALS = {
    MessageKind.REPLY: DenialCode.REPLY,
    MessageKind.FORWARD: DenialCode.FORWARD,
    MessageKind.EDIT: DenialCode.EDIT,
    MessageKind.SYSTEM: DenialCode.SYSTEM_MESSAGE,
    MessageKind.DIRECT: DenialCode.DIRECT_MESSAGE,
    MessageKind.BOT: DenialCode.BOT,
    MessageKind.OWN: DenialCode.OWN_MESSAGE,
}


@frozen
class RecentAlert(Value):
    """An alert that passed the gate, remembered for the dedupe window."""

    at: datetime
    user_id: int
    action: Action
    query: ContractQuery


def kind_denial(message: Message, *, webhook_allowed: bool) -> DenialCode | None:
    """Return why this kind of post is never an alert, or None. A listed webhook's post counts as an ordinary one."""
    if message.kind is MessageKind.BOT and webhook_allowed:
        return None
    return KIND_DENIALS.get(message.kind)


def age_denial(message: Message, at: datetime, policy: GatePolicy) -> tuple[DenialCode, str] | None:
    """Return the denial of a message that is too old, or from the future, at `at`; None where it is fresh."""
    age = at - message.posted_at
    if age > policy.max_alert_age:
        limit = policy.max_alert_age.total_seconds()
        return DenialCode.STALE, f"posted {age.total_seconds():.0f} s ago, at most {limit:g} s are traded"
    if age < -CLOCK_SKEW:
        return DenialCode.FROM_THE_FUTURE, f"posted {-age.total_seconds():.0f} s ahead of this machine's clock"
    return None


def query_of(alert: Alert) -> ContractQuery | None:
    """Return the contract that an alert names, or None where it names only a symbol."""
    if alert.instrument is None:
        return None
    return ContractQuery(alert.symbol, alert.instrument, alert.strike, alert.right, alert.expires_on)


def is_repeat(recent: tuple[RecentAlert, ...], candidate: RecentAlert, window: timedelta) -> bool:
    """Return whether the same author gave the same contract and side within the window before."""
    return any(
        candidate.at - known.at <= window
        and (known.user_id, known.action, known.query) == (candidate.user_id, candidate.action, candidate.query)
        for known in recent
    )
