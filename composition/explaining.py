"""What the desk would make of a message now, without an order: the grammar, every check, the size, the prices.

Decides nothing itself. The market is the simulated one around the alert's price; the account is a fresh paper account,
or for a desk at work its own: `explain_now` has the core itself take the text in, on a state that is thrown away.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

from attrs import asdict, evolve, frozen

from adapters.simulated.exchange.ledger import STARTING_CASH
from adapters.simulated.market.chain import list_contract
from adapters.simulated.market.market import SimulatedMarket
from adapters.simulated.scenario.scenario import Scenario
from adapters.simulated.scenario.script import Script
from domain.account import Balances
from domain.alerts import Action, Alert, NotAnAlert
from domain.allowlist import ListName
from domain.calendar import TradingCalendar, new_york_date
from domain.commands import Reply
from domain.desk import DeskState, Output, step
from domain.events import AlertReceived, Denied, Stamped
from domain.exits import covered_quantity, exit_price
from domain.gate import query_of
from domain.grammar import DEFAULT_PROFILE
from domain.grammar.explain import Explanation as Reading
from domain.grammar.explain import explain
from domain.grammar.plain import alert_as_dict
from domain.instruments import Contract, ContractQuery
from domain.ladder import rung_offsets
from domain.messages import Message, MessageKind
from domain.policies import Policies
from domain.quotes import Quote
from domain.risk import Assessment, Baseline, EntryRequest, Exposure, assess
from domain.value import Value
from domain.verdicts import DenialCode

NOTHING_ON = Exposure(
    positions=0, premium_at_risk=Decimal(0), reserved=Decimal(0), entries=(), halts=(), unresolved=frozenset()
)
EXPLAINED = "T-EXPLAINED"
CONTRACT = "contract"


class ProfitExit(TypedDict):
    quantity: int
    price: Decimal
    if_filled_at: Decimal


@frozen(kw_only=True)
class Standing(Value):
    """What a message is judged against besides the market. `account` says whose money it is, without amounts.

    A `baseline` of another day does not count: the first look of a trading day is a new one.
    """

    account: str
    user_id: int = 0
    balances: Balances = Balances(STARTING_CASH, STARTING_CASH)
    baseline: Baseline | None = None
    exposure: Exposure = NOTHING_ON

    def baseline_on(self, day: date) -> Baseline:
        if self.baseline is not None and self.baseline.day == day:
            return self.baseline
        return Baseline(day, self.balances.buying_power, self.balances.net_liquidation)


FRESH = Standing(account=f"a fresh one of {STARTING_CASH:,.0f} dollars that holds nothing")


@frozen
class Obstacle(Value):
    """The first thing that keeps a message from being traded: which check, its stable code, what it saw."""

    check: str
    code: str
    detail: str


@frozen(kw_only=True)
class Explanation(Value):
    """As far as the message came. `obstacle` None: it would be traded. `sale` tells what a close would sell."""

    text: str
    at: datetime
    reading: Reading
    policies: Policies
    standing: Standing
    contract: Contract | None = None
    quote: Quote | None = None
    assessment: Assessment | None = None
    obstacle: Obstacle | None = None
    sale: str | None = None

    @property
    def would_trade(self) -> bool:
        return self.obstacle is None

    @property
    def is_simulated(self) -> bool:
        """Whether it came as far as the simulated chain and market."""
        return self.contract is not None or (self.obstacle is not None and self.obstacle.check == CONTRACT)

    @property
    def session_buying_power(self) -> Decimal:
        return self.standing.baseline_on(new_york_date(self.at)).buying_power


def explain_now(state: DeskState, text: str, command: Message, at: datetime) -> Explanation:
    """Return what the desk would make of `text`, had whoever gave `command` posted it there now and were he allowed.

    Its halts, trades, money and limits count.
    """
    at = at if state.at is None else max(at, state.at)
    found = explain_message(text, at, state.policies, command.channel_id, standing=_standing_of(state, command))
    if isinstance(found.reading.outcome, NotAnAlert):
        return found
    if not state.is_ready:
        waits = "a message waits until the broker's books are read, and is denied if it is too old by then"
        return evolve(found, obstacle=Obstacle("desk", state.phase, waits))
    outputs = _taken_in(state, text, command, at)
    denied = next((output for output in outputs if isinstance(output, Denied) and output.trade_id == EXPLAINED), None)
    if denied is not None:
        return evolve(found, obstacle=Obstacle("desk", denied.code, denied.detail))
    told = next((output.text for output in outputs if isinstance(output, Reply) and output.trade_id == EXPLAINED), None)
    return found if told is None else evolve(found, obstacle=None, sale=told)


def _standing_of(state: DeskState, command: Message) -> Standing:
    known = Standing(account="this desk's, as last read", user_id=command.user_id, exposure=state.exposure())
    if state.balances is None:
        return evolve(known, account=f"this desk's, not read yet: {STARTING_CASH:,.0f} dollars are assumed")
    return evolve(known, balances=state.balances, baseline=state.baseline)


def _taken_in(state: DeskState, text: str, command: Message, at: datetime) -> tuple[Output, ...]:
    """Return what the core says to the post before it asks for a contract. Nothing of it is done."""
    post = evolve(command, text=text, kind=MessageKind.POST, posted_at=at, dry_run=True)
    allowed = state.allowlist.add(ListName.USER, post.user_id).add(ListName.CHANNEL, post.channel_id)
    _, outputs = step(evolve(state, allowlist=allowed), Stamped(at, AlertReceived(EXPLAINED, post)))
    return outputs


def explain_message(
    text: str, at: datetime, policies: Policies, channel_id: int, *, seed: int = 1, standing: Standing = FRESH
) -> Explanation:
    """Return the explanation of a message posted at `at` in a channel by somebody who may trade."""
    calendar = TradingCalendar(policies.calendar)
    profile = policies.profiles.get(channel_id, DEFAULT_PROFILE)
    reading = explain(text, new_york_date(at), calendar, profile)
    found = Explanation(text=text, at=at, reading=reading, policies=policies, standing=standing)
    alert = reading.outcome
    if isinstance(alert, NotAnAlert):
        return evolve(found, obstacle=Obstacle("grammar", alert.reason, alert.detail))
    query = query_of(alert)
    obstacle = _before_the_chain(alert, query, policies)
    if obstacle is not None or query is None:
        return evolve(found, obstacle=obstacle)
    contract = list_contract(query, at, calendar)
    if not isinstance(contract, Contract):
        return evolve(found, obstacle=Obstacle(CONTRACT, DenialCode.NO_SUCH_CONTRACT, contract))
    market = SimulatedMarket(seed, Script(Scenario()))
    if alert.price is not None:
        market.anchor(contract, alert.price, at)
    quote = market.quote(contract, at)
    request = EntryRequest(
        at=at,
        user_id=standing.user_id,
        channel_id=channel_id,
        alert=alert,
        contract=contract,
        quote=quote,
        balances=standing.balances,
        baseline=standing.baseline_on(new_york_date(at)),
        exposure=standing.exposure,
        policies=policies,
    )
    assessment = assess(request)
    denial = assessment.denial
    if denial is not None and denial.code is not None:
        obstacle = Obstacle(denial.name, denial.code, denial.detail)
    return evolve(found, contract=contract, quote=quote, assessment=assessment, obstacle=obstacle)


def _before_the_chain(alert: Alert, query: ContractQuery | None, policies: Policies) -> Obstacle | None:
    """What the desk refuses before it asks for a contract."""
    if alert.action is Action.SELL_TO_CLOSE:
        return Obstacle("position", DenialCode.NO_POSITION, "a fresh account holds nothing that could be sold")
    if alert.action is not Action.BUY_TO_OPEN:
        detail = f"{alert.action} is recognised and never traded"
        return Obstacle("action", DenialCode.UNSUPPORTED_ACTION, detail)
    if query is None or alert.instrument not in policies.instruments:
        enabled = ", ".join(sorted(policies.instruments))
        return Obstacle(
            "instrument", DenialCode.INSTRUMENT_DISABLED, f"{alert.instrument} is not in INSTRUMENTS ({enabled})"
        )
    return None


def ladder_of(found: Explanation) -> list[tuple[float, Decimal]]:
    """Return the ladder that nobody meets: seconds after the order, and the limit price from then on."""
    plan = None if found.assessment is None else found.assessment.plan
    if plan is None:
        return []
    due = (0.0, *(offset.total_seconds() for offset in rung_offsets(plan.policy)))
    prices = plan.prices()
    return [(seconds, prices[min(rung, len(prices) - 1)]) for rung, seconds in enumerate(due)]


def exit_of(found: Explanation) -> ProfitExit | None:
    """Return the profit exit of an entry that fills whole at its first price, or None where there is no entry."""
    if found.assessment is None or found.assessment.plan is None or found.assessment.sizing is None:
        return None
    plan, policy = found.assessment.plan, found.policies.exit
    return {
        "quantity": covered_quantity(found.assessment.sizing.quantity, policy),
        "price": exit_price(plan.start, policy, plan.contract.ticks),
        "if_filled_at": plan.start,
    }


def as_dict(found: Explanation) -> dict[str, Any]:
    """Return the explanation with plain values, money as text."""
    outcome, assessment = found.reading.outcome, found.assessment
    plan, sizing = (None, None) if assessment is None else (assessment.plan, assessment.sizing)
    contract, quote, profit_exit = found.contract, found.quote, exit_of(found)
    return {
        "text": found.text,
        "at": found.at.isoformat(),
        "calendar": found.policies.calendar.value,
        "would_trade": found.would_trade,
        "obstacle": None if found.obstacle is None else _plain(asdict(found.obstacle)),
        "tokens": [asdict(token) for token in found.reading.tokens],
        "shape": found.reading.shape,
        "alert": None if isinstance(outcome, NotAnAlert) else alert_as_dict(outcome),
        "contract": None if contract is None else {"symbol": contract.symbol, "label": contract.label},
        "quote": None if quote is None else _plain({"bid": quote.bid, "ask": quote.ask}),
        "checks": [] if assessment is None else [_plain(asdict(check)) for check in assessment.checks],
        "sizing": None if sizing is None else _plain(asdict(sizing)),
        "ladder": [{"after_seconds": round(seconds, 3), "price": f"{price:f}"} for seconds, price in ladder_of(found)],
        "price_max": None if plan is None else _plain({"cap": plan.cap, "worst": plan.worst_price}),
        "exit": None if profit_exit is None else _plain(profit_exit),
    }


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {key: f"{value:f}" if isinstance(value, Decimal) else value for key, value in values.items()}
