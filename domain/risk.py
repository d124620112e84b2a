"""The checks between an alert and an order. Each has a name, each denial one stable code; unknown means no.

`assess` makes them all, so that `explain` can show every verdict; the first that failed is the denial.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from attrs import frozen

from domain.account import Balances
from domain.alerts import Alert
from domain.calendar import new_york_date, new_york_day
from domain.instruments import Contract
from domain.ladder import LadderPlan, chase_cap, opening_price
from domain.orders import Side
from domain.policies import Policies, share
from domain.quotes import Quote, QuoteFault
from domain.sizing import Sizing, allocation_for, size_entry
from domain.value import Value
from domain.verdicts import DenialCode
from domain.wording import in_full, new_york_hour, new_york_minute

MINUTE = timedelta(minutes=1)


@frozen
class EntryMark(Value):
    """An entry that was sent, remembered for the day's and the minute's limits."""

    at: datetime
    user_id: int


@frozen
class Baseline(Value):
    """The account at the first look of a trading day, in dollars."""

    day: date
    buying_power: Decimal
    net_liquidation: Decimal


@frozen(kw_only=True)
class Exposure(Value):
    """What the desk already has on: contracts' premium in dollars, in-flight orders at their worst price included."""

    positions: int
    premium_at_risk: Decimal
    reserved: Decimal
    entries: tuple[EntryMark, ...]
    halts: tuple[str, ...]
    unresolved: frozenset[str]


@frozen(kw_only=True)
class EntryRequest(Value):
    """Everything an entry is judged on. `quote` None: the market has none. Baseline or balances None: unknown."""

    at: datetime
    user_id: int
    channel_id: int
    alert: Alert
    contract: Contract
    quote: Quote | None
    balances: Balances | None
    baseline: Baseline | None
    exposure: Exposure
    policies: Policies


@frozen
class Check(Value):
    """One verdict. `code` is None where the check passed; `detail` says what it saw."""

    name: str
    code: DenialCode | None
    detail: str


@frozen
class Assessment(Value):
    """All verdicts, and the entry they allow. `plan` and `sizing` are None where there was no price to work from."""

    checks: tuple[Check, ...]
    plan: LadderPlan | None
    sizing: Sizing | None

    @property
    def denial(self) -> Check | None:
        return next((check for check in self.checks if check.code is not None), None)

    @property
    def approved(self) -> tuple[LadderPlan, Sizing]:
        """Return the ladder and the size of an entry that passed. Raises ValueError for one that did not."""
        if self.denial is not None or self.plan is None or self.sizing is None:
            raise ValueError(f"no order without approval: {self.denial or 'there is no price to work from'}")
        return self.plan, self.sizing


Verdict = tuple[DenialCode | None, str]


def assess(request: EntryRequest) -> Assessment:
    """Return every check's verdict on an entry, its ladder and its size. Total: bad input raises nothing."""
    checks = [_named(name, check(request)) for name, check in MARKET_CHECKS.items()]
    plan = _plan(request)
    checks.append(_price_check(request, plan))
    checks += [_named(name, check(request)) for name, check in LIMIT_CHECKS.items()]
    if plan is None or request.baseline is None or request.balances is None:
        return Assessment(tuple(checks), plan, None)
    allocation = allocation_for(request.alert, request.channel_id, request.baseline.buying_power, request.policies)
    sizing = size_entry(request.alert, request.contract, plan.worst_price, allocation, request.policies)
    checks += [_size_check(sizing), *_money_checks(request, sizing, request.balances)]
    return Assessment(tuple(checks), plan, sizing)


def _named(name: str, verdict: Verdict) -> Check:
    return Check(name, *verdict)


def _plan(request: EntryRequest) -> LadderPlan | None:
    quote, contract = request.quote, request.contract
    mid = quote.mid if quote is not None and not quote.fault(request.at, timedelta.max) else None
    start = opening_price(contract, Side.BUY_TO_OPEN, request.alert.price, mid)
    if start is None:
        return None
    entry = request.policies.entry
    cap = chase_cap(contract, request.alert.price, entry)
    age = request.policies.risk.max_quote_age
    return LadderPlan(contract=contract, side=Side.BUY_TO_OPEN, start=start, cap=cap, policy=entry, quote_age_max=age)


# ---- the market and the contract -----------------------------------------------------------------------------------


def _trading_state(request: EntryRequest) -> Verdict:
    halts = request.exposure.halts
    return (DenialCode.HALTED, "; ".join(halts)) if halts else (None, "active")


