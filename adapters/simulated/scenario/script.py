"""Where a scenario stands: which rule applies next, how often each has been used, when each quote script began.

It decides by counting alone, so that its whole state is a few numbers and instants.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from adapters.simulated.scenario.scenario import QuoteScript, QuoteStep, Read, Rule, Scenario, names
from domain.instruments import Contract
from domain.orders import OrderRole, Side
from ports.errors import PortUnauthorizedError, PortUnavailableError

R = TypeVar("R", bound=Rule)


class Script:
    """`counts` is how often each rule met an occasion, `begun` the first use of each scripted contract."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.counts: dict[str, int] = {}
        self.begun: dict[str, datetime] = {}

    def pick(
        self,
        rules: Sequence[R],
        contract: Contract | None,
        side: Side | None = None,
        role: OrderRole | None = None,
        *,
        kind: str = "",
    ) -> R | None:
        """Return the first rule that is for this occasion and not used up, and count the occasion.

        `kind` keeps the counts of lists of rules apart that have the same type.
        """
        for number, rule in enumerate(rules):
            if not rule.is_for(contract, side, role):
                continue
            key = f"{type(rule).__name__}{kind}.{number}"
            met = self.counts[key] = self.counts.get(key, 0) + 1
            if met > rule.skip and (rule.times is None or met <= rule.skip + rule.times):
                return rule
        return None

    def check_read(self, read: Read, contract: Contract | None = None) -> None:
        """Pass, or raise PortUnavailableError or PortUnauthorizedError where the scenario has this read fail."""
        rule = self.pick([rule for rule in self.scenario.reads if rule.read is read], contract, kind=read)
        if rule is None:
            return
        if rule.forbidden:
            raise PortUnauthorizedError(f"the scenario refuses the read of {read}")
        raise PortUnavailableError(f"the scenario has the read of {read} fail")

    def quotes_of(self, contract: Contract) -> QuoteScript | None:
        """Return the first quote script that names the contract."""
        if not self.scenario.quotes:  # as mostly; it is asked at every look at the book
            return None
        return next((script for script in self.scenario.quotes if names(script.contract, contract)), None)

    def step_at(self, contract: Contract, now: datetime) -> QuoteStep | None:
        """Return the quote step that holds at `now`, or None where the contract is not scripted (yet).

        The first call for a contract starts its script.
        """
        script = self.quotes_of(contract)
        if script is None or not script.steps:
            return None
        begun = self.begun.setdefault(contract.symbol, now)
        reached = [step for step in script.steps if begun + step.after <= now]
        return reached[-1] if reached else None

    def next_step_at(self, contract: Contract, now: datetime) -> datetime | None:
        """Return when the contract's scripted quote changes next after `now`, or None."""
        script, begun = self.quotes_of(contract), self.begun.get(contract.symbol)
        if script is None or begun is None:
            return None
        return min((begun + step.after for step in script.steps if begun + step.after > now), default=None)

    def state(self) -> dict[str, object]:
        """Return where the scenario stands, ready for JSON."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "begun": {symbol: at.isoformat() for symbol, at in sorted(self.begun.items())},
        }

    def resume(self, counts: Mapping[str, int], begun: Mapping[str, datetime]) -> None:
        """Take up where a `state` left off."""
        self.counts, self.begun = dict(counts), dict(begun)
