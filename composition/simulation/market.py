"""The day's broker: the simulated one, its books and fills set by the plan, driven on the virtual loop."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.simulated.exchange.account import SimulatedAccount
from adapters.simulated.exchange.broker import SimulatedBroker
from adapters.simulated.exchange.gateway import SimulatedOrderGateway
from adapters.simulated.exchange.ledger import Ledger
from adapters.simulated.market.chain import SimulatedContracts, list_contract
from adapters.simulated.market.market import SimulatedMarket, SimulatedMarketData
from adapters.simulated.scenario.scenario import (
    CancelRule,
    Execution,
    FillRule,
    QuoteStep,
    RejectRule,
    ReplaceRule,
    Scenario,
)
from adapters.simulated.scenario.script import Script
from composition.simulation.days.plan import Call, Fate, Fault, Filling, Listing, Move, Plan
from domain.account import Position
from domain.alerts import NotAnAlert
from domain.calendar import TradingCalendar, new_york_date
from domain.gate import query_of
from domain.grammar import read
from domain.instruments import Contract
from domain.orders import OrderRole
from ports.clock import Clock

ROLES = {Call.ENTRY: OrderRole.ENTRY, Call.EXIT: OrderRole.EXIT, Call.CLOSE: OrderRole.CLOSE}


def milliseconds(number: int) -> timedelta:
    return timedelta(milliseconds=number)


def scenario_of(plan: Plan) -> Scenario:
    """Return what the simulated broker itself does badly on this day: races, late refusals, odd fills."""
    races = [fault for fault in plan.faults if fault.fate is Fate.RACED]
    return Scenario(
        fills=tuple(_fill_rule(filling) for filling in sorted(plan.fillings, key=lambda one: one.nth is None)),
        rejects=tuple(_reject_rule(fault) for fault in plan.faults if fault.fate is Fate.REFUSED_LATER),
        cancels=tuple(
            CancelRule(skip=fault.nth, times=1, fill=_race(fault), takes=milliseconds(fault.span))
            for fault in races
            if fault.call is Call.CANCEL
        ),
        replaces=tuple(
            ReplaceRule(skip=fault.nth, times=1, fill=_race(fault), takes=milliseconds(fault.span))
            for fault in races
            if fault.call is Call.REPLACE
        ),
        replace_after_partial_fill=plan.habits.replace_after_partial_fill,
    )


def _race(fault: Fault) -> Execution:
    return Execution(quantity=fault.quantity or None)


def _fill_rule(filling: Filling) -> FillRule:
    pieces = tuple(
        Execution(after=milliseconds(piece.after), quantity=piece.quantity, price=piece.price)
        for piece in filling.pieces
    )
    once = filling.nth is not None
    return FillRule(role=filling.role, skip=filling.nth or 0, times=1 if once else None, executions=pieces)


def _reject_rule(fault: Fault) -> RejectRule:
    reason = "refused_later: the exchange threw it out"
    role = ROLES[fault.call]
    return RejectRule(role=role, skip=fault.nth, times=1, reason=reason, after=milliseconds(fault.span))


class Market:
    """The broker with its ports, and what moves it. `drive` has to be called once on a running loop."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self.clock = clock
        self.script = Script(scenario_of(plan))
        self.market = SimulatedMarket(plan.seed, self.script)
        cash = Decimal(plan.habits.cash)
        self.broker = SimulatedBroker(self.market, self.script, Ledger(cash=cash, starting_cash=cash))
        self.gateway = SimulatedOrderGateway(self.broker, clock)
        self.account = SimulatedAccount(self.broker, clock)
        self.market_data = SimulatedMarketData(self.market, clock)
        calendar = TradingCalendar(plan.habits.calendar)
        self.contracts = SimulatedContracts(clock, calendar, self.script)
        self.listed = tuple(_listed(listing, clock.now(), calendar) for listing in plan.listings)
        self._books = {number: (listing.bid, listing.ask) for number, listing in enumerate(plan.listings)}
        self._timer: asyncio.TimerHandle | None = None

    def drive(self) -> None:
        """Have everything happen at its instant from now on."""
        self.broker.on_change.append(self._wake)
        for number, (bid, ask) in self._books.items():
            self.quote(Move(at=0, contract=number, bid=bid, ask=ask))
        self._wake()

    def quote(self, move: Move) -> None:
        """Set a contract's book."""
        if move.bid is not None and move.ask is not None and not move.age:
            self._books[move.contract] = (move.bid, move.ask)
        step = QuoteStep(bid=move.bid, ask=move.ask, age=milliseconds(move.age))
        empty = move.bid is None and move.ask is None
        self.broker.set_quote(self.listed[move.contract], None if empty else step, self.clock.now())

    def heal(self) -> None:
        """Have every contract quote a sound book again: the last sound one."""
        for number, (bid, ask) in self._books.items():
            self.quote(Move(at=0, contract=number, bid=bid, ask=ask))

    def positions_before(self, lag: timedelta) -> tuple[Position, ...]:
        """Return the holdings without what was bought or sold since."""
        since = self.clock.now() - lag
        held = Counter({position.symbol: position.quantity for position in self.broker.ledger.positions()})
        for order in self.broker.register.since(since):
            for fill in order.fills:
                if fill.at > since:
                    held[order.contract.symbol] -= fill.quantity if order.side.is_buy else -fill.quantity
        return tuple(Position(symbol, quantity) for symbol, quantity in held.items() if quantity)

    def struck(self) -> dict[str, int]:
        """Return how often each of the broker's own faults has struck."""
        counts: dict[str, int] = {}
        for kind, rules in (("Cancel", "cancels"), ("Replace", "replaces"), ("Reject", "rejects")):
            for key, met in self.script.counts.items():
                name, _, number = key.rpartition(".")
                if name.startswith(f"{kind}Rule") and met > getattr(self.script.scenario, rules)[int(number)].skip:
                    words = "refused later" if kind == "Reject" else f"{kind.lower()}: raced by a fill"
                    counts[words] = counts.get(words, 0) + 1
        return counts

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        due = self.broker.next_at()
        if due is None:
            self._timer = None
            return
        left = max((due - self.clock.now()).total_seconds(), 0)
        self._timer = loop.call_later(left, self._advance)

    def _advance(self) -> None:
        self.broker.advance(self.clock.now())
        self._wake()


def _listed(listing: Listing, now: datetime, calendar: TradingCalendar) -> Contract:
    reading = read(f"BTO {listing.name}", new_york_date(now), calendar)
    query = None if isinstance(reading, NotAnAlert) else query_of(reading)
    found = f"it reads as {reading}" if query is None else list_contract(query, now, calendar)
    if isinstance(found, str):
        raise ValueError(  # noqa: TRY004 - it is the listing's text that is wrong
            f"the simulated chain does not list {listing.name!r}: {found}"
        )
    return found