def _instrument(request: EntryRequest) -> Verdict:
    kind, enabled = request.contract.kind, request.policies.instruments
    if kind not in enabled:
        return (
            DenialCode.INSTRUMENT_DISABLED,
            f"{kind} is not among {', '.join(sorted(enabled)) or 'none'} (INSTRUMENTS)",
        )
    return None, kind.value


def _tradable(request: EntryRequest) -> Verdict:
    contract = request.contract
    if contract.closing_only:
        return DenialCode.CLOSING_ONLY, f"{contract.label} can only be closed"
    if contract.cut_off is not None and request.at >= contract.cut_off:
        return DenialCode.PAST_CUT_OFF, f"{contract.label} stopped trading at {new_york_minute(contract.cut_off)}"
    return None, "tradable"


def _session(request: EntryRequest) -> Verdict:
    session = request.contract.calendar.session_at(request.at)
    if session is None:
        return DenialCode.MARKET_CLOSED, f"no session at {new_york_minute(request.at)}"
    return None, f"open until {new_york_hour(session.closes_at)}"


def _unresolved(request: EntryRequest) -> Verdict:
    if request.contract.symbol in request.exposure.unresolved:
        return DenialCode.UNRESOLVED_ORDER, f"an order in {request.contract.label} has no known outcome yet"
    return None, "none unresolved"


def _quote_sound(request: EntryRequest) -> Verdict:
    quote, risk = request.quote, request.policies.risk
    if quote is None:
        if not request.policies.entry.trade_without_quote:
            return DenialCode.NO_PRICE, "no quote, and ENTRY_TRADE_WITHOUT_QUOTE is false"
        return None, "no quote: the alert price alone"
    fault = quote.fault(request.at, risk.max_quote_age)
    if fault is not None:
        return QUOTE_DENIALS[fault], f"{_book(quote)}, {(request.at - quote.at).total_seconds():.1f} s old"
    return None, _book(quote)


def _book(quote: Quote) -> str:
    return f"{in_full(quote.bid)} x {in_full(quote.ask)}"


QUOTE_DENIALS = {
    QuoteFault.ONE_SIDED: DenialCode.QUOTE_ONE_SIDED,
    QuoteFault.CROSSED: DenialCode.QUOTE_CROSSED,
    QuoteFault.STALE: DenialCode.QUOTE_STALE,
}


def _spread(request: EntryRequest) -> Verdict:
    quote, risk, ticks = request.quote, request.policies.risk, request.contract.ticks
    if quote is None or quote.fault(request.at, timedelta.max):
        return None, "no two-sided quote"
    bid, ask = quote.two_sided
    widest_by_ticks = bid
    for _ in range(risk.max_spread_ticks):
        widest_by_ticks = ticks.up(widest_by_ticks)
    if quote.spread > quote.mid * share(risk.max_spread) and ask > widest_by_ticks:
        limit = f"{risk.max_spread} % of {in_full(quote.mid)} and {risk.max_spread_ticks} ticks"
        return DenialCode.SPREAD_TOO_WIDE, f"{in_full(quote.spread)} is over {limit}"
    return None, in_full(quote.spread)


def _deviation(request: EntryRequest) -> Verdict:
    quote, price, limit = request.quote, request.alert.price, request.policies.risk.max_deviation
    if quote is None or price is None or quote.fault(request.at, timedelta.max):
        return None, "nothing to compare"
    if abs(price - quote.mid) > quote.mid * share(limit):
        return DenialCode.PRICE_OFF_MARKET, f"{in_full(price)} is more than {limit} % from the mid {in_full(quote.mid)}"
    return None, f"{in_full(price)} against the mid {in_full(quote.mid)}"


MARKET_CHECKS: dict[str, Callable[[EntryRequest], Verdict]] = {
    "trading state": _trading_state,
    "instrument": _instrument,
    "contract": _tradable,
    "session": _session,
    "unresolved orders": _unresolved,
    "quote": _quote_sound,
    "spread": _spread,
    "price against market": _deviation,
}


def _price_check(request: EntryRequest, plan: LadderPlan | None) -> Check:
    name = "price"
    if plan is not None:
        return Check(name, None, f"starts at {in_full(plan.start)}, at worst {in_full(plan.worst_price)}")
    if request.quote is None and request.alert.price is None:
        return Check(name, DenialCode.NO_PRICE, "neither an alert price nor a quote")
    if request.alert.price is None:
        return Check(name, DenialCode.NO_PRICE, "no alert price, and the quote is not two-sided")
    return Check(name, DenialCode.PRICE_BELOW_TICK, f"{in_full(request.alert.price)} is below the smallest tick")


# ---- the desk's own limits -----------------------------------------------------------------------------------------


def _positions(request: EntryRequest) -> Verdict:
    count, limit = request.exposure.positions, request.policies.risk.max_positions
    return _limit(DenialCode.TOO_MANY_POSITIONS, count, limit, "open positions")


def _entries_day(request: EntryRequest) -> Verdict:
    count = _entries_today(request.exposure.entries, request.at)
    return _limit(DenialCode.TOO_MANY_ENTRIES_DAY, count, request.policies.risk.max_entries_day, "entries today")


def _entries_minute(request: EntryRequest) -> Verdict:
    count = sum(request.at - mark.at < MINUTE for mark in request.exposure.entries)
    limit = request.policies.risk.max_entries_minute
    return _limit(DenialCode.TOO_MANY_ENTRIES_MINUTE, count, limit, "entries in the last minute")


def _entries_author(request: EntryRequest) -> Verdict:
    own = [mark for mark in request.exposure.entries if mark.user_id == request.user_id]
    count = _entries_today(own, request.at)
    limit = request.policies.risk.max_entries_author
    return _limit(DenialCode.TOO_MANY_ENTRIES_AUTHOR, count, limit, "entries of this author today")


def _limit(code: DenialCode, count: int, limit: int, what: str) -> Verdict:
    return (code if count >= limit else None), f"{count} {what}, at most {limit}"


def _entries_today(entries: Sequence[EntryMark], at: datetime) -> int:
    first, tomorrow = new_york_day(new_york_date(at))
    return sum(first <= mark.at < tomorrow for mark in entries)


def _balances_known(request: EntryRequest) -> Verdict:
    if request.balances is None or request.baseline is None:
        return DenialCode.NO_BALANCE, "the account's balances are not known"
    return None, f"buying power {request.balances.buying_power:.2f}"


def _day_loss(request: EntryRequest) -> Verdict:
    if request.balances is None or request.baseline is None:
        return None, "balances unknown"
    return day_loss(request.baseline, request.balances, request.policies)


def day_loss(baseline: Baseline, balances: Balances, policies: Policies) -> Verdict:
    """Return DAY_LOSS once net liquidation is down by the day's limit, with both in percent of the day's first look.

    A room hears it, which is not to know what the account is worth.
    """
    lost = baseline.net_liquidation - balances.net_liquidation
    limit = baseline.net_liquidation * share(policies.risk.max_day_loss)
    percent = max(lost, Decimal(0)) * 100 / baseline.net_liquidation if baseline.net_liquidation > 0 else Decimal(0)
    words = f"down {percent:.2f} % today, at most {policies.risk.max_day_loss:f} %"
    return (DenialCode.DAY_LOSS if lost >= limit else None), words


LIMIT_CHECKS: dict[str, Callable[[EntryRequest], Verdict]] = {
    "open positions": _positions,
    "entries a day": _entries_day,
    "entries a minute": _entries_minute,
    "entries of the author": _entries_author,
    "balances": _balances_known,
    "day loss": _day_loss,
}


# ---- size and money ------------------------------------------------------------------------------------------------


def _size_check(sizing: Sizing) -> Check:
    code = None if sizing.quantity else DenialCode.ALLOCATION_TOO_SMALL
    return Check("size", code, str(sizing))


def _money_checks(request: EntryRequest, sizing: Sizing, balances: Balances) -> tuple[Check, Check]:
    policies, exposure = request.policies, request.exposure
    premium = sizing.unit_cost * sizing.quantity
    at_risk = exposure.premium_at_risk + premium
    limit = balances.net_liquidation * share(policies.risk.max_premium_at_risk)
    risk = Check(
        "premium at risk",
        DenialCode.PREMIUM_AT_RISK if at_risk > limit else None,
        f"{at_risk:.2f} with this entry, at most {limit:.2f}",
    )
    cost = premium + policies.fee_per_contract * sizing.quantity
    free = balances.buying_power - exposure.reserved
    money = Check(
        "buying power",
        DenialCode.INSUFFICIENT_BUYING_POWER if cost > free else None,
        f"{cost:.2f} with fees, {free:.2f} free ({exposure.reserved:.2f} reserved by working entries)",
    )
    return risk, money
